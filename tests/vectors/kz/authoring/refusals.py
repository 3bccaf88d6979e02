"""Every result code other than 0 that a request's content, its register or the operator's own state leads to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fiscal.protocols.kz.checksum import checksum_of
from fiscal.protocols.kz.codes import AdType, ItemType, OperationType, PaymentType, ReportType
from fiscal.protocols.kz.messages import request_type
from tests.vectors.kz.authoring import parts
from tests.vectors.kz.authoring.scene import Scene, dialogue

HOUR = 3600
DRAWER = "report.zx_report.cash_sum.bills"
STRICT = {"server": {"strict": True}}
FULL = {"server": {"kz_strictness": "full"}}
OWNER = {
    "taxpayer": "ТОО «Нива»",
    "bin": parts.OWNER_BIN,
    "place": "Алматы, Абая 1",
    "rnm": "010100100500",
    "serial": "SWK00000001",
}


async def refused_then_good(scene: Scene, request: parts.Fields, result: int) -> None:
    """The request is refused, and nothing of it stays: the next ticket is the register's first."""
    await scene.ask(request, result)
    await scene.ask(parts.ticket(scene.now), ticket="A")
    counted = f"{parts.row('ticket_operations', OperationType.SELL)}.tickets_total_count"
    await scene.ask(parts.report(scene.now, ReportType.X), fields={counted: 1, DRAWER: 500})


# ---------------------------------------------------------------------------------------------------- the register


@dialogue("A strict operator does not know the device: 1.", **STRICT)
async def device_that_nobody_added(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM, 1)
    await scene.ask(parts.ticket(scene.now), 1)


@dialogue("A strict operator serves a device that was added beforehand, with the token that it was given.", **STRICT)
async def device_that_was_added(scene: Scene) -> None:
    await scene.do("add", token="123456789", **OWNER)
    await scene.ask(parts.ticket(scene.now), 2, token=77)
    await scene.ask(parts.ticket(scene.now), ticket="A", contains={"ticket.qr_code": "f=010100100500"})


