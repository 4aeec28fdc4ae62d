"""The catalogue over sockets: what a login comes to does not depend on whether the emulator is in this process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pytest

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.fixes.attempt import Attempt, Played, play_steps
from emulator.kernel.clock import Clock, Ids
from emulator.login_target import Tile
from emulator.network.data_folder.keys import KeyFolder
from emulator.remote.remote_federation import RemoteFederation
from emulator.running.start import Ports, serving
from emulator.scenarios.planting import plant_faults
from emulator.scenarios.results import SEED
from emulator.scenarios.runner import START
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.steps import steps_of
from tests.built_in_scenarios import built_in_scenarios


def _is_fit(scenario: Scenario) -> bool:
    """Returns whether a scenario is of logins alone, and needs nothing that comes from elsewhere than this machine."""
    if scenario.settings.steps or scenario.settings.skip:
        return False
    steps = steps_of(scenario.settings.login, scenario.settings.then)
    return all(not (isinstance(step, Attempt) and step.source_ip) for step in steps)


SCENARIOS = [each for each in built_in_scenarios() if not each.settings.steps and _is_fit(each)]


class _Served:
    """A federation of this process whose logins go over sockets: its clock is the one thing that is asked directly."""

    def __init__(self, federation: Federation, remote: RemoteFederation) -> None:
        self._remote = remote
        self.clock = federation.clock
        self.find_app = federation.find_app

    def browser(self) -> Browser:
        return self._remote.browser()

    def tile(self, app: str, *, user: str) -> Tile:
        return self._remote.tile(app, user=user)

    def role_values(self, app: str, *, user: str) -> Sequence[str]:
        return self._remote.role_values(app, user=user)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_a_login_over_sockets_comes_to_the_same(scenario: Scenario, keys: KeyFolder) -> None:
    """Outcome, place, role, refusal and what is missing are the same, request for request."""
    here = _federation(scenario, keys)
    served = _federation(scenario, keys)
    steps = steps_of(scenario.settings.login, scenario.settings.then)
    with serving(served, Ports(https=None, proxy=None)) as own, RemoteFederation.at(own.running.http) as remote:
        received = play_steps(steps, cast("Federation", _Served(served, remote)))
    assert _told(received) == _told(play_steps(steps, here))


def _federation(scenario: Scenario, keys: KeyFolder) -> Federation:
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=SEED), keys=keys)
    settings = scenario.settings
    if settings.login is not None:
        plant_faults(settings.faults, ("faults",), settings.login, scenario.document, federation)
    return federation


def _told(played: Played) -> list[Any]:
    told: list[Any] = [played.stopped, played.choices]
    for login in played.logins:
        refusal, missing = login.refusal, login.shortfall
        told.append((login.outcome, login.lands_on, login.role, login.session_name, login.notes, login.page.title))
        told.append(refusal and (refusal.service, refusal.code, refusal.status, refusal.check, refusal.message))
        told.append(missing and (missing.check, missing.why, missing.want, missing.got))
        told.append([(each.method, each.url, each.status, [n.summary for n in each.notes]) for each in login.exchanges])
    return told
