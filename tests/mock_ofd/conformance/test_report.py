"""Every form of the card tells every scenario, and why it did not pass."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.report import as_badge, as_junit, as_plain, as_text, conforms, summary
from mock_ofd.conformance.running import Outcome, Verdict

NAMES = list(SCENARIOS)
STORY = tuple(f"{place:8.3f}  line {place}" for place in range(30))


def outcome(place: int, verdict: Verdict, text: str = "") -> Outcome:
    return Outcome(SCENARIOS[NAMES[place]], verdict, 1.5, text, STORY, "till 1.0")


CARD = [
    outcome(0, Verdict.PASSED),
    outcome(1, Verdict.FAILED, "the sale of 100.02 is in the ledger 2 times\nsecond line \x00"),
    outcome(2, Verdict.NOT_RUN, "the client does not offer 'clock'"),
]


def test_the_text_tells_what_failed_with_the_end_of_its_story() -> None:
    lines = list(as_text(CARD, "native"))
    assert lines[0] == "till 1.0, protocol native"
    assert "  ✔ online-sale                1.5 s" in lines
    assert "  ✘ lost-answer             the sale of 100.02 is in the ledger 2 times" in lines
    assert "      … 6 lines before (--story shows all)" in lines
    assert f"      {STORY[-1]}" in lines
    assert f"      {STORY[5]}" not in lines
    assert "  – lost-request            not run: the client does not offer 'clock'" in lines
    assert lines[-1] == "does not conform: 1 passed, 1 failed, 1 not run"
    assert f"      {STORY[0]}" in list(as_text(CARD, "native", 100))


@pytest.mark.parametrize(
    ("verdicts", "right"),
    [
        ([Verdict.PASSED], True),
        ([Verdict.PASSED, Verdict.NOT_RUN], True),
        ([Verdict.NOT_RUN], False),
        ([], False),
        ([Verdict.PASSED, Verdict.BROKEN], False),
        ([Verdict.PASSED, Verdict.FAILED], False),
    ],
)
def test_a_client_conforms_when_something_passed_and_nothing_failed(verdicts: list[Verdict], right: bool) -> None:
    outcomes = [outcome(place, verdict) for place, verdict in enumerate(verdicts)]
    assert conforms(outcomes) is right
    assert summary(outcomes).startswith("conforms" if right else "does not conform")


def test_json_has_the_story_of_what_failed_only() -> None:
    plain = as_plain(CARD, "kz")
    assert (plain["client"], plain["protocol"], plain["conforms"]) == ("till 1.0", "kz", False)
    assert plain["counts"] == {"passed": 1, "failed": 1, "not run": 1, "broken": 0}
    assert [len(each["story"]) for each in plain["scenarios"]] == [0, 30, 0]


def test_junit_has_a_case_for_each_scenario_and_no_character_that_xml_cannot_hold() -> None:
    broken = outcome(3, Verdict.BROKEN, "Traceback")
    suite = ET.fromstring(as_junit([*CARD, broken], "native"))[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == (
        "4",
        "1",
        "1",
        "1",
    )
    assert [[each.tag for each in case] for case in suite] == [[], ["failure"], ["skipped"], ["error"]]
    assert "line 29" in str(suite[1][0].text)


@pytest.mark.parametrize(("card", "value", "colour"), [(CARD, "1 of 2", "c62828"), (CARD[:1], "1 of 1", "2e7d32")])
def test_the_badge_counts_what_was_run(card: list[Outcome], value: str, colour: str) -> None:
    badge = as_badge(card, "native")
    root = ET.fromstring(badge)
    assert f"OFD conformance: native: {value}" == root.get("aria-label")
    assert colour in badge
