"""The checksum of a report, as the one public register that computes it does.

The rule: CRC-32 (IEEE 802.3, as zlib has it) of the written report with an empty text in ``checksum``, as eight
hexadecimal digits in capitals. The protocol demands the field since 1.2.5 and gives no rule for it, so other registers
fill it otherwise or not at all: a checksum that differs proves nothing by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from fiscal.protocols.kz.messages import ZXReport


def checksum_of(report: ZXReport) -> str:
    """The checksum that belongs to these figures, whatever stands in the report's own field; the report stays as it is.

    Computed from the fields in their order, so it is that of the bytes that came only if the peer wrote them in order,
    as every usual library does. The report is whole: it was parsed, or its required fields are set.
    """
    emptied = type(report)()
    emptied.MergeFrom(report)  # type: ignore[arg-type]  # of its own class, whichever of the two it is
    emptied.checksum = ""
    return f"{crc32(emptied.SerializeToString(deterministic=True)):08X}"


def has_right_checksum(report: ZXReport) -> bool:
    """Whether the report carries the checksum of its figures; capitals or not makes no difference."""
    return report.checksum.upper() == checksum_of(report)
