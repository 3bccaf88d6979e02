"""The register for callers without a loop: the same methods with the same meaning."""

import inspect

import pytest

from fiscal.domain.document import CorrectionReason
from fiscal.domain.receipt import Operation
from fiscal.errors import ConfigurationError, NotDelivered
from kkt_client import BlockingCashRegister, CashRegister, Decision, NothingToResolve, RegisterSettings
from kkt_client.core.basket import Basket, Line
from kkt_client.core.errors import RegisterClosed
from tests.documents import T0
from tests.kkt_client.shop import BASKET

NOBODY = "native://127.0.0.1:9"
QUICK = RegisterSettings(retry_in_sale_s=0.0)


def test_a_day_without_a_loop(tmp_path):
    events: list[object] = []
    with BlockingCashRegister(tmp_path, NOBODY, settings=QUICK, on_event=events.append) as register:
        register.deposit(1_000_00)
        sold = register.sell(BASKET, key="k")
        register.sell_return(Basket(lines=(Line(name="Хлеб", price=250_00),), parent=sold.as_parent()))
        register.buy(BASKET)
        register.buy_return(BASKET)
        register.correct(Operation.SELL, 5_00, reason=CorrectionReason.OWN, corrected_at=T0, basis="акт")
        register.withdraw(1_00)
        during = register.x_report()
        closed = register.close_shift()
        assert [paper.number for paper in register.documents()] == list(range(1, 9))
        assert [paper.number for paper in register.documents(first=2, last=3, newest_first=True)] == [3, 2]
        assert register.document(2) == register.find("k") == sold
        assert register.status().unsent == 8
        assert register.verify().is_whole
        assert register.unfinished() == []
        register.acknowledge(1)
        register.greet()
        with pytest.raises(NotDelivered):
            register.sync(0.1)
        with pytest.raises(NothingToResolve):
            register.resolve(Decision.RETRY, by="a", why="b")
        register.set_token("t")
        register.low_power(True)
        register.low_power(False)

    assert during.report.counters == closed.report.counters
    assert events
    register.close()


def test_what_goes_wrong_on_opening_comes_out_here(tmp_path):
    with pytest.raises(ConfigurationError):
        BlockingCashRegister(tmp_path, "nowhere")


def test_it_has_every_method_of_the_register():
    names = {name for name, _ in inspect.getmembers(CashRegister, inspect.isfunction) if not name.startswith("_")}

    missing = names - set(dir(BlockingCashRegister))

    assert missing == {"start", "events"}, "it starts when it is made; events go to the callback"
    for name in names - missing - {"close"}:
        theirs, ours = (inspect.signature(getattr(class_, name)) for class_ in (CashRegister, BlockingCashRegister))
        assert list(theirs.parameters) == list(ours.parameters), name


@pytest.mark.parametrize(
    "ask",
    [
        lambda register: register.sell(BASKET),
        lambda register: register.status(),
        lambda register: list(register.documents()),
        lambda register: register.sync(0.1),
    ],
    ids=["sell", "status", "documents", "sync"],
)
@pytest.mark.filterwarnings("error")
def test_a_closed_register_says_so(tmp_path, ask):
    register = BlockingCashRegister(tmp_path, NOBODY, settings=QUICK)
    register.close()

    with pytest.raises(RegisterClosed, match="not open"):
        ask(register)
