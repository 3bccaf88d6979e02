"""Writes the dialogues anew: ``python -m tests.vectors.kz.write [NAME ...]``.

The requests are the authors'; the answers are recorded from the operator, after each has been judged by what its author
said that it means. A dialogue whose answers mean something else is not written and is named on standard error.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

import structlog

from tests.vectors.kz.authoring import commands, garbage, offline, older, refusals, tokens
from tests.vectors.kz.authoring.scene import SCRIPTS, NotAsMeant
from tests.vectors.kz.play import FILES, FOLDER

MODULES = (commands, tokens, refusals, offline, garbage, older)
"""Imported for the dialogues that they add."""


def text_of(dialogue: dict[str, Any]) -> str:
    """One dialogue as it stands in its file."""
    return json.dumps(dialogue, ensure_ascii=False, indent=2) + "\n"


async def write(names: list[str]) -> int:
    failed = 0
    for name in names:
        try:
            dialogue = await SCRIPTS[name]()
        except NotAsMeant as problem:
            failed += 1
            print(problem, file=sys.stderr)
        else:
            (FOLDER / f"{name}.json").write_text(text_of(dialogue), encoding="utf-8")
    return failed


def main(names: list[str]) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    if not names:
        for path in FILES:
            if path.stem not in SCRIPTS:
                Path.unlink(path)
    return min(asyncio.run(write(names or sorted(SCRIPTS))), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
