"""The pages about the register say what the code says."""

import dataclasses
import inspect
import re
from pathlib import Path

import pytest

import kkt_client
from fiscal.domain.lifecycle import AutonomousReason, BlockReason
from fiscal.domain.receipt import PaymentKind
from kkt_client import Basket, CashRegister, Decision, Line, RegisterSettings
from kkt_client.core import events
from kkt_client.core.outbox import REFUSALS
from kkt_client.core.records import CLASS_OF, KEY_MAX

DOCS = Path(__file__).parents[2] / "docs"
REGISTER = (DOCS / "reference" / "register.md").read_text(encoding="utf-8")
ALONE = (DOCS / "explanation" / "autonomous-mode.md").read_text(encoding="utf-8")


def named(text: str) -> set[str]:
    """Every word in inline code, without arguments."""
    return {re.split(r"[(.]", code)[0] for code in re.findall(r"`([^`\n]+)`", text)}


def test_every_method_is_told():
    methods = {name for name, _ in inspect.getmembers(CashRegister, callable) if not name.startswith("_")}

    assert methods - {"start", "open", "close"} <= named(REGISTER)
    assert {"CashRegister.open(folder, operator, ...)", "close()"} <= set(re.findall(r"`([^`\n]+)`", REGISTER))


def test_every_argument_of_opening_is_told():
    assert set(inspect.signature(CashRegister.open).parameters) <= named(REGISTER)


@pytest.mark.parametrize("class_", [RegisterSettings, Line, Basket])
def test_every_field_is_told(class_):
    assert {field.name for field in dataclasses.fields(class_)} <= named(REGISTER)


def test_every_default_of_a_plain_setting_is_told():
    for field in dataclasses.fields(RegisterSettings):
        if isinstance(field.default, float | str) and field.default:
            assert re.search(rf"`{field.name}`.* \| `?{re.escape(str(field.default))}`? \|", REGISTER), field.name


def test_everything_that_the_package_exports_is_told():
    assert set(kkt_client.__all__) <= named(REGISTER.replace("kkt_client.", ""))


def test_every_event_is_told():
    classes = {name for name, _ in inspect.getmembers(events, inspect.isclass) if _.__module__ == events.__name__}

    assert classes <= named(REGISTER)


def test_every_refusal_has_its_course_in_the_page():
    rows = re.findall(r"^\| (again|credentials|gap|person) \| ([^|]+) \|", REGISTER, re.MULTILINE)
    told = {code: course for course, codes in rows for code in re.findall(r"`(\w+)`", codes)}

    assert told == {code.value: course.value for code, course in REFUSALS.items()}


def test_every_kind_of_record_has_its_number_in_the_page():
    rows = re.findall(r"^\| ([\d, ]+) \| (`[^|]+`) \|", REGISTER, re.MULTILINE)
    told = {
        int(number): name
        for numbers, names in rows
        for number, name in zip(numbers.split(", "), re.findall(r"`(\w+)`", names), strict=True)
    }

    assert told == {kind: class_.__name__ for kind, class_ in CLASS_OF.items()}


@pytest.mark.parametrize("kinds", [BlockReason, PaymentKind])
def test_every_word_of_a_table_is_told(kinds):
    assert {kind.value for kind in kinds} <= named(REGISTER)


def test_every_decision_and_every_reason_are_told():
    assert {decision.name for decision in Decision} <= named(REGISTER)
    assert {reason.value for reason in AutonomousReason} <= named(ALONE)


def test_a_key_has_so_many_characters():
    assert f"up to {KEY_MAX} characters" in REGISTER
