"""A register on the page: its keys, its marks as they change, its link cut and mended by mouse and by keyboard."""

import json

import pytest
from playwright.async_api import expect

from tests.browser.chromium import WAIT_MS, opened, watched

pytestmark = pytest.mark.asyncio(loop_scope="module")

NEWEST = "#documents tr:first-child"
MARKS = f"{NEWEST} .ticks"


async def register(page, number):
    await opened(page, f"/#/register/alma-bazar-{number}")
    await page.wait_for_selector("#till-sell")
    return page


async def mark(page, ticks, cloud):
    """Wait until the newest document shows this."""
    await page.wait_for_selector(f'{MARKS}[data-ticks="{ticks}"][data-cloud="{cloud}"]', timeout=WAIT_MS)


@pytest.mark.requirement("S3-28")
async def test_what_is_sold_online_gets_two_ticks(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 1)
        await sold(page)
        await mark(page, 2, "no")
        await expect(page.locator("#paper")).to_contain_text("ФИСКАЛЬНЫЙ ЧЕК. ПРОДАЖА")
        await expect(page.locator(f"{MARKS} .unseen")).to_have_text("передан, хранится у оператора")


async def test_every_key_of_the_till(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 2)
        for key, printed in {
            "deposit": "ВНЕСЕНИЕ",
            "sell": "ПРОДАЖА",
            "return": "ВОЗВРАТ",
            "withdraw": "ИЗЪЯТИЕ",
            "x": "X-ОТЧЁТ",
            "z": "Z-ОТЧЁТ",
        }.items():
            await page.click(f"#till-{key}")
            await expect(page.locator("#paper")).to_contain_text(printed)
        await mark(page, 2, "no")
        await expect(page.locator("#documents tr")).to_have_count(5)


@pytest.mark.parametrize(
    ("language", "nothing_to_return", "not_enough"),
    [
        ("ru", "возвращать нечего: нет продажи без возврата", "нужно 5,00, в кассе 0,00"),
        ("kk", "қайтаратын ештеңе жоқ: қайтарылмаған сату жоқ", "5,00 қажет, кассада 0,00 бар"),
        ("en", "there is no sale that could be returned", "5.00 are needed, 0.00 lie in the drawer"),
    ],
)
async def test_a_key_that_the_register_refuses_says_why(browser, shop, language, nothing_to_return, not_enough):
    async with watched(browser, shop, "409", locale=language) as page:
        await register(page, 5)
        await page.click("#till-return")
        problem = page.locator(".controls .wrong").first
        await expect(problem).to_have_text(nothing_to_return)

        async def more(route):
            await route.continue_(
                post_data='{"sum": 500}', headers={**route.request.headers, "content-type": "application/json"}
            )

        await page.route("**/withdraw", more)
        await page.click("#till-withdraw")
        await expect(problem).to_have_text(not_enough)


@pytest.mark.parametrize(
    ("language", "error", "told"),
    [
        ("ru", "соединение прервалось", "касса работает автономно: нет соединения"),
        ("kk", "қосылым үзілді", "касса автономды жұмыс істейді: қосылым жоқ"),
        ("en", "the connection broke", "the register works autonomously: there is no connection"),
    ],
)
async def test_what_a_register_says_is_said_in_the_language_of_the_page(browser, shop, language, error, told):
    async with watched(browser, shop, locale=language) as page:
        await register(page, 2)
        await page.click("#link-cut")
        await sold(page)
        await mark(page, 1, "yes")
        stuck, word = (page.locator("section", has=page.locator(f"#{name}-title")) for name in ("stuck", "word"))
        await expect(stuck).to_contain_text(error)
        await expect(word).to_contain_text(error)
        await expect(page.locator("#cashier-told")).to_contain_text(told)
        await expect(page.locator("#said")).to_contain_text(told)
        await page.click("#link-up")
        await mark(page, 2, "yes")


