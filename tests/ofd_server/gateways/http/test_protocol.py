"""Registers over HTTP: the same lanes as over TCP, and what is different without a connection."""

import asyncio
import json
import struct

import msgpack
import pytest

from fiscal.domain.document import Delivery
from fiscal.domain.messages import AskInformation, Hello, Information, Ping, RefusalCode, Refused
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.rest.codec import MediaType, parse_answer, serialize_request
from fiscal.time import HOUR, MINUTE
from tests.documents import T0, receipt
from tests.ofd_server.site import PROFILE, TOKEN, Site, sale

AUTONOMOUS = Delivery(autonomous=True, autonomous_sign=77, period=1)


async def test_a_day_over_http():
    async with Site() as site:
        till = await site.registered()
        first = await site.sold()
        second = await site.sold()
        assert (first["number"], second["number"]) == (1, 2)
        assert first["sign"] != second["sign"]

        z_report = await site.submit("kkm-1", till.z_report())
        assert z_report.status == 200
        assert "sign" not in z_report.json

        information = await site.get(
            "/api/v1/registers/kkm-1/information", headers={"Authorization": f"Bearer {TOKEN}"}
        )
        assert information.json["last_number"] == 3
        assert information.json["counters"] == dict(till.shift.counters)
        assert (await site.get("/api/v1/registers/kkm-1")).json["shift"]["open"] is False


async def test_a_document_sent_again_gets_the_same_sign_in_either_form():
    async with Site() as site:
        await site.registered()
        first = await site.sold()
        again = await site.submit("kkm-1", receipt())
        packed = await site.submit("kkm-1", receipt(), form=MediaType.MSGPACK)
        assert again.json == first
        assert packed.headers["Content-Type"] == "application/msgpack"
        assert msgpack.unpackb(packed.body) == first


@pytest.mark.requirement("S3-25")
async def test_each_document_of_a_period_gets_its_own_valid_sign():
    async with Site() as site:
        await site.registered()
        signs = []
        for number in (1, 2, 3):
            delivery = Delivery(autonomous=True, autonomous_sign=number, period=1)
            signs.append((await site.sold(delivery=delivery))["sign"])
        assert len(set(signs)) == 3
        listed = (await site.get("/api/v1/documents?autonomous=true&after=0")).json["items"]
        assert [(row["sign"], row["autonomous_sign"]) for row in listed] == list(zip(signs, (1, 2, 3), strict=True))


@pytest.mark.requirement("S3-23")
async def test_a_period_is_recorded_and_shown():
    async with Site() as site:
        await site.registered()
        period = {"number": 1, "begin": T0 - 5 * MINUTE, "end": T0, "reason": "no_connection"}
        noted = await site.command("kkm-1", "offline-periods", json.dumps(period).encode())
        assert noted.json == {"result": "noted", "at": T0}
        shown = (await site.get("/api/v1/registers/kkm-1")).json["periods"]
        assert shown == [{**period, "duration_ms": 5 * MINUTE}]


async def test_a_status_report_is_shown_as_last_reported():
    async with Site() as site:
        await site.registered()
        report = {"unsent": 3, "mode": "autonomous", "oldest_unsent_at": T0, "stuck": "the drawer is open"}
        report |= {"since": T0 - 5, "head": 7, "last_error": "nobody is there"}
        report |= {"stuck_code": "drawer:open", "last_error_code": "connection_refused"}
        assert (await site.command("kkm-1", "status", json.dumps(report).encode())).status == 200
        shown = (await site.get("/api/v1/registers/kkm-1")).json
        assert shown["reported"] == {**report, "at": T0}
        assert [reason["code"] for reason in shown["stuck"]] == ["reported", "unsent"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_ping_is_answered_to_anybody(method):
    async with Site() as site:
        reply = await site.ask(method, "/api/v1/ping")
        assert reply.json == {"result": "noted", "at": T0}
        packed = await site.ask(method, "/api/v1/ping", headers={"Accept": "application/msgpack"})
        assert msgpack.unpackb(packed.body) == reply.json


async def test_information_in_the_form_that_is_accepted():
    async with Site() as site:
        await site.registered()
        headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/msgpack"}
        reply = await site.get("/api/v1/registers/kkm-1/information", headers=headers)
        answer = parse_answer(reply.body, reply.headers["Content-Type"])
        assert isinstance(answer, Information)
        assert answer.profile == PROFILE


# ------------------------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("number", "given", "status", "code"),
    [
        (4, {}, 409, "number_gap"),
        (1, {"id": bytes(16)}, 409, "number_taken"),
        (1, {"total": 1, "payments": ()}, 409, "conflict"),
        (2, {"id": bytes(16)}, 409, "id_order"),
        (2, {"total": 1}, 422, "bad_totals"),
        (2, {"issued_at": T0 + 6 * MINUTE}, 422, "clock_ahead"),
        (2, {"issued_at": T0 - 97 * HOUR}, 422, "too_old"),
        (2, {"shift": 7}, 422, "wrong_shift"),
    ],
)
async def test_a_refusal_has_the_status_of_its_kind(number, given, status, code):
    async with Site() as site:
        await site.registered()
        await site.sold()
        reply = await site.submit("kkm-1", receipt(number, **given))
        assert (reply.status, reply.json["result"], reply.json["code"]) == (status, "refused", code)
        if code.startswith("number"):
            assert reply.json["expected"] == 2


