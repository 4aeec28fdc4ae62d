"""How to name and iterate over what seeds contribute to an account or org."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text

NOUNS = {
    ("aws", "saml_providers"): "SAML provider",
    ("aws", "roles"): "role",
    ("aws", "policies"): "policy",
    ("aws", "users"): "IAM user",
    ("aws", "groups"): "IAM group",
    ("aws", "connect"): "Connect instance",
    ("okta", "users"): "person",
    ("okta", "groups"): "group",
    ("okta", "apps"): "app",
    ("okta", "oidc_clients"): "OIDC client",
}
_IN_INSTANCES = {"users": "Connect user", "security_profiles": "security profile"}


def name_of(company: str, key: Key) -> str:
    """Returns what messages call the thing at a key of an account or org: ``role Agent``."""
    match key:
        case ("connect", _, ("users" | "security_profiles") as kind, str(name)):
            return f"{_IN_INSTANCES[kind]} {name}"
        case ("connect", str(instance_id), "approved_origins", _):
            return f"approved origin of instance {instance_id}"
        case ("apps", str(app), "assignments", _):
            return f"assignment of {app}"
        case (str(kind), name) if (company, kind) in NOUNS:
            return f"{NOUNS[company, kind]} {name}"
    return key_text(key)


def mapping(data: Any, *key: str) -> Mapping[str, Any]:
    """Returns the mapping at a key; an empty one if there is none."""
    for part in key:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def texts(data: Any, key: str) -> list[tuple[int, str]]:
    """Returns the strings in a list with their indexes, last first, so that they can be removed one by one."""
    items = data.get(key) if isinstance(data, dict) else None
    found = enumerate(items) if isinstance(items, list) else ()
    return [(index, each) for index, each in found if isinstance(each, str)][::-1]


def identities(account: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yields every identity that policies may be attached to: its kind, its name, its settings."""
    for kind in ("roles", "users", "groups"):
        for name, identity in list(mapping(account, kind).items()):
            if isinstance(identity, dict):
                yield kind, name, identity
