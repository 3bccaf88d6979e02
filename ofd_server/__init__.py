"""The operator of fiscal data: accepts documents, keeps them for ever, answers with fiscal signs.

``OfdServer`` is the whole operator in one object, ``ServerSettings`` what can be set. Both are imported when they are
first asked for, so that importing a part of this package costs no more than that part.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ofd_server.app import OfdServer
    from ofd_server.config import ServerSettings

__all__ = ["OfdServer", "ServerSettings"]


def __getattr__(name: str) -> Any:
    if name == "OfdServer":
        from ofd_server.app import OfdServer  # noqa: PLC0415 - see the docstring

        return OfdServer
    if name == "ServerSettings":
        from ofd_server.config import ServerSettings  # noqa: PLC0415

        return ServerSettings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
