"""The protocols that this software speaks over a byte stream: the only place that knows them all."""

from __future__ import annotations

from typing import Final

from fiscal.errors import ConfigurationError
from fiscal.protocols.base import AnyProtocol
from fiscal.protocols.kz.transcript import KZ_TRANSCRIPT
from fiscal.protocols.native.codec import NATIVE
from fiscal.protocols.native.transcript import NATIVE_TRANSCRIPT
from fiscal.protocols.transcript import Transcript

PROTOCOLS: Final[tuple[AnyProtocol, ...]] = (NATIVE,)
TRANSCRIPTS: Final[tuple[Transcript, ...]] = (NATIVE_TRANSCRIPT, KZ_TRANSCRIPT)
"""What can be recorded, shown and played again."""


def protocol_named(name: str) -> AnyProtocol:
    """The protocol of this name; :class:`ConfigurationError` that lists those there are."""
    for protocol in PROTOCOLS:
        if protocol.name == name:
            return protocol
    known = ", ".join(protocol.name for protocol in PROTOCOLS)
    raise ConfigurationError(f"there is no protocol {name!r}: known are {known}")


def transcript_named(name: str) -> Transcript:
    """The transcript of the protocol of this name; :class:`ConfigurationError` that lists those there are."""
    for transcript in TRANSCRIPTS:
        if transcript.name == name:
            return transcript
    known = ", ".join(transcript.name for transcript in TRANSCRIPTS)
    raise ConfigurationError(f"nothing tells frames of a protocol {name!r}: known are {known}")
