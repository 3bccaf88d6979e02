"""Bytes that are no request, or come in unusual pieces."""

from __future__ import annotations

import struct

from fiscal.protocols.kz.codes import Command, PaymentType
from fiscal.protocols.kz.header import FRAME_SIZE_MAX
from fiscal.protocols.kz.messages import request_type
from tests.vectors.kz.authoring import parts
from tests.vectors.kz.authoring.scene import DEVICE, TOKEN, Scene, dialogue

PROTOCOL_ERROR = 3
UNREADABLE = Command.RESERVED
"""The command of an answer to a body whose command could not be read."""


def header(appcode: int = 0x81A2, version: int = 203, size: int = 20) -> bytes:
    return struct.pack("<HHIIIH", appcode, version, size, DEVICE, TOKEN, 1)


@dialogue("Another application code: closed without a word.")
async def header_of_another_application(scene: Scene) -> None:
    await scene.closed(header(appcode=0x81A3) + b"\x08\x00")


@dialogue("A browser knocks: closed without a word.")
async def header_that_is_http(scene: Scene) -> None:
    await scene.closed(b"GET / HTTP/1.1\r\nHost: operator\r\n\r\n")


@dialogue("SIZE counts the header, so 17 cannot be: closed without a word.")
async def header_with_a_size_below_itself(scene: Scene) -> None:
    await scene.closed(header(size=17))


@dialogue("An absurd SIZE: closed at once, nothing of the body is waited for.")
async def header_with_an_absurd_size(scene: Scene) -> None:
    await scene.closed(header(size=0xFFFFFFFF))


@dialogue("A SIZE one byte above the largest that is taken: closed at once.")
async def header_with_a_size_just_too_large(scene: Scene) -> None:
    await scene.closed(header(size=FRAME_SIZE_MAX + 1))


@dialogue("Version 1.2.4 has registers, and is not spoken here: closed without a word.")
async def header_of_version_124(scene: Scene) -> None:
    await scene.closed(header(version=124) + b"\x08\x00")


@dialogue("Version 2.0.4 has registers, and is not spoken here: closed without a word.")
async def header_of_version_204(scene: Scene) -> None:
    await scene.closed(header(version=204) + b"\x08\x00")


@dialogue("Good requests, then a header that cannot be: what was asked is answered, then the connection ends.")
async def header_that_is_wrong_behind_a_good_request(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM)
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.closed(header(appcode=0))
    await scene.ask(parts.ticket(scene.now), ticket="B")


@dialogue("SIZE is 18, so there is no body, and `command` is missing in it: 3.")
async def body_that_is_empty(scene: Scene) -> None:
    await scene.ask(b"", PROTOCOL_ERROR, command=UNREADABLE)


@dialogue("A body that is no protobuf: 3, and the connection goes on.")
async def body_that_is_no_protobuf(scene: Scene) -> None:
    await scene.ask(b"\xff\xff\xff", PROTOCOL_ERROR, command=UNREADABLE)
    await scene.ask(parts.SYSTEM)


@dialogue("A body that ends in the middle of a field: 3.")
async def body_that_is_cut_off(scene: Scene) -> None:
    whole = request_type(203)(**parts.ticket(scene.now)).SerializeToString()
    await scene.ask(whole[:-3], PROTOCOL_ERROR, command=UNREADABLE)
    await scene.ask(parts.ticket(scene.now), ticket="A")


@dialogue("A ticket without its amounts, which the schema requires: 3, and nothing of it stays.")
async def body_without_a_required_field(scene: Scene) -> None:
    request = parts.ticket(scene.now)
    del request["ticket"]["amounts"]
    await scene.ask(request, PROTOCOL_ERROR, command=UNREADABLE)
    await scene.ask(parts.ticket(scene.now), ticket="A")


