"""A recorded login as a scenario that repeats it and expects the same result."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from emulator.building.faults import faults_as_data
from emulator.building.next_logins import programmed_refusal
from emulator.federation import Federation
from emulator.flow import Login
from emulator.journeys.journey import Journey, SeenLogin
from emulator.network.forms import first_values
from emulator.network.hosts import Site
from emulator.scenarios.format.defaults import WORLD


def scenario_of(journey: Journey, seen: SeenLogin, federation: Federation) -> str:
    """Returns a scenario file with a login and its result; empty where nobody of this federation logged in.

    Args:
        journey: The login.
        seen: Its result.
        federation: Federation in which it was made.
    """
    login, refusal = seen.result.login, journey.login.refusal if journey.login is not None else None
    refused_by = programmed_refusal(refusal.causes) if refusal is not None else ""
    app = seen.app or (_an_app_of(seen.user, federation) if refused_by else "")
    if not seen.user or not app:
        return ""
    asked: dict[str, Any] = {"user": seen.user, "app": app}
    is_at_sts = federation.hosts.site(urlsplit(seen.posted_to).hostname or "") is Site.STS
    if is_at_sts:
        asked |= _asked_at_sts(login)
    else:
        if seen.assertion is not None and seen.assertion.relay_state:
            asked["relay_state"] = seen.assertion.relay_state
        if seen.role:
            asked["role"] = seen.role
    if refused_by:
        asked["refused_by"] = refused_by
    expect: dict[str, Any] = {"outcome": seen.outcome, "lands_on": "" if is_at_sts else seen.lands_on}
    if seen.outcome == "accepted" and seen.role:
        expect |= {"role": seen.role, "session_name": login.session_name}
    if refusal is not None:
        expect["lands_on"] = ""
        expect |= {"service": refusal.service, "check": refusal.check}
        # A scenario has a programmed refusal at the password; Okta words it differently once an app is being opened.
        is_said_alike = not (refused_by and seen.app)
        expect |= {"code": refusal.code, "message": refusal.message} if is_said_alike else {}
    elif seen.check:
        expect["check"] = seen.check
    document = {
        "scenario": f"{seen.user} opens {app}",
        **_world_key(Path(federation.world.document.file)),
        "login": asked,
        **({"faults": faults} if (faults := _planted_faults(journey, login)) else {}),
        "expect": {name: str(value) for name, value in expect.items() if value},
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return (
        text if "world" in document else f"# Its world is the {WORLD} of this folder, or the nearest above it.\n{text}"
    )


def _world_key(file: Path) -> Mapping[str, str]:
    """Returns the world by its whole path, unless scenarios in its folder find it without, on any machine."""
    return {} if file.name == WORLD else {"world": str(file.absolute())}


def _planted_faults(journey: Journey, login: Login) -> list[Any]:
    """Returns the faults that were put into the assertion of a login, as data."""
    records = (note.derivation for each in journey.exchanges for note in each.notes if note.derivation is not None)
    issued = [each for each in records if each.planted]
    of_message = [each for each in issued if each.saml_response == login.saml_response] or issued
    return [fault for each in of_message[-1:] for text in each.planted for fault in faults_as_data(text)]


def _an_app_of(user: str, federation: Federation) -> str:
    """Returns an app of a person's org, as ``org/app``; any app will do for a login that reaches none."""
    orgs = [each.org for each in federation.identity_providers.values() if user in each.org.users]
    return next((f"{org.name}/{name}" for org in orgs for name in org.apps), "")


def _asked_at_sts(login: Login) -> Mapping[str, Any]:
    """Returns the parameters of AssumeRoleWithSAML, in the words of a scenario's login."""
    form = next((first_values(each.form) for each in reversed(login.exchanges) if each.form), {})
    duration = form.get("DurationSeconds", "")
    asked = {
        "via": "sts",
        "role": form.get("RoleArn", ""),
        "provider": form.get("PrincipalArn", ""),
        "duration_seconds": int(duration) if duration.isascii() and duration.isdigit() and len(duration) < 10 else 0,
    }
    return {name: value for name, value in asked.items() if value}
