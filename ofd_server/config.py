"""What can be set, with its unit, its range and its reason; and where a setting comes from.

The rule: a setting has one name. ``answer_timeout`` is ``--answer-timeout`` on the command line,
``MOCK_OFD_ANSWER_TIMEOUT`` in the environment, ``answer_timeout`` in the TOML file, in this order of precedence; a name
that nobody knows is refused by name. Secrets are never printed: a repr shows stars.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from fiscal.domain.signs import DEFAULT_KEY_ID, LAYOUT_10, LAYOUT_12, PUBLIC_KEY, Signer, SigningKey
from fiscal.errors import ConfigurationError
from fiscal.time import is_zone
from fiscal.wire.given import TooLarge, read_within

VERSION: Final = "0.1.0"
"""The version of the distribution; pyproject.toml says the same."""
SETTINGS_SIZE_MAX: Final = 1024 * 1024
"""Bytes of a file with settings, keys or cashiers: some ten thousand cashiers."""
ENV_PREFIX: Final = "MOCK_OFD_"
OFF: Final = "off"
"""In place of an address: do not listen."""
LOOPBACK: Final = "127.0.0.1"
FREE: Final = f"{LOOPBACK}:0"
"""A free port of this machine, for its own programs only."""
RECORDS_MAX: Final = 10_000
"""Records of traffic that are kept when nobody says how many: a long test, and some 20 MB."""
RECORDABLE_MAX: Final = 1_000_000
"""Records of traffic that can be kept at most: some 2 GB."""
SECRET_BYTES_MIN: Final = 16
"""A signing secret of 128 bits: fewer could be searched."""
PROCESSES_MAX: Final = 64
"""Processes of one operator: as many transactions write to a ledger at the same moment."""
PORT_MAX: Final = 65_535
"""TCP has 16 bits for a port."""
OTHER_VARIABLES: Final = ("url", "config")
"""Variables of the other commands: where ``mock-ofd registers`` finds the server, and where the file of settings is."""


class AdmissionPolicy(StrEnum):
    """Who decides when a register comes back after an outage: the operator, or nobody."""

    PACED = "paced"
    NONE = "none"


class ControlAccess(StrEnum):
    """Where the control API is served, by which a test resets the operator, moves its clock and breaks it."""

    AUTO = "auto"
    ON = "on"
    OFF = "off"


class LogFormat(StrEnum):
    """How a line of the log looks."""

    CONSOLE = "console"
    JSON = "json"


class LogLevel(StrEnum):
    """The least important line that is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class KzStrictness(StrEnum):
    """What is refused over the Kazakhstan protocol (semantics 8)."""

    DEFAULT = "default"
    FULL = "full"


class KzChecksum(StrEnum):
    """What is done with the checksum of a register's Z-report, whose algorithm no official text tells."""

    IGNORE = "ignore"
    CHECK = "check"
    REFUSE = "refuse"


class KzProfile(StrEnum):
    """Which operator's form the QR codes and signs have that registers of Kazakhstan get."""

    OWN = "own"
    KAZAKHTELECOM = "kazakhtelecom"
    TRANSTELECOM = "transtelecom"
    KAR_TEL = "kar-tel"


def parse_address(text: str) -> tuple[str, int]:
    """``HOST:PORT``, ``[IPv6]:PORT`` or ``:PORT`` as host and port; :class:`ValueError` says what is wrong."""
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > PORT_MAX:
        raise ValueError(f"must be HOST:PORT with a port of 0 .. {PORT_MAX}, or {OFF!r}, is {text!r}")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise ValueError(f"an IPv6 address stands in brackets: [{host}]:{port}")
    return host or LOOPBACK, int(port)


def format_address(host: str, port: int) -> str:
    """The opposite of :func:`parse_address`."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _right_address(text: str) -> str:
    if text != OFF:
        parse_address(text)
    return text


Address = Annotated[str, AfterValidator(_right_address)]


def _right_storage(address: SecretStr) -> SecretStr:
    """Never says what was given: a password may stand in it."""
    if not address.get_secret_value().startswith(("postgresql://", "postgres://")):
        raise ValueError("must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
    return address


def _split(value: Any) -> Any:
    """A list may be written as one text with commas, as in the environment and on the command line."""
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _whole(value: Any) -> Any:
    """Digits as they stand in the environment and on the command line."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


def _count(value: Any) -> Any:
    """Yes and no, where a number may stand."""
    return RECORDS_MAX if value is True else 0 if value is False else _whole(value)


Records = Annotated[int, BeforeValidator(_count)]
Names = Annotated[tuple[str, ...], BeforeValidator(_split)]
SignDigits = Annotated[Literal[10, 12], BeforeValidator(_whole)]


