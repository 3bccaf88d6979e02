"""The containers: every service says when it is well, none is open to the network."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from fiscal.session.limits import IDLE_LIMIT_S
from mock_ofd.__main__ import COMMANDS
from mock_ofd.cli.serve import parser
from ofd_server.config import ControlAccess, load_settings
from ofd_server.gateways import kz
from tests.docs.pages import Page

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
NODES = ("node-1", "node-2")
BALANCER = ROOT / "examples" / "cluster" / "haproxy.cfg"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def program(name, *places):
    """Where a program is, also in places that are not on everybody's path."""
    found = shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *places]))
    if found is None:
        told = f"no {name} on this machine"
        pytest.fail(told) if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip(told)
    return found


def test_only_the_server_starts_unasked():
    assert [name for name, service in SERVICES.items() if not service.get("profiles")] == ["server"]
    assert set(SERVICES) == {"server", "mosquitto", "postgresql", *NODES, "balancer"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_health_check(name):
    check = SERVICES[name]["healthcheck"]
    assert check["test"][0] == "CMD"
    assert {"interval", "timeout", "start_period", "retries"} <= set(check)


@pytest.mark.parametrize("name", [name for name in SERVICES if name not in NODES])
def test_ports_are_published_to_this_machine_only(name):
    ports = SERVICES[name]["ports"]
    assert ports
    assert all(re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port) for port in ports)


def test_volumes_are_declared():
    used = {volume.partition(":")[0] for one in SERVICES.values() for volume in one.get("volumes", ())}
    assert {volume for volume in used if not volume.startswith(".")} == set(COMPOSE["volumes"])
    assert all((ROOT / volume).exists() for volume in used if volume.startswith("."))


def test_no_two_services_publish_the_same_port():
    published = [port for one in SERVICES.values() for port in one.get("ports", ())]
    assert len(set(published)) == len(published)


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


# ---------------------------------------------------------------------------------------------------------- the cluster


def sections() -> dict[str, list[list[str]]]:
    """The balancer's file: by section, the words of each line."""
    found: dict[str, list[list[str]]] = {}
    lines: list[list[str]] = []
    for line in BALANCER.read_text("utf-8").splitlines():
        words = line.partition("#")[0].split()
        if words and not line.startswith(" "):
            lines = found.setdefault(" ".join(words), [])
        elif words:
            lines.append(words)
    return found


@pytest.mark.parametrize("name", NODES)
def test_a_node_is_an_operator_on_the_database_that_starts(name, monkeypatch):
    node = SERVICES[name]
    (password,) = re.findall(r":-(\w+)}@", node["environment"]["MOCK_OFD_STORAGE"])
    database = SERVICES["postgresql"]["environment"]
    assert database["POSTGRES_PASSWORD"] == f"${{POSTGRES_PASSWORD:-{password}}}"
    for variable, value in node["environment"].items():
        monkeypatch.setenv(variable, value.replace(f"${{POSTGRES_PASSWORD:-{password}}}", password))
    settings = load_settings(vars(parser().parse_args(node["command"][2:])))
    assert settings.storage is not None
    user, base = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert settings.storage.get_secret_value() == f"postgresql://{user}:{password}@postgresql:5432/{base}"
    assert settings.data is None
    assert node["depends_on"] == {"postgresql": {"condition": "service_healthy"}}
    assert node["healthcheck"] == SERVICES["server"]["healthcheck"]
    assert node["profiles"] == ["cluster"]
    assert "cluster" in SERVICES["postgresql"]["profiles"]
    assert "ports" not in node, "registers come by the balancer"


def test_nodes_do_not_differ_or_signs_would():
    assert SERVICES["node-1"] == SERVICES["node-2"]


