"""``python -m tests.docs.load_picture``: docs/images/load-report.png, the page of a storm that was really raised.

The rule: what is seen has happened, on the machine that the page names at its end.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.browser.chromium import chromium
from tests.docs.pages import DOCS, ROOT

STORM: Final = ("--registers", "400", "--documents", "100", "--no-reference", "--return", "window:4")
SIZE: Final = {"width": 1100, "height": 1000}
"""The verdict, the tiles, and the first four plots."""


def raise_storm(page: Path) -> None:
    """Raise it, with its report."""
    command = [sys.executable, "-m", "mock_ofd", "load", *STORM, "--html", str(page)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


async def photograph(page: Path) -> None:
    """The top of the page, as a browser shows it."""
    async with chromium() as browser:
        context = await browser.new_context(viewport=SIZE)  # type: ignore[arg-type]
        shown = await context.new_page()
        await shown.goto(page.as_uri())
        await shown.screenshot(path=DOCS / "images" / "load-report.png")
        await context.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        report = Path(name) / "report.html"
        raise_storm(report)
        asyncio.run(photograph(report))
