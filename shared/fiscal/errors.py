"""Every exception that this software raises on purpose.

The rule: a *refusal* by business rules is an answer, a value; an *exception* means that somebody broke a contract.
Its class says who: the peer (:class:`RemoteProtocolError`), our own caller (:class:`LocalProtocolError`,
:class:`InvalidValue`), the machine (:class:`StorageError`), the person who configured us (:class:`ConfigurationError`).
"""

from __future__ import annotations


class FiscalError(Exception):
    """The root of the family; nothing raises it directly."""


class InvalidValue(FiscalError, ValueError):
    """A value that the caller gave breaks a rule.

    ``field`` is the path of the value ("items[2].sum"), ``rule`` is the broken rule in words with the figures.
    """

    def __init__(self, field: str, rule: str, code: str = "invalid_value") -> None:
        super().__init__(f"{field}: {rule}")
        self.field = field
        self.rule = rule
        self.code = code


class ProtocolError(FiscalError):
    """Somebody spoke against the protocol. Abstract: see the two subclasses."""


class LocalProtocolError(ProtocolError):
    """We tried something that the protocol does not allow now; nothing was sent."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something that the protocol does not allow; the only error that parsing raises.

    ``code`` is a stable word for machines, ``field`` names the part of the frame or message, ``text`` tells the rule.
    """

    def __init__(self, code: str, field: str, text: str) -> None:
        super().__init__(f"{code}: {field}: {text}")
        self.code = code
        self.field = field
        self.text = text


class DeliveryError(FiscalError):
    """A document did not reach the operator."""


class NotDelivered(DeliveryError):
    """It may be tried again: no connection, no answer in time, or the operator asked to come back later."""


class Undeliverable(DeliveryError):
    """It will not get better by itself: refused for good, or the register is blocked."""


class StorageError(FiscalError):
    """The storage failed; what was not confirmed did not happen."""


class DiskFull(StorageError):
    """There is no room to keep another document."""


class StorageCorrupt(StorageError):
    """What was read back is not what was written."""


class StorageBusy(StorageError):
    """Another process holds this data folder."""


class ConfigurationError(FiscalError):
    """A setting is wrong; the text names it and says what it accepts."""
