"""The generated code is what the compiler makes of the ``.proto`` files, and those say what the protocol says."""

import importlib
import re

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

protoc = pytest.importorskip("grpc_tools.protoc", reason="there is no compiler of .proto files for this machine")

from tests.fiscal.protocols.kz.compiled import SCHEMA, SHARED, SOURCES, compiled  # noqa: E402

VERSIONS = ("v202", "v203")


def descriptor(version: str) -> FileDescriptor:
    file: FileDescriptor = importlib.import_module(f"fiscal.protocols.kz.schema.{version}.kkm_pb2").DESCRIPTOR
    return file


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.parent.name)
def test_the_descriptors_are_fresh(source, tmp_path):
    out = tmp_path / "set"
    name = source.relative_to(SHARED).as_posix()
    assert protoc.main(["protoc", f"-I{SHARED}", f"--descriptor_set_out={out}", name]) == 0
    (fresh,) = FileDescriptorSet.FromString(out.read_bytes()).file
    kept = FileDescriptorProto()
    descriptor(source.parent.name).CopyToProto(kept)
    assert kept == without_json_names(fresh), "run: make proto"


def without_json_names(file: FileDescriptorProto) -> FileDescriptorProto:
    """Names for JSON are in the compiler's set and not in the generated code."""

    def clear(messages):
        for message in messages:
            for field in message.field:
                field.ClearField("json_name")
            clear(message.nested_type)

    clear(file.message_type)
    return file


def test_the_files_are_fresh():
    fresh = compiled()
    assert len(fresh) == 2 * len(SOURCES)
    stale = [path.name for path, text in fresh.items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run: make proto"


def test_nothing_generated_is_left_over():
    assert {path for path in SCHEMA.glob("*/*_pb2.py*") if path.suffix != ".pyc"} == set(compiled())


def test_the_types_promise_plain_numbers():
    text = (SCHEMA / "v203/kkm_pb2.pyi").read_text(encoding="utf-8")
    assert re.search(r"^    command: int$", text, re.MULTILINE)
    assert re.search(r"roles: _containers.RepeatedScalarFieldContainer\[int\]$", text, re.MULTILINE)
    assert not re.search(r"^ +[a-z]\w*: \w+Enum$", text, re.MULTILINE)
    assert ", str]" not in text


# --------------------------------------------------------------------------------------------- what the schemas say


def messages(file: FileDescriptor) -> dict[str, Descriptor]:
    """Every message by its name without the package."""
    found: dict[str, Descriptor] = {}

    def add(message: Descriptor) -> None:
        found[message.full_name.removeprefix(f"{file.package}.")] = message
        for nested in message.nested_types:
            add(nested)

    for message in file.message_types_by_name.values():
        add(message)
    return found


TYPES = {
    FieldDescriptor.TYPE_BOOL: "bool",
    FieldDescriptor.TYPE_BYTES: "bytes",
    FieldDescriptor.TYPE_INT32: "int32",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_UINT32: "uint32",
    FieldDescriptor.TYPE_UINT64: "uint64",
}


def shown(field: FieldDescriptor) -> str:
    label = "repeated" if field.is_repeated else "required" if field.is_required else "optional"
    named = field.message_type or field.enum_type
    return f"{label} {named.name if named is not None else TYPES[field.type]} {field.name}"


def rows(version: str) -> dict[tuple[str, int], str]:
    return {
        (name, field.number): shown(field)
        for name, message in messages(descriptor(version)).items()
        for field in message.fields
    }


def test_the_packages_are_the_published_ones():
    assert [descriptor(version).package for version in VERSIONS] == ["kkm.proto", "kz.kazakhtelecom.proto.v203"]


COMMODITY = "TicketRequest.Item.Commodity"
STORNO = "TicketRequest.Item.StornoCommodity"
DIFFERENCES = {
    (COMMODITY, 4): ("required uint32 quantity", "required uint64 quantity"),
    (COMMODITY, 14): (None, "repeated string list_excise_stamp"),
    (COMMODITY, 15): (None, "optional string ntin"),
    (STORNO, 3): ("required uint32 quantity", "required uint64 quantity"),
    (STORNO, 13): (None, "repeated string list_excise_stamp"),
    (STORNO, 14): (None, "optional string ntin"),
    ("TicketRequest.Payment", 3): (None, "optional CardPaymentFields card_payment_fields"),
    ("TicketRequest.Payment", 4): (None, "optional MobilePaymentFields mobile_payment_fields"),
    ("TicketRequest", 17): (None, "optional ParentTicket parent_ticket"),
    ("NomenclatureRequest", 1): ("required uint32 current_version", "optional uint32 current_version"),
    ("NomenclatureRequest", 2): (None, "optional string barcode"),
    ("NomenclatureResponse.Tax", 1): ("required uint32 taxation_type", "required TaxationTypeEnum taxation_type"),
    ("NomenclatureResponse.Tax", 2): ("required uint32 tax_type", "required TaxTypeEnum tax_type"),
    ("NomenclatureResponse.Item", 6): ("required Money purchase_price", "optional Money purchase_price"),
    ("NomenclatureResponse.Item", 7): ("required Money sell_price", "optional Money sell_price"),
    ("NomenclatureResponse.Item", 17): (None, "optional string ntin"),
    ("NomenclatureResponse.Item", 18): (None, "optional bool is_markedeac"),
    ("NomenclatureResponse.Item", 19): (None, "optional bool is_social"),
    ("NomenclatureResponse.Element", 7): (None, "optional string title_kk"),
    ("ServiceRequest.SecurityStats.GeoPosition", 3): (None, "optional string source"),
    ("PosRegInfo", 3): (None, "optional string address_kz"),
    ("PosRegInfo", 4): (None, "optional uint32 latitude"),
    ("PosRegInfo", 5): (None, "optional uint32 longitude"),
    ("OrgRegInfo", 6): ("optional int32 tenantId", "optional string address_kz"),
    ("OrgRegInfo", 7): (None, "optional int32 tenantId"),
}
"""In which fields 2.0.2 and 2.0.3 differ, but for the messages that only 2.0.3 has."""


def test_in_what_the_versions_differ():
    old, new = rows("v202"), rows("v203")
    only_new = {name for name, _ in new} - {name for name, _ in old}
    assert only_new == {
        "TicketRequest.Payment.CardPaymentFields",
        "TicketRequest.Payment.MobilePaymentFields",
        "TicketRequest.ParentTicket",
        "NomenclatureBarcodeRequest",
        "NomenclatureBarcodeResponse",
    }
    differing = {
        place: (old.get(place), new.get(place))
        for place in old.keys() | new.keys()
        if place[0] not in only_new and old.get(place) != new.get(place)
    }
    assert differing == DIFFERENCES
