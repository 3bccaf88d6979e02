"""``python -m tests.docs.watch_picture``: docs/images/watch.svg, a register whose link is cut, in the terminal.

The rule: what is seen has happened: registers sell in the operator's process, a key cuts the link, they sell on.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path
from typing import Final

from mock_ofd.demo.live_shop import live_shop
from mock_ofd.watch.app import WatchApp
from mock_ofd.watch.source import Source
from tests.docs.pages import DOCS

SIZE: Final = (92, 18)
REGISTER: Final = "alma-bazar-1"

# Without the fonts that textual would fetch from elsewhere.
_FONTS: Final = re.compile(r"@font-face \{.*?\}\n?", re.DOTALL)


async def picture(url: str) -> str:
    """Three sales with the link and two without it."""
    source = Source(url)
    app = WatchApp(source)
    async with app.run_test(size=SIZE) as pilot:
        await asyncio.sleep(1)
        await pilot.press("enter")
        for key in ("sell", "sell", "return"):
            await source.change("POST", f"live/registers/{REGISTER}/{key}")
        await pilot.press("c")
        for _ in range(2):
            await asyncio.sleep(0.5)
            await source.change("POST", f"live/registers/{REGISTER}/sell")
        app.clear_notifications()
        await asyncio.sleep(1)
        return _FONTS.sub("", app.export_screenshot(title="mock-ofd watch"))


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with live_shop(Path(folder), seed=3, kz="off") as addresses:
            drawn = await picture(addresses["http"])
    (DOCS / "images" / "watch.svg").write_text(drawn + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
