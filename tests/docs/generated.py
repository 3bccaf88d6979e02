"""The tables of the pages that say nothing but what the code says, made from the code.

The rule: a page marks the place of such a table with ``<!-- table: NAME -->`` and ``<!-- end -->``; what stands between
is made here, written by ``python -m tests.docs.write``, and compared by a test.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, Final, NamedTuple

from fiscal.domain.lifecycle import (
    DOCUMENT_TABLE,
    REGISTER_TABLE,
    DocumentEvent,
    DocumentState,
    RegisterEvent,
    RegisterMode,
)
from fiscal.domain.status import marks
from kkt_client.core.saying import Said
from tests.docs import conformance_tables, kkt_tables, load_tables, server_tables
from tests.docs.pages import ROOT

MARKED = re.compile(r"(?<=<!-- table: )(?P<name>[\w:. -]+)(?P<head> -->\n)(?P<text>.*?)(?=<!-- end -->)", re.DOTALL)

NONE: Final = "–"


def fill(text: str) -> str:
    """The page with every marked table as the code has it now."""
    return MARKED.sub(lambda found: f"{found['name']}{found['head']}\n{make(found['name'])}\n\n", text)


def make(name: str) -> str:
    """The table of this name."""
    kind, _, about = name.partition(": ")
    if kind == "limits":
        return limits(about.split())
    if kind == "addresses":
        return table(*server_tables.addresses(about))
    if kind == "kkt addresses":
        return table(*kkt_tables.addresses(about))
    if kind == "scenarios":
        return table(*conformance_tables.scenarios(about))
    return _MAKERS[name]()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# ------------------------------------------------------------------------------------------------------- lifecycles


def _matrix(corner: str, states: Iterable[str], events: Iterable[str], moves: Mapping[Any, str]) -> str:
    columns = list(events)
    rows = [[f"**{state}**", *(str(moves.get((state, event), NONE)) for event in columns)] for state in states]
    return table([corner, *columns], rows)


def document_lifecycle() -> str:
    return _matrix("a document that is", DocumentState, DocumentEvent, DOCUMENT_TABLE)


def register_lifecycle() -> str:
    return _matrix("a register that is", RegisterMode, RegisterEvent, REGISTER_TABLE)


def document_marks() -> str:
    return table(["state", "marks"], [[state, str(marks(state)) or NONE] for state in DocumentState])


def said() -> str:
    words = json.loads((ROOT / "ofd_server/web/static/en.json").read_text("utf-8"))
    return table(["code", "what it says"], [[f"`{code}`", words[f"says.{code}"]] for code in Said])


# ----------------------------------------------------------------------------------------------------------- layers


def layers() -> str:
    """The layer contracts of pyproject.toml, one row each."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    rows = []
    for contract in project["tool"]["importlinter"]["contracts"]:
        if contract["type"] == "layers" and len(contract["layers"]) > 1:
            (container,) = contract.get("containers", [""])
            lines = filter(None, (_layer(line, container) for line in contract["layers"]))
            rows.append([contract["name"], f"`{container}`" if container else "everything", "<br>".join(lines)])
    return table(["contract", "inside", "layers, the highest first"], rows)


def _layer(line: str, container: str) -> str:
    """One layer: ``|`` parts modules that may not import each other, ``:`` modules that may.

    What nobody has written yet has its place in the contract, and none in the table.
    """
    names = [name.strip(" ()") for name in re.split(r"[|:]", line)]
    there = [name for name in names if find_spec(f"{container}.{name}" if container else name) is not None]
    return (" · " if ":" in line else " ∥ ").join(f"`{name}`" for name in there)


def forbidden() -> str:
    """What pure code may not import."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (pure,) = (contract for contract in contracts if contract["name"].startswith("Pure code"))
    return ", ".join(f"`{name}`" for name in pure["forbidden_modules"]) + "."


# ----------------------------------------------------------------------------------------------------------- limits


class Limit(NamedTuple):
    """A constant with its value and its reason."""

    module: str
    name: str
    source: str
    value: int | float
    reason: str

    @property
    def shown(self) -> str:
        plain = f"{self.value:,}"
        computed = not self.source.replace("_", "").replace(".", "").isdigit()
        return f"{plain} (`{self.source}`)" if computed else plain


def limits(modules: Sequence[str]) -> str:
    """The limits of these modules with their reasons."""
    rows = [[f"`{limit.name}`", limit.shown, limit.reason] for module in modules for limit in limits_of(module)]
    return table(["limit", "value", "reason"], rows)


def limits_of(module: str) -> Iterator[Limit]:
    """Every numeric constant of a module that gives its reason below it."""
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    body = ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body
    for statement, after in pairwise(body):
        target = _target(statement)
        if target is None or not target.isupper() or target.startswith("_"):
            continue
        reason = after.value if isinstance(after, ast.Expr) else None
        if not isinstance(reason, ast.Constant) or not isinstance(reason.value, str):
            continue
        value = getattr(import_module(module), target)
        if isinstance(value, int | float) and not isinstance(value, bool):
            source = ast.unparse(statement.value)  # type: ignore[attr-defined]  # an assignment has a value
            yield Limit(module, target, source, value, _plain(reason.value))


def undefended(module: str) -> Iterator[str]:
    """Constants of a module whose name says that they are limits, and that give no reason."""
    spec = find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    defended = {limit.name for limit in limits_of(module)}
    for statement in ast.parse(Path(spec.origin).read_text(encoding="utf-8")).body:
        target = _target(statement)
        if (
            target is not None
            and re.fullmatch(r"[A-Z]\w*_(?:MAX|MIN|LIMIT)(?:_\w+)?", target)
            and target not in defended
        ):
            yield target


def _target(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
            return name
        case _:
            return None


def _plain(docstring: str) -> str:
    """A docstring as one line of Markdown."""
    text = " ".join(docstring.split())
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text)
    return text.replace("``", "`")


def modules() -> list[str]:
    """Every module of the product that may hold a limit, without what stands above both sides."""
    found = []
    for package in ("fiscal", "kkt_client", "ofd_server"):
        path = import_module(package).__path__
        found += [module.name for module in walk_packages(path, f"{package}.") if not module.ispkg]
    return sorted(found)


# ---------------------------------------------------------------------------------------------------------- writing

_MAKERS: Final[Mapping[str, Callable[[], str]]] = {
    "document lifecycle": document_lifecycle,
    "register lifecycle": register_lifecycle,
    "document marks": document_marks,
    "said": said,
    "layers": layers,
    "forbidden": forbidden,
    "settings": lambda: table(*server_tables.settings()),
    "misfortunes": lambda: table(*server_tables.misfortunes()),
    "exits": lambda: table(*server_tables.exits()),
    "statuses": lambda: table(*server_tables.statuses()),
    "findings": lambda: table(*server_tables.findings()),
    "journal words": lambda: table(*server_tables.journal_words()),
    "load options": lambda: table(*load_tables.options()),
    "load keys": lambda: table(*load_tables.keys()),
    "load metrics": lambda: table(*load_tables.metrics()),
    "kz rules": lambda: table(*server_tables.kz_rules()),
}


def report(changed: Iterable[str]) -> None:
    """Say which pages were written."""
    for name in changed:
        sys.stdout.write(f"written: {name}\n")
