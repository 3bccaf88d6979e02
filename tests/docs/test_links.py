"""No link of the documentation leads nowhere, and no page is hidden."""

from urllib.parse import unquote

import pytest

from tests.docs.pages import ROOT, Page, all_pages, slug

PAGES = all_pages()


def inside(links):
    return [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]


def target_of(page, link):
    path, _, anchor = link.partition("#")
    file = (page.path.parent / unquote(path)).resolve() if path else page.path
    return file, unquote(anchor)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    broken = []
    for link in inside(page.links):
        file, anchor = target_of(page, link)
        if not file.is_relative_to(ROOT):
            broken.append(f"{link}: outside of the repository")
        elif not file.exists():
            broken.append(f"{link}: there is no such file")
        elif anchor and file.suffix == ".md" and anchor not in Page(file.relative_to(ROOT).as_posix()).anchors:
            broken.append(f"{link}: the page has no such heading")
    assert not broken


def test_every_page_can_be_reached_from_the_readme():
    known = {page.path: page for page in PAGES}
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        path = ahead.pop()
        if path in reached or path not in known:
            continue
        reached.add(path)
        page = known[path]
        ahead += [target_of(page, link)[0] for link in inside(page.links)]
    assert known.keys() - reached == set()


def test_every_page_has_one_title_and_it_comes_first():
    for page in PAGES:
        titles = [line for line in page.prose.splitlines() if line.startswith("# ")]
        assert len(titles) == 1, page.name
        assert page.text.startswith(titles[0]), page.name


def test_every_picture_is_shown_somewhere():
    shown = {target_of(page, link)[0] for page in PAGES for link in inside(page.links)}
    assert set((ROOT / "docs/images").glob("*")) - shown == set()


@pytest.mark.parametrize(
    ("heading", "anchor"),
    [
        ("What the mock promises", "what-the-mock-promises"),
        ("The `Journal` port", "the-journal-port"),
        ("Who may import whom?", "who-may-import-whom"),
        ("Числа и слова", "числа-и-слова"),
        ("Shift, X, Z", "shift-x-z"),
    ],
)
def test_a_heading_has_the_anchor_that_github_gives_it(heading, anchor):
    assert slug(heading) == anchor
