"""The event loop of every process of a benchmark: uvloop where it exists."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run(main: Coroutine[None, None, T]) -> T:
    """Run ``main`` to its end."""
    try:
        import uvloop  # noqa: PLC0415 - there is none on every system
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)