@pytest.mark.requirement("S3-29", "S3-30")
async def test_one_tick_becomes_two_when_the_link_is_back_by_mouse(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 3)
        await sold(page)
        await mark(page, 2, "no")
        await page.click("#link-cut")
        await expect(page.locator("#link-state")).to_have_text("Связь оборвана.")
        await expect(page.locator("#link-cut")).to_have_attribute("aria-pressed", "true")
        await sold(page)
        await mark(page, 1, "yes")
        await expect(page.locator("#mode")).to_have_text("автономный")
        await expect(page.locator("#unsent")).to_have_text("1")
        await expect(page.locator("#paper")).to_contain_text("*** АВТОНОМНЫЙ ***")
        await page.click("#link-up")
        await mark(page, 2, "yes")
        await expect(page.locator("#mode")).to_have_text("на связи")
        await expect(page.locator("#link-state")).to_have_text("Связь цела.")
        # It was said to those who do not see it, too.
        await expect(page.locator("#said")).to_contain_text("передан, хранится у оператора")


async def sold(page):
    """Sell, and wait for the document on top of the list; its number."""
    rows = page.locator("#documents tr")
    before = await rows.count()
    await page.click("#till-sell")
    await expect(rows).to_have_count(before + 1, timeout=WAIT_MS)
    return await page.locator(f"{NEWEST} a").inner_text()


async def press(page, target, key="Enter"):
    """Walk to an element by Tab, as somebody without a mouse does, and press a key."""
    for _ in range(60):
        if await page.evaluate("target => document.activeElement?.matches(target)", target):
            await page.keyboard.press(key)
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"nobody comes to {target} by Tab")


async def test_cut_and_restore_by_keyboard(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 4)
        await press(page, "#link-cut", "Space")
        await expect(page.locator("#link-state")).to_have_text("Связь оборвана.")
        await expect(page.locator("#link-cut")).to_be_focused()
        await page.focus("body")
        await press(page, "#till-sell")
        await mark(page, 1, "yes")
        await press(page, "#link-up")
        await mark(page, 2, "yes")
        await press(page, f"{NEWEST} a")
        await expect(page.locator("#main > div > h1")).to_contain_text("Документ")


async def test_an_answer_is_lost_once_and_nothing_is_doubled(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 1)
        await page.click("#link-lose")
        await expect(page.locator("#link-lose")).to_have_attribute("aria-pressed", "true")
        await sold(page)
        await mark(page, 2, "yes")
        await page.click(f"{NEWEST} a")
        history = page.locator("#history")
        await expect(history).to_contain_text("передан повторно, ответ тот же", timeout=WAIT_MS)
        await expect(history).to_contain_text("оказался автономным")
        await expect(page.locator("#verdict")).to_have_text("подлинный")


@pytest.mark.requirement("S3-02")
async def test_who_stops_paying_gets_no_answer_and_works_on(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 2)
        await page.click("#link-unpaid")
        await expect(page.locator("#link-state")).to_contain_text("Оператору не платят")
        await sold(page)
        await mark(page, 1, "yes")
        await page.click("#link-paid")
        await mark(page, 2, "yes")


async def test_a_slow_link_makes_receipts_autonomous(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 5)
        await page.click("#link-slow")
        await expect(page.locator("#link-state")).to_have_text("Ответы приходят на 6 с позже.")
        await sold(page)
        await page.wait_for_selector(f'{MARKS}[data-cloud="yes"]')
        await page.click("#link-up")
        await mark(page, 2, "yes")


async def test_a_document_as_printed_as_a_form_and_with_its_life(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 3)
        number = await sold(page)
        await mark(page, 2, "no")
        await page.click(f"{NEWEST} a")
        await expect(page.locator("#paper")).to_contain_text(f"Документ № {number}")
        await expect(page.locator("#form .slip")).to_contain_text("ФИСКАЛЬНЫЙ ЧЕК. ПРОДАЖА")
        await expect(page.locator("#form svg").first).to_be_visible()
        lines = await page.locator("#history li").all_inner_texts()
        assert [line.partition(" – ")[2] for line in lines][:2] == ["оформлен кассой", "получен оператором"]
        await expect(page.locator("#history")).to_contain_text("ответ отправлен")


async def test_a_document_can_be_kept_as_a_file(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 3)
        await sold(page)
        await mark(page, 2, "no")
        await page.click(f"{NEWEST} a")
        links = page.locator("#files a")
        await expect(links).to_have_text(["PDF", "PNG", "HTML", "TEXT"])
        kinds = []
        for link in await links.all():
            address = await link.get_attribute("href")
            assert address is not None
            answer = await page.request.get(address)
            assert answer.status == 200
            kinds.append(answer.headers["content-type"].partition(";")[0])
        assert kinds == ["application/pdf", "image/png", "text/html", "text/plain"]


