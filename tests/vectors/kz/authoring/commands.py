"""Every command once, as a register uses it on a good day, in version 2.0.3."""

from __future__ import annotations

from datetime import UTC

from fiscal.protocols.kz.codes import Command, ItemType, OperationType, PaymentType, ReportType
from tests.vectors.kz.authoring import parts
from tests.vectors.kz.authoring.scene import Scene, dialogue

SELL = OperationType.SELL
CATALOGUE = {"server": {"kz_catalogue": "catalogue.json"}}
CASHIERS = {"server": {"kz_cashiers": "cashiers.toml"}}
FIGURES = "report.zx_report"


@dialogue("The first message of a device that nobody knows: it is registered, and its token stays as it is.")
async def system_first_contact(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM)


@dialogue("SYSTEM with get_reg_info is answered with what the operator holds of the register.")
async def system_reg_info(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now)
    at = "service.reg_info"
    fields = {f"{at}.kkm.kkm_id": "100500", f"{at}.kkm.fns_kkm_id": "010100100500", f"{at}.org.inn": parts.OWNER_BIN}
    await scene.ask(parts.SYSTEM | {"service": service}, fields=fields)


@dialogue("INFO about a register that has sold nothing: an empty Z-report, its particulars, its last document.")
async def info_of_a_new_register(scene: Scene) -> None:
    fields = {"report.report": ReportType.Z, f"{FIGURES}.shift_number": 1, f"{FIGURES}.cash_sum.bills": 0}
    await scene.ask(parts.INFO, fields=fields | {"service.reg_info.kkm.kkm_id": "100500"})


@dialogue("INFO in an open shift: the X-report of now; the last document is told.")
async def info_in_an_open_shift(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.deposit(scene.now))
    fields = {
        "report.report": ReportType.X,
        f"{FIGURES}.shift_number": 1,
        f"{FIGURES}.cash_sum.bills": 1500,
        f"{parts.row('ticket_operations', SELL)}.tickets_count": 1,
        "service.last_document_info.fr_shift_number": 1,
        "service.last_document_info.printed_document_number": 2,
    }
    await scene.ask(parts.INFO, fields=fields)


@dialogue("INFO after a shift: the Z-report that closed it.")
async def info_after_a_shift(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.close_shift(scene.now))
    fields = {"report.report": ReportType.Z, f"{FIGURES}.shift_number": 1, f"{FIGURES}.cash_sum.bills": 500}
    await scene.ask(parts.INFO, fields=fields)


@dialogue("A sale for cash gets a fiscal sign, a QR code that tells it, and the token for the next request.")
async def ticket_for_cash(scene: Scene) -> None:
    contains = {"ticket.qr_code": "&f=010100100500&s=500.00&t=20260302T100000"}
    await scene.ask(parts.ticket(scene.now), ticket="A", contains=contains)


@dialogue("Change: the cash payment is what stays in the drawer, taken less change.")
async def ticket_with_change(scene: Scene) -> None:
    amounts = {"taken": parts.money(1_000_00), "change": parts.money(500_00)}
    await scene.ask(parts.ticket(scene.now, amounts=amounts), ticket="A")
    await scene.ask(
        parts.report(scene.now, ReportType.X),
        fields={
            f"{FIGURES}.cash_sum.bills": 500,
            f"{parts.row('ticket_operations', SELL)}.change_sum.bills": 500,
        },
    )


@dialogue("Card, mobile and cash in one ticket: each kind of payment is counted by itself.")
async def ticket_with_three_payments(scene: Scene) -> None:
    payments = [
        *parts.cash(100_00),
        {"type": PaymentType.CARD, "sum": parts.money(250_00)},
        {"type": PaymentType.MOBILE, "sum": parts.money(150_00)},
    ]
    amounts = {"taken": parts.money(100_00), "change": parts.money(0)}
    await scene.ask(parts.ticket(scene.now, payments=payments, amounts=amounts), ticket="A")
    paid = f"{parts.row('ticket_operations', SELL)}.payments"
    await scene.ask(
        parts.report(scene.now, ReportType.X),
        fields={
            f"{FIGURES}.cash_sum.bills": 100,
            f"{paid}[{PaymentType.CARD:d}].sum.bills": 250,
            f"{paid}[{PaymentType.MOBILE:d}].sum.bills": 150,
        },
    )


