"""A file that follows the state: whatever goes wrong with it is reported, tried again, and costs nobody else's file."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import StateError, StateNotSaved
from emulator.network.listener.server import Server
from emulator.running.state.state_file import StateFile
from emulator.running.state.writing import dump_state
from emulator.workbench.workbench import KeptState
from tests.conftest import APP, INSTANCE_ID, PROVIDER_ARN, ROLE_ARN, USER
from tests.sdk import Sdk

SOON = 0.02


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Returns where a state is kept, in a folder that is not there yet."""
    return tmp_path / "kept" / "state.json"


def _until(is_so: Callable[[], bool]) -> None:
    ends = monotonic() + 30
    while not is_so():
        assert monotonic() < ends
        sleep(SOON / 2)


def _fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr("emulator.running.state.state_file.write_privately", fail)


def test_a_file_follows_the_state(path: Path, federation: Federation, other: Federation) -> None:
    """What happened is in the file when it is closed, for its owner only, and another federation begins there."""
    before = os.umask(0)
    try:
        with StateFile(path, federation) as state:
            assert stat.S_IMODE((path.parent / ".state.json.lock").stat().st_mode) == 0o600
            federation.gateway.listen(state.ask)
            log_in(federation, user=USER, app=APP)
    finally:
        os.umask(before)
    text = path.read_text(encoding="utf-8")
    assert text == dump_state(federation)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with StateFile(path, other):
        assert dump_state(other) == text
    assert [file.name for file in path.parent.iterdir()] == ["state.json"]


def test_what_no_request_has_changed_is_saved_as_well(path: Path, federation: Federation) -> None:
    """A world that is read again, a call in this process: nobody asks for it to be saved."""
    with StateFile(path, federation, every_seconds=SOON):
        log_in(federation, user=USER, app=APP)
        _until(lambda: path.read_text(encoding="utf-8") == dump_state(federation))


