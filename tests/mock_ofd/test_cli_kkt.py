"""``mock-ofd kkt`` in this process, with an operator that is never there: what it takes, refuses, keeps and says."""

import asyncio
import inspect
import io
import json
import shutil
import sqlite3
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from fiscal.errors import (
    ConfigurationError,
    DiskFull,
    InvalidValue,
    NotDelivered,
    StorageBusy,
    StorageCorrupt,
    StorageError,
)
from kkt_client import BlockingCashRegister, CashRegister, Line
from kkt_client.core import errors
from kkt_client.core.errors import RegisterClosed
from kkt_client.core.views import word_of
from kkt_client.storage.sqlite import FILE
from mock_ofd.__main__ import run as run_mock_ofd
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt import main
from mock_ofd.cli.kkt.call import NotFound
from mock_ofd.cli.kkt.command import CODES, COMMANDS, exit_of
from mock_ofd.cli.kkt.output import Unwritten

NOBODY = "native://127.0.0.1:1?id=till-1&token=s3cret"
"""Nothing listens there: the kernel refuses at once."""

PROFILE = """
retry_in_sale_s = 0
operator_name = "Транстелеком"

[cashier]
code = 7
name = "Айгуль"

[profile]
taxpayer = "ТОО «Береке»"
tax_id = "180340008219"
place = "г. Алматы"
rnm = "010620250300"
serial = "SWK1"
zone = "Asia/Almaty"
"""


class Shell:
    """Runs ``mock-ofd kkt`` and keeps what it said."""

    def __init__(self, capsys, folder: Path) -> None:
        self._capsys = capsys
        self.folder = folder
        self.err = ""

    def __call__(self, *arguments: str, code: Exit = Exit.OK) -> str:
        self._capsys.readouterr()
        got = main(["--data", str(self.folder), *arguments])
        out: str
        out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        assert got == code, self.err
        return out

    def json(self, *arguments: str) -> dict[str, Any]:
        (line,) = self("--json", *arguments).splitlines()
        found: dict[str, Any] = json.loads(line)
        return found

    def error(self, *arguments: str, code: Exit) -> dict[str, Any]:
        assert self("--json", *arguments, code=code) == ""
        found: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return found


@pytest.fixture
def shell(capsys, tmp_path):
    return Shell(capsys, tmp_path / "till")


def begin(folder: Path, *commands: list[str]) -> Path:
    """A register's folder in which these commands were given, once for all tests that copy it."""
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        for arguments in commands:
            assert main(["--data", str(folder), *arguments]) == Exit.OK
    return folder


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    file = tmp_path_factory.mktemp("shop") / "shop.toml"
    file.write_text(PROFILE, encoding="utf-8")
    return begin(tmp_path_factory.mktemp("founded"), ["--operator", NOBODY, "--profile", str(file), "setup"])


@pytest.fixture
def till(shell, founded):
    """A register that was founded and has sold nothing."""
    shutil.copytree(founded, shell.folder)
    return shell


def sell(till, *arguments: str) -> dict[str, Any]:
    receipt: dict[str, Any] = till.json("sell", "--item", "Хлеб;250.00;2", "--drain", "0", *arguments)
    return receipt


