"""A figure never stands alone: it comes with its reference of the same run, their ratio, and the aim.

The rule: a figure is measured in several rounds, each right beside a round of its reference. What is told is the
median, the lowest and the highest round, and the median of the ratios of neighbouring rounds: a machine that is slower
for a while slows both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

HEAD: Final = ("| what | measured | reference of the same run | ratio | aim |", "|---|---|---|---|---|")
"""The head of a table of figures."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the rounds gave, in the order in which they were run."""

    values: tuple[float, ...]

    @property
    def middle(self) -> float:
        """The median of the rounds."""
        return median(self.values)

    def text(self) -> str:
        """Median, and the range in brackets when there were several."""
        if len(self.values) == 1:
            return amount(self.middle)
        return f"{amount(self.middle)} [{amount(min(self.values))} .. {amount(max(self.values))}]"

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {"median": self.middle, "rounds": list(self.values)}


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a figure should be: ``at least`` or ``at most`` ``bound``; of the ratio or of the figure itself."""

    word: str
    bound: float
    of: str

    def is_met(self, value: float) -> bool:
        """Whether the value is on the right side of the bound."""
        return value >= self.bound if self.word == "at least" else value <= self.bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure in ``unit``; ``reference`` was measured beside it and is named ``against``."""

    name: str
    unit: str
    measured: Rounds
    against: str = ""
    reference: Rounds | None = None
    aims: Sequence[Aim] = ()
    notes: Sequence[str] = ()

    @property
    def ratios(self) -> Rounds | None:
        """Figure by reference, round by round."""
        if self.reference is None:
            return None
        return Rounds(tuple(a / b for a, b in zip(self.measured.values, self.reference.values, strict=True)))

    def _judged(self) -> list[tuple[Aim, bool]]:
        ratios = self.ratios
        values: Mapping[str, float | None] = {
            "figure": self.measured.middle,
            "ratio": None if ratios is None else ratios.middle,
        }
        return [(aim, aim.is_met(value)) for aim in self.aims if (value := values[aim.of]) is not None]

    def lines(self) -> list[str]:
        """The figure for people."""
        if self.reference is None and not self.aims and not self.notes:
            return [f"{self.name:<40}{self.measured.text()} {self.unit}"]
        rows = [f"{self.name}", f"  {'measured':<10}{self.measured.text()} {self.unit}"]
        if self.reference is not None and self.ratios is not None:
            rows.append(f"  {'reference':<10}{self.reference.text()} {self.unit}   ({self.against})")
            rows.append(f"  {'ratio':<10}{self.ratios.text()}")
        for aim, met in self._judged():
            unit = f" {self.unit}" if aim.of == "figure" else ""
            rows.append(f"  {'aim':<10}{aim.of} {aim.word} {amount(aim.bound)}{unit}: {'met' if met else 'missed'}")
        rows.extend(f"  {note}" for note in self.notes)
        return [*rows, ""]

    def row(self) -> str:
        """The figure as a row of the table that a page has, see :data:`HEAD`."""
        beside, ratio = "", ""
        if self.reference is not None and self.ratios is not None:
            beside, ratio = f"{self.reference.text()} {self.unit}, {self.against}", self.ratios.text()
        aims = "; ".join(
            f"{aim.of} {aim.word} {amount(aim.bound)}: {'met' if met else '**missed**'}" for aim, met in self._judged()
        )
        return f"| {self.name.strip()} | {self.measured.text()} {self.unit} | {beside} | {ratio} | {aims} |"

    def plain(self) -> dict[str, Any]:
        """The figure for machines."""
        ratios = self.ratios
        return {
            "name": self.name,
            "unit": self.unit,
            "measured": self.measured.plain(),
            "against": self.against,
            "reference": None if self.reference is None else self.reference.plain(),
            "ratio": None if ratios is None else ratios.plain(),
            "aims": [{"of": aim.of, "word": aim.word, "bound": aim.bound, "met": met} for aim, met in self._judged()],
            "notes": list(self.notes),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """A figure that cannot be had here, and why."""

    name: str
    why: str

    def lines(self) -> list[str]:
        """The reason for people."""
        return [self.name, f"  not measured: {self.why}", ""]

    def row(self) -> str:
        """The reason in a table of figures."""
        return f"| {self.name} | not measured: {self.why} | | | |"

    def plain(self) -> dict[str, Any]:
        """The reason for machines."""
        return {"name": self.name, "absent": self.why}


def amount(value: float) -> str:
    """Three or four digits that matter, thousands apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
