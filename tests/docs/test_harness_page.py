"""The page of the harness: its example runs, and every method that it names is there in each of the three forms."""

import re
import subprocess
import sys

import pytest

from mock_ofd.harness.beside import OfdServerBeside
from ofd_server.app import OfdServer
from ofd_server.clock import MovableClock
from ofd_server.harness.documents import HeldDocument
from ofd_server.threaded import OfdServerThread
from ofd_server.traffic import Frame
from tests.docs.pages import ROOT, Page

PAGE = Page("docs/reference/harness.md")


def test_the_example_runs(tmp_path):
    [block] = [block for block in PAGE.blocks if block.language == "python"]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'shared'}", "PATH": ""}
    ended = subprocess.run(
        [sys.executable, "-c", block.text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("kind", [OfdServer, OfdServerThread, OfdServerBeside])
def test_every_method_in_the_tables_is_there(kind):
    named = {name for code in PAGE.code for name in re.findall(r"\bofd\.(\w+)", code)} - {"harness", "clock"}
    assert len(named) > 20
    missing = {name for name in named if not hasattr(kind, name)}
    assert missing <= ({"defects"} if kind is OfdServer else set())
    assert all(hasattr(MovableClock, name) for code in PAGE.code for name in re.findall(r"\bofd\.clock\.(\w+)", code))


def test_every_field_of_a_document_and_of_a_frame_is_there():
    text = PAGE.section("A document and a frame")
    document, frame = text.split("`Frame`")
    for kind, words in ((HeldDocument, document), (Frame, frame)):
        there = set(dir(kind)) | set(getattr(kind, "__annotations__", ()))
        for code in re.findall(r"`(\w+)`", words):
            assert code in there | {"HeldDocument", "in", "out", "name", "point", "effects", "why"}, code
