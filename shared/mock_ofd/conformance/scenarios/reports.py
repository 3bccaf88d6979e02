"""Reports: what the operator is told of a shift is what the shift was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from mock_ofd.conformance.scenario import Scenario, check_once_in_order, requests
from mock_ofd.conformance.stage import Register, Stage, check
from mock_ofd.conformance.tongue import Z

SALES: Final = 3
SELL: Final = "OPERATION_SELL"


async def full_report(stage: Stage) -> None:
    till = await stage.register()
    for _ in range(SALES):
        await till.sells_online()
    await till.z()
    await till.delivers()
    sent = requests(till, Z)[-1].told.fields
    _check_service(till, sent.get("service") or {})
    report = (sent.get("close_shift") or {}).get("z_report") or {}
    check(report, "the Z-report went without its figures: close_shift.z_report is missing")
    rows = [row for row in report.get("operations", ()) if row.get("operation") == SELL]
    told = [(int(row.get("count", 0)), row.get("sum")) for row in rows]
    total = sum(paper for paper in till.sold if isinstance(paper, int))
    sold = SALES, f"{total // 100}.{total % 100:02}"
    text = f"the shift sold {sold[0]} times for {sold[1]}, its Z-report says {told or 'nothing of it'}"
    check(told == [sold], text)
    check_once_in_order(stage, till)


def _check_service(till: Register, service: Mapping[str, Any]) -> None:
    for name in ("offline_period", "reg_info"):
        check(service.get(name), f"the Z-report went without service.{name}")
    told = service["reg_info"].get("kkm", {}).get("kkm_id")
    check(told == till.id, f"the Z-report of the register {till.id} says in its reg_info that it is {told}")


SCENARIOS: Final = (
    Scenario(
        "full-report",
        "the Z-report says whose it is and what the shift sold: service block with reg_info, and figures that agree",
        "leaves the service block or the figures away, or says that it is another register",
        "Kazakhstan protocol 2.0.2, 1.2.5 and 2.0.1 of its history",
        full_report,
        protocols=frozenset(("kz",)),
    ),
)
