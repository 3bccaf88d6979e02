"""A verdict as text for people, as JSON, and as JUnit for whoever collects the results of tests.

The rule: every form tells every finding with its proof. The text may be cut to the first of each rule and register; it
says how many more there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

from fiscal.judging.events import Event
from fiscal.judging.findings import Account, Finding, Rule, Verdict

SHOWN: Final = 5
"""Findings of one rule and register that the text tells."""
_SUITE: Final = "mock-ofd judge"
_UNPRINTABLE: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_text(verdict: Verdict, shown: int = SHOWN) -> Iterator[str]:
    """The lines of the text."""
    for account in verdict.accounts:
        if account.findings:
            yield from _account_text(account, shown)
    registers, documents = len(verdict.accounts), verdict.documents
    waiting = sum(account.waiting for account in verdict.accounts)
    autonomous = sum(account.autonomous for account in verdict.accounts)
    noted = noted_by(verdict)
    heard = f"{_count(registers, 'register')}, {_count(documents, 'document')}, {autonomous} autonomous"
    yield heard + (f", {waiting} waiting" if waiting else "")
    if noted:
        yield "the operator noted: " + ", ".join(f"{code} {count}" for code, count in noted.items())
    if verdict.is_right:
        yield "right: nothing was found"
    else:
        yield "wrong: " + ", ".join(f"{rule} {count}" for rule, count in verdict.counts().items())


def _account_text(account: Account, shown: int) -> Iterator[str]:
    yield f"register {account.register}"
    for rule in Rule:
        found = [finding for finding in account.findings if finding.rule is rule]
        for finding in found[:shown]:
            yield f"  {rule}: {finding.text}"
            for event in finding.proof:
                yield f"      {event.place}  {event.told()}"
        if len(found) > shown:
            yield f"  {rule}: and {len(found) - shown} more"
    yield ""


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def noted_by(verdict: Verdict) -> dict[str, int]:
    """What the operators noticed beside, over all registers, by name."""
    total: dict[str, int] = {}
    for account in verdict.accounts:
        for code, count in account.noted.items():
            total[code] = total.get(code, 0) + count
    return dict(sorted(total.items()))


# ---------------------------------------------------------------------------------------------------------------- JSON


def as_plain(verdict: Verdict) -> dict[str, Any]:
    """The verdict as plain values: all of it."""
    return {
        "verdict": "right" if verdict.is_right else "wrong",
        "documents": verdict.documents,
        "counts": {rule.value: count for rule, count in verdict.counts().items()},
        "registers": [
            {
                "register": account.register,
                "documents": account.documents,
                "autonomous": account.autonomous,
                "waiting": account.waiting,
                "noted": dict(account.noted),
                "findings": [_plain(finding) for finding in account.findings],
            }
            for account in verdict.accounts
        ],
    }


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.value,
        "number": finding.number,
        "text": finding.text,
        "proof": [_proof(event) for event in finding.proof],
    }


def _proof(event: Event) -> dict[str, Any]:
    return {"source": event.source, "line": event.line, "text": event.told()}


# --------------------------------------------------------------------------------------------------------------- JUnit


def as_junit(verdict: Verdict) -> bytes:
    """A suite for each register, a case for each rule; every finding is a failure with its proof."""
    root = ET.Element("testsuites", {"name": _SUITE, **_totals(verdict.accounts)})
    for account in verdict.accounts:
        suite = ET.SubElement(root, "testsuite", {"name": _printable(account.register), **_totals((account,))})
        for rule in Rule:
            case = ET.SubElement(suite, "testcase", classname=_printable(account.register), name=rule.value)
            for finding in account.findings:
                if finding.rule is rule:
                    failure = ET.SubElement(case, "failure", type=rule.value, message=_printable(finding.text))
                    failure.text = _printable("\n".join(f"{each.place}  {each.told()}" for each in finding.proof))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _totals(accounts: tuple[Account, ...]) -> dict[str, str]:
    """Cases, and how many of them failed: a case fails once, however much was found."""
    failed = sum(len({finding.rule for finding in account.findings}) for account in accounts)
    return {"tests": str(len(accounts) * len(Rule)), "failures": str(failed), "errors": "0"}


def _printable(text: str) -> str:
    """Without what XML cannot hold: a journal may say anything."""
    return _UNPRINTABLE.sub("\ufffd", text)
