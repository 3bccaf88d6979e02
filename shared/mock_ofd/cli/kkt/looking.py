"""The commands that only look: ``x``, ``status``, ``list``, ``show``, ``verify``.

The rule: they take no lock, write nothing and send nothing, so they work beside a register that is selling.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date

from fiscal.domain.document import DocumentKind
from fiscal.domain.lifecycle import DocumentState
from fiscal.errors import InvalidValue
from fiscal.time import to_local
from kkt_client.app import SystemClock, verify_memory
from kkt_client.core.papers import Letterhead, x_report
from kkt_client.core.receipts import FiscalPaper, FiscalReceipt
from kkt_client.core.views import paper_json, status_json, verdict_json
from kkt_client.reading import MemoryReader
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.kkt.call import Call, NotFound
from mock_ofd.cli.kkt.issuing import signs_of
from mock_ofd.cli.kkt.options import LIST_MAX
from mock_ofd.cli.kkt.views import (
    LIST_HEAD,
    aligned,
    list_row,
    status_rows,
    table,
    verdict_text,
)

PAGE = 100
"""Documents that are read at once."""

_REFUSED = frozenset((DocumentState.REFUSED, DocumentState.REFUSED_AUTONOMOUS))
_UNSENT = frozenset((DocumentState.SAVED, DocumentState.SAVED_AUTONOMOUS)) | _REFUSED


async def x(call: Call) -> None:
    """The X-report."""
    async with call.reader() as reader:
        whose = reader.registration
        head = Letterhead(whose.register, whose.profile, call.settings.qr_base_url)
        cashier = call.cashier or call.settings.cashier
        call.print_paper(x_report(reader.state, head, cashier, SystemClock().now()))


async def status(call: Call) -> None:
    """How the register is doing."""
    async with call.reader() as reader:
        known = call.settings
        found = replace(
            reader.status(SystemClock().now()), operator=known.operator_name, operator_phone=known.operator_phone
        )
        zone = reader.registration.profile.zone
        call.output.show(status_json(found, call.address), aligned(status_rows(found, zone, call.address)))


async def list_documents(call: Call) -> None:
    """Documents with their marks (S3-28 to S3-30)."""
    limit: int = call.option("limit", LIST_MAX)
    if limit < 0:
        raise InvalidValue("limit", f"must not be negative, is {limit}", "out_of_range")
    fits = _filter(call)
    found: list[FiscalPaper] = []
    more = False
    async with call.reader() as reader:
        async for paper in _in_order(reader, newest_first=not call.option("oldest_first")):
            if not fits(paper):
                continue
            if limit and len(found) == limit:
                more = True
                break
            found.append(paper)
    rest = "…\n" if more else ""
    text = table(LIST_HEAD, map(list_row, found)) + rest if found else "документов нет\n"
    call.output.show({"documents": list(map(paper_json, found)), "more": more}, text)


async def _in_order(reader: MemoryReader, *, newest_first: bool) -> AsyncIterator[FiscalPaper]:
    """All documents, a page at a time."""
    pages = range(1, reader.state.last_number + 1, PAGE)
    for first in reversed(pages) if newest_first else pages:
        last = min(first + PAGE - 1, reader.state.last_number)
        page = [paper async for paper in reader.documents(first=first, last=last)]
        for paper in reversed(page) if newest_first else page:
            yield paper


def _filter(call: Call) -> Callable[[FiscalPaper], bool]:
    """Whether a document is asked for."""
    shift, kind = call.option("shift"), call.option("kind")
    day = None if call.option("day") is None else _day(call.option("day"))
    states = None
    if call.option("unsent"):
        states = _UNSENT
    if call.option("refused"):
        states = _REFUSED

    def fits(paper: FiscalPaper) -> bool:
        document = paper.document
        assert document is not None, "an X report is not kept"
        return (
            (shift is None or document.shift == shift)
            and (kind is None or _kind(paper) == kind)
            and (day is None or to_local(document.issued_at, paper.profile.zone).date() == day)
            and (states is None or paper.state in states)
            and (not call.option("autonomous") or paper.autonomous)
        )

    return fits


def _kind(paper: FiscalPaper) -> DocumentKind:
    return paper.kind if isinstance(paper, FiscalReceipt) else DocumentKind.CLOSE_SHIFT


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidValue("day", f"must be a day like 2026-03-14, is {text!r}", "not_a_day") from None


async def show(call: Call) -> None:
    """One document again, as it was printed or as a copy."""
    number, sign = call.option("number"), call.option("sign")
    if number is None and sign is None:
        raise InvalidValue("number", "say the NUMBER of the document, or its --sign", "missing")
    async with call.reader() as reader:
        found = await _found(reader, number, sign)
        if found is None:
            what = f"sign {sign}" if number is None else f"document {number}"
            raise NotFound(f"{what}: the memory has no such document")
        call.print_paper(found, copy=call.option("copy", False))


async def _found(reader: MemoryReader, number: int | None, sign: str | None) -> FiscalPaper | None:
    """The document with this number and this sign, as far as they are said; of a voided one and its void the void."""
    if number is None:
        async for paper in _in_order(reader, newest_first=True):
            if sign in signs_of(paper):
                return paper
        return None
    papers = [paper async for paper in reader.documents(first=max(number, 0), last=number)]
    return next((paper for paper in reversed(papers) if sign is None or sign in signs_of(paper)), None)


async def verify(call: Call) -> Exit:
    """Walk the chain; the exit code says whether it is whole."""
    call.check_memory()
    verdict = await verify_memory(call.folder)
    call.output.show(verdict_json(verdict), verdict_text(verdict))
    return Exit.OK if verdict.is_whole else Exit.DATA_CORRUPT
