"""The reasons given for the limits are true."""

from msgspec.structs import replace

from fiscal.domain.counters import fold
from fiscal.domain.document import ONLINE, Delivery
from fiscal.domain.limits import AUTONOMOUS_SIGN_MAX, CODE_MAX, NUMBER_MAX, SECTIONS_MAX
from fiscal.domain.messages import SubmitDocument
from fiscal.domain.receipt import Operation
from fiscal.protocols.content import CONTENT_SIZE_MAX, encode_content
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.limits import FRAME_SIZE_MAX
from tests.fiscal.protocols.native.long_documents import MARKED, PLAIN
from tests.fiscal.protocols.samples import CLOSE_SHIFT, RECEIPT


def test_the_longest_receipt_with_ordinary_names_fits_with_marking_codes():
    assert len(encode_content(PLAIN)) < 100 * 1000
    assert len(encode_content(MARKED)) < CONTENT_SIZE_MAX


def test_the_longest_z_report_fits():
    counters: dict[str, int] = {}
    for operation in Operation:
        for section in range(SECTIONS_MAX):
            item = replace(RECEIPT.items[0], section=f"{section:0{CODE_MAX}}", discount=1)
            counters = fold(counters, replace(RECEIPT, operation=operation, items=(item,)), ONLINE)
    assert len(encode_content(replace(CLOSE_SHIFT, counters=counters))) < 200 * 1000


def test_the_largest_content_fits_with_every_delivery_fact():
    delivery = Delivery(autonomous=True, autonomous_sign=AUTONOMOUS_SIGN_MAX, period=NUMBER_MAX)
    frame = NATIVE.serialize(SubmitDocument(content=bytes(CONTENT_SIZE_MAX), delivery=delivery), 1)
    assert len(frame) <= FRAME_SIZE_MAX
