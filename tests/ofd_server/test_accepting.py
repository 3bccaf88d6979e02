"""Who has knocked is let in: how many turns of the loop it takes, and what is left when the door is closed."""

import asyncio
import errno
import gc
import os
import socket
import ssl
import warnings
from contextlib import suppress
from typing import ClassVar

import pytest
import structlog

from ofd_server import accepting
from ofd_server.accepting import ACCEPTS_MAX, listen

uvloop = pytest.importorskip("uvloop")
LOOPS = {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}
CROWD = 300
TURNS_MAX = 2_000
WAIT_S = 20.0


class Guest(asyncio.Protocol):
    """Counts itself, and says back what it hears."""

    came: ClassVar[list["Guest"]] = []
    is_home: ClassVar[bool] = True

    def connection_made(self, transport):
        self.transport = transport
        self.came.append(self)
        if not self.is_home:
            transport.abort()

    def data_received(self, data):
        self.transport.write(data)


@pytest.fixture(autouse=True)
def nobody():
    Guest.came = []
    Guest.is_home = True


def knock(port):
    """A connection that is being made; the kernel makes it whoever takes it."""
    made = socket.socket()
    made.setblocking(False)
    made.connect_ex(("127.0.0.1", port))
    return made


async def until(done):
    turns = 0
    while not done():
        assert turns < TURNS_MAX
        await asyncio.sleep(0)
        turns += 1
    return turns


def without_readers(_):
    raise NotImplementedError


def run(loop, coroutine):
    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(asyncio.wait_for(coroutine, WAIT_S))


@pytest.mark.parametrize("loop", LOOPS)
def test_a_crowd_is_let_in_within_a_few_turns(loop):
    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        crowd = [knock(listener.sockets[0].getsockname()[1]) for _ in range(CROWD)]
        turns = await until(lambda: len(Guest.came) == CROWD)
        listener.close()
        for each in crowd:
            each.close()
        for guest in Guest.came:
            guest.transport.abort()
        return turns

    assert run(loop, play()) < 10 * (CROWD // ACCEPTS_MAX + 1) < CROWD // 5


@pytest.mark.parametrize("loop", LOOPS)
def test_everybody_is_heard(loop):
    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        assert listener.is_serving()
        port = listener.sockets[0].getsockname()[1]
        links = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(50)))
        for number, (_, writer) in enumerate(links):
            writer.write(b"%03d" % number)
        heard = [await reader.readexactly(3) for reader, _ in links]
        names = {guest.transport.get_extra_info("peername") for guest in Guest.came}
        assert names == {writer.get_extra_info("sockname") for _, writer in links}
        taken = [guest.transport.get_extra_info("socket") for guest in Guest.came]
        assert all(each.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for each in taken)
        listener.close()
        for _, writer in links:
            writer.close()
            await writer.wait_closed()
        return heard

    assert run(loop, play()) == [b"%03d" % number for number in range(50)]


@pytest.mark.parametrize("loop", LOOPS)
def test_behind_a_closed_door_nobody_waits(loop):
    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        port = listener.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: Guest.came)
        listener.close()
        assert not listener.is_serving()
        await asyncio.sleep(0.05)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"still here")
        assert await reader.readexactly(10) == b"still here"
        writer.close()
        await writer.wait_closed()
        listener.close()

    run(loop, play())


def test_who_comes_and_goes_is_no_trouble():
    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        crowd = [knock(listener.sockets[0].getsockname()[1]) for _ in range(CROWD)]
        for each in crowd:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            each.close()
        await asyncio.sleep(0.1)
        listener.close()
        await until(lambda: not listener._arriving)

    run("uvloop", play())


def test_who_does_not_speak_tls_is_let_go():
    async def play():
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        listener = await listen(Guest, context, host="127.0.0.1", port=0, backlog=1_024)
        port = listener.sockets[0].getsockname()[1]
        links = await asyncio.gather(*(asyncio.open_connection("127.0.0.1", port) for _ in range(20)))
        for _, writer in links:
            writer.write(b"MOFD in the clear, which is no handshake")
        for reader, writer in links:
            with suppress(ConnectionError):
                await reader.read()
            writer.close()
        await until(lambda: not listener._arriving)
        listener.close()

    run("uvloop", play())
    assert Guest.came == []


