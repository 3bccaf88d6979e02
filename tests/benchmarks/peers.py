"""Peers: what one could use today instead, on the same machine in the same run.

WireMock gives a fixed answer over HTTP to whatever comes; it looks at nothing and keeps nothing, while the operator judges
every document, signs it and has it on the disk before it answers. Both have one core. Java compiles while it works, so it
gets its time to warm up. The mock of yandex/ofd speaks only the protocol of Russia, which this product does not.
"""

from __future__ import annotations

from typing import Final

from tests.benchmarks.figures import Absent, Figure, Rounds
from tests.benchmarks.ingest import CONNECTIONS, Round, measure, notes
from tests.benchmarks.machine import folder
from tests.benchmarks.servers import operator
from tests.benchmarks.wiremock import missing, wiremock

RUSSIAN: Final = Absent(
    name="against the mock of yandex/ofd",
    why="it speaks the protocol of Russia only, which this operator does not",
)
WARM_UP_ANSWERS: Final = 50_000
"""After so many WireMock did not become any faster: 170 us of the processor an answer at ten thousand, 110 at fifty."""


def run(quick: bool) -> list[Figure | Absent]:
    """The figures of what else there is."""
    why = missing()
    if why is not None:
        return [Absent(name="against WireMock", why=why), RUSSIAN]
    load = {"connections": CONNECTIONS, "seconds": 2.0 if quick else 6.0, "client": "http_traffic"}
    ours: list[Round] = []
    theirs: list[Round] = []
    for _ in range(1 if quick else 3):
        with wiremock() as (server, address):
            theirs.append(measure(server, address, **load, warmup_s=1.0, warmup_answers=WARM_UP_ANSWERS))
        with folder() as data, operator(data, "http") as server:
            ours.append(measure(server, server.line()["http"], **load, warmup_s=1.0))
    against = "WireMock with a fixed answer, keeping nothing"
    return [
        Figure(
            name="documents over HTTP, durable",
            unit="documents/s",
            measured=Rounds(tuple(each.rate for each in ours)),
            against=against,
            reference=Rounds(tuple(each.rate for each in theirs)),
            notes=notes(ours, theirs, "WireMock"),
        ),
        Figure(
            name="the same for a second of the server's processor",
            unit="documents",
            measured=Rounds(tuple(each.rate / each.server_busy for each in ours)),
            against=against,
            reference=Rounds(tuple(each.rate / each.server_busy for each in theirs)),
        ),
        RUSSIAN,
    ]
