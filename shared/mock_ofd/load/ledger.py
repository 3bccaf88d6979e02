"""The operator's ledger as the verdict reads it: who, which number, which sign, in the order of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mock_ofd.load.result import LoadFailed
from mock_ofd.load.verdict import Kept
from ofd_server.storage.reading import LedgerReader


def ledger_of(data: Path, storage: str | None) -> Iterator[Kept]:
    """Every document of the ledger in this folder; :class:`fiscal.errors.StorageError` when it cannot be read."""
    if storage is not None:
        raise LoadFailed(f"the ledger at {storage} cannot be read by the verdict yet")
    with LedgerReader(data) as reader:
        for register_id, number, sign in reader.signs():
            yield Kept(register_id, number, sign)


__all__ = ["ledger_of"]
