"""``mock-ofd registers`` against an operator that runs."""

import json

import pytest

from mock_ofd.cli.exits import Exit
from mock_ofd.cli.registers import main
from ofd_server.core.views import plain_map
from tests.documents import receipt
from tests.ofd_server.kz_device import Device, Line
from tests.ofd_server.site import PROFILE, Running


@pytest.fixture
def server(monkeypatch):
    with Running() as running:
        monkeypatch.setenv("MOCK_OFD_URL", running.url)
        monkeypatch.delenv("MOCK_OFD_API_TOKEN", raising=False)
        yield running


@pytest.fixture
def run(capsys):
    """Run a command; its exit code, standard output and standard error."""

    def run(*arguments):
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


def test_a_register_from_its_beginning_to_its_end(server, run, tmp_path):
    profile = tmp_path / "profile.json"
    profile.write_text(json.dumps(plain_map(PROFILE)))
    code, out, err = run("add", "kkm-1", "--profile", str(profile))
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first == "kkm-1: good"
    token = second.removeprefix("token: ")
    assert server.do(server.site.hello(token=token)).status == 200

    assert run("block", "kkm-1", "--reason", "stolen")[1] == "kkm-1: blocked\n"
    assert "standing     blocked: stolen" in run("show", "kkm-1")[1]
    assert run("unblock", "kkm-1")[1] == "kkm-1: good\n"
    assert run("unpaid", "kkm-1")[1] == "kkm-1: unpaid\n"
    assert run("paid", "kkm-1")[1] == "kkm-1: good\n"

    other = run("reset-token", "kkm-1")[1].splitlines()[1]
    assert other != second
    assert run("reset-token", "kkm-1", "--token", "chosen")[1] == "kkm-1: good\n"
    assert server.do(server.site.hello(token="chosen")).status == 200

    assert run("remove", "kkm-1")[1] == "kkm-1: removed\n"
    assert server.do(server.site.hello(token="chosen")).status == 404


def test_the_token_of_a_register_of_kazakhstan(run, capsys):
    with Running(kz="127.0.0.1:0") as server:
        capsys.readouterr()  # what the server says when it starts
        at = ("--url", server.url)
        assert run(*at, "add", "100500", "--token", "123456789")[1] == "100500: good\n"
        assert run("kz", "100500", *at)[1] == "token        the one that was set\n"
        device = Device()

        async def sell():
            line = await Line.to(server.site.ofd.kz_address)
            await line.ask(device, device.document(receipt()))
            await Line.close_all()

        server.do(sell())
        shown = run("kz", "100500", *at)[1]
        assert shown == (f"token        {device.token}\nthe last     request 1 with the token 123456789, document 1\n")
        assert json.loads(run("kz", "100500", "--json", *at)[1])["token"] == device.token
        token = run("reset-token", "100500", *at)[1].splitlines()[1].removeprefix("token: ")
        assert 1 <= int(token) < 2**32


def test_a_register_at_work_is_shown(server, run):
    site = server.site

    async def work():
        await site.registered()
        await site.sold()
        await site.command("kkm-1", "status", b'{"unsent": 2, "mode": "autonomous", "oldest_unsent_at": 1767250800000}')
        period = b'{"number": 1, "begin": 1767250800000, "end": 1767250860000, "reason": "low_power"}'
        await site.command("kkm-1", "offline-periods", period)

    server.do(work())
    shown = run("show", "kkm-1")[1]
    for line in (
        "register     kkm-1",
        "documents    1, the last issued 2026-01-01 07:00:00Z",
        "shift        1, open since 2026-01-01 07:00:00Z",
        "cash         100.00",
        "reported     2026-01-01 07:00:00Z: autonomous, 2 unsent, the oldest since 2026-01-01 07:00:00Z",
        "autonomous   2026-01-01 07:00:00Z to 2026-01-01 07:01:00Z: low_power",
        "stuck        2 documents wait, the oldest since 2026-01-01T07:00:00.000Z",
    ):
        assert line in shown.splitlines()
    header, row = run("list")[1].splitlines()
    assert header.split() == ["ID", "STANDING", "LINK", "MODE", "UNSENT", "DOCUMENTS", "SHIFT", "STUCK"]
    assert row.split() == ["kkm-1", "good", "-", "autonomous", "2", "1", "1", "open", "unsent"]


def test_more_registers_than_one_page_holds(server, run, monkeypatch):
    monkeypatch.setattr("mock_ofd.cli.api.PAGE", 2)
    for number in range(5):
        run("add", f"kkm-{number}")
    out = run("list", "--json")[1]
    assert [json.loads(line)["id"] for line in out.splitlines()] == [f"kkm-{number}" for number in range(5)]


def test_json_on_both_sides_of_the_command(server, run):
    added = json.loads(run("--json", "add", "касса/1")[1])
    assert added["register"]["id"] == "касса/1"
    assert len(added["token"]) == 32
    assert json.loads(run("show", "касса/1", "--json")[1])["standing"] == "good"
    assert "register     касса/1" in run("show", "касса/1")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("show", "nobody"), Exit.NOT_FOUND, "no register 'nobody' is known here"),
        (("block", "nobody"), Exit.NOT_FOUND, "no register 'nobody' is known here"),
        (("add", "x" * 65), Exit.REFUSED, "id: "),
        (("add", "x", "--profile", "/nowhere"), Exit.USAGE, "--profile: /nowhere cannot be read"),
        (("add", "x", "--profile", "/dev/zero"), Exit.USAGE, "/dev/zero cannot be read: file: is larger than 65,536"),
        (("list", "--url", "ftp://x"), Exit.USAGE, "--url must be http://HOST:PORT"),
        (("list", "--url", "http://127.0.0.1:1"), Exit.UNREACHABLE, "http://127.0.0.1:1 was not reached"),
    ],
)
def test_what_goes_wrong_is_one_line_and_a_code(server, run, arguments, code, told):
    result, out, err = run(*arguments)
    assert (result, out) == (code, "")
    assert err.startswith(f"mock-ofd registers {arguments[0]}: ")
    assert told in err
    assert len(err.splitlines()) == 1


def test_a_register_is_added_once(server, run):
    run("add", "kkm-1")
    code, _, err = run("add", "kkm-1")
    assert (code, "there is a register 'kkm-1' already" in err) == (Exit.REFUSED, True)


@pytest.mark.parametrize("arguments", [(), ("frobnicate",), ("show",), ("add",)])
def test_what_is_no_command(run, arguments):
    code, _, err = run(*arguments)
    assert (code, "usage: " in err) == (Exit.USAGE, True)


def test_help_is_no_error(run):
    assert run("--help")[0] == 0


def test_the_api_token(run, monkeypatch):
    with Running(api_token="a-long-secret") as running:
        monkeypatch.setenv("MOCK_OFD_URL", running.url)
        code, _, err = run("add", "kkm-1")
        assert (code, "API token" in err) == (Exit.REFUSED, True)
        assert run("add", "kkm-1", "--api-token", "a-long-secret")[0] == 0
        monkeypatch.setenv("MOCK_OFD_API_TOKEN", "a-long-secret")
        assert run("remove", "kkm-1")[0] == 0
