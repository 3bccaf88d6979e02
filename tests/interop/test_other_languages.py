"""The examples in Java and Go are tests that pass at our operator, and the page about them shows what they are."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Page

EXAMPLES = ROOT / "examples"
PAGE = Page("docs/how-to/other-languages.md")
IS_REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
LIMIT_S = 240
"""Of a first run: Go compiles its library."""


@pytest.fixture(scope="module")
def ofd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running ``mock-ofd serve``."""
    free = [part for name in ("http", "native", "kz") for part in (f"--{name}", "127.0.0.1:0")]
    command = [sys.executable, "-m", "mock_ofd", "serve", "--record", "10000", "--log-level", "error", *free]
    folder = tmp_path_factory.mktemp("operator")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        yield f"http://{json.loads(process.stdout.readline())['http']}"
        process.terminate()
        assert process.wait(30) == 0


def run(ofd: str, folder: Path, tool: str, *arguments: str) -> str:
    """What the example prints; its test fails here when it fails there."""
    path = shutil.which(tool)
    if path is None:
        if IS_REQUIRED:
            pytest.fail(f"not installed: {tool}")
        pytest.skip(f"not installed: {tool}")
    # Nothing is fetched: the examples have no dependencies.
    environment = {**os.environ, "OFD": ofd, "GOPROXY": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"}
    done = subprocess.run(
        [path, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_java(ofd):
    assert run(ofd, EXAMPLES / "java", "java", "OperatorTest.java") == "ok: 2 tests\n"


def test_go(ofd):
    assert run(ofd, EXAMPLES / "go", "go", "test", "-count=1", "./...").startswith("ok")
    assert run(ofd, EXAMPLES / "go", "go", "vet", "./...") == ""


@pytest.mark.parametrize(("language", "file"), [("java", "java/OperatorTest.java"), ("go", "go/till_test.go")])
def test_the_page_shows_the_example(language, file):
    blocks = [block.text.strip("\n") for block in PAGE.blocks if block.language == language]
    assert blocks
    source = (EXAMPLES / file).read_text(encoding="utf-8")
    assert all(block in source for block in blocks)


def test_no_other_page_says_anything_in_these_languages():
    pages = [Page(path.relative_to(ROOT).as_posix()) for path in ROOT.glob("docs/**/*.md")]
    spoken = [page.name for page in pages if {"java", "go"} & {block.language for block in page.blocks}]
    assert spoken == [PAGE.name]
