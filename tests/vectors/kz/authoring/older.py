"""Version 2.0.2: its own schema, CANCEL_TICKET, and a trap in the register's particulars."""

from __future__ import annotations

from fiscal.protocols.kz.codes import Command, OperationType, ReportType
from fiscal.protocols.kz.messages import request_type
from tests.vectors.kz.authoring import parts
from tests.vectors.kz.authoring.scene import TOKEN, Scene, dialogue

V202 = {"version": 202}
SELL = OperationType.SELL
CANCEL: parts.Fields = {"command": Command.CANCEL_TICKET}
DRAWER = "report.zx_report.cash_sum.bills"


@dialogue("A day in 2.0.2: answered in the version of the request, from first contact to the Z-report.", **V202)
async def older_day(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now, 202)
    await scene.ask(parts.SYSTEM | {"service": service})
    await scene.ask(parts.deposit(scene.now))
    await scene.ask(parts.ticket(scene.now, service=service), ticket="A", contains={"ticket.qr_code": "s=500.00"})
    await scene.ask(parts.withdrawal(scene.now, 200_00))
    await scene.ask(parts.INFO, fields={"report.report": ReportType.X, DRAWER: 1300})
    fields = {"report.report": ReportType.Z, f"{parts.row('ticket_operations', SELL)}.tickets_count": 1}
    await scene.ask(parts.close_shift(scene.now), fields=fields)


@dialogue("A return needs no parent ticket in 2.0.2.", **V202)
async def older_return(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now, 200_00, OperationType.SELL_RETURN), ticket="B")


@dialogue("The answer to a ticket is lost: the same in 2.0.2.", **V202)
async def older_ticket_sent_again(scene: Scene) -> None:
    ticket = parts.ticket(scene.now)
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1)
    await scene.lost()
    await scene.ask(ticket, ticket="A", token=TOKEN, number=1, issues="token 2")


@dialogue("The table of tokens is the same in 2.0.2: 9, 8 and 2.", **V202)
async def older_tokens(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", token=TOKEN, number=1)
    await scene.ask(parts.deposit(scene.now), 9, token=TOKEN, number=1)
    await scene.ask(parts.ticket(scene.now), 8, number=1)
    await scene.ask(parts.ticket(scene.now), 2, token=TOKEN, number=2)
    await scene.ask(parts.ticket(scene.now), ticket="B", number=2)


@dialogue("CANCEL_TICKET takes the last ticket back: drawer and counters are as before, nothing is deleted.", **V202)
async def older_cancel_ticket(scene: Scene) -> None:
    await scene.ask(parts.deposit(scene.now))
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(CANCEL)
    fields = {DRAWER: 1000, f"{parts.row('ticket_operations', SELL)}.tickets_count": 0}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)
    await scene.ask(parts.ticket(scene.now, 700_00), ticket="B")


@dialogue("The answer to CANCEL_TICKET is lost; sent again it takes nothing back a second time.", **V202)
async def older_cancel_ticket_sent_again(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, 300_00), ticket="A")
    await scene.ask(parts.ticket(scene.now), ticket="B")
    used = scene.token
    await scene.ask(CANCEL, number=3)
    await scene.lost()
    await scene.ask(CANCEL, token=used, number=3, issues="token 4")
    await scene.ask(parts.report(scene.now, ReportType.X), number=4, fields={DRAWER: 300})


@dialogue("SYSTEM and INFO may stand between a ticket and its cancellation.", **V202)
async def older_cancel_ticket_after_questions(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.SYSTEM)
    await scene.ask(parts.INFO)
    await scene.ask(CANCEL)
    await scene.ask(parts.report(scene.now, ReportType.X), fields={DRAWER: 0})


@dialogue("The last document is no ticket: there is nothing to cancel, 10.", **V202)
async def older_cancel_of_something_else(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.deposit(scene.now))
    await scene.ask(CANCEL, 10)
    await scene.ask(parts.report(scene.now, ReportType.X), fields={DRAWER: 1500})


@dialogue("A ticket is cancelled once: 10.", **V202)
async def older_cancel_twice(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(CANCEL)
    await scene.ask(CANCEL, 10)


@dialogue(
    "Goods by version in 2.0.2: no search by barcode, prices are required.",
    **V202,
    server={"kz_catalogue": "catalogue.json"},
)
async def older_nomenclature(scene: Scene) -> None:
    fields = {"nomenclature.elements#": 3, "nomenclature.result": 0}
    answer = await scene.ask(parts.nomenclature(current_version=0), fields=fields)
    assert all(element.item.HasField("purchase_price") for element in answer.nomenclature.elements if element.type == 1)


@dialogue("A cashier logs in, in 2.0.2.", **V202, server={"kz_cashiers": "cashiers.toml"})
async def older_auth(scene: Scene) -> None:
    await scene.ask(parts.auth("aliya", "correct"), fields={"auth.result": 0, "auth.operator_code": 7})


@dialogue("OrgRegInfo number 6 is tenantId, a number, in 2.0.2.", **V202)
async def older_particulars(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now, 202)
    service["reg_info"]["org"]["tenantId"] = 1
    fields = {"service.reg_info.org.inn": parts.OWNER_BIN, "service.reg_info.org.title": "ТОО «Нива»"}
    await scene.ask(parts.SYSTEM | {"service": service}, fields=fields)


@dialogue("A body of 2.0.3 under a header of 2.0.2: number 6 as a text is a field that 2.0.2 does not know.", **V202)
async def older_header_with_a_newer_body(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now, 203)
    body = request_type(203)(**parts.SYSTEM, service=service).SerializeToString()
    await scene.ask(body, command=Command.SYSTEM, fields={"service.reg_info.org.tenantId": None})


@dialogue("A body of 2.0.2 under a header of 2.0.3: number 6 as a number is a field that 2.0.3 does not know.")
async def newer_header_with_an_older_body(scene: Scene) -> None:
    service = parts.service(scene.now, scene.now, 202)
    service["reg_info"]["org"]["tenantId"] = 1
    body = request_type(202)(**parts.SYSTEM, service=service).SerializeToString()
    await scene.ask(body, command=Command.SYSTEM, fields={"service.reg_info.org.title": "ТОО «Нива»"})


@dialogue("A register that moves from 2.0.2 to 2.0.3 keeps its shift, its counters and its token.", **V202)
async def older_register_learns_the_newer_version(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    scene.version = 203
    await scene.ask(parts.ticket(scene.now), ticket="B")
    fields = {DRAWER: 1000, f"{parts.row('ticket_operations', SELL)}.tickets_count": 2}
    await scene.ask(parts.report(scene.now, ReportType.X), fields=fields)
    scene.version = 202
