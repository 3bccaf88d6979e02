"""The limits by which the operator judges; each is a setting with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from fiscal.domain.shift import SHIFT_MAX_MS
from fiscal.protocols.kz.qr import PROFILES, QrProfile
from fiscal.time import HOUR, MINUTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How strictly, and how long.

    ``strict`` refuses registers that nobody added; ``ahead_max_ms`` is how far a document may lie in the future;
    ``past_max_ms`` how old one may be: 72 hours of autonomy and a shift before them (semantics 6.1). ``qr`` is the form
    of the QR codes of Kazakhstan. ``node`` is the name under which this process takes registers over from others that
    write to the same ledger; empty when it writes alone.
    """

    strict: bool = False
    operator_name: str = "mock-ofd"
    phone: str | None = None
    receipt_url: str = "http://127.0.0.1:8080/r"
    ahead_max_ms: int = 5 * MINUTE
    past_max_ms: int = 72 * HOUR + SHIFT_MAX_MS
    qr: QrProfile = PROFILES["own"]
    node: str = ""