@dialogue("Absence of payments is legal since 1.2.2.")
async def ticket_without_payments(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, payments=[]), ticket="A")


@dialogue("Card and mobile payments may bring the particulars of 2.0.3.")
async def ticket_with_particulars_of_its_payments(scene: Scene) -> None:
    card = {
        "pos_terminal_id": "T-1",
        "pos_card_type": "VISA",
        "pos_autorization_code": 1234,
        "pos_rrn": 999_999_999_999,
    }
    payments = [
        {"type": PaymentType.CARD, "sum": parts.money(300_00), "card_payment_fields": card},
        {
            "type": PaymentType.MOBILE,
            "sum": parts.money(200_00),
            "mobile_payment_fields": {"qr_type": "QR", "qr_id": "7"},
        },
    ]
    await scene.ask(parts.ticket(scene.now, payments=payments), ticket="A")


@dialogue("VAT inside a line: 16 % of 500.00 is 68.97; the Z-report tells the turnover and the tax.")
async def ticket_with_vat_in_its_line(scene: Scene) -> None:
    items = [parts.goods(500_00, taxes=parts.vat(68_97))]
    await scene.ask(parts.ticket(scene.now, items=items), ticket="A")
    tax = f"{FIGURES}.taxes[0]"
    await scene.ask(
        parts.close_shift(scene.now),
        fields={
            f"{tax}.percent": parts.VAT_2026,
            f"{tax}.operations[{SELL:d}].turnover.bills": 500,
            f"{tax}.operations[{SELL:d}].sum.bills": 68,
            f"{tax}.operations[{SELL:d}].sum.coins": 97,
        },
    )


@dialogue("VAT of the whole ticket instead of its lines.")
async def ticket_with_vat_of_the_whole(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, taxes=parts.vat(68_97)), ticket="A")


@dialogue("A discount on a line is an item behind it, and the total is the rest.")
async def ticket_with_a_discount_on_a_line(scene: Scene) -> None:
    items = [parts.goods(500_00), parts.modifier(ItemType.DISCOUNT, 50_00)]
    await scene.ask(parts.ticket(scene.now, 450_00, items=items), ticket="A")
    await scene.ask(
        parts.report(scene.now, ReportType.X),
        fields={
            f"{parts.row('operations', SELL)}.sum.bills": 500,
            f"{parts.row('discounts', SELL)}.sum.bills": 50,
            f"{parts.row('total_result', SELL)}.sum.bills": 450,
        },
    )


@dialogue("A discount on the whole ticket stands in its amounts.")
async def ticket_with_a_discount_on_the_whole(scene: Scene) -> None:
    amounts = {
        "taken": parts.money(400_00),
        "change": parts.money(0),
        "discount": {"name": "Скидка", "sum": parts.money(100_00)},
    }
    items = [parts.goods(500_00)]
    await scene.ask(parts.ticket(scene.now, 400_00, items=items, amounts=amounts), ticket="A")


@dialogue("A markup on a line.")
async def ticket_with_a_markup(scene: Scene) -> None:
    items = [parts.goods(500_00), parts.modifier(ItemType.MARKUP, 50_00, "Наценка")]
    await scene.ask(parts.ticket(scene.now, 550_00, items=items), ticket="A")


@dialogue("A line taken back on its own ticket: it lowers the sum and counts as no position of its own.")
async def ticket_with_a_storno(scene: Scene) -> None:
    line = parts.goods(100_00)["commodity"]
    storno = {"type": ItemType.STORNO_COMMODITY, "storno_commodity": line}
    items = [parts.goods(500_00), parts.goods(100_00), storno]
    await scene.ask(parts.ticket(scene.now, items=items), ticket="A")
    goods = parts.row("operations", SELL)
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{goods}.count": 2, f"{goods}.sum.bills": 500})


