"""How a register is doing."""

from fiscal.domain.lifecycle import BlockReason, RegisterMode
from fiscal.time import HOUR
from kkt_client.core import records
from kkt_client.core.basket import CashIn
from kkt_client.core.saying import Cause, Said
from kkt_client.core.status import status_of
from tests.documents import T0
from tests.kkt_client.core.till import Till


def test_a_new_register():
    found = status_of(Till().state, T0)

    assert (found.register_id, found.mode, found.unsent, found.head, found.cash) == (
        "kkt-1",
        RegisterMode.ONLINE,
        0,
        None,
        0,
    )
    assert (found.oldest_unsent_at, found.shift_opened_at, found.period) == (None, None, None)


def test_a_register_in_trouble():
    till = Till()
    till.sell(CashIn(sum=700))
    oldest = till.issue_alone()
    till.issue_alone()
    till.write([records.BlockBegan(reason=BlockReason.BY_OPERATOR, at=T0, text="долг")])

    found = status_of(
        till.state,
        T0 + 25 * HOUR,
        connected=True,
        attempts=3,
        last_error=Cause(Said.NO_ANSWER, "no"),
        next_attempt_s=2.5,
        unfinished=(2,),
        operator="ОФД",
        operator_phone="1702",
    )

    assert (found.mode, found.unsent, found.head) == (RegisterMode.BLOCKED_AUTONOMOUS, 2, 2)
    assert (found.oldest_unsent_at, found.cash, found.shift_expired) == (oldest.issued_at, 50_700, True)
    assert [block.reason for block in found.blocks] == [BlockReason.BY_OPERATOR]
    assert (found.block_codes, found.last_error_code) == ((Said.BLOCKED_BY_OPERATOR,), Said.NO_ANSWER)
    assert found.period is not None
    assert (found.attempts, found.last_error, found.next_attempt_s, found.unfinished) == (3, "no", 2.5, (2,))
