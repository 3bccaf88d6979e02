"""Settings: where they come from, which of them are wrong, and what is never printed."""

import os
import tomllib
from pathlib import Path

import pytest

from fiscal.domain.signs import DEFAULT_KEY_ID, PUBLIC_KEY
from fiscal.errors import ConfigurationError
from ofd_server.app import OfdServer
from ofd_server.config import (
    VERSION,
    KzRole,
    ServerSettings,
    cashiers_of,
    format_address,
    load_settings,
    parse_address,
    settings_of,
    signer_of,
    unknown_variables,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def no_variables(monkeypatch):
    for name in list(os.environ):
        if name.startswith("MOCK_OFD_"):
            monkeypatch.delenv(name)


def test_the_version_is_that_of_the_distribution():
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == VERSION


# -------------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("localhost:0", ("localhost", 0)),
        ("[::1]:65535", ("::1", 65535)),
        (":7790", ("127.0.0.1", 7790)),
    ],
)
def test_an_address(text, address):
    assert parse_address(text) == address
    assert parse_address(format_address(*address)) == address


@pytest.mark.parametrize(
    "text", ["", "8080", "host", "host:", "host:x", "host:65536", "::1:80", "host:-1", "host:８０"]
)
def test_what_is_no_address(text):
    with pytest.raises(ValueError, match=r"must be HOST:PORT|stands in brackets"):
        parse_address(text)


# ---------------------------------------------------------------------------------------------------------- sources


def test_the_defaults_listen_on_this_machine_alone():
    settings = load_settings({})
    assert (settings.http, settings.native) == ("127.0.0.1:8080", "127.0.0.1:7790")
    assert (settings.data, settings.strict, settings.answer_timeout) == (None, False, 5.0)


def test_an_option_goes_before_a_variable_and_a_variable_before_the_file(tmp_path, monkeypatch):
    file = tmp_path / "mock-ofd.toml"
    file.write_text('http = "127.0.0.1:1"\nnative = "127.0.0.1:1"\nanswer_timeout = 1.5\nhosts = ["a", "b"]\n')
    monkeypatch.setenv("MOCK_OFD_HTTP", "127.0.0.1:2")
    monkeypatch.setenv("MOCK_OFD_NATIVE", "127.0.0.1:2")
    settings = load_settings({"http": "127.0.0.1:3"}, file)
    assert settings.http == "127.0.0.1:3"
    assert settings.native == "127.0.0.1:2"
    assert settings.answer_timeout == 1.5
    assert settings.hosts == ("a", "b")
    assert type(settings) is ServerSettings


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("STRICT", "true", True),
        ("STRICT", "0", False),
        ("ANSWER_TIMEOUT", "2.5", 2.5),
        ("SIGN_DIGITS", "10", 10),
        ("HOSTS", "a.example, b.example,", ("a.example", "b.example")),
        ("DATA", "/var/lib/ofd", Path("/var/lib/ofd")),
        ("HTTP", "off", "off"),
        ("VIEWERS", "7", 7),
        ("LOG_FORMAT", "json", "json"),
        ("OPERATOR_NAME", "Оператор", "Оператор"),
    ],
)
def test_every_kind_of_variable(monkeypatch, name, text, value):
    monkeypatch.setenv(f"MOCK_OFD_{name}", text)
    assert getattr(load_settings({}), name.lower()) == value


