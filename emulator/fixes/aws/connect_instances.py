"""Changes of an Amazon Connect instance: its domain, origins, sessions and cookies, and the one that is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from emulator.fixes.aws.connect_users import instance_at, propose_security_profiles
from emulator.fixes.aws.places import Place
from emulator.fixes.aws.record import instance_asked_for, instance_id_sent, region_sent
from emulator.fixes.candidate import Candidate, Edit, Finding
from emulator.kernel.explanations import Asked, PageAround
from emulator.kernel.partitions import OLD_CONNECT_DOMAIN, PARTITIONS
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import APPENDED

_CONSOLE = "Amazon Connect console > Instances"
_LONGEST_SESSION = 720
_INSTANCE_ARN = re.compile(r"arn:[a-z-]+:connect:([a-z0-9-]+):([0-9]{12}):instance/([0-9a-f-]{36})")
_NEW_INSTANCE = "An instance keeps what it is made with: this makes another."


def propose(place: Place) -> Iterator[Candidate]:
    """Proposes changes of an instance's settings.

    Args:
        place: Place of the setting.
    """
    path = place.setting.path
    key: Key = (*place.account_key, "connect", str(path[1]))
    instance = instance_at(place.finding, key)
    setting = str(path[2]) if len(path) > 2 else ""
    if instance is None:
        return
    console = f"{_CONSOLE} > {instance.alias}"
    if setting == "identity_management" and isinstance(place.wanted, str):
        title = f"Use SAML 2.0 for the identity management of {instance.alias}"
        edit = Edit(place.key, place.wanted)
        yield place.candidate(title, edit, console=f"{_CONSOLE} > Add an instance", warning=_NEW_INSTANCE)
    elif setting in {"alias", "domain"} and isinstance(place.wanted, str):
        yield from _host(place, setting, instance.alias)
    elif setting == "approved_origins":
        yield from _origins(place, (*key, "approved_origins"), instance.approved_origins, console)
    elif setting == "timing" and instance.origin_propagation_delay:
        title = "Let approved origins have an effect at once, or wait for some minutes"
        yield place.candidate(
            title, Edit((*key, "origin_propagation_delay"), 0), console=f"{console} > Approved origins"
        )
    elif setting == "cookie_same_site":
        title = "Let the session's cookies into frames, as Amazon Connect does"
        yield place.candidate(title, Edit(place.key, "None"), console="none: Amazon Connect sets its cookies itself")
    elif setting == "authentication_profile":
        yield from _session(place, key)
    elif setting == "binds_roles":
        title = f"Let users of {instance.alias} come with another role"
        yield place.candidate(title, Edit(place.key, "off"), console="none: Amazon Connect binds no roles any more")
    elif "security_profiles" in path[2:]:
        yield from propose_security_profiles(place)


def _host(place: Place, setting: str, alias: str) -> Iterator[Candidate]:
    known = {domain for each in PARTITIONS.values() for domain in (each.connect_domain, OLD_CONNECT_DOMAIN)}
    is_of_page = any(isinstance(cause, PageAround | Asked) for cause in place.finding.diagnosis.causes)
    if setting == "domain" and (place.wanted not in known or is_of_page):
        # The page can ask for another address; the domain is where everybody's logins lead.
        return
    label = "access URL" if setting == "alias" else "domain"
    title = f"Set the {label} of {alias} to {place.wanted}"
    yield place.candidate(title, Edit(place.key, place.wanted), console=f"{_CONSOLE} > {alias} > Access URL")


def _origins(place: Place, key: Key, approved: list[str], console: str) -> Iterator[Candidate]:
    """Proposes to approve the page's origin, besides the others or instead of one that is nearly equal."""
    origin = place.wanted
    if not isinstance(origin, str) or not _can_be_approved(origin):
        return
    console = f"{console} > Approved origins"
    written, depth = value_at(place.finding.world.document.data, key)
    is_list = depth == len(key) and isinstance(written, list)
    edit = Edit((*key, APPENDED), origin) if is_list else Edit(key, [origin])
    yield place.candidate(f"Add {origin} to the approved origins", edit, console=console)
    index = place.setting.path[-1]
    if isinstance(index, int) and index < len(approved):
        title = f"Write {origin} in place of {approved[index]} in the approved origins"
        yield place.candidate(title, Edit((*key, index), origin), console=console)


def _can_be_approved(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme == "https" or parts.hostname == "localhost"


def _session(place: Place, key: Key) -> Iterator[Candidate]:
    title = "Let logins last for 12 hours, the longest that there is"
    edit = Edit((*key, "authentication_profile", "max_session_duration"), _LONGEST_SESSION)
    console = "Amazon Connect API UpdateAuthenticationProfile: MaxSessionDuration"
    yield place.candidate(title, edit, console=console)


def propose_region(finding: Finding) -> Iterator[Candidate]:
    """Proposes the region in the relay state, where policies say that the instance is there."""
    key, region = instance_asked_for(finding), region_sent(finding)
    instance = instance_at(finding, key)
    if instance is None or not region or region == instance.region or region not in _regions(finding, key):
        return
    title = f"Say that the instance {instance.alias} is in {region}, as the relay state and the policies have it"
    yield Candidate(title, (Edit((*key, "region"), region),), f"{_CONSOLE} > Instance ARN")


def _regions(finding: Finding, key: Key) -> set[str]:
    """Returns the regions in which policies of the account name an instance."""
    account, _ = value_at(finding.world.document.data, key[:2])
    return {match[1] for match in _INSTANCE_ARN.finditer(str(account)) if match[3] == key[3]}


def propose_missing(finding: Finding) -> Iterator[Candidate]:
    """Proposes an instance that a relay state and a policy name and the account lacks."""
    instance_id = instance_id_sent(finding)
    if not instance_id or instance_asked_for(finding):
        return
    host = (urlsplit(finding.lands_on).hostname or "").lower() if finding.lands_on else ""
    alias, _, domain = host.partition(".")
    for account_id, account in finding.world.settings.aws.items():
        data, _ = value_at(finding.world.document.data, ("aws", account_id))
        named = next((m for m in _INSTANCE_ARN.finditer(str(data)) if (m[2], m[3]) == (account_id, instance_id)), None)
        if named is None:
            continue
        name = finding.login.session_name
        made: dict[str, Any] = {
            "alias": alias if "connect" in domain or domain == OLD_CONNECT_DOMAIN else account.alias or "instance",
            "region": named[1],
            **({"domain": domain} if domain == OLD_CONNECT_DOMAIN else {}),
            **({"users": {name: {}}} if name else {}),
        }
        edit = Edit(("aws", account_id, "connect", instance_id), made)
        title = f"Create the Amazon Connect instance {made['alias']}, which the policies of account {account_id} name"
        yield Candidate(title, (edit,), f"{_CONSOLE} > Add an instance", _NEW_INSTANCE)
