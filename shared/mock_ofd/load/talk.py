"""What the run and its generators say to each other: a line of JSON for each message.

The rule: a generator does what it is told and tells what it has counted; it decides nothing. When its standard input
ends, the run is gone, and so is the generator.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, json


class Order(Struct, frozen=True, kw_only=True, tag="order"):
    """Who you are: the registers from ``first`` until ``until``, and where your files are."""

    scenario: dict[str, Any]
    first: int
    until: int
    folder: str
    name: str
    run: str
    """Part of the ids of the registers, so that no run meets those of another."""
    begin: int
    end: int
    """From when until when, in milliseconds UTC, the registers sell."""


class Go(Struct, frozen=True, kw_only=True, tag="go"):
    """The link is back at this moment of the monotonic clock, which all processes of a machine share."""

    at: float
    host: str
    port: int


class Stop(Struct, frozen=True, kw_only=True, tag="stop"):
    """Say what you have, and end."""


class Made(Struct, frozen=True, kw_only=True, tag="made"):
    """So many documents are made; ``documents`` of each register when all are."""

    done: int
    documents: list[int] | None = None


class Second(Struct, frozen=True, kw_only=True, tag="second"):
    """What was counted within one second; ``latency`` is an encoded histogram."""

    at_s: int
    backlog: int
    acknowledged: int
    connects: int
    put_off: int
    connected: int
    latency: str


class End(Struct, frozen=True, kw_only=True, tag="end"):
    """Everything together. Moments are of the monotonic clock, 0 for never."""

    complete: bool
    sent: int
    acknowledged: int
    connects: int
    put_off: int
    late: int
    first_connect: float
    last_answer: float
    delay: str
    wait: str
    errors: dict[str, int]
    cpu_s: float


class Failed(Struct, frozen=True, kw_only=True, tag="failed"):
    """The generator cannot do it, and why."""

    text: str


Message = Order | Go | Stop | Made | Second | End | Failed
_decoder = json.Decoder(Message)


def encode(message: Message) -> bytes:
    """The message as a line."""
    return json.encode(message) + b"\n"


def decode(line: bytes) -> Message:
    """The message in a line."""
    message: Message = _decoder.decode(line)
    return message


__all__ = ["End", "Failed", "Go", "Made", "Message", "Order", "Second", "Stop", "decode", "encode"]
