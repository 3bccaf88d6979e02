"""Entries are values: what is in the ledger cannot be changed through them."""

from dataclasses import fields, is_dataclass
from typing import get_args

import pytest

from ofd_server.core.entries import DocumentRecorded, Entry, Standing
from tests.contract.books import EVERY_KIND, recorded
from tests.documents import ONE_OF_EACH


def test_every_kind_is_in_the_table_of_the_tests():
    assert {type(entry) for entry in EVERY_KIND} == set(get_args(Entry))


@pytest.mark.parametrize("entry", EVERY_KIND, ids=lambda entry: type(entry).__name__)
def test_an_entry_cannot_be_changed(entry: Entry):
    names = [field.name for field in fields(entry)] if is_dataclass(entry) else list(entry.__struct_fields__)
    assert names
    for name in names:
        with pytest.raises(AttributeError):
            setattr(entry, name, None)


@pytest.mark.parametrize("document", ONE_OF_EACH, ids=lambda document: type(document).__name__)
def test_the_number_of_an_entry_is_that_of_its_document(document):
    entry: DocumentRecorded = recorded(document)
    assert entry.number == document.number


def test_the_words_for_how_we_stand_to_a_register():
    assert {standing.value for standing in Standing} == {"good", "blocked", "unpaid", "removed"}
