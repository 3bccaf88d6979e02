from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fiscal.domain.identifiers import (
    ORDER_MAX,
    IdentifierKind,
    IdentifierProblem,
    ProblemCode,
    bin_with_check,
    check_bin,
    check_fn_serial,
    check_identifier,
    check_iin,
    check_inn,
    check_kkt_serial,
    check_ogrn,
    check_ogrnip,
    check_rnm_kz,
    check_rnm_ru,
    check_rnm_ru_form,
    iin_with_check,
    inn_with_check,
    ogrn_with_check,
    ogrnip_with_check,
    rnm_ru,
    tax_id_problem,
)
from fiscal.domain.register import Country
from fiscal.errors import InvalidValue

Check = Callable[[str], IdentifierProblem | None]
Complete = Callable[[str], str]


def digits(*lengths: int) -> st.SearchStrategy[str]:
    return st.one_of([st.text("0123456789", min_size=n, max_size=n) for n in lengths])


serials = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
orders = st.integers(1, ORDER_MAX)

WORKED = [
    (check_inn, inn_with_check, "770708389", "7707083893"),
    (check_inn, inn_with_check, "774300000", "7743000003"),
    (check_inn, inn_with_check, "123456789", "1234567894"),
    (check_inn, inn_with_check, "770000007", "7700000070"),  # remainder 10 is written 0
    (check_inn, inn_with_check, "390697233", "3906972339"),
    (check_inn, inn_with_check, "7700000001", "770000000156"),
    (check_inn, inn_with_check, "5001234567", "500123456750"),  # the second remainder is 10
    (check_ogrn, ogrn_with_check, "102770013219", "1027700132195"),
    (check_ogrnip, ogrnip_with_check, "31977460012345", "319774600123453"),
    (check_ogrnip, ogrnip_with_check, "30477000000001", "304770000000019"),
    (check_bin, bin_with_check, "24014000001", "240140000011"),
    (check_bin, bin_with_check, "24014000020", "240140000203"),  # by the second weights
    (check_iin, iin_with_check, "99010130001", "990101300013"),
    (check_iin, iin_with_check, "01020350001", "010203500018"),
]


@pytest.mark.parametrize(("check", "complete", "body", "whole"), WORKED)
def test_worked_examples(check: Check, complete: Complete, body: str, whole: str):
    assert complete(body) == whole
    assert check(whole) is None


@pytest.mark.parametrize(("check", "complete", "body", "whole"), WORKED)
def test_any_other_check_digit_is_told_the_right_one(check: Check, complete: Complete, body: str, whole: str):
    for digit in "0123456789".replace(whole[-1], ""):
        problem = check(whole[:-1] + digit)
        assert problem is not None
        assert problem.code is ProblemCode.WRONG_CHECK
        checks = len(whole) - len(body)
        expected, found = whole[-checks:], (whole[:-1] + digit)[-checks:]
        assert problem.text.endswith(f" must be {expected}, found {found}")


def test_both_check_digits_of_a_person_are_shown_together():
    problem = check_inn("770000000100")
    assert problem == IdentifierProblem(ProblemCode.WRONG_CHECK, "check digits must be 56, found 00")


@pytest.mark.parametrize("last", "0123456789")
def test_a_number_whose_both_sums_leave_ten_is_never_issued(last: str):
    problem = check_bin("24014000029" + last)
    assert problem is not None
    assert problem.code is ProblemCode.NEVER_ISSUED


def test_no_check_digit_can_be_made_for_a_number_never_issued():
    with pytest.raises(InvalidValue, match="never issued") as caught:
        bin_with_check("24014000029")
    assert (caught.value.field, caught.value.code) == ("bin", "never_issued")


@pytest.mark.parametrize(
    ("order", "inn", "serial", "rnm"),
    [
        (316316, "3906972339", "00307400007746", "0000316316055787"),  # a real one
        (1, "7707083893", "00106700000012", "0000000001033749"),
        (2, "770000000156", "0123456789", "0000000002013650"),
    ],
)
def test_registration_numbers(order: int, inn: str, serial: str, rnm: str):
    assert rnm_ru(order, inn, serial) == rnm
    assert check_rnm_ru(rnm, inn, serial) is None
    problem = check_rnm_ru(rnm[:-1] + "x", inn, serial)
    assert problem is not None
    assert problem.code is ProblemCode.NOT_DIGITS


