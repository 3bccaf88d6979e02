"""Frames that our code did not make: read, understood, and written again to the same bytes."""

from pathlib import Path
from typing import Any

import pytest

from fiscal.protocols.kz.checksum import has_right_checksum
from fiscal.protocols.kz.codes import (
    AdType,
    Command,
    ItemType,
    OperationType,
    PaymentType,
    ReportType,
    ResultCode,
    TaxType,
)
from fiscal.protocols.kz.frames import frame_reader, serialize_answer, serialize_frame
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.messages import parse_request, parse_response, serialize
from fiscal.protocols.kz.reading import instant_of, money_of
from fiscal.time import iso

FILES = sorted(Path(__file__).parent.glob("*.hex"))
ZONE = "Asia/Almaty"


def frame_in(name: str, size: int | None = None) -> tuple[Header, bytes]:
    """The one frame of a file, read in pieces of a size."""
    data = bytes.fromhex((Path(__file__).parent / f"{name}.hex").read_text())
    reader = frame_reader()
    found: list[tuple[Header, bytes]] = []
    for place in range(0, len(data), size or len(data)):
        assert found == []
        reader.feed(data[place : place + (size or len(data))])
        while (frame := reader.next_frame()) is not None:
            found.append(frame)
    (frame,) = found
    assert not reader.is_amid_frame
    return frame


def request_in(name: str) -> tuple[Header, Any]:
    header, body = frame_in(name)
    return header, parse_request(header.version, body)


def answer_in(name: str) -> tuple[Header, Any]:
    header, body = frame_in(name)
    return header, parse_response(header.version, body)


def test_all_files_are_here():
    assert len(FILES) == 6


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_same_bytes_again(file):
    data = bytes.fromhex(file.read_text())
    header, body = frame_in(file.stem)
    assert frame_in(file.stem, 1) == (header, body)
    parse: Any = parse_response if "reply" in file.stem else parse_request
    written = serialize(parse(header.version, body))
    assert serialize_frame(header.version, header.device_id, header.token, header.number, written) == data
    assert serialize_answer(header, header.token, written) == data


def test_the_real_answer():
    header, answer = answer_in("real-info-reply-202")
    assert header == Header(version=202, device_id=200773, token=26264070, number=1, body_size=550)
    assert (answer.command, answer.result.result_code) == (Command.INFO, ResultCode.OK)
    assert not answer.result.HasField("result_text")

    assert answer.report.report == ReportType.Z
    report = answer.report.zx_report
    assert report.shift_number == 1
    assert iso(instant_of(report.date_time, ZONE, "date_time")) == "2023-11-20T08:07:08.000Z"
    assert money_of(report.cash_sum, "cash_sum") == 0
    assert (money_of(report.revenue.sum, "sum"), report.revenue.is_negative) == (0, False)
    assert {field.name for field, _ in report.ListFields()} == {"date_time", "shift_number", "cash_sum", "revenue"}
    assert not has_right_checksum(report)

    (ad,) = answer.service.ticket_ads
    assert (ad.info.type, ad.info.version) == (AdType.OFD, 588)
    assert ad.text.startswith("Фиск. чек № NULL Код ККМ: NULL Необходимо перейти на протокол 2.0.2")
    info = answer.service.reg_info
    assert info.kkm.kkm_id == "200773"
    assert info.kkm.fns_kkm_id == "281948271821"
    assert info.pos.title == "TT serial"
    assert (info.org.inn, info.org.tenantId) == ("960624350642", 1)
    assert [(pair.key, pair.value) for pair in answer.service.auxiliary] == [("validation_policy", "65535")]


def test_the_real_answer_under_the_other_version():
    """Only a header that lies brings it there: its tenant is then no address, but a field that nobody knows."""
    _, body = frame_in("real-info-reply-202")
    answer: Any = parse_response(203, body)
    assert not answer.service.reg_info.org.HasField("address_kz")
    assert not answer.service.reg_info.org.HasField("tenantId")


def test_the_system_request():
    header, request = request_in("system-request-203")
    assert header == Header(version=203, device_id=100500, token=123456789, number=1, body_size=2)
    assert request.command == Command.SYSTEM
    assert not request.HasField("service")


def test_the_info_request():
    header, request = request_in("info-request-203")
    assert (header.number, request.command) == (2, Command.INFO)
    position = request.service.security_stats.geo_position
    assert (position.latitude, position.longitude, position.source) == (43238949, 76889709, "GPS")
    period = request.service.offline_period
    assert period.begin_time == period.end_time
    assert iso(instant_of(period.begin_time, ZONE, "begin_time")) == "2025-11-20T05:00:00.000Z"
    assert request.service.get_reg_info is True
    info = request.service.reg_info
    assert (info.kkm.fns_kkm_id, info.kkm.serial_number, info.kkm.kkm_id) == ("010100000001", "SN0001", "100500")
    assert (info.org.title, info.org.address, info.org.inn) == ("TOO TEST", "Almaty", "123456789012")
    assert (info.org.okved, info.org.address_kz) == ("47111", "Almaty")


def test_the_ticket():
    header, request = request_in("ticket-request-203")
    assert (header.token, header.number, request.command) == (123456789, 3, Command.TICKET)
    ticket = request.ticket
    assert ticket.operation == OperationType.SELL
    assert iso(instant_of(ticket.date_time, ZONE, "date_time")) == "2025-11-20T05:05:07.000Z"
    assert (ticket.operator.code, ticket.operator.name) == (1, "Kassir")
    (item,) = ticket.items
    assert item.type == ItemType.COMMODITY
    goods = item.commodity
    assert (goods.name, goods.section_code, goods.measure_unit_code) == ("Bread", "1", "796")
    assert goods.quantity == 2_500
    assert (money_of(goods.price, "price"), money_of(goods.sum, "sum")) == (20_000, 50_000)
    (tax,) = goods.taxes
    assert (tax.tax_type, tax.percent, tax.is_in_total_sum) == (TaxType.VAT, 12_000, True)
    assert not tax.HasField("taxation_type")
    assert money_of(tax.sum, "sum") == 5_357
    (payment,) = ticket.payments
    assert (payment.type, money_of(payment.sum, "sum")) == (PaymentType.CASH, 50_000)
    amounts = ticket.amounts
    assert [money_of(one, "amounts") for one in (amounts.total, amounts.taken, amounts.change)] == [
        50_000,
        100_000,
        50_000,
    ]
    assert not ticket.HasField("offline_ticket_number")


def test_its_answer():
    header, answer = answer_in("ticket-reply-203")
    assert header == Header(version=203, device_id=100500, token=4_000_000_001, number=3, body_size=93)
    assert (answer.command, answer.result.result_code) == (Command.TICKET, ResultCode.OK)
    assert answer.ticket.ticket_number == "9001"
    qr = "http://consumer.test-oofd.kz?i=9001&f=010100000001&s=500.00&t=20251120T100507"
    assert answer.ticket.qr_code == qr.encode()


def test_the_refusal():
    header, answer = answer_in("invalid-token-reply-203")
    assert (header.token, header.number) == (123456789, 4)
    assert (answer.command, answer.result.result_code) == (Command.TICKET, ResultCode.INVALID_TOKEN)
    assert answer.result.result_text == "invalid token"
