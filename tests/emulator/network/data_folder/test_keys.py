"""Keys are made once, kept for their owner only, and found again."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from emulator.kernel.errors import EnvironmentProblem
from emulator.network.data_folder.keys import KeyFolder, KeysInMemory
from tests.emulator.network.key_pairs import quick_pair

PAIR = quick_pair()


def test_a_pair_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    """The second look-up makes nothing; the file has mode 0600 and nothing else is left in the folder."""
    calls = []

    def make() -> tuple[bytes, bytes]:
        calls.append(1)
        return PAIR

    folder = KeyFolder(tmp_path / "keys")
    assert folder.pair("acme.app", make) == PAIR
    assert KeyFolder(tmp_path / "keys").pair("acme.app", make) == PAIR
    assert len(calls) == 1
    files = list((tmp_path / "keys").iterdir())
    assert [file.name for file in files] == ["acme.app.pem"]
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o600


@pytest.mark.parametrize("replaces", [False, True])
def test_what_killed_processes_left_is_deleted_with_the_next_pair(tmp_path: Path, replaces: bool) -> None:
    """Of the folder's files only unfinished pairs, and only old ones: a second start may be writing the others."""
    begun = b"".join(PAIR)[:200]
    left = {".new-abcd_123": begun, ".new-00000000": b"", ".acme.app.pem.new-abcd_123": begun}
    others = {
        ".new-abcd": begun,
        ".new-abcd_1234": begun,
        ".new-notours_": b"notes of somebody",
        "new-abcd_123": begun,
        "acme.other.pem": begun,
        ".state.json.new-abcd_123": begun,
    }
    young = {".new-young_12": begun, ".acme.app.pem.new-young_12": b""}
    for name, content in (left | others | young).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / ".new-a_folder").mkdir()
    (tmp_path / ".new-a_link__").symlink_to(tmp_path / "acme.other.pem")
    past = (tmp_path / "acme.other.pem").stat().st_mtime - 3700
    for each in (*left, *others, ".new-a_folder"):
        os.utime(tmp_path / each, (past, past))
    os.utime(tmp_path / ".new-a_link__", (past, past), follow_symlinks=False)
    folder = KeyFolder(tmp_path)
    if replaces:
        folder.replace("acme.app", b"".join(PAIR))
    assert folder.pair("acme.app", lambda: PAIR) == PAIR
    kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {*others, *young, ".new-a_folder", ".new-a_link__", "acme.app.pem"}


def test_a_process_whose_unfinished_pair_was_deleted_writes_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was suspended so long that another start took its file for a leftover."""
    link, asked = os.link, []

    def deleted_before(source: str | Path, target: Path) -> None:
        asked.append(source)
        if len(asked) == 1:
            Path(source).unlink()
        link(source, target)

    monkeypatch.setattr(os, "link", deleted_before)
    assert KeyFolder(tmp_path).pair("acme.app", lambda: PAIR) == PAIR
    assert len(asked) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["acme.app.pem"]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """A file in the folder's place is a problem of the environment, with the fix."""
    (tmp_path / "keys").write_text("not a folder", encoding="utf-8")
    with pytest.raises(EnvironmentProblem) as caught:
        KeyFolder(tmp_path / "keys").pair("acme.app", lambda: PAIR)
    assert caught.value.fix == "Set FEDEMU_HOME to a folder that can be written."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it does not hold a private key and its certificate"),
        (b"\0\xff" * 99, "it does not hold a private key and its certificate"),
        (b"".join(PAIR)[:-40], "it does not hold a private key and its certificate"),
        (PAIR[0] + quick_pair()[1], "it does not hold a private key and its certificate"),
        (b"x" * 100_001, "the file is larger than 100000 bytes"),
        (None, "this is a pipe, a socket or a device"),
    ],
    ids=["empty", "binary", "cut off", "another's certificate", "too large", "no file"],
)
def test_a_key_file_that_is_broken_is_named(tmp_path: Path, content: bytes | None, message: str) -> None:
    """It is the file that is wrong, and not the world whose app signs with it; a pipe is not waited for."""
    path = tmp_path / "acme.app.pem"
    if content is None:
        os.mkfifo(path)
    else:
        path.write_bytes(content)
    for folder in (KeyFolder(tmp_path), KeysInMemory(tmp_path, {})):
        with pytest.raises(EnvironmentProblem) as caught:
            folder.pair("acme.app", lambda: PAIR)
        assert caught.value.message == f"The key file cannot be used: {message}"
        assert caught.value.where == str(path)
