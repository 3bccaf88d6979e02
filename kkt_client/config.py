"""The settings of a register, each with its unit, its range and its reason; and the address of its operator.

The rule: a setting is a value, checked when it is made; nothing here is read from the machine. Times of waiting are in
seconds (they go to timers), times of documents in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs, urlsplit

from fiscal.domain.receipt import Cashier
from fiscal.errors import ConfigurationError
from fiscal.retry import Backoff
from fiscal.time import HOUR

ANSWER_LIMIT_S: Final = 5.0
"""The operator's whole answer has to be there so many seconds after the request left (S3-13); 5.0 s is in time."""

SALE_BUDGET_S: Final = 5.0
"""What a cashier waits at the most, from the first attempt to connect, retries included (semantics 3.2)."""

AUTONOMOUS_MAX_MS: Final = 72 * HOUR
"""The oldest unsent autonomous document may be so old; older, and the register sells nothing until its queue is sent."""

SOFTWARE: Final = "mock-ofd kkt_client 0.1.0"
"""What hello says about the program."""

FIRST_KNOCK_S: Final = 1.0
"""When a link is back that many registers had lost, each tries it within this time, at random: all of ten thousand at the
same moment would only stand in each other's way, and a second is nothing after an outage."""

KZ_RECONNECT_S: Final = 60.0
"""Over the Kazakhstan protocol a register that lost its operator tries again no sooner (2.0.2, 5)."""

KZ_VERSIONS: Final = {"202": 202, "203": 203}
"""The versions of the Kazakhstan protocol by the word in an address."""
KZ_VERSION: Final = "203"
"""The version that an address means without a word of it: the one that operators demand since November 2025."""

_PORTS: Final = {"native": 7790, "http": 8080, "https": 443, "kz": 7777}


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSettings:
    """How a register behaves. Every figure has the default of the requirements; :class:`ConfigurationError` else.

    * ``answer_limit_s``, ``sale_budget_s``: the two limits of a sale, above 0. Whichever ends first makes the receipt
      autonomous.
    * ``retry_in_sale_s``: how long a sale knocks at a door that is shut (connection refused or lost), 0 and up. A
      longer time saves a receipt from a short restart of the operator, and costs the first buyer of an outage as much.
    * ``backoff``: how long the register waits between its own attempts to come back.
    * ``first_knock_s``: within what time, by chance, it tries a link that is said to be back
      (:meth:`~kkt_client.register.Register.link_restored`), 0 and up.
    * ``kz_reconnect_s``: the same over the Kazakhstan protocol, above 0: no less than this, and up to a tenth more by
      chance. There a sale knocks at a shut door as long as ``sale_budget_s`` lasts, as the protocol has it.
    * ``autonomous_max_ms``: see :data:`AUTONOMOUS_MAX_MS`.
    * ``free_space_min``: bytes that must be free on the disk before a sale begins. 16 MiB hold some ten thousand
      receipts, so a sale that has begun never finds the disk full.
    * ``qr_base_url``: what the QR code of an autonomous receipt leads to; the operator's own comes with its answer.
    * ``operator_name``, ``operator_phone``: whom the cashier is told to call when the operator is not paid (S3-03);
      what the operator says of itself in its welcome wins.
    * ``cashier``: who sits at the register when a call does not say.
    * ``events_buffer``: how many events wait for a reader that does not read, above 0; then the oldest are dropped.
    """

    answer_limit_s: float = ANSWER_LIMIT_S
    sale_budget_s: float = SALE_BUDGET_S
    retry_in_sale_s: float = 1.0
    backoff: Backoff = field(default_factory=lambda: Backoff(base_ms=1_000, cap_ms=60_000))
    first_knock_s: float = FIRST_KNOCK_S
    kz_reconnect_s: float = KZ_RECONNECT_S
    autonomous_max_ms: int = AUTONOMOUS_MAX_MS
    free_space_min: int = 16 * 1024 * 1024
    qr_base_url: str = "http://127.0.0.1:8080/r"
    operator_name: str = ""
    operator_phone: str | None = None
    cashier: Cashier = field(default_factory=lambda: Cashier(code=1, name="Кассир"))
    events_buffer: int = 1_000
    software: str = SOFTWARE

    def __post_init__(self) -> None:
        for name in ("answer_limit_s", "sale_budget_s", "kz_reconnect_s", "autonomous_max_ms", "events_buffer"):
            if not getattr(self, name) > 0:
                raise ConfigurationError(f"{name} must be above 0, is {getattr(self, name)}")
        for name in ("retry_in_sale_s", "first_knock_s", "free_space_min"):
            if not getattr(self, name) >= 0:
                raise ConfigurationError(f"{name} must not be negative, is {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class OperatorAddress:
    """Where the operator is: ``native://HOST:PORT?id=...&token=...``, or ``http://``, ``https://``, ``kz://`` likewise.

    ``protocol`` is the word by which tables know it (native, http or kz). ``register_id`` and ``token`` are what the
    address brings along, if it does; they are used once, when the memory is founded (semantics 3.3). ``version`` is that
    of the Kazakhstan protocol; it belongs to the place, so it is not used up.
    """

    scheme: str
    host: str
    port: int
    register_id: str | None = None
    token: str | None = None
    version: str | None = None

    @property
    def protocol(self) -> str:
        return "http" if self.scheme == "https" else self.scheme

    @property
    def base_url(self) -> str:
        """``http://host:port``, without what the address brings along for once."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}" + (f"?version={self.version}" if self.version else "")


def parse_address(text: str) -> OperatorAddress:
    """The address of an operator; :class:`ConfigurationError` that says what is wrong with it.

    Without a port: 7790 for native, 8080 for http, 443 for https, 7777 for kz.
    """
    shown = text.partition("?")[0]  # what stands behind may be a token, and no error repeats that
    try:
        parts = urlsplit(text)
        port = parts.port
        given = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError as error:
        raise ConfigurationError(f"operator: {shown!r} is no address: {error}") from None
    if parts.scheme not in _PORTS:
        raise ConfigurationError(
            f"operator: {shown!r} must begin with one of {', '.join(f'{word}://' for word in _PORTS)}"
        )
    if not parts.hostname:
        raise ConfigurationError(f"operator: {shown!r} names no host")
    known = ("id", "token", "version") if parts.scheme == "kz" else ("id", "token")
    unknown = sorted(given.keys() - set(known))
    if unknown or parts.path not in ("", "/"):
        more = ", ".join(unknown) or parts.path
        raise ConfigurationError(f"operator: {shown!r} has more than host, port, {_listed(known)}: {more}")
    register_id, token, version = (given.get(name, [None])[-1] for name in ("id", "token", "version"))
    if version is not None and version not in KZ_VERSIONS:
        raise ConfigurationError(f"operator: {shown!r} has version {version}, known are {_listed(KZ_VERSIONS)}")
    return OperatorAddress(parts.scheme, parts.hostname, port or _PORTS[parts.scheme], register_id, token, version)


def _listed(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}"
