"""The golden vectors of the native protocol, as files that any other language can read too.

``session.json`` is one session from hello on: each request with its answer, in bytes and in words. ``answers.json`` are
answers that it does not contain, ``documents.json`` contents of documents with their digests, ``refused.json`` frames
that are wrong, each with its error. Binary values are ``{"hex": "..."}``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).with_name("native")


def load(name: str) -> list[dict[str, Any]]:
    """The vectors of one file."""
    found: list[dict[str, Any]] = json.loads(FOLDER.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return found


SESSION: Final = load("session")
ANSWERS: Final = load("answers")
DOCUMENTS: Final = load("documents")
REFUSED: Final = load("refused")


def with_bytes(value: Any) -> Any:
    """The value with its binary parts as bytes."""
    match value:
        case {"hex": str(digits), **rest} if not rest:
            return bytes.fromhex(digits)
        case dict():
            return {name: with_bytes(part) for name, part in value.items()}
        case list():
            return [with_bytes(part) for part in value]
        case _:
            return value


def frame(part: dict[str, Any]) -> bytes:
    """The bytes of a request or an answer."""
    return bytes.fromhex(part["frame"])
