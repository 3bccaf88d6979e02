"""How much the judge reads and keeps, so that a pipe without an end gets an answer, and no machine runs out of memory."""

from __future__ import annotations

from typing import Final

LINE_MAX: Final = 64 * 1024
"""Bytes of a line of a client's journal, or of a row of CSV that goes over several: a full one has some 300."""
LINES_MAX: Final = 10_000_000
"""Lines of one client's journal, empty ones too: five of each of the documents that are kept. A client that writes more
begins another file; several are judged together."""
JOURNAL_SIZE_MAX: Final = 4 * 1024**3
"""Bytes of one client's journal: as many lines of 400 bytes."""
KEPT_MAX: Final = 2_000_000
"""Documents, findings and registers of one judgement, unless ``--documents-max`` says otherwise: of each up to two
kilobytes are kept, so that 4 GB are enough."""
KEPT_MOST: Final = 100_000_000
"""The largest ``--documents-max``: as many as a run of load may have."""
