"""Frames and messages as the product reads them, behind the paths of ``expect``."""

from __future__ import annotations

import re
from typing import Any

from fiscal.protocols.kz.header import HEADER_SIZE, Header, parse_header
from fiscal.protocols.kz.messages import parse_response
from tests.vectors.kz.meaning import Look

STEP = re.compile(r"(\w+)(?:\[(\d+)\])?")


def parsed(frame: bytes) -> tuple[Header, Any]:
    """The header and the message of a whole answer."""
    header = parse_header(frame[:HEADER_SIZE])
    assert header.body_size == len(frame) - HEADER_SIZE
    return header, parse_response(header.version, frame[HEADER_SIZE:])


def look_into(message: Any) -> Look:
    def look(path: str) -> Any:
        at = message
        *way, last = path.split(".")
        for step in way:
            found = STEP.fullmatch(step)
            assert found is not None, step
            name, row = found[1], found[2]
            if row is None:
                if not at.HasField(name):
                    return None
                at = getattr(at, name)
            else:
                rows = getattr(at, name)
                if int(row) >= len(rows):
                    return None
                at = rows[int(row)]
        if last.endswith("#"):
            return len(getattr(at, last[:-1]))
        if not at.HasField(last):
            return None
        value = getattr(at, last)
        return value.decode() if isinstance(value, bytes) else value

    return look
