"""WireMock, as one would set it up to stand in for an operator: every POST gets the same answer.

Its jar is where ``MOCK_OFD_WIREMOCK`` says, or where Maven keeps it
(``mvn dependency:get -Dartifact=org.wiremock:wiremock-standalone:3.9.1``). The journal of requests and the log are off, which
is what its makers advise for load.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fiscal.protocols.rest.codec import MediaType
from tests.benchmarks.bare_http import ANSWER
from tests.benchmarks.machine import Process, cores

MAVEN: Final = Path.home() / ".m2/repository/org/wiremock/wiremock-standalone"
READY_S: Final = 60.0
OPTIONS: Final = ("--no-request-journal", "--disable-request-logging", "--disable-banner", "--disable-gzip")


def jar() -> Path | None:
    """The jar, if there is one."""
    named = os.environ.get("MOCK_OFD_WIREMOCK")
    if named:
        return Path(named) if Path(named).is_file() else None
    return max(MAVEN.glob("*/wiremock-standalone-*.jar"), default=None)


def missing() -> str | None:
    """Why it cannot be run here, or ``None``."""
    if shutil.which("java") is None:
        return "java is not installed"
    if jar() is None:
        return "WireMock is not installed: MOCK_OFD_WIREMOCK names no jar, and Maven's folder has none"
    return None


@contextmanager
def wiremock() -> Iterator[tuple[Process, str]]:
    """WireMock on the server's core, and its address."""
    java, found = shutil.which("java"), jar()
    assert java is not None
    assert found is not None
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    address = f"127.0.0.1:{port}"
    args = ["-jar", str(found), "--port", str(port), "--bind-address", "127.0.0.1", *OPTIONS]
    with Process(args, cores()[0], program=java) as process:
        _teach(address)
        yield process, address


def _teach(address: str) -> None:
    """Wait until it is there, and tell it its one answer."""
    stub = {
        "request": {"method": "POST", "urlPattern": "/api/v1/.*"},
        "response": {
            "status": 200,
            "base64Body": base64.b64encode(ANSWER).decode(),
            "headers": {"Content-Type": MediaType.MSGPACK.value},
        },
    }
    request = urllib.request.Request(
        f"http://{address}/__admin/mappings",
        data=json.dumps(stub).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    end = time.monotonic() + READY_S
    while True:
        try:
            with urllib.request.urlopen(request, timeout=READY_S):
                return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
