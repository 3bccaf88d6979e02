"""``mock-ofd receipt``: papers of an operator that runs, and of one that does not."""

import io
import sys

import pytest

from fiscal.domain.document import Delivery
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.receipt import KINDS, WIDTHS, main
from tests.ofd_server.site import Running

MAGIC = {"html": b"<!DOCTYPE html>", "png": b"\x89PNG", "pdf": b"%PDF-"}


class Written(io.TextIOWrapper):
    """Standard output that takes bytes as well."""

    def __init__(self, taken, *, is_terminal):
        super().__init__(taken, "utf-8", write_through=True)
        self._is_terminal = is_terminal

    def isatty(self):
        return self._is_terminal


@pytest.fixture
def run(capsys, monkeypatch):
    def run(*arguments, is_terminal=False):
        taken = io.BytesIO()
        out = Written(taken, is_terminal=is_terminal)
        monkeypatch.setattr(sys, "stdout", out)
        code = main([str(each) for each in arguments])
        return code, taken.getvalue(), capsys.readouterr().err

    return run


async def trade(site):
    """Two receipts of one register, the second autonomous, its Z-report; one receipt of another register."""
    till = await site.registered()
    await site.registered("kkm-2", profile=None)
    site.signs = [(await site.sold())["sign"]]
    site.signs.append((await site.sold(delivery=Delivery(autonomous=True, autonomous_sign=4711, period=1)))["sign"])
    await site.submit("kkm-1", till.z_report())
    await site.sold("kkm-2", delivery=Delivery(autonomous=True, autonomous_sign=4712, period=1))


