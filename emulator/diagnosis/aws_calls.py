"""Which call of an AWS API last changed a setting, according to CloudTrail's event history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass

if TYPE_CHECKING:
    from emulator.federation import Federation


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a setting.

    Args:
        name: Name in the service: ``iam:CreateRole``, ``user.lifecycle.suspend``.
        at: Time of the change.
        is_making: Whether it created the object that has the setting.
    """

    name: str
    at: datetime
    is_making: bool = False


# How calls identify their subject: by part of the account, the parameters with a name, an ARN or an id.
_NAMED_BY: Mapping[str, tuple[str, ...]] = {
    "roles": ("roleName",),
    "users": ("userName", "newUserName"),
    "groups": ("groupName", "newGroupName"),
    "policies": ("policyArn", "policyName"),
    "saml_providers": ("sAMLProviderArn", "name"),
    "instances": ("InstanceId", "ResourceArn", "resourceArn", "InstanceAlias"),
}
_KINDS = {
    "roles": "Role",
    "users": "User",
    "groups": "Group",
    "policies": "Policy",
    "saml_providers": "SAMLProvider",
    "instances": "Instance",
}
_INLINE = ("PutRolePolicy", "DeleteRolePolicy", "PutUserPolicy", "DeleteUserPolicy", "PutGroupPolicy")
_ATTACHED = tuple(f"{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("Role", "User", "Group"))
_BOUNDARY = tuple(f"{verb}{kind}PermissionsBoundary" for verb in ("Put", "Delete") for kind in ("Role", "User"))
_VERSIONS = ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicyVersion")
_USERS = ("CreateUser", "DeleteUser")
_UPDATES_OF_USERS = {
    "security_profiles": "UpdateUserSecurityProfiles",
    "routing_profile": "UpdateUserRoutingProfile",
    "first_name": "UpdateUserIdentityInfo",
    "last_name": "UpdateUserIdentityInfo",
    "email": "UpdateUserIdentityInfo",
}
# Which calls change which attribute; other attributes may be changed by any call that names the resource.
_CHANGED_BY: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("roles", "trust"): ("UpdateAssumeRolePolicy",),
    ("roles", "max_session_duration_seconds"): ("UpdateRole",),
    ("roles", "description"): ("UpdateRole", "UpdateRoleDescription"),
    ("roles", "tags"): ("TagRole", "UntagRole"),
    ("users", "tags"): ("TagUser", "UntagUser"),
    ("users", "access_keys"): ("CreateAccessKey", "UpdateAccessKey", "DeleteAccessKey"),
    ("groups", "members"): ("AddUserToGroup", "RemoveUserFromGroup"),
    ("policies", "versions"): _VERSIONS,
    ("policies", "document"): _VERSIONS,
    ("policies", "default_version_id"): _VERSIONS,
    ("saml_providers", "tags"): ("TagSAMLProvider", "UntagSAMLProvider"),
    ("saml_providers", "metadata"): ("UpdateSAMLProvider",),
    ("instances", "approved_origins"): ("AssociateApprovedOrigin", "DisassociateApprovedOrigin"),
    ("instances", "users"): (*_USERS, *_UPDATES_OF_USERS.values()),
    ("instances", "security_profiles"): ("CreateSecurityProfile", "UpdateSecurityProfile", "DeleteSecurityProfile"),
    ("instances", "authentication_profile"): ("UpdateAuthenticationProfile",),
    ("instances", "attributes"): ("UpdateInstanceAttribute",),
    **{(kind, "inline_policies"): (*_INLINE, "DeleteGroupPolicy") for kind in ("roles", "users", "groups")},
    **{(kind, "attached_policies"): _ATTACHED for kind in ("roles", "users", "groups")},
    **{(kind, "permissions_boundary"): _BOUNDARY for kind in ("roles", "users")},
}
# The attributes whose elements calls name.
_NAMING_ELEMENTS = frozenset(
    {"access_keys", "approved_origins", "attached_policies", "inline_policies", "users", "versions"}
)
_OF_ACCOUNT: Mapping[str, tuple[str, ...]] = {"alias": ("CreateAccountAlias", "DeleteAccountAlias")}


