"""``mock-ofd kkt``: a cash register at the shell.

One call is one process: it opens the fiscal memory, does one thing and leaves. What could not be sent stays in the
memory and goes with a later call, or with ``sync``; ``events`` stays and sends as a register that is always on.
"""

from mock_ofd.cli.kkt.command import main

__all__ = ["main"]