def test_the_balancer_leads_to_every_listener_of_every_node_and_asks_whether_it_is_ready():
    found = sections()
    command = SERVICES["node-1"]["command"]
    published = {port.rpartition(":")[2] for port in SERVICES["balancer"]["ports"]}
    bound = set()
    for name in ("http", "native", "kz"):
        lines = found[f"listen {name}"]
        port = command[command.index(f"--{name}") + 1].rpartition(":")[2]
        servers = [line[1:3] for line in lines if line[0] == "server"]
        assert servers == [[node, f"{node}:{port}"] for node in NODES]
        bound |= {line[1].lstrip(":") for line in lines if line[0] == "bind"}
    assert bound == published
    assert ["option", "httpchk", "GET", "/readyz"] in found["defaults"]
    (server,) = [line for line in found["defaults"] if line[0] == "default-server"]
    http = command[command.index("--http") + 1].rpartition(":")[2]
    assert server[1:4] == ["check", "port", http]
    assert SERVICES["balancer"]["depends_on"].keys() == set(NODES)
    receipts = SERVICES["node-1"]["environment"]["MOCK_OFD_RECEIPT_URL"]
    assert f":{receipts.rpartition(':')[2].partition('/')[0]}" in [line[1] for line in found["listen http"]]


def test_the_balancer_waits_longer_than_the_operators():
    (client,) = [line[2] for line in sections()["defaults"] if line[:2] == ["timeout", "client"]]
    assert int(client.removesuffix("m")) * 60 > max(kz.IDLE_LIMIT_S, IDLE_LIMIT_S)


def test_the_balancer_starts_where_the_system_gives_few_descriptors():
    """HAProxy raises its own limit for "maxconn", and ends when it may not; "fd-hard-limit" takes what there is."""
    limits = {line[0]: line[1] for line in sections()["global"]}
    assert int(limits["fd-hard-limit"]) > 2 * 25_000, "two for each connection"
    assert not {"maxconn", "ulimit-n"} & limits.keys()


def test_the_balancers_file_is_right():
    haproxy = program("haproxy", "/usr/sbin")
    done = subprocess.run([haproxy, "-c", "-f", str(BALANCER)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    warned = [
        line for line in done.stderr.splitlines() if "WARNING" in line and "could not resolve address" not in line
    ]
    assert not warned, "names of nodes are those of compose"


def test_the_image_can_reach_a_database():
    """Its one package is taken out of the lock of everything; the image has the same awk as Debian."""
    (script,) = re.findall(r"RUN awk '(.+?)' requirements/dev.txt", DOCKERFILE)
    program("awk")
    locked = ROOT / "requirements" / "dev.txt"
    taken = subprocess.run(["awk", script, str(locked)], capture_output=True, text=True, check=True).stdout
    first, *hashes = taken.splitlines()
    assert re.fullmatch(r"asyncpg==[\d.]+ \\", first)
    assert all(re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}( \\)?", line) for line in hashes)
    assert not taken.endswith("\\\n")
    assert "!requirements/dev.txt" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()


def test_what_starts_and_what_checks_is_compiled_while_it_may_still_be_written():
    """The user of the image may not write beside the libraries, so each health check would compile its own again."""
    stage = DOCKERFILE.rpartition("\nFROM ")[2]
    (compiled,) = re.findall(r'\nRUN python -c "import (.+)"\n(?=(?:.*\n)*USER )', stage)
    modules = compiled.split(", ")
    (asked,) = re.findall(r"import (\S+);", SERVICES["server"]["healthcheck"]["test"][-1])
    assert {asked, COMMANDS[SERVICES["server"]["command"][1]][0]} <= set(modules)
    for module in modules:
        if module != "asyncpg":
            assert importlib.util.find_spec(module) is not None


def test_the_image_is_run_by_nobody_special_from_locked_packages():
    stage = DOCKERFILE.rpartition("\nFROM ")[2]
    made = re.search(r"groupadd --gid (\d+) ofd\s+&& useradd --uid (\d+) --gid ofd ", stage)
    assert made is not None
    assert f"\nUSER {made[2]}:{made[1]}\n" in stage, "by number: who lets no root in cannot look a name up"
    assert "\nHEALTHCHECK " in stage
    assert "--require-hashes" in DOCKERFILE