# ------------------------------------------------------------------------------------------------------------ wrong input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "COMMAND"),
        (["fly"], "invalid choice: 'fly'"),
        (["sell", "--colour", "red"], "unrecognized arguments: --colour"),
        (["sell", "--ite", "Хлеб;1"], "unrecognized arguments: --ite"),
        (["sell", "--columns", "40", "--item", "Хлеб;1"], "invalid choice: 40"),
        (["sell"], "items: say what is on the receipt"),
        (["sell", "--item", "Хлеб"], "items[0].price: is missing"),
        (["sell", "--item", "Хлеб;1.005"], "items[0].price: must be digits with at most two places"),
        (["sell", "--item", "Хлеб;1", "--item", "Соль;1;0"], "items[1].quantity: must be 0.001"),
        (["sell", "--item", "Хлеб;2", "--cash", "1"], "payments: the payments do not make the total: 1.00 given, 2.00"),
        (["sell", "--item", "Хлеб;2", "--card", "3"], "payments: the payments do not make the total: 3.00 given"),
        (["sell", "--item", "Хлеб;2", "--card", "x"], "payments.card: must be digits"),
        (["sell", "--item", "Хлеб;2", "--cash", "-1"], "payments.cash: must not be negative"),
        (["sell", "--item", "Хлеб;2", "--discount", "3"], "discount: larger than the goods by 1.00"),
        (["sell", "--item", "Хлеб;2;discount=3"], "items[0].discount: larger than the line"),
        (["sell", "--item", "Хлеб;2;discount=1;markup=1"], "items[0].markup: an item has a discount or a markup"),
        (["sell", "--item", "Хлеб;2", "--vat", "much"], "vat: must be standard, none or"),
        (["sell", "--item", "Хлеб;2;1;12", "--vat", "12"], "vat: taxes stand on the items or on the receipt"),
        (["sell", "--item", "Хлеб;90071992547409.91;2"], "items[0].sum: more than 90071992547409.91"),
        (["sell", "--item", "Хлеб;2", "--buyer-id", "180340008219"], "customer.tax_id: the buyer and the seller"),
        (["sell", "--item", "Хлеб;2", "--buyer-email", ""], "customer.email: must have at least 3"),
        (["sell", "--item", "Хлеб;2", "--cashier", "Айгуль"], "cashier: must be CODE:NAME"),
        (["sell", "--item", "Хлеб;2", "--key", ""], "key: must have 1 .. 128 characters"),
        (["sell", "--item", "Хлеб;2", "--drain", "-1"], "drain: must be 0 .. 86400 seconds"),
        (["sell", "--item", "Хлеб;2", "--drain", "nan"], "drain: must be 0 .. 86400 seconds"),
        (["sell", "--item", "Хлеб;2", "--html", "/no/such/folder/x.html"], "html: /no/such/folder: there is no such"),
        (["sell", "--item", "Хлеб;2", "--file", "/no/such/folder/x.pdf"], "file: /no/such/folder: there is no such"),
        (["sell", "--item", "Хлеб;2", "--file", "x.docx"], "file: must end in one of"),
        (["sell", "--basket", "/no/such/basket"], "basket: /no/such/basket: No such file"),
        (["sell", "--item", "Хлеб;2", "--profile", "/no/such/file"], "/no/such/file: No such file"),
        (["sell", "--item", "Хлеб;2", "--zone", "Asia/Nowhere"], "zone: "),
        (["sell", "--item", "Хлеб;2", "--place", ""], "place: must have at least 1"),
        (["sell", "--item", "Хлеб;2", "--operator", "ftp://x"], "operator: 'ftp://x' must begin with one of native://"),
        (["sell", "--item", "Хлеб;2", "--operator", "native://x?id=till-2"], "belongs to till-1, not to till-2"),
        (["deposit"], "SUM"),
        (["deposit", "x"], "sum: must be digits"),
        (["deposit", "0"], "sum: must be 1 .. "),
        (["withdraw", "-5"], "sum: must not be negative"),
        (["return"], "items: say what is on the receipt"),
        (["return", "x"], "invalid int value: 'x'"),
        (["return", "--line", "1"], "line: needs the NUMBER or --sign"),
        (["return", "1", "--line", "x"], "line: must be the number of a line"),
        (["return", "1", "--item", "Хлеб;1"], "item: does not go with an earlier receipt"),
        (["return", "1", "--discount", "1"], "discount: does not go with an earlier receipt"),
        (["list", "--limit", "-1"], "limit: must not be negative"),
        (["list", "--day", "yesterday"], "day: must be a day like 2026-03-14"),
        (["list", "--kind", "poem"], "invalid choice: 'poem'"),
        (["show"], "number: say the NUMBER"),
        (["sync", "--timeout", "inf"], "timeout: must be 0 .. 86400 seconds"),
        (["events", "--seconds", "x"], "invalid float value: 'x'"),
        (["resolve", "retry"], "the following arguments are required: --by, --why"),
        (["resolve", "forget", "--by", "я", "--why", "так"], "invalid choice: 'forget'"),
        (["resolve", "retry", "--by", " ", "--why", "так"], "by: must have 1 .. 256 characters"),
        (["resolve", "retry", "--by", "я", "--why", "x" * 257], "why: must have 1 .. 256 characters, has 257"),
        (["token"], "required: set"),
        (["token", "set", "s3cret"], "unrecognized arguments: s3cret"),
    ],
)
def test_wrong_input_is_one_line_and_exit_code_2(till, arguments, said):
    assert till(*arguments, code=Exit.USAGE) == ""
    assert said in till.err
    assert till.json("list")["documents"] == []


