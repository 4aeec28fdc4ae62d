"""Amazon Connect instances in a template, with their users, profiles and approved origins.

Spec: AWS CloudFormation Template Reference, AWS::Connect::Instance, User, SecurityProfile, RoutingProfile,
    ApprovedOrigin
Evidence: documented
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from emulator.seeds.arns import arn_of
from emulator.seeds.cloudformation.reading import Reading, fitting, known_items, one_of, required
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import Unresolved, given_by, text_of, within
from emulator.worldfile.schema.settings import InstanceAlias, Origin
from emulator.worldfile.text.yaml_data import Key

_INSTANCE: Final = "AWS::Connect::Instance"
_MANAGEMENTS: Final = ("SAML", "CONNECT_MANAGED", "EXISTING_DIRECTORY")
_OPENS_THE_CCP: Final = "BasicAgentAccess"
_NOT_IN_ALIASES = re.compile(r"[^A-Za-z0-9-]+", re.ASCII)


def read_connect(reading: Reading) -> None:
    """Reads instances, and then what they contain."""
    reading.each(_INSTANCE, _instance)
    reading.each("AWS::Connect::SecurityProfile", _security_profile)
    reading.each("AWS::Connect::RoutingProfile", _routing_profile)
    reading.each("AWS::Connect::ApprovedOrigin", _approved_origin)
    reading.each("AWS::Connect::User", _user)


def link_instances(reading: Reading) -> None:
    """Gives instances the ARNs that other files have for their aliases, before anything refers to them."""
    known = _known_instances(reading)
    for template in (reading.template, *reading.elsewhere.templates):
        for instance in template.of(_INSTANCE):
            try:
                alias = (instance.text("InstanceAlias") or "").lower()
            except Unresolved:
                continue
            if alias in known:
                template.references.known_arns[instance.logical_id] = known[alias]


def _known_instances(reading: Reading) -> Mapping[str, str]:
    """Returns the ARNs of instances in the world file or in Amazon Connect output, by alias."""
    known: dict[str, str] = {}
    stack = reading.template.stack
    for data in reading.elsewhere.data:
        if isinstance(data, dict):
            listed = data.get("InstanceSummaryList")
            for each in [data.get("Instance"), *(listed if isinstance(listed, list) else ())]:
                if isinstance(each, dict) and isinstance(each.get("InstanceAlias"), str):
                    known[each["InstanceAlias"].lower()] = str(each.get("Arn"))
    own = reading.elsewhere.own("connect")
    for instance_id, settings in own.items() if isinstance(own, dict) else ():
        if isinstance(settings, dict) and isinstance(settings.get("alias"), str):
            arn = f"arn:{stack.partition}:connect:{settings.get('region')}:{stack.account_id}:instance/{instance_id}"
            known[settings["alias"].lower()] = arn
    return {alias: arn for alias, arn in known.items() if arn_of(arn) is not None}


def _instance(reading: Reading, instance: Resource) -> None:
    references = reading.template.references
    key: Key = ("connect", references.id(instance.logical_id))
    try:
        instance.require_it()
        with within("IdentityManagementType"):
            management = one_of(required(instance, "IdentityManagementType"), _MANAGEMENTS)
        with within("InstanceAlias"):
            given = instance.text("InstanceAlias")
            alias = fitting(InstanceAlias, given or _made_alias(instance), "instance alias")
    except Unresolved:
        reading.exclude(key)
        raise
    reading.part.put(key, {}, instance.place())
    reading.part.put((*key, "alias"), alias, instance.place("InstanceAlias"))
    arn = arn_of(instance.arn)
    reading.part.put((*key, "region"), arn.region if arn else reading.template.stack.region, instance.place())
    reading.part.put((*key, "identity_management"), management, instance.place("IdentityManagementType"))
    if instance.logical_id in references.made_ids:
        reason = f"only AWS knows its id; here it is {key[1]}"
        reading.add_note(instance, reason, fix=given_by("values", f"{instance.logical_id}.Id"))
    if given is None:
        reading.add_note(instance, f"InstanceAlias is not set; here it is {alias}", "InstanceAlias")


def _made_alias(instance: Resource) -> str:
    return _NOT_IN_ALIASES.sub("-", f"{instance.template.stack.name}-{instance.logical_id}".lower())[:45].strip("-")


def _security_profile(reading: Reading, profile: Resource) -> None:
    key = _instance_of(reading, profile, "InstanceArn")
    profile.require_it()
    with within("SecurityProfileName"):
        name = required(profile, "SecurityProfileName")
    permissions: list[Any] = []
    for index, written in known_items(reading, profile, "Permissions"):
        try:
            with within("Permissions", index):
                permissions.append(text_of(profile.resolve(written)))
        except Unresolved as error:
            reading.leave_out(profile, error)
    inside: Key = (*key, "security_profiles", name)
    reading.part.put(inside, {}, profile.place())
    reading.part.put((*inside, "access_ccp"), _OPENS_THE_CCP in permissions, profile.place("Permissions"))


def _routing_profile(reading: Reading, profile: Resource) -> None:
    key = _instance_of(reading, profile, "InstanceArn")
    profile.require_it()
    with within("Name"):
        name = required(profile, "Name")
    reading.part.append((*key, "routing_profiles"), name, profile.place("Name"))


def _approved_origin(reading: Reading, approved: Resource) -> None:
    key = _instance_of(reading, approved, "InstanceId")
    approved.require_it()
    with within("Origin"):
        origin = fitting(Origin, required(approved, "Origin").removesuffix("/"), "origin, such as https://example.com")
    reading.part.append((*key, "approved_origins"), origin, approved.place("Origin"))


def _user(reading: Reading, user: Resource) -> None:
    key = _instance_of(reading, user, "InstanceArn")
    user.require_it()
    with within("Username"):
        login = required(user, "Username")
    inside: Key = (*key, "users", login)
    reading.part.put(inside, {}, user.place())
    for name, setting in (("FirstName", "first_name"), ("LastName", "last_name")):
        try:
            with within("IdentityInfo", name):
                information = user.template.resolver.branch(user.raw("IdentityInfo"))
                if isinstance(information, dict) and name in information:
                    value = text_of(user.resolve(information[name]))
                    reading.part.put((*inside, setting), value, user.place("IdentityInfo", name))
        except Unresolved as error:
            reading.leave_out(user, error)
    _profiles_of(reading, user, inside)


def _profiles_of(reading: Reading, user: Resource, key: Key) -> None:
    """Reads a user's profiles; an unknown security profile grants nothing."""
    reading.part.put((*key, "security_profiles"), [], user.place("SecurityProfileArns"))
    for index, written in known_items(reading, user, "SecurityProfileArns"):
        try:
            with within("SecurityProfileArns", index):
                arn = text_of(user.resolve(written))
                name = _name_of(reading, arn, "AWS::Connect::SecurityProfile", "SecurityProfileName")
                place = user.place("SecurityProfileArns", index)
                reading.part.append((*key, "security_profiles"), name, place)
        except Unresolved as error:
            reading.leave_out(user, error)
    try:
        with within("RoutingProfileArn"):
            arn = required(user, "RoutingProfileArn")
            name = _name_of(reading, arn, "AWS::Connect::RoutingProfile", "Name")
            reading.part.put((*key, "routing_profile"), name, user.place("RoutingProfileArn"))
    except Unresolved as error:
        reading.leave_out(user, error)