def test_a_failed_save_is_told_and_tried_again(
    path: Path, federation: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once for each reason, until it succeeds, which is reported too; nothing but time is needed for that."""
    told: list[KeptState] = []
    with StateFile(path, federation, every_seconds=SOON) as state:
        state.listen(told.append)
        with monkeypatch.context() as patch:
            _fail_with(patch, OSError(errno.ENOSPC, "No space left on device"))
            log_in(federation, user=USER, app=APP)
            _until(lambda: bool(told))
            _fail_with(patch, RuntimeError("a mistake of ours"))
            _until(lambda: len(told) > 1)
            assert json.loads(path.read_text(encoding="utf-8"))["tables"]["console-sessions"] == {}
            failing = state.kept
        _until(lambda: len(told) > 2)
        text = path.read_text(encoding="utf-8")
    assert [each.problem for each in told] == [
        f"{path} cannot be written: No space left on device",
        f"{path} cannot be written: RuntimeError: a mistake of ours",
        "",
    ]
    assert told[0].fix == "Make room on that disk."
    assert failing.failing_since == told[0].failing_since
    assert failing.saved_at is not None
    assert (told[2].failing_since, told[2].saved_at is not None) == (None, True)
    assert text == dump_state(federation)


def test_who_cannot_be_told_keeps_nobody_from_saving(
    path: Path, federation: Federation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A terminal that is gone, a full log: the log of the emulator has it."""

    def closed(_: KeptState) -> None:
        raise BrokenPipeError

    with StateFile(path, federation, every_seconds=SOON) as state:
        state.listen(closed)
        with monkeypatch.context() as patch:
            _fail_with(patch, OSError(errno.EIO, "Input/output error"))
            log_in(federation, user=USER, app=APP)
            _until(lambda: bool(state.kept.problem))
        _until(lambda: path.read_text(encoding="utf-8") == dump_state(federation))
    said = {record.getMessage().splitlines()[0] for record in caplog.records}
    assert said == {"fedemu: an unexpected error while saying what became of the state"}


def _log_in_with_a_disk_that_fails(path: Path, federation: Federation, patch: pytest.MonkeyPatch) -> None:
    with StateFile(path, federation, every_seconds=SOON) as state:
        _until(lambda: state.kept.saved_at is not None)
        _fail_with(patch, OSError(errno.EROFS, "Read-only file system"))
        log_in(federation, user=USER, app=APP)


def test_an_end_that_saves_nothing_says_what_is_lost(
    path: Path, federation: Federation, other: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the reason; the file is free for the next process, and as it was."""
    with StateFile(path, federation):
        before = path.read_text(encoding="utf-8")
    with monkeypatch.context() as patch, pytest.raises(StateNotSaved) as caught:
        _log_in_with_a_disk_that_fails(path, federation, patch)
    assert caught.value.message == f"{path} cannot be written: Read-only file system"
    assert caught.value.fix == "Give --state a file in a folder that can be written."
    assert caught.value.explanation.startswith("What happened since ")
    assert path.read_text(encoding="utf-8") == before
    with StateFile(path, other):
        pass


def test_an_answer_that_waits_for_the_file(path: Path, federation: Federation, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes when the change is on disk, and where it cannot be is a 503 with the reason."""
    with StateFile(path, federation, every_seconds=60) as state:
        federation.gateway.keep_before_answers(state.save)
        log_in(federation, user=USER, app=APP)
        assert path.read_text(encoding="utf-8") == dump_state(federation)
        with monkeypatch.context() as patch:
            _fail_with(patch, OSError(errno.ENOSPC, "No space left on device"))
            federation.store.tables["console-sessions"].load({})
            page = federation.browser().open("https://acme.okta.com/login/login.htm")
        assert page.status == 503
        assert page.text == f"fedemu: {path} cannot be written: No space left on device.\n"
        assert federation.browser().open("https://acme.okta.com/login/login.htm").status == 200


def test_whatever_is_acknowledged_is_in_the_file(path: Path, federation: Federation, sdk: Sdk, server: Server) -> None:
    """Changes at AWS, in Amazon Connect and in Okta, sessions, credentials, a state that is put: before each answer."""
    iam, connect, session = sdk("iam"), sdk("connect", region="ap-northeast-1"), federation.browser().session()
    okta = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    before = dump_state(federation).encode()
    steps: list[Callable[[], Any]] = [
        lambda: iam.create_user(UserName="kept"),
        lambda: iam.create_access_key(UserName="kept"),
        lambda: connect.associate_approved_origin(InstanceId=INSTANCE_ID, Origin="https://kept.example.com"),
        lambda: session.post("https://acme.okta.com/api/v1/groups", json={"profile": {"name": "Kept"}}, headers=okta),
        lambda: log_in(federation, user=USER, app=APP),
        lambda: sdk("sts").assume_role_with_saml(RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=assertion),
        lambda: iam.create_group(GroupName="kept"),
        lambda: requests.put(f"{server.url}/fedemu/state", data=before, proxies={"http": ""}, timeout=30),
    ]
    texts = []
    with StateFile(path, federation, every_seconds=60) as state:
        federation.gateway.keep_before_answers(state.save)
        for step in steps:
            step()
            text = path.read_text(encoding="utf-8")
            assert text == dump_state(federation)
            texts.append(text)
    assert len(set(texts)) == len(steps)
    assert texts[-1].encode() == before


def test_a_second_process_is_refused(path: Path, federation: Federation, other: Federation) -> None:
    """By whatever name it asks for the file, the error says which process has it."""
    link = path.with_name("link.json")
    path.parent.mkdir()
    link.symlink_to(path.name)
    with StateFile(path, federation):
        for name in (path, link):
            with pytest.raises(StateNotSaved) as caught, StateFile(name, other):
                pass
            assert caught.value.message == f"{name} is in use by another fedemu (process {os.getpid()})"
            assert caught.value.fix == "Stop the other one first, or give this one another --state file."
    with StateFile(link, other):
        pass
    assert link.readlink() == Path(path.name)
    assert json.loads(path.read_text(encoding="utf-8"))["version"] == 1


def test_a_folder_that_is_deleted_is_made_again(path: Path, federation: Federation) -> None:
    """The lock is made again with it."""
    with StateFile(path, federation, every_seconds=SOON) as state:
        _until(lambda: state.kept.saved_at is not None)
        path.parent.rename(path.parent.with_name("gone"))
        _until(path.exists)
        assert path.with_name(".state.json.lock").exists()
    assert path.read_text(encoding="utf-8") == dump_state(federation)


def test_who_lost_the_file_to_another_writes_it_no_more(
    path: Path, federation: Federation, other: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If somebody deleted both and started another process, that is reported, and the other's file stays."""
    # Saved by the test alone: the thread that follows could take the new folder before the other does.
    monkeypatch.setattr(StateFile, "_follow", lambda _: None)
    with StateFile(path, federation) as state:
        path.parent.rename(path.parent.with_name("gone"))
        with StateFile(path, other):
            log_in(federation, user=USER, app=APP)
            with pytest.raises(StateNotSaved) as caught:
                state.save()
            assert path.read_text(encoding="utf-8") == dump_state(other)
        assert caught.value.message == (
            f"{path} cannot be written: {path} is in use by another fedemu (process {os.getpid()})"
        )


def test_what_killed_processes_left_is_removed(path: Path, federation: Federation) -> None:
    """At the start, and the file of their lock with it."""
    path.parent.mkdir()
    for name in (".state.json.new-abcd1234", ".state.json.lock"):
        path.with_name(name).touch()
    with StateFile(path, federation):
        assert {each.name for each in path.parent.iterdir()} == {"state.json", ".state.json.lock"}
    assert [each.name for each in path.parent.iterdir()] == ["state.json"]


def _make_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


UNUSABLE: list[tuple[str, Callable[[Path], Any], str]] = [
    ("a folder", Path.mkdir, "cannot be used: it is a folder, and a state needs a file"),
    ("a pipe", os.mkfifo, "cannot be used: it is a pipe, and a state needs a file"),
    (
        "a device",
        lambda path: path.symlink_to("/dev/null"),
        "cannot be used: it is a device, and a state needs a file",
    ),
    ("a link to itself", _make_link_to_itself, "cannot be used: Too many levels of symbolic links"),
    (
        "not a state",
        lambda path: path.write_text("version: 1\n"),
        "is not JSON: Expecting value: line 1 column 1 (char 0)",
    ),
    ("half a state", lambda path: path.write_text('{"version": 1, "acc'), "is not JSON: Unterminated string"),
    ("a newer state", lambda path: path.write_text('{"version": 9}'), "is a state of version 9, which a newer fedemu"),
]


@pytest.mark.parametrize(("make", "words"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_what_cannot_be_used_is_told_and_left_alone(
    path: Path, federation: Federation, make: Callable[[Path], Any], words: str
) -> None:
    """It is named with the reason, and nothing is written or left behind."""
    path.parent.mkdir()
    make(path)
    look = path.lstat()
    with pytest.raises(StateError) as caught, StateFile(path, federation):
        pass
    assert caught.value.message.startswith(f"{path} {words}")
    assert (path.lstat().st_mtime_ns, path.lstat().st_mode) == (look.st_mtime_ns, look.st_mode)
    assert [each.name for each in path.parent.iterdir()] == ["state.json"]


def test_a_file_below_a_file(path: Path, federation: Federation) -> None:
    """The reason is the system's."""
    path.parent.touch()
    with pytest.raises(StateNotSaved) as caught, StateFile(path, federation):
        pass
    assert caught.value.message == f"{path} cannot be used: Not a directory"


def _replace(path: Path) -> None:
    other = path.with_name("other")
    other.write_text("of somebody else", encoding="utf-8")
    other.replace(path)


DISTURBED: list[tuple[str, Callable[[Path], Any], str]] = [
    ("deleted", Path.unlink, "was deleted while fedemu runs, and is written again"),
    ("emptied", lambda path: os.truncate(path, 0), "was emptied while fedemu runs, and is written again"),
    (
        "replaced",
        _replace,
        "was changed by another program while fedemu runs; that is kept as state.json.replaced",
    ),
]


@pytest.mark.parametrize(("disturb", "words"), [row[1:] for row in DISTURBED], ids=[row[0] for row in DISTURBED])
def test_a_file_that_others_change_is_written_again(
    path: Path, federation: Federation, disturb: Callable[[Path], Any], words: str
) -> None:
    """Though nothing has happened; what they wrote is kept beside it."""
    told: list[KeptState] = []
    with StateFile(path, federation, every_seconds=SOON) as state:
        _until(lambda: state.kept.saved_at is not None)
        state.listen(told.append)
        disturb(path)
        _until(lambda: bool(told))
        _until(lambda: path.exists() and path.read_text(encoding="utf-8") == dump_state(federation))
    assert [each.note for each in told] == [f"{path} {words}"]
    aside = path.with_name("state.json.replaced")
    if aside.exists():
        assert aside.read_text(encoding="utf-8") == "of somebody else"
        assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert {each.name for each in path.parent.iterdir()} - {aside.name} == {"state.json"}


def test_a_file_that_is_only_touched_is_its_own(path: Path, federation: Federation) -> None:
    """The same text is nobody else's, whatever its time is."""
    told: list[KeptState] = []
    with StateFile(path, federation) as state:
        state.listen(told.append)
        os.utime(path, (1, 1))
        state.save()
    assert told == []


def test_a_folder_in_its_place_is_told(path: Path, federation: Federation) -> None:
    """It is left alone; without it the state is saved again."""
    with StateFile(path, federation, every_seconds=60) as state:
        _until(lambda: state.kept.saved_at is not None)
        path.unlink()
        path.mkdir()
        with pytest.raises(StateNotSaved) as caught:
            state.save()
        path.rmdir()
        state.save()
        assert path.is_file()
    assert caught.value.message == (
        f"{path} cannot be written: something else has been put in its place, which is not a file"
    )
