"""The matrix ends with a difference when there is one, and goes on where it was broken off."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_ofd.conformance.catalogue import SCENARIOS
from mock_ofd.conformance.running import Outcome, Verdict
from mock_ofd.conformance.scenario import Scenario
from mock_ofd.conformance.stage import Options
from mock_ofd.conformance.tongue import Tongue
from tests.mock_ofd.conformance import matrix
from tests.mock_ofd.conformance.defects import NATIVE, expected, fails
from tests.mock_ofd.conformance.matrix import main
from tests.mock_ofd.conformance.players import AGAIN

DEFECT = "one-page"
(FAILED,) = NATIVE[DEFECT]
ARGUMENTS = ["--protocol", "native", DEFECT]

Plan = Callable[[str, int], Verdict]


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Callable[[Plan], list[str]]:
    """What is played ends as planned, by its name and how often it was played before; the names in their order."""

    def by(plan: Plan) -> list[str]:
        names: list[str] = []

        async def play(scenario: Scenario, tongue: Tongue, options: Options) -> Outcome:
            assert (tongue.name, options.command[-1]) == ("native", DEFECT)
            verdict = plan(scenario.name, names.count(scenario.name))
            names.append(scenario.name)
            return Outcome(scenario, verdict, 0.1, "")

        monkeypatch.setattr(matrix, "play", play)
        monkeypatch.setattr(matrix, "set_up_logs", lambda *_settings: None)
        return names

    return by


def right(name: str, _times: int) -> Verdict:
    return expected("native", DEFECT, name)


def test_everything_as_the_table_has_it(
    played: Callable[[Plan], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = played(right)
    assert main(ARGUMENTS) == 0
    assert sorted(names) == sorted(SCENARIOS)
    told = capsys.readouterr().out
    assert f"fails  1 of {len(SCENARIOS)}, as the table has it" in told
    assert "0 differ from the tables; 0 were played again" in told


@pytest.mark.parametrize(("name", "verdict"), [(FAILED, Verdict.PASSED), ("online-sale", Verdict.FAILED)])
def test_what_differs_every_time_differs(
    name: str, verdict: Verdict, played: Callable[[Plan], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = played(lambda each, times: verdict if each == name else right(each, times))
    assert main(ARGUMENTS) == 1
    assert names.count(name) == 2
    told = capsys.readouterr().out
    assert f"DIFFERS: {name} {verdict}, not {right(name, 0)}" in told
    assert "1 differ from the tables; 1 were played again" in told


def test_what_agrees_both_times_afterwards_was_the_machine(
    played: Callable[[Plan], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    names = played(lambda each, times: Verdict.FAILED if not times else right(each, times))
    assert main(ARGUMENTS) == 0
    assert names.count("online-sale") == 1 + AGAIN
    assert names.count(FAILED) == 1
    told = capsys.readouterr().out
    assert f"played again: native {DEFECT} online-sale: failed ; as the table has it then" in told


def test_what_agrees_only_once_differs(played: Callable[[Plan], list[str]]) -> None:
    played(lambda each, times: Verdict.FAILED if each == "online-sale" and times != 1 else right(each, times))
    assert main(ARGUMENTS) == 1


def test_a_run_that_was_broken_off_goes_on_there(played: Callable[[Plan], list[str]], tmp_path: Path) -> None:
    results = tmp_path / "matrix.jsonl"
    seen = ["native", DEFECT, "online-sale"]
    results.write_text(json.dumps([seen, "passed", ""]) + "\n", encoding="utf-8")
    names = played(right)
    assert main([*ARGUMENTS, "--results", str(results)]) == 0
    assert "online-sale" not in names
    assert len(results.read_text("utf-8").splitlines()) == len(SCENARIOS)
    names.clear()
    assert main([*ARGUMENTS, "--results", str(results)]) == 0
    assert names == []


def test_a_defect_that_nobody_planted_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sells-at-night"])
    assert "there is no defect sells-at-night" in capsys.readouterr().err


def test_a_row_is_what_is_said_without_what_is_excepted() -> None:
    assert fails("a b", "b c", but="a") == ("b", "c")
    with pytest.raises(KeyError):
        fails("a", but="d")
