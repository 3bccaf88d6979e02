"""The names of the HTTP interface, and a schema that says what the classes do."""

import json
import re
from typing import Any

import pytest

from fiscal.domain.document import KIND_OF
from fiscal.domain.messages import Answer, Blocked, RefusalCode, Refused, Request, SubmitDocument, TryLater
from fiscal.protocols.content import encode_content
from fiscal.protocols.rest.codec import MediaType, serialize_answer, serialize_request
from fiscal.protocols.rest.messages import COMMAND_OF, COMMANDS, RESULT_OF, RESULTS, schemas, status_of
from tests.fiscal.protocols.samples import ACCEPTED, ANSWERS, DOCUMENTS, REQUESTS

SCHEMAS = schemas()


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether the value fits, judged by the few words of JSON Schema that ours use."""
    if "$ref" in schema:
        return fits(value, SCHEMAS[schema["$ref"].removeprefix("#/components/schemas/")])
    if "oneOf" in schema:
        return sum(fits(value, one) for one in schema["oneOf"]) == 1
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    match schema["type"]:
        case "object":
            properties = schema.get("properties", {})
            rest = schema.get("additionalProperties", True)
            return (
                isinstance(value, dict)
                and set(schema.get("required", ())) <= set(value)
                and all(
                    fits(part, properties[name]) if name in properties else rest and fits(part, rest)
                    for name, part in value.items()
                )
            )
        case "array":
            low, high = schema.get("minItems", 0), schema["maxItems"]
            return (
                isinstance(value, list) and low <= len(value) <= high and all(fits(x, schema["items"]) for x in value)
            )
        case "integer":
            return type(value) is int and schema["minimum"] <= value <= schema["maximum"]
        case "string":
            return isinstance(value, str) and re.search(schema.get("pattern", ""), value) is not None
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case other:
            raise AssertionError(other)


def test_every_command_and_every_answer_has_a_name():
    assert set(COMMANDS.values()) == set(Request.__args__)
    assert set(RESULTS.values()) == set(Answer.__args__)
    assert {word: class_ for class_, word in COMMAND_OF.items()} == COMMANDS
    assert {word: class_ for class_, word in RESULT_OF.items()} == RESULTS


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: type(request).__name__)
def test_requests_fit_their_schema(request_):
    body = json.loads(serialize_request(request_, MediaType.JSON))
    assert fits(body, SCHEMAS[type(request_).__name__])
    assert fits(body, SCHEMAS["Request"])


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_answers_fit_their_schema(answer):
    body = json.loads(serialize_answer(answer, MediaType.JSON))
    assert fits(body, SCHEMAS[type(answer).__name__])
    assert fits(body, SCHEMAS["Answer"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: KIND_OF[type(document)])
def test_documents_fit_one_schema_each(document):
    body = json.loads(serialize_request(SubmitDocument(content=encode_content(document)), MediaType.JSON))
    assert fits(body["content"], SCHEMAS["Document"])
    assert not fits({**body["content"], "more": 1}, SCHEMAS["Document"])
    assert not fits({**body["content"], "id": "5"}, SCHEMAS["Document"])
    assert not fits({**body["content"], "number": 0}, SCHEMAS["Document"])


def test_an_id_may_be_written_as_a_uuid():
    pattern = SCHEMAS["Receipt"]["properties"]["id"]["pattern"]
    assert re.search(pattern, "01970000-0000-7000-8000-00000000000A")
    assert re.search(pattern, "01970000000070008000000000000001")
    assert not re.search(pattern, "01970000-00007000-8000-000000000001")


def test_references_lead_somewhere_and_can_be_elsewhere():
    text = json.dumps(schemas("#/$defs/{model}"))
    references = set(re.findall(r'"#/\$defs/(\w+)"', text))
    assert references <= set(SCHEMAS)
    assert "#/components" not in text


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (ACCEPTED, 200),
        (TryLater(delay_ms=5), 503),
        (Blocked(reason="x"), 423),
        (Refused(code=RefusalCode.WRONG_TOKEN), 401),
        (Refused(code=RefusalCode.CONFLICT), 409),
        (Refused(code=RefusalCode.BAD_TOTALS), 422),
    ],
)
def test_http_statuses(answer, status):
    assert status_of(answer) == status


@pytest.mark.parametrize("code", RefusalCode)
def test_every_refusal_is_an_error_of_the_client(code):
    assert 400 <= status_of(Refused(code=code)) < 500
