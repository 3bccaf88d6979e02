"""Fiscal signs: unique by construction, verifiable by recomputing, never by looking up all earlier signs.

The operator's sign is decimal and has two parts. The first is a keyed permutation of the register's document number,
so two documents of a register never share it; the second is taken from an HMAC-SHA-256 over the register, the number
and the digest of the content, so that an altered document does not match its sign. The first digit is never zero:
some clients keep signs as numbers.

The autonomous sign is the register's own (S3-16, S3-17): unique for its whole life, 1 .. 2^31-1.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX
from fiscal.domain.money import format_minor
from fiscal.domain.receipt import Operation
from fiscal.errors import ConfigurationError, InvalidValue
from fiscal.time import Instant, compact

PUBLIC_KEY: Final = b"mock-ofd public signing key, no secret"
"""Key of the default profile. Everybody may know it: the signs of a mock prove nothing to a tax authority."""

DEFAULT_KEY_ID: Final = "public-1"

AUTONOMOUS_EPOCH_MS: Final = 1_735_689_600_000
"""2025-01-01T00:00Z: autonomous signs count seconds from here, which lasts until 2093 (semantics 3.4)."""

_ROUNDS: Final = 3
"""Each round is two steps; three leave no visible relation between neighbouring numbers. One direction spells
them out: it is taken for every document."""


@dataclass(frozen=True, slots=True)
class SignLayout:
    """How many digits a sign has and how many of them come from the HMAC; the rest carry the document number."""

    digits: int
    check_digits: int

    @property
    def numbers(self) -> int:
        """How many documents a register can have under this layout."""
        return 9 * int(10 ** (self.digits - self.check_digits - 1))


LAYOUT_12: Final = SignLayout(12, 4)
"""Default: 90 million documents a register, a guessed sign passes once in 10,000 tries."""
LAYOUT_10: Final = SignLayout(10, 2)
"""As Kazakhtelecom prints them: 10 digits."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A named secret. The id is stored with every sign, so that keys can be rotated."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"SigningKey(id={self.id!r})"


_MASK: Final = 0xFFFFFFFFFFFF
"""The round function is made of the lower 48 bits of a product, so that its numbers stay small."""


@lru_cache(maxsize=65_536)
def _round_keys(secret: bytes, register_id: str) -> tuple[bytes, tuple[int, ...]]:
    """How a message about a document of this register begins, and the keys of its permutation, two for each round."""
    seed = hmac.digest(secret, b"permutation\x00" + register_id.encode(), "sha256")
    keys = tuple(int.from_bytes(seed[i * 4 : i * 4 + 4], "big") | 1 for i in range(2 * _ROUNDS))
    return register_id.encode() + b"\x00", keys


@lru_cache(maxsize=16)
def _halves(layout: SignLayout) -> tuple[int, int]:
    digits = layout.digits - layout.check_digits
    right = 10 ** (digits // 2)
    return layout.numbers // right, right


def permute(number: int, layout: SignLayout, secret: bytes, register_id: str) -> int:
    """The place of a document number in the register's own order: a bijection on ``range(layout.numbers)``.

    An unbalanced Feistel network over two digit groups: each step adds a keyed function of the other half.
    """
    return _permute(number, _halves(layout), _round_keys(secret, register_id)[1])


def _permute(number: int, halves: tuple[int, int], keys: tuple[int, ...]) -> int:
    left_size, right_size = halves
    key_1, key_2, key_3, key_4, key_5, key_6 = keys
    left, right = number // right_size, number % right_size
    mixed = right * key_1 & _MASK
    left = (left + (mixed >> 17 ^ mixed)) % left_size
    mixed = left * key_2 & _MASK
    right = (right + (mixed >> 17 ^ mixed)) % right_size
    mixed = right * key_3 & _MASK
    left = (left + (mixed >> 17 ^ mixed)) % left_size
    mixed = left * key_4 & _MASK
    right = (right + (mixed >> 17 ^ mixed)) % right_size
    mixed = right * key_5 & _MASK
    left = (left + (mixed >> 17 ^ mixed)) % left_size
    mixed = left * key_6 & _MASK
    right = (right + (mixed >> 17 ^ mixed)) % right_size
    return left * right_size + right


def unpermute(place: int, layout: SignLayout, secret: bytes, register_id: str) -> int:
    """The document number at this place: the inverse of :func:`permute`."""
    left_size, right_size = _halves(layout)
    left, right = divmod(place, right_size)
    keys = _round_keys(secret, register_id)[1]
    for key_right, key_left in zip(keys[::-2], keys[-2::-2], strict=True):
        mixed = left * key_right & _MASK
        right = (right - (mixed >> 17 ^ mixed)) % right_size
        mixed = right * key_left & _MASK
        left = (left - (mixed >> 17 ^ mixed)) % left_size
    return left * right_size + right


class Mac:
    """HMAC-SHA-256 under one key, with both of its hashes begun: what is left for each document is a third of it."""

    __slots__ = ("_inner", "_outer", "secret")

    def __init__(self, secret: bytes) -> None:
        self.secret = secret
        block = hashlib.sha256().block_size
        key = (hashlib.sha256(secret).digest() if len(secret) > block else secret).ljust(block, b"\x00")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key))

    def digest(self, message: bytes) -> bytes:
        """As ``hmac.digest(secret, message, "sha256")``."""
        inner = self._inner.copy()
        inner.update(message)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()


