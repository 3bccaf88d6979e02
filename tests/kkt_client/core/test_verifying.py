"""The walk along the chain finds the first record that is not what was written."""

from dataclasses import replace

import pytest

from fiscal.domain.lifecycle import AutonomousReason
from kkt_client.core import records
from kkt_client.core.records import GENESIS, Sealed, seal
from kkt_client.core.verifying import Walk
from tests.documents import T0
from tests.kkt_client.core.till import Till


def lived() -> Till:
    till = Till()
    till.sell()
    till.issue_alone()
    till.issue_alone()
    till.welcome()
    till.accept()
    till.accept()
    return till


def verdict(chain, last=None, pages=3):
    whole = lived().chain()
    walk = Walk()
    for begin in range(0, len(chain), pages):
        if not walk.take(chain[begin : begin + pages]):
            break
    return walk.finish(len(whole) if last is None else last, whole[-1].hash)


@pytest.mark.parametrize("pages", [1, 2, 100])
def test_a_whole_memory(pages):
    chain = lived().chain()
    found = verdict(chain, pages=pages)

    assert found.is_whole
    assert (found.records, found.documents, found.damage) == (len(chain), 3, None)


@pytest.mark.requirement("S3-08")
@pytest.mark.parametrize("place", range(len(lived().chain())))
def test_whichever_record_is_changed_it_is_the_one_that_is_named(place):
    chain = lived().chain()
    body = bytearray(chain[place].body)
    body[-1] ^= 1
    chain[place] = replace(chain[place], body=bytes(body))

    found = verdict(chain)

    assert not found.is_whole
    assert found.damage is not None
    assert (found.damage.seq, found.damage.kind) == (place + 1, type(lived().written[place]).__name__)
    assert found.records == place


@pytest.mark.parametrize("place", range(len(lived().chain())))
def test_whichever_record_is_missing_its_place_is_named(place):
    chain = lived().chain()
    del chain[place]

    found = verdict(chain)

    assert found.damage is not None
    assert found.damage.seq == place + 1


def resealed(written):
    sealed: list[Sealed] = []
    for seq, record in enumerate(written, 1):
        sealed.append(seal(sealed[-1].hash if sealed else GENESIS, seq, record))
    return sealed


def test_a_forged_chain_that_cannot_have_been_is_found_out():
    till = lived()
    forged = resealed([record for record in till.written if not isinstance(record, records.PeriodEnded)])

    found = verdict(forged)

    assert found.damage is not None
    assert "not the next to be reported" in found.damage.why


def test_a_chain_begins_with_its_founding():
    forged = resealed([records.PeriodBegan(period=1, at=T0, reason=AutonomousReason.UNPAID)])

    found = verdict(forged)

    assert found.damage is not None
    assert (found.damage.seq, found.damage.kind) == (1, "PeriodBegan")


def test_a_chain_that_was_written_anew_does_not_end_where_the_first_one_did():
    till = lived()
    till.written[0] = records.Founded(register="another", at=T0)

    found = verdict(resealed(till.written))

    assert found.damage is not None
    assert found.damage.why == "the last record is not the one that was written last"
