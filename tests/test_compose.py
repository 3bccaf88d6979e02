"""The containers: every service says when it is well, none is open to the network."""

import re
from pathlib import Path

import pytest
import yaml

from mock_ofd.cli.serve import parser
from ofd_server.config import ControlAccess, load_settings
from tests.docs.pages import Page

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def test_only_the_server_starts_unasked():
    assert [name for name, service in SERVICES.items() if not service.get("profiles")] == ["server"]
    assert set(SERVICES) == {"server", "mosquitto", "postgresql"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_health_check(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "start_period", "retries"} <= set(check)


@pytest.mark.parametrize("name", SERVICES)
def test_ports_are_published_to_this_machine_only(name):
    ports = SERVICES[name]["ports"]
    assert ports
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in ports)


def test_volumes_are_declared():
    used = {volume.partition(":")[0] for one in SERVICES.values() for volume in one["volumes"]}
    assert used == set(COMPOSE["volumes"])


def test_compose_and_image_start_the_same_command():
    command = SERVICES["server"]["command"]
    arguments = ", ".join(f'"{argument}"' for argument in command)
    assert f"\nCMD [{arguments}]" in DOCKERFILE
    assert command[:2] == ["mock-ofd", "serve"]


def test_the_image_exposes_what_its_command_listens_on_and_compose_publishes_that():
    (exposed,) = re.findall(r"\nEXPOSE (.+)", DOCKERFILE)
    listened = [argument.rpartition(":")[2] for argument in SERVICES["server"]["command"] if ":" in argument]
    published = [port.rpartition(":")[2] for port in SERVICES["server"]["ports"]]
    assert exposed.split() == listened == published


def test_the_health_check_asks_where_the_command_listens():
    command = SERVICES["server"]["command"]
    port = command[command.index("--http") + 1].rpartition(":")[2]
    check = SERVICES["server"]["healthcheck"]["test"][-1]
    assert f"http://127.0.0.1:{port}/healthz" in check
    assert f'"{check}"' in DOCKERFILE


def test_the_operator_for_tests_of_the_page_is_one_that_starts_and_can_be_controlled(monkeypatch):
    (block,) = [
        block for block in Page("docs/how-to/run-in-a-container.md").blocks if block.text.startswith("services:")
    ]
    services = yaml.safe_load(block.text)["services"]
    assert services["tests"]["depends_on"]["ofd"] == {"condition": "service_healthy"}
    for name, value in services["ofd"]["environment"].items():
        monkeypatch.setenv(name, value)
    flags = vars(parser().parse_args(services["ofd"]["command"][2:]))
    settings = load_settings(flags)
    assert (settings.data, settings.control, settings.record) == (None, ControlAccess.ON, 10_000)


def test_the_image_is_run_by_nobody_special_from_locked_packages():
    stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "\nUSER ofd\n" in stage
    assert "\nHEALTHCHECK " in stage
    assert "--require-hashes" in DOCKERFILE