@pytest.mark.parametrize(
    ("flags", "variables", "table", "told"),
    [
        ({"http": "x"}, {}, "", "--http: must be HOST:PORT"),
        ({"answer_timeout": "0"}, {}, "", "--answer-timeout: "),
        ({"sign_digits": "11"}, {}, "", "--sign-digits: "),
        ({"colour": "red"}, {}, "", "--colour: there is no such setting"),
        ({}, {"MOCK_OFD_VIEWERS": "many"}, "", "MOCK_OFD_VIEWERS: "),
        ({}, {"MOCK_OFD_API_TOKEN": "short"}, "", "MOCK_OFD_API_TOKEN: "),
        ({}, {}, "viewers = -1", "mock-ofd.toml: viewers: "),
        ({}, {}, "viewer = 1", "mock-ofd.toml: viewer: there is no such setting"),
        ({}, {}, "[server]\nviewers = 1", "mock-ofd.toml: server: there is no such setting"),
        ({}, {}, "viewers = ", "mock-ofd.toml: is no TOML: "),
        ({}, {}, "viewers = " + "[" * 5_000, "mock-ofd.toml: is no TOML: "),
        ({}, {}, "# " + "x" * (1 << 20), "mock-ofd.toml: is larger than 1,048,576 bytes"),
        ({}, {"MOCK_OFD_VIEWERS": "x"}, "viewers = 1", "MOCK_OFD_VIEWERS: "),
        ({"http_tls_cert": "x.pem"}, {}, "", "settings: http_tls_cert and http_tls_key go together"),
        ({"receipt_url": "ftp://x"}, {}, "", "--receipt-url: "),
        ({"kz": "7777"}, {}, "", "--kz: must be HOST:PORT"),
        ({"kz_zone": "Almaty"}, {}, "", "--kz-zone: 'Almaty' is not the name of an IANA time zone"),
        ({}, {"MOCK_OFD_KZ_PROFILE": "beeline"}, "", "MOCK_OFD_KZ_PROFILE: "),
        ({}, {}, 'kz_strictness = "none"', "mock-ofd.toml: kz_strictness: "),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, monkeypatch, flags, variables, table, told):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "mock-ofd.toml"
    file.write_text(table)
    with pytest.raises(ConfigurationError) as caught:
        load_settings(flags, file)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value).strip()


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "mock-ofd.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"mock-ofd\.toml: "):
        load_settings({}, file)


def test_variables_that_are_no_settings_are_found():
    names = {"MOCK_OFD_HTTP": "", "MOCK_OFD_URL": "", "MOCK_OFD_CONFIG": "", "MOCK_OFD_HTPP": "", "PATH": ""}
    assert unknown_variables(names) == ["MOCK_OFD_HTPP"]


def test_settings_made_in_code():
    assert settings_of(http="off").http == "off"
    with pytest.raises(ConfigurationError, match="viewers: "):
        settings_of(viewers=-1)
    with pytest.raises(ConfigurationError, match="colour: there is no such setting"):
        settings_of(colour="red")
    with pytest.raises(ConfigurationError, match="settings: native_tls_cert and native_tls_key go together"):
        settings_of(native_tls_key=Path("x"))


def test_only_what_somebody_gave_counts_as_given(tmp_path, monkeypatch):
    file = tmp_path / "mock-ofd.toml"
    file.write_text("viewers = 7")
    monkeypatch.setenv("MOCK_OFD_STRICT", "true")
    settings = load_settings({"http": "off"}, file)
    assert settings.model_fields_set == {"http", "strict", "viewers"}


def test_every_setting_says_what_it_is():
    for name, info in ServerSettings.model_fields.items():
        assert info.description, name


def test_secrets_are_not_printed(monkeypatch):
    settings = settings_of(api_token="a-long-secret")
    assert "a-long-secret" not in repr(settings) + str(settings) + settings.model_dump_json()
    with pytest.raises(ConfigurationError) as caught:
        settings_of(api_token=["a-long-secret"])
    assert "a-long-secret" not in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://ofd:geheim@db/ledger", "geheim", "", "postgresql:/ofd:geheim@db/l"])
def test_an_address_of_a_database_is_refused_without_being_quoted(monkeypatch, address):
    for flags in ({"storage": address}, {}):
        monkeypatch.setenv("MOCK_OFD_STORAGE", address)
        with pytest.raises(ConfigurationError, match="must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE") as caught:
            load_settings(flags)
        assert "geheim" not in str(caught.value)


def test_the_password_of_a_database_is_not_printed():
    settings = settings_of(storage="postgresql://ofd:geheim@db/ledger")
    assert "geheim" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_there_is_one_ledger():
    with pytest.raises(ConfigurationError, match="storage and data name two ledgers: give one of them"):
        settings_of(storage="postgresql://db/ledger", data="x")


