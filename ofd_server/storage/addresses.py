"""Where a database is, and how that is told: never with its password."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from fiscal.errors import ConfigurationError

SCHEMES: Final = ("postgresql", "postgres")
FORM: Final = "must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with %-codes for what is special in a password"

_PORT: Final = re.compile(r"[^:]*(:[0-9]*)?|\[[^]]*](:[0-9]*)?")
"""A host with or without a port. Where something else follows the colon a password has a slash in it."""


class Address:
    """Where a database is: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE?options``, as libpq reads it.

    Raises :class:`ConfigurationError` for what is none; ``str()`` is the address without password and options.
    """

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        try:
            parts = urlsplit(dsn)
            options = dict(parse_qsl(parts.query))
        except ValueError:
            raise ConfigurationError(f"storage: {FORM}") from None
        if parts.scheme not in SCHEMES:
            raise ConfigurationError(f"storage: {FORM}")
        account, at, host = parts.netloc.rpartition("@")
        if any(not _PORT.fullmatch(each) for each in host.split(",")):
            raise ConfigurationError(f"storage: {FORM}")
        user = account.partition(":")[0]
        self.user = unquote(user) or options.get("user", "")
        self.database = unquote(parts.path.lstrip("/")) or options.get("dbname", "")
        self._text = f"{parts.scheme}://{user}{at}{host or options.get('host', '')}{parts.path}"

    def __str__(self) -> str:
        return self._text


__all__ = ["FORM", "SCHEMES", "Address"]
