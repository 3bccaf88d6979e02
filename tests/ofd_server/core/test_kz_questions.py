"""Questions over the Kazakhstan protocol: what the operator tells of the ledger, and what it learns in passing."""

from typing import Any

import pytest

from fiscal.protocols.kz.codes import AuthResult, Command, NomenclatureResult, ReportType, ResultCode, UserRole
from fiscal.protocols.kz.nomenclature import SMALL
from fiscal.protocols.kz.writing import Fields, date_time_fields
from fiscal.time import HOUR
from ofd_server.core.entries import ProfileChanged
from ofd_server.core.kz_desk import Login
from tests.documents import T0, close_shift, receipt, withdrawal
from tests.ofd_server.kz_device import DEVICE, ZONE, Counter, at_counter

V = pytest.mark.parametrize("version", [202, 203])


def report_request(kind: ReportType) -> Fields:
    return {"report": int(kind), "date_time": date_time_fields(T0 + HOUR, ZONE)}


def ask_report(at: Counter, kind: ReportType) -> Any:
    return at.good(at.device.body(Command.REPORT, report=report_request(kind))).message.report


def ask_information(at: Counter) -> Any:
    return at.good(at.device.body(Command.INFO)).message


def sell(at: Counter, number: int, shift: int = 1, issued_at: int = T0) -> None:
    at.good(at.device.document(receipt(number, shift, issued_at)))


def close(at: Counter, number: int, shift: int = 1, issued_at: int = T0, **told: int) -> None:
    figures = {**at.state.tape.shift.counters, **told}
    at.good(at.device.document(close_shift(number, shift, issued_at, counters=figures)))


# ------------------------------------------------------------------------------------------------------------- system


@V
def test_a_probe_is_answered_with_nothing_but_its_result(version):
    at = at_counter(version)
    answer = at.good(at.device.body(Command.SYSTEM))
    assert [field.name for field, _ in answer.message.ListFields()] == ["command", "result"]
    assert answer.outcome == "noted"


def test_what_a_device_says_of_itself_is_learnt_while_nothing_is_known():
    at = at_counter()
    at.good(at.device.body(Command.SYSTEM, service=None))
    service = at.device.service()
    service["reg_info"]["org"] |= {"title": "ИП Ахметов", "inn": "851003300015"}
    at.good(at.device.body(Command.SYSTEM, service=service))
    assert isinstance(at.entries[-1], ProfileChanged)
    assert (at.state.profile.taxpayer.name, at.state.profile.taxpayer.tax_id) == ("ИП Ахметов", "851003300015")
    # From here on the operator's own particulars count.
    service["reg_info"]["org"]["title"] = "Другой"
    before = len(at.entries)
    at.good(at.device.body(Command.SYSTEM, service=service))
    assert at.state.profile.taxpayer.name == "ИП Ахметов"
    assert len(at.entries) == before


# ---------------------------------------------------------------------------------------------------------- information


@V
def test_a_new_register_is_told_of_an_empty_shift(version):
    at = at_counter(version)
    message = ask_information(at)
    assert (message.report.report, message.report.zx_report.shift_number) == (ReportType.Z, 1)
    assert not message.report.zx_report.ticket_operations
    assert not message.report.zx_report.checksum
    assert message.service.reg_info.kkm.kkm_id == str(DEVICE)
    assert not message.service.HasField("last_document_info")


@V
def test_an_open_shift_is_told_as_x_and_a_closed_one_as_its_z(version):
    at = at_counter(version)
    sell(at, 1)
    at.now = T0 + HOUR
    message = ask_information(at)
    x = message.report.zx_report
    assert (message.report.report, x.shift_number, x.cash_sum.bills) == (ReportType.X, 1, 100)
    assert (x.date_time.time.hour, x.open_shift_time.time.hour, x.HasField("close_shift_time")) == (13, 12, False)
    assert message.service.last_document_info.printed_document_number == 1
    close(at, 2, issued_at=T0 + HOUR)
    at.now = T0 + 9 * HOUR
    message = ask_information(at)
    z = message.report.zx_report
    assert (message.report.report, z.shift_number) == (ReportType.Z, 1)
    assert (z.date_time.time.hour, z.open_shift_time.time.hour, z.close_shift_time.time.hour) == (13, 12, 13)
    assert message.service.last_document_info.fr_shift_number == 1


def test_of_a_register_with_a_history_elsewhere_its_shift_is_told():
    at = at_counter()
    sell(at, 1, 40)
    close(at, 2, 40, cash_sum=123_00)
    assert ask_information(at).report.zx_report.cash_sum.bills == 123


