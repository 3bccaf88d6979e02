import asyncio

import pytest

from mock_ofd.__main__ import run
from mock_ofd.cli import demo
from mock_ofd.cli.exits import Exit
from mock_ofd.demo.generate import SEED, generate


def test_help_names_every_option(capsys):
    assert run(["demo", "--help"]) == 0
    text = capsys.readouterr().out
    assert all(option in text for option in ("--json", "--keep", "--live", "--data", "--seed", "--speed"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--speed", "0"], "--speed: must be 0.05 to 1.5, is 0"),
        (["--speed", "9"], "must be 0.05 to 1.5, is 9"),
        (["--speed", "nan"], "must be 0.05 to 1.5, is nan"),
        (["--speed", "fast"], "invalid _speed value: 'fast'"),
        (["--seed", "x"], "invalid int value: 'x'"),
        (["--nothing"], "unrecognized arguments: --nothing"),
        (["more"], "unrecognized arguments: more"),
    ],
)
def test_a_wrong_option_is_told_in_one_line(arguments, told, capsys):
    assert demo.main(arguments) == Exit.USAGE
    error = capsys.readouterr().err
    assert told in error
    assert "Traceback" not in error


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path, capsys):
    (tmp_path / "receipts.txt").write_text("mine")
    assert demo.main(["--data", str(tmp_path)]) == Exit.USAGE
    assert capsys.readouterr().err == f"mock-ofd demo: --data: {tmp_path} is not empty\n"
    assert [path.name for path in tmp_path.iterdir()] == ["receipts.txt"]


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert demo.main(["--data", str(tmp_path / "file" / "folder")]) == Exit.DATA_UNUSABLE
    error = capsys.readouterr().err
    assert error.startswith("mock-ofd demo: ")
    assert error.count("\n") == 1


def test_a_second_interruption_ends_at_once(tmp_path, monkeypatch):
    def interrupted(coroutine):
        coroutine.close()
        raise KeyboardInterrupt

    monkeypatch.setattr(asyncio, "run", interrupted)
    assert demo.main(["--data", str(tmp_path)]) == demo.INTERRUPTED


def test_the_script_is_the_packaged_one_or_another():
    assert demo._script(None) == demo._script(SEED) == generate(SEED).splitlines()
    assert demo._script(1) != demo._script(2)
