"""Commands and answers of the HTTP interface by their names, and their JSON Schema.

The rule: the schema is made from the classes that validate, so it cannot say anything else than they do. Binary
values are hexadecimal text in JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from fiscal.domain.document import KIND_OF, TYPE_OF, Delivery
from fiscal.domain.limits import DOCUMENT_ID_SIZE
from fiscal.domain.messages import (
    Accepted,
    Answer,
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
    Request,
    SubmitDocument,
    TryLater,
    Welcome,
)

COMMANDS: Final[Mapping[str, type[Request]]] = {
    "hello": Hello,
    "document": SubmitDocument,
    "offline-period": ReportOfflinePeriod,
    "information": AskInformation,
    "ping": Ping,
    "status": ReportStatus,
}
"""The word of a command in addresses."""
COMMAND_OF: Final[Mapping[type, str]] = {class_: word for word, class_ in COMMANDS.items()}

RESULTS: Final[Mapping[str, type[Answer]]] = {
    "welcome": Welcome,
    "accepted": Accepted,
    "refused": Refused,
    "try_later": TryLater,
    "blocked": Blocked,
    "information": Information,
    "noted": Noted,
}
"""The word under ``result`` in an answer."""
RESULT_OF: Final[Mapping[type, str]] = {class_: word for word, class_ in RESULTS.items()}

_Mode = Literal["validation", "serialization"]
_OK: Final = 200
_UNPROCESSABLE: Final = 422
_REFUSAL_STATUS: Final[Mapping[RefusalCode, int]] = {
    RefusalCode.BAD_REQUEST: 400,
    RefusalCode.WRONG_TOKEN: 401,
    RefusalCode.UNKNOWN_REGISTER: 404,
    RefusalCode.UNKNOWN_COMMAND: 404,
    RefusalCode.CONFLICT: 409,
    RefusalCode.NUMBER_GAP: 409,
    RefusalCode.NUMBER_TAKEN: 409,
    RefusalCode.ID_ORDER: 409,
    RefusalCode.SUPERSEDED: 409,
    RefusalCode.TOO_LARGE: 413,
}


def status_of(answer: Answer) -> int:
    """The HTTP status of an answer. A register looks at the body; the status is for what stands between."""
    match answer:
        case Refused(code=code):
            return _REFUSAL_STATUS.get(code, _UNPROCESSABLE)
        case TryLater():
            return 503
        case Blocked():
            return 423
        case _:
            return _OK


class _HexBytes(GenerateJsonSchema):
    """JSON Schema in which binary values are hexadecimal text; the 16 bytes of an id may be written as a UUID."""

    def bytes_schema(self, schema: core_schema.BytesSchema) -> JsonSchemaValue:
        size = schema.get("max_length", 0)
        pattern = f"^[0-9a-fA-F]{{{2 * size}}}$"
        if size == DOCUMENT_ID_SIZE:
            pattern = "^[0-9a-fA-F]{8}(-?)[0-9a-fA-F]{4}\\1[0-9a-fA-F]{4}\\1[0-9a-fA-F]{4}\\1[0-9a-fA-F]{12}$"
        return {"type": "string", "pattern": pattern}


def schemas(ref_template: str = "#/components/schemas/{model}") -> dict[str, Any]:
    """JSON Schema of every command and every answer by the name of its class, for an OpenAPI document.

    ``Document`` is any document, ``Request`` any command, ``Answer`` any answer; ``ref_template`` is where they refer
    to each other.
    """
    classes: tuple[Any, ...] = (*TYPE_OF.values(), Delivery, *COMMANDS.values(), *RESULTS.values())
    adapters: list[tuple[Any, _Mode, TypeAdapter[Any]]] = [
        (class_, "validation", TypeAdapter(class_)) for class_ in classes
    ]
    _, together = TypeAdapter.json_schemas(adapters, ref_template=ref_template, schema_generator=_HexBytes)
    found: dict[str, Any] = together["$defs"]

    def ref(name: str) -> dict[str, str]:
        return {"$ref": ref_template.format(model=name)}

    for class_, kind in KIND_OF.items():
        _begin_with(found[class_.__name__], "kind", kind.value)
    for class_, result in RESULT_OF.items():
        _begin_with(found[class_.__name__], "result", result)
    found["SubmitDocument"]["properties"]["content"] = ref("Document")
    found["SubmitDocument"]["additionalProperties"] = False
    found["Document"] = _any_of(ref, "kind", {kind.value: class_.__name__ for class_, kind in KIND_OF.items()})
    found["Request"] = {"anyOf": [ref(class_.__name__) for class_ in COMMANDS.values()]}
    found["Answer"] = _any_of(ref, "result", {result: class_.__name__ for class_, result in RESULT_OF.items()})
    return found


def _begin_with(schema: dict[str, Any], name: str, value: str) -> None:
    schema["properties"] = {
        name: {"const": value, "type": "string"},
        **schema.get("properties", {}),
    }
    schema["required"] = [name, *schema.get("required", ())]


def _any_of(ref: Any, discriminator: str, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "oneOf": [ref(name) for name in names.values()],
        "discriminator": {
            "propertyName": discriminator,
            "mapping": {word: ref(name)["$ref"] for word, name in names.items()},
        },
    }
