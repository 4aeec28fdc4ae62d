"""Which step of a set-up a key of the world belongs to."""

from __future__ import annotations

import re

from emulator.setup_steps.subject import Subject
from emulator.worldfile.text.yaml_file import key_text

_INSTANCE = "instance"
# Of an app's settings, by the first part of the key that matters: the steps of those that are not the app's own (2).
_OF_APP = {
    "identity_provider_arn": "sign-on",
    "session_duration": "sign-on",
    "join_all_roles": "sign-on",
    "use_group_mapping": "sign-on",
    "app_filter": "sign-on",
    "group_filter": "sign-on",
    "role_value_pattern": "sign-on",
    "username_format": "sign-on",
    "environment": "sign-on",
    "acs_url": "sign-on",
    "assertion_encryption": "sign-on",
    "saml": "sign-on",
    "provisioning": "provisioning",
    "assignments": "assignment",
    "mfa": "login",
}
_OF_ACCOUNT = {
    "saml_providers": "identity-provider",
    "policies": "connect-policy",
    "organization": "connect-policy",
    "users": "iam-user",
    "groups": "iam-user",
    "roles": "role",
    "disabled_sts_regions": "role",
    "connect": _INSTANCE,
}
_OF_INSTANCE = {
    "users": "connect-users",
    "security_profiles": "connect-users",
    "routing_profiles": "connect-users",
    "approved_origins": "custom-ccp",
    "cookie_same_site": "custom-ccp",
    "origin_propagation_delay": "custom-ccp",
    "load_delay": "custom-ccp",
}


def step_of(key: str, subject: Subject) -> str:
    """Returns the step that a key of the world belongs to; empty if it is not part of the set-up.

    Args:
        key: The key, as text.
        subject: The app, accounts and instances that are set up.
    """
    if key == "pages" or key.startswith("pages."):
        return "custom-ccp"
    if subject.app_name and is_at(key, key_text(subject.app_key)):
        return _OF_APP.get(_next(key, key_text(subject.app_key)), "app")
    org = key_text(("okta", subject.org_name)) if subject.org_name else "-"
    if is_at(key, org) and not is_at(key, f"{org}.apps"):
        is_of_groups = re.search(r"\.groups(?:\[\d+\])?$", key) or key == f"{org}.users"
        return "assignment" if is_of_groups else "login"
    for account_id in subject.accounts:
        account = key_text(("aws", account_id))
        if is_at(key, account):
            return _of_account(key, account, subject)
    return "identity-provider" if key == "aws" else ""


def _of_account(key: str, account: str, subject: Subject) -> str:
    for instance in subject.instances:
        at = key_text(instance.key)
        if is_at(key, at):
            return _OF_INSTANCE.get(_next(key, at), _INSTANCE)
    if ".inline_policies." in key and is_at(key, f"{account}.roles"):
        return "connect-policy"
    return _OF_ACCOUNT.get(_next(key, account), "identity-provider")


def is_at(key: str, place: str) -> bool:
    """Returns whether a key, as text, is that of a place or of something inside it."""
    return key == place or key.startswith((f"{place}.", f"{place}["))


def _next(key: str, place: str) -> str:
    """Returns the part of a key that comes after a place."""
    return re.split(r"[.\[]", key[len(place) + 1 :])[0]
