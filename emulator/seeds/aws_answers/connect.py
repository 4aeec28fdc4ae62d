"""Amazon Connect instances, users and profiles, as the AWS CLI prints them.

Spec: Amazon Connect API Reference, Instance, UserSummary, User, SecurityProfileSummary, ListSecurityProfilePermissions
Evidence: documented
"""

from __future__ import annotations

from typing import Any

from emulator.seeds.arns import arn_of
from emulator.seeds.aws_answers.answers import Answer
from emulator.seeds.aws_answers.connect_names import (
    access_ccp,
    instance_in,
    instance_of,
    profile_of_permissions,
    routing_profile_names,
    security_profile_names,
)
from emulator.seeds.aws_answers.fields import Fields, Malformed
from emulator.seeds.aws_answers.reading import Known, Reading
from emulator.worldfile.name_lists import few
from emulator.worldfile.schema.connect_schema import SECURITY_PROFILES
from emulator.worldfile.text.yaml_data import Key

_BASIC_ROUTING = "Basic Routing Profile"
_OLD_DOMAIN = "awsapps.com"


def read_instances(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-instances`` and ``describe-instance``."""
    for instance in answer.objects("InstanceSummaryList", "Instance"):
        with reading.leaving_out(instance, instance.called("Connect instance", "InstanceAlias", "Id")):
            _instance(reading, instance)


def _instance(reading: Reading, instance: Fields) -> None:
    arn = arn_of(instance.optional_text("Arn"))
    instance_id = instance_in(arn) or instance.text("Id")
    status = instance.optional_text("InstanceStatus")
    if status not in {"", "ACTIVE"}:
        raise Malformed(f"its status is {status}, so nobody can sign in to it", place=instance.place)
    address, alias = instance.optional_text("InstanceAccessUrl"), instance.optional_text("InstanceAlias")
    management = instance.optional_text("IdentityManagementType")
    part = reading.part(instance.optional_text("Arn"))
    key: Key = ("connect", instance_id)
    part.put(key, part.data.get("connect", {}).get(instance_id, {}), instance.place)
    if alias:
        part.put((*key, "alias"), alias, (*instance.place, "InstanceAlias"))
    if arn is not None and arn.region:
        part.put((*key, "region"), arn.region, (*instance.place, "Arn"))
    if management:
        part.put((*key, "identity_management"), management, (*instance.place, "IdentityManagementType"))
    if _OLD_DOMAIN in address:
        part.put((*key, "domain"), _OLD_DOMAIN, (*instance.place, "InstanceAccessUrl"))


def read_people(reading: Reading, answer: Answer) -> None:
    """Reads the output of Amazon Connect's ``list-users``, ``describe-user`` and ``search-users``."""
    people = [*answer.objects("UserSummaryList", "User", "Users")]
    unknown: dict[str, list[str]] = {"security": [], "routing": []}
    for person in people:
        with reading.leaving_out(person, person.called("Connect user", "Username")):
            _person(reading, answer, person, unknown)
    place = people[0].place if people else answer.fields.place
    if unknown["security"]:
        reading.add_note(
            f"security profiles {few(list(dict.fromkeys(unknown['security'])))}",
            "none of the seeds contains their names; users who have no other profile may not open the CCP",
            place,
            "Add the output of aws connect list-security-profiles to the seeds.",
        )
    if unknown["routing"]:
        reading.add_note(
            f"routing profiles {few(list(dict.fromkeys(unknown['routing'])))}",
            f"none of the seeds contains their names; users with one of them have {_BASIC_ROUTING} here",
            place,
            "Add the output of aws connect list-routing-profiles to the seeds.",
        )
    if people and answer.command == "connect list-users" and not _has_details(reading):
        reading.add_note(
            "aws connect list-users",
            f"its output has no profiles; here all its users have Agent and {_BASIC_ROUTING}",
            place,
            "Add the output of aws connect search-users to the seeds.",
        )


def _has_details(reading: Reading) -> bool:
    return any(known.answer.command in {"connect search-users", "connect describe-user"} for known in reading.known)


def _person(reading: Reading, answer: Answer, person: Fields, unknown: dict[str, list[str]]) -> None:
    login, arn = person.text("Username"), person.optional_text("Arn")
    instance_id = instance_in(arn_of(arn)) or instance_of(reading, Known(answer, reading.seed.settings))
    if instance_id is None:
        raise Malformed("it is unknown which instance it is in", fix="Name the file after the instance's alias or id.")
    identity = person.inside("IdentityInfo")
    names = {
        setting: (identity.optional_text(field), (*identity.place, field))
        for setting, field in (("first_name", "FirstName"), ("last_name", "LastName"))
        if identity is not None and identity.optional_text(field)
    }
    security = _named(security_profile_names(reading), person.texts("SecurityProfileIds"), unknown["security"])
    given = person.optional_text("RoutingProfileId")
    routing_place = (*person.place, "RoutingProfileId")
    routing = _named(routing_profile_names(reading), [(given, routing_place)] if given else [], unknown["routing"])
    part = reading.part(arn)
    key: Key = ("connect", instance_id, "users", login)
    if not part.has(*key):
        part.put(key, {}, person.place)
    for setting, (name, place) in names.items():
        part.put((*key, setting), name, place)
    if security or person.listed("SecurityProfileIds"):
        part.put((*key, "security_profiles"), [], (*person.place, "SecurityProfileIds"))
    for name, place in security:
        part.append((*key, "security_profiles"), name, place)
        _security_profile(reading, arn, instance_id, name, place)
    for name, place in routing:
        part.put((*key, "routing_profile"), name, place)
        if name != _BASIC_ROUTING:
            part.append(("connect", instance_id, "routing_profiles"), name, place)


def _named(names: dict[str, str], given: Any, unknown: list[str]) -> list[tuple[str, Key]]:
    """Returns the names of profiles that are given by id, with their places."""
    found = []
    for identifier, place in given:
        if identifier in names:
            found.append((names[identifier], place))
        else:
            unknown.append(identifier)
    return found


def _security_profile(reading: Reading, arn: str, instance_id: str, name: str, place: Key) -> None:
    """Adds a security profile; its users may not open the CCP unless a seed says that they may."""
    may = access_ccp(reading, name)
    key: Key = ("connect", instance_id, "security_profiles", name)
    if may is None and name in SECURITY_PROFILES:
        return
    if may is None and name not in reading.own_names("connect", instance_id, "security_profiles"):
        reading.add_note(
            f"security profile {name}",
            "none of the seeds says whether its users may open the CCP; here they may not",
            place,
            "Add the output of aws connect list-security-profile-permissions to the seeds, in a file named after "
            "the profile.",
        )
    part = reading.part(arn)
    if not part.has(*key):
        part.put(key, {"access_ccp": bool(may)}, place)


def read_security_profiles(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-security-profiles`` and ``describe-security-profile``."""
    for profile in answer.objects("SecurityProfileSummaryList", "SecurityProfile", "SecurityProfiles"):
        field = "Name" if "Name" in profile.data else "SecurityProfileName"
        with reading.leaving_out(profile, profile.called("security profile", field)):
            name, arn = profile.text(field), profile.optional_text("Arn")
            instance_id = instance_in(arn_of(arn)) or instance_of(reading, Known(answer, reading.seed.settings))
            if instance_id is None:
                raise Malformed("it is unknown which instance it is in")
            _security_profile(reading, arn, instance_id, name, (*profile.place, field))


def read_routing_profiles(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-routing-profiles`` and ``describe-routing-profile``."""
    for profile in answer.objects("RoutingProfileSummaryList", "RoutingProfile", "RoutingProfiles"):
        with reading.leaving_out(profile, profile.called("routing profile", "Name")):
            name = profile.text("Name")
            arn = profile.optional_text("Arn") or profile.optional_text("RoutingProfileArn")
            instance_id = instance_in(arn_of(arn)) or instance_of(reading, Known(answer, reading.seed.settings))
            if instance_id is None:
                raise Malformed("it is unknown which instance it is in")
            if name != _BASIC_ROUTING:
                key: Key = ("connect", instance_id, "routing_profiles")
                reading.part(arn).append(key, name, (*profile.place, "Name"))


def read_permissions(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-security-profile-permissions``, which names neither profile nor instance."""
    here = Known(answer, reading.seed.settings)
    name, instance_id = profile_of_permissions(reading, here), instance_of(reading, here)
    if name is None or instance_id is None:
        what = "instance" if name else "security profile"
        fix = f"Name the file after the {what}."
        reading.leave_out(
            "permissions", f"the output does not say which {what} they belong to", answer.fields.place, fix
        )
        return
    with reading.leaving_out(answer.fields, f"security profile {name}"):
        place = (*answer.fields.place, "Permissions")
        key: Key = ("connect", instance_id, "security_profiles", name)
        reading.part().put(key, {"access_ccp": bool(access_ccp(reading, name))}, place)


def read_origins(reading: Reading, answer: Answer) -> None:
    """Reads the output of ``list-approved-origins``, which does not name the instance."""
    origins = list(answer.fields.texts("Origins"))
    instance_id = instance_of(reading, Known(answer, reading.seed.settings))
    if instance_id is None:
        names = few([origin for origin, _ in origins]) or "none"
        fix = "Name the file after the instance's alias or id, as in acme.json."
        reason = "the output does not say which instance they belong to"
        reading.leave_out(f"approved origins {names}", reason, answer.fields.place, fix)
        return
    for origin, place in origins:
        reading.part().append(("connect", instance_id, "approved_origins"), origin, place)
