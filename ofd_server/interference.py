"""Misfortune by hand: what a person does to the links of a running operator.

The rule: there is one fault plan for the whole operator, and every gateway obeys it (:mod:`fiscal.faults`). As long as
nobody interferes there is no plan and no gateway asks for one; the first time somebody does, ``begin`` puts it into all
gateways, and connections that are open obey it too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fiscal.faults.plan import NO_FAULTS, FaultPlan
from fiscal.faults.run import FaultRun
from ofd_server.core.link import Link, LinkState, link_in, lost_answer, with_link, without
from ofd_server.suffering import Suffering

NOT_BENT: Final = Link()
"""How every link is while nobody interferes."""


class Interference:
    """The plan at work, and what a page or a program may do to it.

    ``run`` is the plan that is at work from the start, if there is one. ``begin`` is called once, with the run that every
    gateway has to obey from then on; ``sever`` aborts the open connections of a register.
    """

    def __init__(self, run: FaultRun | None, begin: Callable[[FaultRun], None], sever: Callable[[str], None]) -> None:
        self.run = run
        """``None`` while nobody interferes: then a gateway has nothing to ask."""
        self.host: Suffering
        """Whom a plan may harm beside connections; there from the start of the server on."""
        self._begin = begin
        self._sever = sever

    @property
    def plan(self) -> FaultPlan:
        """The plan in force."""
        return NO_FAULTS if self.run is None else self.run.plan

    def switch_to(self, plan: FaultPlan) -> None:
        """Go on with another plan."""
        if self.run is None:
            self.run = FaultRun()
            self._begin(self.run)
        self.run.switch_to(plan)

    # ------------------------------------------------------------------------------------------------------- links

    def link(self, register_id: str) -> Link:
        """How the register's link is."""
        return NOT_BENT if self.run is None else link_in(self.run.plan, register_id)

    def set_link(self, register_id: str, link: Link) -> None:
        """Cut, slow down or restore a link. :class:`InvalidValue` when the plan has no room for it."""
        if link != self.link(register_id):
            self.switch_to(with_link(self._without_spent(register_id), register_id, link))
        if link.state is LinkState.CUT:
            self._sever(register_id)

    def is_answer_to_be_lost(self, register_id: str) -> bool:
        """Whether the answer to the register's next document will be lost."""
        fault = lost_answer(register_id)
        return self.run is not None and fault in self.run.plan.faults and not self.run.times_applied(fault, register_id)

    def lose_next_answer(self, register_id: str) -> None:
        """Let the answer to the register's next document be lost after its commit, once."""
        if not self.is_answer_to_be_lost(register_id):
            self.switch_to(self._without_spent(register_id))  # its count goes with it
            self.switch_to(self.plan.with_fault(lost_answer(register_id)))

    def _without_spent(self, register_id: str) -> FaultPlan:
        """The plan without an answer to be lost that is lost already."""
        plan = self.plan
        return plan if self.is_answer_to_be_lost(register_id) else without(plan, lost_answer(register_id).name)