async def test_a_z_report_opens_like_any_document(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 3)
        await sold(page)
        await page.click("#till-z")
        await expect(page.locator(f"{NEWEST} td").nth(1)).to_have_text("Z-отчёт", timeout=WAIT_MS)
        await page.click(f"{NEWEST} a")
        await expect(page.locator("#paper")).to_contain_text("Z-ОТЧЁТ")
        await expect(page.locator("#form .slip")).to_contain_text("Z-ОТЧЁТ")


async def test_a_document_that_only_its_register_has_says_so_until_it_is_delivered(browser, shop):
    async with watched(browser, shop) as page:
        await register(page, 2)
        await page.click("#link-cut")
        await sold(page)
        await mark(page, 1, "yes")
        await page.click(f"{NEWEST} a")
        await expect(page.locator("#form")).to_contain_text("Документ есть только в кассе")
        await expect(page.locator("#paper")).to_contain_text("*** АВТОНОМНЫЙ ***")
        await expect(page.locator("main .ticks")).to_have_attribute("data-ticks", "1")
        await page.request.put("/api/v1/registers/alma-bazar-2/link", data={"state": "up"})
        # Nobody touches the page; what it shows moves by itself.
        await expect(page.locator("main .ticks")).to_have_attribute("data-ticks", "2", timeout=WAIT_MS)
        await expect(page.locator("#verdict")).to_have_text("подлинный")


# ------------------------------------------------------------------------------------------------------ the rule of ✔✔


async def test_two_ticks_are_refused_to_what_the_ledger_does_not_hold(browser, shop):
    """A register that calls a document delivered which the operator does not hold is shown as an error."""
    path = "**/api/v1/live/registers/alma-bazar-4"

    async def lie(route):
        told = await (await route.fetch()).json()
        own = {
            **told["documents"][0],
            "number": 4_711,
            "state": "delivered",
            "ticks": 2,
            "cloud": False,
            "sign": "1" * 12,
        }
        await route.fulfill(json={**told, "documents": [own, *told["documents"]]})

    async with watched(browser, shop) as page:
        await register(page, 4)
        await sold(page)
        await mark(page, 2, "no")
        await page.route(path, lie)
        await page.reload()
        await expect(page.locator("#wrong-4711")).to_contain_text("документ 4711 переданным, а у оператора его нет")
        await mark(page, 1, "no")
        await expect(page.locator(f"{NEWEST} a")).to_have_text("4711")


async def test_another_sign_than_the_operators_is_an_error(browser, shop):
    path = "**/api/v1/live/registers/alma-bazar-4"

    async def lie(route):
        told = await (await route.fetch()).json()
        told["documents"][0]["sign"] = "000000000000"
        await route.fulfill(json=told)

    async with watched(browser, shop) as page:
        await register(page, 4)
        number = await sold(page)
        await mark(page, 2, "no")
        await page.route(path, lie)
        await page.reload()
        await expect(page.locator(f"#wrong-{number}")).to_contain_text("разные признаки")


async def test_the_rule_itself(browser, shop):
    """Every pair of what the ledger and the register may say."""
    async with watched(browser, shop) as page:
        await opened(page)
        judged = await page.evaluate(
            """async () => {
              const { judge } = await import("/web/marks.js");
              const held = { sign: "1", autonomous: false };
              const own = (ticks, more = {}) => ({ ticks, cloud: false, sign: "1", ...more });
              return [judge(held, null), judge(held, own(1)), judge(held, own(2)), judge(null, own(1)),
                judge(null, own(2)), judge(held, own(2, { sign: "2" })), judge(held, own(0))]
                .map(({ ticks, wrong }) => [ticks, wrong]);
            }"""
        )
        assert json.loads(json.dumps(judged)) == [
            [2, None],
            [2, None],
            [2, None],
            [1, None],
            [1, "marks.not_held"],
            [2, "marks.signs_differ"],
            [0, None],
        ]
