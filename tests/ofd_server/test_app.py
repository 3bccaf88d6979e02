"""The whole operator: start, stop, and everything that can be wrong at the start."""

import asyncio
import socket
import ssl
import subprocess
from typing import Any

import aiohttp
import pytest

import ofd_server
from fiscal.errors import ConfigurationError, StorageBusy, StorageCorrupt
from ofd_server.app import STOP_S, AddressUnavailable, OfdServer
from ofd_server.config import ServerSettings, settings_of
from ofd_server.ports import JournalBroken
from tests.documents import receipt
from tests.ofd_server.site import PROFILE, Site

FREE: Any = {"http": "127.0.0.1:0", "native": "127.0.0.1:0"}


def test_the_names_of_the_package_are_found_when_they_are_asked_for():
    assert ofd_server.OfdServer is OfdServer
    assert ofd_server.ServerSettings is ServerSettings
    with pytest.raises(AttributeError):
        ofd_server.nothing  # noqa: B018 - the look-up is the test


async def test_the_ready_line_of_a_ledger_in_memory():
    async with OfdServer(**FREE) as ofd:
        line = ofd.ready_line()
        assert line["event"] == "ready"
        assert (line["http"], line["native"]) == (ofd.http_address, ofd.native_address)
        assert (line["durable"], line["storage"], line["data"]) == (False, "memory", None)


async def test_the_ready_line_of_a_ledger_on_disk(tmp_path):
    async with OfdServer(data=tmp_path / "new", native="off", http="127.0.0.1:0") as ofd:
        line = ofd.ready_line()
        assert (line["durable"], line["storage"], line["data"]) == (True, "sqlite", str(tmp_path / "new"))
        assert "native" not in line


async def test_what_was_accepted_is_there_after_a_restart(tmp_path):
    async with Site(data=tmp_path) as site:
        await site.registered()
        answer = await site.sold()
    async with Site(data=tmp_path) as site:
        again = await site.submit("kkm-1", receipt())
        assert (again.json["sign"], again.json["number"]) == (answer["sign"], 1)
        history = (await site.get("/api/v1/registers/kkm-1/documents/1")).json["history"]
        assert {"received", "decided", "committed", "answered"} <= {line["what"] for line in history}


async def test_without_http_nothing_but_the_native_protocol_listens():
    async with OfdServer(http="off", native="127.0.0.1:0") as ofd:
        assert ofd.http_address is None
        assert ofd.service.rules.receipt_url == "http://127.0.0.1:8080/r"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "http://127.0.0.1:{port}/r"),
        ({"http": "0.0.0.0:0", "api_token": "12345678"}, "http://127.0.0.1:{port}/r"),
        ({"receipt_url": "https://ofd.example/check"}, "https://ofd.example/check"),
    ],
)
async def test_where_the_codes_of_receipts_lead(given, url):
    async with OfdServer(**{**FREE, **given}) as ofd:
        port = str(ofd.http_address).rpartition(":")[2]
        assert ofd.service.rules.receipt_url == url.format(port=port)


async def test_settings_reach_the_service():
    given = {"strict": True, "operator_name": "X", "operator_phone": "1702", "answer_timeout": 1.5}
    async with OfdServer(settings_of(**FREE, **given)) as ofd:
        rules = ofd.service.rules
        assert (rules.strict, rules.operator_name, rules.phone) == (True, "X", "1702")
        assert ofd.service.answer_timeout_s == 1.5


def test_settings_or_single_values():
    with pytest.raises(ConfigurationError, match="not both"):
        OfdServer(settings_of(), strict=True)


# ------------------------------------------------------------------------------------------------ wrong at the start


