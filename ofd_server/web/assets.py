"""The page of the fleet: files of this package, as they are.

The rule: nothing is built and nothing is made on the way. A file is found by its exact name in a list that is read once,
so no address leads anywhere else. The page may run its own scripts and talk to its own server, and nothing besides: its
Content-Security-Policy allows no inline script, no other host and no frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Final

from ofd_server.ports import Asset

INDEX: Final = "index.html"

SLIP_STYLE: Final = "slip.css"
"""The style of a receipt's form: the one that its own page has."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_TYPES: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}


def app() -> Asset:
    """The page itself."""
    return _files()[INDEX]


def find(name: str) -> Asset | None:
    """One of its files, by its name."""
    return _files().get(name)


@cache
def _files() -> Mapping[str, Asset]:
    from fiscal.rendering.html import STYLE  # noqa: PLC0415 - only who shows receipts needs the codes' library

    folder = resources.files("ofd_server.web").joinpath("static")
    bodies = {entry.name: entry.read_bytes() for entry in folder.iterdir() if _kind(entry.name)}
    bodies[SLIP_STYLE] = STYLE.encode()
    return {name: _asset(name, body) for name, body in bodies.items()}


def _asset(name: str, body: bytes) -> Asset:
    return Asset(
        body=body,
        content_type=_TYPES[_kind(name)],
        etag=f'"{sha256(body).hexdigest()[:32]}"',
        headers={"Content-Security-Policy": POLICY},
    )


def _kind(name: str) -> str:
    """What a file is, by the end of its name; nothing for what is none of the page's."""
    kind = name.rpartition(".")[2]
    return kind if kind in _TYPES else ""
