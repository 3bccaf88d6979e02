"""The operator's ledger as the verdict reads it: who, which number, which sign, in the order of the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mock_ofd.load.verdict import Kept
from ofd_server.storage.opening import ledger_reader


def ledger_of(data: Path, storage: str | None) -> Iterator[Kept]:
    """Every document of the ledger in this folder, or at the address ``storage`` of a database.

    :class:`fiscal.errors.StorageError` or :class:`fiscal.errors.ConfigurationError` when it cannot be read.
    """
    with ledger_reader(data if storage is None else storage) as reader:
        for register_id, number, sign in reader.signs():
            yield Kept(register_id, number, sign)


__all__ = ["ledger_of"]