async def test_a_wrong_token_and_none_are_not_told_apart():
    async with Site() as site:
        await site.registered()
        wrong = await site.command("kkm-1", "documents", sale(), token="wrong")
        none = await site.command("kkm-1", "documents", sale(), token=None)
        assert wrong.status == none.status == 401
        assert wrong.body == none.body
        assert wrong.headers["WWW-Authenticate"] == "Bearer"
        assert wrong.json["code"] == "wrong_token"
        assert (await site.get("/api/v1/documents")).json["items"] == []


async def test_hello_with_a_wrong_token():
    async with Site() as site:
        await site.registered()
        assert (await site.hello(token="wrong")).status == 401
        # A header that says something else than the body is a mistake, whichever of them is right.
        body = serialize_request(Hello(register="kkm-1", token=TOKEN, software="x"), MediaType.JSON)
        assert (await site.command("kkm-1", "hello", body, token="wrong")).status == 401


async def test_hello_of_one_register_at_the_address_of_another():
    async with Site() as site:
        body = serialize_request(Hello(register="kkm-1", token=TOKEN, software="x"), MediaType.JSON)
        reply = await site.command("kkm-2", "hello", body)
        assert (reply.status, reply.json["field"]) == (400, "register")
        assert (await site.get("/api/v1/registers")).json["items"] == []


async def test_an_unknown_register_says_hello_first():
    async with Site() as site:
        reply = await site.command("kkm-1", "documents", sale())
        assert (reply.status, reply.json["code"]) == (404, "unknown_register")


async def test_strict_mode_refuses_whom_nobody_added():
    async with Site(strict=True) as site:
        assert (await site.hello()).status == 404
        added = await site.post("/api/v1/registers", json={"id": "kkm-1", "token": TOKEN})
        assert added.status == 201
        assert (await site.hello()).status == 200


async def test_a_removed_register_is_unknown():
    async with Site() as site:
        await site.registered()
        await site.ask("DELETE", "/api/v1/registers/kkm-1")
        assert (await site.command("kkm-1", "documents", sale())).status == 404
        assert (await site.hello()).status == 404


async def test_a_blocked_register_is_told_so():
    async with Site() as site:
        await site.registered()
        await site.post("/api/v1/registers/kkm-1/block", json={"reason": "stolen"})
        reply = await site.submit("kkm-1", receipt())
        assert (reply.status, reply.json) == (423, {"result": "blocked", "reason": "stolen"})


# --------------------------------------------------------------------------------------------- no answer, and later


@pytest.mark.requirement("S3-02")
async def test_an_unpaid_register_gets_no_answer_and_its_connection_is_closed():
    async with Site(silence_max=1.0) as site:
        await site.registered()
        await site.post("/api/v1/registers/kkm-1/unpaid")
        body = sale()
        request = (
            b"POST /api/v1/registers/kkm-1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Authorization: Bearer %s\r\nContent-Length: %d\r\n\r\n%s" % (TOKEN.encode(), len(body), body)
        )
        assert await site.raw(request) == b""
        assert (await site.get("/api/v1/documents")).json["items"] == []

        await site.post("/api/v1/registers/kkm-1/paid")
        assert (await site.submit("kkm-1", receipt())).status == 200


async def test_a_held_request_ends_with_its_client_and_with_the_server():
    async with Site(silence_max=3600) as site:
        await site.registered()
        await site.post("/api/v1/registers/kkm-1/unpaid")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await site.submit("kkm-1", receipt())
        held = asyncio.create_task(site.submit("kkm-1", receipt()))
        await asyncio.sleep(0.05)
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the client's library calls a closed connection
        await held


