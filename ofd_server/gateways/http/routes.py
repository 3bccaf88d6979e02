"""The table of what is served: a row for each method of each address, and how a request finds its row.

The rule: a handler gets values that are checked already. The row names the model of its query and of its body, so
what is refused and what ``openapi.json`` says cannot differ.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ofd_server.gateways.http.answers import HttpError

JSON: Final = "application/json"
MSGPACK: Final = "application/msgpack"
HTML: Final = "text/html"
EVENT_STREAM: Final = "text/event-stream"
JSON_LINES: Final = "application/jsonl"
TOML: Final = "application/toml"


class Right(StrEnum):
    """What a request has to bring."""

    NONE = "none"
    PERSON = "person"
    """The API token, when one is set."""
    CONTROL = "control"
    """The same, where the control API is served at all."""
    REGISTER = "register"
    """The register's own token."""


class Model(BaseModel):
    """The root of queries and bodies: names that nobody knows are refused. What checks one is made when it is first
    asked: an operator that starts has some fifty of them, and a test asks three.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class NoQuery(Model):
    """Nothing may be asked behind the question mark."""


class AnyQuery(Model):
    """Whatever stands behind the question mark: pages are found under addresses that others lengthen."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(slots=True)
class Call:
    """A request that has found its row. ``query`` and ``body`` are instances of the row's models."""

    request: web.BaseRequest
    route: Route
    path: Mapping[str, str]
    query: Any = None
    body: Any = None


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A row. ``answers`` tells for each status the type of the body: a class, ``None`` for one of no fixed form."""

    method: str
    path: str
    handle: Handler
    summary: str
    tag: str = ""
    answers: Mapping[int, Any] = field(default_factory=dict)
    media: str = JSON
    more_media: tuple[str, ...] = ()
    """Other types that its answers may have, when the query asks for one."""
    query: type[Model] = NoQuery
    body: type[Model] | None = None
    text: str | None = None
    """Another type that its body may have: then ``body`` of the call is the text itself."""
    command: str | None = None
    """The command of the register protocol that the body carries; its handler parses it itself."""
    right: Right = Right.NONE
    speaks_protocol: bool = False
    """Whether its answers are messages of the register protocol, in JSON or msgpack."""

    @property
    def operation_id(self) -> str:
        """A name for generated clients."""
        words = [word.strip("{}") for word in self.path.replace("/api/v1", "").split("/") if word]
        return "_".join([self.method.lower(), *(words or ["index"])]).replace("-", "_").replace(".", "_")


class Router:
    """All rows, found by method and path."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(routes)
        self._by_length: dict[int, list[tuple[tuple[str, ...], dict[str, Route]]]] = {}
        for route in self.routes:
            pattern = tuple(route.path.split("/")[1:])
            rows = self._by_length.setdefault(len(pattern), [])
            methods = next((methods for known, methods in rows if known == pattern), None)
            if methods is None:
                methods = {}
                rows.append((pattern, methods))
            methods[route.method] = route
        for rows in self._by_length.values():
            # An address that is written out goes before one with a place for a name.
            rows.sort(key=lambda row: sum(part.startswith("{") for part in row[0]))

    def find(self, method: str, raw_path: str) -> tuple[Route, dict[str, str]]:
        """The row and the values in the path; :class:`HttpError` 404 or 405."""
        parts = raw_path.split("/")[1:]
        for pattern, methods in self._by_length.get(len(parts), ()):
            if not all(
                want == part or (want.startswith("{") and part) for want, part in zip(pattern, parts, strict=True)
            ):
                continue
            route = methods.get("GET" if method == "HEAD" else method)
            if route is None:
                allowed = sorted({*methods, *(["HEAD"] if "GET" in methods else [])})
                text = f"{method} is not served here, {', '.join(allowed)} is"
                raise HttpError(405, "method_not_allowed", "method", text, headers={"Allow": ", ".join(allowed)})
            try:
                values = {
                    want[1:-1]: unquote(part, errors="strict")
                    for want, part in zip(pattern, parts, strict=True)
                    if want.startswith("{")
                }
            except UnicodeDecodeError:
                raise HttpError(400, "bad_request", "path", "is no UTF-8") from None
            return route, values
        raise HttpError(404, "not_found", "path", "nothing is served under this address")


def parse_query(route: Route, request: web.BaseRequest) -> Model:
    """The query as the row's model; :class:`HttpError` 400 names the wrong parameter."""
    given: dict[str, str] = {}
    for name, value in request.rel_url.query.items():
        if name in given and route.query is not AnyQuery:
            raise HttpError(400, "bad_request", name, "stands twice in the query")
        given[name] = value
    return _validated(route.query, given)


def parse_body(model: type[Model], body: bytes, content_type: str) -> Model:
    """The JSON body as this model, none at all as an empty one; :class:`HttpError` 400 or 415."""
    if content_type != JSON:
        raise HttpError(415, "bad_media_type", "content-type", f"must be {JSON}")
    try:
        given = json.loads(body or b"{}", parse_constant=_no_constant, object_pairs_hook=_without_repetition)
    except (ValueError, RecursionError) as error:
        raise HttpError(400, "bad_request", "body", f"is no JSON: {str(error)[:200]}") from None
    if not isinstance(given, dict):
        raise HttpError(400, "bad_request", "body", "must be an object")
    return _validated(model, given)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    entries = dict(pairs)
    if len(entries) != len(pairs):
        raise ValueError("a name stands twice in an object")
    return entries


def _validated(model: type[Model], given: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise invalid(error) from None


def parse_value(adapter: TypeAdapter[Any], value: Any, field: str) -> Any:
    """A value of the path by its type; :class:`HttpError` 400."""
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise invalid(error, field) from None


def invalid(error: ValidationError, field: str = "") -> HttpError:
    """The first thing that is wrong, in the words of an answer. The value itself is not repeated: it may be a secret."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    path = field
    for step in first["loc"]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    text = "there is no such field" if first["type"] == "extra_forbidden" else first["msg"]
    return HttpError(400, "bad_request", path[:200], text[:400])
