"""The protocols by their names."""

import pytest

from fiscal.errors import ConfigurationError
from fiscal.protocols.catalogue import PROTOCOLS, protocol_named
from fiscal.protocols.native.codec import NATIVE


def test_names_are_unique():
    assert len({protocol.name for protocol in PROTOCOLS}) == len(PROTOCOLS)


def test_by_name():
    assert protocol_named("native") is NATIVE


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ConfigurationError, match="no protocol 'x': known are native"):
        protocol_named("x")
