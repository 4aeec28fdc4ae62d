"""Files for their owner only: whole, of mode 0600 whatever the umask, at the end of links."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulator.network.data_folder.private_files import make_private_folder, remove_leftovers, write_privately
from emulator.scenarios.kept_files import kept_folder, replace_file


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_file_and_folders_are_their_owners(tmp_path: Path, mask: int) -> None:
    """0600, and 0700 for the folders that were missing; a folder that was there keeps its mode."""
    tmp_path.chmod(0o755)
    path = tmp_path / "a" / "b" / "file"
    with _umask(mask):
        write_privately(path, b"one")
        write_privately(path, b"two")
        make_private_folder(tmp_path)
    assert path.read_bytes() == b"two"
    modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, tmp_path / "a", tmp_path)]
    assert modes == [0o600, 0o700, 0o700, 0o755]
    assert [each.name for each in path.parent.iterdir()] == ["file"]


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_what_is_kept_of_a_run_is_its_owners(tmp_path: Path, mask: int) -> None:
    """Traces and reports, whoever could read them before."""
    kept = kept_folder(tmp_path, "traces") / "a.har"
    kept.touch(mode=0o644)
    with _umask(mask):
        replace_file(kept, "{}\n")
    assert (stat.S_IMODE(kept.stat().st_mode), kept.read_text(encoding="utf-8")) == (0o600, "{}\n")


def test_a_file_that_all_could_read_is_closed_to_them(tmp_path: Path) -> None:
    """Once it is written."""
    path = tmp_path / "file"
    path.touch(mode=0o644)
    write_privately(path, b"")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is written, also where there was nothing yet."""
    target, link = tmp_path / "elsewhere" / "file", tmp_path / "link"
    link.symlink_to(target)
    for data in (b"one", b"two"):
        write_privately(link, data)
        assert link.readlink() == target
        assert target.read_bytes() == data


def test_a_device_stays_a_device() -> None:
    """What is written to it goes through it."""
    write_privately(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old file is there, and no part of the new one."""
    path = tmp_path / "file"
    write_privately(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_privately(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("file", b"old")]


def test_leftovers_are_removed_and_nothing_else(tmp_path: Path) -> None:
    """What was being written when somebody killed it, by this version or the one before; files of others stay."""
    for name, text in {
        ".state.json.new-abc_1234": "half a sta",
        ".state.json.abcd1234": '{\n "version": 1,\n "acc',
        ".state.json.empty_12": "",
        ".state.json.original": "a text of mine",
        ".state.json.swp": "",
        ".other.json.new-abc_1234": "",
        "state.json": "",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / ".state.json.new-a_folder").mkdir()
    remove_leftovers(tmp_path / "state.json")
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        ".other.json.new-abc_1234",
        ".state.json.new-a_folder",
        ".state.json.original",
        ".state.json.swp",
        "state.json",
    ]


_WRITER = """
import sys
from pathlib import Path
from emulator.network.data_folder.private_files import write_privately
path = Path(sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    write_privately(path, (str(number % 10) * 300_000).encode())
"""


def test_a_kill_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    """Whatever moment the process ends at, the file is whole, and what it was writing is removed afterwards."""
    path = tmp_path / "state.json"
    write_privately(path, b"0" * 300_000)
    for _ in range(12):
        command = [sys.executable, "-c", _WRITER, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:  # noqa: S603
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            writer.stdout.close()
            os.kill(writer.pid, signal.SIGKILL)
        data = path.read_bytes()
        assert (len(data), len(set(data))) == (300_000, 1)
    remove_leftovers(path)
    assert [each.name for each in tmp_path.iterdir()] == ["state.json"]
