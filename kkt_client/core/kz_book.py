"""What a register must not forget between two messages of the Kazakhstan protocol: its token and its request numbers.

The rule (semantics 3.3): a document gets its token and its request number when it is first sent, and they are durable
before its first byte leaves; whatever happens, it is sent again with the same. So the operator knows a repeat as one and
counts it once. A document that the operator has refused for good was not counted: sent again after a person's decision,
it is a new request with the next number.

The book is a value. Every step makes another one; which of them is true, the fiscal memory says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final

from annotated_types import Ge, Le

from fiscal.domain.limits import STRICT, Count, InstantMs
from fiscal.errors import ConfigurationError, InvalidValue, RemoteProtocolError, StorageCorrupt
from fiscal.protocols.kz.numbers import NUMBER_MAX, TOKEN_MAX, number_after, parse_token
from fiscal.protocols.values import from_map, pack, unpack
from fiscal.time import Instant

_DEVICE_ID_MAX: Final = 2**32 - 1
"""The header has 32 bits for the id of a device."""

_Token = Annotated[int, Ge(1), Le(TOKEN_MAX), STRICT]
_Number = Annotated[int, Ge(0), Le(NUMBER_MAX), STRICT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """``token`` is what the next request carries, ``number`` the last request number that was given to anything.

    ``document`` is the document that has the token and :attr:`document_number`, 0 for none: it may be on its way.
    ``voids`` are those that stayed in the register, so that the operator's numbers are behind its own by as many.
    ``away`` is how long the register was without the operator, as it tells in every message until its queue is sent.
    """

    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}

    token: _Token
    number: _Number = 0
    document: Count = 0
    document_number: _Number = 0
    voids: Count = 0
    away: tuple[InstantMs, InstantMs] | None = None

    def __repr__(self) -> str:
        return f"Book(number={self.number}, document={self.document}, document_number={self.document_number})"

    # ----------------------------------------------------------------------------------------------------- steps

    def asking(self) -> Book:
        """Before a question, which makes no document: a number of its own."""
        return replace(self, number=number_after(self.number))

    def sending(self, document: int) -> Book:
        """Before the first byte of this document; the same book when it has its number."""
        if document == self.document:
            return self
        number = number_after(self.number)
        return replace(self, number=number, document=document, document_number=number)

    def accepted(self, document: int, token: int | None, following: int | None) -> Book:
        """The document is with the operator, ``token`` is the one to use next, ``None`` for a void, which stays here.

        ``following`` is the next document, which gets its numbers in the same step; 0 when it needs none, ``None`` when
        nothing waits any more.
        """
        book = replace(self, voids=self.voids + 1) if token is None else replace(self, token=token)
        if document == book.document:
            book = replace(book, document=0, document_number=0)
        if following is None:
            return replace(book, away=None)
        return book.sending(following) if following else book

    def refused(self, document: int) -> Book:
        """The document was not taken, and the operator will not count it under these numbers."""
        return replace(self, document=0, document_number=0) if document == self.document else self

    def told(self, begin: Instant, end: Instant) -> Book:
        """Another stretch without the operator has ended; while the queue is not sent, all are one."""
        if self.away is not None:
            begin, end = min(self.away[0], begin), max(self.away[1], end)
        return replace(self, away=(begin, end))

    def entrusted(self, token: int) -> Book:
        """A person has entered the right token; a document that may be on its way keeps its request number."""
        return replace(self, token=token)


def write(book: Book) -> bytes:
    """The book as bytes."""
    return pack(book)


def read(data: bytes) -> Book:
    """What :func:`write` wrote; :class:`StorageCorrupt` when it is something else."""
    try:
        return from_map(Book, unpack(data, "exchange"))
    except RemoteProtocolError as error:
        raise StorageCorrupt(f"the tokens beside the chain are damaged: {error.field}: {error.text}") from None


def check_leaving(data: bytes) -> None:
    """:class:`ConfigurationError` when a protocol that carries document numbers cannot go on from here."""
    voids = read(data).voids if data else 0
    if voids:
        text = f"{voids} documents were given up over kz, where the operator counts on its own"
        raise ConfigurationError(f"{text}: its numbers are behind, so this register stays with kz")


def first_book(token: str) -> Book:
    """The book of a register that has sent nothing yet; :class:`ConfigurationError` for a token that is none."""
    return Book(token=token_of(token))


def token_of(text: str) -> int:
    """A token from an address or a person; :class:`ConfigurationError` when it is none of this protocol."""
    try:
        return parse_token(text)
    except InvalidValue:
        raise ConfigurationError(f"token: the Kazakhstan protocol knows numbers from 1 to {TOKEN_MAX} only") from None


def is_token(text: str) -> bool:
    """Whether this is a token of the Kazakhstan protocol."""
    try:
        return token_of(text) > 0
    except ConfigurationError:
        return False


def device_id_of(text: str) -> int:
    """The id of a device; :class:`ConfigurationError` when it is none, or not written plainly (007 for 7)."""
    plain = text.isascii() and text.isdigit() and len(text) <= len(str(_DEVICE_ID_MAX)) and not text.startswith("0")
    device_id = int(text) if plain else 0
    if not 1 <= device_id <= _DEVICE_ID_MAX:
        rule = f"the Kazakhstan protocol knows numbers from 1 to {_DEVICE_ID_MAX} only"
        raise ConfigurationError(f"id: {text[:64]!r} is none, {rule}")
    return device_id
