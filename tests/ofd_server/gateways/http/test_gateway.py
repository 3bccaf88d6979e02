"""Connections and requests, whatever address they are for: limits, strangers, and what is no HTTP."""

import asyncio
import gzip
import re
from types import SimpleNamespace
from typing import Any

import pytest

from ofd_server.gateways.http import gateway
from ofd_server.gateways.http.gateway import _name_in, bearer
from tests.ofd_server.site import Site


def request(method=b"GET", path=b"/healthz", *headers: bytes, body=b""):
    lines = (b"%s %s HTTP/1.1" % (method, path), b"Host: localhost", b"Connection: close", *headers, b"", body)
    return b"\r\n".join(lines)


# --------------------------------------------------------------------------------------------------- what is no HTTP


@pytest.mark.parametrize(
    "data",
    [
        b"GARBAGE\r\n\r\n",
        b"MOFD\x01\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: many\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nLong: %s\r\n\r\n" % (b"x" * 20_000),
        b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (b"x" * 20_000),
        b"GET / HTTP/1.1\r\nHost: localhost\r\n%s\r\n" % b"".join(b"H%d: x\r\n" % n for n in range(200)),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
    ids=lambda data: data[:24].decode("latin-1"),
)
async def test_what_is_no_http_gets_a_typed_answer_and_the_end(data, capsys):
    async with Site() as site:
        came = await site.raw(data)
        assert came.startswith((b"HTTP/1.1 400 ", b"HTTP/1.0 400 "))
        assert b'{"error":{"code":"bad_http"' in came
        assert (await site.get("/healthz")).status == 200
    assert "Traceback" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    "data", [b"", b"GET / HT", request()[:-2], request(b"POST", b"/api/v1/registers", b"Content-Length: 9")]
)
async def test_half_a_request_disturbs_nobody(data):
    async with Site() as site:
        _, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(data)
        await writer.drain()
        assert (await site.get("/healthz")).status == 200
        writer.close()
        await writer.wait_closed()
        assert (await site.get("/healthz")).status == 200


async def test_a_header_that_never_ends_is_given_up(monkeypatch):
    monkeypatch.setattr(gateway, "IDLE_S", 0.2)
    async with Site() as site:
        assert await site.raw(b"GET / HTTP/1.1\r\nHost: local") == b""


async def test_a_body_that_never_comes_is_given_up(monkeypatch):
    monkeypatch.setattr(gateway, "BODY_S", 0.1)
    monkeypatch.setattr(gateway, "LINGER_S", 0.1)
    async with Site() as site:
        start = request(b"POST", b"/api/v1/registers", b"Content-Type: application/json", b"Content-Length: 99")
        came = await site.raw(start)
        assert came.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"body_timeout"' in came


async def test_a_client_that_leaves_in_the_middle_of_its_body(capsys):
    async with Site() as site:
        await site.raw(request(b"POST", b"/api/v1/registers", b"Content-Length: 99", body=b"{"), close=True)
        assert (await site.get("/api/v1/registers")).json["items"] == []
    assert "Traceback" not in "".join(capsys.readouterr())


# ----------------------------------------------------------------------------------------------------------- limits


async def test_one_connection_too_many_is_closed_and_the_others_go_on():
    async with Site(http_connections=1) as site:
        assert (await site.get("/healthz")).status == 200  # its connection is kept open
        assert await site.raw(request()) == b""
        assert (await site.get("/healthz")).status == 200


async def test_a_body_over_the_limit_is_refused_and_the_connection_ends():
    async with Site(http_body_max=1024) as site:
        body = b"x" * 5_000
        headers = (b"Content-Type: application/json", b"Content-Length: %d" % len(body))
        came = await site.raw(request(b"POST", b"/api/v1/registers", *headers, body=body))
        assert came.startswith(b"HTTP/1.1 413 ")
        assert b'"code":"too_large"' in came


