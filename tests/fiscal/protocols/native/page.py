"""What docs/reference/native-protocol.md says of fields, kinds, codes and vectors, made from the code.

The rule: a place for it is marked ``<!-- made: NAME -->`` in the page; what stands from there to ``<!-- end -->`` is
made here and compared by ``test_page.py``. ``python -m tests.fiscal.protocols.native.page`` writes it. Only the words
that explain a field are written by hand, below, and each field has to have them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from enum import Enum
from itertools import pairwise
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from msgspec import Struct

from fiscal.domain.document import (
    KIND_OF,
    CloseShift,
    Correction,
    Delivery,
    Deposit,
    Void,
    Withdrawal,
)
from fiscal.domain.limits import NUMBER_MAX
from fiscal.domain.messages import (
    Accepted,
    AskInformation,
    Blocked,
    Hello,
    Information,
    Noted,
    Ping,
    RefusalCode,
    Refused,
    ReportOfflinePeriod,
    ReportStatus,
    SubmitDocument,
    TryLater,
    Welcome,
)
from fiscal.domain.money import MONEY_MAX
from fiscal.domain.receipt import Cashier, Customer, Item, Modifier, ParentReceipt, Payment, Receipt, Tax
from fiscal.domain.register import RegisterProfile, Taxpayer
from fiscal.protocols.base import FATAL, ErrorCode
from fiscal.protocols.native.limits import FRAME_SIZE_MAX
from fiscal.protocols.native.messages import TYPE_OF, Kind
from fiscal.protocols.rest.messages import COMMANDS, RESULT_OF, status_of
from fiscal.protocols.values import REQUIRED, fields_of, is_value
from fiscal.session.limits import DEFAULT_LIMITS
from fiscal.time import INSTANT_MAX
from kkt_client.core.outbox import REFUSALS
from ofd_server.gateways.http.protocol import protocol_routes
from tests.fiscal.protocols.samples import ANSWERS as SAMPLES
from tests.vectors.native_vectors import ANSWERS, DOCUMENTS, REFUSED, SESSION

PATH: Final = Path(__file__).parents[4] / "docs" / "reference" / "native-protocol.md"

_MADE = re.compile(r"(?<=<!-- made: )(?P<name>[\w ]+)(?P<head> -->\n)(?P<text>.*?)(?=<!-- end -->)", re.DOTALL)

_HEAD: Final = {
    "id": "the document's id; see [Ids and numbers](#ids-and-numbers)",
    "number": "the number of the document in the life of the register, 1, 2, 3 without gaps",
    "shift": "the number of the shift, 1, 2, 3 without gaps",
    "issued_at": "when the register issued it, by the register's clock",
    "cashier": "who sat at the register",
}

MEANING: Final[Mapping[type, Mapping[str, str]]] = {
    Hello: {
        "register": "who it is: the id under which the operator knows the register",
        "token": "the register's secret; in open mode an unknown register is registered with the one it brings",
        "software": "name and version of the client, for people",
        "last_number": "the number of the last document that it issued, 0 for none",
        "last_shift": "the shift of that document",
        "accepted_number": "the number of the last document that an operator accepted; an operator that does not know the register counts on from it",
        "accepted_shift": "the shift of that document",
        "profile": "who owns the register and where it stands; printed on receipts",
    },
    SubmitDocument: {
        "content": "the document as msgpack inside; see [Documents](#documents)",
        "delivery": "what happened to the document on its way; left out when nothing did",
    },
    ReportOfflinePeriod: {
        "number": "the number of the period in the life of the register",
        "begin": "when the register went autonomous",
        "end": "when it found the operator again, not before `begin`",
        "reason": "why it went autonomous",
    },
    AskInformation: {},
    Ping: {},
    ReportStatus: {
        "unsent": "how many documents wait to be sent",
        "mode": "how the register works",
        "oldest_unsent_at": "when the oldest waiting document was issued, nil when none waits",
        "stuck": "why nothing goes on, for people",
        "since": "since when it works so",
        "head": "the number of the document that has to go next, nil when none waits",
        "last_error": "why that did not succeed so far, for people",
        "stuck_code": "what `stuck` says, for machines; see [the codes](register.md#what-it-says-and-its-codes)",
        "last_error_code": "what `last_error` says, for machines",
    },
    Welcome: {
        "at": "the operator's time",
        "operator": "the operator's name, for people",
        "last_number": "the highest document number that the operator holds of the register, 0 for none",
        "last_digest": "the digest of that document, nil when there is none",
        "last_shift": "the shift that the operator's count has come to",
        "last_autonomous_sign": "the highest autonomous sign that the operator has seen, 0 for none",
        "phone": "where to call when the service is not paid (S3-03)",
    },
    Accepted: {
        "number": "the number of the document",
        "at": "when the operator received the document for the first time",
        "sign": "the fiscal sign, decimal digits; for receipts and corrections, nil for other documents",
        "qr": "the text of the QR code, where there is a sign",
        "key": "the id of the key that the sign was made with",
    },
    Refused: {
        "code": "why; see [Refusals](#refusals)",
        "field": "the path of the wrong field, such as `items[2].sum`; empty when no field is to blame",
        "text": "the rule with the figures, for people",
        "expected": "the number, or the shift, that would be right",
    },
    TryLater: {"delay_ms": "milliseconds after which the same bytes may be sent again"},
    Blocked: {"reason": "why, for people"},
    Information: {
        "at": "the operator's time",
        "last_number": "the highest document number that the operator holds, 0 for none",
        "last_shift": "the shift that its count has come to",
        "shift_opened_at": "when the open shift was opened, nil when none is open",
        "last_autonomous_sign": "the highest autonomous sign that it has seen, 0 for none",
        "counters": "the figures of the shift by their names; see [Counters](#counters)",
        "profile": "what it knows of the register",
        "blocked": "whether the operator has blocked the register; one that has answers [Blocked](#blocked) instead",
    },
    Noted: {"at": "the operator's time"},
    Receipt: {
        **_HEAD,
        "operation": "a sale, a purchase, or the return of one",
        "items": "what was sold",
        "payments": "how it was paid; each kind at most once",
        "total": "what the buyer pays",
        "taken": "the cash that the buyer gave; goes with a cash payment, and only with one",
        "change": "the change; goes with `taken`",
        "discount": "a discount on the whole receipt",
        "markup": "a markup on the whole receipt; not together with a discount",
        "taxes": "taxes of the whole receipt; not together with taxes of items",
        "customer": "the buyer, as far as he told",
        "domain": "the field of trade",
        "parent": "the receipt that a return takes back",
        "modifiers": "discounts and markups that belong to no single item",
    },
    Item: {
        "name": "what it is",
        "price": "the price of one",
        "quantity": "how much, in thousandths: one piece is 1000",
        "sum": "`price` x `quantity`, rounded half up, before discount and markup",
        "section": "the department of the shop",
        "unit": "the code of the unit; 796 is a piece, 166 a kilogram, 112 a litre",
        "barcode": "the barcode",
        "marking_code": "the code of a marked good",
        "discount": "a discount on this line",
        "markup": "a markup on this line; not together with a discount",
        "taxes": "taxes on this line",
        "storno": "whether the line takes goods back that stand on the same receipt; it lowers every sum and no count",
        "ntin": "the number of the national catalogue of Kazakhstan",
        "further_codes": "the codes of the other marked goods in the line",
    },
    Modifier: {
        "kind": "which way it changes the price",
        "sum": "by how much",
        "name": "what it is called",
        "storno": "whether it takes such a one back",
    },
    Payment: {"kind": "what the buyer paid with", "sum": "how much"},
    Tax: {
        "rate": "thousandths of a percent: 12 % is 12000",
        "base": "what it is taken of; for the tax of an item, `sum - discount + markup` of the item",
        "sum": "the tax: `base` x `rate` / (100 % + `rate`) inside, `base` x `rate` / 100 % on top, rounded half up",
        "inside": "whether the price contains it; else it is added to the total",
        "kind": "which tax",
    },
    Cashier: {"code": "the cashier's number", "name": "the cashier's name"},
    Customer: {
        "email": "where the receipt is sent to",
        "phone": "where the receipt is sent to",
        "tax_id": "the buyer's BIN, IIN or INN; may not be the seller's",
    },
    ParentReceipt: {
        "sign": "its fiscal sign, or its autonomous sign while there is no other",
        "issued_at": "when it was issued",
        "total": "its total",
        "rnm": "the registration number of the register that issued it",
        "autonomous": "whether it was issued autonomously",
    },
    Correction: {
        **_HEAD,
        "operation": "what was not, or wrongly, put through the register",
        "payments": "how it was paid",
        "total": "how much",
        "reason": "`own`: the shop noticed it; `order`: the tax authority ordered it",
        "corrected_at": "when that happened which is corrected",
        "basis": "the paper that it rests on",
        "taxes": "the taxes in it",
    },
    Deposit: {**_HEAD, "sum": "cash put into the drawer"},
    Withdrawal: {**_HEAD, "sum": "cash taken out of the drawer"},
    CloseShift: {
        **_HEAD,
        "opened_at": "when the shift was opened: the time of its first document",
        "counters": "the figures of the Z-report; see [Counters](#counters)",
        "withdraw_cash": "whether the report takes all the cash out of the drawer",
    },
    Void: {
        **_HEAD,
        "voids": "the id of the document whose number it takes",
        "by": "the person who gave that document up",
        "why": "why, in that person's words",
        "refusal": "the code with which the operator had refused it",
    },
    Delivery: {
        "autonomous": "the mark: issued without the operator (S3-27)",
        "autonomous_sign": "the register's own sign of a receipt or correction (S3-26); goes with `autonomous`",
        "period": "the number of the offline period in which it was issued",
    },
    RegisterProfile: {
        "taxpayer": "the owner",
        "place": "the address where it stands",
        "rnm": "its registration number",
        "serial": "its factory number",
        "country": "whose rules and forms it follows",
        "zone": "its local time, as an IANA name",
        "fn_serial": "the number of its fiscal drive, in Russia",
    },
    Taxpayer: {
        "name": "the name",
        "tax_id": "BIN or IIN in Kazakhstan, INN in Russia",
        "taxation": "the taxation regime",
    },
}

REFUSAL: Final[Mapping[RefusalCode, str]] = {
    RefusalCode.BAD_REQUEST: "a field is missing, unknown, of another type or out of range; or the bytes are no message",
    RefusalCode.BAD_TOTALS: "the sums of a receipt do not agree; `field` and `text` say which, with both figures. "
    "Or a figure of the shift would become larger than a Z-report can say",
    RefusalCode.UNKNOWN_REGISTER: "the operator does not know the register, and registers nobody by itself; or it was removed",
    RefusalCode.WRONG_TOKEN: "the token is not the register's",
    RefusalCode.HELLO_FIRST: "the session has not begun with hello",
    RefusalCode.SUPERSEDED: "a newer session of the register has taken over; this one is closed",
    RefusalCode.CONFLICT: "the id is known with other content, or the document has another autonomous sign already",
    RefusalCode.NUMBER_GAP: "the number is above the one that is next; `expected` is that one",
    RefusalCode.NUMBER_TAKEN: "the number belongs to a document with another id",
    RefusalCode.ID_ORDER: "the id is not above the id of the document before",
    RefusalCode.WRONG_SHIFT: "the document belongs to another shift; `expected` is the current one",
    RefusalCode.SHIFT_EXPIRED: "the shift is older than 24 hours; never said to an autonomous document, nor to a Z-report",
    RefusalCode.SHIFT_NOT_OPEN: "there is no open shift to close",
    RefusalCode.NOT_ENOUGH_CASH: "more cash would be paid out than lies in the drawer",
    RefusalCode.CLOCK_AHEAD: "the document's time is more than 5 minutes ahead of the operator's",
    RefusalCode.TOO_OLD: "the document's time is more than 72 hours and a shift ago, and it is not autonomous",
    RefusalCode.AUTONOMOUS_SIGN_MISSING: "an autonomous receipt or correction came without its autonomous sign",
    RefusalCode.SAME_TAXPAYER_AND_CUSTOMER: "the buyer and the seller are the same taxpayer",
    RefusalCode.TOO_MANY_SECTIONS: "the shift would have more than 100 sections",
    RefusalCode.NUMBERS_EXHAUSTED: "the register has used up the numbers for which there are fiscal signs",
    RefusalCode.UNKNOWN_COMMAND: "no request has this kind",
    RefusalCode.TOO_LARGE: "the frame announces more than its limit",
}

ERROR: Final[Mapping[ErrorCode, str]] = {
    ErrorCode.BAD_MAGIC: "the first four bytes are not `MOFD`: somebody speaks something else. Nothing is answered",
    ErrorCode.UNSUPPORTED_VERSION: "a version that the operator does not speak",
    ErrorCode.BAD_FLAGS: "an unknown flag, or one that contradicts the kind. Unknown flags are not answered",
    ErrorCode.TOO_LARGE: "a body above the limit; not a byte of it is read",
    ErrorCode.TRUNCATED: "the connection ended within a frame",
    ErrorCode.WRONG_DIRECTION: "an answer from a register, or a request from an operator",
    ErrorCode.REQUEST_NUMBER: "not the number after the one before",
    ErrorCode.TOO_MANY_REQUESTS: "more unanswered requests, or more bytes of them, than the operator holds",
    ErrorCode.UNEXPECTED_ANSWER: "an answer to no request that waits, or of a kind that does not fit it",
    ErrorCode.BAD_ANSWER: "an answer whose body cannot be understood",
    ErrorCode.BAD_REQUEST: "a request whose body cannot be understood",
    ErrorCode.UNKNOWN_COMMAND: "a kind that stands for no request",
    ErrorCode.HELLO_FIRST: "a request before hello was answered with welcome",
    ErrorCode.SECOND_HELLO: "hello in a session that has its register",
    ErrorCode.BAD_MEDIA_TYPE: "over HTTP: a body that is neither JSON nor msgpack",
}

COURSE: Final[Mapping[str, str]] = {
    "again": "connect, say hello, send the same bytes again",
    "credentials": "stop selling until the operator knows it, or it has its new token",
    "gap": "stop selling: the operator has lost documents; a person decides",
    "person": "stop selling: refused for good; a person decides to [retry or void](#refused-for-good)",
}


def fill(text: str) -> str:
    """The page with everything in it that is made."""
    return _MADE.sub(lambda found: f"{found['name']}{found['head']}\n{make(found['name'])}\n\n", text)


def make(name: str) -> str:
    """What stands under this name."""
    for class_ in MEANING:
        if class_.__name__ == name:
            return field_table(class_)
    return _MAKERS[name]()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


# ---------------------------------------------------------------------------------------------------------- fields


def field_table(class_: type) -> str:
    """The fields of a message, a document or a part of one."""
    rows = []
    if class_ in KIND_OF:
        rows.append(["`kind`", f"the text `{KIND_OF[class_].value}`", "required", "what the document is; always first"])
    hints = get_type_hints(class_, include_extras=True)
    for name, default in fields_of(class_).items():
        shown = "binary, any" if (class_, name) == (SubmitDocument, "content") else type_in_words(hints[name])
        rows.append([f"`{name}`", shown, default_in_words(default), MEANING[class_][name]])
    return (
        table(["field", "type", "default", "meaning"], rows) if rows else "No fields: the body is the empty map, `80`."
    )


def default_in_words(default: Any) -> str:
    match default:
        case _ if default is REQUIRED:
            return "required"
        case None:
            return "nil"
        case bool():
            return "true" if default else "false"
        case Enum():
            return f"`{default.value}`"
        case () | "" | {}:
            return "empty"
        case _ if is_value(default):
            return "empty"
        case str() | int():
            return f"`{default}`"
        case _:
            raise AssertionError(default)


_INTEGERS: Final = {
    ("0", str(MONEY_MAX)): "amount",
    (str(-MONEY_MAX), str(MONEY_MAX)): "signed amount",
    ("0", str(INSTANT_MAX)): "time",
    ("0", str(NUMBER_MAX)): "count",
    ("1", str(NUMBER_MAX)): "number",
}


def types() -> str:
    """The integers that have a name."""
    meanings = {
        "amount": "minor units, tiyn or kopecks: 1550.00 is 155000",
        "signed amount": "the same, below zero too",
        "time": "milliseconds since 1970-01-01T00:00Z, the last one is in the year 9999",
        "count": "",
        "number": "",
    }
    rows = [[name, f"integer {low} .. {high}", meanings[name]] for (low, high), name in _INTEGERS.items()]
    return table(["type", "range", "meaning"], rows)


def type_in_words(hint: Any) -> str:
    """A type as a stranger needs it: what it is, and its range."""
    if get_origin(hint) is Annotated:
        base, *marks = get_args(hint)
        return _ranged(base, marks)
    if isinstance(hint, UnionType) or NoneType in get_args(hint):
        return " or ".join(type_in_words(part) for part in get_args(hint))
    if hint is NoneType:
        return "nil"
    if isinstance(hint, type) and (issubclass(hint, Struct) or is_dataclass(hint)):
        return f"map: [{hint.__name__}](#{hint.__name__.lower()})"
    if isinstance(hint, type) and issubclass(hint, Enum):
        return "one of " + ", ".join(f"`{member.value}`" for member in hint)
    return _ranged(hint, [])


def _ranged(base: Any, marks: Sequence[Any]) -> str:
    bounds = {type(mark): mark for mark in marks}
    lowest, highest = (str(getattr(bounds.get(kind), name, "")) for kind, name in ((Ge, "ge"), (Le, "le")))
    shortest, longest = bounds.get(MinLen), bounds.get(MaxLen)
    sizes = f"{shortest.min_length if shortest else 0} .. {longest.max_length}" if longest else ""
    origin = get_origin(base) or base
    if origin is int:
        return _INTEGERS.get((lowest, highest), f"integer {lowest} .. {highest}")
    if origin is str:
        return f"text, {sizes} characters"
    if origin is bytes:
        return f"binary, {sizes.partition(' .. ')[0]} bytes"
    if origin is bool:
        return "boolean"
    if origin is tuple:
        inner = get_args(base)[0]
        if get_origin(inner) is Annotated:
            return f"array of {type_in_words(inner)}, {sizes}"
        return f"array of [{inner.__name__}](#{inner.__name__.lower()}), {sizes}"
    key, value = get_args(base)
    assert origin in (dict, Mapping) or issubclass(origin, Mapping)
    keys = type_in_words(key) if get_origin(key) is Annotated else "text"
    return f"map from {keys} to {type_in_words(value)}" + (f", {sizes} entries" if sizes else "")


# ----------------------------------------------------------------------------------------------------- other tables


_ANSWERED_WITH: Final = {
    Kind.HELLO: "welcome",
    Kind.DOCUMENT: "accepted",
    Kind.OFFLINE_PERIOD: "noted",
    Kind.ASK_INFORMATION: "information",
    Kind.PING: "noted",
    Kind.STATUS: "noted",
}


def kinds() -> str:
    rows = []
    for kind in Kind:
        name = TYPE_OF[kind].__name__
        answer = _ANSWERED_WITH.get(kind)
        direction = f"register, answered with {answer}" if answer else "operator"
        rows.append([f"`{kind:#04x}`", kind.name.lower().replace("_", " "), direction, f"[{name}](#{name.lower()})"])
    return table(["kind", "name", "sent by", "fields"], rows)


def refusals() -> str:
    rows = [[f"`{code}`", REFUSAL[code], COURSE[REFUSALS[code]]] for code in RefusalCode]
    return table(["code", "when", "what the register does"], rows)


def errors() -> str:
    rows = [[f"`{code}`", ERROR[code], "ends" if code in FATAL else "goes on"] for code in ErrorCode]
    return table(["code", "what the peer did", "the session"], rows)


def limits() -> str:
    shown = DEFAULT_LIMITS
    rows = [
        ["a frame, its header included", f"{FRAME_SIZE_MAX:,} bytes", "`too_large`, the session ends"],
        ["from the connection to a whole hello", f"{shown.greeting_limit_s:g} s", "the operator closes"],
        ["from the first byte of a frame to its last", f"{shown.frame_limit_s:g} s", "the operator closes"],
        ["without a request", f"{shown.idle_limit_s:g} s", "the operator closes"],
        [
            "from the end of the register's half to the last answer",
            f"{shown.finish_limit_s:g} s",
            "the operator closes",
        ],
        ["requests that wait for their answers", f"{shown.unanswered_max}", "`too_many_requests`, the session ends"],
        [
            "bytes of their bodies",
            f"{shown.unanswered_size_max:,} bytes",
            "`too_many_requests`, the session ends",
        ],
        ["the answer to a request", f"{shown.answer_limit_s:g} s", "the register makes the receipt autonomous"],
    ]
    return table(["what", "limit", "what happens beyond it"], rows)


def commands() -> str:
    nobody: Any = None  # a list of routes needs no service
    bodies = {route.path: route.command for route in protocol_routes(nobody, nobody, 0.0) if route.command}
    rows = []
    for route in protocol_routes(nobody, nobody, 0.0):
        word = bodies.get(route.path)
        class_ = COMMANDS.get(word or "")
        body = f"[{class_.__name__}](#{class_.__name__.lower()})" if class_ else "none"
        rows.append([f"`{route.method} {route.path}`", body, route.summary, route.right.value])
    return table(["address", "body", "what it does", "who may"], rows)


def results() -> str:
    shown = {type(answer): str(status_of(answer)) for answer in SAMPLES if not isinstance(answer, Refused)}
    rows = [
        [f"`{word}`", f"[{class_.__name__}](#{class_.__name__.lower()})", shown.get(class_, "by its code, below")]
        for class_, word in RESULT_OF.items()
    ]
    return table(["`result`", "fields", "status"], rows)


def statuses() -> str:
    rows = [[f"`{code}`", str(status_of(Refused(code=code)))] for code in RefusalCode]
    return table(["code", "status"], rows)


# ---------------------------------------------------------------------------------------------------------- vectors


def _rows(digits: str) -> str:
    """Bytes in rows of 32."""
    return "\n".join(digits[at : at + 64] for at in range(0, len(digits), 64))


def _frame(part: Mapping[str, Any]) -> str:
    """A frame as its header, field by field, and its body."""
    digits = part["frame"]
    header = " ".join(digits[begin:end] for begin, end in pairwise((0, 8, 10, 12, 16, 24, 32)))
    return f"```text\n{header}\n{_rows(digits[32:])}\n```"


def _example(value: Any) -> str:
    return "```json\n" + json.dumps(value, ensure_ascii=False) + "\n```"


def _shown(request: Mapping[str, Any]) -> Any:
    """A request's body, the content in it unpacked."""
    return {**request["body"], "content": request["content"]} if "content" in request else request["body"]


