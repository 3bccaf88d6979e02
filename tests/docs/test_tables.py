"""Tables that were written by hand say what the code says."""

import re
import tomllib
from dataclasses import fields

import pytest

from fiscal.domain.counters import CARRIED_OVER, begin_shift, fold, turned_autonomous
from fiscal.domain.document import ONLINE, DocumentKind
from fiscal.domain.receipt import Operation, Payment, PaymentKind, TaxKind
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.protocols.kz.codes import ResultCode
from fiscal.protocols.native.header import VERSION as NATIVE_VERSION
from kkt_client.core import records
from kkt_client.storage.sqlite import MIGRATIONS
from mock_ofd.simulation.defects import Defect
from ofd_server.config import VERSION, ServerSettings
from ofd_server.core.entries import AnomalyCode
from ofd_server.storage.sqlite import SCHEMA_VERSION
from tests import documents
from tests.docs.pages import ROOT, Page, all_pages

SOURCES = [path for folder in ("fiscal", "mock_ofd") for path in (ROOT / "shared" / folder).rglob("*.py")]
SOURCES += [path for folder in ("kkt_client", "ofd_server", "tests") for path in (ROOT / folder).rglob("*.py")]


def first_cells(page, heading):
    return [row[0].strip("`") for row in Page(page).rows(heading)]


# ------------------------------------------------------------------------------------------------------ counters

COUNTERS = "docs/reference/counters.md"
PLACES = {
    "op": "|".join(Operation),
    "payment": "|".join(PaymentKind),
    "tax": "|".join(TaxKind),
    "rate": "[0-9]+",
    "section": ".+",
}


def pattern(name):
    escaped = re.escape(name)
    return re.compile(re.sub(r"<(\w+)>", lambda found: f"(?:{PLACES[found[1]]})", escaped))


def trade(operation):
    """Receipts of one operation that have everything a receipt can have."""
    paid = tuple(Payment(kind=kind, sum=5_000) for kind in PaymentKind)
    lines = (documents.item(16_000, discount=1_000, rate=12_000), documents.item(14_000, markup=1_000, rate=0))
    yield documents.receipt(operation=operation, items=lines, payments=paid, change=500)
    yield documents.receipt(operation=operation, discount=1_000)
    yield documents.receipt(operation=operation, markup=1_000)
    yield documents.correction(operation=operation)


def every_counter():
    """The names that documents of every kind, operation and payment bring about, over two shifts."""
    names: set[str] = set()
    counters: dict[str, int] = {}
    traded = [document for operation in Operation for document in trade(operation)]
    for document in (*traded, *documents.ONE_OF_EACH):
        counters = fold(counters, document, ONLINE)
        counters = turned_autonomous(counters, document)
        names |= counters.keys()
    return names | begin_shift(counters).keys()


def test_the_counters():
    shift = [pattern(name) for name in first_cells(COUNTERS, "Of the shift")]
    life = [pattern(name) for name in first_cells(COUNTERS, "Of the register's life")]
    names = every_counter()
    assert [name for name in sorted(names) if not any(one.fullmatch(name) for one in shift + life)] == []
    assert [one.pattern for one in shift + life if not any(one.fullmatch(name) for name in names)] == []
    carried = {name for name in names if name in CARRIED_OVER}
    assert carried == {name for name in names if any(one.fullmatch(name) for one in life)}


def test_the_documents_that_move_counters():
    words = {"receipt": "receipt", "Z-report": "close_shift"}
    named = {words.get(word, word) for cell in first_cells(COUNTERS, "What moves what") for word in cell.split(", ")}
    assert named == set(DocumentKind)


# ----------------------------------------------------------------------------------------------- codes and versions


@pytest.mark.parametrize(
    ("heading", "codes"), [("The operator's", AnomalyCode), ("The register's", records.AnomalyCode)]
)
def test_the_anomalies(heading, codes):
    assert first_cells("docs/reference/anomalies.md", heading) == list(codes)


