"""What would let a message be accepted that ``fedemu inspect`` judged by a world, tried on the message as received."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from emulator.building.places import owner_key
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.federation import Federation, Instants
from emulator.fixes.attempt import SIGN_IN_URL, Attempt, Posted
from emulator.fixes.trial import Journey
from emulator.fixes.trying import tried_fixes
from emulator.flow import STS_URL
from emulator.recordings.logins import RecordedLogin

if TYPE_CHECKING:
    from emulator.inspection.login_inspection import LoginInspection
    from emulator.inspection.verdicts import Inspection


def with_fixes_tried(inspected: LoginInspection, federation: Federation) -> LoginInspection:
    """Returns an inspection whose first failure has the fixes that let the message be accepted.

    The message is judged again as it was received, at its instant. Where the mistake is a setting of an identity
    provider in the world, the person's login is repeated, because the message would be a different one.

    Args:
        inspected: The inspection.
        federation: Federation of the world that it was judged by.
    """
    inspection = inspected.inspection
    first = inspection.failed[0] if inspection is not None and inspection.failed else None
    if inspection is None or first is None or first.diagnosis is None:
        return inspected
    journey = _journey(inspected.login, inspection, first.diagnosis, federation)
    fixes = tried_fixes(first.diagnosis, federation, journey)
    with_them = replace(first, diagnosis=replace(first.diagnosis, fixes=fixes))
    findings = tuple(with_them if each is first else each for each in inspection.findings)
    return replace(inspected, inspection=replace(inspection, findings=findings))


def _journey(login: RecordedLogin, inspection: Inspection, diagnosis: Diagnosis, federation: Federation) -> Journey:
    at = Instants(inspection.judged_at, inspection.judged_at)
    settings = diagnosis.settings
    if settings and owner_key(settings[0].owner)[0] == "okta":
        facts = inspection.facts
        sender = federation.supposed_sender(facts.get("Issuer", ""), facts.get("NameID", ""), login.saml_response)
        if sender is not None:
            app = f"{sender.org.name}/{sender.app.name}"
            role = inspection.role_arn or None
            return Journey((Attempt(sender.user.login, app, relay_state=login.relay_state, role=role),), at)
    role = login.role_arn or inspection.role_arn or None
    url = login.posted_to or (STS_URL if login.at_sts else SIGN_IN_URL)
    call = tuple(_call(login, role or "")) if login.at_sts else ()
    # Without a known relay state, a login ends at the console.
    lands_on = "" if login.relay_state is not None or call else _console_home(url)
    posted = Posted(login.saml_response, login.relay_state or "", url=url, role=role, call=call, lands_on=lands_on)
    return Journey((posted,), at)


def _console_home(sign_in_url: str) -> str:
    host = (urlsplit(sign_in_url).hostname or "").replace("signin.", "console.")
    return f"https://{host}/console/home"


def _call(login: RecordedLogin, role: str) -> list[tuple[str, str]]:
    duration = [] if login.duration_seconds is None else [("DurationSeconds", str(login.duration_seconds))]
    return [
        ("Action", "AssumeRoleWithSAML"),
        ("Version", "2011-06-15"),
        ("RoleArn", role),
        ("PrincipalArn", login.provider_arn),
        ("SAMLAssertion", login.saml_response),
        *duration,
    ]
