"""The catalogue of misfortunes over the control API: read it, and switch one on or off by its name.

The rule: a misfortune is nothing but its faults, so one that is on stands in the plan at work like any other, beside what
else is there; it is on while all its faults are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import Field
from typing_extensions import TypedDict

from fiscal.domain.limits import NAME_MAX
from fiscal.errors import InvalidValue
from fiscal.faults.misfortunes import MISFORTUNES, Misfortune, misfortune
from fiscal.faults.notation import fault_to_dict
from fiscal.faults.plan import ANY, SEED_MAX, FaultPlan
from ofd_server.core.link import without
from ofd_server.gateways.http.answers import HttpError, json_response
from ofd_server.gateways.http.control_faults import PlanView, plan_view, understood
from ofd_server.gateways.http.routes import Call, Model, Right, Route
from ofd_server.interference import Interference
from ofd_server.service import Service

CATALOGUE: Final = "/control/misfortunes"

Pattern = Annotated[str, Field(min_length=1, max_length=NAME_MAX)]


class Whom(Model):
    """Whom it befalls, as patterns; with ``seed`` the whole plan gets this one."""

    register_id: Pattern = Field(ANY, alias="register")
    protocol: Pattern = ANY
    seed: Annotated[int, Field(ge=0, le=SEED_MAX)] | None = None


class MisfortuneView(TypedDict):
    """One of the catalogue: what happens, what a register in order does about it, and whether it goes on then without a
    person; ``on`` while all its faults are at work.
    """

    name: str
    happens: str
    register: str
    needs_person: bool
    on: bool
    faults: list[dict[str, Any]]


class MisfortuneList(TypedDict):
    """The whole catalogue."""

    items: list[MisfortuneView]


class Misfortunes:
    """Handlers about misfortunes."""

    def __init__(self, interference: Interference, service: Service) -> None:
        self._interference = interference
        self._service = service

    async def show(self, _call: Call) -> web.StreamResponse:
        """All of them."""
        at_work = {fault.name for fault in self._interference.plan}
        return json_response(MisfortuneList(items=[_view(one, at_work) for one in MISFORTUNES.values()]))

    async def switch_on(self, call: Call) -> web.StreamResponse:
        """One more, or the same for others; it counts anew."""
        whom: Whom = call.body
        added = _named(call).plan(self._service.clock.now())
        others = self._without(added)
        plan = others if whom.seed is None else replace(others, seed=whom.seed)
        for fault in added:
            when = replace(fault.when, register=whom.register_id, protocol=whom.protocol)
            plan = understood(partial(plan.with_fault, replace(fault, when=when)))
        self._switch_to(others)  # what is switched on again counts anew
        return self._switch_to(plan)

    async def switch_off(self, call: Call) -> web.StreamResponse:
        """One less; what is off already stays off."""
        return self._switch_to(self._without(_named(call).plan()))

    def _without(self, removed: FaultPlan) -> FaultPlan:
        plan = self._interference.plan
        for fault in removed:
            plan = without(plan, fault.name)
        return plan

    def _switch_to(self, plan: FaultPlan) -> web.StreamResponse:
        if plan != self._interference.plan:
            self._interference.switch_to(plan)
        return json_response(plan_view(plan))


def _named(call: Call) -> Misfortune:
    name = call.path["misfortune"]
    try:
        return misfortune(name)
    except InvalidValue:
        text = f"there is no misfortune {name!r} in the catalogue, see {CATALOGUE}"
        raise HttpError(404, "unknown_misfortune", "misfortune", text) from None


def _view(one: Misfortune, at_work: set[str]) -> MisfortuneView:
    faults = list(one.plan())
    return MisfortuneView(
        name=one.name,
        happens=one.happens,
        register=one.register,
        needs_person=one.needs_person,
        on=all(fault.name in at_work for fault in faults),
        faults=[fault_to_dict(fault) for fault in faults],
    )


def misfortune_routes(interference: Interference, service: Service) -> Iterable[Route]:
    """The addresses about misfortunes."""
    at = Misfortunes(interference, service)

    def route(method: str, path: str, handle: Any, summary: str, answer: Any, **more: Any) -> Route:
        right = Right.CONTROL
        answers = {200: answer}
        return Route(
            method=method,
            path=path,
            handle=handle,
            summary=summary,
            tag="control",
            right=right,
            answers=answers,
            **more,
        )

    one = CATALOGUE + "/{misfortune}"
    return (
        route("GET", CATALOGUE, at.show, "Misfortunes that have a name", MisfortuneList),
        route("PUT", one, at.switch_on, "Switch a misfortune on, for all registers or some", PlanView, body=Whom),
        route("DELETE", one, at.switch_off, "Switch a misfortune off", PlanView),
    )
