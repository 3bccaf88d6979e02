"""Judge: a ledger of 250,000 documents of 100 registers, from the start of the command to its verdict.

The ledger is made once, by the operator's own decisions and its own journal, so that a double, a gap or a report of the
operator would be seen. The reference is the least that any reader of it can do: SQLite reads every row.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from fiscal.domain.document import ONLINE
from fiscal.domain.messages import Hello
from fiscal.domain.signs import DEFAULT_KEY_ID, PUBLIC_KEY, Signer, SigningKey
from fiscal.protocols.content import encode_content
from ofd_server.core.decide import decide_hello
from ofd_server.core.documents import decide_document
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.ports import Append, BatchTimes
from ofd_server.storage.sqlite import FILE_NAME, SqliteJournal
from tests.benchmarks.figures import Aim, Figure, Rounds
from tests.benchmarks.frames import PROFILE, receipt
from tests.benchmarks.machine import ROOT, folder

DOCUMENTS: Final = 250_000
REGISTERS: Final = 100
SECONDS_AIM: Final = 10.0
RULES: Final = Rules()
SIGNER: Final = Signer(SigningKey(DEFAULT_KEY_ID, PUBLIC_KEY))


def run(quick: bool) -> list[Figure]:
    """The figure of the judge."""
    documents = DOCUMENTS // 10 if quick else DOCUMENTS
    judged: list[float] = []
    read: list[float] = []
    with folder() as data:
        asyncio.run(_write(data, documents))
        for _ in range(1 if quick else 3):
            read.append(_read(data / FILE_NAME))
            judged.append(_judge(data, documents))
    return [
        Figure(
            name=f"judge, {documents:,} documents of {REGISTERS} registers",
            unit="s",
            measured=Rounds(tuple(judged)),
            against="SQLite reads every row",
            reference=Rounds(tuple(read)),
            aims=() if quick else (Aim("at most", SECONDS_AIM, "figure"),),
        )
    ]


def _judge(data: Path, documents: int) -> float:
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "mock_ofd", "judge", str(data)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - begun
    if done.returncode or f"{documents:,} documents" not in done.stdout:
        raise RuntimeError(f"the round is not valid: {done.stdout}{done.stderr}")
    return took


def _read(ledger: Path) -> float:
    begun = time.perf_counter()
    with closing(sqlite3.connect(ledger)) as db:
        for _ in db.execute("select * from entry order by seq"):
            pass
    return time.perf_counter() - begun


async def _write(data: Path, documents: int) -> None:
    """A batch is a document of every register."""
    now = time.time_ns() // 1_000_000
    journal = SqliteJournal.open(data)
    states: list[RegisterState] = []
    batch: list[Append] = []
    for place in range(REGISTERS):
        hello = Hello(register=f"judge-{place}", token="t", software="bench", profile=PROFILE)
        decision = decide_hello(None, hello, now, RULES)
        assert decision.state is not None
        states.append(decision.state)
        batch.append(Append(decision.state.id, 0, decision.entries, decision.state))
    await journal.commit(batch)
    seq = await journal.last_seq() + 1
    for number in range(1, documents // REGISTERS + 1):
        issued_at = now + number
        document = receipt(number, issued_at)
        content = encode_content(document)
        batch = []
        for place, state in enumerate(states):
            decision = decide_document(state, document, content, ONLINE, issued_at, RULES, SIGNER, "native")
            assert decision.state is not None, decision.answer
            batch.append(Append(state.id, state.version, decision.entries, decision.state))
            states[place] = decision.state
        times = [BatchTimes(seq, seq + REGISTERS - 1, issued_at, issued_at + 1, issued_at + 2)]
        await journal.commit(batch, (), times)
        seq += REGISTERS
    await journal.close()
