"""The family of errors: who is to blame can be read off the class."""

import pytest

from fiscal import errors
from fiscal.errors import (
    ConfigurationError,
    DeliveryError,
    DiskFull,
    FiscalError,
    InvalidValue,
    LocalProtocolError,
    NotDelivered,
    ProtocolError,
    RemoteProtocolError,
    StorageBusy,
    StorageCorrupt,
    StorageError,
    Undeliverable,
)

PARENTS = {
    InvalidValue: (FiscalError, ValueError),
    ProtocolError: (FiscalError,),
    LocalProtocolError: (ProtocolError,),
    RemoteProtocolError: (ProtocolError,),
    DeliveryError: (FiscalError,),
    NotDelivered: (DeliveryError,),
    Undeliverable: (DeliveryError,),
    StorageError: (FiscalError,),
    DiskFull: (StorageError,),
    StorageCorrupt: (StorageError,),
    StorageBusy: (StorageError,),
    ConfigurationError: (FiscalError,),
    FiscalError: (Exception,),
}


def test_the_tree_is_the_one_in_the_table():
    classes = {value for value in vars(errors).values() if isinstance(value, type)}
    assert {class_: class_.__bases__ for class_ in classes} == PARENTS


def test_a_wrong_value_tells_where_and_why():
    error = InvalidValue("items[2].sum", "must not be negative, is -1")
    assert str(error) == "items[2].sum: must not be negative, is -1"
    assert (error.field, error.rule, error.code) == (
        "items[2].sum",
        "must not be negative, is -1",
        "invalid_value",
    )
    assert InvalidValue("zone", "no such zone", "unknown_zone").code == "unknown_zone"


def test_a_peers_error_tells_code_field_and_rule():
    error = RemoteProtocolError("bad_magic", "header.magic", "must be b'MOFD'")
    assert str(error) == "bad_magic: header.magic: must be b'MOFD'"
    assert (error.code, error.field, error.text) == ("bad_magic", "header.magic", "must be b'MOFD'")


@pytest.mark.parametrize("class_", sorted(PARENTS, key=str))
def test_every_class_says_what_it_means(class_: type[Exception]):
    assert class_.__doc__
