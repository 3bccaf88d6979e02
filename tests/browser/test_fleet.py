"""The fleet on the page: thousands of lamps, what changes, what was missed, and a register that lives elsewhere."""

import asyncio

import pytest
from playwright.async_api import expect

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import Hello, ReportStatus
from fiscal.protocols.rest.codec import MediaType, serialize_request
from ofd_server.core.administration import add, set_standing
from ofd_server.core.entries import Standing
from tests.browser.chromium import WAIT_MS, opened, settled, watched
from tests.ofd_server.site import Site

pytestmark = pytest.mark.asyncio(loop_scope="module")

FLEET = 5_000


async def populate(site, count):
    service = site.ofd.service
    for number in range(count):
        await service.administer(f"kkm-{number:04d}", add(f"kkm-{number:04d}", "token-of-it", None))


async def report(site, register_id, **given):
    status = {"unsent": 0, "mode": RegisterMode.ONLINE, **given}
    return await site.command(register_id, "status", serialize_request(ReportStatus(**status), MediaType.JSON))


def deafened(site):
    """The operator's feed, which from here on hears nothing of what happens."""
    feed = site.ofd._feed
    feed._notice = lambda _: None
    feed._stop_listening()
    feed._stop_listening = site.ofd.service.observe(feed._notice)
    return feed


async def test_five_thousand_lamps_and_what_changes_in_them(browser, site):
    await populate(site, FLEET)
    async with watched(browser, site.url) as page:
        await opened(page)
        lamps = page.locator("#lamps")
        await expect(lamps).to_have_attribute("data-drawn", str(FLEET))
        await expect(page.locator("#figure-registers")).to_contain_text("000")
        assert await lamps.evaluate("canvas => canvas.clientHeight") < 2_500
        for number in range(0, 300, 3):
            await site.ofd.service.administer(f"kkm-{number:04d}", set_standing(Standing.BLOCKED, "test"))
        await expect(page.locator(".legend")).to_contain_text("заблокирована: 100")
        await page.select_option("#filter", "blocked")
        await expect(page.locator("#registers tbody tr")).to_have_count(50)
        await expect(page.locator("text=Страница 1 из 2, касс: 100")).to_be_visible()
        await page.click("text=Дальше")
        await expect(page.locator("#registers tbody tr").first).to_contain_text("kkm-0150")
        # A lamp leads to its register.
        await lamps.click(position={"x": 6, "y": 6})
        await expect(page.locator("h1")).to_have_text("Касса kkm-0000")


async def test_a_register_appears_by_itself_and_tells_how_it_does(browser, site):
    async with watched(browser, site.url) as page:
        await opened(page)
        await expect(page.locator("text=Ни одна касса ещё не известна")).to_be_visible()
        await site.registered("kkm-1")
        await site.sold("kkm-1")
        row = page.locator("#registers tbody tr", has_text="kkm-1")
        await expect(row).to_contain_text("на связи")
        await expect(row).to_contain_text("неизвестно")
        await report(site, "kkm-1", mode=RegisterMode.AUTONOMOUS, unsent=3, oldest_unsent_at=site.clock.now() - 60_000)
        await expect(row).to_contain_text("передаёт очередь")
        await expect(page.locator("#figure-waiting")).to_have_text("3")
        await expect(page.locator("#figure-documents")).to_have_text("1")


async def test_the_operators_knowledge_and_the_registers_word_are_kept_apart(browser, site):
    await site.registered("kkm-1")
    await site.sold("kkm-1")
    async with watched(browser, site.url) as page:
        await opened(page, "/#/register/kkm-1")
        said = page.locator("section", has=page.locator("#said-title"))
        await expect(said).to_contain_text("Неизвестно: касса о себе не сообщала")
        await expect(page.locator("section", has=page.locator("#knows-title"))).to_contain_text("ТОО «Ромашка»")
        await expect(page.locator("#till-title")).to_have_count(0)
        await report(site, "kkm-1", mode=RegisterMode.BLOCKED_AUTONOMOUS, unsent=2, stuck="document 7 was refused")
        await expect(said).to_contain_text("заблокирована, автономна")
        await expect(said).to_contain_text("document 7 was refused")
        await expect(page.locator("section", has=page.locator("#stuck-title"))).to_contain_text("Говорит сама касса")


