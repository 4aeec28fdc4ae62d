"""Finds the instance and profile for Amazon Connect output that contains only ids, or not even those."""

from __future__ import annotations

import re

from emulator.seeds.arns import SeedArn, arn_of
from emulator.seeds.aws_answers.fields import Fields
from emulator.seeds.aws_answers.reading import Known, Reading, word_in

_INSTANCE = re.compile(r"^instance/([^/]+)")
_MENTIONED = re.compile(r":connect:[a-z0-9-]+:\d{12}:instance/([0-9a-f]{8}-[0-9a-f-]{27})", re.ASCII)
_MAY_OPEN_THE_CCP = "BasicAgentAccess"
_SECURITY = ("SecurityProfileSummaryList", "SecurityProfile", "SecurityProfiles")
_ROUTING = ("RoutingProfileSummaryList", "RoutingProfile", "RoutingProfiles")
_WITH_ARNS = ("InstanceSummaryList", "Instance", "UserSummaryList", "User", "Users", *_SECURITY, *_ROUTING)


def instance_in(arn: SeedArn | None) -> str:
    """Returns the id of the instance in an ARN; empty if there is none."""
    found = _INSTANCE.match(arn.resource) if arn is not None and arn.service == "connect" else None
    return found[1] if found else ""


def instance_of(reading: Reading, known: Known) -> str | None:
    """Returns the id of the instance that output without an ARN is about; None if that is not known.

    It is the instance that the file is named after, or the only one in the seeds and the world.
    """
    return reading.once(("instance", known.settings.stem), lambda: _instance_of(reading, known))


def _instance_of(reading: Reading, known: Known) -> str | None:
    aliases = _instances(reading)
    stem = known.settings.stem
    inside = word_in(stem, list(aliases)) or word_in(stem, [alias for alias in aliases.values() if alias])
    if inside:
        return inside if inside in aliases else next(key for key, alias in aliases.items() if alias == inside)
    ids = list(aliases) or reading.mentioned(_MENTIONED)
    return ids[0] if len(ids) == 1 else None


def _instances(reading: Reading) -> dict[str, str]:
    """Returns the instances in the seeds and the world: their ids and aliases."""
    return reading.once("instances", lambda: _instances_anew(reading))


def _instances_anew(reading: Reading) -> dict[str, str]:
    found: dict[str, str] = {}
    for fields in reading.known_objects(*_WITH_ARNS):
        arn = arn_of(fields.data.get("Arn") or fields.data.get("RoutingProfileArn"))
        listed = reading.seed.settings.account_id
        if arn is not None and instance_in(arn) and listed in {"", arn.account_id}:
            alias = fields.data.get("InstanceAlias")
            found[instance_in(arn)] = alias if isinstance(alias, str) else found.get(instance_in(arn), "")
    own = reading.own.get("connect")
    for instance_id, settings in own.items() if isinstance(own, dict) else ():
        alias = settings.get("alias") if isinstance(settings, dict) else ""
        found[str(instance_id)] = alias if isinstance(alias, str) else ""
    return found


def security_profile_names(reading: Reading) -> dict[str, str]:
    """Returns the names of security profiles by id, from all seeds."""
    return reading.once("security profiles", lambda: _names(reading, _SECURITY, "SecurityProfileName"))


def routing_profile_names(reading: Reading) -> dict[str, str]:
    """Returns the names of routing profiles by id, from all seeds."""
    return reading.once("routing profiles", lambda: _names(reading, _ROUTING, "Name"))


def _names(reading: Reading, fields: tuple[str, ...], field: str) -> dict[str, str]:
    found = {}
    for profile in reading.known_objects(*fields):
        name = profile.data.get("Name", profile.data.get(field))
        identifier = profile.data.get("Id") or profile.data.get("RoutingProfileId")
        if isinstance(name, str) and name and isinstance(identifier, str):
            found[identifier] = name
    return found


def access_ccp(reading: Reading, name: str) -> bool | None:
    """Returns whether users with a security profile may open the CCP; None if no seed has its permissions."""
    return reading.once(("access ccp", name), lambda: _access_ccp(reading, name))


def _access_ccp(reading: Reading, name: str) -> bool | None:
    found = None
    for known in reading.known:
        permissions = known.answer.fields.data.get("Permissions")
        if isinstance(permissions, list) and profile_of_permissions(reading, known) == name:
            found = bool(found) or _MAY_OPEN_THE_CCP in permissions
    return found


def profile_of_permissions(reading: Reading, known: Known) -> str | None:
    """Returns the security profile that permissions belong to: the one the file is named after, or the only one."""
    return reading.once(("permissions", known.settings.stem), lambda: _profile_of_permissions(reading, known))


def _profile_of_permissions(reading: Reading, known: Known) -> str | None:
    by_id = security_profile_names(reading)
    own = [name for instance in reading.own_names("connect") for name in _own_profiles(reading, instance)]
    names = list(dict.fromkeys([*by_id.values(), *own]))
    stem = known.settings.stem
    by_slug = {re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-"): name for name in names}
    inside = word_in(stem, [*names, *by_slug, *by_id])
    if inside:
        return by_id.get(inside) or by_slug.get(inside, inside)
    described = [each for each in reading.known if each.answer.command == "connect describe-security-profile"]
    if len(described) == 1:
        profiles = [_name(each) for each in described[0].answer.objects("SecurityProfile")]
        return profiles[0] if len(profiles) == 1 else None
    return names[0] if len(names) == 1 else None


def _own_profiles(reading: Reading, instance_id: str) -> list[str]:
    return reading.own_names("connect", instance_id, "security_profiles")


def _name(profile: Fields) -> str:
    return str(profile.data.get("SecurityProfileName", ""))