@dialogue("A weighed line: 0.345 kg at 3200.00 are 1104.00.")
async def ticket_with_a_weighed_line(scene: Scene) -> None:
    items = [parts.goods(3_200_00, quantity=345, name="Сыр", measure_unit_code="166")]
    await scene.ask(parts.ticket(scene.now, 1_104_00, items=items), ticket="A")


@dialogue("Marked goods: barcode, national catalogue id, excise stamps.")
async def ticket_with_marked_goods(scene: Scene) -> None:
    stamps = ["010487000000003821ABC", "010487000000003821ABD"]
    more: parts.Fields = {
        "barcode": "4870000000038",
        "ntin": "0200000000001",
        "list_excise_stamp": stamps,
        "product_id": "17",
    }
    await scene.ask(parts.ticket(scene.now, items=[parts.goods(500_00, **more)]), ticket="A")


@dialogue("A buyer with an own IIN, e-mail and telephone.")
async def ticket_for_a_known_buyer(scene: Scene) -> None:
    buyer = {"customer_iin_or_bin": "960624350642", "customer_email": "a@example.org", "customer_phone": "+77010000000"}
    await scene.ask(parts.ticket(scene.now, extension_options=buyer), ticket="A")


@dialogue("A purchase takes cash out of the drawer.")
async def ticket_of_a_purchase(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now, 1_000_00))
    await scene.ask(parts.ticket(scene.now, 400_00, OperationType.BUY), ticket="A")
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{FIGURES}.cash_sum.bills": 600})


@dialogue("A purchase taken back: the cash comes in again.")
async def ticket_of_a_purchase_taken_back(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now, 1_000_00))
    await scene.ask(parts.ticket(scene.now, 400_00, OperationType.BUY), ticket="A")
    back = parts.ticket(scene.now, 400_00, OperationType.BUY_RETURN, **parts.parent(scene.now, 400_00))
    await scene.ask(back, ticket="B")
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{FIGURES}.cash_sum.bills": 1000})


@dialogue("Goods taken back name the ticket of their sale; revenue and drawer go down.")
async def ticket_of_a_return(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    back = parts.ticket(scene.now, 200_00, OperationType.SELL_RETURN, **parts.parent(scene.now, 500_00))
    await scene.ask(back, ticket="B")
    fields = {
        f"{FIGURES}.cash_sum.bills": 300,
        f"{FIGURES}.revenue.sum.bills": 300,
        f"{FIGURES}.revenue.is_negative": False,
    }
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue("Cash put into the drawer.")
async def deposit_of_cash(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now))
    fields = {f"{FIGURES}.cash_sum.bills": 1000, f"{FIGURES}.money_placements[0].operations_count": 1}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue("Cash taken out of the drawer.")
async def withdrawal_of_cash(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now))
    await scene.ask(parts.withdrawal(scene.now, 999_99))
    fields = {f"{FIGURES}.cash_sum.bills": 0, f"{FIGURES}.cash_sum.coins": 1}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue("The end of a shift is answered with its Z-report; the next ticket opens shift 2, running totals go on.")
