"""What a report tells of the machine: what the system says, and nothing about who works there."""

import os
import platform
import socket
from pathlib import Path

import pytest

from mock_ofd.load import machine


def test_this_machine():
    found = machine.describe()
    assert found.cores is not None
    assert found.cores >= 1
    assert platform.python_version() in found.python
    assert "msgspec" in found.libraries
    assert socket.gethostname() not in repr(found)


def test_what_the_system_does_not_tell_is_not_told(monkeypatch):
    monkeypatch.setattr(Path, "read_text", _nothing)
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(machine, "LIBRARIES", ("no-such-library",))
    found = machine.describe()
    assert (found.cpu, found.memory_mb, found.libraries) == (None, None, {})


def _nothing(*_, **__):
    raise FileNotFoundError


@pytest.mark.parametrize("name", ["sched_getaffinity", "getloadavg"])
def test_another_system(name, monkeypatch):
    monkeypatch.delattr(os, name, raising=False)
    found = machine.describe()
    assert found.load is None or name != "getloadavg"
    assert found.cores is not None
