"""What is read at a glance is what parsing, mapping and checking give; what is faulty or rare is left to them."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.receipt import Operation, PaymentKind, Receipt
from fiscal.protocols.content import encode_content
from fiscal.protocols.kz.checks import sums_finding, warnings_of
from fiscal.protocols.kz.given import delivery_of
from fiscal.protocols.kz.glance import LINES_MAX, PART_SIZE_MAX, Glanced, glance, moment
from fiscal.protocols.kz.messages import parse_request, request_type
from fiscal.protocols.kz.service_block import generated_profile, offline_period_of, service_request_fields
from fiscal.protocols.kz.tickets import receipt_of, ticket_fields
from fiscal.protocols.kz.writing import Fields
from fiscal.time import MINUTE
from tests.documents import T0, item, receipt, receipts
from tests.fiscal.protocols.kz.mapped import MORNING, VERSIONS, ZONE, changed, given_of, loaf, storno, tenge, vat

SERVICE: Final = "service"
ALONE: Final = (T0, T0 + MINUTE)


def service(version: int = 203, period: tuple[int, int] | None = None, **more: Any) -> Fields:
    return {**service_request_fields(generated_profile(7, ZONE), 7, version, T0, period), **more}


def body(version: int = 203, *, service: Fields | None = None, command: int = 1, **fields: Any) -> bytes:
    """A request of one loaf for 200.00 in cash, and what the fields say otherwise; ``None`` for one that is left out."""
    made = {
        "operation": 2,
        "date_time": MORNING,
        "operator": {"code": 1, "name": "Айгуль"},
        "domain": {"type": 0},
        "items": [loaf(taxes=[vat(2_759, 16_000)])],
        "payments": [{"type": 0, "sum": tenge(200)}],
        "amounts": {"total": tenge(200), "taken": tenge(500), "change": tenge(300)},
        **fields,
    }
    ticket = {name: value for name, value in made.items() if value is not None}
    request = request_type(version)(command=command, ticket=ticket, **({} if service is None else {SERVICE: service}))
    return request.SerializePartialToString()


def agree(version: int, data: bytes) -> Glanced | None:
    """Look at it both ways; what was seen at a glance, if anything was."""
    seen = glance(version, data)
    if seen is None:
        return None
    request: Any = parse_request(version, data)  # whose command is known, and nothing is wrong with
    assert request.command == 1
    ticket, told = request.ticket, request.service
    assert not told.get_reg_info
    assert not told.get_binded_taxation
    assert seen.shift == ticket.fr_shift_number
    alone = ONLINE if seen.sign is None else Delivery(autonomous=True, autonomous_sign=seen.sign, period=3)
    assert delivery_of(ticket, 3) == alone
    period = offline_period_of(told, ZONE) if request.HasField(SERVICE) else None
    if seen.period is not None:
        begin, end = (moment(time, ZONE) for time in seen.period)
        assert period == ((begin, end) if begin is not None and end is not None and begin < end else None)
    else:
        assert period is None
    place = given_of(7, version)
    read = seen.receipt(place)
    if read is not None:
        mapped = receipt_of(ticket, place)
        assert isinstance(mapped, Receipt)
        assert read == (mapped, encode_content(mapped))
        assert sums_finding(mapped) is None
        assert list(seen.findings) == warnings_of(request, version, mapped, ZONE)
    return seen


V = pytest.mark.parametrize("version", VERSIONS)


@V
def test_an_ordinary_sale_is_read_at_a_glance(version):
    seen = agree(version, body(version))
    assert seen is not None
    assert seen.receipt(given_of()) is not None
    assert [finding.rule for finding in seen.findings] == ["service_missing"]


PLAIN: Final[dict[str, dict[str, Any]]] = {
    "by card": {"payments": [{"type": 1, "sum": tenge(200)}], "amounts": {"total": tenge(200)}},
    "without a tax": {"items": [loaf()]},
    "several lines": {
        "items": [loaf(name=f"Хлеб {number}", barcode="4870001", excise_stamp="x") for number in range(LINES_MAX)],
        "payments": [{"type": 0, "sum": tenge(200 * LINES_MAX)}],
        "amounts": {"total": tenge(200 * LINES_MAX), "taken": tenge(200 * LINES_MAX), "change": tenge(0)},
    },
    "nothing to pay": {
        "items": [loaf(price=tenge(0), sum=tenge(0))],
        "payments": [{"type": 0, "sum": tenge(0)}],
        "amounts": {"total": tenge(0), "taken": tenge(0), "change": tenge(0)},
    },
    "a dear one": {
        "items": [loaf(price=tenge(2**31 - 1, 99), sum=tenge(2**31 - 1, 99))],
        "payments": [{"type": 4, "sum": tenge(2**31 - 1, 99)}],
        "amounts": {"total": tenge(2**31 - 1, 99)},
    },
    "made alone": {"offline_ticket_number": 2**31 - 1},
    "what it ends with": {"fr_shift_number": 300, "shift_document_number": 7, "printed_document_number": 12_345},
    "a cashier without a name": {"operator": {"code": 9}},
    "a fuel": {"domain": {"type": 2}},
    "without seconds": {"date_time": {**MORNING, "time": {"hour": 1, "minute": 2}}},
    "says who it is": {"service": service()},
    "was alone": {"service": service(period=ALONE), "offline_ticket_number": 5},
    "an end before the begin": {"service": service(period=ALONE[::-1])},
}


@pytest.mark.parametrize("name", PLAIN)
def test_so_is(name):
    seen = agree(203, body(**PLAIN[name]))
    assert seen is not None
    assert seen.receipt(given_of()) is not None


@V
def test_of_a_complete_service_block_there_is_nothing_to_say(version):
    seen = agree(version, body(version, service=service(version)))
    assert seen is not None
    assert seen.findings == ()


def test_warnings_are_those_that_a_close_look_finds():
    bare = service()
    bare["reg_info"] = {"kkm": {"fns_kkm_id": "1"}, "org": {"inn": "123"}}
    seen = agree(203, body(service=bare, domain=None))
    assert seen is not None
    assert "tax_id" in {finding.rule for finding in seen.findings}
    assert seen.findings[-1].rule == "domain_missing"


def test_the_older_version_does_without_what_it_does_not_have():
    told = service(202)
    told["security_stats"] = {}
    seen = agree(202, body(202, service=told, domain=None))
    assert seen is not None
    assert seen.findings == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"date_time": {**MORNING, "date": {"year": 2026, "month": 2, "day": 30}}},
        {"date_time": {**MORNING, "date": {"year": 2**31 - 1, "month": 1, "day": 1}}},
        {"items": [loaf(taxes=[vat(1_982, 11_000)])]},
    ],
    ids=["no date of the calendar", "no year of one", "a rate that no law knows"],
)
def test_times_and_rates_are_judged_where_the_zone_is_known(fields):
    seen = agree(203, body(**fields))
    assert seen is not None
    assert seen.receipt(given_of()) is None


def test_a_period_of_no_dates_is_none():
    never = {"date": {"year": 0, "month": 0, "day": 0}, "time": {"hour": 0, "minute": 0}}
    seen = agree(203, body(service=service(offline_period={"begin_time": never, "end_time": never})))
    assert seen is not None
    assert seen.period is not None
    assert moment(seen.period[0], ZONE) is None


LONG: Final = "я" * (PART_SIZE_MAX // 2)
RARE: Final[dict[str, dict[str, Any]]] = {
    "another command": {"command": 0},
    "no operation": {"operation": None},
    "a return": {"operation": 3},
    "no time": {"date_time": None},
    "half a time": {"date_time": {"date": MORNING["date"]}},
    "no cashier": {"operator": None},
    "a cashier without a code": {"operator": {"name": "A"}},
    "a cashier whose name is too long": {"operator": {"code": 1, "name": "я" * 257}},
    "no items": {"items": []},
    "too many items": {"items": [loaf()] * (LINES_MAX + 1)},
    "a storno": {"items": [loaf(), storno()]},
    "a discount": {"items": [loaf(), changed(5, 1)]},
    "a line without its block": {"items": [{"type": 1}]},
    "a line without a name": {"items": [loaf(name=None)]},
    "a line without a section": {"items": [loaf(section_code=None)]},
    "a long line": {"items": [loaf(name=LONG)]},
    "a line that is off by a tiyn": {
        "items": [loaf(sum=tenge(200, 1))],
        "payments": [{"type": 1, "sum": tenge(200, 1)}],
        "amounts": {"total": tenge(200, 1)},
    },
    "a tax on top": {"items": [loaf(taxes=[vat(3_200, 16_000, inside=False)])]},
    "no payment": {"payments": []},
    "two payments": {"payments": [{"type": 0, "sum": tenge(100)}, {"type": 1, "sum": tenge(100)}]},
    "a payment of no kind": {"payments": [{"sum": tenge(200)}]},
    "a payment of nothing": {"payments": [{"type": 0}]},
    "details of a card": {"payments": [{"type": 1, "sum": tenge(200), "card_payment_fields": {"pos_rrn": 1}}]},
    "another total": {"payments": [{"type": 0, "sum": tenge(201)}]},
    "taxes of the ticket": {"taxes": [vat(2_759, 16_000)], "items": [loaf()]},
    "no amounts": {"amounts": None},
    "no total": {"amounts": {"taken": tenge(200), "change": tenge(0)}},
    "totals that differ": {"amounts": {"total": tenge(201), "taken": tenge(500), "change": tenge(300)}},
    "nothing taken": {"amounts": {"total": tenge(200)}},
    "no change": {"amounts": {"total": tenge(200), "taken": tenge(200)}},
    "too much change": {"amounts": {"total": tenge(200), "taken": tenge(500), "change": tenge(301)}},
    "a markup of the ticket": {
        "amounts": {
            "total": tenge(200),
            "taken": tenge(500),
            "change": tenge(300),
            "markup": {"name": "x", "sum": tenge(0)},
        }
    },
    "change to a card": {
        "payments": [{"type": 1, "sum": tenge(200)}],
        "amounts": {"total": tenge(200), "change": tenge(0)},
    },
    "coins that make a tenge": {"amounts": {"total": tenge(199, 100), "taken": tenge(500), "change": tenge(300)}},
    "a sum without coins": {"amounts": {"total": {"bills": 200}, "taken": tenge(500), "change": tenge(300)}},
    "a sum without bills": {"amounts": {"total": {"coins": 0}, "taken": tenge(500), "change": tenge(300)}},
    "a sum out of range": {"amounts": {"total": tenge(200), "taken": tenge(2**40), "change": tenge(300)}},
    "a buyer": {"extension_options": {"customer_phone": "1"}},
    "a sign of 0": {"offline_ticket_number": 0},
    "a sign out of range": {"offline_ticket_number": 2**31},
    "its paper": {"printed_ticket": "x"},
    "a parent": {
        "parent_ticket": {
            "parent_ticket_number": "1",
            "parent_ticket_data_time": MORNING,
            "kgd_kkm_id": "1",
            "parent_ticket_total": tenge(1),
            "parent_ticket_is_offline": False,
        }
    },
    "a domain of no kind": {"domain": {}},
    "a service block of nothing": {"service": {}},
    "no security": {"service": {**service(), "security_stats": None}},
    "no source of a position": {"service": service(security_stats={"geo_position": {"latitude": 0, "longitude": 0}})},
    "no period": {"service": {**service(), "offline_period": None}},
    "half a period": {"service": service(offline_period={"begin_time": MORNING})},
    "it wants to be told": {"service": service(get_reg_info=True)},
    "taxation wanted": {"service": service(get_binded_taxation=True)},
    "more behind": {"service": service(auxiliary=[{"key": "a"}])},
}


@pytest.mark.parametrize("name", RARE)
def test_left_to_a_close_look(name):
    fields = RARE[name]
    fields = {key: value for key, value in fields.items() if key != SERVICE} | (
        {SERVICE: {key: value for key, value in fields[SERVICE].items() if value is not None}}
        if SERVICE in fields
        else {}
    )
    assert glance(203, body(**fields)) is None


def test_what_is_no_text_is_left_too():
    data = body()
    for place in (data.index("Хлеб".encode()), data.index("Айгуль".encode())):
        assert glance(203, data[:place] + b"\xff" + data[place + 1 :]) is None


def test_fields_out_of_their_order_are_left_too():
    whole = body(fr_shift_number=5)
    assert glance(203, whole) is not None
    size = whole[3] & 0x7F | whole[4] << 7
    for more in (b"\x50\x05", b"\x70\x05", b"\x80\x02\x05", b"\x70"):  # a sign behind the shift, one more shift ...
        longer = size + len(more)
        assert glance(203, whole[:3] + bytes((longer & 0x7F | 0x80, longer >> 7)) + whole[5:] + more) is None


def test_a_number_in_a_longer_form_is_the_same_number():
    ticket = body()[5:]
    for form in (b"\x80\x02", b"\x80\x82\x00", b"\x80\x82\x80\x00"):
        head = bytes((len(ticket) & 0x7F | 0x80,))
        size = head + (bytes((len(ticket) >> 7,)) if len(form) == 2 else bytes((len(ticket) >> 7 | 0x80,)) + form[2:])
        assert agree(203, b"\x08\x01\x12" + size + ticket) is not None
    for size in (b"\xff\xff\xff\xff\xff", b"\xff\xff\xff\xff\x7f", b"\xff\xff\xff\xff\xff\xff\x7f"):
        assert glance(203, b"\x08\x01\x12" + size + ticket) is None


@V
@given(data=st.data())
def test_any_receipt_is_read_as_a_close_look_reads_it(version, data):
    sold = data.draw(receipts(operation=data.draw(st.sampled_from((Operation.SELL, Operation.SELL, Operation.BUY)))))
    if data.draw(st.booleans()):
        lines = tuple(
            item(data.draw(st.integers(0, 2**40)), 1_000, data.draw(st.sampled_from((None, 0, 12_000))))
            for _ in range(data.draw(st.integers(1, 4)))
        )
        sold = receipt(items=lines, change=data.draw(st.integers(0, 2**30)))
    if any(payment.kind is PaymentKind.ADVANCE for payment in sold.payments):
        return
    alone = data.draw(st.sampled_from((None, 1, 2**31 - 1)))
    delivery = ONLINE if alone is None else Delivery(autonomous=True, autonomous_sign=alone)
    told = data.draw(st.sampled_from((None, service(version), service(version, ALONE), {"get_reg_info": False})))
    ticket = ticket_fields(sold, delivery, ZONE, version)
    message = request_type(version)(command=1, ticket=ticket, **({} if told is None else {SERVICE: told}))
    seen = agree(version, message.SerializeToString())
    event(f"at a glance: {seen is not None}")


WHOLE: Final = body(service=service(period=ALONE), fr_shift_number=300, offline_ticket_number=5)


@pytest.mark.parametrize("version", VERSIONS)
def test_whatever_byte_of_it_is_another(version):
    """Nothing that a close look would refuse is taken, and nothing is read otherwise."""
    taken = 0
    for place in range(len(WHOLE)):
        for flip in (1, 2, 4, 8, 16, 32, 64, 128, 255):
            data = WHOLE[:place] + bytes((WHOLE[place] ^ flip,)) + WHOLE[place + 1 :]
            taken += agree(version, data) is not None
    assert taken > len(WHOLE), "letters and digits may be others"


def test_wherever_it_is_cut_off():
    whole = [body(), WHOLE, body(payments=[{"type": 1, "sum": tenge(200)}], amounts={"total": tenge(200)})]
    for data in whole:
        assert agree(203, data) is not None
        for size in range(len(data)):
            assert agree(203, data[:size]) is None or data is WHOLE, "without its service block that is a message too"
        assert glance(203, data + b"\x00") is None
