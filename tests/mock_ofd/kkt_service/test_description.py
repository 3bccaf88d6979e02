"""``openapi.json`` says what is served, and what is served is what it says."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi import checks

from mock_ofd.kkt_service.description import describe
from tests.docs.kkt_tables import routes
from tests.mock_ofd.kkt_service.till import WAIT_S, Till

EXAMPLES = 8
"""Requests of each operation that are made up; the whole takes some seconds."""

NOT_ASKED = [
    # Sums have to agree, and a shift has to be open: no schema can say so.
    checks.positive_data_acceptance,
]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A register that has sold, in a thread of its own, because the client is not asynchronous."""
    ready, ends = threading.Event(), []
    found: list[str] = []

    async def serve() -> None:
        end = asyncio.Event()
        ends.append((asyncio.get_running_loop(), end))
        async with Till() as till:
            await till.post("/deposit", {"sum": 100_000_000})
            await till.sell()
            found.append(till.service.url)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(WAIT_S)
    yield found[0]
    loop, end = ends[0]
    loop.call_soon_threadsafe(end.set)
    thread.join(WAIT_S)


def test_no_request_finds_a_defect_or_an_answer_that_is_not_described(url):
    described = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    # A stream of events never ends, so nothing could be said of it; another token stops the register.
    found: Any = described.exclude(path=["/api/v1/events", "/api/v1/token"]).get_all_operations()
    operations = [each.ok() for each in found]
    assert len(operations) > 20
    wrong = [text for operation in operations if (text := tried(operation)) is not None]
    assert not wrong, "\n".join(wrong)


def tried(operation) -> str | None:
    """Ask made-up requests of one operation; what was wrong with an answer."""

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given(case=operation.as_strategy())
    def ask(case):
        if operation.path == "/api/v1/sync" and isinstance(case.body, dict):
            case.body.pop("timeout_s", None)
        case.call_and_validate(excluded_checks=NOT_ASKED)

    try:
        ask()
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - every operation is tried before the verdict
        return f"{operation.label}: {error}"
    return None


# ---------------------------------------------------------------------------------------------------- what it says


def test_every_route_is_described_and_nothing_else():
    described = describe(routes())
    assert described["openapi"] == "3.1.0"
    found = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert found == {(route.method, route.path) for route in routes()}
    names = [operation["operationId"] for methods in described["paths"].values() for operation in methods.values()]
    assert len(names) == len(set(names))


def test_every_schema_is_referred_to_and_every_reference_leads_somewhere():
    described = describe(routes())

    def references(value):
        if isinstance(value, dict):
            if "$ref" in value:
                yield value["$ref"].removeprefix("#/components/schemas/")
            for part in value.values():
                yield from references(part)
        elif isinstance(value, list):
            for part in value:
                yield from references(part)

    assert set(references(described)) == set(described["components"]["schemas"])
    assert "SubmitDocument" not in described["components"]["schemas"]


@pytest.mark.parametrize("required", [False, True])
def test_every_order_takes_a_key(required):
    paths = describe(routes(), require_key=required)["paths"]
    keyed = {
        path: parameter["required"]
        for path, methods in paths.items()
        for operation in methods.values()
        for parameter in operation["parameters"]
        if parameter["name"] == "Idempotency-Key"
    }
    orders = {route.path for route in routes() if route.tag == "register: orders"}
    assert keyed == dict.fromkeys(orders, required)


def test_what_wants_a_token_says_so():
    paths = describe(routes())["paths"]
    assert paths["/api/v1/sell"]["post"]["security"] == [{"apiToken": []}, {}]
    assert paths["/api/v1/status"]["get"]["security"] == [{"apiToken": []}, {}]
    assert "security" not in paths["/healthz"]["get"]
