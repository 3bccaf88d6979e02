"""``mock-ofd faults``, and ``mock-ofd serve --faults``: the catalogue, a plan of one's own, and a process that dies."""

import json
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from fiscal.errors import ConfigurationError
from fiscal.faults.misfortunes import MISFORTUNES
from fiscal.faults.notation import plan_from_dict
from mock_ofd.cli.exits import Exit
from mock_ofd.cli.faults import main
from ofd_server.app import OfdServer
from ofd_server.config import ServerSettings
from tests.mock_ofd.cli.test_serve import FREE, WAIT_S, serving
from tests.ofd_server.twins import ManualClock


@pytest.fixture
def run(capsys):
    def run(*arguments):
        code = main([str(each) for each in arguments])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_catalogue(run):
    code, out, err = run()
    assert (code, err) == (Exit.OK, "")
    assert [line.split()[0] for line in out.splitlines()] == list(MISFORTUNES)


def test_the_catalogue_for_programs(run):
    told = json.loads(run("--json")[1])
    assert {one["name"] for one in told} == set(MISFORTUNES)
    for one in told:
        assert plan_from_dict({"faults": one["faults"]}).faults == MISFORTUNES[one["name"]].plan().faults


@pytest.mark.parametrize("name", ["flaky-3g", "maintenance-night"])
def test_what_is_printed_is_a_file_that_is_taken(run, tmp_path, name):
    path = tmp_path / "plan.toml"
    path.write_text(run(name)[1])
    assert path.read_text() == MISFORTUNES[name].toml
    code, out, _ = run(path)
    assert code == Exit.OK
    assert out.startswith(f"{path}: a plan of faults: ")
    shown = json.loads(run(path, "--json")[1])
    assert plan_from_dict(shown) == MISFORTUNES[name].plan()
    assert json.loads(run(name, "--json")[1])["toml"] == path.read_text()


def test_what_is_wrong_with_a_plan(run, tmp_path):
    path = tmp_path / "plan.toml"
    path.write_text('[[faults]]\nat = "after_commit"\neffects = [{ kind = "rain" }]\n')
    code, out, err = run(path)
    assert (code, out) == (Exit.USAGE, "")
    assert "plan.toml: faults[0].effects[0].kind: must be one of" in err
    path.write_bytes(b"\xff")
    assert run(path)[0] == Exit.USAGE
    assert run("rain")[0] == Exit.NOT_FOUND
    assert run(tmp_path)[0] == Exit.USAGE
    assert run("--nonsense")[0] == Exit.USAGE
    assert run("--help")[0] == Exit.OK


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        ("rain", "there is no misfortune 'rain'"),
        ("rain.toml", "rain.toml cannot be read: No such file"),
        ("./rain", "rain cannot be read: No such file"),
    ],
)
def test_a_setting_that_is_no_plan(faults, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=told):
        OfdServer(ServerSettings(faults=faults))


@pytest.mark.parametrize("as_file", [False, True])
def test_a_setting_that_is_one_counts_from_the_start(as_file, tmp_path):
    clock, setting = ManualClock(wall=5_000_000), "full-disk"
    if as_file:
        (tmp_path / "plan").write_text(MISFORTUNES[setting].toml)
        setting = str(tmp_path / "plan")
    run = OfdServer(ServerSettings(faults=setting), clock=clock).faults
    assert run is not None
    assert run.plan.faults == MISFORTUNES["full-disk"].plan(start=5_000_000).faults


def test_a_process_that_dies_between_the_commit_and_the_answer(tmp_path):
    plan, data = tmp_path / "plan.toml", ("--data", str(tmp_path / "ledger"))
    plan.write_text(MISFORTUNES["power-cut"].toml.replace("nth = 10", "nth = 2"))
    with serving(*FREE, *data, "--faults", str(plan)) as server:
        server.hello()
        assert server.sell(1)[0] == 200
        with pytest.raises((URLError, ConnectionError)):
            server.sell(2)
        assert server.popen.wait(WAIT_S) == Exit.CRASHED
        server.popen.communicate()
    with serving(*FREE, *data) as server:
        with urlopen(f"http://{server.ready['http']}/api/v1/registers/kkm-1/documents/2", timeout=WAIT_S) as response:
            assert json.load(response)["number"] == 2, "it was committed"
        assert server.sell(3)[0] == 200
        assert server.end()[0] == 0
