"""What a scenario has to know of a protocol, in the same words for all of them.

The rule: a scenario speaks of papers, refusals and codes by their meaning; which bytes those are is said here and nowhere
else. A protocol of its own needs one :class:`Tongue`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from struct import Struct
from typing import Any, Final, NamedTuple

from fiscal.domain.messages import Answer, Blocked, Ping, Refused, TryLater
from fiscal.faults.answers import ForeignRefusal, Reply
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.transcript import NATIVE_TRANSCRIPT
from fiscal.protocols.transcript import Told, Transcript

Z: Final = "z"
"""The word for a Z-report; a sale is known by its total in minor units, which no other sale of a scenario has."""
_NATIVE_NUMBER, _NATIVE_NUMBER_AT = Struct(">I"), 12
_KZ_NUMBER, _KZ_NUMBER_AT = Struct("<H"), 16
"""How, and where in a header, the request number stands."""
Paper = int | str
"""What a document is called in a scenario."""


class Words(NamedTuple):
    """Codes of the protocol by what they mean for a document."""

    final: str
    """Refused for good: a person has to look."""
    passing: str
    """Nothing is wrong with the document: it may be sent again."""
    wrong_token: str
    """The register's credentials are refused."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """A protocol: ``paper_of`` tells which paper a request carries, ``None`` for one that carries none; ``identity_of``
    what must be the same whenever that paper is sent; ``refusal`` is the frame that refuses a request.
    """

    name: str
    transcript: Transcript
    words: Words
    first_token: str
    register: Callable[[int], str]
    paper_of: Callable[[Told], Paper | None]
    identity_of: Callable[[Any, Told], str]
    is_accepted: Callable[[Told], bool]
    refusal: Callable[[Any, bytes, Reply], bytes]
    renumbered: Callable[[bytes, int], bytes]
    """The frame with another request number, so much further."""
    filler: Callable[[Any], bytes]
    """What the operator gets in the place of a request that is kept from it; nothing where it does not count them."""
    has_hints: bool
    """Whether the operator can say when to come back."""


# ------------------------------------------------------------------------------------------------------------- native


def _native_paper(told: Told) -> Paper | None:
    document = told.fields.get("document")
    if told.what != "document" or not isinstance(document, Mapping):
        return None
    if document["kind"] == "close_shift":
        return Z
    return int(document["total"]) if document["kind"] == "receipt" else str(document["kind"])


def _native_identity(_header: Any, told: Told) -> str:
    document = told.fields["document"]
    return f"number {document['number']}, id {document['id']}, issued at {document['issued_at']}"


def _native_refusal(header: Any, _body: bytes, reply: Reply) -> bytes:
    answer: Answer = reply.plain if isinstance(reply, ForeignRefusal) else reply
    return NATIVE.serialize(answer, header.number)


def _native_renumbered(frame: bytes, offset: int) -> bytes:
    (number,) = _NATIVE_NUMBER.unpack_from(frame, _NATIVE_NUMBER_AT)
    wrong = _NATIVE_NUMBER.pack((number + offset) % 2**32)
    return frame[:_NATIVE_NUMBER_AT] + wrong + frame[_NATIVE_NUMBER_AT + len(wrong) :]


NATIVE_TONGUE: Final = Tongue(
    name="native",
    transcript=NATIVE_TRANSCRIPT,
    words=Words(final="bad_totals", passing="superseded", wrong_token="wrong_token"),  # noqa: S106 - a code
    first_token="conformance",  # noqa: S106 - of an operator that lives for one scenario
    register="till-{}".format,
    paper_of=_native_paper,
    identity_of=_native_identity,
    is_accepted=lambda told: told.what == "accepted",
    refusal=_native_refusal,
    renumbered=_native_renumbered,
    filler=lambda header: NATIVE.serialize(Ping(), header.number),
    has_hints=True,
)


# --------------------------------------------------------------------------------------------------------- Kazakhstan


def _kz_paper(told: Told) -> Paper | None:
    if told.what == "ticket":
        tenge, _, tiyn = str(told.fields["ticket"]["amounts"]["total"]).partition(".")
        return int(tenge) * 100 + int(tiyn)
    return Z if told.what == "close_shift" else None


def _kz_identity(header: Any, told: Told) -> str:
    block = told.fields.get("ticket") or told.fields.get("close_shift") or {}
    at = block.get("date_time", block.get("close_time", ""))
    return f"token {header.token}, request number {header.number}, time {at}"


def _kz_refusal(header: Any, body: bytes, reply: Reply) -> bytes:
    from fiscal.protocols.kz.codes import ResultCode  # noqa: PLC0415 - whoever tests another protocol does without
    from fiscal.protocols.kz.frames import serialize_answer  # noqa: PLC0415
    from fiscal.protocols.kz.messages import parse_request, response_type, serialize  # noqa: PLC0415

    match reply:
        case ForeignRefusal(code, text):
            number, said = int(code), text
        case TryLater():
            number, said = int(ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE), ""
        case Blocked(reason=reason):
            number, said = int(ResultCode.BLOCKED), reason
        case Refused(text=text):
            number, said = int(ResultCode.INCORRECT_REQUEST_DATA), text
        case _:
            raise AssertionError(f"no refusal: {reply}")
    response = response_type(header.version)(command=parse_request(header.version, body).command)
    response.result.result_code = number
    response.result.result_text = said
    return serialize_answer(header, header.token, serialize(response))


def _kz_renumbered(frame: bytes, offset: int) -> bytes:
    (number,) = _KZ_NUMBER.unpack_from(frame, _KZ_NUMBER_AT)
    wrong = _KZ_NUMBER.pack((number + offset) % 2**16)
    return frame[:_KZ_NUMBER_AT] + wrong + frame[_KZ_NUMBER_AT + len(wrong) :]


def _kz_accepted(told: Told) -> bool:
    result = told.fields.get("result", {})
    return bool(result.get("code") == "ok")


def kz_tongue() -> Tongue:
    """The protocol of Kazakhstan; made when it is asked for, because it loads protobuf."""
    from fiscal.protocols.kz.header import Version  # noqa: PLC0415
    from fiscal.protocols.kz.messages import load  # noqa: PLC0415
    from fiscal.protocols.kz.transcript import KZ_TRANSCRIPT  # noqa: PLC0415

    for version in Version:  # now, and not while a client waits for its answer
        load(version)
    return Tongue(
        name="kz",
        transcript=KZ_TRANSCRIPT,
        words=Words(final="13", passing="254", wrong_token="2"),  # noqa: S106 - a code
        first_token="1001",  # noqa: S106
        register=lambda place: str(900_000 + place),
        paper_of=_kz_paper,
        identity_of=_kz_identity,
        is_accepted=_kz_accepted,
        refusal=_kz_refusal,
        renumbered=_kz_renumbered,
        filler=lambda _header: b"",
        has_hints=False,
    )


TONGUES: Final[Mapping[str, Callable[[], Tongue]]] = {"native": lambda: NATIVE_TONGUE, "kz": kz_tongue}
"""Every protocol that clients can be tried in, by its word."""
