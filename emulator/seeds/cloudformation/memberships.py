"""Memberships in IAM groups, and users' access keys.

Spec: AWS CloudFormation Template Reference, AWS::IAM::User, UserToGroupAddition, AccessKey
Evidence: documented
"""

from __future__ import annotations

from emulator.seeds.cloudformation.reading import Reading, one_of, required
from emulator.seeds.cloudformation.resources import Resource
from emulator.seeds.cloudformation.values import Unresolved, text_of, within
from emulator.seeds.made_secrets import made_secret
from emulator.worldfile.text.yaml_data import Key


def read_memberships(reading: Reading) -> None:
    """Reads group memberships and access keys; users and groups must have been read before."""
    reading.each("AWS::IAM::User", _groups_of)
    reading.each("AWS::IAM::UserToGroupAddition", _addition)
    reading.each("AWS::IAM::AccessKey", _access_key)


def _groups_of(reading: Reading, user: Resource) -> None:
    try:
        with within("Groups"):
            groups = _texts(user, "Groups")
    except Unresolved:
        # The group that cannot be resolved may deny its members something.
        reading.exclude(("users", user.name))
        raise
    for index, group in groups:
        _join(reading, user, group, user.name, ("Groups", index))


def _addition(reading: Reading, addition: Resource) -> None:
    try:
        addition.require_it()
        with within("GroupName"):
            group = required(addition, "GroupName")
        with within("Users"):
            users = _texts(addition, "Users")
    except Unresolved:
        # The group may deny its members something.
        reading.exclude_mentioned(addition.raw("Users"))
        raise
    for index, user in users:
        _join(reading, addition, group, user, ("Users", index))


def _texts(resource: Resource, name: str) -> list[tuple[int, str]]:
    texts: list[tuple[int, str]] = []
    for index, written in resource.items(name):
        with within(index):
            texts.append((index, text_of(resource.resolve(written))))
    return texts


def _join(reading: Reading, resource: Resource, group: str, user: str, inside: Key) -> None:
    """Adds a user to a group, or reports that no file has one of the two."""
    try:
        with within(*inside):
            for kind, name in (("groups", group), ("users", user)):
                if (kind, name) not in reading.excluded:
                    reading.require_identity(kind, name)
    except Unresolved as error:
        reading.leave_out(resource, error)
    else:
        reading.members.append((group, user, resource.place(*inside)))


def _access_key(reading: Reading, access_key: Resource) -> None:
    access_key.require_it()
    with within("UserName"):
        user = required(access_key, "UserName")
        if ("users", user) in reading.excluded:
            return
        reading.require_identity("users", user)
    with within("Status"):
        one_of(access_key.text("Status") or "Active", ("Active",))
    key_id = access_key.template.references.reference(access_key.logical_id)
    secret = made_secret(key_id)
    reading.part.append(("users", user, "access_keys"), {"id": key_id, "secret": secret}, access_key.place())
    reading.add_note(
        access_key,
        f"only AWS knows its id and secret; here they are {key_id} and a secret that is useless at AWS",
        fix=f"Set access_keys of the user {user} in the world file.",
    )