@pytest.mark.parametrize(
    ("rnm", "inn", "serial", "code", "text"),
    [
        ("", "7707083893", "1", "empty", "is empty"),
        ("1", "7707083893", "1", "wrong_length", "must have 16 digits, has 1"),
        ("0" * 16, "", "1", "empty", "INN of the owner is empty"),
        (
            "0" * 16,
            "77070838930",
            "1",
            "wrong_length",
            "INN of the owner must have 10 or 12 digits, has 11",
        ),
        ("0" * 16, "7707083893", "", "empty", "serial number of the register is empty"),
        (
            "0000000001033748",
            "7707083893",
            "00106700000012",
            "wrong_check",
            "check digits must be 033749, found 033748",
        ),
    ],
)
def test_why_a_registration_number_is_wrong(rnm: str, inn: str, serial: str, code: str, text: str):
    problem = check_rnm_ru(rnm, inn, serial)
    assert problem is not None
    assert (problem.code, problem.text) == (code, text)


@given(orders, digits(10, 12), serials)
def test_a_completed_registration_number_is_right(order: int, inn: str, serial: str):
    rnm = rnm_ru(order, inn, serial)
    assert len(rnm) == 16
    assert int(rnm[:10]) == order
    assert check_rnm_ru(rnm, inn, serial) is None


