"""Every limit of the native protocol, with its reason."""

from __future__ import annotations

from typing import Final

FRAME_SIZE_MAX: Final = 256 * 1024
"""Bytes of a frame, its header included. The longest legal receipt with ordinary names stays below 100 KB; a Z-report of
100 sections below 200 KB. A peer who announces more is refused before a byte of it is kept."""

REQUEST_NUMBER_MAX: Final = 2**32 - 1
"""The last request number of a session; after it comes 1 again. 0 belongs to no request."""
