"""Times as a histogram of three significant digits, which processes can send each other and add up.

The rule: a time is whole microseconds, at least 1; what is longer than :data:`LONGEST_US` counts as that. The hot path
keeps plain numbers; many of them are put into the histogram together, once a second.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from typing import Final

from hdrh.histogram import HdrHistogram

from mock_ofd.load.result import Percentiles

LONGEST_US: Final = 24 * 3_600 * 1_000_000
"""A day."""
DIGITS: Final = 3
_EXACT_BITS: Final = 11
"""Below 2,048 every microsecond has a place of its own in a histogram of three digits; above, the first 11 bits count."""


class Times:
    """A histogram."""

    def __init__(self) -> None:
        self._found = HdrHistogram(1, LONGEST_US, DIGITS)

    def add(self, values: Iterable[int]) -> None:
        """Many times, in microseconds."""
        rising = sorted(values)
        if not rising:
            return
        begin, bits = 0, _EXACT_BITS
        while begin < len(rising):
            end = bisect_left(rising, 1 << bits, begin)
            shift = bits - _EXACT_BITS
            for value, count in Counter([value >> shift for value in rising[begin:end]]).items():
                self._found.record_value(min(max(value << shift, 1), LONGEST_US), count)
            begin, bits = end, bits + 1

    def encoded(self) -> str:
        """As text, for another process."""
        text: bytes = self._found.encode()
        return text.decode()

    def merge(self, encoded: str) -> None:
        """Add what another process has sent."""
        self._found.decode_and_add(encoded)

    def percentiles(self) -> Percentiles:
        """What is told of it."""
        found = self._found
        count = int(found.get_total_count())
        if not count:
            return Percentiles(count=0, p50=0.0, p90=0.0, p99=0.0, p999=0.0, max=0.0)
        values = found.get_percentile_to_value_dict([50, 90, 99, 99.9])
        p50, p90, p99, p999 = (values[part] / 1_000 for part in (50, 90, 99, 99.9))
        return Percentiles(count=count, p50=p50, p90=p90, p99=p99, p999=p999, max=found.get_max_value() / 1_000)


__all__ = ["LONGEST_US", "Times"]
