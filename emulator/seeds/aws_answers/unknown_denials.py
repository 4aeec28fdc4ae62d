"""Leaves out roles, users and groups that may be denied something by a policy that is not fully known.

They are left out of every seed, because one seed may allow what another denies in a policy that cannot be read or of
which it has only the name.
"""

from __future__ import annotations

from typing import Any

from emulator.seeds.aws_answers.fields import Fields, Malformed
from emulator.seeds.aws_answers.identity_names import identity_fields, inline_policies_without_document
from emulator.seeds.aws_answers.reading import Reading
from emulator.seeds.contents import HERE
from emulator.worldfile.name_lists import few
from emulator.worldfile.text.yaml_data import Key

_NAMES = {"roles": "RoleName", "users": "UserName", "groups": "GroupName"}
_INLINE = {"roles": "RolePolicyList", "users": "UserPolicyList", "groups": "GroupPolicyList"}


def require_known(reading: Reading, kind: str, name: str, place: Key = ()) -> None:
    """Requires that everything that may deny an identity something is known.

    Raises:
        Malformed: a seed's data about it cannot be read, or the document of one of its policies is missing.
    """
    complaint = _unreadable_once(reading, kind).get(name)
    noun = kind.removesuffix("s")
    if complaint is not None:
        raise Malformed(f"a seed has data on {noun} {name} that cannot be read ({complaint})", place=place)
    missing = inline_policies_without_document(reading, kind, name)
    if missing:
        reading.contents.excluded.append((HERE, kind, name))
        raise Malformed(
            f"none of the seeds contains its inline policy {few(missing)}, so it is unknown what it is denied",
            fix=f"Add the output of aws iam get-{noun}-policy --{noun}-name {name} --policy-name {missing[0]} to "
            "the seeds.",
            place=place,
        )


def exclude_unreadable(reading: Reading) -> None:
    """Leaves identities that some seed has in an unreadable form out of the seeds of other kinds as well."""
    for kind in _NAMES:
        unreadable = _unreadable_once(reading, kind)
        reading.contents.excluded.extend((HERE, kind, name) for name in unreadable)


def restrictions(kind: str, identity: Fields) -> list[tuple[Key, Any, Key]]:
    """Returns what may deny an identity something: its permissions boundary and its inline policies."""
    found: list[tuple[Key, Any, Key]] = []
    boundary = identity.inside("PermissionsBoundary")
    if boundary is not None:
        arn = boundary.text("PermissionsBoundaryArn")
        found.append((("permissions_boundary",), arn, (*boundary.place, "PermissionsBoundaryArn")))
    for policy in identity.objects(_INLINE[kind]):
        document = policy.document("PolicyDocument")
        found.append((("inline_policies", policy.text("PolicyName")), document, (*policy.place, "PolicyDocument")))
    return found


def _unreadable_once(reading: Reading, kind: str) -> dict[str, str]:
    return reading.once(("unreadable", kind), lambda: _unreadable(reading, kind))


def _unreadable(reading: Reading, kind: str) -> dict[str, str]:
    """Returns the identities with something unreadable that may deny them something, and why it is unreadable."""
    found = {}
    for identity in reading.known_objects(*identity_fields(kind)):
        try:
            restrictions(kind, identity)
        except Malformed as error:
            found[str(identity.data.get(_NAMES[kind]))] = error.reason
    for known in reading.known:
        fields = known.answer.fields
        if "PolicyDocument" in fields.data and _NAMES[kind] in fields.data:
            try:
                fields.document("PolicyDocument")
                fields.text("PolicyName")
            except Malformed as error:
                found[str(fields.data[_NAMES[kind]])] = error.reason
    return found
