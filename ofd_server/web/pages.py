"""The page behind a receipt's QR code, and the page at the root.

The rule: a page is whole in itself. Its one style sheet is named by its hash in the Content-Security-Policy, which
allows nothing else: no script, no picture, no frame, nothing from other addresses. Whatever comes from the ledger or
from the address is escaped.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources
from string import Template
from typing import Final

from fiscal.domain.document import CloseShift
from fiscal.errors import InvalidValue, StorageError
from ofd_server.core.verify import Reason, Verdict, claim_of
from ofd_server.ports import Page
from ofd_server.receipts import Found, Receipts, paper_of
from ofd_server.service import Service

_HEADLINES: Final[Mapping[Verdict, tuple[str, str]]] = {
    Verdict.GENUINE: ("Чек подлинный", "Оператор хранит этот чек; признак, сумма и время совпадают."),
    Verdict.ALTERED: ("Чек изменён", "Признак настоящий, но в коде указано не то, что хранит оператор."),
    Verdict.UNKNOWN: (
        "Чек не найден",
        "Оператор не хранит чека с таким признаком этой кассы. Автономный чек появится здесь, когда касса его передаст.",
    ),
}
_REASONS: Final[Mapping[str, str]] = {"sum": "Сумма", "time": "Дата и время", "number": "Номер документа"}
_STATUS: Final[Mapping[Verdict, int]] = {Verdict.GENUINE: 200, Verdict.ALTERED: 200, Verdict.UNKNOWN: 404}


class Pages:
    """Makes the pages; each method is a :data:`ofd_server.ports.PageSource`."""

    def __init__(self, service: Service, receipts: Receipts) -> None:
        self._service = service
        self._receipts = receipts

    async def index(self, _query: Mapping[str, str]) -> Page:
        """Where everything is."""
        return _page(200, "index.html", _read("page.css"), operator=escape(self._service.rules.operator_name))

    async def receipt(self, query: Mapping[str, str]) -> Page:
        """The receipt behind a QR code, and whether it is genuine."""
        try:
            claim = claim_of(*(query.get(name, "") for name in ("i", "f", "s", "t")))
        except InvalidValue:
            text = "В адресе должны быть признак (i), РНМ (f), сумма (s) и время (t), как в QR-коде чека."
            return self._verdict(400, Verdict.UNKNOWN, "Код не прочитан", text)
        try:
            found = await self._receipts.find(claim)
        except StorageError:
            text = "Оператор сейчас не может ответить. Попробуйте через минуту."
            return self._verdict(503, Verdict.UNKNOWN, "Нет ответа", text)
        verdict = found.verification.verdict
        # Laying out a receipt and its code takes milliseconds that registers should not wait for.
        slip = await asyncio.to_thread(self._slip, found)
        reasons = "".join(_reason(reason) for reason in found.verification.reasons if reason.code in _REASONS)
        return self._verdict(_STATUS[verdict], verdict, *_HEADLINES[verdict], reasons, slip)

    def _slip(self, found: Found) -> str:
        from fiscal.rendering.html import html_fragment  # noqa: PLC0415 - only who shows receipts needs the codes' library

        entry = found.entry
        if entry is None or isinstance(entry.document, CloseShift):
            return ""
        register_id = found.verification.register or ""
        return html_fragment(paper_of(register_id, found.profile, entry, self._service.rules))

    def _verdict(
        self, status: int, verdict: Verdict, headline: str, explanation: str, reasons: str = "", slip: str = ""
    ) -> Page:
        return _page(
            status,
            "receipt.html",
            _receipt_style(),
            verdict=verdict.value,
            headline=escape(headline),
            explanation=escape(explanation),
            reasons=f"<ul>\n{reasons}</ul>\n" if reasons else "",
            slip=slip,
        )


def _reason(reason: Reason) -> str:
    return f"<li>{_REASONS[reason.code]}: в коде {escape(reason.claimed)}, у оператора {escape(reason.recorded)}</li>\n"


@cache
def _read(name: str) -> str:
    return resources.files("ofd_server.web").joinpath("templates", name).read_text("utf-8")


@cache
def _receipt_style() -> str:
    from fiscal.rendering.html import STYLE  # noqa: PLC0415 - as above

    return _read("page.css") + STYLE


def _page(status: int, template: str, style: str, **values: str) -> Page:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    body = Template(_read(template)).substitute(style=style, **values)
    return Page(status, body.encode(), headers={"Content-Security-Policy": policy})
