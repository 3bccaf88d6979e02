"""``openapi.json``: the table of routes and the models behind it, written down for other programs.

The rule: nothing is described by hand that the code knows. Addresses come from the rows, parameters and bodies from the
models that refuse wrong ones, answers from the types that the handlers return, messages from the protocol's classes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema
from typing_extensions import TypedDict

from fiscal.domain.limits import CODE_MAX, NUMBER_MAX, REGISTER_ID_MAX
from fiscal.protocols.rest.messages import COMMANDS, schemas
from ofd_server.config import VERSION
from ofd_server.gateways.http.answers import body_response, to_json
from ofd_server.gateways.http.routes import EVENT_STREAM, HTML, JSON, MSGPACK, AnyQuery, Call, Right, Route

_REF: Final = "#/components/schemas/{model}"
_PATH: Final[Mapping[str, Any]] = {
    "register": {"type": "string", "minLength": 1, "maxLength": REGISTER_ID_MAX},
    "number": {"type": "integer", "minimum": 1, "maximum": NUMBER_MAX},
    "fault": {"type": "string", "minLength": 1, "maxLength": CODE_MAX},
    "misfortune": {"type": "string", "minLength": 1, "maxLength": CODE_MAX},
    "file": {"type": "string", "minLength": 1, "maxLength": 64},
}
_SECURITY: Final[Mapping[Right, list[dict[str, list[str]]]]] = {
    Right.NONE: [],
    Right.PERSON: [{"apiToken": []}, {}],
    Right.CONTROL: [{"apiToken": []}, {}],
    Right.REGISTER: [{"registerToken": []}],
}
_SCHEMES: Final = {
    "apiToken": {
        "type": "http",
        "scheme": "bearer",
        "description": "The API token of the server; nothing is needed where none is set.",
    },
    "registerToken": {"type": "http", "scheme": "bearer", "description": "The register's own token."},
}


_PACKED: Final[dict[str, Any]] = {
    "schema": {"type": "string", "contentEncoding": "binary", "description": "the same as msgpack"}
}


class ErrorDetail(TypedDict):
    """``code`` for machines, ``field`` for the part that was wrong, ``text`` for people."""

    code: str
    field: str
    text: str


class Error(TypedDict):
    """Every error of the HTTP interface."""

    error: ErrorDetail


class _Schema(GenerateJsonSchema):
    """JSON Schema in which binary values are hexadecimal text, as :func:`plain` writes them."""

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:  # noqa: ARG002 - all are alike
        return {"type": "string", "pattern": "^(?:[0-9a-f]{2})*$"}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole description."""
    rows = tuple(routes)
    models = dict.fromkeys(model for row in rows for model in _models(row))
    found, components = _schemas([Error, *models])
    paths: dict[str, Any] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "mock-ofd",
            "version": VERSION,
            "description": "A mock operator of fiscal data. Instants are milliseconds UTC, money is minor units.",
        },
        "paths": paths,
        "components": {"schemas": {**components, **schemas()}, "securitySchemes": _SCHEMES},
    }


def _models(row: Route) -> Iterable[Any]:
    if row.body is not None:
        yield row.body
    if row.query is not AnyQuery:
        yield row.query
    yield from (answer for answer in row.answers.values() if answer is not None and not isinstance(answer, str))


def _schemas(models: list[Any]) -> tuple[dict[Any, Any], dict[str, Any]]:
    """The schema of each model, mostly a reference, and what they refer to."""
    adapters = [(model, "validation", TypeAdapter(model)) for model in models]
    found, together = TypeAdapter.json_schemas(adapters, ref_template=_REF, schema_generator=_Schema)  # type: ignore[arg-type]  # the mode is a literal
    return {model: schema for (model, _), schema in found.items()}, together.get("$defs", {})


def _operation(row: Route, found: Mapping[Any, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": row.operation_id,
        "summary": row.summary,
        "tags": [row.tag] if row.tag else [],
        "parameters": [*_path_parameters(row), *_query_parameters(row)],
        "responses": _responses(row, found),
    }
    if row.right is not Right.NONE:
        made["security"] = _SECURITY[row.right]
    body = _request_body(row, found)
    if body is not None:
        made["requestBody"] = body
    return made


def _path_parameters(row: Route) -> Iterable[dict[str, Any]]:
    for part in row.path.split("/"):
        if part.startswith("{"):
            name = part[1:-1]
            yield {"name": name, "in": "path", "required": True, "schema": _PATH[name]}


def _query_parameters(row: Route) -> Iterable[dict[str, Any]]:
    if row.query is AnyQuery:
        return
    schema = row.query.model_json_schema(ref_template=_REF)
    for name, part in schema.get("properties", {}).items():
        options = [option for option in part.get("anyOf", [part]) if option.get("type") != "null"]
        shown = {key: value for key, value in part.items() if key not in ("anyOf", "title", "description", "default")}
        for option in options:
            shown.update(option)
        shown.pop("title", None)
        yield {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": shown,
            **({"description": part["description"]} if "description" in part else {}),
        }


def _request_body(row: Route, found: Mapping[Any, Any]) -> dict[str, Any] | None:
    if row.command is not None:
        schema = {"$ref": _REF.format(model=COMMANDS[row.command].__name__)}
        return {"required": True, "content": {JSON: {"schema": schema}, MSGPACK: _PACKED}}
    if row.body is None:
        return None
    required = any(info.is_required() for info in row.body.model_fields.values())
    content: dict[str, Any] = {JSON: {"schema": found[row.body]}}
    if row.text is not None:
        content[row.text] = {"schema": {"type": "string"}}
    return {"required": required, "content": content}


def _responses(row: Route, found: Mapping[Any, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for status, answer in row.answers.items():
        schema: Any = (
            {"$ref": _REF.format(model=answer)} if isinstance(answer, str) else found.get(answer, {"type": "string"})
        )
        if row.media == EVENT_STREAM:
            schema = {"description": "one event after the other, each with an object in JSON as its data"}
        content = {media: {"schema": schema} for media in (row.media, *row.more_media)}
        if row.speaks_protocol:
            content[MSGPACK] = _PACKED
        made[str(status)] = {"description": HTTPStatus(status).phrase, "content": content}
    error: Any = {"$ref": _REF.format(model="Error")}
    wrong = {JSON: {"schema": error}}
    if row.speaks_protocol:
        wrong = {JSON: {"schema": {"anyOf": [{"$ref": _REF.format(model="Answer")}, error]}}, MSGPACK: _PACKED}
    if row.media == HTML:
        wrong[HTML] = {"schema": {"type": "string"}}
    made["default"] = {"description": "What went wrong", "content": wrong}
    return made


def openapi_route(routes: Iterable[Route]) -> Route:
    """The address of the description of these routes and of itself; made when it is first asked for."""
    rows = list(routes)
    made: list[bytes] = []

    async def serve(_call: Call) -> web.StreamResponse:
        if not made:
            made.append(to_json(document(rows)))
        return body_response(made[0], JSON)

    route = Route(
        method="GET",
        path="/api/v1/openapi.json",
        handle=serve,
        summary="This description",
        tag="health",
        answers={200: None},
    )
    rows.append(route)
    return route
