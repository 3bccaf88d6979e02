"""The conformance suite holds: exact bytes over a real socket, what they mean, and that a stranger can read them."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from fiscal.protocols.kz.codes import Command, ResultCode
from fiscal.protocols.kz.header import HEADER_SIZE
from tests.vectors.kz import meaning, referee, stranger
from tests.vectors.kz.authoring.scene import SCRIPTS
from tests.vectors.kz.meaning import Judge
from tests.vectors.kz.play import FILES, FOLDER, load, play
from tests.vectors.kz.reading import look_into, parsed
from tests.vectors.kz.stage import DEEDS
from tests.vectors.kz.write import text_of

DIALOGUES = [pytest.param(load(path), id=path.stem) for path in FILES]
NEVER_SENT = {
    ResultCode.INVALID_CONFIGURATION,  # not used by the protocol
    ResultCode.SSL_IS_NOT_ALLOWED,  # there is no TLS to forbid
    ResultCode.INVALID_LOGIN_PASSWORD,  # AuthResponse.result says it
    ResultCode.SHIFT_ALREADY_OPENED,  # of a command that was removed
}


@pytest.mark.parametrize("dialogue", DIALOGUES)
async def test_the_operator_answers_with_exactly_these_bytes(dialogue):
    await play(dialogue)


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_the_recorded_bytes_mean_what_their_author_says(dialogue):
    judge = Judge(dialogue["first_token"])
    for step in dialogue["steps"]:
        for answer, expect in zip(step.get("receive", ()), step.get("expect", ()), strict=True):
            header, message = parsed(bytes.fromhex(answer))
            assert judge.faults(expect, header.token, look_into(message)) == []


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_a_stranger_reads_the_same_in_them(dialogue):
    judge = Judge(dialogue["first_token"])
    for step in dialogue["steps"]:
        for answer, expect in zip(step.get("receive", ()), step.get("expect", ()), strict=True):
            head, body = stranger.frame(bytes.fromhex(answer))
            schema = stranger.Schema(head["version"])
            assert judge.faults(expect, head["token"], stranger.Reader(schema, body)) == []


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_every_answer_goes_to_its_request(dialogue):
    """Version, device and request number of each answer are those of the request in its place."""
    for step in dialogue["steps"]:
        for request, answer in zip(step.get("send", ()), step.get("receive", ()), strict=False):
            asked, said = bytes.fromhex(request)[:HEADER_SIZE], bytes.fromhex(answer)[:HEADER_SIZE]
            assert (asked[:4], asked[8:12], asked[16:]) == (said[:4], said[8:12], said[16:])


@pytest.mark.parametrize("dialogue", DIALOGUES)
def test_every_report_tells_what_a_second_bookkeeping_counts(dialogue):
    referee.check(dialogue)


def test_the_second_bookkeeping_sees_every_kind_of_report_and_a_ticket_that_is_missing():
    compared = sum(referee.check(load(path)) for path in FILES)
    tampered = load(FOLDER / "info-in-an-open-shift.json")
    del tampered["steps"][0]

    assert compared > 80
    with pytest.raises(AssertionError, match="told and counted differ"):
        referee.check(tampered)


@pytest.mark.parametrize("module", [stranger, referee, meaning], ids=lambda module: module.__name__)
def test_a_stranger_brings_nothing_along(module):
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    imported = {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    known = sys.stdlib_module_names | {"__future__"}
    foreign = {name for name in imported if name.partition(".")[0] not in known}
    assert foreign <= {"tests.vectors.kz.stranger", "tests.vectors.kz.meaning"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_as_the_readme_tells(path):
    dialogue = json.loads(path.read_text(encoding="utf-8"))

    assert text_of(dialogue) == path.read_text(encoding="utf-8")
    assert dialogue["name"] == path.stem
    assert list(dialogue) == ["name", "meaning", "version", "first_token", "clock", "server", "steps"]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    for step in dialogue["steps"]:
        assert step.keys() <= {
            "note",
            "connection",
            "send",
            "piece",
            "receive",
            "expect",
            "ends",
            "wait_s",
            "do",
            "cut",
        }
        assert all(f"`{deed}`" in readme for deed in step.get("do", ()))
        assert set(step.get("do", ())) <= DEEDS.keys()


def test_every_script_has_its_file_and_every_file_its_script():
    assert {path.stem for path in FILES} == set(SCRIPTS)


def said():
    """Every judged answer: version, command and result code."""
    return {
        (parsed(bytes.fromhex(answer))[0].version, expect["command"], expect["result"])
        for dialogue in map(load, FILES)
        for step in dialogue["steps"]
        for answer, expect in zip(step.get("receive", ()), step.get("expect", ()), strict=True)
    }


def test_the_suite_covers_each_command_each_result_code_and_both_versions():
    answers = said()

    assert len(FILES) >= 60
    assert {result for _, _, result in answers} == set(ResultCode) - NEVER_SENT
    good_203 = {command for version, command, result in answers if version == 203 and not result}
    assert good_203 == set(Command) - {Command.CANCEL_TICKET, Command.RESERVED}
    good_202 = {command for version, command, result in answers if version == 202 and not result}
    assert good_202 == set(Command) - {Command.RESERVED}
