"""Every example of the README, the tutorials, the how-tos and the explanations is run, as its reader would run it.

How a page is read:

* ``sh`` blocks of a page run one after the other in one shell, in an empty folder, against a real ``mock-ofd``. A block
  that starts ``mock-ofd serve`` or ``mock-ofd kkt serve`` in the background is over when that has said that it is ready.
* ``python`` blocks are programs of their own, in the same folder; with ``file=NAME`` behind the language a block is
  saved under that name instead, for a later block to use.
* A ``text`` block right behind such a block is what it prints: its lines in their order, ``…`` for anything, a line of
  ``…`` for any lines. Standard output and standard error are one.
* ``text`` blocks elsewhere are not run; ``json`` and ``toml`` blocks have to be right. ``java`` and ``go``
  blocks are run by ``tests/interop/test_other_languages.py``. There are no others.

The ports 8080, 7790, 7777 and 7795 of the pages are replaced by free ones. Everything is on the loopback and ends in time.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests import bytecode
from tests.docs.pages import ROOT, Block, Page, all_pages
from tests.plain_pytest import OPTIONS
from tests.ports import free_port

LIMIT_S = 180
"""For a whole page; the slowest takes some forty seconds, most of which it waits."""
READY_S = 30
RUN = ("sh", "python")
KNOWN = {*RUN, "text", "json", "toml", "java", "go"}
TOOLS = ("curl",)
"""What a reader has and a test machine may not."""
TRIED_ELSEWHERE = {
    "docs/how-to/register-from-the-shell.md": "tests/mock_ofd/cli/kkt/test_pages.py",
}

PAGES = [
    page
    for page in all_pages()
    if page.name.startswith(("README", "docs/tutorials/", "docs/how-to/", "docs/explanation/"))
    and page.name not in TRIED_ELSEWHERE
]


@dataclass
class Step:
    """A block that is run, and what it has to print."""

    block: Block
    expected: list[str] = field(default_factory=list)


def steps_of(page: Page) -> list[Step]:
    """The blocks of a page that are run, in their order, each with the output behind it."""
    steps: list[Step] = []
    behind = 0
    for block in page.blocks:
        between = page.text.splitlines()[behind : block.line - 2]
        if block.language == "text" and steps and behind and not "".join(between).strip():
            steps[-1].expected = block.text.splitlines()
        elif block.language in RUN:
            steps.append(Step(block))
        behind = block.line + block.text.count("\n") if block.language in RUN else 0
    return steps


def words_of(page: Page) -> set[str]:
    """Every word of the commands of a page."""
    return {word for step in steps_of(page) for word in step.block.text.split()}


def first_line_missing(expected: list[str], printed: list[str]) -> str | None:
    """The first expected line that is not where it should be; ``None`` when all are."""
    place, gap = 0, False
    for line in expected:
        if line.strip() == "…":
            gap = True
            continue
        pattern = re.compile(".*".join(map(re.escape, line.rstrip().split("…"))))
        ahead = range(place, len(printed)) if gap else range(place, min(place + 1, len(printed)))
        found = next((at for at in ahead if pattern.fullmatch(printed[at].rstrip())), None)
        if found is None:
            return line
        place, gap = found + 1, False
    if not gap and place < len(printed):
        return f"(nothing more, but there is: {printed[place]})"
    return None


# --------------------------------------------------------------------------------------------------------- running

KEEP_READY = '{ [ "$1" = serve ] || [ "$1 $2" = "kkt serve" ]; } && exec > >(exec tee -a "$HOME/ready")\n'
"""What a server prints is kept in a file as well, so that the shell can wait for it."""
UNTIL_READY = f"""
servers=$((servers + 1))
for _ in $(seq {READY_S * 20}); do [ "$(wc -l < "$HOME/ready")" -ge $servers ] && break; sleep 0.05; done
[ "$(wc -l < "$HOME/ready")" -ge $servers ]
"""


@dataclass
class Shell:
    """An empty folder, the commands that a page may use, and free ports."""

    folder: Path
    home: Path
    http: int = field(default_factory=free_port)
    native: int = field(default_factory=free_port)
    kz: int = field(default_factory=free_port)
    kkt: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        commands = self.home / "bin"
        commands.mkdir()
        python = shlex.quote(sys.executable)
        for name, module in (
            ("mock-ofd", "-m mock_ofd"),
            ("python", ""),
            ("pytest", "-m pytest"),
            ("locust", "-m locust"),
        ):
            command = commands / name
            command.write_text(f'#!/bin/bash\n{KEEP_READY}exec {python} {module} "$@"\n', encoding="utf-8")
            command.chmod(0o755)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.pathsep.join([str(self.home / "bin"), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "shared")]),
            **bytecode.variables(),
            "PYTHONUNBUFFERED": "1",
            "PYTEST_ADDOPTS": shlex.join(OPTIONS),
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "COLUMNS": "120",
            "MOCK_OFD_HTTP": f"127.0.0.1:{self.http}",
            "MOCK_OFD_NATIVE": f"127.0.0.1:{self.native}",
            "MOCK_OFD_KZ": f"127.0.0.1:{self.kz}",
            "MOCK_KKT_HTTP": f"127.0.0.1:{self.kkt}",
            "MOCK_OFD_URL": f"http://127.0.0.1:{self.http}",
        }

    def adapted(self, text: str) -> str:
        """The text with ports that are free here."""
        for port, free in ((8080, self.http), (7790, self.native), (7777, self.kz), (7795, self.kkt)):
            text = re.sub(rf":{port}\b", f":{free}", text)
        return text

    def logs(self) -> Iterator[str]:
        """What servers wrote into files, for who wonders why a step failed."""
        for path in sorted(self.folder.glob("*.log")):
            yield f"--- {path.name}"
            yield path.read_text(encoding="utf-8", errors="replace")

    def script(self, steps: list[Step]) -> str:
        """All steps of a page as one script, which says where each of them ends and with which code."""
        lines = ["trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT", 'touch "$HOME/ready"; servers=0']
        for number, step in enumerate(steps):
            lines.append(self._commands(step.block, number))
            lines.append(f"printf '\\n@@@ {number} %s\\n' $?")
        return "\n".join(lines)

    def _commands(self, block: Block, number: int) -> str:
        text = self.adapted(block.text)
        name = dict(word.split("=", 1) for word in block.info.split() if "=" in word).get("file")
        if block.language == "sh":
            if re.search(r"mock-ofd (?:kkt )?serve\b[^\n]*&\s*$", text, re.MULTILINE):
                return f"{text}\n{UNTIL_READY}"
            return text
        path = self.folder / (name or f".step-{number}.py")
        if name:
            return f"cat > {shlex.quote(str(path))} <<'@@@end'\n{text}@@@end"
        path.write_text(text, encoding="utf-8")
        return f"python {shlex.quote(str(path))}"

    def run(self, steps: list[Step]) -> Iterator[tuple[Step, int, list[str]]]:
        """Each step with its exit code and the lines that it printed."""
        process = subprocess.Popen(
            ["bash", "-c", self.script(steps)],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            printed, _ = process.communicate(timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            printed, _ = process.communicate()
            pytest.fail(f"not over after {LIMIT_S} s:\n{printed}")
        parts = re.split(r"\n@@@ \d+ (\d+)\n", printed)
        for step, text, code in zip(steps, parts[::2], parts[1::2], strict=False):
            yield step, int(code), text.splitlines()
        if len(parts) // 2 < len(steps):
            pytest.fail(f"the shell ended early:\n{parts[-1]}")


@pytest.mark.parametrize("page", [page for page in PAGES if steps_of(page)], ids=lambda page: page.name)
def test_the_examples_do_what_the_page_says(page, tmp_path, tmp_path_factory):
    wanted = [tool for tool in TOOLS if tool in words_of(page) and shutil.which(tool) is None]
    if wanted and os.environ.get("REQUIRE_SERVICES") != "1":
        pytest.skip(f"{page.name} needs {', '.join(wanted)}, which is not installed here")
    shell = Shell(tmp_path, tmp_path_factory.mktemp("home"))
    for step, code, printed in shell.run(steps_of(page)):
        where = f"{page.name}:{step.block.line}"
        output = "\n".join([*printed, *shell.logs()]) if code else "\n".join(printed)
        assert code == 0, f"{where} ended with {code}:\n{output}"
        if step.expected:
            missing = first_line_missing([shell.adapted(line) for line in step.expected], printed)
            assert missing is None, f"{where} should print {missing!r}:\n{output}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_block_is_run_or_says_that_it_is_text(page):
    for block in page.blocks:
        assert block.language in KNOWN, f"{page.name}:{block.line}: {block.language!r}"
        if block.language == "json":
            json.loads(block.text)
        if block.language == "toml":
            tomllib.loads(block.text)


@pytest.mark.parametrize(("page", "test"), TRIED_ELSEWHERE.items())
def test_a_page_that_is_tried_elsewhere_is(page, test):
    assert page in (ROOT / test).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("expected", "printed", "missing"),
    [
        (["a", "b"], ["a", "b"], None),
        (["a", "b"], ["a", "x", "b"], "b"),
        (["a", "…", "b"], ["a", "x", "b"], None),
        (["a …", "…"], ["a 17", "x"], None),
        (["a"], ["a", "b"], "(nothing more, but there is: b)"),
        (["a", "b"], ["a"], "b"),
    ],
)
def test_what_is_printed_is_compared_line_by_line(expected, printed, missing):
    assert first_line_missing(expected, printed) == missing
