"""Work without the operator, and the way back: signs of its own, marks, periods, a document in doubt."""

from __future__ import annotations

from datetime import timedelta

from fiscal.protocols.kz.codes import Command, OperationType, ReportType
from tests.vectors.kz.authoring import parts
from tests.vectors.kz.authoring.scene import TOKEN, Scene, dialogue

SELL = parts.row("ticket_operations", OperationType.SELL)
HOUR = 3600


def returning(scene: Scene, hours: int = 2) -> parts.Fields:
    """The service block of a register that was away for so many hours."""
    return parts.service(scene.now - timedelta(hours=hours), scene.now)


@dialogue(
    "A ticket with a sign of its own is taken and gets a sign of the operator's, too; the report counts it as offline."
)
async def offline_ticket(scene: Scene) -> None:
    sold = scene.now - timedelta(hours=1)
    ticket = parts.ticket(sold, offline_ticket_number=1001, service=returning(scene))
    await scene.ask(ticket, ticket="A", contains={"ticket.qr_code": "t=20260302T090000"})
    fields = {f"{SELL}.tickets_count": 1, f"{SELL}.offline_count": 1}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue(
    "SYSTEM with the period tells the operator that the register is back; then the queue, in order, each answered."
)
async def offline_queue(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(3 * HOUR)
    begin = scene.now - timedelta(hours=2)
    await scene.ask(parts.SYSTEM | {"service": returning(scene)})
    for place, label in enumerate("BCD"):
        sold = begin + timedelta(minutes=place)
        ticket = parts.ticket(sold, 100_00, offline_ticket_number=1001 + place, service=returning(scene))
        await scene.ask(ticket, ticket=label)
        await scene.wait(1)
    placed = parts.deposit(begin + timedelta(minutes=5), is_offline=True) | {"service": returning(scene)}
    await scene.ask(placed)
    fields = {
        f"{SELL}.tickets_count": 4,
        f"{SELL}.offline_count": 3,
        "report.zx_report.money_placements[0].offline_count": 1,
        "report.zx_report.cash_sum.bills": 1800,
    }
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue(
    "The answer came too late, and the receipt went out as autonomous: the repeat has the sign, the operator counts once."
)
async def offline_after_a_lost_answer(scene: Scene) -> None:
    sold = scene.now
    await scene.ask(parts.ticket(sold), ticket="A", token=TOKEN, number=1)
    await scene.lost()
    await scene.wait(HOUR)
    again = parts.ticket(sold, offline_ticket_number=1001, service=returning(scene, 1))
    await scene.ask(again, ticket="A", token=TOKEN, number=1, issues="token 2")
    scene.number = 1
    fields = {f"{SELL}.tickets_count": 1, f"{SELL}.offline_count": 1}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("A shift is never too long for what was sold without the operator: no 11 on the way back.")
async def offline_ticket_of_a_long_shift(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(26 * HOUR)
    sold = scene.now - timedelta(minutes=30)
    late = parts.ticket(sold, offline_ticket_number=1001, service=returning(scene))
    await scene.ask(late, ticket="B")
    await scene.ask(parts.ticket(scene.now), 11)


@dialogue(
    "What was sent in time and never arrived is sent again on the way back, as it was: whoever tells of the period in"
    " which it was issued is never told 11, with a sign of its own or without one; whoever tells of another one is."
)
async def sent_again_after_an_offline_period(scene: Scene) -> None:
    opened = scene.now
    await scene.ask(parts.ticket(opened), ticket="A")
    await scene.wait(26 * HOUR)
    since, issued = opened + timedelta(hours=24, minutes=30), opened + timedelta(hours=25)
    away = parts.service(since, scene.now)
    await scene.ask(parts.ticket(issued, service=away), ticket="B", note="as it was: it has no sign of its own")
    begun = since - timedelta(minutes=1)
    first = parts.ticket(begun, service=away)
    await scene.ask(first, ticket="C", note="its first attempt, which failed, began the period")
    await scene.ask(parts.deposit(issued) | {"service": away})
    autonomous = parts.ticket(issued, offline_ticket_number=1001, service=away)
    await scene.ask(autonomous, ticket="D")
    before = parts.ticket(begun - timedelta(seconds=1), service=away)
    await scene.ask(before, 11, note="no attempt of this one can have failed then")
    await scene.ask(parts.ticket(issued), 11, note="nothing says that it is sent again")
    never = parts.ticket(scene.now, service=parts.service(scene.now, scene.now))
    await scene.ask(never, 11, note="a period of no length is none")
    closed = parts.close_shift(scene.now) | {"service": away}
    await scene.ask(closed, fields={"report.zx_report.shift_number": 1})
    await scene.ask(parts.ticket(scene.now), ticket="E")


@dialogue(
    "The end of a ticket that is taken back counts as sent again, too, when a period is told that goes on behind it.",
    version=202,
)
async def cancelled_after_an_offline_period(scene: Scene) -> None:
    opened = scene.now
    await scene.ask(parts.ticket(opened), ticket="A")
    await scene.wait(25 * HOUR)
    cancel = {"command": Command.CANCEL_TICKET}
    await scene.ask(cancel, 11)
    earlier = parts.service(opened - timedelta(hours=2), opened - timedelta(hours=1), 202)
    await scene.ask(cancel | {"service": earlier}, 11, note="a period of before")
    await scene.ask(cancel | {"service": parts.service(opened + timedelta(minutes=1), scene.now, 202)})


@dialogue("A shift that was closed without the operator: its Z-report comes when the register is back.")
async def offline_end_of_a_shift(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(2 * HOUR)
    service = returning(scene, 1)
    closed = parts.close_shift(scene.now - timedelta(minutes=30), is_offline=True) | {"service": service}
    await scene.ask(
        closed, fields={"report.zx_report.shift_number": 1, "report.zx_report.close_shift_time.time.minute": 30}
    )
    sold = parts.ticket(scene.now - timedelta(minutes=10), offline_ticket_number=1001, service=service)
    await scene.ask(sold, ticket="B")
    fields = {"report.zx_report.shift_number": 2, f"{SELL}.tickets_count": 1}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)


@dialogue("A register that was never away sends a period without length: nothing comes of it.")
async def offline_period_without_length(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now)
    await scene.ask(parts.ticket(scene.now, service=service), ticket="A")
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{SELL}.offline_count": 0})


@dialogue("254 on the way back: the register waits and sends the same packet; its place in the queue is kept.")
async def offline_queue_and_an_operator_in_trouble(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.wait(3 * HOUR)
    sold = scene.now - timedelta(hours=1)
    first = parts.ticket(sold, 100_00, offline_ticket_number=1001, service=returning(scene))
    used = scene.token
    await scene.do("storage_fails")
    await scene.ask(first, 254, number=2)
    await scene.do("storage_recovers")
    await scene.wait(60)
    await scene.ask(first, ticket="B", token=used, number=2)
    second = parts.ticket(sold + timedelta(minutes=1), 200_00, offline_ticket_number=1002, service=returning(scene))
    await scene.ask(second, ticket="C", number=3)
    await scene.ask(parts.report(scene.now, ReportType.X), number=4, fields={f"{SELL}.offline_count": 2})


@dialogue(
    "A sign that the register has given before, on another ticket: the receipt is on paper, so it is taken and noted."
)
async def offline_sign_used_again(scene: Scene) -> None:
    sold = scene.now - timedelta(hours=1)
    await scene.ask(parts.ticket(sold, offline_ticket_number=1001, service=returning(scene)), ticket="A")
    twice = parts.ticket(sold + timedelta(minutes=1), 700_00, offline_ticket_number=1001, service=returning(scene))
    await scene.ask(twice, ticket="B")
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{SELL}.tickets_count": 2})


@dialogue("Signs need not rise: any that was not used before is taken.")
async def offline_signs_in_any_order(scene: Scene) -> None:
    sold = scene.now - timedelta(hours=1)
    for place, (label, sign) in enumerate((("A", 2_147_483_647), ("B", 1), ("C", 77))):
        ticket = parts.ticket(sold + timedelta(minutes=place), offline_ticket_number=sign, service=returning(scene))
        await scene.ask(ticket, ticket=label)
    await scene.ask(parts.report(scene.now, ReportType.X), fields={f"{SELL}.offline_count": 3})
