"""What a step of a dialogue has to mean, judged from decoded messages: the words of ``expect`` in README.md.

The rule: nothing here knows how a message is decoded. Whoever decodes brings a function that answers a path with what
stands there, so the product's messages and a stranger's are judged by the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Look = Callable[[str], Any]
"""A path (``report.zx_report.ticket_operations[2].tickets_count``) to its value, None where nothing stands. A number for
an enum, a text for bytes; ``path#`` counts the rows of a list."""

RESULT: Final = "result.result_code"
TICKET: Final = "ticket.ticket_number"
WORDS: Final = frozenset(("command", "result", "token", "ticket", "fields", "contains"))


@dataclass
class Labels:
    """Names for what only the operator chooses: one name is one value, two names are two values."""

    values: dict[str, Any] = field(default_factory=dict)

    def holds(self, name: str, value: Any) -> bool:
        if name not in self.values and value not in self.values.values():
            self.values[name] = value
        return bool(self.values.get(name) == value)


@dataclass
class Judge:
    """Judges the answers of one dialogue, in order; :meth:`faults` is empty when an answer means what it should."""

    first_token: int
    tokens: Labels = field(init=False)
    tickets: Labels = field(default_factory=Labels)

    def __post_init__(self) -> None:
        self.tokens = Labels({"first": self.first_token})

    def faults(self, expect: Mapping[str, Any], token: int, look: Look) -> list[str]:
        """What is not as ``expect`` has it, in words."""
        assert expect.keys() <= WORDS, expect.keys() - WORDS
        found: list[str] = []

        def demand(is_so: bool, what: str, seen: Any) -> None:
            if not is_so:
                found.append(f"{what}, but is {seen!r}")

        demand(look("command") == expect["command"], f"command is {expect['command']}", look("command"))
        demand(
            look(RESULT) == expect["result"],
            f"result is {expect['result']}",
            f"{look(RESULT)} {look('result.result_text')}",
        )
        wanted = expect["token"]
        is_right = token == wanted if isinstance(wanted, int) else self.tokens.holds(wanted, token)
        demand(is_right, f"token is {wanted}", token)
        sign, ticket = look(TICKET), expect.get("ticket")
        if ticket is None:
            demand(sign is None, "there is no ticket", sign)
        else:
            demand(sign is not None and self.tickets.holds(ticket, sign), f"ticket is {ticket}", sign)
        for path, value in expect.get("fields", {}).items():
            demand(look(path) == value, f"{path} is {value!r}", look(path))
        for path, part in expect.get("contains", {}).items():
            demand(part in str(look(path)), f"{path} contains {part!r}", look(path))
        return found
