"""``openapi.json`` of the register: made from its table of routes, as the operator's is.

The rule: what the operator's description says of its own registers is not in it, and the header of the key is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from aiohttp import web

from kkt_client.core.records import KEY_MAX
from mock_ofd.kkt_service.answers import Issued
from mock_ofd.kkt_service.desk import KEY_HEADER
from ofd_server.config import VERSION
from ofd_server.gateways.http.answers import body_response, to_json
from ofd_server.gateways.http.openapi import document
from ofd_server.gateways.http.routes import JSON, Call, Route

_SCHEMAS: Final = "#/components/schemas/"


def describe(routes: Iterable[Route], *, require_key: bool = False) -> dict[str, Any]:
    """The whole description."""
    rows = tuple(routes)
    made = document(rows)
    made["info"] = {
        "title": "mock-ofd kkt",
        "version": VERSION,
        "description": "A cash register. Instants are milliseconds UTC, money is minor units, quantities thousandths.",
    }
    for row in rows:
        if Issued in row.answers.values():
            made["paths"][row.path][row.method.lower()]["parameters"].append(_key(require_key))
    known = made["components"]["schemas"]
    reached = _reached(made["paths"], known)
    made["components"] = {
        "schemas": {name: schema for name, schema in known.items() if name in reached},
        "securitySchemes": {
            "apiToken": {
                "type": "http",
                "scheme": "bearer",
                "description": "The API token of this register; nothing is needed where none is set.",
            }
        },
    }
    return made


def _key(required: bool) -> dict[str, Any]:
    return {
        "name": KEY_HEADER,
        "in": "header",
        "required": required,
        "description": "your own name for this order: said again, it gives the same document again",
        "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MAX},
    }


def _reached(paths: Any, schemas: dict[str, Any]) -> set[str]:
    """The names of the schemas that the paths refer to, directly or through others."""
    found: set[str] = set()
    ahead = list(_references(paths))
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += _references(schemas[name])
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_SCHEMAS)
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def description_route(routes: Iterable[Route], *, require_key: bool = False) -> Route:
    """The address of the description of these routes and of itself; made when it is first asked for."""
    rows = list(routes)
    made: list[bytes] = []

    async def serve(_call: Call) -> web.StreamResponse:
        if not made:
            made.append(to_json(describe(rows, require_key=require_key)))
        return body_response(made[0], JSON)

    route = Route(
        method="GET",
        path="/api/v1/openapi.json",
        handle=serve,
        summary="This description",
        tag="register: life",
        answers={200: None},
    )
    rows.append(route)
    return route
