"""A page for everybody: three languages, light and dark, a telephone, a screen reader, and nobody else on the wire."""

import json
import re

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import expect

from tests.browser.chromium import opened, watched
from tests.docs.pages import ROOT

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATIC = ROOT / "ofd_server" / "web" / "static"
VIEWS = ("/#/", "/#/register/alma-bazar-1", "/#/receipt/alma-bazar-1/1")
HEADINGS = {"ru": "Кассы", "kk": "Кассалар", "en": "Registers"}


async def sell_once(browser, shop):
    async with watched(browser, shop) as page:
        await opened(page, "/#/register/alma-bazar-1")
        await page.click("#till-sell")
        await page.wait_for_selector('#documents [data-ticks="2"]')


@pytest.mark.parametrize("language", HEADINGS)
async def test_the_language_of_the_browser(browser, shop, language):
    async with watched(browser, shop, locale=language) as page:
        await opened(page)
        await expect(page.locator("h1")).to_have_text(HEADINGS[language])
        await expect(page.locator("html")).to_have_attribute("lang", language)


async def test_a_language_that_was_chosen_is_remembered(browser, shop):
    async with watched(browser, shop, locale="de-DE") as page:
        await opened(page)
        await expect(page.locator("h1")).to_have_text("Кассы")
        await page.select_option("#language", "kk")
        await expect(page.locator("h1")).to_have_text("Кассалар")
        await page.reload()
        await expect(page.locator("h1")).to_have_text("Кассалар")


async def test_every_language_has_every_word_and_no_other():
    words = {language: json.loads((STATIC / f"{language}.json").read_text("utf-8")) for language in HEADINGS}
    assert words["ru"].keys() == words["kk"].keys() == words["en"].keys()
    sources = "\n".join(path.read_text("utf-8") for path in (*STATIC.glob("*.js"), STATIC / "index.html"))
    asked = set(re.findall(r'(?:(?<![\w.])text\(|data-text=)"([\w.]+)"', sources))
    assert asked - words["ru"].keys() == set()
    families = set(re.findall(r"text\(`([\w.]+?)\.?\$\{", sources))
    unused = {
        key
        for key in words["ru"]
        if f'"{key}"' not in sources and not any(key.startswith(family) for family in families)
    }
    # Words for the parts of a card are asked for by the card's name.
    assert {key for key in unused if not key.endswith(".title")} - {"lamp.removed"} == set()
    for key in words["ru"]:
        places = {language: sorted(re.findall(r"\{(\w+)\}", words[language][key])) for language in words}
        assert places["ru"] == places["kk"] == places["en"], key


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", VIEWS)
async def test_no_serious_barrier(browser, shop, path, scheme):
    await sell_once(browser, shop)
    async with watched(browser, shop, color_scheme=scheme) as page:
        await opened(page, path)
        await page.wait_for_timeout(500)
        found = await Axe().run(page)
        serious = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        assert [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in serious] == []


@pytest.mark.parametrize("path", VIEWS)
async def test_at_the_width_of_a_telephone_nothing_sticks_out(browser, shop, path):
    await sell_once(browser, shop)
    async with watched(browser, shop, viewport={"width": 360, "height": 640}, is_mobile=True, has_touch=True) as page:
        await opened(page, path)
        await page.wait_for_timeout(300)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360


async def test_light_and_dark_follow_the_system_or_the_reader(browser, shop):
    async with watched(browser, shop, color_scheme="dark") as page:
        await opened(page)
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = await page.evaluate(ground)
        await page.select_option("#theme", "light")
        light = await page.evaluate(ground)
        assert dark != light
        await page.reload()
        await page.wait_for_selector("html[data-ready]")
        assert await page.evaluate(ground) == light


async def test_the_policy_is_kept_by_the_browser(browser, shop):
    """What another page could put in does not run, and nothing leaves."""
    async with watched(browser, shop, "Content Security Policy", "violates", "Refused", "Failed to fetch") as page:
        answer = await page.goto("/")
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        ran = await page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.ran = true";
              document.body.append(script);
              return window.ran === true;
            }"""
        )
        assert ran is False
        sent = await page.evaluate("fetch('http://127.0.0.2:1/').then(() => 'sent', () => 'refused')")
        assert sent == "refused"


async def test_lamps_and_marks_speak_without_colours(browser, shop):
    async with watched(browser, shop, forced_colors="active") as page:
        await opened(page)
        await expect(page.locator("#registers .lamp").first).not_to_be_empty()
        await expect(page.locator("#lamps")).to_have_attribute("aria-label", re.compile("на связи: [0-9]"))