def call_behind(setting: Setting, federation: Federation, built: object) -> Change | None:
    """Returns the last call that changed a setting of an account, or None where no recorded call could have.

    Args:
        federation: Federation with the event history.
        built: The account as it was built.
    """
    account: Any = setting.owner
    kind, *rest = map(str, setting.path)
    events = [
        event
        for event in federation.aws_services.history.events(account_id=account.account_id)
        if not event.read_only and not event.error_code
    ]
    names = _OF_ACCOUNT.get(kind)
    if names is not None:
        return next((_change(event) for event in events if event.name in names), None)
    if not rest or kind not in _NAMED_BY:
        return None
    about = [event for event in events if _is_about(event, kind, rest[0])]
    making = (f"Create{_KINDS[kind]}", f"Delete{_KINDS[kind]}")
    is_new = setting.path[1] not in getattr(built, kind, {})
    names = _names(kind, rest[1:]) or (() if is_new else None)
    element = _words_of_element(setting, built)
    for event in about:
        made = event.name in making
        if made or names is None or (event.name in names and (not element or element & _words(event))):
            return _change(event, is_making=made or event.name in _USERS)
    return None


def _names(kind: str, path: Sequence[str]) -> tuple[str, ...] | None:
    """Returns the calls that change a path inside a resource; None where any call may."""
    attribute, _, inside = (*path[:3], "", "", "")[:3]
    if (kind, attribute, inside in _UPDATES_OF_USERS) == ("instances", "users", True):
        return (*_USERS, _UPDATES_OF_USERS[inside])
    return _CHANGED_BY.get((kind, attribute))


def _change(event: Any, *, is_making: bool = False) -> Change:
    return Change(f"{event.source.partition('.')[0]}:{event.name}", event.time, is_making=is_making)


def _is_about(event: Any, kind: str, key: str) -> bool:
    """Returns whether an event names a resource, by its name, ARN or id."""
    details = event.details
    given = {**(details.response_elements or {}), **(details.request_parameters or {})}
    name = key.rpartition("/")[2]
    values = [str(given.get(parameter, "")) for parameter in (*_NAMED_BY[kind], "Id", "Arn")]
    return any(value == key or value.rpartition("/")[2] == name or f"/{name}/" in value for value in values if value)


def _words_of_element(setting: Setting, built: object) -> frozenset[str]:
    """Returns how calls may name the element at a path: by a policy's name or ARN, an origin, a user's id."""
    if len(setting.path) < 4 or setting.path[2] not in _NAMING_ELEMENTS:
        return frozenset()
    key = setting.path[3]
    words = {str(key)} if isinstance(key, str) else set()
    for owner in (setting.owner, built):
        element: Any = owner
        for part in setting.path[:4]:
            if isinstance(element, Mapping):
                element = element.get(part)
            elif isinstance(element, tuple):
                element = element[part] if isinstance(part, int) and part < len(element) else None
            else:
                element = getattr(element, str(part), None)
        words |= {element} if isinstance(element, str) else set()
        names = (getattr(element, name, None) for name in ("user_id", "login", "name", "access_key_id", "version_id"))
        words |= {name for name in names if isinstance(name, str)}
    return frozenset(words)


def _words(event: Any) -> frozenset[str]:
    """Returns the texts of an event's parameters and answer, and their last parts where they are paths."""
    details = event.details
    values = [*(details.request_parameters or {}).values(), *(details.response_elements or {}).values()]
    texts = [text for value in values for text in (value.values() if isinstance(value, Mapping) else [value])]
    return frozenset(part for text in texts if isinstance(text, str) for part in (text, text.rpartition("/")[2]))
