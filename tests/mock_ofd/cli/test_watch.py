"""``mock-ofd watch`` as a command: what it needs, and how it ends."""

import os
import select
import signal
import subprocess
import sys
import time

import pytest

import mock_ofd
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.watch import main
from tests.mock_ofd.cli.test_serve import environment
from tests.ofd_server.site import Running

WAIT_S = 30.0


@pytest.fixture
def not_loaded(monkeypatch):
    """Nothing of the views is loaded yet."""
    for name in [name for name in sys.modules if name.startswith("mock_ofd.watch")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(mock_ofd, "watch", raising=False)  # put back afterwards, with what others have loaded into it


def test_without_the_extra_it_is_named(not_loaded, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.setitem(sys.modules, "textual.app", None)
    assert main([]) == Exit.NOT_INSTALLED
    out, err = capsys.readouterr()
    assert out == ""
    assert "pip install 'mock-ofd[watch]'" in err


def test_another_module_that_is_missing_is_a_defect(not_loaded, monkeypatch):
    monkeypatch.setitem(sys.modules, "mock_ofd.watch.screens", None)
    with pytest.raises(ModuleNotFoundError):
        main([])


def test_it_needs_a_terminal(capsys):
    assert main([]) == Exit.USAGE
    assert "needs a terminal" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--url", "here"], ["--what"], ["kkm-1"]])
def test_what_is_asked_wrongly(arguments, capsys):
    assert main(arguments) == Exit.USAGE
    assert capsys.readouterr().err


class Terminal:
    """The command in a terminal of its own."""

    def __init__(self, *arguments):
        self.shown = ""
        self._master, slave = os.openpty()
        command = [sys.executable, "-m", "mock_ofd", "watch", *arguments]
        given = environment() | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=given, start_new_session=True
        )
        os.close(slave)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def press(self, keys):
        os.write(self._master, keys.encode())

    def _read(self, until):
        """What is shown until then; whether there may be more."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, until - time.monotonic()))
        try:
            piece = os.read(self._master, 65_536) if ready else b""
        except OSError:  # the other side is closed
            piece = b""
        self.shown += piece.decode("utf-8", "replace")
        return bool(piece)

    def sees(self, word):
        until = time.monotonic() + WAIT_S
        while word not in self.shown:
            assert self._read(until), f"{word!r} does not come: {self.shown[-2000:]!r}"

    def end(self):
        until = time.monotonic() + WAIT_S
        while self._read(until):
            pass
        return self.process.wait(WAIT_S)


@pytest.mark.skipif(os.name != "posix", reason="no pseudo terminals here")
@pytest.mark.parametrize(
    ("how", "code"),
    [("q", Exit.OK), ("\x03", Exit.OK), (signal.SIGTERM, Exit.TERMINATED)],
    ids=["q", "ctrl-c", "sigterm"],
)
def test_it_ends_and_leaves_the_terminal_as_it_was(how, code):
    async def begin(site):
        await site.registered()

    with Running(begin) as running, Terminal("--url", running.url) as terminal:
        terminal.sees("kkm-1")
        if isinstance(how, str):
            terminal.press(how)
        else:
            terminal.process.send_signal(how)
        assert terminal.end() == code
        assert terminal.shown.rindex("\x1b[?1049l") > terminal.shown.rindex("\x1b[?1049h"), "the other screen is left"
        assert terminal.shown.rindex("\x1b[?25h") > terminal.shown.rindex("\x1b[?25l"), "the cursor is back"
        assert "Traceback" not in terminal.shown
