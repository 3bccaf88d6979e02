"""Which reader a path is for: a ledger, a fiscal memory, a client's journal, or a recording of traffic.

The rule: a folder is known by the file in it, a file by its name, and by its first line where the name does not tell.
What one register did is told by itself, or by a recording: both together would tell everything twice.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from fiscal.errors import ConfigurationError
from fiscal.judging.events import OPERATORS, Event
from kkt_client.storage.sqlite import FILE as MEMORY
from mock_ofd.judge.journal import events, json_rows, read_journal
from mock_ofd.judge.ledger import read_ledger
from mock_ofd.judge.memory import read_memory
from mock_ofd.judge.traffic import read_traffic
from ofd_server.storage.addresses import Address
from ofd_server.storage.opening import is_storage
from ofd_server.storage.sqlite import FILE_NAME as LEDGER

STDIN: Final = "-"
_SQLITE: Final = b"SQLite format 3\0"
_RECORDING: Final = b'{"recording":'


def is_ledger(path: Path | str) -> bool:
    """Whether an operator has written it."""
    return isinstance(path, str) or path.name == LEDGER or (path / LEDGER).is_file()


def journal_of(text: str) -> Path | str:
    """What a word on the command line names: a path, or the address of a ledger in a database."""
    return text if is_storage(text) else Path(text)


def name_of(path: Path | str) -> str:
    """What a sentence calls it; the address of a database without its password."""
    return str(Address(path)) if isinstance(path, str) else "stdin" if str(path) == STDIN else str(path)


def read_any(path: Path | str) -> Iterator[Event]:
    """The events of whatever lies there; ``StorageError`` or ``ConfigurationError`` when it cannot be read."""
    if isinstance(path, str):
        return read_ledger(path)
    if str(path) == STDIN:
        return events("stdin", json_rows(sys.stdin.buffer))
    if path.is_dir():
        return _of_folder(path)
    if not path.exists():
        raise ConfigurationError(f"{path}: there is no such file")
    if path.name == MEMORY:
        return read_memory(path)
    if not path.is_file():  # a pipe, a device: what is read of it to see what it is would be gone
        return read_journal(path)
    with path.open("rb") as file:
        begin = file.read(len(_SQLITE))
    if begin == _SQLITE:
        return read_ledger(path)
    return read_traffic(path) if begin.startswith(_RECORDING) else read_journal(path)


class Sides:
    """What registers did, by one side for each of them, however many files that side has."""

    def __init__(self) -> None:
        self.have_ledger = False
        """Whether an operator has told anything."""
        self._told: dict[str, tuple[bool, str]] = {}

    def read(self, path: Path | str) -> Iterator[Event]:
        """As :func:`read_any`; :class:`ConfigurationError` also for a register that the other side told of before."""
        outside = is_recording(path)
        for event in read_any(path):
            if event.what not in OPERATORS:
                before, source = self._told.setdefault(event.register, (outside, event.source))
                if before is not outside:
                    rule = "give its own memory or journal, or a recording of it"
                    raise ConfigurationError(f"{source} and {event.source} both tell what {event.register} did: {rule}")
            else:
                self.have_ledger = True
            yield event


def is_recording(path: Path | str) -> bool:
    """Whether `mock-ofd record` has written it."""
    if isinstance(path, str) or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_RECORDING)) == _RECORDING


def _of_folder(folder: Path) -> Iterator[Event]:
    """A ledger, a memory, or a folder of memories; both, when an operator and a register share one."""
    memories = [folder / MEMORY] if (folder / MEMORY).is_file() else sorted(folder.glob(f"*/{MEMORY}"))
    ledgers = [folder / LEDGER] if (folder / LEDGER).is_file() else sorted(folder.glob(f"*/{LEDGER}"))
    if not memories and not ledgers:
        raise ConfigurationError(f"{folder}: there is neither a ledger ({LEDGER}) nor a fiscal memory ({MEMORY})")
    # Memories first: what a register is told while we read is in the ledger already.
    return _each(memories, ledgers)


def _each(memories: list[Path], ledgers: list[Path]) -> Iterator[Event]:
    for path in memories:
        yield from read_memory(path)
    for path in ledgers:
        yield from read_ledger(path)
