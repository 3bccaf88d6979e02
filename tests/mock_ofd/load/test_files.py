"""Reports on the disk: room is taken before the run, a report is there whole or not at all."""

import errno
import os
import threading
from pathlib import Path

import pytest

from mock_ofd.load.files import RESERVED, ReportFile, Unwritable


def test_a_report_is_written_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "report.json"
    with ReportFile("--json", path) as kept:
        assert sum(each.stat().st_size for each in tmp_path.iterdir()) == RESERVED, "room is taken"
        assert not path.exists()
        kept.write("{}")
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert path.read_text("utf-8") == "{}"


def test_without_a_report_nothing_is_left_and_the_old_one_stays(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")
    with ReportFile("--json", path):
        assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]
    assert path.read_text() == "old"


def test_a_report_that_is_larger_than_the_room(tmp_path):
    path = tmp_path / "report.json"
    with ReportFile("--json", path) as kept:
        kept.write("x" * (RESERVED + 10))
    assert path.stat().st_size == RESERVED + 10


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    with ReportFile("--json", link) as kept:
        kept.write("{}")
    assert link.is_symlink()
    assert real.read_text() == "{}"


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "is a folder"), ("none/report.json", "No such file or directory"), ("file/report.json", "Not a directory")],
)
def test_a_path_that_cannot_be_written_is_told_before(tmp_path, name, reason):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unwritable, match=reason) as error, ReportFile("--html", tmp_path / name):
        pass
    assert str(error.value).startswith(f"--html {tmp_path}")


def test_a_file_that_is_protected(tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_: False)  # whoever is root may write everything
    with pytest.raises(Unwritable, match="may not be written"), ReportFile("--json", path):
        pass


def test_a_full_disk_is_told_before_and_leaves_nothing(tmp_path, monkeypatch):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unwritable, match="No space left on device"), ReportFile("--json", tmp_path / "report.json"):
        pass
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_device_that_is_full():
    with ReportFile("--json", Path("/dev/full")) as kept, pytest.raises(Unwritable, match="No space left"):
        kept.write("{}")


def test_what_becomes_unwritable_meanwhile_is_told(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    with ReportFile("--json", folder / "report.json") as kept:
        for each in folder.iterdir():
            each.unlink()
        folder.rmdir()
        with pytest.raises(Unwritable, match="No such file"):
            kept.write("{}")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_as_it_is(tmp_path):
    pipe, heard = tmp_path / "pipe", []
    os.mkfifo(pipe)
    listener = threading.Thread(target=lambda: heard.append(pipe.read_text()))
    listener.start()
    with ReportFile("--json", pipe) as kept:
        kept.write("{}")
    listener.join(10)
    assert heard == ["{}"]
