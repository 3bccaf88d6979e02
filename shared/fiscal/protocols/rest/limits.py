"""Every limit of the bodies of HTTP requests, with its reason."""

from __future__ import annotations

from typing import Final

BODY_SIZE_MAX: Final = 1024 * 1024
"""Bytes of a body: JSON may write a letter with six bytes that msgpack writes with two, so a document that fits a
native frame fits here in whatever way its JSON is written, unless it is all names."""
