"""Figures of several processes in one answer: each with its label, and none for one that is silent."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ofd_server import siblings as module
from ofd_server.metrics import PrometheusMetrics
from ofd_server.siblings import Siblings

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no sockets in files there, and no several processes")


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as made:  # tmp_path may be too long for the name of a socket
        yield Path(made)


async def samples(sibling: Siblings) -> dict[tuple[str, ...], float]:
    """What the text says: by name and labels."""
    content_type, text = await sibling.exposition()
    assert content_type.startswith("text/plain")
    families = list(text_string_to_metric_families(text.decode()))
    assert len({family.name for family in families}) == len(families), "each is told once, with all its samples"
    return {
        (sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def counted(answers: int) -> PrometheusMetrics:
    metrics = PrometheusMetrics("1.2.3", {"mock_ofd_viewers": ("Open streams.", lambda: answers)})
    for _ in range(answers):
        metrics.answered("accepted", 0.002)
    return metrics


async def test_each_tells_those_of_all_with_the_label_of_who_counted(folder: Path):
    one, two = Siblings(folder, 0), Siblings(folder, 1)
    await one.start(counted(3).collect)
    await two.start(counted(4).collect)
    for asked in (one, two):
        found = await samples(asked)
        assert found["mock_ofd_workers",] == 2
        assert found["mock_ofd_answers_total", "outcome=accepted", "worker=0"] == 3
        assert found["mock_ofd_answers_total", "outcome=accepted", "worker=1"] == 4
        assert found["mock_ofd_viewers", "worker=1"] == 4
        assert found["mock_ofd_answer_seconds_bucket", "le=+Inf", "worker=0"] == 3
        assert found["mock_ofd_answer_seconds_count", "worker=1"] == 4
        assert found["mock_ofd_build_info", "version=1.2.3", "worker=0"] == 1
    await one.stop()
    await one.stop()
    found = await samples(two)
    assert found["mock_ofd_workers",] == 1
    assert not [key for key in found if "worker=0" in key]
    await two.stop()


async def test_one_that_died_or_says_nonsense_is_left_out(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "ANSWER_S", 0.05)
    (folder / "1.sock").touch()  # of a process that was killed

    async def nonsense(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"{")
        writer.close()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    servers = [
        await asyncio.start_unix_server(nonsense, folder / "2.sock"),
        await asyncio.start_unix_server(silent, folder / "3.sock"),
    ]
    one = Siblings(folder, 0)
    await one.start(counted(1).collect)
    found = await samples(one)
    assert found["mock_ofd_workers",] == 1
    assert found["mock_ofd_answers_total", "outcome=accepted", "worker=0"] == 1
    await one.stop()
    for server in servers:
        server.close()


async def test_a_process_takes_the_place_of_one_that_died(folder: Path):
    (folder / "0.sock").touch()
    again = Siblings(folder, 0)
    await again.start(counted(2).collect)
    other = Siblings(folder, 1)
    await other.start(counted(1).collect)
    assert (await samples(other))["mock_ofd_answers_total", "outcome=accepted", "worker=0"] == 2
    await again.stop()
    await other.stop()