async def test_after_a_gap_everything_is_read_anew(browser, site):
    await site.registered("kkm-1")
    async with watched(browser, site.url) as page:
        await opened(page)
        await expect(page.locator("#registers tbody tr")).to_have_count(1)
        # Another epoch is what another process is: no cursor of the page means anything to it.
        fleet = site.ofd._fleet
        fleet.close()
        await site.registered("kkm-2")
        fleet.wake()
        await expect(page.locator("#registers tbody tr")).to_have_count(2)
        await site.registered("kkm-3")
        await expect(page.locator("#registers tbody tr")).to_have_count(3)


async def test_a_register_reads_the_ledger_anew_after_a_gap(browser, site):
    await site.registered("kkm-1")
    async with watched(browser, site.url) as page:
        await settled(page, "/#/register/kkm-1")
        feed = deafened(site)
        await site.sold("kkm-1")
        await expect(page.locator("#documents tr")).to_have_count(0)
        for viewer in feed.viewers:
            viewer.lose()
        await expect(page.locator('#documents [data-ticks="2"]')).to_have_count(1)


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
async def test_a_reason_that_has_a_code_is_told_in_the_language_of_the_page(browser, site, language):
    await site.registered("kkm-1")
    answer = await site.sold("kkm-1")
    await site.ofd.service.administer("kkm-1", set_standing(Standing.BLOCKED, "4711"))
    told = {
        "ru": ("Заблокирована оператором: 4711", "сумма: в коде 1.00, у оператора 100.00"),
        "kk": ("Оператор бұғаттаған: 4711", "сома: кодта 1.00, операторда 100.00"),
        "en": ("Blocked by the operator: 4711", "sum: 1.00 in the code, 100.00 with the operator"),
    }[language]
    forged = answer["qr"].replace("s=100.00", "s=1.00")

    async def forge(route):
        shown = await (await route.fetch()).json()
        await route.fulfill(json={**shown, "qr": forged})

    async with watched(browser, site.url, locale=language) as page:
        await opened(page, "/#/register/kkm-1")
        await expect(page.locator("section", has=page.locator("#stuck-title")).locator("li")).to_have_text(told[0])
        await page.route("**/registers/kkm-1/documents/1", forge)
        await page.click("#documents a")
        await expect(page.locator("#verdict")).to_contain_text(told[1])


@pytest.mark.parametrize(
    ("language", "stuck", "error"),
    [
        ("ru", "суммы документа не сходятся: items[0].sum: must be 5", "оператор не ответил вовремя"),
        ("kk", "құжат сомалары сәйкес келмейді: items[0].sum: must be 5", "оператор уақытында жауап бермеді"),
        ("en", "the sums of the document do not agree: items[0].sum: must be 5", "the operator did not answer in time"),
    ],
)
async def test_a_report_with_codes_is_told_in_the_language_of_the_page(browser, site, language, stuck, error):
    await site.registered("kkm-1")
    words = "refused_document: документ 7: bad_totals: items[0].sum: must be 5"
    said = {"stuck": words, "stuck_code": "refused:bad_totals"}
    said |= {"last_error": "there is no answer", "last_error_code": "no_answer"}
    since = site.clock.now()
    await report(site, "kkm-1", mode=RegisterMode.BLOCKED_AUTONOMOUS, unsent=1, head=7, oldest_unsent_at=since, **said)
    async with watched(browser, site.url, locale=language) as page:
        await opened(page, "/#/register/kkm-1")
        for name in ("said", "stuck"):
            place = page.locator("section", has=page.locator(f"#{name}-title"))
            await expect(place).to_contain_text(stuck)
            await expect(place).to_contain_text(error)
            await expect(place.locator("q")).to_have_text("items[0].sum: must be 5")
            await expect(place.locator("q")).to_have_attribute("lang", "en")


async def test_a_code_that_nobody_knows_is_told_in_the_registers_own_words(browser, site):
    await site.registered("kkm-1")
    coded = {"stuck": "the drawer is jammed", "stuck_code": "drawer:jammed"}
    coded |= {"last_error": "бумага кончилась", "last_error_code": "paper_out"}
    since = site.clock.now()
    await report(site, "kkm-1", mode=RegisterMode.BLOCKED, unsent=1, head=7, oldest_unsent_at=since, **coded)
    async with watched(browser, site.url) as page:
        await opened(page, "/#/register/kkm-1")
        said = page.locator("section", has=page.locator("#said-title"))
        await expect(said.locator("q")).to_have_text(["бумага кончилась", "the drawer is jammed"])
        assert [await each.get_attribute("lang") for each in await said.locator("q").all()] == ["ru", "en"]


