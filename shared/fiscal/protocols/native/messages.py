"""Which number stands for which message in the header of a native frame."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final

from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Ping,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.protocols.base import Message


class Kind(IntEnum):
    """The kinds of messages: requests below 0x80, answers from 0x81."""

    HELLO = 1
    DOCUMENT = 2
    OFFLINE_PERIOD = 3
    ASK_INFORMATION = 4
    PING = 5
    STATUS = 6
    WELCOME = 0x81
    ACCEPTED = 0x82
    REFUSED = 0x83
    TRY_LATER = 0x84
    BLOCKED = 0x85
    INFORMATION = 0x86
    NOTED = 0x87


_TYPE_OF: Final[Mapping[Kind, type[Message]]] = {
    Kind.HELLO: Hello,
    Kind.DOCUMENT: SubmitDocument,
    Kind.OFFLINE_PERIOD: ReportOfflinePeriod,
    Kind.ASK_INFORMATION: AskInformation,
    Kind.PING: Ping,
    Kind.STATUS: ReportStatus,
    Kind.WELCOME: Welcome,
    Kind.ACCEPTED: Accepted,
    Kind.REFUSED: Refused,
    Kind.TRY_LATER: TryLater,
    Kind.BLOCKED: Blocked,
    Kind.INFORMATION: Information,
    Kind.NOTED: Noted,
}
TYPE_OF: Final[Mapping[int, type[Message]]] = {int(kind): type_ for kind, type_ in _TYPE_OF.items()}
"""By plain numbers: those of a header are found without asking an enumeration whether it is equal."""
KIND_OF: Final[Mapping[type, int]] = {type_: int(kind) for kind, type_ in TYPE_OF.items()}