@dialogue("A device that was taken off the books is unknown, also to an open operator: 1.")
async def device_that_was_removed(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.do("remove")
    await scene.ask(parts.ticket(scene.now), 1)


@dialogue("A blocked register gets 15 for everything, and the text to show as an ad of type INFO; then it goes on.")
async def register_that_is_blocked(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    text = "Касса снята с учёта: обратитесь к оператору"
    await scene.do("block", text=text)
    ad = {"service.ticket_ads[0].text": text, "service.ticket_ads[0].info.type": AdType.INFO}
    await scene.ask(parts.ticket(scene.now), 15, fields=ad)
    await scene.ask(parts.SYSTEM, 15, fields=ad)
    await scene.do("unblock")
    await scene.ask(parts.SYSTEM)
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("A register whose bill is not paid gets no answer at all, so it goes on autonomously; paid, it is answered.")
async def register_that_is_not_paid_for(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.do("unpaid")
    await scene.unanswered(parts.SYSTEM)
    await scene.unanswered(parts.ticket(scene.now))
    another: parts.Fields = {"device": 200600, "token": 999, "number": 1, "issues": "token of another"}
    await scene.ask(
        parts.SYSTEM, **another, note="another device in the same connection: what came before it is judged"
    )
    await scene.do("paid")
    await scene.ask(parts.ticket(scene.now), ticket="B")


# ------------------------------------------------------------------------------------------------------- the shift


@dialogue("A shift older than 24 hours: 11 until it is closed, for receipts and for cash.")
async def shift_that_is_too_long(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(24 * HOUR + 1)
    await scene.ask(parts.ticket(scene.now), 11)
    await scene.ask(parts.ticket(scene.now), 11)
    await scene.ask(parts.close_shift(scene.now))
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("A ticket at exactly 24 hours is still in its shift.")
async def shift_of_exactly_24_hours(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(24 * HOUR)
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("A ticket from a clock that is an hour ahead: 13.")
async def ticket_of_the_future(scene: Scene) -> None:
    later = scene.now.replace(hour=scene.now.hour + 1)
    await refused_then_good(scene, parts.ticket(later), 13)


# ------------------------------------------------------------------------------------------------------- the drawer


@dialogue("More cash taken out than there is: 14.")
async def withdrawal_of_too_much(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now, 100_00))
    await scene.ask(parts.withdrawal(scene.now, 100_01), 14)
    await scene.ask(parts.withdrawal(scene.now, 100_00))


@dialogue("A return for more cash than there is: 14.")
async def return_of_too_much(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, 100_00), ticket="A")
    back = parts.ticket(scene.now, 200_00, OperationType.SELL_RETURN, **parts.parent(scene.now, 200_00))
    await scene.ask(back, 14)


@dialogue("A purchase for more cash than there is: 14; by card it needs none.")
async def purchase_of_too_much(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, 200_00, OperationType.BUY), 14)
    card = [{"type": PaymentType.CARD, "sum": parts.money(200_00)}]
    await scene.ask(parts.ticket(scene.now, 200_00, OperationType.BUY, payments=card), ticket="A")


# ------------------------------------------------------------------------------------------------- mandatory: 15


@dialogue("A ticket without items: a mandatory parameter is missing, 15.")
async def ticket_without_items(scene: Scene) -> None:
    await refused_then_good(scene, parts.ticket(scene.now, items=[]), 15)


@dialogue("An item of the type COMMODITY without a commodity: 15.")
async def item_without_its_block(scene: Scene) -> None:
    await refused_then_good(scene, parts.ticket(scene.now, items=[{"type": ItemType.COMMODITY}]), 15)


@dialogue("A commodity without name and code: 15.")
async def commodity_without_a_name(scene: Scene) -> None:
    item = parts.goods(500_00)
    del item["commodity"]["name"]
    await refused_then_good(scene, parts.ticket(scene.now, items=[item]), 15)


@dialogue("A commodity without its unit: 15.")
async def commodity_without_a_unit(scene: Scene) -> None:
    item = parts.goods(500_00)
    del item["commodity"]["measure_unit_code"]
    await refused_then_good(scene, parts.ticket(scene.now, items=[item]), 15)


@dialogue("A discount without a name: 15.")
async def discount_without_a_name(scene: Scene) -> None:
    discount = {"type": ItemType.DISCOUNT, "discount": {"sum": parts.money(50_00)}}
    items = [parts.goods(500_00), discount]
    await refused_then_good(scene, parts.ticket(scene.now, 450_00, items=items), 15)


@dialogue("A cash payment without the cash taken: 15.")
async def cash_without_taken(scene: Scene) -> None:
    await refused_then_good(scene, parts.ticket(scene.now, amounts={}), 15)


@dialogue("A return that does not name its sale: 15 since 2.0.3.")
async def return_without_its_sale(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now, 200_00, OperationType.SELL_RETURN), 15)


@dialogue("Cash put in by nobody: the operator block is missing, 15.")
async def deposit_without_a_cashier(scene: Scene) -> None:
    deposit = parts.deposit(scene.now)
    del deposit["money_placement"]["operator"]
    await refused_then_good(scene, deposit, 15)


# ----------------------------------------------------------------------------------------------------- wrong: 13


@dialogue("The total is not the sum of the lines: 13.")
async def total_that_is_wrong(scene: Scene) -> None:
    await refused_then_good(scene, parts.ticket(scene.now, 600_00, items=[parts.goods(500_00)]), 13)


@dialogue("A line is not price times quantity: 13.")
async def line_that_is_wrong(scene: Scene) -> None:
    item = parts.goods(500_00, sum=parts.money(499_00))
    await refused_then_good(scene, parts.ticket(scene.now, 499_00, items=[item]), 13)


@dialogue("One tiyn a line may be rounded either way.")
async def line_that_is_rounded(scene: Scene) -> None:
    item = parts.goods(33_33, 1_500, sum=parts.money(50_00))
    await scene.ask(parts.ticket(scene.now, 50_00, items=[item]), ticket="A")
    item = parts.goods(33_33, 1_500, sum=parts.money(49_99))
    await scene.ask(parts.ticket(scene.now, 49_99, items=[item]), ticket="B")


@dialogue("Payments do not make the total: 13.")
async def payments_that_are_wrong(scene: Scene) -> None:
    card = [{"type": PaymentType.CARD, "sum": parts.money(400_00)}]
    await refused_then_good(scene, parts.ticket(scene.now, payments=card), 13)


@dialogue("Taken less change is not the cash payment: 13.")
async def change_that_is_wrong(scene: Scene) -> None:
    amounts = {"taken": parts.money(1_000_00), "change": parts.money(100_00)}
    await refused_then_good(scene, parts.ticket(scene.now, amounts=amounts), 13)


@dialogue("One kind of payment twice: 13.")
async def payment_twice(scene: Scene) -> None:
    payments = [*parts.cash(200_00), *parts.cash(300_00)]
    amounts = {"taken": parts.money(500_00), "change": parts.money(0)}
    await refused_then_good(scene, parts.ticket(scene.now, payments=payments, amounts=amounts), 13)


@dialogue("A tax is not what its percent makes of the line: 13.")
async def tax_that_is_wrong(scene: Scene) -> None:
    items = [parts.goods(500_00, taxes=parts.vat(80_00))]
    await refused_then_good(scene, parts.ticket(scene.now, items=items), 13)


@dialogue("Taxes on the lines and on the ticket exclude each other: 13.")
async def taxes_in_two_places(scene: Scene) -> None:
    items = [parts.goods(500_00, taxes=parts.vat(68_97))]
    await refused_then_good(scene, parts.ticket(scene.now, items=items, taxes=parts.vat(68_97)), 13)


@dialogue("One percent twice in a list of taxes: 13.")
async def tax_twice(scene: Scene) -> None:
    items = [parts.goods(500_00, taxes=[*parts.vat(68_97), *parts.vat(68_97)])]
    await refused_then_good(scene, parts.ticket(scene.now, items=items), 13)


@dialogue("A discount and a markup on the whole ticket exclude each other: 13.")
async def discount_and_markup(scene: Scene) -> None:
    amounts = {"taken": parts.money(500_00), "change": parts.money(0)}
    amounts |= {kind: {"name": kind, "sum": parts.money(10_00)} for kind in ("discount", "markup")}
    await refused_then_good(scene, parts.ticket(scene.now, amounts=amounts), 13)


@dialogue("The 31st of February: 13.")
async def date_that_does_not_exist(scene: Scene) -> None:
    request = parts.ticket(scene.now)
    request["ticket"]["date_time"]["date"].update(month=2, day=31)
    await refused_then_good(scene, request, 13)


@dialogue("A hundred tiyn are a tenge: coins above 99 are wrong, 13.")
async def coins_above_99(scene: Scene) -> None:
    request = parts.ticket(scene.now)
    request["ticket"]["amounts"]["total"] = {"bills": 499, "coins": 100}
    await refused_then_good(scene, request, 13)


@dialogue("A discount larger than the goods: 13.")
async def discount_larger_than_the_goods(scene: Scene) -> None:
    items = [parts.goods(500_00), parts.modifier(ItemType.DISCOUNT, 500_01)]
    await refused_then_good(scene, parts.ticket(scene.now, 0, items=items, payments=[]), 13)


@dialogue("A storno of goods that are not on the ticket: 13.")
async def storno_of_more_than_there_is(scene: Scene) -> None:
    storno = {"type": ItemType.STORNO_COMMODITY, "storno_commodity": parts.goods(600_00)["commodity"]}
    items = [parts.goods(500_00), storno]
    await refused_then_good(scene, parts.ticket(scene.now, 0, items=items, payments=[]), 13)


@dialogue("A ticket without anything but a discount: it has no commodity, 15.")
async def ticket_of_a_discount_alone(scene: Scene) -> None:
    items = [parts.modifier(ItemType.DISCOUNT, 50_00)]
    await refused_then_good(scene, parts.ticket(scene.now, 0, items=items, payments=[]), 15)


@dialogue("An autonomous sign has 31 bits and is not 0: 13.")
async def offline_sign_of_0(scene: Scene) -> None:
    await refused_then_good(scene, parts.ticket(scene.now, offline_ticket_number=0), 13)


@dialogue("A ticket of five days ago that is not autonomous: 13.")
async def ticket_of_five_days_ago(scene: Scene) -> None:
    await refused_then_good(scene, parts.ticket(scene.now - timedelta(days=5)), 13)


@dialogue("The end of a shift that nobody has opened: 13.")
async def close_shift_that_is_not_open(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.close_shift(scene.now))
    await scene.ask(parts.close_shift(scene.now), 13)


@dialogue("The buyer is the seller: 17.")
async def buyer_who_is_the_seller(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now)
    await scene.ask(parts.ticket(scene.now, service=service), ticket="A")
    same = parts.ticket(scene.now, extension_options={"customer_iin_or_bin": parts.OWNER_BIN})
    await scene.ask(same, 17)
    await scene.ask(parts.ticket(scene.now), ticket="B")


# ------------------------------------------------------------------------------------------------------ strictness


@dialogue("Full strictness: what one public validator demands of every message is demanded.", **FULL)
async def full_strictness(scene: Scene) -> None:
    whole: parts.Fields = {"service": parts.service(scene.now, scene.now), "domain": {"type": 0}}
    await scene.ask(parts.ticket(scene.now), 15, note="no service block")
    await scene.ask(parts.ticket(scene.now, service=whole["service"]), 15, note="no domain")
    without = {name: value for name, value in whole["service"].items() if name != "security_stats"}
    await scene.ask(parts.ticket(scene.now, service=without, domain=whole["domain"]), 15, note="no position")
    await scene.ask(parts.ticket(scene.now, **whole), ticket="A")


@dialogue("The same messages under the default strictness: taken, and noted as warnings.")
async def default_strictness(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now, service={"get_reg_info": False}), ticket="B")


