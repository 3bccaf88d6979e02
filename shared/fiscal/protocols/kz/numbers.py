"""Tokens and request numbers: what of a device's exchanges is kept, and what a request with these numbers is.

The rule: the operator keeps of each device the token that it issued last, and token, number and command of the last
exchange that made a document. A command that makes a document is judged by the first line that fits:

==  ============================================================  ==============================================
1   token, number and command are those of the last exchange      REPLAY: its answer again, nothing is counted
2   token and number are, the command is another                  INVALID_RETRY, result code 9
3   the token is the issued one, the number that of the last      INVALID_NUMBER, result code 8
4   the token is not the issued one, or 0                         INVALID_TOKEN, result code 2
5   anything else                                                 NEW: counted, a new token is issued
==  ============================================================  ==============================================

Other commands know lines 4 and 5 alone, and change nothing; REPORT is answered whatever its token. (Kazakhstan protocol
2.0.2, 2.2 and 2.4 give the numbers and the codes 8 and 9; the order of the lines is that of a public test double whose
author says that it follows a production server.)

The number rises by one with each request. After 65535 registers go on with 0 or with 1, and both are right.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from fiscal.domain.signs import Mac
from fiscal.errors import InvalidValue
from fiscal.protocols.kz.codes import ANY_TOKEN, ROTATES, ResultCode

TOKEN_MAX: Final = 2**32 - 1
"""The largest token: a header has 32 unsigned bits for it, and real tokens use them all. 0 is never a token."""
NUMBER_MAX: Final = 2**16 - 1
"""The largest request number: a header has 16 bits for it."""

_TOKEN_SIZE: Final = 4


class Exchange(NamedTuple):
    """What an operator keeps of a device. ``last_*`` are of the last document, ``None`` before the first."""

    issued_token: int
    """The token that the next request has to come with."""
    last_token: int | None = None
    """The token that the last document came with."""
    last_number: int | None = None
    last_command: int | None = None


class Verdict(Enum):
    """What a request is, by its numbers."""

    NEW = "new"
    REPLAY = "replay"
    INVALID_RETRY = "invalid retry"
    INVALID_NUMBER = "invalid number"
    INVALID_TOKEN = "invalid token"  # noqa: S105 - no secret


RESULT_OF: Final[Mapping[Verdict, ResultCode]] = MappingProxyType(
    {
        Verdict.INVALID_RETRY: ResultCode.INVALID_RETRY_REQUEST,
        Verdict.INVALID_NUMBER: ResultCode.INVALID_REQUEST_NUMBER,
        Verdict.INVALID_TOKEN: ResultCode.INVALID_TOKEN,
    }
)
"""How the verdicts that refuse are answered."""


def judge(exchange: Exchange, command: int, token: int, number: int) -> Verdict:
    """What a request is that came with this command, token and number: the table above."""
    if command in ANY_TOKEN:
        return Verdict.NEW
    if command in ROTATES and number == exchange.last_number:
        if token == exchange.last_token:
            return Verdict.REPLAY if command == exchange.last_command else Verdict.INVALID_RETRY
        if token == exchange.issued_token:
            return Verdict.INVALID_NUMBER
    if token != exchange.issued_token or token == 0:
        return Verdict.INVALID_TOKEN
    return Verdict.NEW


def accepted(command: int, token: int, number: int, issued_token: int) -> Exchange:
    """What is kept after a document was accepted and answered with ``issued_token``.

    Only a command of :data:`~fiscal.protocols.kz.codes.ROTATES` whose verdict was NEW leads here.
    """
    return Exchange(issued_token, token, number, command)


@lru_cache(maxsize=16)
def _mac(key: bytes) -> Mac:
    return Mac(key)


def new_token(key: bytes, register_id: str, version: int, *not_these: int) -> int:
    """A token for a register: 1 .. TOKEN_MAX, and none of ``not_these``.

    It is drawn by a keyed hash of the register's id and a number that rises with each token (the version of the
    register's ledger), so that the same history gives the same tokens, and nobody guesses them without the key.
    """
    mac = _mac(key)
    draw = 0
    while True:
        digest = mac.digest(f"kz token\0{register_id}\0{version}\0{draw}".encode())
        token = int.from_bytes(digest[:_TOKEN_SIZE], "big")
        if token != 0 and token not in not_these:
            return token
        draw += 1


def parse_token(text: str, field: str = "token") -> int:
    """The token in the decimal digits that people copy from an operator's cabinet; :class:`InvalidValue`."""
    token = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(TOKEN_MAX)) else 0
    if not 1 <= token <= TOKEN_MAX:
        raise InvalidValue(field, f"must be a number from 1 to {TOKEN_MAX}", "not_a_token")
    return token


def number_after(number: int, first: int = 0) -> int:
    """The request number after this one; after the last one comes ``first``, 0 or 1."""
    return number + 1 if number < NUMBER_MAX else first


def follows(number: int, previous: int) -> bool:
    """Whether a request number is the next after another one, with either way to begin anew."""
    return number == previous + 1 if previous < NUMBER_MAX else number in {0, 1}