async def test_a_compressed_body_is_not_unpacked():
    async with Site() as site:
        bomb = gzip.compress(b"0" * 1_000_000)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        reply = await site.post("/api/v1/registers", data=bomb, headers=headers)
        assert (reply.status, reply.error["field"]) == (415, "content-encoding")


async def test_who_asks_before_sending_is_told_to_go_on():
    async with Site() as site:
        body = b'{"id":"new"}'
        headers = (
            b"Content-Type: application/json",
            b"Content-Length: %d" % len(body),
            b"Expect: 100-continue",
        )
        came = await site.raw(request(b"POST", b"/api/v1/registers", *headers), body)
        assert came.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 ")
        headers = (*headers[:2], b"Expect: a miracle")
        came = await site.raw(request(b"POST", b"/api/v1/registers", *headers, body=body))
        assert came.startswith(b"HTTP/1.1 417 ")


# -------------------------------------------------------------------------------------------------------- addresses


@pytest.mark.parametrize("path", ["/nothing", "/api/v1", "/api/v1/", "/api/v2/registers", "/healthz/", "//", "/r/r"])
async def test_an_address_of_nothing(path):
    async with Site() as site:
        reply = await site.get(path)
        assert (reply.status, reply.error["code"]) == (404, "not_found")


async def test_a_method_that_is_not_served_names_those_that_are():
    async with Site() as site:
        reply = await site.ask("PATCH", "/api/v1/registers")
        assert (reply.status, reply.error["code"]) == (405, "method_not_allowed")
        assert reply.headers["Allow"] == "GET, HEAD, POST"


async def test_head_is_get_without_a_body():
    async with Site() as site:
        head = await site.ask("HEAD", "/healthz")
        get = await site.get("/healthz")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


async def test_an_address_that_is_no_utf8():
    async with Site() as site:
        came = await site.raw(request(b"GET", b"/api/v1/registers/%ff%fe"))
        assert came.startswith(b"HTTP/1.1 400 ")


async def test_every_answer_forbids_guessing_and_keeping():
    async with Site() as site:
        for path in ("/healthz", "/nothing", "/addresses", "/metrics"):
            headers = (await site.get(path)).headers
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-store"
            assert headers["Server"] == "mock-ofd"


# -------------------------------------------------------------------------------------------------------- strangers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("shop.localhost", 200),
        ("127.0.0.1", 200),
        ("127.1.2.3:1", 200),
        ("[::1]:8080", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("192.168.0.1", 421),
        ("[::1", 421),
        ("ofd.shop.kz", 200),
    ],
)
async def test_on_the_loopback_only_known_names_are_answered_to(host, status):
    async with Site(hosts=["ofd.shop.kz"]) as site:
        came = await site.raw(request().replace(b"Host: localhost", b"Host: " + host.encode()))
        assert came.startswith(b"HTTP/1.1 %d " % status)


async def test_a_request_without_a_name_comes_from_no_browser():
    async with Site() as site:
        assert (await site.raw(b"GET /healthz HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.0 200 ")


async def test_listening_for_everybody_every_name_is_answered_to():
    async with Site(http="0.0.0.0:0", api_token="12345678") as site:
        came = await site.raw(request().replace(b"Host: localhost", b"Host: ofd.example"))
        assert came.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("origin", "status"), [("https://evil.example", 403), ("null", 403), ("http://localhost:1", 403), (None, 200)]
)
async def test_a_page_of_another_site_changes_nothing(origin, status):
    async with Site() as site:
        await site.registered()
        headers = {} if origin is None else {"Origin": origin}
        assert (await site.post("/api/v1/registers/kkm-1/unpaid", headers=headers)).status == status
        assert (await site.get("/api/v1/registers", headers=headers)).status == 200


async def test_a_page_of_ours_may_change_things():
    async with Site() as site:
        await site.registered()
        assert (await site.post("/api/v1/registers/kkm-1/unpaid", headers={"Origin": site.url})).status == 200