async def test_the_whole_of_a_long_shift_can_be_seen(browser, site):
    await site.registered("kkm-1")
    for _ in range(400):
        await site.sold("kkm-1")
    async with watched(browser, site.url) as page:
        await opened(page, "/#/register/kkm-1")
        rows, more = page.locator("#documents tr"), page.locator("#documents-more")
        await expect(rows).to_have_count(100)
        await expect(page.locator("#documents-shown")).to_have_text("Показано: 100")
        await more.focus()
        await page.keyboard.press("Enter")
        await expect(rows).to_have_count(350)
        await expect(more).to_be_focused()
        # What comes meanwhile comes on top, and takes nothing away.
        await site.sold("kkm-1")
        await expect(rows).to_have_count(351)
        await more.click()
        await expect(rows).to_have_count(401)
        await expect(more).to_be_hidden()
        await expect(page.locator("#documents-shown")).to_have_text("Показаны все: 401")
        await expect(rows.last.locator("a")).to_be_focused()
        numbers = await page.evaluate("[...document.querySelectorAll('#documents tr')].map(row => +row.dataset.number)")
        assert numbers == list(range(401, 0, -1))
        assert await page.locator('#documents [data-ticks="2"]').count() == 401


async def test_what_was_missed_between_two_looks_can_be_read_too(browser, site):
    await site.registered("kkm-1")
    await site.sold("kkm-1")
    async with watched(browser, site.url) as page:
        await settled(page, "/#/register/kkm-1")
        await expect(page.locator("#documents tr")).to_have_count(1)
        feed = deafened(site)
        for _ in range(120):
            await site.sold("kkm-1")
        for viewer in feed.viewers:
            viewer.lose()
        await expect(page.locator("#documents tr")).to_have_count(101)
        await page.click("#documents-more")
        await expect(page.locator("#documents tr")).to_have_count(121)


async def test_a_page_that_nobody_sees_lets_go_and_catches_up(browser, site):
    await site.registered("kkm-1")
    hide = """hidden => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    async with watched(browser, site.url) as page:
        await opened(page)
        await expect(page.locator("#connection")).to_have_text("Связь с оператором есть")
        await page.evaluate(hide, True)
        async with asyncio.timeout(WAIT_MS / 1_000):
            while site.ofd._fleet._viewers:  # noqa: ASYNC110 - nobody is told when a viewer goes
                await asyncio.sleep(0.02)
        await site.registered("kkm-2")
        await page.evaluate(hide, False)
        await expect(page.locator("#registers tbody tr")).to_have_count(2)


async def test_the_page_comes_back_when_its_stream_has_ended(browser, site):
    await site.registered("kkm-1")
    async with watched(browser, site.url, "ERR_") as page:
        await opened(page)
        await expect(page.locator("#connection")).to_have_text("Связь с оператором есть")
        for conversation in tuple(site.ofd._http.connections):
            conversation.transport.abort()
        await expect(page.locator("#connection")).to_contain_text("пробует снова")
        await site.registered("kkm-2")
        await expect(page.locator("#connection")).to_have_text("Связь с оператором есть")
        await expect(page.locator("#registers tbody tr")).to_have_count(2)


async def test_a_person_who_changes_something_is_asked_for_the_token(browser, site):
    async with Site(api_token="a-token-of-eight") as closed:
        await closed.registered("kkm-1")
        async with watched(browser, closed.url, "401") as page:
            await opened(page, "/#/register/kkm-1")
            await page.click("#link-cut")
            await page.fill("#token-value", "a-token-of-eight")
            await page.keyboard.press("Enter")
            await expect(page.locator("#link-state")).to_have_text("Связь оборвана.")
            await page.click("#link-up")
            await expect(page.locator("#link-state")).to_have_text("Связь цела.")


async def test_names_that_would_be_markup_are_text(browser, site):
    evil = "<img src=x onerror=alert(1)>"
    await site.ofd.service.administer(evil, add(evil, "token-of-it", None))
    async with watched(browser, site.url) as page:
        await opened(page)
        await expect(page.locator("#registers a")).to_have_text(evil)
        await page.click("#registers a")
        await expect(page.locator("h1")).to_have_text(f"Касса {evil}")
        assert await page.locator("main img").count() == 0


async def test_hello_alone_makes_a_lamp(browser, site):
    await site.command(
        "kkm-9",
        "hello",
        serialize_request(Hello(register="kkm-9", token="t" * 8, software="x"), MediaType.JSON),
        token=None,
    )
    async with watched(browser, site.url) as page:
        await opened(page)
        await expect(page.locator("#registers tbody tr")).to_have_count(1)
