"""The chain: every record comes back as it was, and whatever is changed, moved or missing is found."""

from dataclasses import replace
from hashlib import sha256

import pytest

from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from kkt_client.core import records
from kkt_client.core.records import CLASS_OF, GENESIS, Damaged, Decision, Sealed, opened, seal, unseal

AT = 1_767_250_800_000
ALL = (
    records.Founded(register="kkt-1", at=AT),
    records.Issued(number=1, content=b"\x80", key="k", basket=bytes(32)),
    records.MadeAutonomous(number=1, period=1, reason=AutonomousReason.LATE_ANSWER, at=AT, sign=5),
    records.Accepted(number=1, at=AT, operator_at=AT + 1, sign="12", qr="q", key_id="k1"),
    records.Refused(number=2, at=AT, code="bad_totals", field="total", text="100 != 200"),
    records.Resolved(
        decision=Decision.ADOPT,
        at=AT,
        by="Айгуль",
        why="backup",
        adopted=records.Adopted(last_number=9, last_shift=2, shift_opened_at=AT, counters={"cash_sum": -5}),
    ),
    records.PeriodBegan(period=1, at=AT, reason=AutonomousReason.NO_CONNECTION),
    records.PeriodEnded(period=1, at=AT),
    records.PeriodReported(period=1, at=AT),
    records.BlockBegan(reason=BlockReason.BY_OPERATOR, at=AT, text="why"),
    records.BlockEnded(reason=BlockReason.BY_OPERATOR, at=AT),
    records.Anomaly(code=records.AnomalyCode.CLOCK_WENT_BACK, at=AT, text="t", number=3),
)


def chain(written=ALL) -> list[Sealed]:
    sealed: list[Sealed] = []
    for seq, record in enumerate(written, 1):
        sealed.append(seal(sealed[-1].hash if sealed else GENESIS, seq, record))
    return sealed


def test_every_kind_of_record_is_among_the_samples():
    assert {type(record) for record in ALL} == set(CLASS_OF.values())


@pytest.mark.parametrize("record", ALL, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_was(record):
    sealed = seal(GENESIS, 1, record)

    assert unseal(sealed) == record
    assert seal(GENESIS, 1, unseal(sealed)) == sealed


def test_the_hash_is_made_of_the_one_before_the_place_the_kind_and_the_body():
    first, second = chain(ALL[:2])

    assert first.hash == sha256(bytes(32) + (1).to_bytes(8, "big") + b"\x01" + first.body).digest()
    assert second.hash == sha256(first.hash + (2).to_bytes(8, "big") + b"\x02" + second.body).digest()


def test_kinds_keep_their_numbers_for_ever():
    assert {kind: class_.__name__ for kind, class_ in CLASS_OF.items()} == {
        1: "Founded",
        2: "Issued",
        3: "MadeAutonomous",
        4: "Accepted",
        5: "Refused",
        6: "Resolved",
        7: "PeriodBegan",
        8: "PeriodEnded",
        9: "PeriodReported",
        10: "BlockBegan",
        11: "BlockEnded",
        12: "Anomaly",
    }


@pytest.mark.requirement("S3-08")
@pytest.mark.parametrize(
    ("spoil", "seq", "why"),
    [
        (lambda c: [*c[:3], replace(c[3], body=c[3].body[:-1] + b"\x00"), *c[4:]], 4, "the hash does not belong"),
        (lambda c: [*c[:3], replace(c[3], kind=5), *c[4:]], 4, "the hash does not belong"),
        (lambda c: [*c[:3], *c[4:]], 4, "is missing; the next one that is there is 5"),
        (lambda c: [*c[:2], replace(c[3], seq=3), replace(c[2], seq=4), *c[4:]], 3, "the hash does not belong"),
        (lambda c: [*c[:4], replace(c[4], hash=bytes(32)), *c[5:]], 5, "the hash does not belong"),
        (lambda c: [*c[:1], replace(c[1], number=7), *c[2:]], 2, "the number or key beside the record"),
        (lambda c: [*c[:1], replace(c[1], key="other"), *c[2:]], 2, "the number or key beside the record"),
    ],
    ids=["body", "kind", "missing", "swapped", "hash", "number", "key"],
)
def test_the_first_damaged_record_is_named(spoil, seq, why):
    with pytest.raises(Damaged, match=why) as found:
        list(opened(spoil(chain()), 0, GENESIS))

    assert found.value.seq == seq


def test_a_whole_chain_opens_from_any_place():
    whole = chain()

    assert [record for _, record in opened(whole, 0, GENESIS)] == list(ALL)
    assert [sealed.seq for sealed, _ in opened(whole[5:], 5, whole[4].hash)] == list(range(6, len(whole) + 1))


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        (99, b"\x80", "there is no kind 99"),
        (1, b"\xc1", "Founded.: body: "),
        (1, b"\x80", "register: is missing"),
        (7, b"\x81\xa6period\x00", "period: must be at least 1"),
    ],
)
def test_a_body_that_is_none_of_ours_is_damage(kind, body, why):
    with pytest.raises(Damaged, match=why):
        unseal(Sealed(1, kind, None, None, body, bytes(32)))
