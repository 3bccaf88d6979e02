"""The table of routes: finding a row, reading a query, reading a body."""

from types import SimpleNamespace
from typing import Any

import pytest
from multidict import MultiDict
from pydantic import Field

from ofd_server.gateways.http.answers import HttpError
from ofd_server.gateways.http.routes import AnyQuery, Model, NoQuery, Route, Router, parse_body, parse_query


async def nothing(_call):
    raise AssertionError


def row(method, path, **given):
    return Route(method=method, path=path, handle=nothing, summary="", **given)


ROWS = (
    row("GET", "/"),
    row("GET", "/a/{one}"),
    row("POST", "/a/{one}"),
    row("GET", "/a/b"),
    row("DELETE", "/{any}/b"),
    row("GET", "/a/{one}/c/{two}"),
)
ROUTER = Router(ROWS)


@pytest.mark.parametrize(
    ("method", "path", "place", "values"),
    [
        ("GET", "/", 0, {}),
        ("GET", "/a/x", 1, {"one": "x"}),
        ("HEAD", "/a/x", 1, {"one": "x"}),
        ("POST", "/a/x", 2, {"one": "x"}),
        ("GET", "/a/b", 3, {}),
        ("GET", "/a/%D1%8F%2F%20", 1, {"one": "я/ "}),
        ("DELETE", "/z/b", 4, {"any": "z"}),
        ("GET", "/a/x/c/y", 5, {"one": "x", "two": "y"}),
    ],
)
def test_a_request_finds_its_row(method, path, place, values):
    assert ROUTER.find(method, path) == (ROWS[place], values)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/b", 404),
        ("GET", "/a/", 404),
        ("GET", "/a/x/c", 404),
        ("PUT", "/a/x", 405),
        ("POST", "/a/b", 405),
        ("GET", "/z/b", 405),
        ("GET", "/a/%ff", 400),
    ],
)
def test_a_request_finds_none(method, path, status):
    with pytest.raises(HttpError) as caught:
        ROUTER.find(method, path)
    assert caught.value.status == status


def test_what_is_allowed_is_told():
    with pytest.raises(HttpError) as caught:
        ROUTER.find("PUT", "/a/x")
    assert caught.value.headers == {"Allow": "GET, HEAD, POST"}


def test_names_for_generated_clients_are_all_different():
    names = [each.operation_id for each in ROWS]
    assert names[0] == "get_index"
    assert len(set(names)) == len(names)


class Some(Model):
    limit: int = Field(10, ge=1, le=20)
    text: str = ""


def asked(query) -> Any:
    return SimpleNamespace(rel_url=SimpleNamespace(query=MultiDict(query)))


def test_a_query_becomes_its_model():
    assert parse_query(row("GET", "/", query=Some), asked([("limit", "7")])) == Some(limit=7)
    assert parse_query(row("GET", "/"), asked([])) == NoQuery()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ([("limit", "0")], "limit"),
        ([("limit", "x")], "limit"),
        ([("limit", "1"), ("limit", "1")], "limit"),
        ([("limits", "1")], "limits"),
    ],
)
def test_a_wrong_query_is_refused_by_name(query, field):
    with pytest.raises(HttpError) as caught:
        parse_query(row("GET", "/", query=Some), asked(query))
    assert (caught.value.status, caught.value.field) == (400, field)


def test_a_page_is_shown_whatever_stands_behind_its_address():
    assert parse_query(row("GET", "/", query=AnyQuery), asked([("utm", "1"), ("utm", "2")])) == AnyQuery()


class Body(Model):
    name: str
    parts: tuple[int, ...] = ()


def test_a_body_becomes_its_model():
    assert parse_body(Body, b'{"name": "x", "parts": [1]}', "application/json") == Body(name="x", parts=(1,))
    assert parse_body(Some, b"", "application/json") == Some()


@pytest.mark.parametrize(
    ("body", "media", "status", "field"),
    [
        (b"{}", "text/plain", 415, "content-type"),
        (b"{", "application/json", 400, "body"),
        (b"1", "application/json", 400, "body"),
        (b"\xff", "application/json", 400, "body"),
        (b'{"name": NaN}', "application/json", 400, "body"),
        (b'{"name": "x", "name": "x"}', "application/json", 400, "body"),
        (b"[" * 200_000, "application/json", 400, "body"),
        (b"{}", "application/json", 400, "name"),
        (b'{"name": "x", "parts": [1, "x"]}', "application/json", 400, "parts[1]"),
        (b'{"name": "x", "other": 1}', "application/json", 400, "other"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_wrong_body_is_refused_by_name(body, media, status, field):
    with pytest.raises(HttpError) as caught:
        parse_body(Body, body, media)
    assert (caught.value.status, caught.value.field) == (status, field)


def test_a_wrong_value_is_never_repeated():
    with pytest.raises(HttpError) as caught:
        parse_body(Body, b'{"name": ["a secret"]}', "application/json")
    assert "secret" not in str(caught.value)