class ServerSettings(BaseModel):
    """The settings of an operator. Unknown names are refused; made in code, nothing is read from the machine."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    data: Path | None = Field(
        None,
        description="folder of the ledger, made when it is not there; without one the ledger is in memory and ends with the process",
    )
    storage: Annotated[SecretStr, AfterValidator(_right_storage)] | None = Field(
        None,
        description="address of a PostgreSQL database that keeps the ledger, postgresql://USER:PASSWORD@HOST:PORT/DATABASE, for any number of servers; the password may come by PGPASSWORD or a password file instead",
    )
    http: Address = Field(
        f"{LOOPBACK}:8080",
        description=f"HOST:PORT of the HTTP interface; port 0 takes a free one, {OFF!r} listens not at all",
    )
    native: Address = Field(
        f"{LOOPBACK}:7790",
        description=f"HOST:PORT of the native protocol; port 0 takes a free one, {OFF!r} listens not at all",
    )
    kz: Address = Field(
        f"{LOOPBACK}:7777",
        description=f"HOST:PORT of the Kazakhstan protocol, 2.0.2 and 2.0.3; port 0 takes a free one, {OFF!r} listens not at all, and a default port that is taken is left out with a warning",
    )
    strict: bool = Field(False, description="refuse registers that nobody added; otherwise an unknown register is registered at its first message, with the token that it brings")  # fmt: skip
    answer_timeout: float = Field(
        5.0,
        ge=0.05,
        le=600,
        description="seconds from a request's last byte until the writer must have taken it; what is older is told to come later",
    )
    admission: AdmissionPolicy = Field(
        AdmissionPolicy.PACED,
        description="when more registers return than can be served: paced tells each of them when to come, none takes what comes",
    )
    admission_target: float = Field(
        0.05,
        ge=0.001,
        le=60,
        description="seconds of work that may wait ahead of the commit while registers send their backlog, at the rate that was measured; two full commits may always wait",
    )
    silent_when_overdue: bool = Field(False, description="give a request that is overdue no answer at all")
    withhold_late: bool = Field(
        False,
        description="give no answer when a commit ended after the answer timeout; the document is kept all the same",
    )

    operator_name: str = Field(
        "mock-ofd", min_length=1, max_length=256, description="the operator's name, as registers and receipts show it"
    )
    operator_phone: str | None = Field(
        None, min_length=1, max_length=256, description="telephone that an unpaid register's cashier is told to call"
    )
    receipt_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        max_length=400,
        description="what the QR codes of receipts lead to; the default is /r of the HTTP interface",
    )

    faults: str | None = Field(
        None,
        min_length=1,
        max_length=4_096,
        description="what goes wrong on purpose from the start: a TOML file with a plan of faults, or the name of a misfortune that `mock-ofd faults` lists",
    )

    signing_keys: Path | None = Field(
        None,
        description="file of signing keys, one 'ID HEX' a line, the current one first; without it the public key of the mock signs",
    )
    sign_digits: SignDigits | None = Field(
        None,
        description="digits of a fiscal sign: 12, or 10 as Kazakhtelecom prints them; the default is 12, and 10 with kz_profile kazakhtelecom",
    )

    api_token: SecretStr | None = Field(
        None,
        min_length=8,
        max_length=256,
        description="demanded as 'Authorization: Bearer' by everything under /api/v1 that changes something on a person's behalf",
    )
    control: ControlAccess = Field(
        ControlAccess.AUTO,
        description="the control API under /control, for tests: auto serves it when the HTTP interface listens on the loopback alone or api_token is set, on serves it to whoever reaches it, off to nobody",
    )
    hosts: Names = Field(
        (),
        description="further names under which the HTTP interface may be asked (Host header); listening on the loopback alone it answers to loopback names and these",
    )
    http_tls_cert: Path | None = Field(None, description="PEM file with the certificate chain of the HTTP interface")
    http_tls_key: Path | None = Field(None, description="PEM file with its private key")
    native_tls_cert: Path | None = Field(None, description="PEM file with the certificate chain of the native protocol")
    native_tls_key: Path | None = Field(None, description="PEM file with its private key")

    native_connections: int = Field(
        20_000, ge=1, le=1_000_000, description="open connections of the native protocol; one more is closed at once"
    )
    kz_connections: int = Field(
        20_000,
        ge=1,
        le=1_000_000,
        description="open connections of the Kazakhstan protocol; one more is closed at once",
    )
    kz_strictness: KzStrictness = Field(
        KzStrictness.DEFAULT,
        description="default: what the schema and the official text demand; full: what any client's validator demands is refused as well, instead of noted as an anomaly",
    )
    kz_z_checksum: KzChecksum = Field(
        KzChecksum.IGNORE,
        description="checksum of a register's Z-report: ignore it, check it and note an anomaly, or refuse a wrong or missing one; no official text tells its algorithm",
    )
    kz_profile: KzProfile = Field(
        KzProfile.OWN,
        description="whose QR texts registers of Kazakhstan get: own (receipt_url), kazakhtelecom, transtelecom or kar-tel",
    )
    kz_zone: str = Field(
        "Asia/Almaty",
        max_length=256,
        description="IANA time zone of registers that nobody gave one: times on the wire are local and name no zone",
    )
    kz_catalogue: Path | None = Field(
        None,
        description="JSON file of the goods that NOMENCLATURE answers with; without one a small catalogue is there",
    )
    kz_cashiers: Path | None = Field(
        None, description="TOML file of the cashiers that AUTH knows; without one every login is wrong"
    )
    http_connections: int = Field(
        10_000, ge=1, le=1_000_000, description="open connections of the HTTP interface; one more is closed at once"
    )
    http_body_max: int = Field(1_048_576, ge=1_024, le=67_108_864, description="bytes of a request's body")
    viewers: int = Field(100, ge=0, le=10_000, description="open event streams at a time")
    viewer_events: int = Field(
        1_000,
        ge=10,
        le=100_000,
        description="events that wait for one viewer who reads slowly; more, and it is told to reload",
    )
    record: Records = Field(
        0,
        ge=0,
        le=RECORDABLE_MAX,
        description="records of traffic that are kept for tests, decoded, the oldest forgotten first; 0 records nothing",
    )
    silence_max: float = Field(
        60.0,
        ge=1,
        le=3_600,
        description="seconds that an HTTP request without an answer (an unpaid register's) is held open at most",
    )

    processes: int = Field(
        1,
        ge=1,
        le=PROCESSES_MAX,
        description="processes that listen at the same addresses and share the ledger, with storage only; Linux",
    )

    log_format: LogFormat = Field(LogFormat.CONSOLE, description="how the log on standard error looks")
    log_level: LogLevel = Field(LogLevel.INFO, description="the least important line of the log that is written")

    @field_validator("kz_zone")
    @classmethod
    def _right_zone(cls, name: str) -> str:
        if not is_zone(name):
            raise ValueError(f"{name!r} is not the name of an IANA time zone")
        return name

    @model_validator(mode="after")
    def _pairs(self) -> ServerSettings:
        if self.storage is not None and self.data is not None:
            raise ValueError("storage and data name two ledgers: give one of them")
        if self.processes > 1:
            self._can_be_many()
        for name in ("http", "native"):
            cert, key = getattr(self, f"{name}_tls_cert"), getattr(self, f"{name}_tls_key")
            if (cert is None) != (key is None):
                raise ValueError(f"{name}_tls_cert and {name}_tls_key go together")
        return self

    def _can_be_many(self) -> None:
        """What only makes sense, or is only true, in one process."""
        if self.storage is None:
            raise ValueError("processes: several share a ledger only in a database: give storage")
        for name, is_set in (
            ("control", self.control is ControlAccess.ON),
            ("faults", self.faults is not None),
            ("record", self.record > 0),
        ):
            if is_set:
                raise ValueError(f"processes and {name} exclude each other: {name} is about one process")


def settings_of(**values: Any) -> ServerSettings:
    """Settings made in code; :class:`ConfigurationError` names the first that is wrong or unknown."""
    try:
        return ServerSettings(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise ConfigurationError(f"{name}: {_rule(first)}") from None


def signer_of(settings: ServerSettings) -> Signer:
    """The signer that these settings ask for; :class:`ConfigurationError` when its key file is not right."""
    short = (
        settings.kz_profile is KzProfile.KAZAKHTELECOM
        if settings.sign_digits is None
        else settings.sign_digits == LAYOUT_10.digits
    )
    layout = LAYOUT_10 if short else LAYOUT_12
    if settings.signing_keys is None:
        return Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY), layout)
    current, *earlier = _read_keys(settings.signing_keys)
    return Signer(current, layout, tuple(earlier))


def _read_keys(path: Path) -> list[SigningKey]:
    """Keys of a file: ``ID HEX`` a line, empty lines and those that begin with # left out. Never quotes a secret."""
    try:
        with path.open("rb") as file:
            lines = read_within(file, SETTINGS_SIZE_MAX).decode().splitlines()
    except (OSError, UnicodeDecodeError, TooLarge) as error:
        raise ConfigurationError(f"signing_keys: {path} cannot be read: {error}") from error
    keys: list[SigningKey] = []
    for place, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key_id, _, digits = line.strip().partition(" ")
        try:
            secret = bytes.fromhex(digits.strip())
        except ValueError:
            raise ConfigurationError(
                f"signing_keys: {path}, line {place}: must be an id, a space, and hex digits"
            ) from None
        if len(secret) < SECRET_BYTES_MIN:
            text = f"must have at least {SECRET_BYTES_MIN} bytes, has {len(secret)}"
            raise ConfigurationError(f"signing_keys: {path}, line {place}: the secret {text}")
        if key_id in {key.id for key in keys}:
            raise ConfigurationError(f"signing_keys: {path}, line {place}: the id {key_id!r} stands twice")
        keys.append(SigningKey(key_id, secret))
    if not keys:
        raise ConfigurationError(f"signing_keys: {path} holds no key")
    return keys


