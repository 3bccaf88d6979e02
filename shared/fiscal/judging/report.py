"""A verdict as text for people, as JSON, and as JUnit for whoever collects the results of tests.

The rule: every form tells every finding with its proof. The text may be cut to the first of each rule and register; it
says how many more there are. What was not looked at is told as such, and never as right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final
from xml.etree import ElementTree as ET

from fiscal.judging.events import Event
from fiscal.judging.findings import NO_DOCUMENT, Account, Finding, Rule, Verdict

SHOWN: Final = 5
"""Findings of one rule and register that the text tells."""
_SUITE: Final = "mock-ofd judge"
_LACKS: Final = "nothing to judge"
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
    lacks = "; ".join(verdict.lacks)
    if not verdict.is_right:
        if lacks:
            yield f"not judged: {lacks}"
        yield "wrong: " + ", ".join(f"{rule} {count}" for rule, count in verdict.counts().items())
    else:
        yield f"nothing to judge: {lacks}" if lacks else "right: nothing was found"


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
        "verdict": verdict.word,
        "documents": verdict.documents,
        "missing": list(verdict.lacks),
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


def as_junit(verdict: Verdict, *, may_be_empty: bool = False) -> bytes:
    """A suite for each register, a case for each rule; every finding is a failure with its proof.

    A rule that no document was held against is skipped. What was to be judged and holds nothing is an error in a suite of
    its own, as of a test that could not be run: whoever looks at this file alone is not to see green. Where it
    ``may_be_empty``, it is skipped, too.
    """
    root = ET.Element("testsuites", name=_SUITE)
    if verdict.lacks:
        suite = ET.SubElement(root, "testsuite", name=_LACKS)
        for text in verdict.lacks:
            case = ET.SubElement(suite, "testcase", classname=_LACKS, name=_printable(text))
            kind = "skipped" if may_be_empty else "error"
            ET.SubElement(case, kind, type="nothing", message=_printable(text))
    for account in verdict.accounts:
        suite = ET.SubElement(root, "testsuite", name=_printable(account.register))
        for rule in Rule:
            case = ET.SubElement(suite, "testcase", classname=_printable(account.register), name=rule.value)
            for finding in account.findings:
                if finding.rule is rule:
                    failure = ET.SubElement(case, "failure", type=rule.value, message=_printable(finding.text))
                    failure.text = _printable("\n".join(f"{each.place}  {each.told()}" for each in finding.proof))
            if not account.documents and not account.findings:
                ET.SubElement(case, "skipped", message=NO_DOCUMENT)
    for element in (root, *root):
        _count_cases(element)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _count_cases(element: ET.Element) -> None:
    """Cases, and what became of them: a case fails once, however much was found."""
    cases = list(element.iter("testcase"))
    element.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(sum(case.find(tag) is not None for case in cases)))


def _printable(text: str) -> str:
    """Without what XML cannot hold: a journal may say anything."""
    return _UNPRINTABLE.sub("\ufffd", text)
