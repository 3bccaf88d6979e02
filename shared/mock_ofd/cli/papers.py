"""Where ``mock-ofd receipt`` gets its papers from: a running operator, or the ledger of one that does not run.

The rule: both find the same documents and draw the same bytes. The first asks the HTTP interface; the second reads the
data folder, which no other process may hold meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, Self, TypeVar

from fiscal.domain.document import DocumentKind
from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX
from fiscal.rendering.files import ExtraMissing, FileKind, render_file
from fiscal.rendering.values import Printed
from fiscal.time import Instant
from mock_ofd.cli.api import Api, ApiError, register_path
from mock_ofd.cli.exits import Exit
from ofd_server.core.entries import DocumentRecorded
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.loading import load_state
from ofd_server.ports import DocumentFilter
from ofd_server.receipts import paper_of, x_report_of
from ofd_server.storage.sqlite import FILE_NAME, SqliteJournal

FOUND_MAX: Final = 100
"""Documents that are looked at under one sign: two registers rarely share one."""

T = TypeVar("T")


class Place(NamedTuple):
    """Where a document stands."""

    register: str
    number: int


class Form(NamedTuple):
    """As what file, how wide, and whether it is marked as a copy."""

    kind: FileKind
    width: int
    is_copy: bool = False


class Papers(Protocol):
    """What is asked of either, inside ``with``; everything raises :class:`ApiError` or ``StorageError``."""

    def __enter__(self) -> Self: ...
    def __exit__(self, *failure: object) -> None: ...

    def signed(self, sign: str, register: str | None) -> list[Place]:
        """Documents with this sign: the operator's, or else the register's own."""
        ...

    def z_report(self, register: str, shift: int) -> Place | None:
        """The Z-report that closed this shift."""
        ...

    def draw(self, place: Place, form: Form) -> bytes:
        """The document as a file."""
        ...

    def draw_x_report(self, register: str, form: Form) -> bytes:
        """The X-report of the register's shift as a file."""
        ...


def _own(sign: str) -> int | None:
    """The sign as one that a register can have made itself."""
    number = int(sign)
    return number if 0 < number <= AUTONOMOUS_SIGN_MAX else None


class AskedPapers:
    """Papers of a running operator."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        """There is nothing to let go of."""

    def signed(self, sign: str, register: str | None) -> list[Place]:
        found = self._places(register=register, sign=sign)
        if found or (own := _own(sign)) is None:
            return found
        return self._places(register=register, autonomous_sign=own)

    def z_report(self, register: str, shift: int) -> Place | None:
        found = self._places(register=register, kind=DocumentKind.CLOSE_SHIFT.value, shift=shift)
        return found[0] if found else None

    def _places(self, **wanted: Any) -> list[Place]:
        page = self._api.get("documents", limit=FOUND_MAX, **wanted)
        return [Place(item["register"], item["number"]) for item in page["items"]]

    def draw(self, place: Place, form: Form) -> bytes:
        path = f"{register_path(place.register)}/documents/{place.number}/receipt"
        return self._api.file(path, format=form.kind, width=form.width, copy="true" if form.is_copy else None)

    def draw_x_report(self, register: str, form: Form) -> bytes:
        return self._api.file(f"{register_path(register)}/x-report", format=form.kind, width=form.width)


class KeptPapers:
    """Papers of the ledger in a folder; ``rules`` say what stands on them of the operator itself."""

    def __init__(self, folder: Path, rules: Rules, now: Instant) -> None:
        if not (folder / FILE_NAME).is_file():
            raise ApiError(Exit.NOT_FOUND, f"--data: there is no ledger in {folder}")
        self._rules = rules
        self._now = now
        self._journal = SqliteJournal.open(folder)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._run(self._journal.close())
        self._runner.close()

    def _run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(doing)

    def signed(self, sign: str, register: str | None) -> list[Place]:
        found = self._places(DocumentFilter(register_id=register, sign=sign, limit=FOUND_MAX))
        if found or (own := _own(sign)) is None:
            return found
        return self._places(DocumentFilter(register_id=register, autonomous_sign=own, limit=FOUND_MAX))

    def z_report(self, register: str, shift: int) -> Place | None:
        wanted = DocumentFilter(register_id=register, kind=DocumentKind.CLOSE_SHIFT, shift=shift, limit=1)
        found = self._places(wanted)
        return found[0] if found else None

    def _places(self, wanted: DocumentFilter) -> list[Place]:
        rows = self._run(self._journal.documents(wanted))
        return [Place(row.register_id, row.entry.number) for row in rows if isinstance(row.entry, DocumentRecorded)]

    def draw(self, place: Place, form: Form) -> bytes:
        stored = self._run(self._journal.document(*place))
        if stored is None:
            text = f"the ledger holds no document {place.number} of register {place.register!r}"
            raise ApiError(Exit.NOT_FOUND, text)
        assert isinstance(stored.entry, DocumentRecorded)
        profile = self._state(place.register).profile
        paper = paper_of(place.register, profile, stored.entry, self._rules, copy=form.is_copy)
        return _drawn(paper, form)

    def draw_x_report(self, register: str, form: Form) -> bytes:
        return _drawn(x_report_of(self._state(register), self._rules, self._now), form)

    def _state(self, register: str) -> RegisterState:
        state = self._run(load_state(self._journal, register))
        if state is None:
            raise ApiError(Exit.NOT_FOUND, f"no register {register!r} is known here")
        return state


def _drawn(paper: Printed, form: Form) -> bytes:
    try:
        return render_file(paper, form.kind, form.width)
    except ExtraMissing as error:
        raise ApiError(Exit.NOT_INSTALLED, str(error)) from None
