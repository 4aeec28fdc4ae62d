"""Saved files are noticed: the world's, and those that it names; a broken one leaves the old world serving."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.reloading import Reloaded
from emulator.running.world_watch import WorldWatch
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, load_world
from emulator.worldfile.text.read_files import noting_reads

TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")
OKTA = "https://acme.okta.com/app/UserHome"
POLICY = '{"Version": "2012-10-17", "Statement": []}'


class Watched:
    """A world in a folder, and what the watch has reported."""

    def __init__(self, folder: Path, keys: KeyFolder, text: str = TEXT) -> None:
        self.file = folder / "world.yaml"
        if not self.file.exists():
            self.file.write_text(text, encoding="utf-8")
        with noting_reads() as files:
            self.federation = Federation(load_world(self.file), clock=Clock(frozen_at=START), keys=keys)
        self.files = [*files]
        self.told: list[Reloaded | WorldError] = []
        self.watch = WorldWatch(self.federation, files, self.told.append)

    def save(self, text: str, file: Path | None = None) -> None:
        """Saves as editors do: a new file takes the place of the old one."""
        target = file or self.file
        beside = target.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(target)

    def look(self) -> None:
        """Looks until everything is at rest."""
        for _ in range(3):
            self.watch.look()

    @property
    def label(self) -> str:
        """The app's label, as it is served."""
        return self.federation.identity_providers["acme"].org.apps["amazon-connect"].label

    def shown(self) -> str:
        """Returns what Okta's first page says."""
        return self.federation.browser().open(OKTA).visible_text


@pytest.fixture
def watched(tmp_path: Path, keys: KeyFolder) -> Watched:
    """Returns the built-in world in a folder."""
    return Watched(tmp_path, keys)


def test_nothing_is_told_of_files_at_rest(watched: Watched) -> None:
    """However often they are looked at."""
    watched.look()
    assert watched.told == []
    assert watched.files == [watched.file]


def test_a_save_is_one_reload(watched: Watched) -> None:
    """It is reported once, and not before two looks agree."""
    watched.save(TEXT.replace("label: Amazon Connect SAML", "label: x"))
    watched.save(TEXT.replace("label: Amazon Connect SAML", "label: Another"))
    watched.watch.look()
    assert watched.told == []
    watched.look()
    (told,) = watched.told
    assert isinstance(told, Reloaded)
    assert watched.federation.identity_providers["acme"].org.apps["amazon-connect"].label == "Another"


def test_a_broken_world_is_told_on_every_page_until_it_is_mended(watched: Watched) -> None:
    """The old one is served; the line on top goes with the mistake."""
    watched.save("version: 1\nokta: {acme: {mfa: never}}\n")
    watched.look()
    (told,) = watched.told
    assert isinstance(told, WorldError)
    notice = (
        f"fedemu: {watched.file} was saved and cannot be used, so the previous world is still served: {watched.file}:2 "
        " okta.acme.mfa: 'never' does not fit"
    )
    assert watched.federation.page_notice.text == notice
    for url in (OKTA, "https://signin.aws.amazon.com/saml", "https://acme.my.connect.aws/ccp-v2"):
        assert " ".join(notice.split()) in watched.federation.browser().open(url).visible_text
    watched.save(TEXT)
    watched.look()
    assert len(watched.told) == 2
    assert "was saved and cannot be used" not in watched.shown()


def test_a_file_that_the_world_names_is_watched(tmp_path: Path, keys: KeyFolder) -> None:
    """Its mistake and its mending are noticed, though the world's own file is as it was."""
    (tmp_path / "policy.json").write_text(POLICY, encoding="utf-8")
    text = TEXT.replace("roles:\n", "roles:\n      Reader: {trust: policy.json}\n", 1)
    (tmp_path / "policy.json").write_text(_TRUST, encoding="utf-8")
    watched = Watched(tmp_path, keys, text)
    assert tmp_path / "policy.json" in watched.files
    watched.save("{", tmp_path / "policy.json")
    watched.look()
    assert [type(each) for each in watched.told] == [WorldError]
    watched.save(_TRUST, tmp_path / "policy.json")
    watched.look()
    assert [type(each) for each in watched.told] == [WorldError, Reloaded]