@dialogue("A payment of a kind that the schema does not have is a payment without one: 3.")
async def body_with_an_unknown_kind_of_payment(scene: Scene) -> None:
    request = request_type(203)(**parts.ticket(scene.now))
    body = request.SerializeToString().replace(
        b"\x08\x00\x12\x05\x08\xf4\x03\x10\x00B", b"\x08\x09\x12\x05\x08\xf4\x03\x10\x00B"
    )
    assert request.ticket.payments[0].type == PaymentType.CASH
    assert body != request.SerializeToString()
    await scene.ask(body, PROTOCOL_ERROR, command=UNREADABLE)


@dialogue("A field that the schema does not know is passed over.")
async def body_with_a_field_of_tomorrow(scene: Scene) -> None:
    body = request_type(203)(**parts.SYSTEM).SerializeToString()
    await scene.ask(body + b"\xf2\x06\x02hi", command=Command.SYSTEM)


@dialogue("The command says TICKET, and there is no ticket: 3.")
async def body_without_the_block_of_its_command(scene: Scene) -> None:
    await scene.ask({"command": Command.TICKET}, PROTOCOL_ERROR)


@dialogue("Blocks of other commands are ignored.")
async def body_with_a_block_too_many(scene: Scene) -> None:
    await scene.ask(parts.SYSTEM | {"ticket": parts.ticket(scene.now)["ticket"]})
    fields = {"report.zx_report.cash_sum.bills": 0}
    await scene.ask(parts.INFO, fields=fields)


@dialogue("A body is judged before the token: no protobuf under a wrong token is 3, not 2.")
async def body_before_the_token(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(b"\xff", PROTOCOL_ERROR, command=UNREADABLE, token=77)


@dialogue("A body is judged before the device: no protobuf from an unknown one is 3, not 1.", server={"strict": True})
async def body_before_the_device(scene: Scene) -> None:
    await scene.ask(b"\xff", PROTOCOL_ERROR, command=UNREADABLE)
    await scene.ask(parts.SYSTEM, 1)


@dialogue("The token is judged before the content: a ticket without items under a wrong token is 2, not 15.")
async def token_before_the_content(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(parts.ticket(scene.now, items=[]), 2, token=77)


@dialogue("A request byte by byte is a request.")
async def frame_byte_by_byte(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", piece=1)


@dialogue("A request in pieces of seven bytes, a header among them.")
async def frame_in_pieces(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A", piece=7)
    await scene.ask(parts.INFO, piece=7)


@dialogue("Several requests in one segment are answered in their order.")
async def frames_in_one_segment(scene: Scene) -> None:
    await scene.ask_together([parts.SYSTEM, parts.INFO, parts.SYSTEM])


@dialogue("Two devices in one connection have nothing to do with each other.")
async def frames_of_two_devices(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now), ticket="A")
    await scene.ask(
        parts.ticket(scene.now), ticket="B", token=999, device=200600, number=1, issues="token of the other"
    )


@dialogue("Each command that has a block, without it: 3.")
async def bodies_without_their_blocks(scene: Scene) -> None:
    for command in (Command.CLOSE_SHIFT, Command.REPORT, Command.NOMENCLATURE, Command.MONEY_PLACEMENT, Command.AUTH):
        await scene.ask({"command": command}, PROTOCOL_ERROR)
    await scene.ask(parts.ticket(scene.now), ticket="A")


@dialogue("A number beyond 31 bits in a uint32 field: 3.")
async def body_with_a_number_out_of_range(scene: Scene) -> None:
    await scene.ask(parts.ticket(scene.now, fr_shift_number=2**31), PROTOCOL_ERROR, command=UNREADABLE)


@dialogue("A text that is no UTF-8: 3.")
async def body_with_a_text_that_is_none(scene: Scene) -> None:
    body = request_type(203)(**parts.ticket(scene.now)).SerializeToString()
    wrong = body.replace("Хлеб".encode(), b"\xff" * len("Хлеб".encode()))
    await scene.ask(wrong, PROTOCOL_ERROR, command=UNREADABLE)
