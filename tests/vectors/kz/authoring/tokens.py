"""Tokens and request numbers: each line of the table, and the ways in which an answer gets lost."""

from __future__ import annotations

from fiscal.protocols.kz.codes import OperationType, ReportType
from tests.vectors.kz.authoring import parts
from tests.vectors.kz.authoring.scene import TOKEN, Scene, dialogue

SOLD = f"{parts.row('ticket_operations', OperationType.SELL)}.tickets_count"


async def sold(scene: Scene, count: int) -> None:
    """The operator has counted so many sales."""
    await scene.ask(parts.report(scene.now, ReportType.X), fields={SOLD: count})


@dialogue("The answer to a ticket is lost: the same packet is answered alike, and counted once. (Line 1)")
async def ticket_sent_again(scene: Scene) -> None:
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1, note="the answer does not arrive")
    await scene.lost()
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1, issues="token 2")
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1, issues="token 2", note="and once more")
    scene.number = 1
    await sold(scene, 1)
    await scene.ask(parts.ticket(scene.now), ticket="B")
    await sold(scene, 2)


@dialogue("The answer to a deposit is lost; the cash is counted once. (Line 1)")
async def deposit_sent_again(scene: Scene) -> None:
    deposit = parts.deposit(scene.now)
    await scene.ask(deposit, token=TOKEN, number=1)
    await scene.lost()
    await scene.ask(deposit, token=TOKEN, number=1, issues="token 2")
    scene.number = 1
    await scene.ask(parts.report(scene.now, ReportType.X), fields={"report.zx_report.cash_sum.bills": 1000})


@dialogue("The answer to a withdrawal is lost; the drawer loses the cash once. (Line 1)")
async def withdrawal_sent_again(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now))
    used, withdrawal = scene.token, parts.withdrawal(scene.now, 400_00)
    await scene.ask(withdrawal, number=2)
    await scene.lost()
    await scene.ask(withdrawal, token=used, number=2, issues="token 3")
    await scene.ask(parts.report(scene.now, ReportType.X), number=3, fields={"report.zx_report.cash_sum.bills": 600})


@dialogue(
    "The answer to the end of a shift is lost; the same Z-report comes again, and no shift is closed twice. (Line 1)"
)
async def close_shift_sent_again(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    used, close = scene.token, parts.close_shift(scene.now)
    fields = {"report.zx_report.shift_number": 1, SOLD: 1}
    await scene.ask(close, number=2, fields=fields)
    await scene.lost()
    await scene.ask(close, token=used, number=2, issues="token 3", fields=fields)


@dialogue("A repeat that brings other content gets the first answer: identity is token, number and command. (Line 1)")
async def ticket_sent_again_with_another_sum(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, 500_00), ticket="A", token=TOKEN, number=1)
    contains = {"ticket.qr_code": "s=500.00"}
    again = parts.ticket(scene.now, 900_00)
    await scene.ask(again, ticket="A", token=TOKEN, number=1, issues="token 2", contains=contains)
    await scene.ask(parts.INFO, number=2, fields={"report.zx_report.cash_sum.bills": 500})


@dialogue("Questions between a ticket and its repeat take nothing away: only documents are kept in mind.")
async def ticket_sent_again_after_a_question(scene: Scene) -> None:
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1)
    await scene.ask(parts.SYSTEM, number=2)
    await scene.ask(parts.INFO, number=3)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1, issues="token 2")


@dialogue("The original arrives behind its repeat, by the connection that seemed dead: one ticket.")
async def ticket_that_arrives_behind_its_repeat(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM, number=1, connection="slow")
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=2, connection="quick")
    await scene.ask(ticket, ticket="A", token=TOKEN, number=2, issues="token 2", connection="slow")
    await scene.ask(parts.report(scene.now, ReportType.X), number=3, connection="quick", fields={SOLD: 1})


@dialogue("The original arrives when its successor was already taken: its token is two back, and nothing is counted.")
async def ticket_that_arrives_behind_its_successor(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM, number=1, connection="slow")
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=2, connection="quick")
    await scene.ask(parts.ticket(scene.now, 700_00), ticket="B", number=3, connection="quick")
    await scene.ask(ticket, 2, token=TOKEN, number=2, connection="slow")
    await scene.ask(parts.report(scene.now, ReportType.X), number=4, connection="quick", fields={SOLD: 2})


