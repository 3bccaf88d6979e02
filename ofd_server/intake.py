"""Documents that came in one turn of the loop: one step for all of them, then the next.

The rule: the first document of each register is decided with those of the others where nothing stands in its way;
whatever needs a closer look, and what came behind it, goes through its lane one by one. A step that follows itself
finds the processor's caches full of what it needs: reading every document, then judging every document, takes a sixth
less time than reading and judging one after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from fiscal.domain.document import Document
from fiscal.domain.messages import Hello, SubmitDocument
from fiscal.domain.receipt import Receipt
from fiscal.domain.signs import Signer
from fiscal.errors import RemoteProtocolError
from fiscal.protocols.content import decode_content, read_fast
from fiscal.time import Instant
from ofd_server.core.decide import Decision
from ofd_server.core.documents import Submission, decide_documents
from ofd_server.core.entries import Standing
from ofd_server.core.exchange import Exchange
from ofd_server.core.plain import decide_plain
from ofd_server.core.rules import Rules
from ofd_server.core.state import RegisterState
from ofd_server.defects import WatchedLog
from ofd_server.lane import Lane, Waiting

BATCHED: Final = (SubmitDocument, Exchange)
"""Requests that have something to read."""

_GOOD: Final = Standing.GOOD

log = WatchedLog(__name__)


def read_document(request: SubmitDocument) -> Document | RemoteProtocolError:
    """The document in a request, or what is wrong with it."""
    try:
        return decode_content(request.content)
    except RemoteProtocolError as error:
        return error.with_traceback(None)


def read(arrived: Sequence[Waiting]) -> None:
    """Look into everything that came; what is wrong with it is told when it is decided."""
    for asked in arrived:
        if type(asked.request) is SubmitDocument:
            content = asked.request.content
            asked.document = read_fast(content) or read_document(asked.request)
        elif isinstance(asked.request, Exchange):
            _open(asked.request)


def register_of(asked: Waiting) -> str | None:
    """Whose request it is; ``None`` for a session that has not said hello."""
    request = asked.request
    if isinstance(request, SubmitDocument):  # first what comes most; to know an abstract class costs a look-up
        return asked.session.register_id
    if isinstance(request, Exchange):
        return request.register_id
    return request.register if isinstance(request, Hello) else asked.session.register_id


def take_plain(
    arrived: Sequence[Waiting],
    lanes: Mapping[str, Lane],
    rules: Rules,
    signer: Signer,
    take: Callable[[Lane, Waiting, Decision], None],
) -> list[Waiting]:
    """Decide the plain sales for which nothing stands in the way, and have them taken; what is left, in its order.

    Nothing of a register is decided here behind something of it that is left.
    """
    left: list[Waiting] = []
    held: set[str | None] = set()
    for asked in arrived:
        request = asked.request
        document = asked.document
        if type(request) is SubmitDocument and type(document) is Receipt:
            session = asked.session
            lane = lanes.get(session.register_id or "")
            if lane is not None:
                state = lane.ahead
                if (
                    state is not None
                    and state.standing is _GOOD
                    and lane.loaded
                    and not (lane.busy or lane.waiting or session.superseded)
                    and (not held or lane.register_id not in held)
                ):
                    try:
                        decision = decide_plain(
                            state,
                            document,
                            request.content,
                            request.delivery,
                            asked.at,
                            session.protocol,
                            rules,
                            signer,
                        )
                    except Exception:  # whatever is wrong with one request, the others of this turn are served
                        log.exception("a document could not be decided", register=lane.register_id)
                        decision = None
                    if decision is not None:
                        take(lane, asked, decision)
                        continue
        held.add(register_of(asked))
        left.append(asked)
    return left


def decide_together(
    arrived: list[Waiting], lanes: Mapping[str, Lane], rules: Rules, signer: Signer
) -> tuple[list[tuple[Lane, Waiting, Decision]], list[Waiting]]:
    """Decide the first document of each register at once, where nothing stands in its way; and all the rest."""
    together: dict[str, tuple[Lane, Waiting, Submission]] = {}
    rest: list[Waiting] = []
    ordered: set[str | None] = set()
    for asked in arrived:
        register_id = register_of(asked)
        if register_id not in together and register_id not in ordered:
            lane = lanes.get(register_id or "")
            submission = None if lane is None else _unhindered(lane, asked)
            if lane is not None and submission is not None:
                together[lane.register_id] = lane, asked, submission
                continue
            ordered.add(register_id)  # what comes behind it in this turn has to wait for it
        rest.append(asked)
    try:
        decisions = decide_documents([found[2] for found in together.values()], rules, signer)
    except Exception:  # whatever is wrong with one request, the others of this turn are served
        log.exception("documents could not be decided together", documents=len(together))
        return [], arrived
    decided = [
        (lane, asked, decision)
        if isinstance(request := asked.request, SubmitDocument) or not isinstance(request, Exchange)
        else (lane, asked, _concluded(request, decision, submission.state))
        for (lane, asked, submission), decision in zip(together.values(), decisions, strict=True)
    ]
    return decided, rest


def _unhindered(lane: Lane, asked: Waiting) -> Submission | None:
    """A document that can be decided at once; ``None`` for what has to wait, or to be looked at more closely."""
    request, document, state = asked.request, asked.document, lane.ahead
    if state is None or lane.busy or lane.waiting or not lane.loaded:
        return None
    if not isinstance(request, SubmitDocument):
        if isinstance(request, Exchange) and lane.session is None and not state.holder:
            return _submitted(request, state, asked.at)
        return None
    if (
        document is None
        or isinstance(document, RemoteProtocolError)
        or asked.session.superseded
        or state.standing is not _GOOD
        or document.number <= state.tape.last_number
    ):
        return None
    delivery = request.delivery
    sign = delivery.autonomous_sign
    if sign is not None and sign <= state.tape.last_autonomous_sign:
        return None
    return Submission(state, document, request.content, delivery, asked.at, asked.session.protocol)


def _open(exchange: Exchange) -> None:
    """Read it; what a defect of ours prevents is answered when it is decided."""
    try:
        exchange.read()
    except Exception:  # whatever is wrong with one request, the others of this turn are served
        log.exception("an exchange could not be read", register=exchange.register_id)


def _submitted(exchange: Exchange, state: RegisterState, at: Instant) -> Submission | None:
    """Its document; what a defect of ours prevents is answered when it is decided."""
    try:
        return exchange.submit(state, at)
    except Exception:  # whatever is wrong with one request, the others of this turn are served
        log.exception("an exchange could not be submitted", register=exchange.register_id)
        return None


def _concluded(exchange: Exchange, decision: Decision, state: RegisterState | None) -> Decision:
    try:
        return exchange.conclude(decision)
    except Exception:  # a defect of ours in one register's exchange: its protocol has a word for that
        log.exception("an exchange could not be concluded", register=exchange.register_id)
        return Decision(exchange.failed(), (), state)
