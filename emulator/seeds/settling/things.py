"""What seeds give an account or an org: how it is called, and how it is gone through."""

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
    """Returns what a person calls what is at a key of an account or an org: ``role Agent``."""
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
    """Returns the mapping at a key; an empty one where there is none."""
    for part in key:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def texts(data: Any, key: str) -> list[tuple[int, str]]:
    """Returns the texts in a list with their indexes, the last first, so that they can be taken out one by one."""
    items = data.get(key) if isinstance(data, dict) else None
    found = enumerate(items) if isinstance(items, list) else ()
    return [(index, each) for index, each in found if isinstance(each, str)][::-1]


def holders(account: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yields whatever policies may be attached to: its kind, its name, what is said of it."""
    for kind in ("roles", "users", "groups"):
        for name, holder in list(mapping(account, kind).items()):
            if isinstance(holder, dict):
                yield kind, name, holder
