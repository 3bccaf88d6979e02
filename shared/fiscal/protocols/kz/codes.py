"""The numbers of the Kazakhstan protocol and what each obliges to: commands, result codes, kinds of everything.

The rule: the numbers are those of both versions that are served; where one version knows less, the table beside the enum
says so. Messages carry them as plain ``int``, so a member can be put into a message as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Final

from fiscal.errors import RemoteProtocolError
from fiscal.protocols.base import ErrorCode

# ------------------------------------------------------------------------------------------------------------ commands


class Command(IntEnum):
    """What a request asks for (Kazakhstan protocol 2.0.3, CommandTypeEnum). 9 was OPEN_SHIFT until 2.0.1."""

    SYSTEM = 0
    TICKET = 1
    CLOSE_SHIFT = 2
    REPORT = 3
    NOMENCLATURE = 4
    INFO = 5
    MONEY_PLACEMENT = 6
    CANCEL_TICKET = 7
    AUTH = 8
    RESERVED = 127


ROTATES: Final[frozenset[int]] = frozenset(
    (Command.TICKET, Command.CLOSE_SHIFT, Command.MONEY_PLACEMENT, Command.CANCEL_TICKET)
)
"""Commands whose good answer brings a new token: those that make a document. The protocol lets RESERVED do so too, which
nobody serves; of INFO and NOMENCLATURE it says nothing, and no known operator rotates on them."""

ANY_TOKEN: Final[frozenset[int]] = frozenset((Command.REPORT,))
"""Commands that are answered whatever token they come with: a register that lost its token can still ask for a report."""

# -------------------------------------------------------------------------------------------------------- result codes


class Reaction(Enum):
    """What a register has to do about a result code (Kazakhstan protocol 2.0.2, 2.4)."""

    GO_ON = "go on"
    RETRY = "send the same packet again within the transaction time, then go offline"
    GO_OFFLINE = "offline until the configuration is mended"
    CORRECT = "correct the request and send it anew"
    ENTER_TOKEN = "blocked until a person enters the right one"  # noqa: S105 - no secret
    BLOCK = "blocked until a person or the operator lifts it"


class ResultCode(IntEnum):
    """How a request ended (``Result.result_code``)."""

    OK = 0
    UNKNOWN_ID = 1
    INVALID_TOKEN = 2
    PROTOCOL_ERROR = 3
    UNKNOWN_COMMAND = 4
    UNSUPPORTED_COMMAND = 5
    INVALID_CONFIGURATION = 6
    SSL_IS_NOT_ALLOWED = 7
    INVALID_REQUEST_NUMBER = 8
    INVALID_RETRY_REQUEST = 9
    CANT_CANCEL_TICKET = 10
    OPEN_SHIFT_TIMEOUT_EXPIRED = 11
    INVALID_LOGIN_PASSWORD = 12
    INCORRECT_REQUEST_DATA = 13
    NOT_ENOUGH_CASH = 14
    BLOCKED = 15
    SHIFT_ALREADY_OPENED = 16
    SAME_TAXPAYER_AND_CUSTOMER = 17
    ELEMENT_NOT_FOUND_BY_BARCODE = 18
    SERVICE_TEMPORARILY_UNAVAILABLE = 254
    UNKNOWN_ERROR = 255


REACTIONS: Final[Mapping[int, Reaction]] = MappingProxyType(
    {
        ResultCode.OK: Reaction.GO_ON,
        ResultCode.UNKNOWN_ID: Reaction.BLOCK,
        ResultCode.INVALID_TOKEN: Reaction.ENTER_TOKEN,
        ResultCode.PROTOCOL_ERROR: Reaction.BLOCK,
        ResultCode.UNKNOWN_COMMAND: Reaction.BLOCK,
        ResultCode.UNSUPPORTED_COMMAND: Reaction.BLOCK,
        ResultCode.SSL_IS_NOT_ALLOWED: Reaction.GO_OFFLINE,
        ResultCode.INVALID_REQUEST_NUMBER: Reaction.CORRECT,
        ResultCode.INVALID_RETRY_REQUEST: Reaction.CORRECT,
        ResultCode.CANT_CANCEL_TICKET: Reaction.CORRECT,
        ResultCode.OPEN_SHIFT_TIMEOUT_EXPIRED: Reaction.CORRECT,
        ResultCode.INVALID_LOGIN_PASSWORD: Reaction.CORRECT,
        ResultCode.INCORRECT_REQUEST_DATA: Reaction.CORRECT,
        ResultCode.NOT_ENOUGH_CASH: Reaction.CORRECT,
        ResultCode.BLOCKED: Reaction.BLOCK,
        ResultCode.SAME_TAXPAYER_AND_CUSTOMER: Reaction.CORRECT,
        ResultCode.ELEMENT_NOT_FOUND_BY_BARCODE: Reaction.CORRECT,
        ResultCode.SERVICE_TEMPORARILY_UNAVAILABLE: Reaction.RETRY,
        ResultCode.UNKNOWN_ERROR: Reaction.RETRY,
    }
)
"""The reaction to a code while the register is online. INVALID_CONFIGURATION and SHIFT_ALREADY_OPENED are not used any
more and have none of their own."""

SINCE_203: Final[frozenset[int]] = frozenset((ResultCode.ELEMENT_NOT_FOUND_BY_BARCODE,))
"""Codes that a register of version 2.0.2 does not know."""


def reaction_to(code: int, *, is_returning: bool = False) -> Reaction:
    """What a register does about any number that an operator may send.

    A code without a rule of its own blocks: nobody knows whether the document was taken, and a person has to look.
    ``is_returning``: while a queue is sent after offline work, every code but 0, 254 and 255 blocks (2.0.2, 5.2).
    """
    reaction = REACTIONS.get(code, Reaction.BLOCK)
    if is_returning and reaction not in {Reaction.GO_ON, Reaction.RETRY}:
        return Reaction.BLOCK
    return reaction


def result_of(error: RemoteProtocolError) -> ResultCode:
    """The code with which an operator answers a body that it could not parse."""
    return ResultCode.UNKNOWN_COMMAND if error.code == ErrorCode.UNKNOWN_COMMAND else ResultCode.PROTOCOL_ERROR


# --------------------------------------------------------------------------------------------------- kinds in messages


class OperationType(IntEnum):
    """OperationTypeEnum: every list by operation in a report has one row for each."""

    BUY = 0
    BUY_RETURN = 1
    SELL = 2
    SELL_RETURN = 3


class PaymentType(IntEnum):
    """PaymentTypeEnum; CREDIT and TARE left the text in 2.0.1 and are deprecated since 2.0.3."""

    CASH = 0
    CARD = 1
    CREDIT = 2
    TARE = 3
    MOBILE = 4


class DomainType(IntEnum):
    """DomainTypeEnum: the trade that a ticket belongs to."""

    TRADING = 0
    SERVICES = 1
    GASOIL = 2
    HOTELS = 3
    TAXI = 4
    PARKING = 5


class ItemType(IntEnum):
    """TicketRequest.Item.ItemTypeEnum."""

    COMMODITY = 1
    STORNO_COMMODITY = 2
    MARKUP = 3
    STORNO_MARKUP = 4
    DISCOUNT = 5
    STORNO_DISCOUNT = 6


ITEM_BLOCK: Final[Mapping[int, str]] = MappingProxyType({item_type: item_type.name.lower() for item_type in ItemType})
"""The field of an item that holds the block of its type."""


class MoneyPlacementType(IntEnum):
    """MoneyPlacementEnum."""

    DEPOSIT = 0
    WITHDRAWAL = 1


class ReportType(IntEnum):
    """ReportTypeEnum."""

    Z = 0
    X = 1


class TaxationType(IntEnum):
    """Taxation regimes: a plain number in 2.0.2, TaxationTypeEnum in the nomenclature of 2.0.3."""

    STS = 100
    RTS = 101
    TRFF = 102
    TRBP = 103


class TaxType(IntEnum):
    """Kinds of tax: a plain number in 2.0.2, TaxTypeEnum in the nomenclature of 2.0.3."""

    VAT = 100


class AdType(IntEnum):
    """TicketAdTypeEnum; INFO is what a register shows when it is blocked (2.0.2, 5.4)."""

    OFD = 0
    ORG = 1
    POS = 2
    KKM = 3
    INFO = 4


class UserRole(IntEnum):
    """UserRoleEnum."""

    PAYMASTER = 1
    CHIEF_PAYMASTER = 2
    ADMINISTRATOR = 3


class AuthResult(IntEnum):
    """AuthResponse.ResultTypeEnum."""

    OK = 0
    INVALID_LOGIN_PASSWORD = 1


class NomenclatureElementType(IntEnum):
    """NomenclatureResponse.ElementTypeEnum."""

    GROUP = 0
    ITEM = 1


class NomenclatureResult(IntEnum):
    """NomenclatureResponse.NomenclatureResultTypeEnum; 2.0.2 has no search by barcode and not the last one."""

    OK = 0
    VERSION_IS_ACTUAL = 1
    NO_VERSION = 2
    ELEMENT_NOT_FOUND_BY_BARCODE = 3
