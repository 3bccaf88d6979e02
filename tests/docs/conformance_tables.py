"""Tables about the scenarios of conformance, one for each kind of trouble."""

from __future__ import annotations

from collections.abc import Sequence

from mock_ofd.conformance.catalogue import GROUPS

Rows = tuple[Sequence[str], Sequence[Sequence[str]]]


def scenarios(title: str) -> Rows:
    """The scenarios of a group: what a client does that passes, what one does that fails, and where that is demanded."""
    rows = []
    for each in GROUPS[title]:
        only = "" if len(each.protocols) > 1 else f"; over {', '.join(sorted(each.protocols))} only"
        needs = f"; needs {', '.join(f'`{word}`' for word in each.needs)}" if each.needs else ""
        rows.append([f"`{each.name}`", each.proves, each.wrong, each.source + needs + only])
    return ["scenario", "a client that passes", "one that fails", "source"], rows
