"""One of the processes of ``mock-ofd serve --processes``; only :mod:`mock_ofd.cli.processes` starts it.

The rule: its settings come as a line of JSON on standard input, so that no secret stands in a list of processes; when
that input ends, whoever started it is gone, and it ends as well.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mock_ofd.cli.serve import run
from ofd_server.config import settings_of
from ofd_server.siblings import Siblings


def main(arguments: Sequence[str]) -> int:
    """Run until a signal comes, or until the supervisor is gone; the exit code."""
    index, folder = arguments
    settings = settings_of(**json.loads(sys.stdin.buffer.readline()))
    return run(settings, Siblings(Path(folder), int(index)), on_orphaned)


def on_orphaned(stop: Callable[[], None]) -> None:
    """Call ``stop`` on the running loop when standard input ends."""
    loop = asyncio.get_running_loop()
    number = sys.stdin.fileno()

    def heard() -> None:
        if not os.read(number, 1):
            loop.remove_reader(number)
            stop()

    loop.add_reader(number, heard)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
