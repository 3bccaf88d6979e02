import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from fiscal.domain.lifecycle import DocumentState
from fiscal.domain.receipt import Customer
from fiscal.domain.status import CLOUD
from fiscal.rendering.html import STYLE, html_fragment, render_html
from fiscal.rendering.sheet import Banner, Code, Line, Pair, Title
from fiscal.rendering.sheets import sheet_of
from fiscal.rendering.values import PrintedReceipt
from tests.fiscal.rendering.samples import AUTONOMOUS, DELIVERED_COPY, FORMS, OWN_SIGN, SELL, SIGN

VOID = {"meta", "hr", "path"}
ATTRIBUTES = {
    "lang", "charset", "name", "content", "class", "role", "aria-label", "title", "href", "rel",
    "viewbox", "fill", "stroke", "d",
}  # fmt: skip


class Reader(HTMLParser):
    """What a browser would make of the page: elements, attributes, and the text of each element."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)
            self.texts.append((tag, ""))

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip() and self.open:
            tag, text = self.texts[-1]
            self.texts[-1] = tag, text + data

    def shown(self):
        return [text for tag, text in self.texts if text and tag not in ("style", "title")]


def expected(form):
    for row in sheet_of(form).rows:
        match row:
            case Pair():
                yield from (row.left, row.right)
            case Title() | Line() | Banner() | Code():
                yield row.text
            case _:
                pass


@pytest.mark.parametrize("name", FORMS)
def test_the_page_shows_what_the_paper_shows(name):
    sheet = sheet_of(FORMS[name])
    shown = Reader(render_html(FORMS[name])).shown()
    ticks = sheet.marks.replace(CLOUD, "")  # the cloud is drawn
    assert shown == [*([ticks] if ticks else []), *expected(FORMS[name])]


@pytest.mark.requirement("S3-18")
def test_an_autonomous_page_is_marked_and_no_other():
    for form in FORMS.values():
        assert ("АВТОНОМНЫЙ" in Reader(render_html(form)).shown()) == form.autonomous


@pytest.mark.requirement("S3-16")
def test_an_autonomous_page_shows_its_own_sign_for_ever():
    assert str(OWN_SIGN) in Reader(render_html(AUTONOMOUS)).shown()
    assert {str(OWN_SIGN), SIGN} <= set(Reader(render_html(DELIVERED_COPY)).shown())


@pytest.mark.requirement("S3-28", "S3-29", "S3-30")
def test_marks_are_shown_and_told():
    fragment = html_fragment(AUTONOMOUS)
    assert re.search('>✔<svg class="cloud".*</svg></p>', fragment)
    assert 'aria-label="оформлен автономно, ещё не передан оператору"' in fragment
    assert re.search('>✔✔<svg class="cloud".*</svg></p>', html_fragment(DELIVERED_COPY))
    assert ">✔✔</p>" in html_fragment(FORMS["sell"])
    assert ">✔</p>" in html_fragment(FORMS["sell-saved"])
    assert "marks" not in html_fragment(FORMS["x"])


def test_a_copy_says_so():
    assert "ДУБЛИКАТ" in Reader(render_html(DELIVERED_COPY)).shown()
    assert "ДУБЛИКАТ" not in render_html(AUTONOMOUS)


@pytest.mark.parametrize("name", FORMS)
def test_the_page_is_complete_in_itself(name):
    page = render_html(FORMS[name])
    reader = Reader(page)
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & set(reader.tags)
    assert {attribute for attribute, _ in reader.attributes} <= ATTRIBUTES
    assert "url(" not in page
    assert "@import" not in page
    assert "prefers-color-scheme: dark" in page
    assert 'content="width=device-width' in page


def test_the_fragment_is_one_article_for_a_page_that_has_the_style():
    fragment = html_fragment(AUTONOMOUS)
    assert fragment.startswith('<article class="slip"')
    assert fragment.endswith("</article>\n")
    assert fragment in render_html(AUTONOMOUS)
    assert STYLE in render_html(AUTONOMOUS)
    selectors = re.findall(r"^\s*([^@{};]+?)\s*\{", STYLE, flags=re.MULTILINE)
    assert all(part.strip().startswith(".slip") for selector in selectors for part in selector.split(","))


names = st.one_of(
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "' onmouseover='alert(1)",
            "&lt;b&gt; &amp; &#60;",
            "</article></body>",
            "<!-- ",
            "]]>",
            "javascript:alert(1)",
        ]
    ),
    st.text(min_size=1, max_size=60).filter(lambda text: text.strip() == text),
)


@given(names, names)
def test_no_name_becomes_markup(name, other):
    profile = replace(AUTONOMOUS.profile, place=name, taxpayer=replace(AUTONOMOUS.profile.taxpayer, name=other))
    items = (structs.replace(SELL.items[0], name=name),)
    document = structs.replace(
        SELL,
        items=items,
        cashier=structs.replace(SELL.cashier, name=other),
        customer=Customer(email=name, phone=other),
    )
    form = PrintedReceipt(
        document=document,
        profile=profile,
        state=DocumentState.SAVED,
        sign=name,
        qr=other,
        operator=name,
    )
    reader = Reader(render_html(form))
    assert {attribute for attribute, _ in reader.attributes} <= ATTRIBUTES
    assert set(reader.tags) <= set(Reader(render_html(AUTONOMOUS)).tags)
    shown = [text for text in expected(form) if text.strip()]
    assert [text for text in reader.shown() if text.strip()][1:] == shown


@pytest.mark.parametrize(
    ("link", "is_link"),
    [
        ("https://ofd.example/r?i=1&f=2", True),
        ("http://127.0.0.1:8080/r", True),
        ("javascript:alert(1)//http://", False),
        ("t=20260314T0803&s=1.00", False),
    ],
)
def test_only_an_address_becomes_a_link(link, is_link):
    reader = Reader(html_fragment(replace(AUTONOMOUS, qr=link)))
    assert [value for name, value in reader.attributes if name == "href"] == [link] * is_link
    assert link in reader.shown()


def test_what_fits_into_no_code_is_shown_without_one():
    reader = Reader(html_fragment(replace(AUTONOMOUS, qr="я" * 2_000)))
    assert ("class", "qr") not in reader.attributes
    assert reader.tags.count("svg") == 1, "the cloud"
    assert "я" * 2_000 in reader.shown()
