"""✔✔ is shown only for what the operator's ledger holds."""

from itertools import product

import pytest

from mock_ofd.watch.marks import NOT_HELD, SIGNS_DIFFER, judge


def held(*, autonomous=False, sign="1"):
    return {"autonomous": autonomous, "sign": sign}


def own(ticks, *, cloud=False, sign=None):
    return {"ticks": ticks, "cloud": cloud, "sign": sign}


@pytest.mark.requirement("S3-28", "S3-29", "S3-30")
@pytest.mark.parametrize(
    ("ledger", "register", "shown", "wrong"),
    [
        (held(), None, "✔✔", None),
        (held(autonomous=True), None, "✔✔☁̸", None),
        (held(), own(1), "✔✔", None),
        (held(), own(2, sign="1"), "✔✔", None),
        (held(), own(2, sign="2"), "✔✔", SIGNS_DIFFER),
        (held(), own(0), "", None),
        (held(), own(1, cloud=True), "✔✔☁̸", None),
        (None, own(1), "✔", None),
        (None, own(1, cloud=True), "✔☁̸", None),
        (None, own(0), "", None),
        (None, own(2), "✔", NOT_HELD),
        (None, own(2, cloud=True), "✔☁̸", NOT_HELD),
    ],
)
def test_what_is_shown(ledger, register, shown, wrong):
    judged = judge(ledger, register)
    assert (str(judged.marks), judged.wrong) == (shown, wrong)


@pytest.mark.requirement("S3-28")
def test_two_ticks_need_the_ledger_whatever_a_register_says():
    for ticks, cloud, sign in product((0, 1, 2), (False, True), (None, "1")):
        assert judge(None, own(ticks, cloud=cloud, sign=sign)).marks.ticks < 2
