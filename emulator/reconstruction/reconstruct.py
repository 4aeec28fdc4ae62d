"""From what is known of a login to a folder with a world and a scenario that ends the same way."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from emulator.building.key_files import new_key_files
from emulator.kernel.clock import instant
from emulator.kernel.errors import FederationError, FileError
from emulator.kernel.records import dataclass
from emulator.reconstruction.aws_part import AwsPart, custom_origin
from emulator.reconstruction.draft import Draft
from emulator.reconstruction.idp_style import recognise
from emulator.reconstruction.message_faults import faults_of, waits_of
from emulator.reconstruction.names import CERTIFICATE, PRIVATE_KEY, Names, names_of
from emulator.reconstruction.okta_part import OktaPart
from emulator.reconstruction.recorded import Recorded
from emulator.reconstruction.replay import Difference, Received, differences, run_written, settled
from emulator.reconstruction.scenario_part import EXPECTED, expectation, write_scenario
from emulator.reconstruction.setup import Setup, setup_for

WORLD, SCENARIO, PAGES = "world.yaml", "scenarios/login.fedemu.yaml", "pages"
_PAGE_ORIGIN = re.compile(r"https://[a-z0-9.-]+", re.ASCII)
_PAGE_PATH = re.compile(r"(?:/[\w-][\w.-]{0,80}){0,8}/?", re.ASCII)
_PAGE = """\
<!doctype html>
<title>A page of one's own</title>
<p>The recorded login ended here. What was on the page is not in the recording.</p>
"""


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """A world and a scenario, and how the scenario ends.

    Args:
        files: The texts by their paths in the folder.
        told: What is not in the recording, and its replacement.
        received: How the emulated login ended.
        differences: What is not as it was recorded.
        is_end_known: Whether the recording says how the login ended.
    """

    files: Mapping[str, str]
    told: tuple[str, ...]
    received: Received
    differences: tuple[Difference, ...]
    is_end_known: bool


def reconstruct(recorded: Recorded, *, is_broken: bool = False) -> Reconstruction:
    """Makes the world and the scenario of a login, and runs it.

    Args:
        recorded: What is known of the login.
        is_broken: Whether the message's signature does not fit what it covers.

    Raises:
        FederationError: the recording holds something that no world can say.
    """
    setup = setup_for(recorded, is_broken=is_broken)
    style = recognise(recorded.message, addresses=_addresses(recorded))
    names = names_of(recorded, style)
    world, scenario = Draft(), Draft()
    world.put(("version",), 1)
    told = [
        *OktaPart(recorded, names, style, setup).write(world),
        *AwsPart(recorded, names, setup).write(world),
    ]
    page = _own_page(world, recorded)
    faults = tuple(faults_of(recorded, was_changed=setup.was_changed))
    told += write_scenario(scenario, recorded, names, faults=faults, waits=waits_of(recorded))
    told += _always_told(recorded, names, setup)
    expected = expectation(recorded, names)
    files = {WORLD: world.text(_header(recorded)), **page, **_keys(setup)}
    written, received, final = _settle(files, scenario, expected)
    return Reconstruction(
        written,
        tuple(dict.fromkeys(told)),
        received,
        tuple(differences(final, received)) if expected else (),
        bool(expected),
    )


def _settle(
    files: Mapping[str, str], scenario: Draft, expected: dict[str, Any]
) -> tuple[dict[str, str], Received, dict[str, Any]]:
    """Runs the scenario in a folder of its own, and returns the files with what is expected in its final form."""
    with tempfile.TemporaryDirectory(prefix="fedemu-record-") as name:
        folder = Path(name)
        scenario.put((EXPECTED,), _expect(expected or {"outcome": "accepted"}, is_known=bool(expected)))
        write_files(folder, {**files, SCENARIO: scenario.text("")})
        try:
            received = run_written(folder / SCENARIO)
        except FileError as error:
            raise FederationError(
                f"The recorded login cannot be written as a world: {_without_folder(error, folder)}",
                explanation="A value in the recording is none that Okta, AWS or Amazon Connect can have.",
                fix="Look at it with fedemu inspect, which judges it as it is.",
            ) from None
    final = settled(expected, received)
    scenario.put((EXPECTED,), _expect(final, is_known=bool(expected)))
    if not expected:
        scenario.say((EXPECTED,), above="How the login ended is not in the recording: this is what the emulator says.")
    elif expected.get("lands_on", "") != final.get("lands_on", ""):
        scenario.say((EXPECTED, "lands_on"), above=f"Recorded as {expected['lands_on']}.")
    if expected and final["outcome"] == "elsewhere" != expected["outcome"]:
        scenario.say((EXPECTED, "outcome"), above="Nobody refused, but it is not where its relay state was to lead.")
    header = "A login that was recorded. Run it with: fedemu run scenarios"
    return {**files, SCENARIO: scenario.text(header)}, received, final


def _expect(expected: dict[str, Any], *, is_known: bool) -> dict[str, Any]:
    return {**expected, "oracle": "observed" if is_known else "assumed"}


def _without_folder(error: FileError, folder: Path) -> str:
    return "; ".join(f"{each.location.key}: {each.message}" for each in error.problems[:3]).replace(f"{folder}/", "")


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Writes files into a folder, with the folders between.

    Raises:
        OSError: one of them cannot be written.
    """
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        # What the file holds is its owner's alone from the first byte on.
        path.touch(mode=0o600 if name == PRIVATE_KEY else 0o666)
        path.write_text(text, encoding="utf-8")


