"""The pages of the documentation, read as their reader sees them: prose, fenced blocks, links, tables, headings.

The rule: pages are Markdown as GitHub shows it, and this file knows just enough of it for the tests beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^(?P<mark>```+)(?P<info>[^\n`]*)\n(?P<text>.*?)^(?P=mark)[ ]*$\n?", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(?<!\\)\[(?:[^\]\[]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)\)")
_IMAGE = re.compile(r"<(?:img|source)[^>]*\s(?:src|srcset)=\"(?P<target>[^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *#*$", re.MULTILINE)
_ANCHOR = re.compile(r"<a (?:id|name)=\"(?P<name>[^\"]+)\"")
_CODE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the language, the words behind it, the text, and the line where the text begins."""

    language: str
    info: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page; ``name`` is its path from the root of the repository."""

    name: str

    @property
    def path(self) -> Path:
        return ROOT / self.name

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def prose(self) -> str:
        """The page without its fenced blocks."""
        return _FENCE.sub("", self.text)

    @property
    def blocks(self) -> list[Block]:
        text = self.text
        return [
            Block(
                language=found["info"].strip().partition(" ")[0],
                info=found["info"].strip().partition(" ")[2],
                text=found["text"],
                line=text.count("\n", 0, found.start("text")) + 1,
            )
            for found in _FENCE.finditer(text)
        ]

    @property
    def links(self) -> list[str]:
        """Every target of a link or picture, also of those written as HTML."""
        prose = self.prose
        return [found["target"] for pattern in (_LINK, _IMAGE) for found in pattern.finditer(prose)]

    @property
    def anchors(self) -> set[str]:
        """What a link may name behind ``#``: headings as GitHub spells them, and named places."""
        prose = self.prose
        found = {match["name"] for match in _ANCHOR.finditer(prose)}
        for match in _HEADING.finditer(prose):
            base = slug(match["text"])
            name, count = base, 0
            while name in found:
                count += 1
                name = f"{base}-{count}"
            found.add(name)
        return found

    @property
    def code(self) -> list[str]:
        """Every piece of inline code."""
        return _CODE.findall(self.prose)

    def section(self, heading: str) -> str:
        """What stands under this heading, up to the next one of its rank or above."""
        lines = self.text.splitlines()
        start = next(n for n, line in enumerate(lines) if re.fullmatch(rf"#+ {re.escape(heading)}", line))
        rank = len(lines[start]) - len(lines[start].lstrip("#"))
        ends = (n for n, line in enumerate(lines) if n > start and re.match(rf"#{{1,{rank}}} ", line))
        return "\n".join(lines[start + 1 : next(ends, len(lines))])

    def rows(self, heading: str) -> list[list[str]]:
        """The cells of the tables under this heading, without their heads."""
        return list(_rows(self.section(heading)))


def _rows(text: str) -> Iterator[list[str]]:
    inside = 0
    for line in text.splitlines():
        inside = inside + 1 if line.startswith("|") else 0
        if inside > 2:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])]


def slug(heading: str) -> str:
    """The anchor that GitHub makes of a heading."""
    plain = re.sub(r"`|\*|!?\[([^\]]*)\]\([^)]*\)", lambda found: found[1] or "", heading)
    return re.sub(r"[^\w\- ]", "", plain.strip().lower()).replace(" ", "-")


def all_pages() -> list[Page]:
    """Every page that a reader may open: those of the root and of ``docs``."""
    found = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]
    return [Page(path.relative_to(ROOT).as_posix()) for path in sorted(found)]
