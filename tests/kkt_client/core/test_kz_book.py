"""The book of tokens and request numbers: one number for a document however often it is sent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fiscal.errors import ConfigurationError, StorageCorrupt
from fiscal.protocols.kz.numbers import NUMBER_MAX, TOKEN_MAX
from kkt_client.core import kz_book
from kkt_client.core.kz_book import Book

FRESH = Book(token=7)


def test_a_document_keeps_its_number_until_it_is_answered():
    sent = FRESH.sending(1)
    assert (sent.token, sent.number, sent.document, sent.document_number) == (7, 1, 1, 1)
    assert sent.sending(1) is sent
    done = sent.accepted(1, 8, None)
    assert (done.token, done.number, done.document) == (8, 1, 0)
    assert done.sending(2).document_number == 2


def test_the_next_document_gets_its_number_with_the_answer():
    book = FRESH.sending(1).accepted(1, 8, 2)
    assert (book.token, book.document, book.document_number) == (8, 2, 2)


def test_a_void_behind_needs_no_number_and_one_that_is_done_brings_no_token():
    book = replace(FRESH, away=(1, 2)).sending(1).accepted(1, 8, 0)
    assert (book.document, book.away) == (0, (1, 2))
    void = book.accepted(2, None, 3)
    assert (void.token, void.voids, void.document) == (8, 1, 3)


def test_an_answer_to_another_document_leaves_the_number():
    book = FRESH.sending(2)
    assert book.accepted(1, 8, 2).document_number == 1
    assert book.refused(1) is book


def test_a_refused_document_is_a_new_request_the_next_time():
    book = FRESH.sending(1).refused(1).sending(1)
    assert (book.token, book.document_number) == (7, 2)


def test_a_question_has_a_number_of_its_own():
    book = FRESH.sending(1).asking()
    assert (book.number, book.document_number) == (2, 1)


def test_another_token_keeps_the_number_of_the_document():
    book = FRESH.sending(1).entrusted(9)
    assert (book.token, book.document, book.document_number) == (9, 1, 1)


def test_stretches_without_the_operator_are_one():
    book = FRESH.told(10, 20)
    assert book.away == (10, 20)
    assert book.told(30, 40).away == (10, 40)
    assert book.told(5, 7).away == (5, 20)
    assert book.sending(1).accepted(1, 8, None).away is None


@pytest.mark.parametrize("number", [NUMBER_MAX - 1, NUMBER_MAX])
def test_numbers_begin_anew(number):
    assert replace(FRESH, number=number).asking().number == (NUMBER_MAX if number < NUMBER_MAX else 0)


BOOKS = st.builds(
    Book,
    token=st.integers(1, TOKEN_MAX),
    number=st.integers(0, NUMBER_MAX),
    document=st.integers(0, 2**31 - 1),
    document_number=st.integers(0, NUMBER_MAX),
    voids=st.integers(0, 99),
    away=st.none() | st.tuples(st.integers(0, 2**40), st.integers(0, 2**40)),
)


@given(BOOKS)
def test_it_comes_back_as_it_was(book):
    assert kz_book.read(kz_book.write(book)) == book


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", kz_book.write(FRESH)[:-1]])
def test_anything_else_is_damage(data):
    with pytest.raises(StorageCorrupt, match="tokens beside the chain are damaged"):
        kz_book.read(data)


def test_the_token_is_not_shown():
    assert "12345" not in repr(Book(token=12345))


@pytest.mark.parametrize("text", ["", "0", "secret", "-1", "1.5", str(TOKEN_MAX + 1), "9" * 5000, "٣"])
def test_a_token_is_a_number(text):
    with pytest.raises(ConfigurationError, match="token: the Kazakhstan protocol knows numbers from 1 to 4294967295"):
        kz_book.first_book(text)
    assert not kz_book.is_token(text)


def test_a_token_is_read():
    assert kz_book.first_book("4294967295") == Book(token=TOKEN_MAX)
    assert kz_book.is_token("1")


@pytest.mark.parametrize("text", ["", "0", "007", "kkt-1", "4294967296", "9" * 5000, "٣"])
def test_an_id_is_a_number_written_plainly(text):
    with pytest.raises(ConfigurationError, match=r"id: .* is none"):
        kz_book.device_id_of(text)


def test_an_id_is_read():
    assert [kz_book.device_id_of(text) for text in ("1", "100500", "4294967295")] == [1, 100500, 4294967295]


def test_a_register_whose_voids_nobody_knows_stays():
    kz_book.check_leaving(b"")
    kz_book.check_leaving(kz_book.write(FRESH))
    with pytest.raises(ConfigurationError, match="2 documents were given up over kz"):
        kz_book.check_leaving(kz_book.write(replace(FRESH, voids=2)))
