"""The reader of files that people give: what it takes, and what it refuses without waiting."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from emulator.worldfile.text.read_files import FileTooLarge, UnreadableFile, bytes_of, noting_reads


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    """One byte more is too much; a file that says that it is large is not even begun with."""
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert bytes_of(file, limit=5) == b"12345"
    with pytest.raises(FileTooLarge, match="the file is larger than 4 bytes"):
        bytes_of(file, limit=4)
    os.truncate(file, 100_000_000_000)  # sparse: it takes no room on the disk
    with pytest.raises(FileTooLarge, match="the file is larger than 5000000 bytes"):
        bytes_of(file, limit=5_000_000)


def test_what_was_asked_for_is_noted_though_it_is_not_there(tmp_path: Path) -> None:
    """It may be saved later."""
    with noting_reads() as noted, pytest.raises(UnreadableFile, match="No such file or directory"):
        bytes_of(tmp_path / "later.yaml", limit=1)
    assert list(noted) == [tmp_path / "later.yaml"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "this is a folder"),
        ("pipe", "this is a pipe, a socket or a device"),
        ("/dev/null", "this is a pipe, a socket or a device"),
        ("/dev/zero", "this is a pipe, a socket or a device"),
        ("to-zero", "this is a pipe, a socket or a device"),
        ("loop", "Too many levels of symbolic links"),
        ("x" * 300, "File name too long"),
        ("a\0b", "this is not the name of a file"),
        ("a\ud800b", "this is not the name of a file"),
        ("file/inside", "Not a directory"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(tmp_path: Path, name: str, message: str) -> None:
    """Nothing waits for whoever writes into a pipe, and no device is read without end."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "to-zero").symlink_to("/dev/zero")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UnreadableFile) as caught:
        bytes_of(tmp_path / name, limit=1_000)
    assert caught.value.message == message


def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the system's words."""

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "secret").touch()
    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        bytes_of(tmp_path / "secret", limit=1)


def test_a_pipe_that_the_shell_has_made_is_read() -> None:
    """``fedemu inspect <(pbpaste)`` gives one."""
    reading, writing = os.pipe()

    def write() -> None:
        os.write(writing, b"SAMLResponse")
        os.close(writing)

    writer = threading.Thread(target=write)
    try:
        writer.start()
        assert bytes_of(Path(f"/dev/fd/{reading}"), limit=100) == b"SAMLResponse"
    finally:
        writer.join()
        os.close(reading)