async def test_what_a_connection_remembers_of_a_request_is_true_of_the_same_request_only():
    ping, long = b"/api/v1/ping", b"/api/v1/registers/%s/information" % (b"%41" * 64 + b"%42" * 64)
    asked: list[tuple[bytes, bytes, bytes, tuple[bytes, ...]]] = [
        (b"200", b"GET", ping, ()),
        (b"200", b"GET", ping, ()),
        (b"421", b"GET", ping, (b"Host: evil.example",)),
        (b"200", b"POST", ping, (b"Origin: http://localhost",)),
        (b"403", b"POST", ping, (b"Origin: http://evil.example",)),
        (b"405", b"PUT", ping, ()),
        (b"400", b"GET", ping + b"?who=me", ()),
        (b"404", b"GET", b"/api/v1/registers/a/information", ()),
        (b"404", b"GET", b"/api/v1/registers/b/information", ()),
        (b"400", b"GET", long, ()),
        (b"400", b"GET", long, ()),
        (b"200", b"GET", b"/healthz", ()),
        (b"200", b"GET", ping, ()),
    ]
    async with Site() as site:
        data = b""
        for _, method, path, headers in asked:
            host = () if any(header.startswith(b"Host") for header in headers) else (b"Host: localhost",)
            data += b"\r\n".join((b"%s %s HTTP/1.1" % (method, path), *host, *headers, b"", b""))
        came = await site.raw(data + request())
    assert re.findall(rb"HTTP/1.1 (\d+) ", came) == [*(status for status, *_ in asked), b"200"]


async def test_a_strange_expectation_is_refused_although_the_body_is_there():
    async with Site() as site:
        data = request(b"POST", b"/api/v1/registers", b"Expect: miracles", b"Content-Length: 2", body=b"{}")
        assert (await site.raw(data)).startswith(b"HTTP/1.1 417 ")


async def test_the_api_token_is_demanded_of_who_changes_things():
    async with Site(api_token="a-long-secret") as site:
        assert (await site.get("/api/v1/registers")).status == 200
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic a-long-secret"}):
            reply = await site.post("/api/v1/registers", json={"id": "new"}, headers=headers)
            assert (reply.status, reply.headers["WWW-Authenticate"]) == (401, "Bearer")
            assert reply.error["code"] == "unauthorized"
        headers = {"Authorization": "bearer a-long-secret"}
        assert (await site.post("/api/v1/registers", json={"id": "new"}, headers=headers)).status == 201
        # A register has its own token and needs no other.
        await site.registered("kkm-1")
        await site.sold()


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer x", "x"), ("bearer  x ", "x"), ("Bearer", None), ("Bearer ", None), ("Basic x", None), ("", None)],
)
def test_the_token_of_a_header(header, token):
    request: Any = SimpleNamespace(headers={"Authorization": header})
    assert bearer(request) == token


@pytest.mark.parametrize(("host", "name"), [("A.b:1", "a.b"), ("[::1]:1", "::1"), ("", ""), ("[", ""), ("x@y", "y")])
def test_the_name_in_a_host(host, name):
    assert _name_in(host) == name


# ----------------------------------------------------------------------------------------------------------- defects


async def test_a_defect_of_ours_is_logged_and_told_without_its_traceback(capsys):
    async with Site() as site:
        site.ofd.journal.registers = None
        reply = await site.get("/api/v1/registers")
        assert (reply.status, reply.error["code"]) == (500, "internal")
        assert b"NoneType" not in reply.body
        assert (await site.get("/healthz")).status == 200
    assert "a request failed" in "".join(capsys.readouterr())


async def test_stopping_lets_a_request_end():
    site = Site()
    async with site:
        await site.registered()
        service = site.ofd.service
        may_go = asyncio.Event()
        commit = site.ofd.journal.commit

        async def slow(*given):
            await may_go.wait()
            return await commit(*given)

        site.ofd.journal.commit = slow
        asked = asyncio.create_task(site.sold())
        await asyncio.sleep(0.05)
        stopping = asyncio.create_task(site.ofd.stop())
        await asyncio.sleep(0.05)
        may_go.set()
        assert (await asked)["number"] == 1
        await stopping
        assert service.broken is None