def test_no_data_folder(capsys, monkeypatch):
    monkeypatch.delenv("MOCK_KKT_DATA", raising=False)
    assert main(["status"]) == Exit.USAGE
    assert "data: say --data DIR" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["status", "list", "show", "verify", "x"])
def test_looking_at_a_folder_without_a_memory(shell, command):
    more = ["1"] if command == "show" else []
    shell(command, *more, code=Exit.NOT_FOUND)
    assert "there is no fiscal memory here" in shell.err
    assert not shell.folder.exists()


def test_the_first_call_needs_an_operator(shell, monkeypatch):
    monkeypatch.delenv("MOCK_KKT_OPERATOR", raising=False)
    shell("sell", "--item", "Хлеб;2", code=Exit.USAGE)
    assert "say --operator native://HOST:PORT" in shell.err
    assert not shell.folder.exists()


def test_a_wrong_basket_file_leaves_nothing_behind(shell, monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO(b'{"items": [{"name": "X", "price": 5}]}'))
    monkeypatch.setattr(sys, "stdin", stdin)
    shell("--operator", NOBODY, "sell", "--basket", "-", code=Exit.USAGE)
    assert "items[0].price: must be decimal text" in shell.err
    assert not shell.folder.exists()


def test_a_mistake_is_json_for_programs(till):
    assert till.error("sell", "--item", "Хлеб;1.005", code=Exit.USAGE) == {
        "code": "invalid_value",
        "field": "items[0].price",
        "text": "must be digits with at most two places after a point, like 1234.50, is text '1.005'",
    }
    assert till.error("withdraw", "5", code=Exit.NOT_ENOUGH_CASH) == {
        "code": "not_enough_cash",
        "field": "",
        "text": "5.00 are needed, 0.00 lie in the drawer",
        "needed": 500,
        "available": 0,
    }


def test_a_token_in_a_wrong_address_is_not_repeated(shell):
    shell("--operator", "native://127.0.0.1:1?token=s3cret&colour=red", "setup", code=Exit.USAGE)
    assert "colour" in shell.err, "what is wrong is named"
    assert "s3cret" not in shell.err


# ------------------------------------------------------------------------------------------------------ the first call


def test_what_the_first_call_says_is_known_to_the_next(till):
    receipt = sell(till)["paper"]
    assert receipt["register"] == "till-1"
    assert receipt["document"]["cashier"] == {"code": 7, "name": "Айгуль"}
    assert till.json("status")["operator"] == "native://127.0.0.1:1"
    text = till("show", "1")
    for said in ("ТОО «Береке»", "БИН 180340008219", "г. Алматы", "010620250300", "SWK1", "Айгуль", "Транстелеком"):
        assert said in text
    assert "s3cret" not in (till.folder / "kkt.toml").read_text(encoding="utf-8")


def test_a_register_that_nobody_described_is_an_invented_shop(shell):
    shell("--operator", "native://127.0.0.1:1", "setup")
    assert "founded register kkt-" in shell.err
    assert "invented particulars" in shell.err