@given(orders, digits(10, 12), serials, st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_in_a_registration_number_is_always_found(
    order: int, inn: str, serial: str, place: int, shift: int
):
    assert check_rnm_ru(mistyped(rnm_ru(order, inn, serial), place, shift), inn, serial) is not None


@pytest.mark.parametrize(
    ("order", "inn", "serial", "field", "code"),
    [
        (0, "7707083893", "1", "order", "order_out_of_range"),
        (ORDER_MAX + 1, "7707083893", "1", "order", "order_out_of_range"),
        (1, "770708389", "1", "inn", "wrong_length"),
        (1, "770708389x", "1", "inn", "not_digits"),
        (1, "7707083893", "", "serial", "empty"),
        (1, "7707083893", "1" * 21, "serial", "wrong_length"),
        (1, "7707083893", "\u2116 1", "serial", "not_ascii"),
    ],
)
def test_no_registration_number_for_impossible_parts(order: int, inn: str, serial: str, field: str, code: str):
    with pytest.raises(InvalidValue) as caught:
        rnm_ru(order, inn, serial)
    assert (caught.value.field, caught.value.code) == (field, code)


COMPLETED = [
    (check_inn, inn_with_check, (9, 10)),
    (check_ogrn, ogrn_with_check, (12,)),
    (check_ogrnip, ogrnip_with_check, (14,)),
    (check_bin, bin_with_check, (11,)),
    (check_iin, iin_with_check, (11,)),
]


def completed(complete: Complete, body: str) -> str:
    """The whole number; the example is dropped when there is none."""
    try:
        return complete(body)
    except InvalidValue as error:
        assume(error.code not in {"never_issued", "impossible_date"})
        raise


def mistyped(number: str, place: int, shift: int) -> str:
    place %= len(number)
    wrong = str((int(number[place]) + shift) % 10)
    return number[:place] + wrong + number[place + 1 :]


@pytest.mark.parametrize(("check", "complete", "lengths"), COMPLETED[:4])
@given(data=st.data())
def test_a_completed_number_is_right(check: Check, complete: Complete, lengths: tuple[int, ...], data: st.DataObject):
    body = data.draw(digits(*lengths))
    whole = completed(complete, body)
    assert whole.startswith(body)
    assert check(whole) is None


@given(st.dates(date(1800, 1, 1), date(2099, 12, 31)), st.booleans(), digits(4))
def test_a_completed_number_of_a_person_is_right(day: date, woman: bool, serial: str):
    century_and_sex = {18: 1, 19: 3, 20: 5}[day.year // 100] + woman
    body = f"{day:%y%m%d}{century_and_sex}{serial}"
    assert check_iin(completed(iin_with_check, body)) is None


@pytest.mark.parametrize(("check", "complete", "lengths"), COMPLETED[:3])
@given(data=st.data())
def test_a_wrong_check_digit_is_always_found(
    check: Check, complete: Complete, lengths: tuple[int, ...], data: st.DataObject
):
    whole = complete(data.draw(digits(*lengths)))
    assert check(mistyped(whole, -1, data.draw(st.integers(1, 9)))) is not None


REMAINDERS: list[tuple[Check, Complete, int, Callable[[str], int]]] = [
    (
        check_inn,
        inn_with_check,
        9,
        lambda d: sum(w * int(c) for w, c in zip((2, 4, 10, 3, 5, 9, 4, 6, 8), d, strict=True)) % 11,
    ),
    (check_ogrn, ogrn_with_check, 12, lambda d: int(d) % 11),
    (check_ogrnip, ogrnip_with_check, 14, lambda d: int(d) % 13),
]


@pytest.mark.parametrize(("check", "complete", "length", "remainder"), REMAINDERS)
@given(data=st.data())
def test_one_wrong_digit_is_found_unless_two_remainders_share_a_digit(
    check: Check,
    complete: Complete,
    length: int,
    remainder: Callable[[str], int],
    data: st.DataObject,
):
    whole = complete(data.draw(digits(length)))
    place, shift = data.draw(st.integers(0, length - 1)), data.draw(st.integers(1, 9))
    wrong = mistyped(whole, place, shift)
    before, after = remainder(whole[:-1]), remainder(wrong[:-1])
    assert before != after
    assert (check(wrong) is None) == (before % 10 == after % 10)


@given(digits(11), st.integers(0, 11), st.integers(1, 9))
def test_one_wrong_digit_in_a_kazakh_number_is_found_but_in_the_place_of_weight_eleven(
    body: str, place: int, shift: int
):
    def first(number: str) -> int:
        return sum(weight * int(digit) for weight, digit in enumerate(number[:11], 1)) % 11

    whole = completed(bin_with_check, body)
    wrong = mistyped(whole, place, shift)
    assume(first(whole) != 10)
    assume(first(wrong) != 10)
    assert (check_bin(wrong) is None) == (place == 10)


LENGTHS = [
    (IdentifierKind.INN, "10 or 12", (10, 12)),
    (IdentifierKind.OGRN, "13", (13,)),
    (IdentifierKind.OGRNIP, "15", (15,)),
    (IdentifierKind.BIN, "12", (12,)),
    (IdentifierKind.IIN, "12", (12,)),
    (IdentifierKind.RNM_RU, "16", (16,)),
    (IdentifierKind.RNM_KZ, "12", (12,)),
    (IdentifierKind.FN_SERIAL, "16", (16,)),
]


@pytest.mark.parametrize(("kind", "words", "lengths"), LENGTHS)
def test_every_length_but_the_right_one_is_told_both_figures(
    kind: IdentifierKind, words: str, lengths: tuple[int, ...]
):
    for length in set(range(1, 40)) - set(lengths):
        assert check_identifier(kind, "1" * length) == IdentifierProblem(
            ProblemCode.WRONG_LENGTH, f"must have {words} digits, has {length}"
        )


@pytest.mark.parametrize("kind", IdentifierKind)
def test_nothing_is_no_identifier(kind: IdentifierKind):
    assert check_identifier(kind, "") == IdentifierProblem(ProblemCode.EMPTY, "is empty")


@pytest.mark.parametrize("kind", [kind for kind, _, _ in LENGTHS])
@pytest.mark.parametrize(
    ("character", "name"),
    [
        ("\u0661", "U+0661"),  # an Arabic digit: str.isdigit and int() take it
        ("\u00b2", "U+00B2"),  # a superscript two: str.isdigit takes it
        ("\uff11", "U+FF11"),  # a full-width one
        ("\U0001d7d9", "U+1D7D9"),  # a double-struck one
        ("O", "U+004F"),
        (" ", "U+0020"),
        ("\n", "U+000A"),
        ("-", "U+002D"),
    ],
)
def test_only_ascii_digits_are_digits(kind: IdentifierKind, character: str, name: str):
    assert check_identifier(kind, "111" + character + "111") == IdentifierProblem(
        ProblemCode.NOT_DIGITS, f"character 4 is {name}, not a digit 0-9"
    )


@given(st.sampled_from(IdentifierKind), st.text() | digits(10, 12, 13, 15, 16))
def test_a_check_never_raises(kind: IdentifierKind, value: str):
    problem = check_identifier(kind, value)
    assert problem is None or problem.text
    for country in Country:
        tax_id_problem(country, value)


@given(st.text(), st.text(), st.text())
def test_the_check_of_a_registration_number_never_raises(rnm: str, inn: str, serial: str):
    check_rnm_ru(rnm, inn, serial)


@pytest.mark.parametrize(
    ("complete", "length"),
    [
        (inn_with_check, 11),
        (ogrn_with_check, 13),
        (ogrnip_with_check, 15),
        (bin_with_check, 12),
        (iin_with_check, 12),
    ],
)
def test_a_body_of_another_length_is_not_completed(complete: Complete, length: int):
    with pytest.raises(InvalidValue, match=f"has {length}") as caught:
        complete("1" * length)
    assert caught.value.code == "wrong_length"


@pytest.mark.parametrize(
    ("body", "day"),
    [
        ("99130130001", "day 01 of month 13 as the birthday, which does not exist in 1999"),
        ("99000130001", "day 01 of month 00 as the birthday, which does not exist in 1999"),
        ("99010030001", "day 00 of month 01 as the birthday, which does not exist in 1999"),
        ("01022950001", "day 29 of month 02 as the birthday, which does not exist in 2001"),
        ("00022930001", "day 29 of month 02 as the birthday, which does not exist in 1900"),
        ("00022920001", "day 29 of month 02 as the birthday, which does not exist in 1800"),
        ("99023000001", "day 30 of month 02 as the birthday, which does not exist in any year"),
    ],
)
def test_a_birth_date_that_does_not_exist(body: str, day: str):
    problem = check_iin(body + "0")
    assert problem == IdentifierProblem(ProblemCode.IMPOSSIBLE_DATE, f"names {day}")
    with pytest.raises(InvalidValue, match="birthday") as caught:
        iin_with_check(body)
    assert (caught.value.field, caught.value.code) == ("iin", "impossible_date")


@pytest.mark.parametrize(
    "body",
    ["00022950001", "96022960001", "99022900001", "99022970002"],
    ids=["2000 was a leap year", "2096 will be", "no century digit", "an unknown century digit"],
)
def test_a_leap_day_that_may_exist(body: str):
    assert check_iin(iin_with_check(body)) is None


def test_an_iin_can_be_a_number_never_issued():
    with pytest.raises(InvalidValue) as caught:
        iin_with_check(never_issued_person())
    assert caught.value.code == "never_issued"


def never_issued_person() -> str:
    for serial in range(10_000):
        problem = check_iin(f"9901013{serial:04d}0")
        if problem is not None and problem.code is ProblemCode.NEVER_ISSUED:
            return f"9901013{serial:04d}"
    raise AssertionError("one in 121 numbers is never issued")


def test_a_fiscal_drive_has_sixteen_digits():
    assert check_fn_serial("9999078900001234") is None


def test_an_anonymised_registration_number_passes_the_lenient_look():
    assert check_rnm_ru_form("0000442671040636") is None
    assert check_identifier(IdentifierKind.RNM_RU, "0000442671040636") is None


def test_a_kazakh_registration_number_has_twelve_digits():
    assert check_rnm_kz("281948271821") is None


@pytest.mark.parametrize("serial", ["00106700000012", "1", "SWK00032685", "ABCD1234-567", "9" * 20])
def test_serial_numbers_of_registers(serial: str):
    assert check_kkt_serial(serial) is None


@pytest.mark.parametrize(
    ("serial", "code", "text"),
    [
        ("9" * 21, "wrong_length", "must have at most 20 characters, has 21"),
        ("12 34", "not_ascii", "character 3 is U+0020, not printable ASCII"),
        ("\u041a1", "not_ascii", "character 1 is U+041A, not printable ASCII"),
        ("1\x7f", "not_ascii", "character 2 is U+007F, not printable ASCII"),
    ],
)
def test_what_is_no_serial_number(serial: str, code: str, text: str):
    problem = check_kkt_serial(serial)
    assert problem is not None
    assert (problem.code, problem.text) == (code, text)


@pytest.mark.parametrize(
    ("country", "value", "code"),
    [
        (Country.RU, "7707083893", None),
        (Country.RU, "770000000156", None),
        (Country.RU, "240140000011", "wrong_check"),
        (Country.KZ, "240140000011", None),  # a BIN: 4 in the fifth place
        (Country.KZ, "990101300013", None),  # an IIN: 0 in the fifth place
        (Country.KZ, "991301300019", "impossible_date"),
        (Country.KZ, "240140000012", "wrong_check"),
        (Country.KZ, "", "empty"),
        (Country.KZ, "2401", "wrong_length"),
    ],
)
def test_a_taxpayer_by_country(country: Country, value: str, code: str | None):
    problem = tax_id_problem(country, value)
    assert (problem and problem.code) == code