@pytest.mark.parametrize("listener", ["http", "native"])
async def test_an_address_in_use_is_told_and_leaves_nothing_open(listener, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ofd = OfdServer(**{**FREE, "data": tmp_path, listener: address})
        with pytest.raises(AddressUnavailable, match=f"{listener}: {address} cannot be listened on: .*in use"):
            await ofd.start()
    async with OfdServer(**FREE, data=tmp_path):
        pass


async def test_an_address_that_is_not_of_this_machine():
    with pytest.raises(AddressUnavailable, match=r"http: 192\.0\.2\.1:80 cannot be listened on"):
        await OfdServer(http="192.0.2.1:80", native="off").start()


async def test_a_name_that_nobody_knows():
    with pytest.raises(AddressUnavailable, match=r"http: nowhere\.invalid:80 cannot be listened on"):
        await OfdServer(http="nowhere.invalid:80", native="off").start()


async def test_a_folder_that_another_server_holds(tmp_path):
    async with OfdServer(**FREE, data=tmp_path):
        with pytest.raises(StorageBusy):
            await OfdServer(**FREE, data=tmp_path).start()


async def test_a_folder_that_holds_something_else(tmp_path):
    (tmp_path / "ledger.sqlite").write_bytes(b"this is no ledger" * 100)
    with pytest.raises(StorageCorrupt):
        await OfdServer(**FREE, data=tmp_path).start()


async def test_keys_that_are_not_right(tmp_path):
    with pytest.raises(ConfigurationError, match="signing_keys"):
        await OfdServer(**FREE, signing_keys=tmp_path / "nothing").start()


async def test_a_certificate_that_is_none(tmp_path):
    file = tmp_path / "x.pem"
    file.write_text("nothing")
    with pytest.raises(ConfigurationError, match="native_tls_cert, native_tls_key"):
        await OfdServer(**FREE, native_tls_cert=file, native_tls_key=file).start()


# --------------------------------------------------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    try:
        subprocess.run([*command, *names, "-keyout", key, "-out", cert], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no openssl here to make a certificate with")
    return cert, key


async def test_both_listeners_speak_tls(certificate):
    cert, key = certificate
    given = {f"{name}_tls_{part}": path for name in ("http", "native") for part, path in (("cert", cert), ("key", key))}
    async with OfdServer(**FREE, **given) as ofd:
        trusting = ssl.create_default_context(cafile=cert)
        assert ofd.service.rules.receipt_url.startswith("https://127.0.0.1:")
        url = f"https://{ofd.http_address}/healthz"
        async with aiohttp.ClientSession() as session, session.get(url, ssl=trusting) as response:
            assert response.status == 200
        host, _, port = str(ofd.native_address).rpartition(":")
        _, writer = await asyncio.open_connection(host, int(port), ssl=trusting)
        writer.close()
        await writer.wait_closed()


# -------------------------------------------------------------------------------------------------------------- stop


async def test_stopping_twice_and_before_the_start():
    ofd = OfdServer(**FREE)
    await ofd.stop()
    await ofd.start()
    await ofd.stop()
    await ofd.stop()


async def test_a_commit_that_hangs_does_not_hold_the_end(monkeypatch):
    monkeypatch.setattr("ofd_server.app.DRAIN_S", 0.1)
    site = Site()
    async with site:
        await site.registered()

        async def hangs(*_given):
            await asyncio.sleep(3600)

        site.ofd.journal.commit = hangs
        asked = asyncio.create_task(site.submit("kkm-1", receipt()))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(STOP_S):
            await site.ofd.stop()
        assert site.ofd.is_stuck
        asked.cancel()


async def test_a_broken_ledger_is_told_to_whoever_runs_the_server():
    async with Site() as site:
        await site.registered()

        async def broken(*_given):
            raise JournalBroken("fsync failed")

        site.ofd.journal.commit = broken
        waiting = asyncio.create_task(site.ofd.broken())
        await site.submit("kkm-1", receipt())
        async with asyncio.timeout(STOP_S):
            await waiting


async def test_lines_of_history_are_written_although_no_batch_takes_them(monkeypatch, tmp_path):
    monkeypatch.setattr("ofd_server.app.FLUSH_S", 0.02)
    async with Site(data=tmp_path) as site:
        await site.registered()
        await site.sold()
        await site.submit("kkm-1", receipt())
        async with asyncio.timeout(STOP_S):
            while not (await site.ofd.journal.history("kkm-1", 1)).notes:  # noqa: ASYNC110 - nobody tells of a flush
                await asyncio.sleep(0.01)


async def test_a_server_for_other_machines_warns_when_it_has_no_token(capsys):
    async with OfdServer(http="0.0.0.0:0", native="off"):
        pass
    assert "other machines may administer this server" in capsys.readouterr().out
    async with OfdServer(http="0.0.0.0:0", native="off", api_token="12345678"):
        pass
    assert "other machines" not in capsys.readouterr().out


async def test_the_public_key_is_told_of(capsys, tmp_path):
    async with OfdServer(settings_of(**FREE)):
        pass
    assert "public key of the mock" in capsys.readouterr().out
    file = tmp_path / "keys"
    file.write_text(f"mine {'ab' * 16}\n")
    async with OfdServer(settings_of(**FREE, signing_keys=file)), OfdServer(**FREE):  # who makes one in code knows
        pass
    told = capsys.readouterr().out
    assert "public key" not in told
    assert "abab" not in told


async def test_a_profile_is_what_hello_said():
    async with Site() as site:
        await site.registered()
        assert (await site.ofd.service.state_of("kkm-1")).profile == PROFILE
