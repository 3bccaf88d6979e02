"""What Python compiles is kept for the processes that tests start, also where the environment asks Python to keep nothing.

The rule: a run starts some thousand processes of the same modules, and compiling those takes each of them longer than what
it is started for. Where ``PYTHONDONTWRITEBYTECODE`` is set, as containers have it, the bytecode goes to a folder of the
caches of pytest, and the tree of the sources stays as it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parents[1] / ".pytest_cache" / "bytecode"
NONE_KEPT: Final = "PYTHONDONTWRITEBYTECODE"
KEPT_IN: Final = "PYTHONPYCACHEPREFIX"


def keep() -> None:
    """From now on, here and in every process that is started with this environment."""
    if sys.dont_write_bytecode:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = str(FOLDER)
        os.environ.pop(NONE_KEPT, None)
        os.environ[KEPT_IN] = str(FOLDER)


def variables() -> dict[str, str]:
    """For an environment of its own that shall leave nothing beside the sources that are run."""
    return {KEPT_IN: sys.pycache_prefix} if sys.pycache_prefix else {NONE_KEPT: "1"}