def session() -> str:
    parts = []
    for exchange in SESSION:
        request, answer = exchange["request"], exchange["answer"]
        parts += [f"**{exchange['number']}. {exchange['name']}**: {exchange['meaning']}.", _frame(request)]
        parts += [_example(_shown(request)), _frame(answer), _example(answer["body"])]
    return "\n\n".join(parts)


def more_answers() -> str:
    parts = []
    for vector in ANSWERS:
        parts += [
            f"**{vector['name']}**: {vector['meaning']}.",
            _frame(vector["answer"]),
            _example(vector["answer"]["body"]),
        ]
    return "\n\n".join(parts)


def documents() -> str:
    parts = []
    for vector in DOCUMENTS:
        parts.append(f"**{vector['name']}**: {vector['meaning']}. Digest `{vector['digest']}`.")
        parts += [f"```text\n{_rows(vector['content'])}\n```", _example(vector["value"])]
    return "\n\n".join(parts)


def wrong_frames() -> str:
    rows = [
        [
            vector["name"],
            vector["sender"],
            f"`{vector['frame']}`",
            f"`{vector['code']}`",
            f"`{vector['field']}`",
            vector["meaning"],
        ]
        for vector in REFUSED
    ]
    return table(["name", "from the", "frame", "code", "field", "why"], rows)


_MAKERS: Final[Mapping[str, Callable[[], str]]] = {
    "types": types,
    "kinds": kinds,
    "refusals": refusals,
    "errors": errors,
    "limits": limits,
    "commands": commands,
    "results": results,
    "statuses": statuses,
    "session": session,
    "more answers": more_answers,
    "documents": documents,
    "wrong frames": wrong_frames,
}


def main() -> None:
    """Bring the page up to date."""
    before = PATH.read_text(encoding="utf-8")
    after = fill(before)
    PATH.write_text(after, encoding="utf-8")
    sys.stdout.write("written\n" if after != before else "nothing to write\n")


if __name__ == "__main__":
    main()
