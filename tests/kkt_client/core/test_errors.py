"""What an error tells its caller."""

from fiscal.domain.lifecycle import BlockReason
from fiscal.errors import FiscalError, StorageError, Undeliverable
from kkt_client.core.errors import (
    DocumentRefused,
    KeyReused,
    MemoryStopped,
    NotEnoughCash,
    RegisterBlocked,
    ShiftExpired,
)


def test_figures_are_in_the_text():
    assert str(NotEnoughCash(25_001, 25_000)) == "250.01 are needed, 250.00 lie in the drawer"
    assert "2026-01-01T07:00:00.000Z" in str(ShiftExpired(1_767_250_800_000, 1_767_350_800_000))
    assert str(KeyReused("k", 5)) == "the key 'k' belongs to document 5, which has another basket"


def test_a_block_says_why_and_whether_a_document_waits():
    assert str(RegisterBlocked(BlockReason.BY_OPERATOR, "долг")) == "by_operator: долг"
    assert str(RegisterBlocked(BlockReason.BY_OPERATOR, "")) == "by_operator"
    assert RegisterBlocked(BlockReason.BY_OPERATOR, "").number is None
    assert RegisterBlocked(BlockReason.BY_OPERATOR, "", 7).number == 7


def test_a_refusal_names_the_document_the_rule_and_the_field():
    assert str(DocumentRefused(5, "bad_totals", "total", "1 != 2")) == "document 5: bad_totals: total: 1 != 2"
    assert str(DocumentRefused(5, "too_old", "", "too old")) == "document 5: too_old: too old"


def test_they_are_of_the_family():
    assert issubclass(DocumentRefused, Undeliverable)
    assert issubclass(MemoryStopped, StorageError)
    assert issubclass(NotEnoughCash, FiscalError)
