"""How a device that nobody knows becomes a register, in open mode, by its first good message."""

from __future__ import annotations

from typing import Any

from fiscal.protocols.kz.codes import Command
from fiscal.protocols.kz.header import Header
from fiscal.protocols.kz.service_block import generated_profile
from fiscal.time import Instant
from ofd_server.core.decide import token_digest
from ofd_server.core.entries import Anomaly, AnomalyCode, Entry, Registered
from ofd_server.core.kz_desk import BLOCKS, Desk
from ofd_server.core.kz_service import particulars_in
from ofd_server.core.state import RegisterState, apply, register_from


def register(
    register_id: str, header: Header, request: Any, at: Instant, desk: Desk
) -> tuple[tuple[Entry, ...], RegisterState]:
    """The entries that make the device of this request known, and its state after them.

    Its profile is what the request says of it, and where it says nothing, one made of its id. A message of a later shift
    than the first means that there is a history elsewhere: its totals are not known here until the next Z-report. When
    the message is the end of a shift, that shift is open.
    """
    device = header.device_id
    shift = 0
    if request.command in (Command.TICKET, Command.MONEY_PLACEMENT, Command.CLOSE_SHIFT):
        shift = getattr(request, BLOCKS[request.command]).fr_shift_number
    profile = particulars_in(request, device, desk.zone) or generated_profile(device, desk.zone)
    token = token_digest(str(header.token))
    last_shift = shift if request.command == Command.CLOSE_SHIFT else max(shift - 1, 0)
    entry = Registered(at=at, token_digest=token, profile=profile, last_shift=last_shift)
    state = register_from(register_id, entry)
    if not entry.last_shift:
        return (entry,), state
    text = f"its first message here is of shift {shift}: what came before is not known until its next Z-report"
    history = Anomaly(at=at, code=AnomalyCode.CAME_WITH_HISTORY, text=text)
    return (entry, history), apply(state, history)
