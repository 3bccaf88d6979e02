"""What the system does not allow is told before anything begins."""

import pytest

from mock_ofd.load.limits import FILES_BESIDE, allow_connections
from mock_ofd.load.result import LoadFailed

resource = pytest.importorskip("resource", reason="there is no such limit on Windows")


@pytest.fixture
def limit(monkeypatch):
    """A system in which 500 files may be open, and nobody may raise that."""
    asked: list[tuple[int, int]] = []

    def refuse(_what: int, wanted: tuple[int, int]) -> None:
        asked.append(wanted)
        if wanted[1] > 500:
            raise ValueError("not allowed")

    monkeypatch.setattr(resource, "getrlimit", lambda _what: (100, 500))
    monkeypatch.setattr(resource, "setrlimit", refuse)
    return asked


def test_the_limit_is_raised_as_far_as_it_is_needed(limit):
    allow_connections(200)
    assert limit == [(200 + FILES_BESIDE, 500)]


def test_what_is_too_much_is_told_with_what_helps(limit):
    with pytest.raises(LoadFailed, match=r"1,000 connections need 1,256 open files.*allows 500.*ulimit"):
        allow_connections(1_000)


def test_what_is_allowed_already_is_left_alone(limit, monkeypatch):
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (2_000, 2_000))
    allow_connections(1_000)
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    allow_connections(10**6)
    assert limit == []
