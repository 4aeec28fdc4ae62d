"""Every login of the catalogue, recorded and made again: it comes to the same end, by the same check."""

from __future__ import annotations

import pytest

from emulator.building.faults import read_fault
from emulator.federation import Federation
from emulator.fixes.attempt import play_steps
from emulator.flow import Login
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.runner import START
from emulator.scenarios.scenario_file import Scenario
from emulator.scenarios.steps import steps_of
from tests.built_in_scenarios import built_in_scenarios
from tests.emulator.reconstruction.recordings import made, recording_of

LOGINS = [
    each
    for each in built_in_scenarios()
    if each.settings.login is not None
    and not each.settings.then
    and each.settings.expect.outcome != "stopped"
    # Such a login posts nothing to AWS's sign-in page, and how it would have ended there is in no recording.
    and each.settings.expect.check not in {"sign-in-unfinished", "sign-in-url", "host-not-emulated"}
]
# Nobody refused these: that the person should have been elsewhere is known from their world alone.
ELSEWHERE = frozenset(
    {
        "AWS-OK-07",
        "AWS-CCP-21",
        "AWS-SGN-43",
        "AWS-SET-14",
        "AWS-ROL-13",
        "AWS-ROL-14",
        "AWS-SGN-51",
        "AWS-SGN-52",
        *(f"AWS-STY-03-{number}" for number in range(1, 11)),
    }
)
# The CCP says access_denied to the page around it, and the page itself was answered with 200.
NOT_SHOWN = frozenset({"AWS-CCP-16", "AWS-IAM-32"})
# AWS says the same for several checks, and which one it was is in no recording.
SAME_WORDS = {"AWS-ENC-09": "response", "AWS-IAM-30": "assertion-encryption"}
# Which attribute the person lacks at Okta is in no recording: the difference is printed.
DIFFERENT = frozenset({"AWS-OKT-08"})


def _login(scenario: Scenario, keys: KeyFolder) -> Login:
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    login = scenario.settings.login
    assert login is not None
    provider, app = federation.find_app(login.app)
    provider.faults.inject(app.name, login.user, tuple(map(read_fault, scenario.settings.faults)))
    played = play_steps(steps_of(login, ()), federation)
    assert played.login is not None
    return played.login


@pytest.mark.parametrize("scenario", LOGINS, ids=lambda each: each.id)
def test_a_recorded_login_made_again_comes_to_the_same_end(scenario: Scenario, keys: KeyFolder) -> None:
    """The recording has no notes of fedemu's: what is known is what a browser saw."""
    login = _login(scenario, keys)
    reconstruction = made(recording_of(login.exchanges))
    received = reconstruction.received.values
    assert reconstruction.is_end_known
    if scenario.id in DIFFERENT:
        assert [each.name for each in reconstruction.differences] == ["outcome", "message"]
        return
    assert [str(each) for each in reconstruction.differences] == []
    if scenario.id in ELSEWHERE | NOT_SHOWN:
        assert received["outcome"] == "accepted"
        return
    assert received["outcome"] == login.outcome.value
    if login.refusal is not None:
        assert received["check"] == SAME_WORDS.get(scenario.id, login.refusal.check)
        assert received["message"] == login.refusal.message
