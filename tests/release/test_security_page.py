"""SECURITY.md speaks of files, verbs and options that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from emulator.building.okta_orgs import OktaBuilder
from emulator.cli import fedemu
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, load_world
from tests.release.wheel import ROOT

PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`fedemu ([a-z][^`]*)`", PAGE))))
def test_the_verbs_and_options_of_the_page(command: str) -> None:
    """Each verb exists, with each option that the page gives it."""
    verb, *words = command.split()
    found = fedemu.get_command(None, verb)  # type: ignore[arg-type]  # the context is not looked at
    assert found is not None, verb
    options = {name for parameter in found.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_the_files_of_keys_are_where_the_page_says(tmp_path: Path) -> None:
    """The data folder of a federation that has made all of its keys holds no others."""
    world, keys, clock, ids = load_world(DEFAULT_WORLD), KeyFolder(tmp_path / "keys"), Clock(), Ids()
    Federation(world, keys=keys, clock=clock, ids=ids)
    OktaBuilder(world, clock=clock, ids=ids, keys=keys).token_key("acme")
    CertificateAuthority(tmp_path)
    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.pem")}
    assert files == {"keys/acme.amazon-connect.pem", "keys/acme.tokens of the org.pem", "ca-private.pem", "ca.pem"}
    for name in ("keys/ORG.APP.pem", "keys/ORG.tokens of the org.pem", "ca-private.pem"):
        assert f"| `{name}`" in PAGE


def test_the_places_of_the_page_are_there() -> None:
    """Folders and files of the repository that it names."""
    named = set(re.findall(r"`((?:tests|scenarios)/[\w/]+|constraints\.txt)`", PAGE))
    assert named == {"tests/attacks", "scenarios/worlds", "constraints.txt"}
    assert [name for name in named if not (ROOT / name).exists()] == []
