"""A register that we did not write understands our operator, and our operator it: see kz_jvm.py and kz-jvm/."""

from __future__ import annotations

import os

import pytest

from tests.interop.kz_jvm import DEVICES, DOCUMENTS, Unavailable, build, missing, operator, trade

IS_REQUIRED = os.environ.get("REQUIRE_SERVICES") == "1"
REPLAYED = ("deposit, answer lost", "ticket, answer lost", "ticket, connection lost", "close shift, answer lost")


@pytest.fixture(scope="module")
def jar():
    reason = missing()
    if reason is None:
        try:
            return build()
        except Unavailable as failure:
            reason = str(failure)
    if IS_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def serving(tmp_path_factory, jar):
    with operator(tmp_path_factory.mktemp("interop")) as addresses:
        yield addresses


@pytest.mark.parametrize("version", DEVICES)
def test_a_register_in_java_trades_for_a_day(jar, serving, version):
    # The ledger's count of the day's documents is checked by trade().
    *exchanges, last = trade(serving, jar, version)

    assert last["done"], last
    told = {line["exchange"]: line for line in exchanges}
    assert {line["version"] for line in exchanges} == {version}
    commands = {line["command"] for line in exchanges if "command" in line}
    assert commands >= {
        "COMMAND_SYSTEM",
        "COMMAND_INFO",
        "COMMAND_TICKET",
        "COMMAND_MONEY_PLACEMENT",
        "COMMAND_REPORT",
        "COMMAND_CLOSE_SHIFT",
        "COMMAND_NOMENCLATURE",
    }
    # A message whose answer was lost was sent twice and counted once.
    assert {told[name]["result"] for name in REPLAYED} == {0}
    once, again = told["ticket, answer lost"], told["ticket, once more"]
    assert (once["ticket_number"], once["token"]) == (again["ticket_number"], again["token"])
    signs = [line["ticket_number"] for line in exchanges if "ticket_number" in line and line is not again]
    assert len(set(signs)) == len(signs) == DOCUMENTS["receipt"]