def test_particulars_may_be_changed_later_one_by_one(till):
    till("setup", "--place", "г. Астана", "--bin", "180340008218", "--cashier", "8:Данияр")
    assert "warning: tax_id: " in till.err
    sell(till)
    text = till("show", "1")
    assert "г. Астана" in text
    assert "ТОО «Береке»" in text
    assert "Данияр" in text


def test_data_and_operator_may_be_variables(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("MOCK_KKT_DATA", str(tmp_path / "till"))
    monkeypatch.setenv("MOCK_KKT_OPERATOR", NOBODY)
    assert main(["setup", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["register"] == "till-1"


def test_an_option_may_stand_before_or_behind_the_command(capsys, till):
    before = main(["--data", str(till.folder), "--json", "status"]), capsys.readouterr().out
    behind = main(["status", "--json", "--data", str(till.folder)]), capsys.readouterr().out
    assert before == behind


def test_another_operator_is_not_called_by_the_telephone_of_the_first(till, tmp_path):
    file = tmp_path / "phone.toml"
    file.write_text('operator_phone = "1702"', encoding="utf-8")
    assert till.json("setup", "--profile", str(file))["operator_phone"] == "1702"
    told = till.json("setup", "--operator", "native://127.0.0.1:2")
    assert (told["operator_name"], told["operator_phone"]) == ("", None)


# -------------------------------------------------------------------------------------------------------- documents


@pytest.mark.requirement("S3-15")
def test_the_cashier_is_told_once_why_the_register_is_autonomous(till):
    text = till("sell", "--item", "Хлеб;250.00", "--columns", "32")
    alarm = "!!! Нет доступа к серверу ОФД (нет соединения). Касса перешла в автономный режим."
    assert till.err.splitlines() == [alarm, "Не передано документов: 1."]
    assert "*** АВТОНОМНЫЙ ***" in text
    assert text.endswith("✔☁̸ оформлен автономно, ещё не передан оператору\n")

    till("sell", "--item", "Хлеб;250.00")
    assert "!!!" not in till.err
    assert "нет соединения" in till.err
    assert "Не передано документов: 2." in till.err


@pytest.mark.requirement("S3-15")
def test_a_program_is_told_once_too(till):
    first, second = sell(till), sell(till)
    (event,) = first["events"]
    assert (event["event"], event["reason"]) == ("went_autonomous", "no_connection")
    assert second["events"] == []
    assert [told["mode"] for told in (first, second)] == ["autonomous", "autonomous"]
    assert [told["unsent"] for told in (first, second)] == [1, 2]


@pytest.mark.requirement("S3-14")
def test_no_power_is_an_option(till):
    (event,) = sell(till, "--low-power")["events"]
    assert event["reason"] == "low_power"


def test_the_same_key_gives_the_same_receipt(till):
    first = sell(till, "--key", "order-17")["paper"]
    assert sell(till, "--key", "order-17")["paper"] == first
    other = till.error("sell", "--item", "Соль;1", "--key", "order-17", code=Exit.KEY_REUSED)
    assert (other["code"], other["number"]) == ("key_reused", 1)


def test_a_basket_file_and_options_over_it(till, tmp_path):
    file = tmp_path / "basket.json"
    file.write_text('{"items": [{"name": "Хлеб", "price": "250.00"}], "payments": {"cash": "250"}}', encoding="utf-8")
    receipt = till.json("sell", "--basket", str(file), "--card", "250", "--buyer-phone", "+7700")["paper"]
    assert receipt["document"]["payments"] == [{"kind": "card", "sum": 25_000}]
    assert receipt["document"]["customer"] == {"phone": "+7700"}


def test_a_day_at_the_till(till):
    numbers = [till.json("deposit", "10000")["paper"]["number"]]
    numbers.append(sell(till, "--cash", "1000")["paper"]["number"])
    numbers.append(till.json("buy", "--item", "Бутылка;8.00;3;none")["paper"]["number"])
    numbers.append(till.json("return", "2")["paper"]["number"])
    numbers.append(till.json("withdraw", "1500.50")["paper"]["number"])
    x = till.json("x")["paper"]
    assert x["counters"]["cash_sum"] == 1_000_000 - 2_400 - 150_050
    z = till.json("z", "--withdraw-cash")["paper"]
    assert (z["kind"], z["number"]) == ("close_shift", 6)
    assert "cash_sum" not in z["counters"]  # a figure that is zero is left out
    assert numbers == [1, 2, 3, 4, 5]
    assert till.error("z", code=Exit.SHIFT_NOT_OPEN)["code"] == "shift_not_open"


def test_a_return_names_its_receipt_and_may_be_a_part_of_it(till):
    sign = sell(till)["paper"]["autonomous_sign"]
    back = till.json("return", "--sign", str(sign), "--line", "1:0.5", "--key", "back")["paper"]
    assert back["document"]["operation"] == "sell_return"
    assert back["document"]["parent"]["sign"] == str(sign)
    assert back["total"] == 12_500
    assert till.json("return", "1", "--line", "1:0.5", "--key", "back")["paper"]["number"] == back["number"]


def test_goods_without_an_earlier_receipt_go_back_too(till):
    till("deposit", "100")
    assert till.json("return", "--item", "Хлеб;50")["paper"]["document"]["operation"] == "sell_return"
    bought = till.json("return", "--purchase", "--item", "Хлеб;50")["paper"]
    assert bought["document"]["operation"] == "buy_return"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["return", "9"], Exit.NOT_FOUND),
        (["return", "0"], Exit.NOT_FOUND),
        (["return", "--sign", "5"], Exit.NOT_FOUND),
        (["return", "2", "--sign", "5"], Exit.NOT_FOUND),
        (["return", "1"], Exit.USAGE),
        (["return", "3"], Exit.USAGE),
        (["show", "9"], Exit.NOT_FOUND),
        (["show", "--sign", "5"], Exit.NOT_FOUND),
        (["show", "2", "--sign", "5"], Exit.NOT_FOUND),
    ],
)
def test_a_document_that_is_not_there_or_cannot_be_returned(busy, arguments, code):
    busy(*arguments, code=code)


