"""The reason given for the limit is true."""

import json

from fiscal.domain.messages import SubmitDocument
from fiscal.protocols.content import CONTENT_SIZE_MAX, encode_content
from fiscal.protocols.rest.codec import MediaType, parse_document, serialize_request
from fiscal.protocols.rest.limits import BODY_SIZE_MAX
from tests.fiscal.protocols.native.long_documents import MARKED


def test_the_longest_ordinary_receipt_fits_however_its_json_is_written():
    content = encode_content(MARKED)
    assert len(content) < CONTENT_SIZE_MAX
    readable = json.loads(serialize_request(SubmitDocument(content=content), MediaType.JSON))
    spread = json.dumps(readable, indent=2, ensure_ascii=True).encode()
    assert len(spread) < BODY_SIZE_MAX
    assert parse_document(spread, "application/json") == SubmitDocument(content=content)
