"""Processes behind the same addresses: who asks one of them for figures gets those of all.

The rule: a figure is told by the process that counted it, with the number of that process as its label ``worker``. Each
answers on a socket in a folder that only their account can open; one that does not answer is left out, so that a process
that is just starting costs nobody a figure.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from prometheus_client import Metric

ANSWER_S: Final = 1.0
"""How long a process may take to tell its figures: one that is busy for longer is left out, and missed by its label."""
FIGURES_SIZE_MAX: Final = 1024 * 1024
"""Bytes of one process's figures; they are some 10 KB."""

Collect = Callable[[], Iterable["Metric"]]
Family = list[Any]
"""Name, documentation, type and samples of a figure, as JSON."""


class Siblings:
    """One of several processes: its ``index``, and the ``folder`` where it meets the others."""

    def __init__(self, folder: Path, index: int) -> None:
        self.index = index
        self._folder = folder
        self._collect: Collect = tuple
        self._server: asyncio.Server | None = None

    @property
    def _path(self) -> Path:
        return self._folder / f"{self.index}.sock"

    async def start(self, collect: Collect) -> None:
        """Tell the others what ``collect`` gives, whenever they ask."""
        self._collect = collect
        self._path.unlink(missing_ok=True)  # of the process that had this number before
        self._server = await asyncio.start_unix_server(self._tell, self._path)

    async def stop(self) -> None:
        """Tell nothing any more. May be called twice."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            self._path.unlink(missing_ok=True)

    async def _tell(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # who asked may be gone
            writer.write(json.dumps(_families(self._collect())).encode())
            await writer.drain()
        writer.close()

    async def exposition(self) -> tuple[str, bytes]:
        """The text of the figures of all processes with its content type."""
        from prometheus_client import CollectorRegistry, generate_latest  # noqa: PLC0415 - nobody may ever ask
        from prometheus_client.exposition import CONTENT_TYPE_LATEST  # noqa: PLC0415

        registry = CollectorRegistry()
        registry.register(_Merged(await self._all()))
        return CONTENT_TYPE_LATEST, generate_latest(registry)

    async def _all(self) -> dict[str, list[Family]]:
        others = sorted(path for path in self._folder.glob("*.sock") if path != self._path)
        told = await asyncio.gather(*(_ask(path) for path in others))
        found = {path.stem: families for path, families in zip(others, told, strict=True) if families is not None}
        return {str(self.index): _families(self._collect()), **found}


async def _ask(path: Path) -> list[Family] | None:
    with suppress(OSError, ValueError):
        async with asyncio.timeout(ANSWER_S):
            reader, writer = await asyncio.open_unix_connection(path, limit=FIGURES_SIZE_MAX)
            try:
                families: list[Family] = json.loads(await reader.read(FIGURES_SIZE_MAX + 1))
            finally:
                writer.close()
            return families
    return None


def _families(collected: Iterable[Metric]) -> list[Family]:
    return [
        [each.name, each.documentation, each.type, [[name, labels, value] for name, labels, value, *_ in each.samples]]
        for each in collected
    ]


class _Merged:
    """The figures of all as a collector of the library's."""

    def __init__(self, told: dict[str, list[Family]]) -> None:
        self._told = told

    def collect(self) -> Iterable[Metric]:
        from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - nobody may ever ask
        from prometheus_client.metrics_core import Metric  # noqa: PLC0415

        merged: dict[str, Metric] = {}
        for worker, families in sorted(self._told.items()):
            for name, documentation, kind, samples in families:
                family = merged.get(name) or merged.setdefault(name, Metric(name, documentation, kind))
                for sample, labels, value in samples:
                    family.add_sample(sample, {**labels, "worker": worker}, value)
        yield GaugeMetricFamily("mock_ofd_workers", "Processes that told these figures.", len(self._told))
        yield from merged.values()