def test_the_cashiers_of_a_file_by_their_login(tmp_path):
    assert cashiers_of(settings_of()) == {}
    file = tmp_path / "cashiers.toml"
    file.write_text(
        '[[cashier]]\nlogin = "a"\npassword = "secret-1"\ncode = 1\nname = "A"\n'
        '[[cashier]]\nlogin = "b"\npassword = "secret-2"\ncode = 2\nname = "B"\nroles = ["chief_paymaster"]\n'
    )
    known = cashiers_of(settings_of(kz_cashiers=file))
    assert {login: (cashier.code, cashier.roles) for login, cashier in known.items()} == {
        "a": (1, (KzRole.PAYMASTER,)),
        "b": (2, (KzRole.CHIEF_PAYMASTER,)),
    }
    assert "secret" not in repr(known)


# ------------------------------------------------------------------------------------------------------------- keys


def keys(tmp_path, text):
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    return settings_of(signing_keys=file)


def test_without_keys_the_public_one_signs():
    signer = signer_of(settings_of())
    assert (signer.key.id, signer.key.secret) == (DEFAULT_KEY_ID, PUBLIC_KEY)
    assert signer.layout.digits == 12
    assert signer_of(settings_of(sign_digits=10)).layout.digits == 10
    assert signer_of(settings_of(kz_profile="kazakhtelecom")).layout.digits == 10
    assert signer_of(settings_of(kz_profile="kazakhtelecom", sign_digits=12)).layout.digits == 12


def test_the_first_key_signs_and_the_others_are_known(tmp_path):
    signer = signer_of(keys(tmp_path, f"# keys\n\nnew {'ab' * 16}\nold {'cd' * 16}\n"))
    assert (signer.key.id, signer.key.secret) == ("new", b"\xab" * 16)
    assert signer.knows("old")
    assert not signer.knows(DEFAULT_KEY_ID)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "holds no key"),
        ("# nothing\n", "holds no key"),
        ("new\n", "line 1: the secret must have at least 16 bytes, has 0"),
        ("new xyz\n", "line 1: must be an id, a space, and hex digits"),
        (f"a {'ab' * 16}\nb {'ab' * 15}\n", "line 2: the secret must have at least 16 bytes, has 15"),
        (f"a {'ab' * 16}\na {'cd' * 16}\n", "line 2: the id 'a' stands twice"),
    ],
)
def test_a_file_of_keys_that_is_not_right(tmp_path, text, told):
    with pytest.raises(ConfigurationError, match="signing_keys: ") as caught:
        signer_of(keys(tmp_path, text))
    assert told in str(caught.value)
    assert "abab" not in str(caught.value)


def test_a_file_of_keys_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError, match=r"signing_keys: .* cannot be read"):
        signer_of(settings_of(signing_keys=tmp_path / "nothing"))
    with pytest.raises(ConfigurationError, match=r"signing_keys: /dev/zero cannot be read: .*larger than 1,048,576"):
        signer_of(settings_of(signing_keys="/dev/zero"))


# -------------------------------------------------------------------------------------------------------- processes

DATABASE = "postgresql://ofd@db/ledger"


def test_several_processes_need_a_database():
    assert settings_of(processes=2, storage=DATABASE).processes == 2
    assert settings_of(processes=1).processes == 1
    with pytest.raises(ConfigurationError, match="processes: several share a ledger only in a database: give storage"):
        settings_of(processes=2)
    with pytest.raises(ConfigurationError, match="several share a ledger only in a database"):
        settings_of(processes=2, data="x")
    with pytest.raises(ConfigurationError, match=r"^processes: "):
        settings_of(processes=65, storage=DATABASE)


@pytest.mark.parametrize(("name", "value"), [("control", "on"), ("faults", "lost-answer"), ("record", 10)])
def test_what_is_about_one_process_is_not_done_in_several(name, value):
    settings_of(**{name: value}, storage=DATABASE)
    with pytest.raises(ConfigurationError, match=f"processes and {name} exclude each other"):
        settings_of(**{name: value}, storage=DATABASE, processes=2)


def test_a_server_in_code_is_one_process():
    with pytest.raises(ConfigurationError, match="an OfdServer is one process"):
        OfdServer(storage=DATABASE, processes=2, record=0)