class Signer:
    """Gives and verifies operator's signs with one current key and any number of earlier ones."""

    def __init__(self, key: SigningKey, layout: SignLayout = LAYOUT_12, earlier: tuple[SigningKey, ...] = ()) -> None:
        if not 0 < layout.check_digits < layout.digits - 1:
            raise ConfigurationError(f"a sign of {layout.digits} digits cannot have {layout.check_digits} check digits")
        self.key = key
        self.layout = layout
        self._macs: Mapping[str, Mac] = {k.id: Mac(k.secret) for k in (*earlier, key)}
        self._mac = self._macs[key.id]
        self._halves = _halves(layout)
        self._first = 10 ** (layout.digits - layout.check_digits - 1)
        self._check = 10**layout.check_digits
        self._numbers = layout.numbers

    def sign(self, register_id: str, number: int, digest: bytes) -> str:
        """The sign of a document; :class:`InvalidValue` when the register has used up its numbers."""
        return self._compute(self._mac, register_id, number, digest)

    def verify(self, sign: str, register_id: str, number: int, digest: bytes, key_id: str) -> bool:
        """Whether the sign belongs to this document, compared in constant time. No ledger is needed."""
        mac = self._macs.get(key_id)
        if mac is None or not sign.isascii() or not 0 < number < self._numbers:
            return False
        return hmac.compare_digest(sign.encode(), self._compute(mac, register_id, number, digest).encode())

    def knows(self, key_id: str) -> bool:
        """Whether signs of this key can be verified here."""
        return key_id in self._macs

    def numbers_of(self, sign: str, register_id: str) -> tuple[int, ...]:
        """Which document numbers the sign can stand for, one for each known key; none for what is no sign at all."""
        if len(sign) != self.layout.digits or not sign.isascii() or not sign.isdigit() or sign[0] == "0":
            return ()
        place = int(sign) // self._check - self._first
        numbers = (unpermute(place, self.layout, mac.secret, register_id) for mac in self._macs.values())
        return tuple(number for number in dict.fromkeys(numbers) if number)  # no document has the number 0

    def _compute(self, mac: Mac, register_id: str, number: int, digest: bytes) -> str:
        if not 0 < number < self._numbers:
            raise InvalidValue("number", f"a sign of this length has room for {self.layout.numbers - 1} documents")
        begin, keys = _round_keys(mac.secret, register_id)
        place = _permute(number, self._halves, keys)
        code = mac.digest(b"%b%d\x00%b" % (begin, number, digest))
        check = int.from_bytes(code[:8], "big") % self._check
        return str((self._first + place) * self._check + check)


def digest_of(content: bytes) -> bytes:
    """The digest of a document's content, as both sides compare it."""
    return hashlib.sha256(content).digest()


def next_autonomous_sign(last: int, now: Instant) -> int:
    """The register's next autonomous sign: max(last + 1, seconds since the epoch above).

    Time keeps it unique after a memory was restored from a backup, ``last + 1`` while the clock stands or goes back.
    :class:`InvalidValue` when the register's life has used up the range.
    """
    sign = max(last + 1, (now - AUTONOMOUS_EPOCH_MS) // 1000, 1)
    if sign > AUTONOMOUS_SIGN_MAX:
        raise InvalidValue(
            "autonomous_sign", f"the range 1 .. {AUTONOMOUS_SIGN_MAX} is used up", "sign_range_exhausted"
        )
    return sign


RU_OPERATION: Final[Mapping[Operation, int]] = {
    Operation.SELL: 1,
    Operation.SELL_RETURN: 2,
    Operation.BUY: 3,
    Operation.BUY_RETURN: 4,
}
"""Tag 1054, the ``n`` of a Russian QR code."""


def qr_kz(base_url: str, sign: str, rnm: str, total: int, issued_at: Instant, zone_name: str) -> str:
    """The text of the QR code in Kazakhstan: ``?i=<sign>&f=<RNM>&s=<tenge.tiyn>&t=<YYYYMMDDThhmmss>``."""
    return f"{base_url}?i={sign}&f={rnm}&s={format_minor(total)}&t={compact(issued_at, zone_name)}"


def qr_ru(
    fn_serial: str, number: int, sign: str, total: int, issued_at: Instant, zone_name: str, operation: Operation
) -> str:
    """The text of the QR code in Russia: ``t=..&s=..&fn=..&i=<FD number>&fp=<sign>&n=<1..4>``."""
    when = compact(issued_at, zone_name)
    total_text = format_minor(total)
    return f"t={when}&s={total_text}&fn={fn_serial}&i={number}&fp={sign}&n={RU_OPERATION[operation]}"
