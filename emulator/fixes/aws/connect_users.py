"""Changes of an Amazon Connect instance's users and of their security profiles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from emulator.fixes.aws.places import Place
from emulator.fixes.aws.record import instance_asked_for
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.kernel.differences import nearest
from emulator.worldfile.schema.connect_schema import ConnectInstance
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import APPENDED

_USERS = "Amazon Connect admin website > Users > User management"
_PROFILES = "Amazon Connect admin website > Users > Security profiles"
_SECOND_USER = "A user cannot be renamed: this makes another, and what is recorded stays with the one that there is."
_MORE_THAN_CCP = "The profile may open more than the Contact Control Panel."


def propose_users(finding: Finding) -> Iterator[Candidate]:
    """Proposes a user whose login is the session's name, where the instance has none."""
    key = instance_asked_for(finding)
    name = finding.login.session_name or (finding.diagnosis.refusal.received if finding.diagnosis.refusal else "")
    instance = instance_at(finding, key)
    if instance is None or not name or name in instance.users or not _can_be_login(name):
        return
    users: Key = (*key, "users")
    is_named = any(setting.path[2:3] == ("users",) for setting in finding.diagnosis.settings)
    near = nearest(name, _nobodys(finding, instance))
    if near is not None:
        data, _ = value_at(finding.world.document.data, (*users, near))
        edits = (Edit((*users, near), REMOVED), Edit((*users, name), data))
        title = f"Make the user {name} in {instance.alias} in place of {near}"
        yield Candidate(title, edits, _USERS, "" if is_named else _SECOND_USER)
    title = f"Add the user {name} to {instance.alias}"
    person = _person(finding)
    user = {**person, **_as_others(instance)}
    edit = Edit((*users, name), user)
    yield Candidate(title, (edit,), _USERS, "" if is_named else _SECOND_USER)


def instance_at(finding: Finding, key: Key) -> ConnectInstance | None:
    """Returns the instance at a world's key, or None where there is none."""
    account = finding.world.settings.aws.get(str(key[1])) if key else None
    return account.connect.get(str(key[3])) if account is not None else None


def _can_be_login(name: str) -> bool:
    return not any(character in "+=, " for character in name)


def _nobodys(finding: Finding, instance: ConnectInstance) -> list[str]:
    """Returns the users that belong to nobody: no person in the directory has such a login or e-mail address."""
    people = {
        name
        for org in finding.world.settings.okta.values()
        for login, person in org.users.items()
        for name in (login, person.email)
    }
    return [login for login in instance.users if login not in people]


def _person(finding: Finding) -> dict[str, Any]:
    """Returns the names of the person who logs in, from the directory."""
    orgs = finding.world.settings.okta.values()
    person = next((org.users[finding.login.user] for org in orgs if finding.login.user in org.users), None)
    names = {"first_name": person.first_name, "last_name": person.last_name} if person is not None else {}
    return {name: value for name, value in names.items() if value}


def _as_others(instance: ConnectInstance) -> dict[str, Any]:
    """Returns the security profile of most others, if it opens the Contact Control Panel."""
    profile = usual_profile(instance)
    return {"security_profiles": [profile]} if profile not in {"", "Agent"} else {}


def usual_profile(instance: ConnectInstance) -> str:
    """Returns a suitable security profile for a new agent: the most common one with the CCP, or else Agent."""
    profiles = instance.all_security_profiles
    had = Counter(
        name
        for user in instance.users.values()
        for name in user.security_profiles
        if name in profiles and profiles[name].access_ccp
    )
    agents = [name for name, _ in had.most_common() if "agent" in name.lower()]
    if agents:
        return agents[0]
    own = [
        name for name, profile in instance.security_profiles.items() if profile.access_ccp and "agent" in name.lower()
    ]
    usable = [name for name in (*own, "Agent", *profiles) if profiles.get(name) and profiles[name].access_ccp]
    return usable[0] if usable else ""


def propose_security_profiles(place: Place) -> Iterator[Candidate]:
    """Proposes that a user's profile opens the Contact Control Panel, or that the user gets one that does.

    Args:
        place: Place of a user's or the instance's security profiles.
    """
    path = place.setting.path
    key: Key = (*place.account_key, "connect", str(path[1]))
    instance = instance_at(place.finding, key)
    login = str(path[3]) if path[2] == "users" else ""
    user = instance.users.get(login) if instance is not None else None
    if instance is None or user is None:
        return
    written, depth = value_at(place.finding.world.document.data, (*key, "users", login, "security_profiles"))
    is_written = depth == len((*key, "users", login, "security_profiles"))
    for name in user.security_profiles:
        profile = instance.security_profiles.get(name)
        if profile is not None and not profile.access_ccp:
            edit = Edit((*key, "security_profiles", name, "access_ccp"), True)
            title = f"Give the security profile {name} access to the Contact Control Panel"
            yield place.candidate(title, edit, console=f"{_PROFILES} > {name} > Contact Control Panel (CCP)")
    usual = usual_profile(instance)
    if not usual or usual in user.security_profiles:
        return
    whole: Key = (*key, "users", login, "security_profiles")
    edit = (
        Edit((*whole, APPENDED), usual)
        if is_written and isinstance(written, list)
        else Edit(whole, [*user.security_profiles, usual])
    )
    warning = "" if "agent" in usual.lower() else _MORE_THAN_CCP
    title = f"Give {login} the security profile {usual}"
    yield place.candidate(title, edit, console=f"{_USERS} > {login} > Security profiles", warning=warning)
