"""Worlds over the Kazakhstan protocol: one ticket for each document, in its order, with one sign for ever.

The worlds are those of the native protocol, with the product's register and operator in them; only what the wire does
not carry is compared in its own form. A seed that ever failed gets a test of its own here, with its name.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from fiscal.protocols.kz.numbers import Verdict, judge, number_after
from kkt_client.core.kz_book import Book
from mock_ofd.simulation.running import run_many, run_seed, run_world
from mock_ofd.simulation.world import Outcome
from ofd_server.core import kz

SEEDS = range(60)


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return list(run_many(SEEDS, protocol="kz"))


@pytest.mark.requirement("S3-06", "S3-12", "S3-13", "S3-17", "S3-23", "S3-24", "S3-25")
def test_every_promise_is_kept_in_every_world(outcomes: list[Outcome]) -> None:
    reports = [outcome.report() for outcome in outcomes if not outcome.is_clean]
    assert not reports, "\n".join(reports)


def test_the_worlds_have_seen_what_they_are_for(outcomes: list[Outcome]) -> None:
    documents = sum(outcome.documents for outcome in outcomes)
    autonomous = sum(outcome.autonomous for outcome in outcomes)
    assert documents > 100 * len(SEEDS)
    assert documents // 4 < autonomous < 3 * documents // 4, "neither link nor trouble has the upper hand"


def test_the_same_seed_does_the_same_again(outcomes: list[Outcome]) -> None:
    for seed in (3, 7):
        again, story = run_world(seed, protocol="kz")
        assert again == outcomes[seed]
        assert story == run_world(seed, protocol="kz")[1]
    assert len({outcome.digest for outcome in outcomes}) == len(SEEDS)


def _found() -> str:
    for seed in SEEDS:
        outcome = run_seed(seed, protocol="kz")
        if not outcome.is_clean:
            return outcome.report()
    return ""


def test_a_register_that_gives_a_repeat_another_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def sending(self: Book, document: int) -> Book:
        number = number_after(self.number)
        return replace(self, number=number, document=document, document_number=number)

    monkeypatch.setattr(Book, "sending", sending)
    assert "--protocol kz" in _found()


def test_a_register_that_forgets_its_token_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    accepted = Book.accepted

    def forgetting(self: Book, document: int, token: int | None, following: int | None) -> Book:
        return replace(accepted(self, document, token, following), token=self.token)

    monkeypatch.setattr(Book, "accepted", forgetting)
    assert _found()


def test_an_operator_that_counts_a_repeat_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def counting(*asked: int) -> Verdict:
        verdict = judge(*asked)  # type: ignore[arg-type]
        return Verdict.NEW if verdict is Verdict.REPLAY else verdict

    monkeypatch.setattr(kz, "judge", counting)
    assert _found()
