"""Misfortunes that have a name: plans for what befalls registers in real life, ready to be used, copied and changed.

The rule: a misfortune is the text of a plan (:mod:`fiscal.faults.notation`), valid for every protocol, with one sentence
for what happens and one for what a register in order does about it. "+10s" in it counts from when it is switched on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from fiscal.errors import InvalidValue
from fiscal.faults.notation import plan_from_toml
from fiscal.faults.plan import FaultPlan
from fiscal.time import Instant


@dataclass(frozen=True, slots=True)
class Misfortune:
    """One of the catalogue. ``happens`` and ``register`` are whole sentences; ``faults`` is TOML without a head.

    ``needs_person``: a register in order stops here until a person, or the operator, lets it go on.
    """

    name: str
    happens: str
    register: str
    faults: str
    needs_person: bool = False

    @property
    def toml(self) -> str:
        """The whole plan, as a file has it."""
        return f'# {self.register}\ndescription = "{self.happens}"\n\n{self.faults}'

    def plan(self, start: Instant = 0, seed: int = 0) -> FaultPlan:
        """The plan, with its times counted from ``start``."""
        return replace(plan_from_toml(self.toml, start), seed=seed)


def misfortune(name: str) -> Misfortune:
    """The one of this name; :class:`InvalidValue` ``unknown_misfortune`` lists those there are."""
    found = MISFORTUNES.get(name)
    if found is None:
        raise InvalidValue(
            "faults", f"there is no misfortune {name!r}, only {', '.join(MISFORTUNES)}", "unknown_misfortune"
        )
    return found


def _fault(name: str, at: str, effects: str, when: str = "") -> str:
    """One fault as TOML."""
    rest = f"when = {{ {when} }}\n" if when else ""
    return f'[[faults]]\nname = "{name}"\nat = "{at}"\neffects = [{effects}]\n{rest}'


def _catalogue() -> Iterator[Misfortune]:
    document = 'command = "document"'
    # ---------------------------------------------------------------------------------------------- lost and late
    yield Misfortune(
        "lost-answer",
        "Every third document of a register is committed, and its answer is lost.",
        "It sends the same document again and gets the same sign; the ledger has each document once.",
        _fault("lost-answer", "after_commit", '{ kind = "lose_answer" }', f"{document}, every = 3"),
    )
    yield Misfortune(
        "lost-request",
        "Every third document of a register never arrives.",
        "It sends the same document again; nothing is missing and nothing is overtaken.",
        _fault("lost-request", "before_commit", '{ kind = "lose_request" }', f"{document}, every = 3"),
    )
    yield Misfortune(
        "just-in-time",
        "Answers to documents leave 0.2 s before the limit of 5 s.",
        "It takes them: no receipt turns autonomous.",
        _fault("just-in-time", "after_commit", '{ kind = "late_by", over_ms = -200 }', document),
    )
    yield Misfortune(
        "just-too-late",
        "Every second answer to a document leaves 0.2 s after the limit of 5 s.",
        "It makes the receipt autonomous at 5.0 s, sends it again with its autonomous sign, and takes no late answer for another document.",
        _fault("just-too-late", "after_commit", '{ kind = "late_by", over_ms = 200 }', f"{document}, every = 2"),
    )
    yield Misfortune(
        "slow-operator",
        "Every answer takes from 1.5 to 4.5 s.",
        "It waits; customers do too, and no receipt turns autonomous.",
        _fault("slow-operator", "after_commit", '{ kind = "delay", ms = { uniform = [1500, 4500] } }'),
    )
    yield Misfortune(
        "paid-too-late",
        "The bill is paid a minute too late: until then nobody gets an answer.",
        "It goes autonomous, tells the cashier whom to call, and delivers everything in its order afterwards.",
        _fault("paid-too-late-unpaid", "before_commit", '{ kind = "lose_request" }', 'until = "+60s"'),
    )
    # --------------------------------------------------------------------------------------------------- the line
    yield Misfortune(
        "flaky-3g",
        "A mobile network on a bad day: slow, jerky, and one request in fifteen goes wrong somewhere.",
        "It goes on, partly autonomous; each document is delivered once and in its order.",
        _fault("flaky-3g-slow", "after_commit", '{ kind = "delay", ms = { normal = [350, 150] } }')
        + _fault("flaky-3g-jerky", "half_answer", '{ kind = "dribble", size = 64, gap_ms = 15 }', "probability = 0.2")
        + _fault("flaky-3g-cut-before", "before_commit", '{ kind = "reset" }', "probability = 0.03")
        + _fault("flaky-3g-cut-within", "half_answer", '{ kind = "reset" }', "probability = 0.02")
        + _fault("flaky-3g-lost", "after_commit", '{ kind = "lose_answer" }', "probability = 0.02"),
    )
    yield Misfortune(
        "gprs",
        "Half a second each way, and forty bytes at a time.",
        "It works as ever, only slower: a whole sale stays below 5 s.",
        _fault("gprs-out", "before_parse", '{ kind = "delay", ms = 500 }, { kind = "dribble", size = 40, gap_ms = 10 }')
        + _fault(
            "gprs-back", "after_commit", '{ kind = "delay", ms = 500 }, { kind = "dribble", size = 40, gap_ms = 10 }'
        ),
    )
    yield Misfortune(
        "tunnel",
        "From the 10th to the 40th second nothing passes, and nobody says so.",
        "It notices by its own limits, goes autonomous, and comes back by itself.",
        _fault("tunnel-no-connection", "on_connect", '{ kind = "stall" }', 'from = "+10s", until = "+40s"')
        + _fault("tunnel-no-request", "before_parse", '{ kind = "stall" }', 'from = "+10s", until = "+40s"')
        + _fault("tunnel-no-answer", "after_commit", '{ kind = "stall" }', 'from = "+10s", until = "+40s"'),
    )
    yield Misfortune(
        "door-closed",
        "For 30 seconds two of three connections are reset.",
        "It tries again with pauses that grow and differ from register to register.",
        _fault(
            "door-closed", "on_connect", '{ kind = "reset" }', 'probability = 0.66, count = "global", until = "+30s"'
        ),
    )
    yield Misfortune(
        "half-answers",
        "Every fourth answer ends in its middle, and the connection is reset.",
        "It takes half an answer for none and sends the same document again.",
        _fault("half-answers", "half_answer", '{ kind = "reset" }', "every = 4"),
    )
    yield Misfortune(
        "half-closed",
        "Behind every third answer the operator closes its half of the connection.",
        "It opens another connection for what comes next, and loses nothing.",
        _fault("half-closed", "after_answer", '{ kind = "half_close" }', "every = 3"),
    )
    yield Misfortune(
        "stuck-connection",
        "At every fifth request the connection falls silent and stays open.",
        "It gives the connection up at its own limit, and does not wait on it for ever.",
        _fault("stuck-connection", "before_commit", '{ kind = "stall" }', "every = 5"),
    )
    yield Misfortune(
        "byte-by-byte",
        "Requests and answers arrive in pieces of one byte.",
        "It notices nothing.",
        _fault("byte-by-byte-out", "before_parse", '{ kind = "slice", size = 1 }')
        + _fault("byte-by-byte-back", "after_commit", '{ kind = "slice", size = 1 }'),
    )
    # ------------------------------------------------------------------------------------------------ wrong answers
    yield Misfortune(
        "garbled-answers",
        "Every fifth answer begins with a wrong bit.",
        "It takes what cannot be read for no answer, on a new connection.",
        _fault("garbled-answers", "after_commit", '{ kind = "corrupt", bits = 1, offset = 0 }', "every = 5"),
    )
    yield Misfortune(
        "cut-off-answers",
        "Of every fourth answer only the first nine bytes come, and the next answer is taken for the rest.",
        "It takes no sign from such bytes, leaves the connection and sends the same document again.",
        _fault("cut-off-answers", "after_commit", '{ kind = "truncate", keep = 9 }', "every = 4"),
    )
    yield Misfortune(
        "double-answers",
        "Every second answer comes twice.",
        "It takes the first, and never takes the second for the answer to something else.",
        _fault("double-answers", "after_commit", '{ kind = "duplicate" }', "every = 2"),
    )
    yield Misfortune(
        "double-requests",
        "Every third document reaches the operator twice.",
        "It need not notice: the ledger has the document once, or the operator ends a session that says a number twice.",
        _fault("double-requests", "before_parse", '{ kind = "duplicate" }', "every = 3"),
    )
    yield Misfortune(
        "shuffled-answers",
        "Every third answer lets the next one of its connection go first.",
        "It finds each answer's request by its number, or keeps one request in flight.",
        _fault("shuffled-answers", "after_commit", '{ kind = "reorder", ms_max = 300 }', "every = 3"),
    )
    yield Misfortune(
        "wrong-number",
        "Every fourth answer carries the number of another request.",
        "It takes no such answer for its own, and asks again.",
        _fault("wrong-number", "after_commit", '{ kind = "wrong_request_number" }', f"{document}, every = 4"),
    )
    yield Misfortune(
        "mixed-up-answers",
        "Every fourth answer to a document is another register's.",
        "It looks at what the answer names, takes no foreign sign, and asks again.",
        _fault("mixed-up-answers", "after_commit", '{ kind = "answer_of_another" }', f"{document}, every = 4"),
    )
    # ------------------------------------------------------------------------------------------------- the operator
    yield Misfortune(
        "busy-operator",
        "Three of ten requests are told to come again in 300 ms.",
        "It comes again after that time, with the same document.",
        _fault("busy-operator", "before_commit", '{ kind = "ask_to_wait", ms = 300 }', "probability = 0.3"),
    )
    yield Misfortune(
        "maintenance-night",
        "At the 5th second every connection is cut, then the operator says for half a minute that it will be back, and its disk is slow afterwards.",
        "It goes autonomous, comes as late as it is told to, and delivers its queue in order.",
        _fault("maintenance-night-stop", "before_parse", '{ kind = "reset" }', 'from = "+5s", until = "+8s"')
        + _fault("maintenance-night-closed", "on_connect", '{ kind = "reset" }', 'from = "+5s", until = "+8s"')
        + _fault(
            "maintenance-night-later",
            "before_commit",
            '{ kind = "ask_to_wait", ms = 2000 }',
            'from = "+8s", until = "+35s"',
        )
        + _fault(
            "maintenance-night-slow",
            "before_commit",
            '{ kind = "slow_fsync", ms = 400 }',
            f'{document}, from = "+35s", until = "+60s"',
        ),
    )
    yield Misfortune(
        "full-disk",
        "From the 5th to the 25th second no commit of the operator finds room.",
        "It is told to come later, and gets no sign for what is not kept.",
        _fault("full-disk", "before_commit", '{ kind = "disk_full" }', f'{document}, from = "+5s", until = "+25s"'),
    )
    yield Misfortune(
        "slow-disk",
        "Every fifth document takes 2 s longer to become durable, with all that are committed with it.",
        "It waits: a document that is committed in time is answered in time.",
        _fault("slow-disk", "before_commit", '{ kind = "slow_fsync", ms = 2000 }', f"{document}, every = 5"),
    )
    yield Misfortune(
        "power-cut",
        "The operator's process dies between the commit and the answer of the tenth document that it gets.",
        "It sends the same document to the operator that comes back, and gets the sign that was given.",
        _fault("power-cut", "after_commit", '{ kind = "crash" }', f'{document}, nth = 10, count = "global"'),
    )
    yield Misfortune(
        "blocked-by-mistake",
        "The operator blocks every register at its third document.",
        "It says so and sells nothing more until the block is lifted; the third document is not lost.",
        _fault("blocked-by-mistake", "before_commit", '{ kind = "block" }', f"{document}, nth = 3"),
        needs_person=True,
    )
    yield Misfortune(
        "wrong-token",
        "The token of every register counts as wrong at its third document.",
        "It does not try others: it asks for a person, and the document waits.",
        _fault("wrong-token", "before_commit", '{ kind = "wrong_token" }', f"{document}, nth = 3"),
        needs_person=True,
    )
    yield Misfortune(
        "refused",
        "The third document of every register is refused for good.",
        "It stops at this document, overtakes nothing, and lets a person decide.",
        _fault(
            "refused",
            "before_commit",
            '{ kind = "refuse", code = "too_old", text = "a fault plan" }',
            f"{document}, nth = 3",
        ),
        needs_person=True,
    )


MISFORTUNES: Final[Mapping[str, Misfortune]] = MappingProxyType({one.name: one for one in _catalogue()})
"""The catalogue, by name."""
