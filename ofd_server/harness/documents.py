"""A document that the operator holds, for whoever looks at it in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from fiscal.domain.document import Document, DocumentKind, total_of
from fiscal.domain.money import format_minor
from fiscal.domain.receipt import Operation
from fiscal.time import Instant
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.expecting import MISSING, at, fields
from ofd_server.ports import StoredEntry


@dataclass(frozen=True)
class HeldDocument:
    """A document with what the ledger holds beside it; ``document`` is its content as a value of the domain.

    ``held["payments[0].sum"]`` looks a field up by its path, under the names that expectations use
    (:attr:`fields` has all of them).
    """

    seq: int
    register: str
    entry: DocumentRecorded = field(repr=False)

    @classmethod
    def of(cls, stored: StoredEntry) -> HeldDocument:
        """The document in a line of the ledger."""
        assert isinstance(stored.entry, DocumentRecorded), "documents were asked for"
        return cls(stored.seq, stored.register_id, stored.entry)

    @property
    def document(self) -> Document:
        return self.entry.document

    @property
    def number(self) -> int:
        return self.entry.number

    @property
    def kind(self) -> DocumentKind:
        return self.entry.kind

    @property
    def operation(self) -> Operation | None:
        """What kind of settlement; ``None`` for a document that is none."""
        return getattr(self.entry.document, "operation", None)

    @property
    def total(self) -> int:
        """Minor units; 0 for a document without a sum."""
        return total_of(self.entry.document)

    @property
    def sign(self) -> str | None:
        """The operator's fiscal sign."""
        return self.entry.sign

    @property
    def autonomous(self) -> bool:
        return self.entry.autonomous

    @property
    def autonomous_sign(self) -> int | None:
        return self.entry.autonomous_sign

    @property
    def protocol(self) -> str:
        """The word for how it came."""
        return self.entry.protocol

    @property
    def received_at(self) -> Instant:
        return self.entry.received_at

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """All of it as plain values, under the names that expectations use."""
        return fields(self.seq, self.register, self.entry)

    def __getitem__(self, path: str) -> Any:
        found = at(self.fields, path)
        if found is MISSING:
            raise KeyError(path)
        return found

    def __str__(self) -> str:
        words = [f"{self.kind} {self.number} of {self.register}"]
        if self.operation is not None:
            words.append(self.operation)
        if self.total:
            words.append(format_minor(self.total))
        if self.autonomous:
            words.append("autonomous")
        return ", ".join(words)
