"""Tables about the operator and its commands: settings, addresses, exit codes, statuses."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from typing import Any

from fiscal.domain.messages import Accepted, Blocked, RefusalCode, Refused, TryLater
from fiscal.faults.misfortunes import MISFORTUNES
from fiscal.judging.events import What
from fiscal.judging.findings import Rule
from fiscal.protocols.kz.rules import RULES
from fiscal.protocols.rest.messages import status_of
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.serve import parser
from mock_ofd.demo.live import LiveRegisters
from mock_ofd.demo.live_routes import live_routes
from mock_ofd.judge.journal import WORDS
from ofd_server.config import ServerSettings
from ofd_server.gateways.http.admin import admin_routes
from ofd_server.gateways.http.control import control_routes
from ofd_server.gateways.http.events import EventFeed, event_routes
from ofd_server.gateways.http.fleet import fleet_routes
from ofd_server.gateways.http.health import health_routes
from ofd_server.gateways.http.ledger import ledger_routes
from ofd_server.gateways.http.links import link_routes
from ofd_server.gateways.http.load import load_routes
from ofd_server.gateways.http.openapi import openapi_route
from ofd_server.gateways.http.papers import paper_routes
from ofd_server.gateways.http.protocol import protocol_routes
from ofd_server.gateways.http.routes import Right, Route

Rows = tuple[Sequence[str], Sequence[Sequence[str]]]

NOBODY: Any = None
"""In place of what a route's handler would need: nothing is handled here."""

RIGHTS = {
    Right.NONE: "–",
    Right.PERSON: "API token, if one is set",
    Right.CONTROL: "API token, if one is set",
    Right.REGISTER: "the register's token",
}


def kz_rules() -> Rows:
    """Every demand on a message of the Kazakhstan protocol, with its answer and its source."""
    rows = [[f"`{name}`", rule.what, rule.level, str(int(rule.code)), rule.source] for name, rule in RULES.items()]
    return ["rule", "what it says", "by default", "code", "source"], rows


def settings() -> Rows:
    """Every setting with its option, its variable and its default."""
    options = {option for action in parser()._actions for option in action.option_strings}
    rows = []
    for name, info in ServerSettings.model_fields.items():
        option = f"--{name.replace('_', '-')}"
        limits = [f"{word} {value}" for mark in info.metadata for word, value in _limits(mark)]
        default = "–" if info.default in (None, ()) else f"`{_shown(info.default)}`"
        rows.append(
            [
                f"`{name}`",
                f"`{option}`" if option in options else "–",
                default,
                "; ".join([str(info.description), *limits]),
            ]
        )
    return ["setting", "option", "default", "what it is"], rows


def _limits(mark: Any) -> list[tuple[str, Any]]:
    words = {"ge": "at least", "le": "at most", "min_length": "characters at least", "max_length": "characters at most"}
    return [(text, getattr(mark, name)) for name, text in words.items() if getattr(mark, name, None) is not None]


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def routes() -> dict[str, list[Route]]:
    """The rows of the HTTP interface by their tags; pages for browsers are not part of the interface."""
    found = [
        *protocol_routes(NOBODY, NOBODY, 1.0),
        *admin_routes(NOBODY),
        *link_routes(NOBODY, NOBODY),
        *control_routes(NOBODY, NOBODY, NOBODY, NOBODY, NOBODY, "UTC"),
        *fleet_routes(NOBODY, NOBODY),
        *ledger_routes(NOBODY, NOBODY),
        *paper_routes(NOBODY),
        *event_routes(EventFeed(NOBODY, NOBODY, 1, 1)),
        *health_routes(NOBODY, NOBODY, NOBODY, NOBODY),
        *load_routes(NOBODY),
        *live_routes(LiveRegisters(NOBODY, 1), NOBODY),
    ]
    found.append(openapi_route(found))
    by_tag: dict[str, list[Route]] = {}
    for route in found:
        by_tag.setdefault(route.tag, []).append(route)
    return by_tag


def addresses(tag: str) -> Rows:
    """The addresses of one tag."""
    rows = [
        [f"`{route.method} {route.path}`", route.summary, _query(route), RIGHTS[route.right]] for route in routes()[tag]
    ]
    return ["request", "what it is for", "query", "needs"], rows


def _query(route: Route) -> str:
    names = [info.alias or name for name, info in route.query.model_fields.items()]
    return ", ".join(f"`{name}`" for name in names) or "–"


def misfortunes() -> Rows:
    """The catalogue of misfortunes."""
    rows = [[f"`{one.name}`", one.happens, one.register] for one in MISFORTUNES.values()]
    return ["name", "what happens", "what a register in order does"], rows


def exits() -> Rows:
    """Every exit code with what it means."""
    rows = [["0", "`OK`", "Done."]]
    body = ast.parse(inspect.getsource(Exit)).body[0]
    assert isinstance(body, ast.ClassDef)
    for statement, after in pairwise(body.body):
        if isinstance(statement, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            (target,) = statement.targets
            assert isinstance(target, ast.Name)
            rows.append([str(int(Exit[target.id])), f"`{target.id}`", str(after.value.value)])
    assert len(rows) == len(Exit), "every code says what it means"
    return ["code", "name", "meaning"], rows


def findings() -> Rows:
    """Every rule of the judge with what a breach of it is."""
    return ["rule", "what it says"], [[f"`{Rule[name]}`", text] for name, text in _told(Rule)]


def journal_words() -> Rows:
    """Every event of a client's journal."""
    return ["event", "meaning"], [[f"`{What[name]}`", text] for name, text in _told(What) if What[name] in WORDS]


def _told(words: type[Enum]) -> list[tuple[str, str]]:
    """The members of an enum that are explained, each with its explanation."""
    body = ast.parse(inspect.getsource(words)).body[0]
    assert isinstance(body, ast.ClassDef)
    return [
        (ast.unparse(statement.targets[0]), " ".join(str(after.value.value).split()))
        for statement, after in pairwise(body.body)
        if isinstance(statement, ast.Assign) and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
    ]


def statuses() -> Rows:
    """The status of each answer to a register."""
    by_status: dict[int, list[str]] = {}
    for code in RefusalCode:
        by_status.setdefault(status_of(Refused(code=code)), []).append(f"`{code}`")
    rows = [
        [str(status_of(Accepted(number=1, at=0))), "`accepted`, `welcome`, `information`, `noted`", "–"],
        *([str(status), "`refused`", ", ".join(codes)] for status, codes in sorted(by_status.items())),
        [str(status_of(Blocked(reason="x"))), "`blocked`", "–"],
        [str(status_of(TryLater(delay_ms=1))), "`try_later`, with `Retry-After` in seconds", "–"],
    ]
    return ["status", "`result`", "`code`"], rows