def test_a_socket_that_is_bound_already():
    async def play():
        taken = socket.create_server(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        listener = await listen(Guest, None, sock=taken, backlog=1_024)
        crowd = [knock(port) for _ in range(20)]
        await until(lambda: len(Guest.came) == 20)
        listener.close()
        for each in crowd:
            each.close()
        for guest in Guest.came:
            guest.transport.abort()

    run("uvloop", play())


@pytest.mark.parametrize("loop", LOOPS)
def test_an_address_that_cannot_be_had(loop):
    async def play():
        with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
            await listen(Guest, None, host="127.0.0.1", port=taken.getsockname()[1], backlog=1)

    run(loop, play())


def test_before_it_is_open_it_serves_nobody():
    async def play():
        listener = accepting.Listener(Guest, None)
        assert (listener.is_serving(), listener.sockets) == (False, ())
        listener.close()

    run("uvloop", play())


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("turns", range(7))
def test_who_was_taken_when_the_door_closes_is_let_in_or_sent_away(loop, turns):
    """Whatever is the turn: the other side has a connection that somebody has, or one that ends."""

    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        with socket.create_connection(listener.sockets[0].getsockname()) as client:
            client.setblocking(False)
            for _ in range(turns):
                await asyncio.sleep(0)
            listener.close()
            await until(lambda: not listener._arriving)
            heard = b""
            with suppress(ConnectionError):
                client.send(b"here")
                heard = await asyncio.get_running_loop().sock_recv(client, 10)
            assert (heard == b"here") is bool(Guest.came)
        for guest in Guest.came:
            guest.transport.abort()
        await asyncio.sleep(0.01)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run(loop, play())
        gc.collect()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("turns", range(4))
def test_a_loop_that_ends_takes_everybody_with_it(loop, turns):
    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        client = socket.create_connection(listener.sockets[0].getsockname())
        for _ in range(turns):
            await asyncio.sleep(0)
        listener.close()
        Guest.is_home = False
        for guest in Guest.came:
            guest.transport.abort()
        return client

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        client = run(loop, play())
        Guest.came.clear()
        gc.collect()
    client.settimeout(WAIT_S)
    with client, suppress(ConnectionError):
        assert client.recv(1) == b""
    assert not [each for each in told if "socket.socket" in str(each.message)]


@pytest.mark.parametrize("loop", LOOPS)
def test_without_files_it_rests_and_nobody_is_lost(loop, monkeypatch):
    resource = pytest.importorskip("resource")
    monkeypatch.setattr(accepting, "REST_S", 0.05)

    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        port = listener.sockets[0].getsockname()[1]
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        crowd = [knock(port) for _ in range(20)]
        with structlog.testing.capture_logs() as lines:
            next_file = os.dup(0)
            os.close(next_file)
            resource.setrlimit(resource.RLIMIT_NOFILE, (next_file, before[1]))
            try:
                await asyncio.sleep(0.12)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, before)
            assert Guest.came == []
            assert 1 <= len(lines) <= 4
            assert lines[0]["event"] == "connections cannot be taken"
        await asyncio.sleep(0.1)
        assert len(Guest.came) == 20
        listener.close()
        for each in crowd:
            each.close()
        for guest in Guest.came:
            guest.transport.abort()

    run(loop, play())


def test_a_loop_without_readers_takes_them_its_own_way(monkeypatch):
    """Windows' own loop has none."""

    async def play():
        loop = asyncio.get_running_loop()
        monkeypatch.setattr(loop, "remove_reader", without_readers)
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        monkeypatch.undo()
        assert listener.is_serving()
        reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        writer.close()
        await writer.wait_closed()
        listener.close()
        assert not listener.is_serving()

    run("asyncio", play())


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("end", ["the door closes", "the loop ends"])
def test_who_was_taken_and_not_let_in_yet_is_sent_away(loop, end):
    async def play():
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        with socket.create_connection(listener.sockets[0].getsockname()) as client:
            listener._take(listener._doors[0])
            (arriving,) = listener._arriving
            if end == "the loop ends":
                arriving.cancel()
            else:
                listener.close()
            await until(lambda: not listener._arriving)
            del arriving
            listener.close()
            client.settimeout(WAIT_S)
            assert client.recv(1) == b""

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        run(loop, play())
        gc.collect()
    assert Guest.came == []
    assert not [each for each in told if "socket.socket" in str(each.message)]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_door_that_closes_while_it_rests_is_not_looked_at_again(loop, monkeypatch):
    monkeypatch.setattr(accepting, "REST_S", 0.02)
    told = []

    class Full(socket.socket):
        """A door behind which there is no room."""

        def accept(self):
            raise OSError(errno.EMFILE, "Too many open files")

    async def play():
        running = asyncio.get_running_loop()
        running.set_exception_handler(lambda _loop, context: told.append(context))
        listener = await listen(Guest, None, host="127.0.0.1", port=0, backlog=1_024)
        door = Full()
        listener._doors.append(door)
        listener._take(door)
        listener.close()
        await asyncio.sleep(0.06)

    run(loop, play())
    assert told == []
