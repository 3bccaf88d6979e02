"""Our numbers are the schema's, and every result code says what to do."""

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode
from fiscal.protocols.kz import codes
from fiscal.protocols.kz.codes import (
    ANY_TOKEN,
    ITEM_BLOCK,
    REACTIONS,
    ROTATES,
    SINCE_203,
    Command,
    ItemType,
    Reaction,
    ResultCode,
    reaction_to,
    result_of,
)
from fiscal.protocols.kz.schema.v202 import kkm_pb2 as v202
from fiscal.protocols.kz.schema.v203 import kkm_pb2 as v203

ENUMS = [
    ("Command", "CommandTypeEnum", "COMMAND_"),
    ("ResultCode", "ResultTypeEnum", "RESULT_TYPE_"),
    ("OperationType", "OperationTypeEnum", "OPERATION_"),
    ("PaymentType", "PaymentTypeEnum", "PAYMENT_"),
    ("DomainType", "DomainTypeEnum", "DOMAIN_"),
    ("ItemType", "TicketRequest.Item.ItemTypeEnum", "ITEM_TYPE_"),
    ("MoneyPlacementType", "MoneyPlacementEnum", "MONEY_PLACEMENT_"),
    ("ReportType", "ReportTypeEnum", "REPORT_"),
    ("TaxationType", "TaxationTypeEnum", "TAXATION_"),
    ("TaxType", "TaxTypeEnum", "TAX_"),
    ("AdType", "TicketAdTypeEnum", "TICKET_AD_"),
    ("UserRole", "UserRoleEnum", "USER_ROLE_"),
    ("AuthResult", "AuthResponse.ResultTypeEnum", "RESULT_"),
    ("NomenclatureElementType", "NomenclatureResponse.ElementTypeEnum", "ELEMENT_TYPE_"),
    ("NomenclatureResult", "NomenclatureResponse.NomenclatureResultTypeEnum", "NOMENCLATURE_RESULT_"),
]
ONLY_203 = {"ELEMENT_NOT_FOUND_BY_BARCODE"}


def in_schema(schema, name, prefix):
    found = schema
    for part in name.split("."):
        found = getattr(found, part)
    return {key.removeprefix(prefix): number for key, number in found.items()}


@pytest.mark.parametrize(("ours", "theirs", "prefix"), ENUMS, ids=[row[0] for row in ENUMS])
def test_the_numbers_of_the_schema(ours, theirs, prefix):
    members = {member.name: member.value for member in getattr(codes, ours)}
    assert members == in_schema(v203, theirs, prefix)
    if hasattr(v202, theirs.partition(".")[0]):
        assert {name: number for name, number in members.items() if name not in ONLY_203} == in_schema(
            v202, theirs, prefix
        )
    else:
        assert ours in {"TaxationType", "TaxType"}


def enums_in(container):
    """The enums of a file or of a message, and of the messages inside."""
    found = list(container.enum_type)
    for message in getattr(container, "message_type", None) or getattr(container, "nested_type", []):
        found += enums_in(message)
    return found


def test_every_enum_of_the_schema_is_here():
    file = FileDescriptorProto()
    v203.DESCRIPTOR.CopyToProto(file)
    assert sorted(enum.name for enum in enums_in(file)) == sorted(theirs.split(".")[-1] for _, theirs, _ in ENUMS)


def test_a_member_goes_into_a_message_as_it_is():
    for schema in (v202, v203):
        request = schema.Request(command=Command.TICKET)
        request.ticket.operation = codes.OperationType.SELL
        assert (request.command, request.ticket.operation) == (1, 2)


@pytest.mark.parametrize(
    ("command", "rotates", "any_token"),
    [
        (Command.SYSTEM, False, False),
        (Command.TICKET, True, False),
        (Command.CLOSE_SHIFT, True, False),
        (Command.REPORT, False, True),
        (Command.NOMENCLATURE, False, False),
        (Command.INFO, False, False),
        (Command.MONEY_PLACEMENT, True, False),
        (Command.CANCEL_TICKET, True, False),
        (Command.AUTH, False, False),
        (Command.RESERVED, False, False),
    ],
)
def test_which_commands_rotate_the_token(command, rotates, any_token):
    assert (command in ROTATES) == rotates
    assert (command in ANY_TOKEN) == any_token


def test_every_item_type_has_its_block():
    for schema in (v202, v203):
        assert set(ITEM_BLOCK.values()) == set(schema.TicketRequest.Item.DESCRIPTOR.fields_by_name) - {"type"}
    assert ITEM_BLOCK[ItemType.STORNO_DISCOUNT] == "storno_discount"


BY_REACTION = {
    Reaction.GO_ON: {0},
    Reaction.BLOCK: {1, 3, 4, 5, 15},
    Reaction.ENTER_TOKEN: {2},
    Reaction.GO_OFFLINE: {7},
    Reaction.CORRECT: {8, 9, 10, 11, 12, 13, 14, 17, 18},
    Reaction.RETRY: {254, 255},
}


def test_what_to_do_about_each_code():
    assert {code for codes_ in BY_REACTION.values() for code in codes_} == set(REACTIONS)
    assert set(ResultCode) - set(REACTIONS) == {6, 16}
    for reaction, codes_ in BY_REACTION.items():
        for code in codes_:
            assert reaction_to(code) is reaction


@pytest.mark.parametrize("code", [6, 16, 19, 253, 256, 2**31 - 1])
def test_a_code_without_a_rule_blocks(code):
    assert reaction_to(code) is Reaction.BLOCK
    assert reaction_to(code, is_returning=True) is Reaction.BLOCK


@pytest.mark.parametrize("code", range(300))
def test_on_the_return_all_blocks_but_three(code):
    expected = {0: Reaction.GO_ON, 254: Reaction.RETRY, 255: Reaction.RETRY}.get(code, Reaction.BLOCK)
    assert reaction_to(code, is_returning=True) is expected


def test_codes_that_only_the_newer_version_knows():
    known = set(in_schema(v202, "ResultTypeEnum", "").values())
    assert set(ResultCode) - known == SINCE_203


@pytest.mark.parametrize(
    ("code", "result"),
    [
        (ErrorCode.BAD_REQUEST, ResultCode.PROTOCOL_ERROR),
        (ErrorCode.UNKNOWN_COMMAND, ResultCode.UNKNOWN_COMMAND),
    ],
)
def test_what_a_bad_body_is_answered(code, result):
    assert result_of(RemoteProtocolError(code, "command", "is wrong")) is result