@pytest.fixture
def asked(monkeypatch):
    """An operator that runs."""
    with Running(trade) as running:
        monkeypatch.setenv("MOCK_OFD_URL", running.url)
        yield running.site, ()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The folder of one that ran."""
    monkeypatch.setenv("MOCK_OFD_URL", "http://127.0.0.1:1")
    with Running(trade, data=tmp_path / "data") as running:
        site = running.site
    return site, ("--data", tmp_path / "data")


@pytest.fixture(params=["asked", "kept"])
def source(request):
    return request.getfixturevalue(request.param)


def test_a_receipt_by_its_sign(source, run):
    site, where = source
    code, out, err = run(site.signs[0], *where)
    assert (code, err) == (Exit.OK, "")
    assert site.signs[0] in out.decode()
    assert "АВТОНОМНЫЙ" not in out.decode()


@pytest.mark.requirement("S3-16", "S3-18")
@pytest.mark.parametrize("by_own_sign", [True, False])
def test_an_autonomous_receipt_by_either_sign(source, run, by_own_sign):
    site, where = source
    _, out, _ = run("4711" if by_own_sign else site.signs[1], *where)
    text = out.decode()
    assert "АВТОНОМНЫЙ" in text
    assert "4711" in text
    assert site.signs[1] in text


@pytest.mark.parametrize("kind", MAGIC)
def test_every_kind_of_file(source, run, kind, tmp_path):
    site, where = source
    code, out, _ = run(site.signs[0], "--format", kind, *where)
    assert code == Exit.OK
    assert out.startswith(MAGIC[kind])
    file = tmp_path / f"receipt.{kind}"
    assert run(site.signs[0], "--out", file, *where) == (Exit.OK, b"", "")
    assert file.read_bytes().startswith(MAGIC[kind]), "the name says the kind"


def test_both_sources_draw_the_same(asked, run, tmp_path, monkeypatch):
    site, _ = asked
    address = f"{site.url}/r"
    with Running(trade, data=tmp_path, receipt_url=address) as running:
        register = ("--register", "kkm-1", "--number", 2, "--format", "png")
        drawn = run(*register, "--url", running.url)
    monkeypatch.setenv("MOCK_OFD_RECEIPT_URL", address)
    assert run(*register, "--data", tmp_path) == drawn


@pytest.mark.parametrize("width", WIDTHS)
def test_the_width(source, run, width):
    site, where = source
    _, out, _ = run(site.signs[0], "--width", width, *where)
    assert max(map(len, out.decode().splitlines())) == width


def test_a_copy(source, run):
    site, where = source
    assert "ДУБЛИКАТ" in run(site.signs[0], "--copy", *where)[1].decode()
    assert "ДУБЛИКАТ" not in run(site.signs[0], *where)[1].decode()


def test_reports(source, run):
    _, where = source
    _, out, _ = run("--register", "kkm-1", "--z", 1, *where)
    assert "Z-ОТЧЁТ" in out.decode()
    assert "Документ № 3" in out.decode()
    _, out, _ = run("--register", "kkm-2", "--x", *where)
    assert "X-ОТЧЁТ" in out.decode()
    assert "чеков: 1" in out.decode()


def test_a_sign_of_one_register_only(source, run):
    _, where = source
    assert run("4711", "--register", "kkm-1", *where)[0] == Exit.OK
    assert run("4711", "--register", "kkm-2", *where)[0] == Exit.NOT_FOUND


def test_a_sign_that_two_registers_gave(source, run):
    _, where = source
    assert run("4712", *where)[0] == Exit.OK

    async def again(site):
        await site.registered("kkm-3")
        await site.sold("kkm-3", delivery=Delivery(autonomous=True, autonomous_sign=4712, period=1))

    if where:
        with Running(again, data=where[1]):
            pass
        code, out, err = run("4712", *where)
    else:
        with Running() as running:
            running.do(trade(running.site))
            running.do(again(running.site))
            code, out, err = run("4712", "--url", running.url)
    assert (code, out) == (Exit.USAGE, b"")
    assert "1 of kkm-3, 1 of kkm-2; say --register" in err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("123456789012",), "holds no document with the sign 123456789012"),
        (("77",), "holds no document with the sign 77"),
        (("--register", "kkm-1", "--number", "9"), "holds no document 9 of register 'kkm-1'"),
        (("--register", "kkm-1", "--z", "9"), "holds no Z-report of shift 9 of register 'kkm-1'"),
        (("--register", "nobody", "--x"), "no register 'nobody' is known"),
    ],
)
def test_what_is_not_there(source, run, arguments, text):
    _, where = source
    code, out, err = run(*arguments, *where)
    assert (code, out) == (Exit.NOT_FOUND, b"")
    assert text in err


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((), "give a SIGN, or --register"),
        (("1", "--x", "--register", "kkm-1"), "give a SIGN, or --register"),
        (("--x",), "need --register"),
        (("--number", "1"), "need --register"),
        (("abc",), "consists of digits"),
        (("1", "--url", "http://x", "--data", "x"), "not both"),
        (("--register", "kkm-1", "--x", "--copy"), "no copies"),
        (("--register", "kkm-1", "--x", "--z", "1"), "not allowed with"),
        (("1", "--format", "docx"), "invalid choice"),
        (("1", "--width", "80"), "invalid choice"),
    ],
)
def test_what_is_asked_wrongly(run, arguments, text):
    code, out, err = run(*arguments)
    assert (code, out) == (Exit.USAGE, b"")
    assert text in err


def test_a_picture_is_not_written_to_a_terminal(asked, run):
    site, _ = asked
    code, out, err = run(site.signs[0], "--format", "png", is_terminal=True)
    assert (code, out) == (Exit.USAGE, b"")
    assert "--out" in err
    assert run(site.signs[0], is_terminal=True)[0] == Exit.OK


def test_a_file_that_cannot_be_written(asked, run, tmp_path):
    site, _ = asked
    code, _, err = run(site.signs[0], "--out", tmp_path)
    assert code == Exit.UNWRITTEN
    assert str(tmp_path) in err


def test_an_operator_that_is_not_there(run):
    assert run("1", "--url", "http://127.0.0.1:1")[0] == Exit.UNREACHABLE


def test_a_folder_without_a_ledger_is_left_alone(run, tmp_path):
    code, _, err = run("1", "--data", tmp_path)
    assert code == Exit.NOT_FOUND
    assert "there is no ledger" in err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_an_operator_that_runs(run, tmp_path):
    with Running(trade, data=tmp_path) as running:
        code, _, err = run("4711", "--data", tmp_path)
        assert code == Exit.DATA_BUSY
        assert "--url" in err
        assert run("4711", "--url", running.url)[0] == Exit.OK


def test_a_ledger_that_is_damaged(run, tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"no ledger " * 1_000)
    assert run("1", "--data", tmp_path)[0] == Exit.DATA_CORRUPT


def test_settings_of_the_operator_stand_on_its_papers(kept, run, tmp_path):
    _, where = kept
    config = tmp_path / "operator.toml"
    config.write_text('operator_name = "АО «Наш оператор»"\nreceipt_url = "https://ofd.example/t"\n', "utf-8")
    _, out, _ = run("4711", "--format", "html", "--config", config, *where)
    assert "АО «Наш оператор»" in out.decode()
    assert "https://ofd.example/t?i=" in out.decode()
    config.write_text("operator = 1\n", "utf-8")
    assert run("4711", "--config", config, *where)[0] == Exit.USAGE


@pytest.mark.parametrize(("kind", "library"), [("png", "PIL"), ("pdf", "fpdf")])
def test_without_the_libraries_the_extra_is_named(source, run, monkeypatch, kind, library):
    site, where = source
    monkeypatch.delitem(sys.modules, f"fiscal.rendering.{kind}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    code, out, err = run(site.signs[0], "--format", kind, *where)
    assert (code, out) == (Exit.NOT_INSTALLED, b"")
    assert "pip install 'mock-ofd[files]'" in err


def test_the_kinds_are_those_of_the_product():
    from fiscal.rendering.files import FileKind  # noqa: PLC0415
    from fiscal.rendering.text import WIDTHS as PRINTED  # noqa: PLC0415

    assert tuple(each.value for each in FileKind) == KINDS
    assert PRINTED == WIDTHS
