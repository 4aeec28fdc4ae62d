"""Where a world states the settings of an Okta org, as far as names differ from the model's attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.building.place_tables import OWN, Place, PlaceTables, Special, first, one
from emulator.worldfile.text.yaml_data import Key
from idp import model as okta

_SP_METADATA: Key = ("saml", "sp_metadata")
_STYLE: Key = ("style",)


def _groups(org: object, path: Sequence[str | int], data: Any) -> Key:
    """A group is in the org's list or mapping of groups, or named only by its first member."""
    if not path or not isinstance(org, okta.Org):
        return ("groups",)
    name, *more = path
    inside = tuple(each for each in more[:1] if each in {"description", "source"})
    listed = data.get("groups") if isinstance(data, dict) else None
    if isinstance(listed, list) and name in listed:
        return ("groups", listed.index(name), *inside)
    if not (isinstance(listed, Mapping) and name in listed):
        for login, user in org.users.items():
            if name in user.groups:
                return ("users", login, "groups", user.groups.index(str(name)))
    return ("groups", name, *inside)


def _event_hooks(org: object, path: Sequence[str | int], _data: Any) -> Key:
    """The model keeps hooks by id; a world names them."""
    if not path or not isinstance(org, okta.Org):
        return ("event_hooks",)
    hook_id, *more = path
    hook = org.event_hooks.get(str(hook_id))
    if hook is None:
        return ("event_hooks", hook_id)
    unsaid = {"name", *OKTA_UNSAYABLE[okta.EventHook]}
    return ("event_hooks", hook.name, *(() if more and str(more[0]) in unsaid else more))


def _acs_urls(_provider: object, path: Sequence[str | int], data: Any) -> Key:
    """The URLs that the world gives come before those of the metadata."""
    given = data.get("other_acs_urls") or [] if isinstance(data, dict) else []
    if path and isinstance(path[0], int) and path[0] >= len(given) and isinstance(data, dict) and "sp_metadata" in data:
        return ("sp_metadata",)
    return ("other_acs_urls", *path[:1])


def _group_filter(statement: object, _path: Sequence[str | int], _data: Any) -> Key:
    """The filter and its text are one setting: ``groups: {starts_with: …}``."""
    kind = statement.group_filter if isinstance(statement, okta.AttributeStatement) else ""
    return ("groups", kind) if kind else ("groups",)


OKTA_PLACES: PlaceTables = {
    okta.Org: {
        "name": OWN,
        "host": OWN,
        "requires_mfa": one("mfa"),
        "shows_lockout": one("show_lockout"),
    },
    okta.User: {"login": OWN},
    okta.Group: {"name": OWN},
    okta.Factor: {"kind": one("type")},
    okta.OidcClient: {"client_id": OWN},
    okta.EventHook: {"name": OWN},
    okta.App: {
        "name": OWN,
        "key_pair": one("signing"),
        "acs_url": first(("acs_url",), _SP_METADATA, ("environment",)),
        "audience": first(("audience",), _SP_METADATA, ("audience",)),
        "session_duration_seconds": one("session_duration"),
        "encryption": one("assertion_encryption"),
        "requires_mfa": one("mfa"),
        "attributes": one("saml", "attributes"),
        "recipient": one("saml", "recipient"),
        "destination": one("saml", "destination"),
        "service_provider": one("saml"),
    },
    okta.KeyPair: {"private_key_pem": one("private_key"), "certificate_pem": one("certificate")},
    okta.AssertionEncryption: {"certificate_pem": one("certificate")},
    okta.Provisioning: {"access_key_id": one("access_key"), "secret_access_key": one("secret_key")},
    okta.Assignment: {},
    okta.AttributeStatement: {"expressions": one("values")},
    okta.SamlStyle: {
        "issuer": first(("saml", "issuer"), _STYLE, ("saml", "issuer")),
        "issuer_format": one(*_STYLE),
        "name_id_format": first(("saml", "name_id_format"), _STYLE, ("saml", "name_id_format")),
        "name_id": one("saml", "name_id"),
        "attribute_formats": one(*_STYLE),
        "signed": first(("saml", "signed"), _STYLE, ("saml", "signed")),
        "sha1": one("saml", "signature_algorithm"),
        "authn_context": first(("saml", "authn_context"), _STYLE, ("saml", "authn_context")),
        "layout": one("saml", "layout"),
    },
    okta.ServiceProvider: {
        "entity_id": first(("sp_entity_id",), ("sp_metadata",), ("sp_entity_id",)),
        "certificate_pem": first(("sp_certificate",), ("sp_metadata",), ("sp_certificate",)),
        "requires_signed_requests": first(
            ("requires_signed_requests",), ("sp_metadata",), ("requires_signed_requests",)
        ),
        "logout_url": first(("logout_url",), ("sp_metadata",), ("logout_url",)),
    },
}

OKTA_SPECIAL: Mapping[Place, Special] = {
    (okta.Org, "groups"): _groups,
    (okta.Org, "event_hooks"): _event_hooks,
    (okta.ServiceProvider, "acs_urls"): _acs_urls,
    (okta.AttributeStatement, "group_filter"): _group_filter,
    (okta.AttributeStatement, "group_text"): _group_filter,
}

_TIMES = {"created_at": "when it was made", "changed_at": "when it was changed last"}
# What a world cannot express, with the reason.
OKTA_UNSAYABLE: Mapping[type, Mapping[str, str]] = {
    okta.User: {"user_id": "made from the login", **_TIMES},
    okta.Group: {"group_id": "made from the name", **_TIMES},
    okta.Factor: {"factor_id": "made from the login"},
    okta.EventHook: {
        "hook_id": "made from the name",
        "authorization_header": "the API alone changes it",
        "status": "the API alone changes it",
        "verified": "the API alone changes it",
        **_TIMES,
    },
    okta.App: {
        "app_id": "made from the name",
        "external_key": "made from the name",
        "link_number": "a number in links, the same for all",
        "status": "the API alone changes it",
        "other_keys": "the API alone makes them",
        **_TIMES,
    },
    okta.Provisioning: {"roles": "what Okta finds in AWS", "accounts": "what Okta finds in AWS"},
}