def _addresses(recorded: Recorded) -> tuple[str, ...]:
    host = recorded.journey.idp_host
    return (f"https://{host}{recorded.journey.idp_path}",) if host else ()


def _keys(setup: Setup) -> dict[str, str]:
    """Returns the files of the key that encrypts: the emulator's own, since the company's is in no recording."""
    if not setup.encrypts and not setup.opens:
        return {}
    private_key, certificate = new_key_files("fedemu")
    return {
        **({CERTIFICATE: certificate} if setup.encrypts else {}),
        **({PRIVATE_KEY: private_key} if setup.opens else {}),
    }


def _own_page(world: Draft, recorded: Recorded) -> dict[str, str]:
    """Returns the page of one's own that the login ended on, and names its folder in the world."""
    origin = custom_origin(recorded.journey.instance)
    if not _PAGE_ORIGIN.fullmatch(origin) or recorded.journey.instance is None:
        return {}
    path = urlsplit(recorded.journey.instance.destination).path
    if not _PAGE_PATH.fullmatch(path):
        return {}
    name = path.strip("/") or "index.html"
    file = name if "." in name.rpartition("/")[2] else f"{name}.html"
    world.put(("pages", origin), [PAGES], above="A page that stands for the one that the login led to.")
    return {f"{PAGES}/{file}": _PAGE}


def _always_told(recorded: Recorded, names: Names, setup: Setup) -> Iterator[str]:
    message = recorded.message
    if message.is_encrypted:
        yield (
            "what the assertion says: it is encrypted, and nobody reads it without the key; the world has what is "
            "known from elsewhere, and encrypts with a key of its own"
        )
    if setup.told:
        yield setup.told
    if names.is_known and setup.trust == "lets through":
        yield "the roles' trust policies: those written let the login through"
    instance = recorded.journey.instance
    if instance is not None and setup.has_instance and setup.may_federate:
        yield "the role's policies: the one written allows connect:GetFederationToken for the person's own user"
    yield f"{names.login}'s first and last name, groups and password: the password here is fedemu's usual one"
    yield "the signing key: the emulator signs with its own"
    if message.is_readable:
        yield (
            "identifiers, instants, NameFormats and the order within the message are the style's; the scenario begins "
            "at an instant of its own"
        )


def _header(recorded: Recorded) -> str:
    when = f" of {instant(recorded.posted_at)}" if recorded.posted_at is not None else ""
    return (
        f"A recorded login{when}, made a world from {recorded.source}.\n"
        "What a recording cannot know has a comment; no key, password, cookie or token of it is here."
    )
