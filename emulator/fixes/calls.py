"""The call that makes a fix's change, where a call had set the wrong value: one of the AWS CLI's or Okta's API.

Spec: AWS CLI Command Reference, iam and connect; developer.okta.com, Applications, Users and Groups API
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from emulator.building.defaults import is_secret
from emulator.diagnosis.fix import HIDDEN, without_secrets
from emulator.federation import Federation
from emulator.fixes.candidate import REMOVED, Edit
from emulator.fixes.edits import changed_world
from emulator.kernel.errors import FederationError
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import key_text


def call_for(edit: Edit, federation: Federation) -> str:
    """Returns the call that makes an edit's change in the running emulator.

    Args:
        edit: The change.
        federation: Federation in which it is to be made.
    """
    try:
        world = changed_world(federation.world, (edit,))
    except FederationError:
        world = federation.world
    found = (
        _of_okta(edit, federation, world.document.data) if edit.key[0] == "okta" else _of_aws(edit, world.document.data)
    )
    value = HIDDEN if is_secret(federation.world.settings, edit.key) else edit.value
    return found or f"set {key_text(edit.key)} to {_json(None if edit.value is REMOVED else value)}"


def _of_aws(edit: Edit, data: Any) -> str:
    _, account_id, kind, name, *rest = (*edit.key, "", "", "")
    said, depth = value_at(data, edit.key[:4])
    thing: Mapping[str, Any] = said if depth == 4 and isinstance(said, Mapping) else {}
    what = str(rest[0]) if rest else ""
    iam = f"arn:{_partition(data, account_id)}:iam::{account_id}"
    if kind == "policies":
        arn = f"{iam}:policy/{name}"
        return _aws("iam create-policy-version", policy_arn=arn, policy_document=_json(said), set_as_default=True)
    if kind == "saml_providers":
        arn = f"{iam}:saml-provider/{name}"
        if what == "assertion_encryption":
            return _aws(
                "iam update-saml-provider",
                saml_provider_arn=arn,
                assertion_encryption_mode=thing.get(what) or "Allowed",
            )
        return _aws("iam update-saml-provider", saml_provider_arn=arn, saml_metadata_document="file://metadata.xml")
    if kind == "connect":
        return _of_connect(str(name), what, rest, edit, thing)
    if kind == "roles":
        return _of_role(str(name), what, rest, edit, thing, iam)
    return ""


def _of_role(name: str, what: str, rest: list[Any], edit: Edit, role: Mapping[str, Any], iam: str) -> str:
    if not what:
        if edit.value is REMOVED:
            return _aws("iam delete-role", role_name=name)
        trust = _json(role.get("trust"))
        return _aws("iam create-role", role_name=name, assume_role_policy_document=trust)
    if what == "trust":
        return _aws("iam update-assume-role-policy", role_name=name, policy_document=_json(role.get("trust")))
    if what == "max_session_duration":
        return _aws("iam update-role", role_name=name, max_session_duration=role.get(what) or 3600)
    if what == "inline_policies":
        document = (role.get(what) or {}).get(rest[1])
        if document is None:
            return _aws("iam delete-role-policy", role_name=name, policy_name=rest[1])
        return _aws("iam put-role-policy", role_name=name, policy_name=rest[1], policy_document=_json(document))
    if what == "permissions_boundary":
        if role.get(what) is None:
            return _aws("iam delete-role-permissions-boundary", role_name=name)
        boundary = _policy_arn(role[what], iam)
        return _aws("iam put-role-permissions-boundary", role_name=name, permissions_boundary=boundary)
    if what == "policies":
        policies = [str(edit.value)] if isinstance(edit.value, str) else role.get(what) or []
        return "\n".join(
            _aws("iam attach-role-policy", role_name=name, policy_arn=_policy_arn(each, iam)) for each in policies
        )
    return ""


def _of_connect(instance: str, what: str, rest: list[Any], edit: Edit, thing: Mapping[str, Any]) -> str:
    if what == "approved_origins":
        origins = [edit.value] if isinstance(edit.value, str) else thing.get(what) or []
        return "\n".join(
            _aws("connect associate-approved-origin", instance_id=instance, origin=each) for each in origins
        )
    if what == "users" and len(rest) > 1 and rest[1] and edit.value is not REMOVED:
        return _aws("connect create-user", instance_id=instance, username=rest[1])
    return ""


def _of_okta(edit: Edit, federation: Federation, data: Any) -> str:
    _, org_name, kind, name, *rest = (*edit.key, "", "", "")
    provider = federation.identity_providers.get(str(org_name))
    if provider is None:
        return ""
    org = provider.org
    what = str(rest[0]) if rest else ""
    said, depth = value_at(data, (*edit.key[:4], *([what] if what else [])))
    value = said if depth == (5 if what else 4) else None
    if kind == "apps" and name in org.apps:
        url = f"{org.base_url}/api/v1/apps/{org.apps[str(name)].app_id}"
        if what == "assignments":
            return f"PUT {url}/users/USER_ID or {url}/groups/GROUP_ID {_json({'profile': value})}"
        return f"PUT {url} {_json({'settings': {'app': {_camel(what): value}}})}"
    if kind == "users" and name in org.users:
        user = org.users[str(name)]
        url = f"{org.base_url}/api/v1/users/{user.user_id}"
        if what == "status":
            verb = {"LOCKED_OUT": "unlock", "SUSPENDED": "unsuspend"}.get(user.status, "activate")
            return f"POST {url}/lifecycle/{verb}"
        if what == "groups":
            wanted = [group for group in value or () if group not in user.groups and group in org.groups]
            return "\n".join(
                f"PUT {org.base_url}/api/v1/groups/{org.groups[each].group_id}/users/{user.user_id}" for each in wanted
            )
        return f"POST {url} {_json({'profile': {_camel(what): value}})}" if what != "password" else ""
    return ""


def _partition(data: Any, account_id: object) -> str:
    key: Key = ("aws", str(account_id), "partition")
    found, depth = value_at(data, key)
    return str(found) if depth == len(key) else "aws"


def _policy_arn(name: Any, iam: str) -> str:
    return str(name) if str(name).startswith("arn:") else f"{iam}:policy/{name}"


def _aws(command: str, **options: Any) -> str:
    words = ["aws", *command.split()]
    for name, value in options.items():
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words.append(str(value))
    return shlex.join(words)


def _json(value: Any) -> str:
    return json.dumps(without_secrets(value), ensure_ascii=False)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(each.title() for each in others)
