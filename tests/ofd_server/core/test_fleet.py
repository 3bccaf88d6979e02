"""What a lamp shows: the operator's knowledge before the register's word, the later before the earlier."""

import pytest

from fiscal.domain.lifecycle import RegisterMode
from fiscal.domain.messages import ReportStatus
from ofd_server.core.entries import Standing
from ofd_server.core.fleet import HEARD_MS, Heard, Lamp, is_heard, lamp_of

NOW = 10_000_000
HERE = Heard(connected=True, at=NOW)
GONE = Heard(at=NOW - HEARD_MS - 1)
GOOD = Standing.GOOD


def said(heard, mode, at=NOW - 500, unsent=1):
    return heard._replace(report=ReportStatus(unsent=unsent, mode=mode), reported_at=at)


def sold(heard, autonomous, at=NOW - 400):
    return heard._replace(document_at=at, document_autonomous=autonomous)


AUTONOMOUS, ONLINE = RegisterMode.AUTONOMOUS, RegisterMode.ONLINE


@pytest.mark.parametrize(
    ("standing", "heard", "lamp"),
    [
        (Standing.REMOVED, HERE, Lamp.REMOVED),
        (Standing.BLOCKED, HERE, Lamp.BLOCKED),
        (Standing.BLOCKED, GONE, Lamp.BLOCKED),
        (GOOD, said(HERE, RegisterMode.BLOCKED), Lamp.BLOCKED),
        (GOOD, said(GONE, RegisterMode.BLOCKED_AUTONOMOUS), Lamp.BLOCKED),
        (GOOD, HERE, Lamp.ONLINE),
        (GOOD, said(HERE, ONLINE, unsent=0), Lamp.ONLINE),
        (GOOD, sold(HERE, False), Lamp.ONLINE),
        (GOOD, sold(HERE, True), Lamp.SENDING),
        # The register said "online" after its last autonomous document came.
        (GOOD, said(sold(HERE, True, at=NOW - 900), ONLINE), Lamp.ONLINE),
        (GOOD, said(sold(HERE, True), ONLINE), Lamp.SENDING),
        (GOOD, said(HERE, AUTONOMOUS), Lamp.SENDING),
        (GOOD, said(sold(HERE, True), AUTONOMOUS), Lamp.SENDING),
        # It has sold online since it said "autonomous".
        (GOOD, said(sold(HERE, False), AUTONOMOUS), Lamp.ONLINE),
        (GOOD, said(sold(HERE, False, at=NOW - 900), AUTONOMOUS), Lamp.SENDING),
        (GOOD, GONE, Lamp.SILENT),
        (GOOD, said(GONE, ONLINE), Lamp.SILENT),
        (GOOD, said(GONE, AUTONOMOUS), Lamp.AUTONOMOUS),
        (Standing.UNPAID, GONE, Lamp.AUTONOMOUS),
        (Standing.UNPAID, HERE, Lamp.AUTONOMOUS),
    ],
)
def test_the_lamp(standing, heard, lamp):
    assert lamp_of(standing, heard, NOW) is lamp


@pytest.mark.parametrize(
    ("heard", "is_there"),
    [
        (Heard(), False),
        (Heard(connected=True), True),
        (Heard(at=NOW - HEARD_MS), True),
        (Heard(at=NOW - HEARD_MS - 1), False),
    ],
)
def test_who_is_heard(heard, is_there):
    assert is_heard(heard, NOW) is is_there