@dialogue("Token and number of the last document with another command: 9. (Line 2)")
async def retry_with_another_command(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", token=TOKEN, number=1)
    await scene.ask(parts.deposit(scene.now), 9, token=TOKEN, number=1)
    await scene.ask(parts.ticket(scene.now), ticket="B", number=2)


@dialogue("The new token with the number of the last document: 8. (Line 3)")
async def number_used_again(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", number=1)
    await scene.ask(parts.ticket(scene.now), 8, number=1)
    await scene.ask(parts.ticket(scene.now), ticket="B", number=2)


@dialogue("A token that was never issued: 2, and the register's own goes on to be right. (Line 4)")
async def token_that_nobody_issued(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now), 2, token=77)
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("The token of the last document with a new number is no token any more: 2. (Line 4)")
async def token_used_again(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now), 2, token=TOKEN)


@dialogue("Token 0 is never right, also not as a first one. (Line 4)")
async def token_zero(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), 2, token=0)
    await scene.ask(parts.SYSTEM, 2, token=0)
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now), 2, token=0)


@dialogue("The first token is above 2^31: a token has 32 bits and no sign.", token=4_294_967_295)
async def token_with_32_bits(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("Questions want the issued token, too.", server={"kz_catalogue": "catalogue.json"})
async def questions_with_a_wrong_token(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM)
    for question in (parts.SYSTEM, parts.INFO, parts.nomenclature(current_version=0), parts.auth("a", "b")):
        await scene.ask(question, 2, token=77)


@dialogue("REPORT is answered whatever the token, and its answer tells the one to use next.")
async def report_with_a_wrong_token(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.report(scene.now, ReportType.X), token=77, issues="token 2", fields={SOLD: 1})


@dialogue(
    "SYSTEM, INFO, REPORT, NOMENCLATURE and AUTH leave the token as it is; TICKET, MONEY_PLACEMENT and CLOSE_SHIFT do not."
)
async def which_commands_rotate(scene: Scene) -> None:
    questions = (
        parts.SYSTEM,
        parts.INFO,
        parts.report(scene.now, ReportType.X),
        parts.nomenclature(current_version=0),
        parts.auth("a", "b"),
    )
    for question in questions:
        await scene.ask(question, issues="first")
    await scene.ask(parts.ticket(scene.now), ticket="A", issues="token 2")
    await scene.ask(parts.deposit(scene.now), issues="token 3")
    for question in questions:
        await scene.ask(question, issues="token 3")
    await scene.ask(parts.close_shift(scene.now), issues="token 4")


@dialogue("After 65535 comes 0.")
async def number_wraps_to_0(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", number=65_535)
    await scene.ask(parts.ticket(scene.now), ticket="B", number=0)
    await scene.ask(parts.ticket(scene.now), ticket="C", number=1)


@dialogue("After 65535 comes 1.")
async def number_wraps_to_1(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", number=65_535)
    await scene.ask(parts.ticket(scene.now), ticket="B", number=1)
    await scene.ask(parts.ticket(scene.now), ticket="C", number=2)


@dialogue("A lost answer at the end of the numbers: 65535 is sent again, then 0 goes on.")
async def number_65535_sent_again(scene: Scene) -> None:
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=65_535)
    await scene.lost()
    await scene.ask(ticket, ticket="A", token=TOKEN, number=65_535, issues="token 2")
    await scene.ask(parts.ticket(scene.now), ticket="B", number=0)


@dialogue("Number 0 is a number like any other, also as the first one.")
async def number_0_sent_again(scene: Scene) -> None:
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=0)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=0, issues="token 2")
    await scene.ask(parts.ticket(scene.now), ticket="B", number=1)


@dialogue("A refused document moves nothing: the corrected one goes with the same token, and may have the same number.")
async def refusal_keeps_token_and_number(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, items=[]), 15, number=1)
    await scene.ask(parts.ticket(scene.now), ticket="A", number=1, token=TOKEN)


@dialogue("The operator gives the register another token: the old one is worth nothing, the new one goes on.")
async def token_set_by_a_person(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.do("reset_token", token="555555555")
    await scene.ask(parts.ticket(scene.now), 2)
    await scene.ask(parts.ticket(scene.now), ticket="B", token=555_555_555)
    await scene.ask(parts.report(scene.now, ReportType.X), fields={SOLD: 2})


@dialogue("A device that is unknown takes its token from its first good message, not from a refused one.")
async def token_of_a_refused_first_message(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, items=[]), 15, token=77)
    await scene.ask(parts.ticket(scene.now), ticket="A")