def test_a_report_has_a_row_for_each_operation():
    at = at_counter()
    sell(at, 1)
    report = ask_information(at).report.zx_report
    assert [row.operation for row in report.ticket_operations] == [0, 1, 2, 3]


# ------------------------------------------------------------------------------------------------------------- reports


@V
def test_x_before_anything_has_zeros_and_the_number_of_the_shift_that_comes(version):
    at = at_counter(version)
    report = ask_report(at, ReportType.X)
    assert (report.report, report.zx_report.shift_number, report.zx_report.cash_sum.bills) == (ReportType.X, 1, 0)


@V
def test_z_before_any_is_empty_and_has_the_date_that_was_asked_with(version):
    at = at_counter(version)
    sell(at, 1)
    report = ask_report(at, ReportType.Z).zx_report
    assert (report.shift_number, report.date_time.time.hour, report.cash_sum.bills) == (0, 13, 0)


@V
def test_x_after_a_z_begins_with_what_is_carried_over(version):
    at = at_counter(version)
    sell(at, 1)
    close(at, 2)
    report = ask_report(at, ReportType.X).zx_report
    assert (report.shift_number, report.cash_sum.bills) == (2, 100)
    assert [row.tickets_total_count for row in report.ticket_operations] == [0, 0, 1, 0]
    assert [row.tickets_count for row in report.ticket_operations] == [0, 0, 0, 0]


@V
@pytest.mark.parametrize("open_again", [False, True])
def test_z_is_the_last_one_also_while_the_next_shift_is_open(version, open_again):
    at = at_counter(version)
    sell(at, 1)
    close(at, 2)
    if open_again:
        at.good(at.device.document(withdrawal(3, 2, sum=10_000)))
    report = ask_report(at, ReportType.Z).zx_report
    assert (report.shift_number, report.cash_sum.bills) == (1, 100)
    assert [row.tickets_count for row in report.ticket_operations] == [0, 0, 1, 0]


def test_a_report_is_answered_without_the_registers_own_figures():
    at = at_counter()
    answer = at.good(at.device.body(Command.REPORT, report=report_request(ReportType.X)))
    assert answer.outcome == "information"
    assert at.state.tape.warned == ("report_missing",)


# ----------------------------------------------------------------------------------------------------------- cashiers


OLGA = Login("пароль", 7, "Ольга", (UserRole.PAYMASTER, UserRole.ADMINISTRATOR))


@V
@pytest.mark.parametrize(
    ("login", "password", "result"),
    [
        ("olga", "пароль", AuthResult.OK),
        ("olga", "парол", AuthResult.INVALID_LOGIN_PASSWORD),
        ("olga", "", AuthResult.INVALID_LOGIN_PASSWORD),
        ("igor", "пароль", AuthResult.INVALID_LOGIN_PASSWORD),
        ("igor", "", AuthResult.INVALID_LOGIN_PASSWORD),
    ],
)
def test_who_may_sit_down(version, login, password, result):
    at = at_counter(version, cashiers={"olga": OLGA})
    answer = at.good(at.device.body(Command.AUTH, auth={"login": login, "password": password}))
    auth = answer.message.auth
    assert auth.result == result
    known = (auth.operator_code, auth.operator_name, list(auth.roles))
    assert known == ((7, "Ольга", [1, 3]) if result == AuthResult.OK else (0, "", []))


# ------------------------------------------------------------------------------------------------------- nomenclature


@V
@pytest.mark.parametrize(
    ("version_held", "result", "elements"),
    [
        (0, NomenclatureResult.OK, len(SMALL.groups) + len(SMALL.items)),
        (SMALL.version, NomenclatureResult.VERSION_IS_ACTUAL, 0),
        (SMALL.version + 1, NomenclatureResult.NO_VERSION, 0),
    ],
)
def test_the_goods_by_version(version, version_held, result, elements):
    at = at_counter(version)
    body = at.device.body(Command.NOMENCLATURE, nomenclature={"current_version": version_held})
    answer = at.good(body).message.nomenclature
    assert (answer.result, answer.version, len(answer.elements)) == (result, SMALL.version, elements)


def test_the_goods_by_barcode():
    at = at_counter()
    barcode = SMALL.items[0].barcode
    answer = at.good(at.device.body(Command.NOMENCLATURE, nomenclature={"barcode": barcode})).message.nomenclature
    assert [element.title for element in answer.elements] == [SMALL.items[0].title]
    missing = at.device.body(Command.NOMENCLATURE, nomenclature={"barcode": "0"})
    token = at.device.token
    refused = at.ask(missing)
    assert (refused.code, refused.token) == (ResultCode.ELEMENT_NOT_FOUND_BY_BARCODE, token)
    assert refused.message.nomenclature.result == NomenclatureResult.ELEMENT_NOT_FOUND_BY_BARCODE
