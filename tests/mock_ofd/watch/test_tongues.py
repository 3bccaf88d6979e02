"""The watcher in three languages."""

import ast
import re

import pytest

from mock_ofd.watch import tongues
from mock_ofd.watch.register import COLUMNS, facts_of, link_words, row_of
from mock_ofd.watch.table import AGO, Registers
from mock_ofd.watch.table import COLUMNS as FLEET
from mock_ofd.watch.words import LOOKS
from tests.docs.pages import ROOT
from tests.documents import T0

SOURCES = sorted((ROOT / "shared" / "mock_ofd" / "watch").glob("*.py"))


@pytest.fixture(params=tongues.LANGUAGES)
def language(request):
    tongues.speak(request.param)
    yield request.param
    tongues.speak("en")


def asked():
    """Every text that is said as it stands in the source, and the words of keys."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name, first = getattr(node.func, "id", ""), node.args[0]
            if name in ("say", "label") and isinstance(first, ast.Constant) and first.value:
                yield first.value
            if name == "Binding" and not any(each.arg == "show" for each in node.keywords):
                yield ast.literal_eval(node.args[2])


def test_every_text_has_its_words():
    shown = {*asked(), *FLEET, *(name for name, _ in COLUMNS), *(look.word for look in LOOKS.values())} - {"№"}
    assert shown - tongues._WORDS.keys() == set()


def test_words_ask_for_what_the_english_ones_ask_for():
    for text, others in tongues._WORDS.items():
        places = set(re.findall(r"\{(\w+)\}", text))
        assert all(set(re.findall(r"\{(\w+)\}", other)) == places for other in others), text


def test_what_stands_in_a_column_fits_into_it():
    widths = dict(COLUMNS)
    for name, width in COLUMNS:
        assert all(len(word) <= width for word in tongues._WORDS.get(name, ())), name
    for kind in (
        "sell",
        "sell_return",
        "buy",
        "buy_return",
        "correction",
        "deposit",
        "withdrawal",
        "close_shift",
        "void",
    ):
        assert all(len(word) <= widths["document"] for word in tongues._WORDS[kind]), kind
    for look in LOOKS.values():
        assert all(len(word) <= 11 for word in tongues._WORDS[look.word])


def test_an_age_that_does_not_fit_is_told_without_its_smaller_unit(language):
    table = Registers.__new__(Registers)
    table.now = T0
    assert all(len(table._ago(T0 - ms)) <= AGO for ms in (0, 59_999, 3_599_999, 86_399_999, 99 * 86_400_000))


REGISTER = {
    "standing": "blocked",
    "reason": "долг",
    "connected": False,
    "last_number": 7,
    "last_issued_at": T0,
    "shift": {"number": 2, "open": True, "opened_at": T0},
    "counters": {"cash_sum": 500},
    "reported": {
        "at": T0,
        "mode": "blocked_autonomous",
        "since": T0,
        "unsent": 2,
        "oldest_unsent_at": T0,
        "head": 7,
        "stuck": "drawer: jammed",
        "stuck_code": "drawer:jammed",
        "last_error": "127.0.0.1:7790: Connect call failed",
        "last_error_code": "connection_refused",
    },
    "stuck": [
        {"code": "blocked", "text": "blocked by a person: долг"},
        {"code": "reported", "text": "drawer: jammed"},
        {"code": "unsent", "text": "2 documents wait; the last error was: 127.0.0.1:7790: Connect call failed"},
    ],
}
STATUS = {
    "mode": "autonomous",
    "since": T0,
    "unsent": 2,
    "head": 7,
    "attempts": 3,
    "last_error": "there is no answer",
    "last_error_code": "no_answer",
    "next_attempt_s": 1.5,
}


def test_a_register_is_told_in_the_reader_s_language(language):
    told = "\n".join(facts_of(REGISTER, STATUS, T0))
    expected = {
        "en": ("Connect call failed", "there is no answer", "blocked (долг), no session, 7 documents"),
        "ru": (
            "по адресу оператора никто не принимает соединений",
            "оператор не ответил вовремя",
            "заблокирована (долг)",
        ),
        "kk": ("оператор мекенжайында қосылымды ешкім қабылдамайды", "оператор уақытында жауап бермеді", "(долг)"),
    }[language]
    assert all(words in told for words in (*expected, "drawer: jammed"))
    if language != "en":
        assert not re.search(r"[a-z]{3}", told.replace("drawer: jammed", ""))


def test_a_document_is_told_in_the_reader_s_language(language):
    held = {
        "number": 1,
        "operation": "sell_return",
        "kind": "receipt",
        "total": 5,
        "sign": None,
        "autonomous_sign": None,
    }
    row = row_of(None, {**held}, "✔")
    assert row[1] == {"en": "sell_return", "ru": "возврат", "kk": "қайтару"}[language]


def test_a_link_is_told_in_the_reader_s_language(language):
    bent = {"state": "slow", "delay_ms": 6_000, "lose_next_answer": True, "paid": False}
    expected = {
        "en": "link: slow. The next answer is lost. It is unpaid.",
        "ru": "Ответы приходят на 6.0 с позже. Ответ на следующий документ будет потерян. Оператору не платят",
        "kk": "Жауаптар 6.0 с кеш келеді.",
    }[language]
    assert link_words(bent).startswith(expected)
    assert "{" not in link_words({"state": "up", "delay_ms": None, "lose_next_answer": False, "paid": True})