def _name_of(reading: Reading, arn: str, kind: str, property_name: str) -> str:
    """Returns the name of the profile with an ARN, from a template or from a list of profiles in another seed."""
    for template in (reading.template, *reading.elsewhere.templates):
        for profile in template.of(kind):
            try:
                is_it = profile.arn == arn
            except Unresolved:
                continue
            if is_it and profile.logical_id in reading.failed:
                raise Unresolved(f"the profile {profile.logical_id} is left out")
            if is_it:
                return required(profile, property_name)
    for name in _names_listed(reading, arn):
        return name
    listing = "list-security-profiles" if "Security" in kind else "list-routing-profiles"
    fix = f"Add the output of aws connect {listing} to the seeds, or set the user's profile in the world file."
    raise Unresolved(f"no file contains the name of the profile {arn[:160]}", fix=fix)


def _names_listed(reading: Reading, arn: str) -> Iterator[str]:
    for data in reading.elsewhere.data:
        for listed in data.values() if isinstance(data, dict) else ():
            for each in listed if isinstance(listed, list) else ():
                if isinstance(each, dict) and each.get("Arn") == arn and isinstance(each.get("Name"), str):
                    yield each["Name"]


def _instance_of(reading: Reading, resource: Resource, name: str) -> Key:
    """Returns the key of the instance that a resource belongs to.

    Raises:
        Unresolved: the instance is not known, was left out, or is not in any file.
    """
    with within(name):
        text = required(resource, name)
        arn = arn_of(text)
        instance_id = text.partition("instance/")[2] or text
        key: Key = ("connect", instance_id)
        if arn is not None and arn.account_id != reading.template.stack.account_id:
            raise Unresolved(f"the instance {json.dumps(text[:160])} is in another account")
        if key in reading.excluded:
            raise Unresolved("its instance is left out")
        if not reading.part.has(*key) and not reading.elsewhere.has("connect", instance_id):
            raise Unresolved(f"no file contains the instance {instance_id[:80]}")
    return key