# ---------------------------------------------------------------------------------------------------------- looking


@pytest.fixture(scope="module")
def worked(founded, tmp_path_factory):
    folder = shutil.copytree(founded, tmp_path_factory.mktemp("worked") / "till")
    receipt = ["sell", "--item", "Хлеб;250.00;2", "--drain", "0"]
    return begin(folder, ["deposit", "1000"], receipt, ["z"], receipt)


@pytest.fixture
def busy(shell, worked):
    """Two shifts: deposit, receipt, Z-report; receipt."""
    shutil.copytree(worked, shell.folder)
    return shell


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ([], [4, 3, 2, 1]),
        (["--oldest-first"], [1, 2, 3, 4]),
        (["--limit", "3"], [4, 3, 2]),
        (["--limit", "0"], [4, 3, 2, 1]),
        (["--shift", "1"], [3, 2, 1]),
        (["--kind", "receipt"], [4, 2]),
        (["--kind", "close_shift"], [3]),
        (["--unsent"], [4, 3, 2, 1]),
        (["--autonomous", "--shift", "2"], [4]),
        (["--refused"], []),
        (["--day", "2020-01-01"], []),
    ],
)
def test_the_list_and_its_filters(busy, arguments, numbers):
    listed = busy.json("list", *arguments)
    assert [document["number"] for document in listed["documents"]] == numbers
    assert listed["more"] == ("3" in arguments)


@pytest.mark.requirement("S3-29", "S3-30")
def test_the_list_shows_the_marks(busy):
    head, *rows = busy("list", "--limit", "3").splitlines()
    assert head.endswith("Отметки")
    assert rows.pop() == "…"
    assert all(row.endswith("✔☁̸") for row in rows)
    assert busy("list", "--refused") == "документов нет\n"


