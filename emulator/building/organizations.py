"""Organizations made from a world: an account's place in AWS Organizations, with the policies that apply to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.worldfile.schema import aws_schema as schema
from emulator.worldfile.schema.okta_schema import OktaOrg
from emulator.worldfile.text.yaml_data import Key
from sp_mock.accounts.organization import Organization, ServiceControl
from sp_mock.policies.documents import Kind, PolicyDocument

_ROOT = "r-root"


def organization_of(
    key: Key, settings: schema.Organization | None, read: Callable[[Key, Any, Kind], PolicyDocument]
) -> Organization | None:
    """Returns an account's organization, or None for an account without one.

    Args:
        key: Key of the organization in the world.
        settings: Settings at that key.
        read: Reads the policy document at a key.
    """
    if settings is None:
        return None

    def policies(documents: Mapping[str, Any], kind: Kind, *at: str) -> Mapping[str, PolicyDocument]:
        return {each: read((*key, *at, each), document, kind) for each, document in documents.items()}

    return Organization(
        organization_id=settings.id,
        path=f"{settings.id}/{'/'.join((settings.root or _ROOT, *settings.organizational_units))}/",
        service_control_policies=policies(settings.scps, "service-control", "scps"),
        resource_control_policies=policies(settings.rcps, "resource-control", "rcps"),
        has_full_aws_access=settings.full_aws_access,
        is_management_account=settings.management_account,
        levels_above={
            name: ServiceControl(
                policies(level.scps, "service-control", "levels", name, "scps"),
                has_full_aws_access=level.full_aws_access,
            )
            for name, level in settings.levels.items()
        },
    )


def addresses_of(orgs: Mapping[str, OktaOrg]) -> dict[str, str]:
    """Returns people's addresses, by each name that an assertion may give them."""
    return {
        name: user.source_ip
        for org in orgs.values()
        for login, user in org.users.items()
        if user.source_ip
        for name in _names_of(login, user.email)
    }


def _names_of(login: str, email: str) -> tuple[str, ...]:
    address = email or login
    return (login, address, address.partition("@")[0])
