"""``python -m tests.docs.demo_picture``: docs/images/demo.svg, the demonstration's table in the second cut of the link.

The rule: the picture is the product's own table of a day that was really played; nothing in it is drawn by hand.
"""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
import time
from importlib import resources
from pathlib import Path
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from mock_ofd.demo.board import Board, shop_time
from mock_ofd.demo.conductor import Conductor
from mock_ofd.demo.script import SHOP_DAY
from mock_ofd.demo.show import picture
from tests.docs.pages import DOCS

MOMENT: Final = "20:50"
"""The shop's time of the picture: the link is down for the second time, every register has a queue."""
WIDTH: Final = 132

# Without the fonts that rich would fetch from elsewhere.
_FORMAT: Final = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


class Camera:
    """Takes one picture."""

    def __init__(self) -> None:
        self.svg = ""

    def show(self, board: Board) -> None:
        if self.svg or shop_time(board.now) < MOMENT:
            return
        console = Console(record=True, width=WIDTH, file=io.StringIO())
        console.print(picture(board))
        self.svg = console.export_svg(title="mock-ofd demo", code_format=_FORMAT, unique_id="demo")


async def play(camera: Camera, folder: Path) -> None:
    """Play the day under the eye of the camera."""
    script = resources.files("mock_ofd.demo").joinpath(SHOP_DAY).read_text(encoding="utf-8").splitlines()
    conductor = Conductor(folder, script, 1.0, camera.show, time.monotonic())
    try:
        await conductor.run(asyncio.Event())
    finally:
        await conductor.close()


if __name__ == "__main__":
    camera = Camera()
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(play(camera, Path(name)))
    (DOCS / "images" / "demo.svg").write_text(camera.svg, encoding="utf-8")
