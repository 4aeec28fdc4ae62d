"""Who is in which group of IAM, and the access keys of users.

Spec: AWS CloudFormation Template Reference, AWS::IAM::User, UserToGroupAddition, AccessKey
Evidence: documented
"""

from __future__ import annotations

from typing import Any

from emulator.seeds.cloudformation.reading import Reading, known_items, one_of, required
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import Unresolved, text_of, within
from emulator.worldfile.yaml_data import Key


def read_memberships(reading: Reading) -> None:
    """Reads who is in which group, and access keys. Users and groups have to have been read before."""
    reading.each("AWS::IAM::User", _groups_of)
    reading.each("AWS::IAM::UserToGroupAddition", _addition)
    reading.each("AWS::IAM::AccessKey", _access_key)


def _groups_of(reading: Reading, user: Resource) -> None:
    key: Key = ("users", user.name)
    if key in reading.withheld or user.unknown is not None:
        return
    for index, written in known_items(reading, user, "Groups"):
        with within("Groups", index):
            group = _text_or_withhold(reading, user, written, key)
            _join(reading, user, group, user.name, user.place("Groups", index))


def _addition(reading: Reading, addition: Resource) -> None:
    users = []
    for index, written in known_items(reading, addition, "Users"):
        with within("Users", index):
            users.append((text_of(addition.resolve(written)), addition.place("Users", index)))
    try:
        addition.require_it()
        with within("GroupName"):
            group = required(addition, "GroupName")
    except Unresolved:
        # The group may deny them something.
        reading.withhold(*(("users", name) for name, _ in users))
        raise
    for name, place in users:
        _join(reading, addition, group, name, place)


def _text_or_withhold(reading: Reading, resource: Resource, written: Any, key: Key) -> str:
    try:
        return text_of(resource.resolve(written))
    except Unresolved:
        reading.withhold(key)
        raise


def _join(reading: Reading, resource: Resource, group: str, user: str, place: Key) -> None:
    """Adds a user to a group; a group that is left out takes its members with it, since it may deny them something."""
    if ("groups", group) in reading.withheld:
        reading.withhold(("users", user))
        raise Unresolved(f"the group {group} is left out, which may deny {user} something")
    if ("users", user) in reading.withheld:
        return
    reading.require_holder("groups", group)
    reading.require_holder("users", user)
    reading.part.append(("groups", group, "users"), user, place)
    reading.part.places.setdefault(("groups", group), resource.place())


def _access_key(reading: Reading, access_key: Resource) -> None:
    access_key.require_it()
    with within("UserName"):
        user = required(access_key, "UserName")
        if ("users", user) in reading.withheld:
            return
        reading.require_holder("users", user)
    with within("Status"):
        one_of(access_key.text("Status") or "Active", ("Active",))
    key_id = access_key.template.references.reference(access_key.logical_id)
    secret = access_key.template.stack.made_secret(access_key.logical_id)
    reading.part.append(("users", user, "access_keys"), {"id": key_id, "secret": secret}, access_key.place())
    reading.tell(
        access_key,
        f"only AWS knows its id and its secret: {key_id} is made here, with a secret that opens nothing in AWS",
        fix=f"give access_keys of the user {user} in the world",
    )
