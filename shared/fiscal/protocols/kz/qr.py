"""The text in the QR code of a receipt, in the form of each operator of Kazakhstan that is known from its links.

The rule: ``?i=<fiscal sign>&f=<RNM>&s=<sum>&t=<YYYYMMDDThhmmss>`` in this order, as the state requires; operators differ
in the address, the length of the sign, and how many places of the sum they write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from fiscal.domain.money import format_minor
from fiscal.domain.signs import LAYOUT_10, LAYOUT_12, SignLayout
from fiscal.errors import ConfigurationError
from fiscal.time import Instant, compact


class QrProfile(NamedTuple):
    """How an operator's links look. ``address`` is what stands before the question mark; empty: our own receipt page.

    ``is_short``: a sum without its last nought, 2400.0 instead of 2400.00.
    """

    address: str
    layout: SignLayout
    is_short: bool = False


PROFILES: Final[Mapping[str, QrProfile]] = {
    "own": QrProfile("", LAYOUT_12),
    "kazakhtelecom": QrProfile("http://consumer.oofd.kz", LAYOUT_10),
    "transtelecom": QrProfile("http://ofd1.kz/t/", LAYOUT_12, is_short=True),
    "kar-tel": QrProfile("http://consumer.kofd.kz", LAYOUT_12),
}
"""By the name in the settings. Kazakhtelecom's links of 2021 and 2022 have short sums, its later ones full ones."""


def profile_named(name: str) -> QrProfile:
    """The profile of this name; :class:`ConfigurationError` that lists those there are."""
    try:
        return PROFILES[name]
    except KeyError:
        raise ConfigurationError(f"there is no operator's profile {name!r}: known are {', '.join(PROFILES)}") from None


def qr_text(
    profile: QrProfile, own_address: str, sign: str, rnm: str, total: int, issued_at: Instant, zone: str
) -> str:
    """The text of the QR code; ``own_address`` is that of our receipt page, for the profile that has none."""
    amount = format_minor(total)
    if profile.is_short:
        amount = amount.removesuffix("0")
    return f"{profile.address or own_address}?i={sign}&f={rnm}&s={amount}&t={compact(issued_at, zone)}"