# ------------------------------------------------------------------------------------------------------- cashiers


class KzRole(StrEnum):
    """What a cashier may do, as AUTH of the Kazakhstan protocol tells it (UserRoleEnum)."""

    PAYMASTER = "paymaster"
    CHIEF_PAYMASTER = "chief_paymaster"
    ADMINISTRATOR = "administrator"


class KzCashier(BaseModel):
    """A cashier that AUTH knows."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    login: str = Field(min_length=1, max_length=256)
    password: SecretStr = Field(min_length=1, max_length=256)
    code: int = Field(ge=0, le=2**31 - 1)
    name: str = Field(min_length=1, max_length=256)
    roles: tuple[KzRole, ...] = (KzRole.PAYMASTER,)


class _Cashiers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    cashier: tuple[KzCashier, ...] = ()


def cashiers_of(settings: ServerSettings) -> dict[str, KzCashier]:
    """The cashiers of ``kz_cashiers`` by login; :class:`ConfigurationError` when the file is not right."""
    path = settings.kz_cashiers
    if path is None:
        return {}
    try:
        found = _Cashiers.model_validate(_read_table(path)).cashier
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"kz_cashiers: {path}: {where}: {_rule(first)}") from None
    by_login = {cashier.login: cashier for cashier in found}
    if len(by_login) < len(found):
        raise ConfigurationError(f"kz_cashiers: {path}: a login stands twice")
    return by_login


# -------------------------------------------------------------------------------------------------------- sources


def load_settings(flags: Mapping[str, Any], file: Path | None = None) -> ServerSettings:
    """Settings from the command line, then the environment, then the file, then the defaults.

    :class:`ConfigurationError` names the first setting that is wrong or unknown, and where it stands.
    """
    # Imported here: whoever makes settings in code does not pay for it.
    from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict  # noqa: PLC0415
    from pydantic_settings import InitSettingsSource as Given  # noqa: PLC0415

    table = {} if file is None else _read_table(file)

    class Sourced(ServerSettings, BaseSettings):
        model_config = SettingsConfigDict(env_prefix=ENV_PREFIX, enable_decoding=False)

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is the library's
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, Given(settings_cls, init_kwargs=table)

    try:
        found = Sourced(**flags)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = str(first["loc"][0]) if first["loc"] else ""
        raise ConfigurationError(f"{_where(name, flags, table, file)}: {_rule(first)}") from None
    return ServerSettings.model_validate(found.model_dump(exclude_unset=True))


def unknown_variables(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like settings and are none: worth a warning.

    They are not refused: container platforms put variables of their own making beside ours (a Kubernetes service
    called mock-ofd gives every container MOCK_OFD_SERVICE_HOST and more).
    """
    known = {ENV_PREFIX + name.upper() for name in (*ServerSettings.model_fields, *OTHER_VARIABLES)}
    return sorted(name for name in environment if name.upper().startswith(ENV_PREFIX) and name.upper() not in known)


def _where(name: str, flags: Mapping[str, Any], table: Mapping[str, Any], file: Path | None) -> str:
    if not name:
        return "settings"
    if name in flags:
        return f"--{name.replace('_', '-')}"
    variable = ENV_PREFIX + name.upper()
    return f"{file}: {name}" if name in table and variable not in os.environ else variable


def _rule(error: Mapping[str, Any]) -> str:
    if error["type"] == "extra_forbidden":
        return "there is no such setting"
    text = str(error["msg"]).removeprefix("Value error, ")
    return text[:1].lower() + text[1:]


def _read_table(file: Path) -> dict[str, Any]:
    try:
        with file.open("rb") as opened:
            return tomllib.loads(read_within(opened, SETTINGS_SIZE_MAX).decode())
    except OSError as error:
        raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from error
    except TooLarge as error:
        raise ConfigurationError(f"{file}: {error.rule}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{file}: is no TOML: {error}") from None
