"""What is proposed for a login in the built-in world with a mistake in it, in a form that is easily compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.fixes.aws_candidates import propose
from emulator.fixes.candidate import Candidate, Finding
from emulator.flow import Login, assume_role, log_in, visit
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER
from tests.emulator.fixes.trials import edits

IAM = f"/aws/{ACCOUNT}"
ROLE = f"{IAM}/roles/ConnectAgent"
STATEMENT = f"{ROLE}/trust/Statement/0"
POLICY = f"{IAM}/policies/connect-login/Statement/0"
INSTANCE = f"{IAM}/connect/{INSTANCE_ID}"
OKTA_APP = f"/okta/acme/apps/{APP}"
CCP = "https://acme.my.connect.aws/ccp-v2"


def proposed(
    world: World,
    keys: KeyFolder,
    changes: Mapping[str, Any],
    *,
    user: str = USER,
    app: str = APP,
    role: str = "",
    lands_on: str = "",
    source_ip: str | None = None,
    frame_by: str = "",
    seconds: int | None = None,
) -> list[Candidate]:
    """Makes a login in a world with changes, and returns what is proposed for it.

    Args:
        world: The world.
        keys: Where keys are kept.
        changes: JSON pointers and values.
        user: Who logs in.
        app: With which app.
        role: The role that is asked for.
        lands_on: Where the login should end.
        source_ip: Where it comes from.
        frame_by: The origin of a page that shows the CCP afterwards.
        seconds: For how long STS is asked; it is not asked without.
    """
    changed = change_world(world, changes)
    federation = Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(seed=1), keys=keys)
    login = _made(federation, user, app, role, lands_on, source_ip, frame_by, seconds)
    told = diagnosis_of(login, federation)
    assert told is not None, "the login arrives"
    return list(propose(Finding(changed, told, login, role=role, lands_on=lands_on)))


def _made(
    federation: Federation,
    user: str,
    app: str,
    role: str,
    lands_on: str,
    source_ip: str | None,
    frame_by: str,
    seconds: int | None,
) -> Login:
    if seconds is not None:
        return assume_role(federation, user=user, app=app, duration_seconds=seconds)
    browser = federation.browser()
    login = log_in(
        federation, user=user, app=app, role=role or None, lands_on=lands_on, source_ip=source_ip, browser=browser
    )
    return visit(browser.frame(by=frame_by), CCP, before=login) if frame_by else login


def plain(candidates: list[Candidate]) -> list[dict[str, Any]]:
    """Returns the edits of candidates that give nothing up."""
    return [edits(each) for each in candidates if not each.warning]


def warned(candidates: list[Candidate]) -> list[tuple[dict[str, Any], str]]:
    """Returns the edits of the others, each with its warning."""
    return [(edits(each), each.warning) for each in candidates if each.warning]
