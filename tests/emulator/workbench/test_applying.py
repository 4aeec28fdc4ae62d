"""A button writes what lets a login arrive, or a sentence says what to do instead: no button does nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import requests

from emulator.diagnosis.fix import Fix, FixedValue
from emulator.federation import Federation, LoadedState
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import Location
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, fixes_of, serving
from emulator.scenarios.runner import START
from emulator.workbench.applying import Applying, applying
from emulator.workbench.words import Words
from emulator.workbench.workbench import Workbench
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import APP
from tests.emulator.seeds.terraform.states import world_of

_KEY = ("okta", "acme", "apps", "amazon-connect", "label")


@pytest.fixture
def here(tmp_path: Path, keys: KeyFolder) -> Workbench:
    """Returns a world in a folder, which is read again when it is saved."""
    file = tmp_path / "world.yaml"
    file.write_bytes(DEFAULT_WORLD.read_bytes())
    return Workbench(Federation(load_world(file), clock=Clock(frozen_at=START), keys=keys))


def _offered(fix: Fix, here: Workbench) -> Applying:
    return applying([fix], here, Words("en"))


@pytest.fixture
def fix(here: Workbench) -> Fix:
    """Returns a tried fix of that world."""
    file = here.federation.world.document.file
    value = FixedValue(_KEY, "x", "Amazon Connect SAML", Location(file, 14, ".".join(_KEY)))
    return Fix("the label", "world", (value,), tried=True, lands_on="https://acme.my.connect.aws/home")


def test_a_button_writes_what_can_be_written(here: Workbench, fix: Fix) -> None:
    """The first that can be, though a better one cannot."""
    assert _offered(fix, here) == Applying(fix)
    assert applying([replace(fix, warning="x"), fix], here, Words("en")) == Applying(fix)
    assert applying((), here, Words("en")) == Applying()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"call": "aws iam update-role"}, "A call has set this, so it takes the call above to correct it;"),
        ({"warning": "the condition is gone"}, "It gives something up, so no button writes it."),
        ({"tried": False}, "It was not tried here, so no button writes it."),
        ({"changes": ()}, "This is not a setting of the world. Set it where it says above."),
    ],
)
def test_what_no_button_writes_is_told(here: Workbench, fix: Fix, change: dict[str, object], told: str) -> None:
    """With what to do; what to change is reported above it."""
    offered = _offered(replace(fix, **change), here)  # type: ignore[arg-type]  # one attribute of each type
    assert offered.fix is None
    assert offered.told[0].startswith(told)


def test_where_writing_serves_nothing_yet_that_is_told(here: Workbench, fix: Fix) -> None:
    """In a world that nobody watches, and beneath a state that was loaded."""
    here.as_read = "version: 1"
    assert _offered(fix, here).told == (
        "This world is not read again when it is saved. A written change is served from the next start.",
    )
    here.as_read = None
    here.federation.loaded_state = LoadedState("state.json", {})
    assert _offered(fix, here).told[0].startswith("The loaded state takes precedence over the world: state.json.")


def test_what_cannot_be_written_has_no_button(here: Workbench, fix: Fix) -> None:
    """The file has been saved since, say, and holds something else there."""
    Path(here.federation.world.document.file).write_text("version: 1\nokta: [", encoding="utf-8")
    offered = _offered(fix, here)
    assert offered.fix is None
    assert offered.told[0].startswith("It cannot be written from here: ")


@pytest.fixture
def plain() -> requests.Session:
    """Returns a client without the surroundings' proxies."""
    session = requests.Session()
    session.trust_env = False
    return session


def _page(federation: Federation, user: str, plain: requests.Session) -> tuple[str, requests.Response]:
    """Returns the page of a login once everything was tried, and the answer to a press of the button."""
    fixes = fixes_of(federation)
    with serving(federation, Ports(https=None, proxy=None), fixes=fixes) as own:
        log_in(federation, user=user, app=APP)
        address = f"{own.server.url}/workbench/logins/1"
        plain.get(address)
        fixes().wait()
        return plain.get(address).text, plain.post(f"{address}/fix")


def test_terraform_is_changed_at_its_source(tmp_path: Path, keys: KeyFolder, plain: requests.Session) -> None:
    """There is no button; resource, change and file to make again are named."""
    world = world_of(tmp_path, "state.json")
    federation = Federation(world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    before = {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()}
    text, pressed = _page(federation, "taro@example.com", plain)
    assert "Apply the fix" not in text
    assert "Change its source: aws_iam_role.old in the Terraform source (.tf)." in text
    assert "aws.123456789012.roles.Old.policies: (none) -&gt; [&#34;limit&#34;]" in text
    assert "Then generate it again: " in text
    assert (pressed.status_code, "Change its source" in pressed.text) == (409, True)
    assert {file: file.read_bytes() for file in tmp_path.iterdir() if file.is_file()} == before


def test_what_nothing_mends_is_not_waited_for(tmp_path: Path, keys: KeyFolder, plain: requests.Session) -> None:
    """Somebody who is suspended."""
    world = world_of(tmp_path, "state.json")
    federation = Federation(world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    text, pressed = _page(federation, "yuki@example.com", plain)
    assert "is being tried" not in text
    assert "No change that could be tried here lets it arrive." in text
    assert (pressed.status_code, "No fix is known (any more)." in pressed.text) == (409, True)


def test_the_built_in_world_has_no_button(federation: Federation, fix: Fix) -> None:
    """It is not written; what to begin with is named."""
    offered = _offered(fix, Workbench(federation))
    assert offered.fix is None
    assert offered.told == (
        "The built-in world is fedemu's own and is not changed: fedemu init makes one of your own.",
    )