@pytest.mark.parametrize(("ending", "magic"), [("txt", b" "), ("html", b"<!D"), ("png", b"\x89PNG"), ("pdf", b"%PDF-")])
def test_a_paper_as_a_file(busy, tmp_path, ending, magic):
    for place, command in enumerate((["show", "2"], ["show", "3"], ["x"])):
        file = tmp_path / f"{place}.{ending}"
        busy(*command, "--columns", "32", "--file", str(file))
        assert file.read_bytes().startswith(magic)


@pytest.mark.parametrize("ending", ["png", "pdf"])
def test_nothing_is_sold_for_a_file_that_cannot_be_made(busy, tmp_path, monkeypatch, ending):
    monkeypatch.setattr("fiscal.rendering.files.find_spec", lambda _name: None)
    file = tmp_path / f"receipt.{ending}"
    arguments = ["sell", "--item", "Хлеб;250.00", "--drain", "0", "--file", str(file)]
    assert "mock-ofd[files]" in busy.error(*arguments, code=Exit.NOT_INSTALLED)["text"]
    assert busy.json("status")["last_number"] == 4
    assert not file.exists()


def test_a_document_is_shown_again(busy, tmp_path):
    page = tmp_path / "чек.html"
    text = busy("show", "2", "--copy", "--columns", "32", "--html", str(page))
    assert "*** ДУБЛИКАТ ***" in text
    assert max(map(len, text.splitlines()[:-1])) <= 32
    html = page.read_text(encoding="utf-8")
    assert "ДУБЛИКАТ" in html
    assert "<svg" in html
    assert "ДУБЛИКАТ" not in busy("show", "2")
    assert "█" in busy("show", "2", "--qr")
    assert "Z-ОТЧЁТ" in busy("show", "3")
    sign = busy.json("show", "4")["paper"]["autonomous_sign"]
    assert busy.json("show", "--sign", str(sign))["paper"]["number"] == 4


def test_an_x_report_takes_no_number(busy):
    assert "X-ОТЧЁТ" in busy("x")
    assert busy.json("x")["paper"]["number"] is None
    assert busy.json("status")["last_number"] == 4


def test_the_status_says_what_a_person_needs(busy):
    told = busy.json("status")
    assert (told["mode"], told["unsent"], told["head"], told["last_number"]) == ("autonomous", 4, 1, 4)
    assert told["period"]["reason"] == "no_connection"
    assert (told["shift"], told["cash"], told["blocks"]) == (2, 200_000, [])
    assert told["operator_name"] == "Транстелеком"
    text = busy("status")
    assert "нет соединения" in text
    assert "Не передано" in text


@pytest.mark.parametrize("command", [["status"], ["list"], ["show", "1"], ["verify"], ["x"]])
def test_looking_needs_no_lock(busy, command):
    with BlockingCashRegister(busy.folder, NOBODY):
        busy(*command)


# ------------------------------------------------------------------------------------------------------- the memory


def test_a_memory_that_another_process_holds(busy):
    with BlockingCashRegister(busy.folder, NOBODY):
        assert busy.error("sell", "--item", "Хлеб;1", code=Exit.DATA_BUSY)["code"] == "storage_busy"
    sell(busy)


