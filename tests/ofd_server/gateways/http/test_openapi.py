"""``openapi.json`` says what is served, and what is served is what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks

from ofd_server.gateways.http.openapi import document
from tests.ofd_server.site import Running, Site

EXAMPLES = 8
"""Requests of each operation that are made up; the whole takes some seconds."""

NOT_ASKED = [
    # Sums have to agree and a path has to name the register of its body: no schema can say so.
    checks.positive_data_acceptance,
    # A made-up token is the right one for a register that the same run has made up.
    checks.ignored_auth,
]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    async def begin(site):
        await site.registered()
        await site.sold()

    with Running(begin, silence_max=1) as server:
        yield server


def test_no_request_finds_a_defect_or_an_answer_that_is_not_described(running):
    described = schemathesis.openapi.from_url(f"{running.url}/api/v1/openapi.json")
    # A stream of events never ends, so nothing could be said of it.
    found: Any = described.exclude(path_regex="/events$").exclude(path_regex="^/control").get_all_operations()
    operations = [each.ok() for each in found]
    assert len(operations) > 25
    wrong = [text for operation in operations if (text := tried(operation)) is not None]
    assert not wrong, "\n".join(wrong)


def test_no_request_to_the_control_api_finds_one():
    # On an operator of its own: what it is told to do to others would be held against it.
    with Running(silence_max=1) as server:
        described = schemathesis.openapi.from_url(f"{server.url}/api/v1/openapi.json")
        # Waiting is what these addresses are for.
        found: Any = described.include(path_regex="^/control").exclude(path_regex="/wait$").get_all_operations()
        operations = [each.ok() for each in found]
        assert len(operations) > 7
        wrong = [text for operation in operations if (text := tried(operation)) is not None]
        assert not wrong, "\n".join(wrong)


def tried(operation) -> str | None:
    """Ask made-up requests of one operation; what was wrong with an answer."""

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(case=operation.as_strategy())
    def ask(case):
        case.call_and_validate(excluded_checks=NOT_ASKED)

    try:
        ask()
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - every operation is tried before the verdict
        return f"{operation.label}: {error}"
    return None


# ---------------------------------------------------------------------------------------------------- what it says


async def the_description():
    async with Site() as site:
        reply = await site.get("/api/v1/openapi.json")
        assert reply.headers["Content-Type"] == "application/json"
        return reply.json, site.ofd._http.router.routes


async def test_every_route_is_described_and_nothing_else():
    described, routes = await the_description()
    assert described["openapi"] == "3.1.0"
    found = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert found == {(route.method, route.path) for route in routes}
    names = [operation["operationId"] for methods in described["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


async def test_every_reference_leads_somewhere():
    described, _ = await the_description()

    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"]
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    found = set(references(described))
    assert len(found) > 30
    for reference in found:
        assert reference.removeprefix("#/components/schemas/") in described["components"]["schemas"]


async def test_what_changes_something_says_which_token_it_wants():
    described, _ = await the_description()
    paths = described["paths"]
    assert paths["/api/v1/registers"]["post"]["security"] == [{"apiToken": []}, {}]
    assert paths["/api/v1/registers/{register}/documents"]["post"]["security"] == [{"registerToken": []}]
    assert "security" not in paths["/api/v1/registers"]["get"]


def test_a_description_of_nothing():
    assert document([])["paths"] == {}
