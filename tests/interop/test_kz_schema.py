"""Two people read the tables of the Kazakhstan protocol: the messages of the product and those of kz-jvm/ are the same.

The files of kz-jvm/ were made from the published field tables alone, those of the product by hand. Here every message is
compared field by field: name, number, label, type, and each enum with its values.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorSet
from grpc_tools import protoc

from tests.fiscal.protocols.kz.compiled import SHARED
from tests.interop.kz_jvm import PROJECT

INDEPENDENT = PROJECT / "src/main/proto"
VERSIONS = (202, 203)


def compiled(root, source):
    """The descriptor of one file."""
    with TemporaryDirectory() as folder:
        target = Path(folder) / "set"
        assert protoc.main(["protoc", f"-I{root}", f"--descriptor_set_out={target}", str(source)]) == 0
        (file,) = FileDescriptorSet.FromString(target.read_bytes()).file
    return file


def told(file):
    """Fields as ``(message, name) -> (number, label, type)``, enums as ``(message, name) -> numbers``."""
    fields, enums = {}, {}

    def enum_told(path: str, enum):
        enums[path, enum.name] = {value.number for value in enum.value}

    def message_told(path: str, message: DescriptorProto):
        for field in message.field:
            kind = field.type_name.rpartition(".")[2] or FieldDescriptorProto.Type.Name(field.type)
            fields[path, field.name] = (field.number, FieldDescriptorProto.Label.Name(field.label), kind)
        for enum in message.enum_type:
            enum_told(path, enum)
        for inner in message.nested_type:
            message_told(f"{path}.{inner.name}", inner)

    for message in file.message_type:
        message_told(message.name, message)
    for enum in file.enum_type:
        enum_told("", enum)
    return fields, enums


@pytest.mark.parametrize("version", VERSIONS)
def test_both_readings_of_the_tables_agree(version):
    ours, our_enums = told(compiled(SHARED, f"fiscal/protocols/kz/schema/v{version}/kkm.proto"))
    theirs, their_enums = told(compiled(INDEPENDENT, f"kz{version}.proto"))

    assert len(theirs) > 250
    assert ours == theirs
    assert {name: our_enums[name] for name in their_enums} == their_enums
