"""The numbers by which two states know taxpayers, registers and fiscal drives.

The rule: a ``check_*`` function returns ``None`` for a right number and otherwise says in words and figures why it is
wrong; it never raises, whatever text it gets. A ``*_with_check`` function takes the digits that somebody chose and
adds those that follow from them; it raises :class:`InvalidValue` when no right number begins so.

Only what is certain is judged: digits, lengths, check digits, and the birth date inside an IIN. The layout of a BIN,
regions inside an INN and the like are not. The check digits are remainders modulo 11 or 13 written as one digit, so
one mistyped digit is found, except where the arithmetic is blind: two remainders share a digit (10 and 0; for OGRNIP
also 11 and 1, 12 and 2), the eleventh digit of a KZ number (its weight, 11, is 0 modulo 11), and a KZ number that needs
the second weights. A RU registration number has no such gap: its checksum finds every wrong digit.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fiscal.domain.checksum import crc16_ccitt
from fiscal.domain.register import Country
from fiscal.errors import InvalidValue


class ProblemCode(StrEnum):
    """What kind of mistake it is: a stable word for machines."""

    EMPTY = "empty"
    NOT_DIGITS = "not_digits"
    NOT_ASCII = "not_ascii"
    WRONG_LENGTH = "wrong_length"
    WRONG_CHECK = "wrong_check"
    NEVER_ISSUED = "never_issued"
    IMPOSSIBLE_DATE = "impossible_date"


@dataclass(frozen=True, slots=True)
class IdentifierProblem:
    """Why a number is wrong: ``code`` for machines, ``text`` for people. The number itself is not repeated."""

    code: ProblemCode
    text: str


class IdentifierKind(StrEnum):
    """The identifiers that :func:`check_identifier` knows; each value is the name used in interfaces."""

    INN = "inn"
    OGRN = "ogrn"
    OGRNIP = "ogrnip"
    BIN = "bin"
    IIN = "iin"
    RNM_RU = "rnm_ru"
    RNM_KZ = "rnm_kz"
    FN_SERIAL = "fn_serial"
    KKT_SERIAL = "kkt_serial"


KKT_SERIAL_LENGTH_MAX: Final = 20
"""The serial fills 20 characters of the text under the checksum of the RU registration number."""

ORDER_MAX: Final = 10**10 - 1
"""The order number has ten digits in the RU registration number."""

_INN_COMPANY = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_BODY = {10: 9, 12: 10}
_INN_PERSON_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_PERSON_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_KZ_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_KZ_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_NO_DIGIT = 10  # the remainder modulo 11 that one digit cannot write
_CENTURY: Final = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}
_MONTHS = 12
_LEAP_YEAR = 2000


# Russia


def check_inn(value: str) -> IdentifierProblem | None:
    """INN, 10 digits for a company (the last one checks) or 12 for a person (the last two check).

    The weights are those that the Federal Tax Service of Russia uses; a remainder of 10 is written as 0. All zeros
    pass, as arithmetic has it.
    """
    return _digits_problem(value, 10, 12) or _check_problem(value, _inn_check(value[: _INN_BODY[len(value)]]))


def inn_with_check(body: str) -> str:
    """The whole INN that begins with these 9 (company) or 10 (person) digits; `InvalidValue` for any other body."""
    return _right_body("inn", body, 9, 10) + _inn_check(body)


def check_ogrn(value: str) -> IdentifierProblem | None:
    """OGRN, 13 digits: the last is the remainder of the first 12 modulo 11, its last digit."""
    return _digits_problem(value, 13) or _check_problem(value, _remainder_check(value[:12], 11))


def ogrn_with_check(body: str) -> str:
    """The whole OGRN that begins with these 12 digits; `InvalidValue` for any other body."""
    return _right_body("ogrn", body, 12) + _remainder_check(body, 11)


def check_ogrnip(value: str) -> IdentifierProblem | None:
    """OGRNIP, 15 digits: the last is the remainder of the first 14 modulo 13, its last digit."""
    return _digits_problem(value, 15) or _check_problem(value, _remainder_check(value[:14], 13))


def ogrnip_with_check(body: str) -> str:
    """The whole OGRNIP that begins with these 14 digits; `InvalidValue` for any other body."""
    return _right_body("ogrnip", body, 14) + _remainder_check(body, 13)


def check_rnm_ru(value: str, inn: str, serial: str) -> IdentifierProblem | None:
    """Registration number of a RU register (S0-28): ten digits of order, six of a checksum over order, INN and serial.

    ``inn`` is the owner's, ``serial`` the register's; if one of them cannot be right the answer says so, since nothing
    can be said about the number then. The INN's own check digit is the business of :func:`check_inn`.
    """
    return (
        check_rnm_ru_form(value)
        or _named("INN of the owner", _digits_problem(inn, 10, 12))
        or _named("serial number of the register", check_kkt_serial(serial))
        or _check_problem(value, _rnm_check(value[:10], inn, serial))
    )


def check_rnm_ru_form(value: str) -> IdentifierProblem | None:
    """The lenient look at a RU registration number: 16 digits. For anonymised numbers, or when no serial is known."""
    return _digits_problem(value, 16)


def rnm_ru(order: int, inn: str, serial: str) -> str:
    """The RU registration number with this order (1 .. ORDER_MAX) for this owner's INN and register's serial.

    :class:`InvalidValue` when the order is out of range, the INN is not 10 or 12 digits, or the serial is not
    1 .. 20 printable ASCII characters.
    """
    if not 1 <= order <= ORDER_MAX:
        raise InvalidValue("order", f"must be 1 .. {ORDER_MAX}, is {order}", "order_out_of_range")
    _raise_for("serial", check_kkt_serial(serial))
    ten_digits = f"{order:010d}"
    return ten_digits + _rnm_check(ten_digits, _right_body("inn", inn, 10, 12), serial)


def check_fn_serial(value: str) -> IdentifierProblem | None:
    """Serial number of a fiscal drive, FN (S0-27): 16 digits, no check digit."""
    return _digits_problem(value, 16)


def check_kkt_serial(value: str) -> IdentifierProblem | None:
    """Serial number of a register (S0-25): 1 .. 20 printable ASCII characters without spaces, usually digits."""
    if not value:
        return IdentifierProblem(ProblemCode.EMPTY, "is empty")
    for place, character in enumerate(value, 1):
        if not "!" <= character <= "~":
            return IdentifierProblem(
                ProblemCode.NOT_ASCII,
                f"character {place} is U+{ord(character):04X}, not printable ASCII",
            )
    if len(value) > KKT_SERIAL_LENGTH_MAX:
        text = f"must have at most {KKT_SERIAL_LENGTH_MAX} characters, has {len(value)}"
        return IdentifierProblem(ProblemCode.WRONG_LENGTH, text)
    return None


# Kazakhstan


def check_bin(value: str) -> IdentifierProblem | None:
    """BIN, 12 digits of a company or branch, the last one checks; its layout is not judged.

    Government of Kazakhstan, Resolution No. 406 of 2007-05-22, rules for forming the identification number.
    """
    return _digits_problem(value, 12) or _kz_check_problem(value)


def bin_with_check(body: str) -> str:
    """The whole BIN that begins with these 11 digits; `InvalidValue` for any other body, or one never issued."""
    return _right_body("bin", body, 11) + _kz_check_or_raise("bin", body)


def check_iin(value: str) -> IdentifierProblem | None:
    """IIN, 12 digits of a person: birth date YYMMDD, a digit for century and sex, four of a serial, one that checks.

    Source as for :func:`check_bin`. A century digit other than 1 .. 6 passes, and the date is then taken in a leap year.
    """
    return _digits_problem(value, 12) or _birth_date_problem(value) or _kz_check_problem(value)


def iin_with_check(body: str) -> str:
    """The whole IIN that begins with these 11 digits.

    :class:`InvalidValue` for any other body, a birth date that does not exist, or a number never issued.
    """
    _raise_for("iin", _birth_date_problem(_right_body("iin", body, 11)))
    return body + _kz_check_or_raise("iin", body)


def check_rnm_kz(value: str) -> IdentifierProblem | None:
    """Registration number of a KZ register, given by the tax authority: 12 digits, no public check digit."""
    return _digits_problem(value, 12)


# By kind, by country

_CHECKS: Final[Mapping[IdentifierKind, Callable[[str], IdentifierProblem | None]]] = {
    IdentifierKind.INN: check_inn,
    IdentifierKind.OGRN: check_ogrn,
    IdentifierKind.OGRNIP: check_ogrnip,
    IdentifierKind.BIN: check_bin,
    IdentifierKind.IIN: check_iin,
    IdentifierKind.RNM_RU: check_rnm_ru_form,
    IdentifierKind.RNM_KZ: check_rnm_kz,
    IdentifierKind.FN_SERIAL: check_fn_serial,
    IdentifierKind.KKT_SERIAL: check_kkt_serial,
}


def check_identifier(kind: IdentifierKind, value: str) -> IdentifierProblem | None:
    """What is wrong with ``value`` as an identifier of this kind, or ``None``.

    For RNM_RU only the form is looked at: the checksum needs two more numbers, see :func:`check_rnm_ru`.
    """
    return _CHECKS[kind](value)


def tax_id_problem(country: Country, value: str) -> IdentifierProblem | None:
    """What is wrong with the number of a taxpayer, company or person: INN in RU, BIN or IIN in KZ.

    A KZ number whose fifth digit is 0 .. 3 is an IIN (the tens of a day of birth stand there), any other a BIN.
    """
    if country == Country.RU:
        return check_inn(value)
    return check_iin(value) if value[4:5] in {"0", "1", "2", "3"} else check_bin(value)


# Arithmetic


def _weighted(body: str, weights: Sequence[int]) -> int:
    return sum(weight * int(digit) for weight, digit in zip(weights, body, strict=True)) % 11


def _inn_check(body: str) -> str:
    """One digit for the 9 of a company, two for the 10 of a person; a remainder of 10 counts as 0."""
    if len(body) == len(_INN_COMPANY):
        return str(_weighted(body, _INN_COMPANY) % 10)
    eleventh = str(_weighted(body, _INN_PERSON_11) % 10)
    return eleventh + str(_weighted(body + eleventh, _INN_PERSON_12) % 10)


def _remainder_check(body: str, modulus: int) -> str:
    return str(int(body) % modulus % 10)


def _rnm_check(order: str, inn: str, serial: str) -> str:
    text = order + inn.zfill(12) + serial.rjust(KKT_SERIAL_LENGTH_MAX, "0")
    return f"{crc16_ccitt(text.encode('ascii')):06d}"


def _kz_check(body: str) -> str | None:
    """The check digit, by a second set of weights if the first gives 10; ``None`` if that gives 10 again."""
    remainder = _weighted(body, _KZ_FIRST)
    if remainder == _NO_DIGIT:
        remainder = _weighted(body, _KZ_SECOND)
    return None if remainder == _NO_DIGIT else str(remainder)


# Wording

_NEVER_ISSUED = IdentifierProblem(
    ProblemCode.NEVER_ISSUED,
    "both check sums of the first 11 digits leave 10: such a number is never issued",
)


def _digits_problem(value: str, *lengths: int) -> IdentifierProblem | None:
    if not value:
        return IdentifierProblem(ProblemCode.EMPTY, "is empty")
    for place, character in enumerate(value, 1):
        if not "0" <= character <= "9":  # str.isdigit would let Arabic and other digits through
            text = f"character {place} is U+{ord(character):04X}, not a digit 0-9"
            return IdentifierProblem(ProblemCode.NOT_DIGITS, text)
    if len(value) not in lengths:
        text = f"must have {' or '.join(map(str, lengths))} digits, has {len(value)}"
        return IdentifierProblem(ProblemCode.WRONG_LENGTH, text)
    return None


def _check_problem(value: str, expected: str) -> IdentifierProblem | None:
    found = value[-len(expected) :]
    if found == expected:
        return None
    noun = "check digit" if len(expected) == 1 else "check digits"
    return IdentifierProblem(ProblemCode.WRONG_CHECK, f"{noun} must be {expected}, found {found}")


def _kz_check_problem(value: str) -> IdentifierProblem | None:
    expected = _kz_check(value[:11])
    return _NEVER_ISSUED if expected is None else _check_problem(value, expected)


def _kz_check_or_raise(field: str, body: str) -> str:
    check = _kz_check(body)
    if check is None:
        raise InvalidValue(field, _NEVER_ISSUED.text, _NEVER_ISSUED.code)
    return check


def _birth_date_problem(value: str) -> IdentifierProblem | None:
    century = _CENTURY.get(value[6])
    year = _LEAP_YEAR if century is None else century + int(value[:2])
    month, day = int(value[2:4]), int(value[4:6])
    if 1 <= month <= _MONTHS and 1 <= day <= monthrange(year, month)[1]:
        return None
    when = "in any year" if century is None else f"in {year}"
    text = f"names day {value[4:6]} of month {value[2:4]} as the birthday, which does not exist {when}"
    return IdentifierProblem(ProblemCode.IMPOSSIBLE_DATE, text)


def _named(noun: str, problem: IdentifierProblem | None) -> IdentifierProblem | None:
    return problem and IdentifierProblem(problem.code, f"{noun} {problem.text}")


def _right_body(field: str, body: str, *lengths: int) -> str:
    _raise_for(field, _digits_problem(body, *lengths))
    return body


def _raise_for(field: str, problem: IdentifierProblem | None) -> None:
    if problem is not None:
        raise InvalidValue(field, problem.text, problem.code)
