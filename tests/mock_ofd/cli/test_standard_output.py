"""A command that nobody can hear says so in a line, with a code of its own, and never with a traceback."""

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mock_ofd.cli.exits import Exit
from mock_ofd.cli.standard_output import Spoken
from tests.mock_ofd.cli.test_serve import environment

FULL = Path("/dev/full")
JOURNAL = '{"register": "till-1", "event": "issued", "number": 1}\n'

needs_full = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


def mock_ofd(*arguments, **options):
    """The command as a shell starts it."""
    return subprocess.run(
        [sys.executable, "-m", "mock_ofd", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        env=environment(**options.pop("env", {})),
        **options,
    )


@needs_full
@pytest.mark.parametrize("env", [{}, {"PYTHONUNBUFFERED": "1"}])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["faults"],
        ["judge", "-"],
        ["judge", "-", "--json"],
        ["conformance", "--list"],
        ["serve", "--http", "127.0.0.1:0", "--native", "off", "--kz", "off", "--log-level", "error"],
    ],
    ids=" ".join,
)
def test_a_full_disk_behind_standard_output_is_one_line(arguments, env):
    with FULL.open("w") as out:
        done = mock_ofd(*arguments, stdout=out, input=JOURNAL, env=env)
    assert (done.returncode, done.stderr) == (
        Exit.UNWRITTEN,
        "mock-ofd: standard output cannot be written: No space left on device\n",
    )


def test_who_has_seen_enough_is_told_nothing():
    read, write = os.pipe()
    os.close(read)
    done = mock_ofd("faults", "--json", stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (Exit.UNWRITTEN, "")


def test_standard_output_that_was_shut_before_takes_everything():
    done = mock_ofd("judge", "-", input=JOURNAL, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")


@needs_full
def test_what_is_to_be_kept_is_kept_although_nobody_hears(tmp_path):
    verdict = tmp_path / "verdict.xml"
    with FULL.open("w") as out:
        done = mock_ofd("judge", "-", "--junit", str(verdict), stdout=out, input=JOURNAL)
    assert done.returncode == Exit.UNWRITTEN
    assert b"testsuite" in verdict.read_bytes()


class Deaf(io.RawIOBase):
    """Takes nothing, until it is healed."""

    code = 0

    def writable(self):
        return True

    def write(self, data):
        if self.code:
            raise OSError(self.code, os.strerror(self.code))
        return len(data)


@pytest.mark.parametrize("size", [1, 100_000], ids=["flush", "write"])
@pytest.mark.parametrize(("code", "said"), [(errno.EIO, "Input/output error"), (errno.EPIPE, "")])
def test_the_stream_remembers_which_error_it_was(code, said, size, capsys):
    deaf = Deaf()
    out = Spoken(io.BufferedWriter(deaf))
    out.write("x")
    deaf.code = code
    with pytest.raises(OSError, match=os.strerror(code)) as caught:
        out.writelines(["x" * size, "\n"]) if size > 1 else out.flush()
    assert out.failed is caught.value
    assert out.give_up() is Exit.UNWRITTEN
    told = capsys.readouterr().err
    assert told == (f"mock-ofd: standard output cannot be written: {said}\n" if said else "")
    deaf.code = 0
    out.close()


def test_another_error_goes_on():
    code = "import mock_ofd.__main__ as m\ndef run(_): raise OSError('mine')\nm.run = run\nm.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment())
    assert (done.returncode, "OSError: mine" in done.stderr) == (1, True)