_TRUST = """{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRoleWithSAML",
 "Principal": {"Federated": "arn:aws:iam::123456789012:saml-provider/okta"}}]}"""


def test_a_file_that_is_named_later_is_watched_from_then_on(tmp_path: Path, keys: KeyFolder) -> None:
    """Also one that is not there yet when the world names it."""
    watched = Watched(tmp_path, keys)
    watched.save(TEXT.replace("roles:\n", "roles:\n      Reader: {trust: trust.json}\n", 1))
    watched.look()
    (tmp_path / "trust.json").write_text(_TRUST, encoding="utf-8")
    watched.look()
    assert [type(each) for each in watched.told] == [WorldError, Reloaded]
    assert "arn:aws:iam::123456789012:role/Reader" in watched.federation.running.accounts["123456789012"].roles


def test_a_world_that_is_gone_for_a_moment_is_told_and_served_on(watched: Watched) -> None:
    """It is read again when it is back."""
    watched.file.unlink()
    watched.look()
    watched.save(TEXT)
    watched.look()
    assert [type(each) for each in watched.told] == [WorldError, Reloaded]


def test_the_thread_ends_with_its_block(watched: Watched) -> None:
    """Nothing looks any more."""
    with watched.watch:
        pass
    watched.save("version: 2\n")
    assert watched.told == []


def _replace_folder(folder: Path, text: str) -> None:
    """Puts another folder in a folder's place, as a change of branch or an unpacked archive does."""
    beside = folder.with_name("beside")
    beside.mkdir()
    (beside / "world.yaml").write_text(text, encoding="utf-8")
    folder.rename(folder.with_name("old"))
    beside.rename(folder)


def test_a_folder_that_is_replaced_is_noticed(tmp_path: Path, keys: KeyFolder) -> None:
    """The world's path is what counts."""
    folder = tmp_path / "worlds"
    folder.mkdir()
    watched = Watched(folder, keys)
    _replace_folder(folder, TEXT.replace("label: Amazon Connect SAML", "label: Of the other branch"))
    watched.look()
    assert [type(each) for each in watched.told] == [Reloaded]
    assert watched.label == "Of the other branch"


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_link_that_leads_elsewhere_is_noticed(tmp_path: Path, keys: KeyFolder, is_folder: bool) -> None:
    """One to the file, and one to its folder, as Kubernetes changes what it mounts; so is what the file says then."""
    for name, label in (("one", "Amazon Connect SAML"), ("two", "Two")):
        (tmp_path / name).mkdir()
        text = TEXT.replace("label: Amazon Connect SAML", f"label: {label}")
        (tmp_path / name / "world.yaml").write_text(text, encoding="utf-8")
    link = tmp_path / "link"
    where = link if is_folder else link / "world.yaml"
    if not is_folder:
        link.mkdir()
    where.symlink_to(tmp_path / "one" if is_folder else tmp_path / "one" / "world.yaml")
    watched = Watched(link, keys)
    other = tmp_path / "other"
    other.symlink_to(tmp_path / "two" if is_folder else tmp_path / "two" / "world.yaml")
    other.replace(where)
    watched.look()
    assert watched.label == "Two"
    (tmp_path / "two" / "world.yaml").write_text(TEXT.replace("label: Amazon Connect SAML", "label: Three"))
    watched.look()
    assert watched.label == "Three"
    assert [type(each) for each in watched.told] == [Reloaded, Reloaded]


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + TEXT.encode(), TEXT.replace("\n", "\r\n").encode()])
def test_other_line_ends_and_a_byte_order_mark_change_nothing(watched: Watched, data: bytes) -> None:
    """An editor on Windows saves what it read."""
    watched.file.write_bytes(data)
    watched.look()
    (told,) = watched.told
    assert isinstance(told, Reloaded)
    assert told.sentences == (f"{watched.file} was saved without changed settings",)
    watched.file.write_bytes(data.replace(b"label: Amazon Connect SAML", b"label: Another"))
    watched.look()
    assert watched.label == "Another"
    watched.file.write_bytes(data.replace(b"okta:", b"oktaa:"))
    watched.look()
    assert isinstance(watched.told[-1], WorldError)
    assert watched.told[-1].location.line == 5
