"""The page of a report: what it says first, what it escapes, and that it needs nobody."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from mock_ofd.load.html import FAULTY_MAX, FAULTY_SHOWN, page, sentence
from mock_ofd.load.report import Comparison, Report
from mock_ofd.load.thresholds import judged, parse
from mock_ofd.load.words import LANGUAGES, Tongue
from tests.mock_ofd.load.books import comparison, faulty, foreign, report, storm

VOID = {"meta", "br"}
EVIL = "<script>alert(1)</script>\" onload='x'"


class Reader(HTMLParser):
    """What stands in a page: its elements, whether each is closed, and its text."""

    def __init__(self, text):
        super().__init__()
        self.elements, self.open, self.ids, self.told = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.told.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.told).split())


PAGES: dict[str, Report | Comparison] = {
    "proven": report(),
    "failed": report(faulty(3)),
    "foreign": report(foreign()),
    "stopped": report(storm(complete=False, documents_acknowledged=41_000)),
    "nothing": report(storm(complete=False, ticks=(), errors={})),
    "thresholds": judged(report(), [parse("p99>1s"), parse("rss>0.2GB")]),
    "comparison": comparison(),
    "half a comparison": comparison(complete=False),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_and_needs_nobody(name, language):
    text = page(PAGES[name], language)
    found = Reader(text)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert dict(found.elements)["html"] == {"lang": language}
    tags = {tag for tag, _ in found.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "form", "a", "base"}
    attributes = {name for _, attrs in found.elements for name in attrs}
    assert not {name for name in attributes if name.startswith("on")} | (
        attributes & {"style", "src", "href", "srcset"}
    )
    assert not re.search(r"https?:|url\(|@import", text)


def test_its_policy_allows_its_own_style_and_nothing_else():
    text = page(report())
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    hashed = b64encode(sha256(style.encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{hashed}'; base-uri 'none'; form-action 'none'"


@pytest.mark.parametrize(
    ("made", "language", "told"),
    [
        (
            report(),
            "en",
            "100,000 documents of 1,000 registers: every one is in the ledger once, in its order, and was",
        ),
        (report(foreign()), "en", "The operator's ledger could not be read."),
        (
            report(storm(complete=False, documents_acknowledged=41_000)),
            "en",
            "Stopped: 41,000 of 100,000 documents of 1,000 registers were acknowledged",
        ),
        (report(faulty(3)), "en", "Wrong with 100,000 documents of 1,000 registers: lost 3."),
        (report(storm(late=7, documents_acknowledged=99_990)), "en", "late 7, not delivered 10."),
        (report(storm(doubled=1, out_of_order=2)), "ru", "Неверно: удвоено 1, не по порядку 2."),
        (report(), "kk", "Әрқайсысы оператор журналында бір рет"),
    ],
)
def test_the_verdict_in_words(made, language, told):
    said = sentence(made, Tongue(language))
    assert told in said
    assert " ".join(said.split()) in Reader(page(made, language)).text


def test_the_verdict_stands_first():
    text = Reader(page(report())).text
    assert text.index("✔ proven") < text.index("drained in") < text.index("Backlog")


def test_a_threshold_that_was_exceeded_is_no_success():
    text = Reader(page(PAGES["thresholds"])).text
    assert "✘ threshold exceeded 100,000 documents" in text
    assert "p99>1s 193 ms ✔ kept" in text
    assert "rss>0.2GB 212 MB ✘ exceeded" in text
    assert "✔ proven" not in text


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("drain>1s", "drain>1s 11.8 s ✘"),
        ("ratio<0.5", "ratio<0.5 0.410 ✘"),
        ("late>0", "late>0 0 ✔"),
        ("rate<1", "rate<1 8,511 ✔"),
    ],
)
def test_a_figure_of_a_threshold_has_its_unit(expression, told):
    assert told in Reader(page(judged(report(), [parse(expression)]))).text


def test_a_threshold_that_could_not_be_measured():
    assert "ratio<0.5 not measured ✘ exceeded" in Reader(page(judged(report(foreign()), [parse("ratio<0.5")]))).text


def test_what_was_not_measured_is_a_dash():
    assert "operator's memory, peak –" in Reader(page(report(foreign()))).text


@pytest.mark.parametrize(
    ("count", "folded", "told"),
    [
        (FAULTY_SHOWN, 0, None),
        (FAULTY_SHOWN + 1, 1, "and 1 more"),
        (FAULTY_MAX, 1, f"and {FAULTY_MAX - FAULTY_SHOWN} more"),
        (FAULTY_MAX + 3, 1, f"and {FAULTY_MAX - FAULTY_SHOWN + 3} more"),
    ],
)
def test_registers_with_a_fault_are_listed_up_to_a_limit(count, folded, told):
    written = page(report(faulty(count, ticks=())))
    text = Reader(written).text
    assert "load-00000 100 100 1 0 0 0 document 1 was acknowledged and is <not> in the ledger" in text
    assert f"load-{min(count, FAULTY_MAX) - 1:05d}" in text
    assert f"load-{FAULTY_MAX:05d}" not in text
    assert written.count("<details") == folded
    assert told is None or told in text
    assert ("The JSON report lists all of them." in text) is (count > FAULTY_MAX)


def test_what_others_say_stays_text():
    wrong = faulty(1, errors={EVIL: 2}, scenario={"target": EVIL, EVIL: 1})
    made = report(wrong).model_copy(update={"version": EVIL})
    text = page(made)
    assert EVIL not in text
    assert text.count("<script") == 0
    assert EVIL in "".join(Reader(text).told)


def test_every_second_is_in_the_table():
    made = report()
    text = Reader(page(made)).text.partition("Second by second")[2]
    for tick in made.ticks:
        assert f"{tick.at_s} {tick.backlog:,} {tick.acknowledged:,} {tick.connects:,}" in text


def test_the_scenario_and_the_machine():
    text = Reader(page(report())).text
    assert "policy paced" in text
    assert "target –" in text
    assert "day 24 × 1.0" in text
    assert "processor Example 3000" in text
    assert "msgspec 0.22.0" in text


def test_a_machine_that_tells_nothing():
    made = report()
    silent = made.machine.model_copy(update={"cpu": None, "memory_mb": None, "load": None, "libraries": {}})
    assert "processor – cores 2 memory – system" in Reader(page(made.model_copy(update={"machine": silent}))).text


def test_policies_side_by_side():
    text = Reader(page(comparison())).text
    assert "policy none full paced queue ahead of the commit, peak 91,000 24,000 1,900 ★ best" in text
    assert "late 4,312 0 ★ best 0 ★ best" in text
    assert "verdict ✘ failed ✔ proven ✔ proven" in text
    assert "connections opened 1,017 1,017 1,017 answers" in text, "where all are the same none is the best"


def test_a_comparison_that_was_stopped_says_so():
    assert "Stopped before the last policy was through." in Reader(page(comparison(complete=False))).text
    empty = comparison(complete=False).model_copy(update={"runs": {}})
    assert "Side by side" in Reader(page(empty)).text