def test_the_result_codes_of_kazakhstan():
    rows = Page("docs/reference/kz-protocol.md").rows("Result codes")
    assert [(int(code), name) for code, name, _ in rows] == [(int(code), code.name) for code in ResultCode]


def test_every_setting_of_kazakhstan_has_its_reason():
    rows = Page("docs/reference/kz-protocol.md").rows("Certain, assumed, settled")
    certain, reasons = [row for row in rows if len(row) == 4], [row for row in rows if len(row) == 2]
    settings = {name for name in ServerSettings.model_fields if name == "kz" or name.startswith("kz_")}
    assert {row[0].strip("`") for row in reasons} == settings | {"strict"}
    named = {name for row in certain for name in re.findall(r"`(\w+)`", row[3])}
    assert settings - {"kz", "kz_connections"} <= named <= ServerSettings.model_fields.keys()


def test_the_versions():
    rows = {row[0]: row[1] for row in Page("docs/reference/compatibility.md").rows("What stays compatible")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    layout = next(field.default for field in fields(records.Founded) if field.name == "layout")
    assert project["version"] == VERSION
    assert rows == {
        "the package": VERSION,
        "the native protocol": str(NATIVE_VERSION),
        "the HTTP interface": "v1",
        "the ledger": str(SCHEMA_VERSION),
        "the fiscal memory": str(len(MIGRATIONS)),
        "the records in it": str(layout),
    }


def test_the_defects():
    page = Page("docs/explanation/simulation.md")
    assert first_cells(page.name, "Defects on purpose") == list(Defect)


def test_the_changelog_begins_with_this_version():
    versions = re.findall(r"^## \[?([\d.]+)", Page("CHANGELOG.md").text, re.MULTILINE)
    assert versions[:1] == [VERSION]


def test_the_numbers_of_identity():
    named = set(first_cells("docs/reference/glossary.md", "Numbers of identity"))
    for kind in (Taxpayer, RegisterProfile):
        for field in fields(kind):
            if field.name in ("tax_id", "rnm", "serial", "fn_serial"):
                assert any(field.name in cell for cell in named), field.name


def test_the_container():
    page = Page("docs/how-to/run-in-a-container.md")
    compose = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    ports = [row[0] for row in page.rows("With compose")]
    assert all(f'"{port}:{port.rpartition(":")[2]}"' in compose for port in ports)
    profiles = {name for one in re.findall(r"profiles: \[(.+?)]", compose) for name in one.split(", ")}
    assert {"postgresql", "cluster"} <= profiles
    assert set(re.findall(r"--profile (\w+)", page.text)) <= profiles
    assert "uid 10001" in dockerfile
    assert "VOLUME /data" in dockerfile
    variables = set(re.findall(r"MOCK_OFD_(\w+)", page.text))
    assert {name.lower() for name in variables} <= ServerSettings.model_fields.keys()


# -------------------------------------------------------------------------------------------------------- citations


def cited(text):
    """The rules that a text cites as "semantics 1.2, 3.4"."""
    for found in re.finditer(r"[Ss]emantics,? ((?:\d\.\d(?:, | and )?)+)", text):
        yield from re.findall(r"\d\.\d", found[1])


def test_every_rule_that_is_cited_can_be_read():
    defined = Page("docs/reference/semantics.md").anchors
    texts = [path.read_text(encoding="utf-8") for path in SOURCES] + [page.text for page in all_pages()]
    assert {rule for text in texts for rule in cited(text)} - defined == set()


def test_every_requirement_that_a_page_cites_exists():
    table = tomllib.loads((ROOT / "tests/requirements.toml").read_text(encoding="utf-8"))
    known = {row["id"] for system in table.values() for row in system["requirements"]}
    for page in all_pages():
        assert set(re.findall(r"\bS\d-\d\d\b", page.prose)) - known == set(), page.name
