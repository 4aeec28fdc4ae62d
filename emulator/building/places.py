"""Where the settings of the two sides' models are in a world: the way back from what was built.

The names of a model's attributes are those of the world's keys, but for the ones that are listed here.
"""

from __future__ import annotations

from emulator.kernel.explanations import Setting
from emulator.worldfile.yaml_data import Key
from idp import model as okta
from sp_mock.accounts import model as aws

# An attribute of the model, by its class's part of the path, with the world's keys for it.
_OF_ORG: dict[str, Key] = {
    "requires_mfa": ("mfa",),
    "shows_lockout": ("show_lockout",),
    "event_hooks": ("event_hooks",),
}
_OF_APP: dict[str, Key] = {
    "session_duration_seconds": ("session_duration",),
    "requires_mfa": ("mfa",),
    "recipient": ("saml", "recipient"),
    "destination": ("saml", "destination"),
    "attributes": ("saml", "attributes"),
    "encryption": ("assertion_encryption",),
    "certificate_pem": ("certificate",),
    "key_pair": ("signing",),
    "expressions": ("values",),
    "group_filter": ("group_filter",),
    "service_provider": ("saml",),
}
_OF_ATTRIBUTE: dict[str, Key] = {
    "expressions": ("values",),
    "group_filter": ("groups",),
    "group_text": ("groups",),
}
_OF_STYLE: dict[str, Key] = {"sha1": ("signature_algorithm",)}
_OF_ACCOUNT: dict[str, Key] = {"instances": ("connect",)}
_OF_ROLE: dict[str, Key] = {
    "max_session_duration_seconds": ("max_session_duration",),
    "attached_policies": ("policies",),
}
_OF_PROVIDER: dict[str, Key] = {"encryption_mode": ("assertion_encryption",)}
_OF_INSTANCE: dict[str, Key] = {
    "binds_roles": ("role_binding",),
    "refuses_email": ("email",),
    "arn": ("region",),
    "timing": ("origin_propagation_delay",),
}
_OF_ORGANIZATION: dict[str, Key] = {
    "service_control_policies": ("scps",),
    "resource_control_policies": ("rcps",),
    "has_full_aws_access": ("full_aws_access",),
    "is_management_account": ("management_account",),
    "organization_id": ("id",),
}


def owner_key(owner: object) -> Key:
    """Returns the world's key of an org or an account."""
    if isinstance(owner, okta.Org):
        return ("okta", owner.name)
    if isinstance(owner, aws.Account):
        return ("aws", owner.account_id)
    raise TypeError(f"{type(owner).__name__} is neither an org nor an account")


def world_key(setting: Setting) -> Key:
    """Returns the world's key of a setting, or of what a world would have to say it in."""
    kind, *rest = setting.path
    if isinstance(setting.owner, okta.Org):
        own = _okta_key(str(kind), rest)
    else:
        own = _aws_key(str(kind), rest)
    return (*owner_key(setting.owner), *own, *setting.inside)


def _okta_key(kind: str, rest: list[str | int]) -> Key:
    if kind != "apps" or len(rest) < 2:
        return (*_OF_ORG.get(kind, (kind,)), *rest)
    app, attribute, *more = rest
    if attribute == "style" and more:
        return (kind, app, "saml", *_named(more, _OF_STYLE))
    if attribute == "attributes" and len(more) > 1:
        index, *inside = more
        return (kind, app, "saml", "attributes", index, *_named(inside, _OF_ATTRIBUTE))
    return (kind, app, *_named([attribute, *more], _OF_APP))


def _aws_key(kind: str, rest: list[str | int]) -> Key:
    if kind == "organization":
        return (kind, *_named(rest, _OF_ORGANIZATION))
    names = {"instances": _OF_INSTANCE, "roles": _OF_ROLE, "users": _OF_ROLE, "groups": _OF_ROLE}
    head: Key = _OF_ACCOUNT.get(kind, (kind,))
    if not rest:
        return head
    # IAM's own things are kept by ARN, and named in a world by the last part of it.
    name = rest[0].rpartition("/")[2] if isinstance(rest[0], str) and rest[0].startswith("arn:") else rest[0]
    attributes = _OF_PROVIDER if kind == "saml_providers" else names.get(kind, {})
    return (*head, name, *_named(rest[1:], attributes))


def _named(path: list[str | int], names: dict[str, Key]) -> Key:
    """Returns a path with its first attribute named as the world does."""
    if not path:
        return ()
    first, *rest = path
    return (*names.get(str(first), (first,)), *rest)
