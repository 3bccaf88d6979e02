"""What the operator demands of a message beyond the schema, as a table: each rule, its answer, and where it comes from.

The rule: a message that breaks a rule of the level ``REFUSE`` is refused with the rule's code. One that breaks a rule
of the level ``WARN`` is taken and the rule remembered as a warning; ``--kz-strictness full`` refuses those as well. The
line between them: official text refuses, what only one client's validator demands warns. Code 15 is what the official
text answers when a mandatory parameter is missing (2.0.2, 2.4), 13 when one is there and wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from fiscal.protocols.kz.codes import ResultCode


class Level(StrEnum):
    """What follows from a broken rule when the strictness is the default one."""

    REFUSE = "refuse"
    WARN = "warn"


class Rule(NamedTuple):
    """One demand: ``code`` is the result code of the refusal, by default or under full strictness."""

    what: str
    code: ResultCode
    level: Level
    source: str


class Finding(NamedTuple):
    """A broken rule: its id in :data:`RULES`, the field that breaks it, and what stands there, in words."""

    rule: str
    field: str
    text: str

    @property
    def code(self) -> ResultCode:
        """The result code that it is refused with."""
        return RULES[self.rule].code

    @property
    def is_refusal(self) -> bool:
        """Whether it is refused under the default strictness."""
        return RULES[self.rule].level is Level.REFUSE


class Unfit(Exception):
    """The message cannot become a value of the domain; it never leaves this package."""

    def __init__(self, rule: str, field: str, text: str) -> None:
        super().__init__(field)
        self.finding = Finding(rule, field, text)

    def within(self, path: str) -> Unfit:
        """The same of a field that lies deeper: its path begins with ``path``. So no path is made for what is right."""
        rule, field, text = self.finding
        return Unfit(rule, f"{path}.{field}", text)


_WRONG: Final = ResultCode.INCORRECT_REQUEST_DATA
_MISSING: Final = ResultCode.BLOCKED
_OFFICIAL: Final = "protocol 2.0.2, conditions of the field"
_OFFICIAL_203: Final = "protocol 2.0.3, conditions of the field"
_ARITHMETIC: Final = "arithmetic of a client that works with real operators; within 1 tiyn a line"
_OURS: Final = "limits of this software"
_CODEC: Final = "validator of a public client library"

RULES: Final[Mapping[str, Rule]] = {
    # missing, refused
    "items_missing": Rule("a ticket has at least one commodity", _MISSING, Level.REFUSE, _OFFICIAL),
    "item_block": Rule("an item has the block of its type", _MISSING, Level.REFUSE, _OFFICIAL),
    "commodity_name": Rule(
        "a commodity has a name, or the code of the operator's catalogue", _MISSING, Level.REFUSE, _OFFICIAL
    ),
    "unit_missing": Rule("a commodity has a measure_unit_code (above 2.0.0)", _MISSING, Level.REFUSE, _OFFICIAL),
    "modifier_name": Rule("a discount or markup has a name (since 2.0.1)", _MISSING, Level.REFUSE, _OFFICIAL),
    "taken_missing": Rule("a cash payment goes with amounts.taken", _MISSING, Level.REFUSE, _OFFICIAL),
    "parent_missing": Rule(
        "a return names the ticket that it takes back (since 2.0.3)", _MISSING, Level.REFUSE, _OFFICIAL_203
    ),
    "operator_missing": Rule(
        "cash in or out and the end of a shift name the cashier", _MISSING, Level.REFUSE, _OFFICIAL
    ),
    # wrong, refused
    "limit": Rule("a value lies within its limits", _WRONG, Level.REFUSE, _OURS),
    "unknown_value": Rule("a value is one of those that the protocol names", _WRONG, Level.REFUSE, _OFFICIAL),
    "coins": Rule("coins are 0 to 99 tiyn", _WRONG, Level.REFUSE, _OFFICIAL),
    "date": Rule("a date and time is one of the calendar", _WRONG, Level.REFUSE, _OFFICIAL),
    "tax_repeated": Rule("a percent stands at most once in a list of taxes", _WRONG, Level.REFUSE, _OFFICIAL),
    "taxes_twice": Rule("taxes stand on the items or on the ticket, not both", _WRONG, Level.REFUSE, _OFFICIAL),
    "payment_repeated": Rule("a kind of payment stands at most once", _WRONG, Level.REFUSE, _OFFICIAL),
    "discount_and_markup": Rule("a ticket has a discount or a markup, not both", _WRONG, Level.REFUSE, _OFFICIAL),
    "item_sum": Rule("a line is price x quantity", _WRONG, Level.REFUSE, _ARITHMETIC),
    "tax_sum": Rule("a tax follows from its percent and what it is taken of", _WRONG, Level.REFUSE, _ARITHMETIC),
    "total": Rule("the total is the goods less discounts plus markups", _WRONG, Level.REFUSE, _ARITHMETIC),
    "payments_total": Rule("payments, if there are any, make the total", _WRONG, Level.REFUSE, _ARITHMETIC),
    "change": Rule("taken less change is the cash payment, or the total", _WRONG, Level.REFUSE, _ARITHMETIC),
    "discount_too_large": Rule("a discount is not larger than what it is given on", _WRONG, Level.REFUSE, _ARITHMETIC),
    "storno": Rule(
        "a storno takes back no more than the ticket has", _WRONG, Level.REFUSE, "a report has no negative sums"
    ),
    # missing, noted
    "change_missing": Rule(
        "a cash payment goes with amounts.change",
        _MISSING,
        Level.WARN,
        "official, but a client that works omits a change of 0",
    ),
    "domain_missing": Rule(
        "a ticket names its domain (since 2.0.3)", _MISSING, Level.WARN, "comment in the public schema; clients omit it"
    ),
    "service_missing": Rule("every request has a service block", _MISSING, Level.WARN, _CODEC),
    "offline_period_missing": Rule("a service block has an offline_period (since 2.0.1)", _MISSING, Level.WARN, _CODEC),
    "get_reg_info_missing": Rule("a service block says get_reg_info (since 2.0.1)", _MISSING, Level.WARN, _CODEC),
    "reg_info_missing": Rule("a service block has reg_info with kkm and org", _MISSING, Level.WARN, _CODEC),
    "reg_info_field": Rule("reg_info has each field of the register and of its owner", _MISSING, Level.WARN, _CODEC),
    "geo_position_missing": Rule("a service block has the register's position (2.0.3)", _MISSING, Level.WARN, _CODEC),
    "z_report_missing": Rule(
        "the end of a shift brings the register's own report",
        _MISSING,
        Level.WARN,
        "official since 1.2.5; operators build it without",
    ),
    "report_missing": Rule(
        "a report request brings the register's own figures",
        _MISSING,
        Level.WARN,
        "official since 1.2.5; operators build it without",
    ),
    # wrong, noted
    "tax_id": Rule(
        "the check digit of an IIN or BIN is right", _WRONG, Level.WARN, "rules of identification numbers of Kazakhstan"
    ),
    "shift_number": Rule(
        "fr_shift_number, where it is told, is that of the current shift",
        _WRONG,
        Level.WARN,
        "strict numbering ended with 2.0.2",
    ),
    "z_checksum": Rule("a Z-report carries the checksum of its figures", _WRONG, Level.WARN, _CODEC),
    "vat_rate": Rule("a rate of VAT is one of the day", _WRONG, Level.WARN, "Tax Code of Kazakhstan"),
}
"""Every rule by its id, refusals first."""