def test_a_damaged_record_is_named(busy):
    assert busy.json("verify")["whole"]
    with closing(sqlite3.connect(busy.folder / FILE, isolation_level=None)) as connection:
        for (guard,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {guard}")
        connection.execute("UPDATE record SET body = zeroblob(9) WHERE seq = 4")

    verdict = json.loads(busy("--json", "verify", code=Exit.DATA_CORRUPT))
    assert not verdict["whole"]
    assert verdict["damage"]["record"] == 4
    assert "запись 4" in busy("verify", code=Exit.DATA_CORRUPT)
    busy("sell", "--item", "Хлеб;1", code=Exit.DATA_CORRUPT)
    busy("list", code=Exit.DATA_CORRUPT)


def test_a_file_that_is_no_memory(till):
    (till.folder / FILE).write_bytes(b"not a database, but long enough to look at" * 100)
    for command in (["verify"], ["list"], ["sell", "--item", "Хлеб;1"]):
        till(*command, code=Exit.DATA_CORRUPT)
        assert "is damaged" in till.err


def test_a_full_disk_sells_nothing(till, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(1, 1, 0))
    assert till.error("sell", "--item", "Хлеб;1", code=Exit.DATA_UNUSABLE)["code"] == "disk_full"
    assert till.json("list")["documents"] == []


def test_a_folder_that_cannot_be_made(capsys, tmp_path):
    (tmp_path / "file").touch()
    assert main(["--data", str(tmp_path / "file" / "till"), "--operator", NOBODY, "setup"]) == Exit.DATA_UNUSABLE
    assert "Not a directory" in capsys.readouterr().err


def test_settings_that_cannot_be_read(till):
    (till.folder / "kkt.toml").write_text("operator = 5", encoding="utf-8")
    till("status", code=Exit.USAGE)
    assert "kkt.toml: operator: must be text" in till.err


def test_settings_that_cannot_be_kept_do_not_undo_a_sale(till, monkeypatch):
    def full(folder, setup):
        raise StorageError("kkt.toml: No space left on device")

    file = till.folder.parent / "phone.toml"
    file.write_text('operator_phone = "1702"', encoding="utf-8")
    monkeypatch.setattr("mock_ofd.cli.kkt.call.keep", full)
    till("setup", "--profile", str(file), code=Exit.DATA_UNUSABLE)  # before anything is issued it is an error

    monkeypatch.setattr("mock_ofd.cli.kkt.call.Call._keep", _first_only(full))
    till("sell", "--item", "Хлеб;250.00", "--drain", "0")
    assert "warning: not kept for later calls" in till.err


def _first_only(full):
    """Keeping works before the sale and fails behind it."""
    calls = []

    def keep(call, setup):
        calls.append(setup)
        if len(calls) > 1:
            full(None, setup)

    return keep


# -------------------------------------------------------------------------------------------------------- operating


def test_what_was_issued_and_never_handed_out_is_listed(busy):
    async def leave_before_the_receipt_is_there():
        async with CashRegister.open(busy.folder, NOBODY) as register:
            call = asyncio.create_task(register.sell([Line(name="Соль", price=100)]))
            await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([call])

    asyncio.run(leave_before_the_receipt_is_there())

    assert busy.json("status")["unfinished"] == [5]
    sell(busy)
    busy("sell", "--item", "Хлеб;1", "--drain", "0")
    assert "Оформлены, но не выданы документы: 5" in busy.err
    listed = busy.json("unfinished")
    assert [document["number"] for document in listed["documents"]] == [5]
    assert busy.json("unfinished", "--acknowledge")["acknowledged"] == [5]
    assert busy("unfinished") == "таких документов нет\n"


def test_what_could_not_be_sent_is_an_exit_code(busy):
    out = busy("--json", "sync", "--timeout", "0.1", code=Exit.UNREACHABLE)
    assert json.loads(out) == {"sent": 0, "unsent": 4, "mode": "autonomous", "events": []}
    assert "4 documents wait" in busy.err
    assert busy("sync", "--timeout", "0.1", code=Exit.UNREACHABLE) == "передано: 0, осталось: 4\n"


def test_there_is_nothing_to_send(till):
    assert till("sync") == "передано: 0, осталось: 0\n"


def test_nothing_stands_still(till):
    told = till.error("resolve", "void", "--by", "Данияр", "--why", "отказ", code=Exit.NOTHING_TO_RESOLVE)
    assert told["code"] == "nothing_to_resolve"


def test_an_operator_that_has_to_be_asked_is_not_there(till):
    till("resolve", "adopt", "--by", "Данияр", "--why", "память из копии", code=Exit.UNREACHABLE)


@pytest.mark.parametrize("line", ["n3w-s3cret\n", "n3w-s3cret\r\n", "n3w-s3cret"])
def test_a_token_is_read_from_standard_input(till, monkeypatch, line):
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))
    out = till("token", "set")
    assert "n3w-s3cret" not in out + till.err
    with BlockingCashRegister(till.folder, NOBODY) as register:
        assert register._register.registration.token == "n3w-s3cret"


