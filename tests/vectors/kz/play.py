"""Plays a recorded dialogue: bytes in, and exactly the recorded bytes out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tests.vectors.kz.stage import stage

FOLDER: Final = Path(__file__).with_name("dialogues")
FILES: Final = sorted(FOLDER.glob("*.json"))
DEFAULT_CONNECTION: Final = "1"


def load(path: Path) -> dict[str, Any]:
    dialogue: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return dialogue


async def play(dialogue: Mapping[str, Any]) -> None:
    """:class:`AssertionError` at the first answer that is another one than the recorded."""
    async with stage(dialogue["server"], dialogue["clock"]) as here:
        for place, step in enumerate(dialogue["steps"]):
            await _play_step(here, step, f"{dialogue['name']}, step {place + 1}")


async def _play_step(here: Any, step: Mapping[str, Any], where: str) -> None:
    name = step.get("connection", DEFAULT_CONNECTION)
    if "wait_s" in step:
        here.wait(step["wait_s"])
    elif "do" in step:
        await here.do(step["do"])
    elif "cut" in step:
        await here.cut(step["cut"])
    else:
        await here.send(name, bytes.fromhex("".join(step["send"])), step.get("piece", 0))
        for answer in step.get("receive", ()):
            try:
                seen = await here.receive(name)
            except (asyncio.IncompleteReadError, TimeoutError) as error:
                raise AssertionError(f"{where}: no answer: {error!r}") from error
            assert seen.hex() == answer, where
        if step.get("ends") == "closed":
            left = await here.rest(name, end_first=False)
            assert not left, f"{where}: closed, but said {left.hex()} before"
