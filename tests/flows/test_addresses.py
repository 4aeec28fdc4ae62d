"""The address of a login is the same wherever it is asked for: policies, CloudTrail, Okta's System Log."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, USER

HOME, OFFICE = "203.0.113.9", "198.51.100.7"
CONDITION = f"/aws/{ACCOUNT}/roles/ConnectAgent/trust/Statement/0/Condition"


@pytest.mark.parametrize(
    ("own", "chosen", "seen"),
    [(HOME, None, HOME), (HOME, OFFICE, OFFICE), (None, OFFICE, OFFICE), (None, None, "127.0.0.1")],
)
def test_everybody_sees_one_address(
    world: World, keys: KeyFolder, clock: Clock, own: str | None, chosen: str | None, seen: str
) -> None:
    """The one chosen for the login, else the person's own, else this machine's; the trust policy lets no other in."""
    changes: dict[str, Any] = {CONDITION: {"IpAddress": {"aws:SourceIp": f"{seen}/32"}}}
    if own:
        changes[f"/okta/acme/users/{USER}/source_ip"] = own
    federation = Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
    login = log_in(federation, user=USER, app=APP, source_ip=chosen)
    assert login.outcome is Outcome.ACCEPTED
    recorded = federation.aws_services.history.records()
    assert [(each["eventName"], each["sourceIPAddress"]) for each in recorded] == [
        ("GetFederationToken", seen),
        ("ConsoleLogin", seen),
        ("AssumeRoleWithSAML", seen),
    ]
    logged = federation.identity_providers["acme"].system_log.events
    assert len(logged) > 3
    assert {each["client"]["ipAddress"] for each in logged} == {seen}
    assert {each["request"]["ipChain"][0]["ip"] for each in logged} == {seen}
