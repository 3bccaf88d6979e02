"""The protocols by their names."""

import pytest

from fiscal.errors import ConfigurationError
from fiscal.protocols.catalogue import PROTOCOLS, TRANSCRIPTS, protocol_named, transcript_named
from fiscal.protocols.native.codec import NATIVE


def test_names_are_unique():
    assert len({protocol.name for protocol in PROTOCOLS}) == len(PROTOCOLS)


def test_by_name():
    assert protocol_named("native") is NATIVE


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ConfigurationError, match="no protocol 'x': known are native"):
        protocol_named("x")


def test_every_protocol_has_a_transcript():
    names = [transcript.name for transcript in TRANSCRIPTS]
    assert len(set(names)) == len(names)
    assert {protocol.name for protocol in PROTOCOLS} <= set(names)
    assert [transcript_named(name) for name in names] == list(TRANSCRIPTS)


def test_what_nobody_can_tell():
    with pytest.raises(ConfigurationError, match="protocol 'x': known are native, kz"):
        transcript_named("x")
