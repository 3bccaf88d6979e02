"""``python -m tests.mock_ofd.conformance.matrix [DEFECT ...]``: every defect of shaky_client.py in every scenario.

Takes some ten seconds for each defect; the test plays the few that its table names.
"""

from __future__ import annotations

import sys
import time

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Verdict
from tests.mock_ofd.conformance.players import SHAKY, play_all
from tests.mock_ofd.conformance.test_scenarios import DEFECTS

if __name__ == "__main__":
    for defect in sys.argv[1:] or DEFECTS:
        begun = time.monotonic()
        played = play_all(("native", (*SHAKY, defect), name) for name in SCENARIOS)
        failed = [name for (_, _, name), outcome in played.items() if outcome.verdict is not Verdict.PASSED]
        named = DEFECTS[defect].partition("|")[0].split()
        told = " ".join(name if name in named else f"({name})" for name in failed) or "nothing"
        sys.stdout.write(f"{defect:<22} {time.monotonic() - begun:5.1f} s  fails {told}\n")
        sys.stdout.flush()
