"""A lock: one process has it, the others learn which, and a killed process has none."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.running.state.file_lock import FileLock, LockTaken


def test_one_has_it_at_a_time(tmp_path: Path) -> None:
    """The second one learns which process has it; released, it is free and leaves no file."""
    first, second = FileLock(tmp_path / "state.json"), FileLock(tmp_path / "state.json")
    first.acquire()
    with pytest.raises(LockTaken) as caught:
        second.acquire()
    assert caught.value.holder == str(os.getpid())
    assert stat.S_IMODE((tmp_path / ".state.json.lock").stat().st_mode) == 0o600
    first.release()
    second.acquire()
    second.release()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_file_is_deleted_is_held_no_more(tmp_path: Path) -> None:
    """Another one can have it then, and keeps it when the first is given back."""
    first, second = FileLock(tmp_path / "state.json"), FileLock(tmp_path / "state.json")
    first.acquire()
    assert first.is_held
    (tmp_path / ".state.json.lock").unlink()
    second.acquire()
    assert (first.is_held, second.is_held) == (False, True)
    first.release()
    assert second.is_held
    second.release()


_HOLDER = """
import sys, time
from pathlib import Path
from emulator.running.state.file_lock import FileLock
FileLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_kill_gives_it_back(tmp_path: Path) -> None:
    """The file of the lock is there still, and locks nothing."""
    path = tmp_path / "state.json"
    with subprocess.Popen([sys.executable, "-c", _HOLDER, str(path)], stdout=subprocess.PIPE) as holder:  # noqa: S603
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(LockTaken) as caught:
            FileLock(path).acquire()
        assert caught.value.holder == str(holder.pid)
        os.kill(holder.pid, signal.SIGKILL)
    assert (tmp_path / ".state.json.lock").exists()
    lock = FileLock(path)
    lock.acquire()
    lock.release()


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    """Nobody has a file of theirs overwritten by it."""
    own = tmp_path / "own"
    own.write_text("mine", encoding="utf-8")
    (tmp_path / ".state.json.lock").symlink_to(own)
    with pytest.raises(OSError, match="symbolic links"):
        FileLock(tmp_path / "state.json").acquire()
    assert own.read_text(encoding="utf-8") == "mine"


def test_a_full_disk_keeps_nobody_from_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is held all the same; only its holder is not known."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    lock = FileLock(tmp_path / "state.json")
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        lock.acquire()
    with pytest.raises(LockTaken) as caught:
        FileLock(tmp_path / "state.json").acquire()
    assert caught.value.holder == ""
    lock.release()
