"""Every text that a register makes has a code, and every code has its words in every language of the page."""

import ast
import json
import re
from importlib import import_module
from pkgutil import walk_packages

import pytest

import kkt_client
from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.messages import RefusalCode
from fiscal.errors import DiskFull, FiscalError, InvalidValue, StorageError
from kkt_client.core import events, saying
from kkt_client.core.errors import (
    DocumentRefused,
    KeyReused,
    MemoryStopped,
    NotEnoughCash,
    RegisterBlocked,
    ShiftExpired,
)
from kkt_client.core.records import AnomalyCode
from kkt_client.core.saying import FAMILIES, Said, about, about_refusal, told_of
from tests.docs.pages import ROOT

WORDS = ROOT / "ofd_server" / "web" / "static"
LANGUAGES = {name: json.loads((WORDS / f"{name}.json").read_text("utf-8")) for name in ("ru", "kk", "en")}
NO_CODES = {"says.person", "says.call"}
"""Words around a code."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_its_words_and_no_others_have(language):
    told = {key.removeprefix("says.") for key in LANGUAGES[language] if key.startswith("says.")}
    assert told - {key.removeprefix("says.") for key in NO_CODES} == {code.value for code in Said}


def test_words_in_one_language_are_not_those_of_another():
    for code in Said:
        words = {name: LANGUAGES[name][f"says.{code}"] for name in LANGUAGES}
        assert len(set(words.values())) == len(words), words
        assert not re.search("[а-яё]", words["en"], re.IGNORECASE), words
        assert not re.search(r"[a-z]{3}", re.sub(r"\{\w+\}", "", words["ru"]), re.IGNORECASE), words


def test_a_family_has_a_code_for_each_of_its_members_and_for_nothing_else():
    made = {f"{family}:{member.value}" for family, members in FAMILIES.items() for member in members}
    assert made == {code.value for code in Said if ":" in code}
    assert {about(member).value for members in FAMILIES.values() for member in members} == made  # type: ignore[arg-type]


def test_codes_fit_into_the_status_message():
    assert max(len(code) for code in Said) <= 64
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*(:[a-z]+(_[a-z]+)*)?", code) for code in Said)


def test_a_refusal_that_a_newer_program_wrote_is_a_refused_document():
    assert about_refusal(RefusalCode.CONFLICT) is Said.REFUSED_CONFLICT
    assert about_refusal("what_nobody_knows") is Said.BLOCKED_REFUSED_DOCUMENT


def test_every_event_has_a_code():
    for kind in events.Event.__args__:
        assert hasattr(kind, "said") or "said" in kind.__slots__, kind
    assert events.WentAutonomous(0, AutonomousReason.UNPAID).said is Said.AUTONOMOUS_UNPAID
    assert events.WasBlocked(0, BlockReason.BY_OPERATOR, "x").said is Said.BLOCKED_BY_OPERATOR
    assert events.AnomalyNoted(0, AnomalyCode.SECOND_SIGN, "x").said is Said.NOTICED_SECOND_SIGN


# ------------------------------------------------------------------------------------------------------ exceptions


def errors(kind=FiscalError):
    for each in walk_packages(kkt_client.__path__, "kkt_client."):
        if not each.name.startswith("kkt_client.fleet.locust"):  # it changes the process that imports it
            import_module(each.name)
    yield kind
    for child in kind.__subclasses__():
        if child.__module__.partition(".")[0] in ("fiscal", "kkt_client"):
            yield from errors(child)


def test_every_exception_of_a_register_has_a_code_of_its_own_or_carries_one():
    """A child without a row has its parent's code on purpose; one of the register's own errors never has."""
    carry = {RegisterBlocked, DocumentRefused}
    for kind in errors():
        if kind.__module__ == "kkt_client.core.errors":
            assert kind in carry or kind in saying._ERRORS, kind
    assert set(saying._ERRORS) <= set(errors())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ShiftExpired(5, 9), (Said.SHIFT_EXPIRED, {"opened_at": 5})),
        (NotEnoughCash(400, 20), (Said.NOT_ENOUGH_CASH, {"needed": 400, "available": 20})),
        (KeyReused("k", 7), (Said.KEY_REUSED, {"number": 7})),
        (InvalidValue("sum", "must be positive"), (Said.INVALID_VALUE, {})),
        (MemoryStopped("it"), (Said.MEMORY_FAILED, {})),
        (DiskFull("it"), (Said.DISK_FULL, {})),
        (StorageError("it"), (Said.MEMORY_FAILED, {})),
        (type("Unforeseen", (FiscalError,), {})("it"), (Said.FAILED, {})),
    ],
)
def test_what_an_exception_says(error, told):
    found = told_of(error)
    assert (found.code, dict(found.facts)) == told
    assert found.text == str(error)


def test_what_the_operator_said_is_told_without_its_code():
    blocked = told_of(RegisterBlocked(BlockReason.BY_OPERATOR, "долг"))
    assert (blocked.code, blocked.text) == (Said.BLOCKED_BY_OPERATOR, "долг")
    refused = told_of(DocumentRefused(7, "bad_totals", "total", "must be 5"))
    assert (refused.code, refused.text, refused.facts) == (Said.REFUSED_BAD_TOTALS, "total: must be 5", {"number": 7})
    assert told_of(DocumentRefused(7, "bad_totals", "", "must be 5")).text == "must be 5"


# ---------------------------------------------------------------------------------------------------------- places


def test_nothing_that_failed_is_told_without_a_cause():
    """Whoever makes one of these names its cause; that it is one, the type checker sees."""
    for path in (ROOT / "kkt_client").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("NoConnection", "Setback", "Unanswered"):
                assert not any(isinstance(each, ast.JoinedStr) for each in node.args[:1]), (path, node.lineno)
                assert not any(isinstance(each, ast.Constant) for each in node.args[:1]), (path, node.lineno)