def test_a_token_is_typed_unseen(till, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    asked = []

    def ask(prompt):
        asked.append(prompt)
        return "n3w-s3cret"

    monkeypatch.setattr(sys, "stdin", Terminal("never read"))
    monkeypatch.setattr("getpass.getpass", ask)
    till("token", "set")
    assert asked == ["token: "]


@pytest.mark.parametrize("line", ["", "\n", "x" * 257])
def test_a_wrong_token(till, monkeypatch, line):
    monkeypatch.setattr(sys, "stdin", io.StringIO(line))
    till("token", "set", code=Exit.USAGE)
    assert "token: must have 1 .. 256 characters" in till.err


def test_events_end_with_their_time(till):
    assert till("events", "--seconds", "0.05") == ""


# ------------------------------------------------------------------------------------------------------- exit codes


def own_errors():
    found = [value for _, value in inspect.getmembers(errors, inspect.isclass) if value.__module__ == errors.__name__]
    return [class_ for class_ in found if class_ is not RegisterClosed]


def test_every_error_of_a_register_has_its_exit_code():
    # A register that is closed while a call uses it would be a defect of the command line.
    assert {class_ for class_ in own_errors() if not any(issubclass(class_, row) for row, _ in CODES)} == set()


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (InvalidValue("total", "is wrong", "bad_totals"), Exit.USAGE, "bad_totals"),
        (ConfigurationError("x"), Exit.USAGE, "configuration_error"),
        (StorageBusy("x"), Exit.DATA_BUSY, "storage_busy"),
        (StorageCorrupt("x"), Exit.DATA_CORRUPT, "storage_corrupt"),
        (DiskFull("x"), Exit.DATA_UNUSABLE, "disk_full"),
        (StorageError("x"), Exit.DATA_UNUSABLE, "storage_error"),
        (NotDelivered("x"), Exit.UNREACHABLE, "not_delivered"),
        (errors.DocumentRefused(1, "bad_totals", "total", "x"), Exit.REFUSED, "bad_totals"),
        (NotFound("x"), Exit.NOT_FOUND, "not_found"),
        (Unwritten("x", OSError(28, "No space")), Exit.UNWRITTEN, "unwritten"),
        (errors.ShiftExpired(1, 2), Exit.SHIFT_EXPIRED, "shift_expired"),
        (RegisterClosed("x"), Exit.FAILED, "register_closed"),
    ],
)
def test_an_error_has_an_exit_code_and_a_word(error, code, word):
    assert exit_of(error) is code
    assert word_of(error) == word


def test_an_interrupt_says_where_a_document_may_be_found(till, monkeypatch):
    async def interrupted(call):
        raise KeyboardInterrupt

    async def terminated(call):
        raise asyncio.CancelledError

    monkeypatch.setitem(COMMANDS, "sync", interrupted)
    till("sync", code=Exit.INTERRUPTED)
    assert "mock-ofd kkt unfinished" in till.err
    monkeypatch.setitem(COMMANDS, "sync", terminated)
    till("sync", code=Exit.TERMINATED)


def test_the_command_is_found_by_its_name(capsys):
    assert run_mock_ofd(["kkt", "--help"]) == Exit.OK
    text = capsys.readouterr().out
    for name in COMMANDS:
        assert name in text


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(capsys, command):
    assert main([command, "--help"]) == Exit.OK
    assert f"mock-ofd kkt {command}" in capsys.readouterr().out
