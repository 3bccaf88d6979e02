"""The three forms of a verdict."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from fiscal.judging.events import What
from fiscal.judging.findings import NO_DOCUMENT, Rule
from fiscal.judging.report import as_junit, as_plain, as_text
from tests.documents import T0
from tests.mock_ofd.judge.lines import alone, entry, journal, judged, line, recorded, sale


@pytest.fixture
def right():
    return judged([*journal(sale(1)), recorded(1), entry(What.NOTED, text="clock_backwards")])


@pytest.fixture
def wrong():
    return judged([*journal(sale(1), sale(3), sale(5), alone(6, 501, 1), line("issued", 7)), recorded(1)])


def test_right_as_text(right):
    assert list(as_text(right)) == [
        "1 register, 1 document, 0 autonomous",
        "the operator noted: clock_backwards 1",
        "right: nothing was found",
    ]


def test_wrong_as_text(wrong):
    lines = list(as_text(wrong))
    assert lines[:4] == [
        "register till-1",
        "  gap: number 2 is missing",
        "      till.jsonl:1  2026-01-01T07:00:01.000Z issued document 1 id id-1 content content 1",
        "      till.jsonl:5  2026-01-01T07:00:05.000Z issued document 3 id id-3 content content 3",
    ]
    assert lines[-2:] == ["1 register, 5 documents, 1 autonomous, 2 waiting", "wrong: gap 2, lost 2"]


def test_a_long_text_is_cut(wrong):
    lines = list(as_text(wrong, shown=1))
    assert "  gap: and 1 more" in lines
    assert sum(row.startswith("  gap:") for row in lines) == 2


def test_as_plain(wrong, right):
    assert (as_plain(right)["verdict"], as_plain(wrong)["verdict"]) == ("right", "wrong")
    assert as_plain(wrong)["counts"] == {"gap": 2, "lost": 2}
    (register,) = as_plain(wrong)["registers"]
    assert (register["register"], register["documents"], register["waiting"]) == ("till-1", 5, 2)
    first = register["findings"][0]
    assert (first["rule"], first["number"], first["text"]) == ("gap", 2, "number 2 is missing")
    assert first["proof"][1] == {
        "source": "till.jsonl",
        "line": 5,
        "text": "2026-01-01T07:00:05.000Z issued document 3 id id-3 content content 3",
    }


def test_as_junit(wrong, right):
    root = ET.fromstring(as_junit(wrong))
    (suite,) = root
    assert (
        (root.get("tests"), root.get("failures"))
        == (suite.get("tests"), suite.get("failures"))
        == (str(len(Rule)), "2")
    )
    assert [case.get("name") for case in suite] == list(Rule)
    failed = {case.get("name"): [each.get("message") for each in case] for case in suite if len(case)}
    assert failed == {
        "gap": ["number 2 is missing", "number 4 is missing"],
        "lost": [
            "document 3 was accepted, and is not in the ledger",
            "document 5 was accepted, and is not in the ledger",
        ],
    }
    assert "till.jsonl:5" in (suite[0][0].text or "")
    assert ET.fromstring(as_junit(right)).get("failures") == "0"


def test_nothing_as_every_form():
    nothing, also = judged([]), judged(journal([line("period_reported", period=1)]))
    assert list(as_text(nothing)) == ["0 registers, 0 documents, 0 autonomous", f"nothing to judge: {NO_DOCUMENT}"]
    for verdict, registers in ((nothing, 0), (also, 1)):
        assert (verdict.is_right, verdict.word, verdict.lacks) == (True, "nothing", (NO_DOCUMENT,))
        assert (as_plain(verdict)["verdict"], as_plain(verdict)["missing"]) == ("nothing", [NO_DOCUMENT])
        for may_be_empty, errors in ((False, 1), (True, 0)):
            root = ET.fromstring(as_junit(verdict, may_be_empty=may_be_empty))
            cases = [case for suite in root for case in suite]
            assert len(cases) == int(root.get("tests", "")) == 1 + registers * len(Rule)
            assert [child.tag for child in cases[0]] == ["error" if errors else "skipped"]
            assert all([child.tag for child in case] == ["skipped"] for case in cases[1:])
            skipped = len(cases) - errors
            assert [root.get(name) for name in ("failures", "errors", "skipped")] == ["0", str(errors), str(skipped)]


def test_what_was_to_be_judged_and_is_not_there(right, wrong):
    missing = ("till.csv holds nothing", "register till-2 has no document")
    right, wrong = replace(right, missing=missing), replace(wrong, missing=missing)
    assert (right.word, wrong.word) == ("nothing", "wrong")
    told = "till.csv holds nothing; register till-2 has no document"
    assert list(as_text(right))[-1] == f"nothing to judge: {told}"
    assert list(as_text(wrong))[-2:] == [f"not judged: {told}", "wrong: gap 2, lost 2"]
    suite, _ = ET.fromstring(as_junit(right))
    assert [case.get("name") for case in suite] == as_plain(right)["missing"] == list(missing)
    assert (suite.get("errors"), suite.get("tests")) == ("2", "2")


def test_what_is_wrong_without_a_document_is_wrong():
    verdict = judged([entry(What.CONFLICT, number=1)])
    assert (verdict.documents, verdict.word, verdict.lacks) == (0, "wrong", ())
    root = ET.fromstring(as_junit(verdict))
    assert (root.get("failures"), root.get("skipped")) == ("1", "0")


def test_junit_holds_whatever_a_journal_says():
    odd = "\x00\x1b\ud800\ufffe ночь"
    heard = [event._replace(register=odd, text=odd) for event in journal(sale(1), sale(3))]
    root = ET.fromstring(as_junit(judged(heard)))
    assert root[0].get("name") == "\ufffd\ufffd\ufffd\ufffd ночь"


def test_the_lines_of_a_proof():
    told = entry(What.PERIOD_RECORDED, 5, period=3).told()
    assert told.endswith("period_recorded period 3")
    later = recorded(4, autonomous=True, autonomous_sign=5, period=2, answered_at=T0, at=None, id="").told()
    assert later == (
        "recorded document 4 content content 4 sign 000000000004 autonomous sign 5 of period 2"
        " answered at 2026-01-01T07:00:00.000Z"
    )
    assert recorded(0, id="a", digest="", sign="", at=None, text="why").told() == "recorded document a: why"
