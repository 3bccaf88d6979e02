"""Bytecode is kept where nothing was to be, and nowhere else."""

import os
import sys

import pytest

from tests import bytecode


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(bytecode, "FOLDER", tmp_path / "bytecode")
    return str(tmp_path / "bytecode")


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    monkeypatch.delenv(bytecode.KEPT_IN, raising=False)
    monkeypatch.setenv(bytecode.NONE_KEPT, "1")


def test_where_nothing_was_to_be_kept_it_is_kept_in_the_cache(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    bytecode.keep()
    assert (sys.dont_write_bytecode, sys.pycache_prefix) == (False, folder)
    assert bytecode.NONE_KEPT not in os.environ
    assert os.environ[bytecode.KEPT_IN] == folder
    assert bytecode.variables() == {bytecode.KEPT_IN: folder}


def test_where_it_is_kept_beside_the_sources_it_stays(folder):
    bytecode.keep()
    assert (sys.dont_write_bytecode, sys.pycache_prefix) == (False, None)
    assert bytecode.KEPT_IN not in os.environ
    assert bytecode.variables() == {bytecode.NONE_KEPT: "1"}
