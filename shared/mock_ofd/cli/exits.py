"""How a command says what became of it: the exit codes, one table for all commands (docs/reference/cli.md)."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """A number that scripts may rely on."""

    OK = 0
    FAILED = 1
    """A defect of this program; its message says where."""
    USAGE = 2
    """A wrong option, argument, setting or settings file."""
    ADDRESS = 3
    """An address cannot be listened on."""
    DATA_BUSY = 4
    """Another process holds the data folder."""
    DATA_UNUSABLE = 5
    """The data folder cannot be written, is full, or is of a newer version."""
    DATA_CORRUPT = 6
    """The data folder holds something else than was written."""
    LEDGER_BROKEN = 7
    """A flush to the disk failed, or did not end, while the server ran; nothing that was answered is lost."""
    CRASHED = 8
    """A plan of faults let the server die; nothing that was answered is lost when it has a data folder."""
    UNREACHABLE = 10
    """The server, or the database of its ledger, could not be reached, or could not answer now."""
    REFUSED = 11
    """The server refused: the message says why."""
    NOT_FOUND = 12
    """What was asked for does not exist."""
    UNWRITTEN = 13
    """What was asked for is done; only its output could not be written."""
    NOT_INSTALLED = 14
    """This needs an extra that is not installed; the message says which."""
    ALTERED = 20
    """The receipt is not what the ledger holds."""
    UNKNOWN = 21
    """The ledger holds no such receipt."""
    FOUND = 22
    """The judge found something, or a client failed a scenario of conformance."""
    DIFFERENT = 23
    """The answers are other ones than those that were recorded."""
    UNPROVEN = 24
    """Under load something was lost, doubled, overtaken, late, or not delivered."""
    EXCEEDED = 25
    """A threshold of a run of load was exceeded, or could not be measured; everything was delivered."""
    NOT_BEGUN = 26
    """A run of load could not begin, or could not go on; the message says why."""
    NOTHING = 27
    """There was nothing to judge or to replay, or not in everything that was named."""
    BLOCKED = 30
    """The register sells nothing until its block is lifted."""
    SHIFT_EXPIRED = 31
    """The shift is older than 24 hours: take the Z-report first."""
    SHIFT_NOT_OPEN = 32
    """There is no shift to close."""
    NOT_ENOUGH_CASH = 33
    """More cash would leave the drawer than lies in it."""
    KEY_REUSED = 34
    """The key belongs to another order."""
    NOTHING_TO_RESOLVE = 35
    """No such decision is waited for."""
    INTERRUPTED = 130
    """Ctrl-C."""
    TERMINATED = 143
    """SIGTERM."""
