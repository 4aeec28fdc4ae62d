"""What the tests of trials share: worlds with a mistake in them, and a login made in them."""

from __future__ import annotations

from typing import Any

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.fix import Fix
from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.fixes.attempt import Attempt, play_steps
from emulator.fixes.candidate import Candidate
from emulator.fixes.trial import Journey
from emulator.fixes.trying import tried_fixes
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER

APP_POINTER = f"/okta/acme/apps/{APP}"
RELAY_STATE = f"{APP_POINTER}/default_relay_state"
INSTANCE = f"/aws/{ACCOUNT}/connect/{INSTANCE_ID}"
TRUST = f"/aws/{ACCOUNT}/roles/ConnectAgent/trust"
RIGHT = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
WRONG = RIGHT.replace("12345678", "22345678")
HOME = "https://acme.my.connect.aws/home"


def federation_with(world: World, keys: KeyFolder, changes: dict[str, Any]) -> Federation:
    """Returns a federation of a world with changes, on a frozen clock."""
    return Federation(change_world(world, changes), clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys)


def fixes_for(federation: Federation, attempt: Attempt | None = None) -> tuple[Fix, ...]:
    """Makes a login and returns what lets it arrive."""
    diagnosis, journey = failed(federation, attempt)
    return tried_fixes(diagnosis, federation, journey)


def failed(federation: Federation, attempt: Attempt | None = None) -> tuple[Diagnosis, Journey]:
    """Makes a login that does not arrive, and returns why and what was done."""
    journey = Journey((attempt or Attempt(USER, APP),), federation.instants)
    login = play_steps(journey.steps, federation).login
    assert login is not None
    diagnosis = diagnosis_of(login, federation)
    assert diagnosis is not None, "the login arrived"
    return diagnosis, journey


def edits(candidate: Candidate) -> dict[str, Any]:
    """Returns a candidate's edits by JSON pointers."""
    return {
        "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in edit.key): edit.value
        for edit in candidate.edits
    }
