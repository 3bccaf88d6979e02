"""``mock-ofd serve`` for a run of load, as a process that does not outlive the run.

The rule: the run holds the other end of standard input. When that is closed, whatever became of the run, the operator
ends as it does after a signal.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from threading import Thread

from mock_ofd.cli import serve


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal comes or the run is gone; the exit code."""
    Thread(target=_await_end, name="run", daemon=True).start()
    return serve.main(arguments)


def _await_end() -> None:
    while os.read(sys.stdin.fileno(), 4_096):
        pass  # nothing is said, it is only held open
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
