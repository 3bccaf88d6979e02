"""How an event is told in a proof."""

from __future__ import annotations

from typing import Any

import pytest

from fiscal.judging.events import Event, What, name_of
from tests.documents import T0

BARE: dict[str, Any] = {"source": "till", "line": 3, "register": "kkm-1"}


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (Event(**BARE, what=What.ISSUED, number=4), "issued document 4"),
        (Event(**BARE, what=What.ISSUED, id="ab12"), "issued document ab12"),
        (Event(**BARE, what=What.ISSUED, number=4, id="ab12"), "issued document 4 id ab12"),
        (Event(**BARE, what=What.PERIOD_REPORTED, period=2), "period_reported period 2"),
        (Event(**BARE, what=What.REGISTERED), "registered"),
        (
            Event(**BARE, what=What.ANSWERED, number=4, sign="77", at=T0),
            "2026-01-01T07:00:00.000Z answered document 4 sign 77",
        ),
    ],
)
def test_told(event, told):
    assert event.told() == told
    assert event.place == "till:3"


def test_a_document_is_named_by_what_is_known_of_it():
    assert "4" in name_of(Event(**BARE, what=What.ISSUED, number=4))
    assert "ab12" in name_of(Event(**BARE, what=What.ISSUED, id="ab12"))
