"""Where a world states the settings of an AWS account, as far as names differ from the model's attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.building.place_tables import OWN, SPREAD, Place, PlaceTables, Special, first, one
from emulator.worldfile.text.yaml_data import Key
from sp_mock.accounts import connect_resources as connect
from sp_mock.accounts import model as aws
from sp_mock.accounts.iam_resources import Group
from sp_mock.accounts.managed_policies import ManagedPolicy
from sp_mock.accounts.organization import Organization, ServiceControl

# The model keeps IAM resources by ARN; a world names them by its last part.
KEPT_BY_ARN = frozenset({"saml_providers", "policies", "roles", "users", "groups"})


def _arn(_entity: object, _path: Sequence[str | int], data: Any) -> Key:
    """A world gives an ARN's path, and its name as the key."""
    return ("path",) if isinstance(data, dict) and "path" in data else ()


def _metadata(_provider: object, _path: Sequence[str | int], data: Any) -> Key:
    source = data.get("metadata") if isinstance(data, dict) else None
    given = [name for name, value in source.items() if value is not None] if isinstance(source, dict) else []
    return ("metadata", *given[:1])


def _tags(entity: object, path: Sequence[str | int], _data: Any) -> Key:
    """The model has tags as pairs; a world names them by key."""
    tags = entity.tags if isinstance(entity, aws.Role | aws.User) else ()
    index = path[0] if path else None
    return ("tags", tags[index][0]) if isinstance(index, int) and index < len(tags) else ("tags", *path[:1])


def _members(_group: object, path: Sequence[str | int], _data: Any) -> Key:
    """The model has a group's members as unique ids, in the order of the names."""
    return ("users", *path[:1])


def _security_profiles(instance: object, path: Sequence[str | int], _data: Any) -> Key:
    profiles = instance.security_profiles if isinstance(instance, aws.Instance) else ()
    index = path[0] if path else None
    if not isinstance(index, int) or index >= len(profiles):
        return ("security_profiles", *path)
    inside = path[1:2] if list(path[1:2]) == ["access_ccp"] else ()
    return ("security_profiles", profiles[index].name, *inside)


def _routing_profiles(instance: object, path: Sequence[str | int], data: Any) -> Key:
    """The basic profile comes first, whether or not the world names it."""
    profiles = instance.routing_profiles if isinstance(instance, aws.Instance) else ()
    named = data.get("routing_profiles") or [] if isinstance(data, dict) else []
    index = path[0] if path else None
    if isinstance(index, int) and index < len(profiles) and profiles[index].name in named:
        return ("routing_profiles", named.index(profiles[index].name))
    return ("routing_profiles",)


AWS_PLACES: PlaceTables = {
    aws.Account: {"account_id": OWN, "instances": one("connect")},
    aws.SamlProvider: {"arn": OWN, "encryption_mode": one("assertion_encryption")},
    aws.DecryptionKey: {"private_key_pem": OWN},
    ManagedPolicy: {"arn": OWN, "versions": SPREAD, "document": OWN},
    aws.Role: {
        "attached_policies": one("policies"),
        "max_session_duration_seconds": one("max_session_duration"),
    },
    aws.User: {"attached_policies": one("policies")},
    aws.AccessKey: {"access_key_id": one("id"), "secret_access_key": one("secret")},
    Group: {"attached_policies": one("policies")},
    Organization: {
        "organization_id": one("id"),
        "path": first(("organizational_units",), ("root",), ("id",)),
        "service_control_policies": one("scps"),
        "resource_control_policies": one("rcps"),
        "has_full_aws_access": one("full_aws_access"),
        "is_management_account": one("management_account"),
        "levels_above": one("levels"),
    },
    ServiceControl: {"policies": one("scps"), "has_full_aws_access": one("full_aws_access")},
    aws.Instance: {
        "arn": one("region"),
        "origins_approved_at": one("origin_propagation_delay"),
        "binds_roles": one("role_binding"),
        "refuses_email": one("email"),
        "timing": SPREAD,
    },
    connect.InstanceTiming: {
        "origin_propagation_seconds": one("origin_propagation_delay"),
        "load_delay_milliseconds": one("load_delay"),
    },
    connect.AuthenticationProfile: {
        "max_session_minutes": one("max_session_duration"),
        "periodic_session_minutes": one("periodic_session_duration"),
    },
    connect.ConnectUser: {"login": OWN},
}

AWS_SPECIAL: Mapping[Place, Special] = {
    (aws.Role, "arn"): _arn,
    (aws.User, "arn"): _arn,
    (Group, "arn"): _arn,
    (aws.Role, "tags"): _tags,
    (aws.User, "tags"): _tags,
    (Group, "members"): _members,
    (aws.SamlProvider, "metadata"): _metadata,
    (aws.Instance, "security_profiles"): _security_profiles,
    (aws.Instance, "routing_profiles"): _routing_profiles,
}

_MADE_AT = {"created_at": "when it was made"}
_BY_API = "the API alone changes it"
# What a world cannot express, with the reason.
AWS_UNSAYABLE: Mapping[type, Mapping[str, str]] = {
    aws.Account: {
        "instance_profiles": "the API alone makes them",
        "oidc_providers": "the API alone makes them",
        "released_aliases": "those of instances that the API deleted",
    },
    aws.SamlProvider: {
        "tags": _BY_API,
        "updated_at": _BY_API,
        **_MADE_AT,
    },
    aws.DecryptionKey: {"key_id": "made from the key", "added_at": "when it was made"},
    ManagedPolicy: {
        "policy_id": "made from the ARN",
        "default_version_id": "the only version",
        "description": _BY_API,
        "updated_at": _BY_API,
        "tags": _BY_API,
        "newest_version": _BY_API,
        **_MADE_AT,
    },
    aws.Role: {"role_id": "made from the ARN", **_MADE_AT},
    aws.User: {"user_id": "made from the ARN", **_MADE_AT},
    aws.AccessKey: {"active": _BY_API, **_MADE_AT},
    Group: {"group_id": "made from the ARN", **_MADE_AT},
    aws.Instance: {
        "tags": _BY_API,
        "attributes": _BY_API,
        "queues": "the API alone makes them",
        "hours_of_operation": "the API alone makes them",
        "hierarchy_levels": _BY_API,
        "hierarchy_groups": _BY_API,
        **_MADE_AT,
    },
    connect.AuthenticationProfile: dict.fromkeys(
        (
            "name",
            "description",
            "allowed_ips",
            "blocked_ips",
            "inactivity_minutes",
            "inactivity_handled",
            "changed_at",
        ),
        _BY_API,
    ),
    connect.ConnectUser: {
        "user_id": "made from the login",
        **dict.fromkeys(
            (
                "email",
                "secondary_email",
                "mobile",
                "changed_at",
                "tags",
                "phone",
                "hierarchy_group_id",
                "directory_user_id",
            ),
            _BY_API,
        ),
    },
    connect.SecurityProfile: dict.fromkeys(
        (
            "given_id",
            "description",
            "changed_at",
            "tags",
            "permissions",
            "allowed_tags",
            "tag_restricted",
            "hierarchy_restricted",
            "allowed_hierarchy_group_id",
        ),
        _BY_API,
    ),
    connect.RoutingProfile: dict.fromkeys(
        (
            "given_id",
            "description",
            "changed_at",
            "tags",
            "outbound_queue_id",
            "concurrencies",
            "queues",
            "availability_timer",
        ),
        _BY_API,
    ),
}
