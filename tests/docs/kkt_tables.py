"""Tables about the register's own HTTP interface: addresses, errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fiscal.errors import FiscalError
from kkt_client.core.views import snake
from mock_ofd.kkt_service.answers import STATUSES
from mock_ofd.kkt_service.description import description_route
from mock_ofd.kkt_service.desk import Desk
from mock_ofd.kkt_service.feed import Feed
from mock_ofd.kkt_service.looking import Looking
from mock_ofd.kkt_service.operating import Operating
from mock_ofd.kkt_service.routes import event_routes, life_routes, looking_routes, operating_routes, order_routes
from ofd_server.gateways.http.routes import Right, Route
from tests.docs.server_tables import NOBODY

Rows = tuple[Sequence[str], Sequence[Sequence[str]]]


def routes() -> list[Route]:
    """Every row of the interface."""
    rows = [
        *order_routes(Desk(NOBODY)),
        *looking_routes(Looking(NOBODY, "")),
        *operating_routes(Operating(NOBODY, "")),
        *event_routes(Feed("0", NOBODY)),
        *life_routes(NOBODY, NOBODY),
    ]
    return [*rows, description_route(rows)]


def addresses(tag: str) -> Rows:
    """The addresses of one tag, with the names that their bodies and queries know; those that are needed stand out."""
    rows = [
        [f"`{route.method} {route.path}`", route.summary, ", ".join(_names(route)) or "–"]
        for route in routes()
        if route.tag == f"register: {tag}"
    ]
    return ["request", "what it is for", "names"], rows


def _names(route: Route) -> Iterator[str]:
    for model in (route.body, route.query):
        for name, info in {} if model is None else model.model_fields.items():
            shown = f"`{info.alias or name}`"
            yield f"**{shown}**" if info.is_required() else shown


def unprotected() -> list[str]:
    """The addresses that want no token."""
    return [f"{route.method} {route.path}" for route in routes() if route.right is Right.NONE]


def errors() -> Rows:
    """The status of each error of the register."""
    return ["status", "`code`"], [[str(status), f"`{word(class_)}`"] for class_, status in STATUSES]


def word(class_: type[FiscalError]) -> str:
    """The code of an error that has none of its own."""
    return snake(class_.__name__)
