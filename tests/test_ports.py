"""A port is nobody else's: not given twice, not one that the system gives, not one that is in use."""

import socket

import pytest

from tests import ports
from tests.ports import FIRST, ROOM, ROOMS, free_port, room_of

GIVEN_BY_LINUX = 32_768


def test_no_port_comes_twice_or_out_of_what_the_system_gives():
    got = [free_port() for _ in range(20)]
    assert len(set(got)) == 20
    assert all(FIRST <= port < GIVEN_BY_LINUX for port in got)


def test_processes_of_a_run_do_not_share(monkeypatch):
    rooms = [room_of(f"gw{number}") for number in range(ROOMS)]
    assert sorted(set(rooms)) == rooms
    assert rooms[-1] + ROOM <= GIVEN_BY_LINUX
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw3")
    assert room_of("gw3") <= free_port() < room_of("gw4")
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    assert room_of("gw0") <= free_port() < room_of("gw1")


def test_a_port_in_use_is_passed_over(monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_taken", iter([port, port + 1, port + 2, port + 3]))
        assert port < free_port() <= port + 3


def test_there_may_be_none(monkeypatch):
    with socket.create_server(("127.0.0.1", free_port())) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setattr(ports, "_taken", iter([port] * ROOM))
        with pytest.raises(RuntimeError, match="is free"):
            free_port()
