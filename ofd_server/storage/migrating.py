"""Schemas in numbered steps: ``sql/<engine>_0001.sql`` and on, each applied once, in order, in one transaction each.

The rule: a step that was ever published is never changed. A database of a newer program is refused, because nobody
knows what its columns mean.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from fiscal.errors import StorageError


class SchemaTooNew(StorageError):
    """The database was made by a newer program than this one."""

    def __init__(self, where: object, found: int, known: int) -> None:
        super().__init__(f"{where} has schema version {found}; this program knows up to {known}: use a newer mock-ofd")
        self.found = found
        self.known = known


def steps(engine: str, found: int, known: int, where: object) -> Iterator[tuple[int, str]]:
    """What is left to do for a database at version ``found``: version and script, in order.

    Raises :class:`SchemaTooNew` when it is beyond ``known``.
    """
    if found > known:
        raise SchemaTooNew(where, found, known)
    folder = resources.files("ofd_server.storage").joinpath("sql")
    for version in range(found + 1, known + 1):
        yield version, folder.joinpath(f"{engine}_{version:04}.sql").read_text("utf-8")


__all__ = ["SchemaTooNew", "steps"]
