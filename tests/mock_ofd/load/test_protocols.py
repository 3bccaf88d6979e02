"""How registers of a load are called, with what they come, and which wire each has."""

import pytest

from fiscal.protocols.kz.numbers import parse_token
from kkt_client.core.kz_book import device_id_of
from kkt_client.fleet.http_wire import HttpWire
from kkt_client.fleet.kz_wire import KzWire
from kkt_client.fleet.register import Habits
from kkt_client.fleet.state import FleetState
from kkt_client.fleet.wires import NativeWire
from mock_ofd.load.protocols import DEVICES, KZ_TOKEN, RUNS, TOKEN, speech_of
from mock_ofd.load.scenario import REGISTERS_MAX, Scenario, Wire
from tests.documents import T0
from tests.kkt_client.fleet.desk import fleet_register

ADDRESS = ("192.0.2.7", 7790)
RUN = f"{T0:x}"
"""A run is called by its moment, in hexadecimal digits."""


def habits() -> Habits:
    return fleet_register(1)[0]._habits


@pytest.mark.parametrize(("protocol", "kind"), [("native", NativeWire), ("http", HttpWire), ("kz", KzWire)])
def test_each_protocol_has_its_wire_with_the_limit_of_the_scenario(protocol, kind):
    speech = speech_of(Scenario(protocol=protocol, answer_limit_s=2.5), RUN)
    wire = speech.make(FleetState(speech.register_id(0), T0), habits(), ADDRESS)
    assert type(wire) is kind
    assert wire.limit_s == 2.5
    assert speech.token == (KZ_TOKEN if protocol == "kz" else TOKEN)


@pytest.mark.parametrize("protocol", list(Wire))
def test_no_two_registers_of_two_runs_have_one_name(protocol):
    runs = [speech_of(Scenario(protocol=protocol), f"{T0 + seconds * 1_000:x}") for seconds in range(50)]
    names = [speech.register_id(place) for speech in runs for place in (0, 1, REGISTERS_MAX - 1)]
    assert len(set(names)) == len(names)


def test_over_the_kazakhstan_protocol_every_name_is_a_device_and_the_token_is_one():
    assert DEVICES == REGISTERS_MAX
    for second in (0, 1, RUNS - 1, RUNS, 10**6):
        speech = speech_of(Scenario(protocol=Wire.KZ), f"{second * 1_000:x}")
        for place in (0, REGISTERS_MAX - 1):
            assert device_id_of(speech.register_id(place)) > 0
    assert parse_token(KZ_TOKEN) == int(KZ_TOKEN)