async def test_try_later_tells_when():
    async with Site() as site:
        await site.registered()
        await site.ofd.service.drain()
        reply = await site.submit("kkm-1", receipt())
        delay_ms = reply.json["delay_ms"]
        assert reply.json == {"result": "try_later", "delay_ms": delay_ms}
        assert delay_ms >= 1_000
        assert (reply.status, reply.headers["Retry-After"]) == (503, str(-(-delay_ms // 1_000)))


# --------------------------------------------------------------------------------------- beside a native session


class NativeRegister:
    """A register on the native protocol, as bytes."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.number = reader, writer, 0

    @classmethod
    async def connect(cls, site):
        host, _, port = site.ofd.native_address.rpartition(":")
        return cls(*await asyncio.open_connection(host, int(port)))

    async def ask(self, request):
        self.number += 1
        self.writer.write(NATIVE.serialize(request, self.number))
        header = NATIVE.parse_header(await self.reader.readexactly(NATIVE.header_size))
        return NATIVE.parse(header, await self.reader.readexactly(header.body_size))

    def close(self):
        self.writer.close()


async def test_a_request_over_http_does_not_end_a_native_session():
    async with Site() as site:
        native = await NativeRegister.connect(site)
        await native.ask(Hello(register="kkm-1", token=TOKEN, software="x"))
        assert (await site.submit("kkm-1", receipt(1))).status == 200
        information = await native.ask(AskInformation())
        assert information.last_number == 1
        assert (await site.get("/api/v1/registers/kkm-1")).json["connected"] is True
        native.close()


async def test_hello_over_http_is_the_newest_session_and_ends_a_native_one():
    async with Site() as site:
        native = await NativeRegister.connect(site)
        await native.ask(Hello(register="kkm-1", token=TOKEN, software="x"))
        assert (await site.hello()).status == 200
        assert await native.reader.read() == b""
        # It lasts as long as its request: nobody is connected now.
        assert (await site.get("/api/v1/registers/kkm-1")).json["connected"] is False
        native.close()


async def test_a_wrong_token_over_http_ends_nothing():
    async with Site() as site:
        native = await NativeRegister.connect(site)
        await native.ask(Hello(register="kkm-1", token=TOKEN, software="x"))
        assert (await site.hello(token="wrong")).status == 401
        assert (await native.ask(Ping())).at == T0
        native.close()


async def test_a_newer_session_answers_a_hello_that_waits():
    async with Site() as site:
        journal = site.ofd.journal
        may_load = asyncio.Event()
        load = journal.load

        async def slow(register_id):
            await may_load.wait()
            return await load(register_id)

        journal.load = slow
        first = asyncio.create_task(site.hello())
        await asyncio.sleep(0.05)
        second = asyncio.create_task(site.hello())
        await asyncio.sleep(0.05)
        may_load.set()
        answers = [(await first).json, (await second).json]
        assert answers[1]["result"] == "welcome"
        assert answers[0].get("code") in (None, RefusalCode.SUPERSEDED)


# ------------------------------------------------------------------------------------------------------ bad input


def _packed(value):
    return msgpack.packb(value)


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"{", "application/json", 400, "bad_request"),
        (b"[]", "application/json", 400, "bad_request"),
        (b"\xff\xfe", "application/json", 400, "bad_request"),
        (b'{"content": {"kind": "receipt", "kind": "receipt"}}', "application/json", 400, "bad_request"),
        (b'{"content": {"kind": "nonsense"}}', "application/json", 400, "bad_request"),
        (b'{"content": NaN}', "application/json", 400, "bad_request"),
        (b"[" * 100_000, "application/json", 400, "bad_request"),
        (b"{}", "application/json", 400, "bad_request"),
        (sale().replace(b'"total":10000', b'"total":-1'), "application/json", 400, "bad_request"),
        (sale().replace(b'"total":10000', b'"total":100.5'), "application/json", 400, "bad_request"),
        (sale().replace(b'"total":10000', b'"total":%d' % 2**70), "application/json", 400, "bad_request"),
        (sale(), "text/plain", 415, "bad_request"),
        (b"\xc1", "application/msgpack", 400, "bad_request"),
        (_packed([1]), "application/msgpack", 400, "bad_request"),
        (_packed({"content": "text"}), "application/msgpack", 400, "bad_request"),
        (_packed({"content": b"\x80"}), "application/msgpack", 400, "bad_request"),
        (b"x" * 2_000_000, "application/json", 413, "too_large"),
    ],
    ids=lambda value: value[:40].hex() if isinstance(value, bytes) else str(value),
)
async def test_a_body_that_is_none_is_refused_in_the_form_of_an_answer(body, media, status, code, capsys):
    async with Site() as site:
        await site.registered()
        reply = await site.command("kkm-1", "documents", body, media=media)
        assert reply.status == status
        answer = parse_answer(reply.body, reply.headers["Content-Type"])
        assert isinstance(answer, Refused)
        assert answer.code == code
        assert (await site.submit("kkm-1", receipt())).status == 200
    assert "Traceback" not in "".join(capsys.readouterr())


async def test_a_document_that_announces_more_than_it_has():
    async with Site() as site:
        await site.registered()
        announced = _packed({"content": b"x"})[:-2] + b"\xc6" + struct.pack(">I", 2**31) + b"x"
        reply = await site.command("kkm-1", "documents", announced, media="application/msgpack")
        assert reply.status == 400
