"""Every scenario by its name. The rule: the order is that of the report card, simple things first."""

from __future__ import annotations

from typing import Final

from mock_ofd.conformance.scenario import Scenario
from mock_ofd.conformance.scenarios import alone, clock, crash, fleet, limits, once, order, reports

GROUPS: Final = {
    "Exactly once": once.SCENARIOS,
    "Order": order.SCENARIOS,
    "Crashes": crash.SCENARIOS,
    "Limits of time": limits.SCENARIOS,
    "Alone": alone.SCENARIOS,
    "Reports": reports.SCENARIOS,
    "Fleets": fleet.SCENARIOS,
    "Clocks": clock.SCENARIOS,
}
"""The scenarios by the kind of trouble."""
SCENARIOS: Final[dict[str, Scenario]] = {each.name: each for group in GROUPS.values() for each in group}
"""The scenarios by their names."""
