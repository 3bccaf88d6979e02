"""One process at a time, and the other one is named."""

import os
import subprocess
import sys

import pytest

from fiscal.errors import StorageBusy
from kkt_client.storage.lock import FileLock


def test_a_lock_names_its_holder(tmp_path):
    lock = FileLock(tmp_path / "lock")
    lock.take()

    with pytest.raises(StorageBusy, match=f"process {os.getpid()} holds"):
        FileLock(tmp_path / "lock").take()

    lock.release()
    again = FileLock(tmp_path / "lock")
    again.take()
    again.release()
    again.release()


def test_a_process_that_dies_lets_go(tmp_path):
    program = (
        "import os, sys; from pathlib import Path; from kkt_client.storage.lock import FileLock\n"
        "lock = FileLock(Path(sys.argv[1])); lock.take(); print('held', flush=True); sys.stdin.read()"
    )
    path = str(tmp_path / "lock")
    with subprocess.Popen(
        [sys.executable, "-c", program, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(StorageBusy, match=f"process {holder.pid} holds"):
            FileLock(tmp_path / "lock").take()
        holder.kill()
        holder.wait()

    again = FileLock(tmp_path / "lock")
    again.take()
    again.release()


def test_a_holder_that_left_no_name(tmp_path):
    lock = FileLock(tmp_path / "lock")
    lock.take()
    (tmp_path / "lock.pid").unlink()

    with pytest.raises(StorageBusy, match="another process holds"):
        FileLock(tmp_path / "lock").take()
    lock.release()
