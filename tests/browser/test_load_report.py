"""The report of a run of load, opened from the disk: nothing runs, nothing is fetched, nobody is kept out."""

import re
from contextlib import asynccontextmanager

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import expect

from mock_ofd.load.html import page as written
from mock_ofd.load.thresholds import judged, parse
from tests.mock_ofd.load.books import comparison, faulty, report

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAGES = {
    "proven": judged(report(), [parse("p99>1s"), parse("rss>0.2GB")]),
    "failed": report(faulty(30)),
    "comparison": comparison(),
}


@asynccontextmanager
async def opened(browser, tmp_path, made, language="en", **options):
    """The page, opened from a file without a network; at its end it has complained of nothing and has asked nobody."""
    path = tmp_path / "report.html"
    path.write_text(written(made, language), encoding="utf-8")
    context = await browser.new_context(**options)
    await context.set_offline(True)
    page = await context.new_page()
    complaints, asked = [], []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    try:
        await page.goto(path.as_uri())
        yield page
    finally:
        await context.close()
    assert complaints == []
    assert asked == [path.as_uri()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
async def test_no_serious_barrier(browser, tmp_path, name, scheme):
    async with opened(browser, tmp_path, PAGES[name], color_scheme=scheme) as page:
        await page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
        found = await Axe().run(page)
        serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in serious] == []


@pytest.mark.parametrize(("name", "language"), [("failed", "kk"), ("proven", "ru"), ("comparison", "en")])
async def test_at_the_width_of_a_telephone_nothing_sticks_out(browser, tmp_path, name, language):
    async with opened(
        browser, tmp_path, PAGES[name], language, viewport={"width": 360, "height": 640}, is_mobile=True
    ) as page:
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_the_style_is_applied_in_light_and_dark(browser, tmp_path):
    grounds = []
    for scheme in ("light", "dark"):
        async with opened(browser, tmp_path, report(), color_scheme=scheme) as page:
            grounds.append(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert grounds == ["rgb(236, 239, 242)", "rgb(18, 21, 25)"]


async def test_the_plots_are_seen_and_read_aloud(browser, tmp_path):
    async with opened(browser, tmp_path, report()) as page:
        plots = page.get_by_role("img")
        await expect(plots).to_have_count(6)
        await expect(plots.first).to_have_accessible_name("Backlog")
        await expect(plots.first).to_have_accessible_description(
            re.compile("^documents that wait: at most [0-9,]+, at the end 0")
        )
        for plot in await plots.all():
            box = await plot.bounding_box()
            assert box is not None
            assert box["height"] > 100
        line = page.locator("path.line").first
        assert await line.evaluate("line => getComputedStyle(line).stroke") != "none"


async def test_what_somebody_puts_in_does_not_run(browser, tmp_path):
    """The policy of the page holds for what is put in behind it, too."""
    path = tmp_path / "report.html"
    path.write_text(written(report()).replace("</main>", "</main><script>window.ran = true</script>"), encoding="utf-8")
    context = await browser.new_context()
    page = await context.new_page()
    try:
        await page.goto(path.as_uri())
        assert await page.evaluate("window.ran === undefined")
    finally:
        await context.close()