async def close_shift_and_go_on(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(3600)
    fields = {
        "report.report": ReportType.Z,
        f"{FIGURES}.shift_number": 1,
        f"{parts.row('ticket_operations', SELL)}.tickets_count": 1,
        f"{FIGURES}.close_shift_time.time.hour": 11,
    }
    await scene.ask(parts.close_shift(scene.now), fields=fields)
    await scene.ask(parts.ticket(scene.now), ticket="B")
    fields = {
        f"{FIGURES}.shift_number": 2,
        f"{parts.row('ticket_operations', SELL)}.tickets_count": 1,
        f"{parts.row('ticket_operations', SELL)}.tickets_total_count": 2,
        f"{parts.row('non_nullable_sums', SELL)}.sum.bills": 1000,
        f"{parts.row('start_shift_non_nullable_sums', SELL)}.sum.bills": 500,
    }
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue("With withdraw_money the operator takes the whole drawer out before it closes the shift.")
async def close_shift_and_empty_the_drawer(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    fields = {
        f"{FIGURES}.cash_sum.bills": 0,
        f"{FIGURES}.money_placements[1].operations_count": 1,
        f"{FIGURES}.money_placements[1].operations_sum.bills": 500,
    }
    await scene.ask(parts.close_shift(scene.now, withdraw_money=True), fields=fields)


@dialogue("A Z-report asked for later is the one that closed the shift, also while the next one is open.")
async def report_z_asked_later(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.close_shift(scene.now))
    await scene.ask(parts.ticket(scene.now, 700_00), ticket="B")
    fields = {"report.report": ReportType.Z, f"{FIGURES}.shift_number": 1, f"{FIGURES}.cash_sum.bills": 500}
    await scene.ask(parts.report(scene.now, ReportType.Z), fields=fields)


@dialogue("A Z-report before any shift was closed: empty, shift 0, the date of the request.")
async def report_z_before_any(scene: Scene) -> None:
    fields = {
        "report.report": ReportType.Z,
        f"{FIGURES}.shift_number": 0,
        f"{FIGURES}.date_time.date.year": 2026,
        f"{FIGURES}.date_time.time.hour": 10,
    }
    await scene.ask(parts.report(scene.now, ReportType.Z), fields=fields)


@dialogue("Lists of a report have one row for each operation, also for those that did not happen.")
async def report_x_has_every_row(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    rows = {f"{FIGURES}.{name}#": 4 for name in ("operations", "discounts", "markups", "total_result")}
    rows |= {f"{FIGURES}.{name}#": 4 for name in ("ticket_operations", "non_nullable_sums")}
    payments = f"{parts.row('ticket_operations', SELL)}.payments#"
    fields = {"report.report": ReportType.X, f"{FIGURES}.money_placements#": 2, payments: 5}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields | rows)


@dialogue("A register that has no goods yet gets the whole catalogue, groups and items.", **CATALOGUE)
async def nomenclature_from_the_beginning(scene: Scene) -> None:
    fields = {"nomenclature.version": 7, "nomenclature.elements#": 3, "nomenclature.result": 0}
    await scene.ask(parts.nomenclature(current_version=0), fields=fields)


@dialogue("A register that has the goods of today is told so and gets none.", **CATALOGUE)
async def nomenclature_is_actual(scene: Scene) -> None:
    fields = {"nomenclature.version": 7, "nomenclature.elements#": 0, "nomenclature.result": 1}
    await scene.ask(parts.nomenclature(current_version=7), fields=fields)


@dialogue("A register that claims goods of the future is told that there is no such version.", **CATALOGUE)
async def nomenclature_of_the_future(scene: Scene) -> None:
    await scene.ask(parts.nomenclature(current_version=8), fields={"nomenclature.result": 2})


@dialogue("Goods by their barcode, from 2.0.3 on.", **CATALOGUE)
async def nomenclature_by_barcode(scene: Scene) -> None:
    fields = {
        "nomenclature.elements#": 1,
        "nomenclature.elements[0].title_kk": "Бидай наны",
        "nomenclature.elements[0].item.barcode": "4870000000014",
        "nomenclature.elements[0].item.sell_price.bills": 250,
    }
    await scene.ask(parts.nomenclature(barcode="4870000000014"), fields=fields)


@dialogue("No goods under this barcode: 18.", **CATALOGUE)
async def nomenclature_without_such_a_barcode(scene: Scene) -> None:
    await scene.ask(parts.nomenclature(barcode="0000000000000"), 18)


@dialogue("A cashier logs in: code, name and roles come back.", **CASHIERS)
async def auth_of_a_cashier(scene: Scene) -> None:
    fields = {"auth.result": 0, "auth.operator_code": 7, "auth.operator_name": "Алия", "auth.roles#": 2}
    await scene.ask(parts.auth("aliya", "correct"), fields=fields)


@dialogue("A wrong password: the exchange is good (0), the block says that the cashier is not.", **CASHIERS)
async def auth_with_a_wrong_password(scene: Scene) -> None:
    await scene.ask(parts.auth("aliya", "wrong"), fields={"auth.result": 1, "auth.operator_code": None})


@dialogue("A command that never was: 4.")
async def command_that_is_unknown(scene: Scene) -> None:
    await scene.ask(b"\x08\x63", 4)


@dialogue("COMMAND_RESERVED is known and not served: 5.")
async def command_that_is_not_served(scene: Scene) -> None:
    await scene.ask({"command": Command.RESERVED}, 5)


@dialogue("OPEN_SHIFT (9) was removed in 2.0.2: known once, served no more.")
async def command_that_was_removed(scene: Scene) -> None:
    await scene.ask(b"\x08\x09", 5)


@dialogue("CANCEL_TICKET is deprecated since 2.0.3 and not served there.")
async def cancel_ticket_of_the_newer_version(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask({"command": Command.CANCEL_TICKET}, 5)


@dialogue("A device that is unknown and comes in the middle of its life: its shift goes on where it says.")
async def ticket_of_a_device_with_a_history(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, fr_shift_number=5), ticket="A")
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{FIGURES}.shift_number": 5})


@dialogue(
    "A shift number that differs from the operator's: the operator's counts, numbering is not strict since 2.0.2."
)
async def ticket_with_another_shift_number(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now, fr_shift_number=9), ticket="B")
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{FIGURES}.shift_number": 1})


OWN = {"server": {"kz_profile": "own", "receipt_url": "https://operator.example/r"}}


@dialogue("The QR code of the profile own leads to the operator's own page; the sign has 12 digits.", **OWN)
async def qr_code_own(scene: Scene) -> None:
    contains = {"ticket.qr_code": "https://operator.example/r?i="}
    answer = await scene.ask(parts.ticket(scene.now), ticket="A", contains=contains)
    assert len(answer.ticket.ticket_number) == 12


@dialogue("The QR code of the profile kazakhtelecom; the sign has 10 digits.")
async def qr_code_kazakhtelecom(scene: Scene) -> None:
    contains = {"ticket.qr_code": "http://consumer.oofd.kz?i="}
    answer = await scene.ask(parts.ticket(scene.now), ticket="A", contains=contains)
    assert len(answer.ticket.ticket_number) == 10


@dialogue(
    "The QR code of the profile transtelecom: one decimal when the second is 0.", server={"kz_profile": "transtelecom"}
)
async def qr_code_transtelecom(scene: Scene) -> None:
    contains = {"ticket.qr_code": "&s=500.0&t=20260302T100000"}
    await scene.ask(parts.ticket(scene.now), ticket="A", contains=contains)


@dialogue("The QR code of the profile kar-tel.", server={"kz_profile": "kar-tel"})
async def qr_code_kar_tel(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", contains={"ticket.qr_code": "http://consumer.kofd.kz?i="})


@dialogue(
    "Times on the wire are local and name no zone; the operator's setting says which one.", server={"kz_zone": "UTC"}
)
async def zone_of_the_register(scene: Scene) -> None:
    moment = scene.now.astimezone(UTC)
    fields = {f"{FIGURES}.open_shift_time.time.hour": 5}
    await scene.ask(parts.ticket(moment), ticket="A", contains={"ticket.qr_code": "t=20260302T050000"})
    await scene.ask(parts.report(moment, ReportType.X), fields=fields)


@dialogue(
    "INFO of an open shift, with everything in it, is longer than the 1024 bytes that an old client reads at once."
)
async def info_of_more_than_1024_bytes(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now)
    items = [parts.goods(100_00, section_code=str(section)) for section in range(1, 9)]
    await scene.ask(parts.ticket(scene.now, 800_00, items=items, service=service), ticket="A")
    answer = await scene.ask(parts.INFO | {"service": service}, fields={f"{FIGURES}.sections#": 8})
    assert answer.ByteSize() > 1024


@dialogue("NOMENCLATURE with neither a version nor a barcode asks for everything.", **CATALOGUE)
async def nomenclature_without_a_question(scene: Scene) -> None:
    await scene.ask(parts.nomenclature(), fields={"nomenclature.elements#": 3})


@dialogue("Taxes that the schema calls binded: a register that asks is told its regime and its rates.")
async def system_binded_taxation(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now, get_binded_taxation=True)
    await scene.ask(parts.SYSTEM | {"service": service}, fields={"service.binded_taxation.taxation_type": 101})
