"""Whether Okta's access key reads the roles."""

from __future__ import annotations

import pytest

from emulator.access.role_reading import cannot_read_roles
from emulator.federation import Federation
from emulator.world import DEFAULT_WORLD, change_world, load_world

USER = "/aws/123456789012/users/okta-integration"
APP = "/okta/acme/apps/amazon-connect"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, ""),
        ({f"{APP}/provisioning": None}, ""),
        ({f"{USER}/policies": []}, "AWS refused ListRoles: AccessDenied"),
        ({f"{USER}/access_keys": []}, "AWS refused ListRoles: InvalidClientTokenId"),
        ({f"{APP}/provisioning/secret_key": "x" * 40}, "AWS refused ListRoles: SignatureDoesNotMatch"),
    ],
)
def test_the_access_key_is_tried(changes: dict[str, object], why: str) -> None:
    """AWS's code is reported if it refuses, and nothing if it answers."""
    found = cannot_read_roles(Federation(change_world(load_world(DEFAULT_WORLD), changes)), "acme", "amazon-connect")
    assert found.startswith(why)
    assert bool(found) is bool(why)
