"""``mock-ofd verify``: by the text of a code, and by an export alone."""

import io
import json

import pytest

from fiscal.domain.signs import LAYOUT_10, LAYOUT_12, Signer, SigningKey, digest_of
from fiscal.protocols.content import encode_content
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.verify import main
from tests.documents import receipt
from tests.ofd_server.site import Running


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def sold(monkeypatch):
    """An operator with one receipt: the text of its code, and its export."""
    with Running() as running:
        monkeypatch.setenv("MOCK_OFD_URL", running.url)

        async def sell(site):
            await site.registered()
            answer = await site.sold()
            return answer["qr"], (await site.get("/api/v1/documents/kkm-1/1/export")).json

        yield running.do(sell(running.site))


def test_a_code_of_each_kind(sold, run, monkeypatch):
    qr, _ = sold
    assert run(qr) == (Exit.OK, "genuine: document 1 of register kkm-1\n", "")
    code, out, _ = run(qr.replace("s=100.00", "s=1.00"))
    assert code == Exit.ALTERED
    assert out == "altered: document 1 of register kkm-1\n  1.00 is claimed, 100.00 is recorded\n"
    code, out, _ = run("i=1&f=2&s=3&t=20260101T1200", "--json")
    assert (code, json.loads(out)["verdict"]) == (Exit.UNKNOWN, "unknown")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(f"{qr}\n".encode())))
    assert run("-")[0] == Exit.OK


@pytest.mark.parametrize(
    ("given", "said"), [(b"x" * 8_193, "is larger than 8,192 bytes"), (b"\xff", "can't decode byte 0xff")]
)
def test_what_comes_in_and_cannot_be_a_code(run, monkeypatch, given, said):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    code, out, err = run("-")
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith("mock-ofd verify: standard input is no text of a QR code: ")
    assert said in err


def test_an_export_that_has_no_end(run):
    code, _, err = run("--export", "/dev/zero")
    assert (code, err) == (
        Exit.USAGE,
        "mock-ofd verify: --export: /dev/zero cannot be read: file: is larger than 1,048,576 bytes\n",
    )


def test_what_is_no_code(sold, run):
    code, out, err = run("hello")
    assert (code, out) == (Exit.REFUSED, "")
    assert err.startswith("mock-ofd verify: qr: must carry")


def test_an_export_needs_no_operator(sold, run, tmp_path, monkeypatch):
    monkeypatch.setenv("MOCK_OFD_URL", "http://127.0.0.1:1")
    file = tmp_path / "export.json"
    file.write_text(json.dumps(sold[1]))
    assert run("--export", str(file)) == (Exit.OK, "genuine: document 1 of register kkm-1\n", "")
    file.write_text(json.dumps({**sold[1], "register": "kkm-2"}))
    assert run("--export", str(file))[0] == Exit.ALTERED


@pytest.mark.parametrize("digits", [10, 12])
def test_an_export_of_a_key_of_ones_own(run, tmp_path, digits):
    content = encode_content(receipt())
    layout = LAYOUT_10 if digits == 10 else LAYOUT_12
    sign = Signer(SigningKey("mine", b"\xab" * 16), layout).sign("kkm-1", 1, digest_of(content))
    export = tmp_path / "export.json"
    export.write_text(json.dumps({"register": "kkm-1", "content": content.hex(), "sign": sign, "key": "mine"}))
    assert run("--export", str(export))[:2] == (Exit.UNKNOWN, "unknown\n  the key 'mine' is not known here\n")
    keys = tmp_path / "keys"
    keys.write_text(f"mine {'ab' * 16}\n")
    assert run("--export", str(export), "--signing-keys", str(keys))[0] == Exit.OK


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (None, "cannot be read"),
        ("{", "cannot be read"),
        ("[]", "carries no register"),
        ('{"register": "x", "content": "00", "sign": null, "key": "k"}', "carries no sign"),
        ('{"register": "x", "content": "0", "sign": "1", "key": "k"}', "content must be hexadecimal digits"),
    ],
)
def test_what_is_no_export(run, tmp_path, written, told):
    file = tmp_path / "export.json"
    if written is not None:
        file.write_text(written)
    code, out, err = run("--export", str(file))
    assert (code, out, told in err) == (Exit.USAGE, "", True)


def test_keys_that_are_none(run, tmp_path):
    file = tmp_path / "export.json"
    file.write_text('{"register": "x", "content": "00", "sign": "1", "key": "k"}')
    code, _, err = run("--export", str(file), "--signing-keys", str(tmp_path / "nothing"))
    assert (code, "signing_keys: " in err) == (Exit.USAGE, True)


@pytest.mark.parametrize("arguments", [(), ("qr", "--export", "file"), ("--nothing",)])
def test_either_a_code_or_an_export(run, arguments):
    assert run(*arguments)[0] == Exit.USAGE


def test_help_is_no_error(run):
    assert run("--help")[0] == 0