async def close_with_a_report(scene: Scene, result: int, checksum: str | None) -> None:
    """The end of a shift with the register's own Z-report, made of the operator's X-report."""
    await scene.ask(parts.ticket(scene.now), ticket="A")
    x = await scene.ask(parts.report(scene.now, ReportType.X))
    request: Any = request_type(scene.version)(**parts.close_shift(scene.now))
    z = request.close_shift.z_report
    z.MergeFromString(x.report.zx_report.SerializeToString())
    z.close_shift_time.CopyFrom(request.close_shift.close_time)
    z.checksum = checksum_of(z) if checksum is None else checksum
    await scene.ask({"command": request.command, "close_shift": request.close_shift}, result)


@dialogue("A wrong checksum of the Z-report is nobody's business, unless the operator was told to look.")
async def checksum_ignored(scene: Scene) -> None:
    await close_with_a_report(scene, 0, "00000000")


@dialogue("An operator that only notes a wrong checksum takes the report.", server={"kz_z_checksum": "check"})
async def checksum_noted(scene: Scene) -> None:
    await close_with_a_report(scene, 0, "00000000")


@dialogue("An operator that looks at checksums refuses a wrong one: 13.", server={"kz_z_checksum": "refuse"})
async def checksum_that_is_wrong(scene: Scene) -> None:
    await close_with_a_report(scene, 13, "00000000")


@dialogue("An operator that looks at checksums takes a right one.", server={"kz_z_checksum": "refuse"})
async def checksum_that_is_right(scene: Scene) -> None:
    await close_with_a_report(scene, 0, None)


# ---------------------------------------------------------------------------------------------- the operator itself


@dialogue("The ledger cannot be written: 254, nothing is taken; the same packet is good a moment later.")
async def operator_cannot_write(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now))
    await scene.do("storage_fails")
    ticket = parts.ticket(scene.now)
    used = scene.token
    await scene.ask(ticket, 254, number=2)
    await scene.do("storage_recovers")
    await scene.ask(ticket, number=2, token=used, ticket="A")
    await scene.ask(parts.report(scene.now, ReportType.X), number=3, fields={DRAWER: 1500})


@dialogue("A defect of the operator: 255, nothing is taken; the same packet is good a moment later.")
async def operator_has_a_defect(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now))
    await scene.do("defect")
    ticket = parts.ticket(scene.now)
    used = scene.token
    await scene.ask(ticket, 255, number=2)
    await scene.ask(ticket, number=2, token=used, ticket="A")
    await scene.ask(parts.report(scene.now, ReportType.X), number=3, fields={DRAWER: 1500})
