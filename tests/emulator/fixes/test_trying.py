"""Changes that are tried: which let a login arrive, what is said of them, and that nothing that runs is touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulator.building.faults import read_faults
from emulator.diagnosis.fix import Fix, FixedValue
from emulator.diagnosis.login_result import result_of
from emulator.federation import Federation
from emulator.fixes import trial, trying
from emulator.fixes.attempt import Attempt, Played, Posted, make_login, play_steps
from emulator.fixes.candidate import Candidate, Edit
from emulator.fixes.trial import Journey
from emulator.fixes.trying import tried_fixes, with_fixes
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import Location
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from emulator.scenarios.runner import START, run_scenario
from emulator.scenarios.scenario_file import find_scenarios
from emulator.scenarios.steps import steps_of
from emulator.world import DEFAULT_WORLD, World, change_world
from tests.built_in_scenarios import built_in_scenarios
from tests.conftest import ACCOUNT, APP, NOW, ROLE_ARN, USER
from tests.emulator.fixes.trials import (
    APP_POINTER,
    HOME,
    INSTANCE,
    RELAY_STATE,
    RIGHT,
    TRUST,
    WRONG,
    failed,
    federation_with,
    fixes_for,
)

APP_KEY = ("okta", "acme", "apps", APP)
EVERY_INSTANCE = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/*/user/${{aws:userid}}"


def test_a_wrong_relay_state_is_set_right(world: World, keys: KeyFolder) -> None:
    """The fix has the pointer with the value, the line with the old one, and where the login arrives."""
    (fix,) = fixes_for(federation_with(world, keys, {RELAY_STATE: WRONG}))
    assert fix.as_json() == {
        "title": "Set the Default Relay State",
        "in": "world",
        "changes": {RELAY_STATE: RIGHT},
        "tried": True,
        "lands_on": HOME,
    }
    (change,) = fix.changes
    assert (change.old, change.location) == (WRONG, world.document.location(tuple(RELAY_STATE.split("/")[1:])))
    assert list(fix.rows) == [
        ("fix (tried)", f"{change.location}: {WRONG} -> {RIGHT}"),
        ("set in", "Okta Admin Console > Applications > Amazon Connect SAML > Sign On > Default Relay State"),
    ]


def test_the_tried_fix_stands_above_what_is_to_be_done_in_words(world: World, keys: KeyFolder) -> None:
    """What the explanation says stays whole, and the change that was tried comes before its own advice."""
    federation = federation_with(world, keys, {RELAY_STATE: WRONG})
    began = federation.instants
    login = make_login(Attempt(USER, APP), federation, federation.browser())
    result = with_fixes(result_of(login, federation), federation, Journey((Attempt(USER, APP),), began))
    assert result.diagnosis is not None
    assert [name for name, _ in result.diagnosis.rows] == [
        "why",
        "cause",
        "want",
        "got",
        "where",
        "from",
        "fix (tried)",
        "set in",
        "fix",
        "spec",
    ]
    data = result.as_json()["refusal"]
    assert data["fix"].startswith("Set default_relay_state: ")
    assert [fix["tried"] for fix in data["fixes"]] == [True]


def test_several_mistakes_are_gone_through(world: World, keys: KeyFolder) -> None:
    """The fix is the sum of the changes, each at its place."""
    users = {"Hanako@example.com": {"security_profiles": ["Agent"]}}
    (fix,) = fixes_for(federation_with(world, keys, {RELAY_STATE: WRONG, f"{INSTANCE}/users": users}))
    assert fix.changes[0].pointer == RELAY_STATE
    assert f"{INSTANCE}/users/{USER}" in [change.pointer for change in fix.changes]
    assert fix.title == (
        "Set the Default Relay State; Make the user hanako@example.com in acme in place of Hanako@example.com"
    )
    assert (fix.tried, fix.lands_on) == (True, HOME)


def test_a_login_elsewhere_is_led_to_the_place_that_was_asked_for(world: World, keys: KeyFolder) -> None:
    """What nobody refused is tried as well."""
    federation = federation_with(world, keys, {RELAY_STATE: "https://console.aws.amazon.com/connect/home"})
    (fix,) = fixes_for(federation, Attempt(USER, APP, lands_on=HOME))
    assert (fix.as_json()["changes"], fix.lands_on) == ({RELAY_STATE: RIGHT}, HOME)


def test_a_call_that_made_it_wrong_is_answered_by_a_call(world: World, keys: KeyFolder) -> None:
    """The world's file is right; the call that has to be made is shown, and the login was made with it."""
    federation = federation_with(world, keys, {})
    provider = federation.identity_providers["acme"]
    app = replace(provider.org.apps[APP], default_relay_state=WRONG)
    provider.directory.change(lambda org: (replace(org, apps={**org.apps, APP: app}), None))
    (fix,) = fixes_for(federation)
    assert fix.as_json() == {
        "title": f"Set apps.{APP}.default_relay_state back to what {world.document.file} says",
        "in": "api",
        "call": f"PUT https://acme.okta.com/api/v1/apps/{app.app_id} "
        f'{{"settings": {{"app": {{"defaultRelayState": "{RIGHT}"}}}}}}',
        "tried": True,
        "lands_on": HOME,
    }


def test_a_trust_policy_that_a_call_broke(world: World, keys: KeyFolder) -> None:
    """The call sets the whole policy, and what other calls made stays in the copy."""
    federation = federation_with(world, keys, {})
    other = Federation(
        change_world(
            world, {f"{TRUST}/Statement/0/Principal/Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/other"}
        ),
        clock=Clock(frozen_at=NOW),
        keys=keys,
    )
    load_state(federation, dump_state(other))
    (fix,) = fixes_for(federation)
    assert (fix.place, fix.lands_on) == ("api", HOME)
    assert fix.call.startswith("aws iam update-assume-role-policy --role-name ConnectAgent --policy-document '{")


def test_an_account_that_was_locked_by_wrong_passwords(world: World, keys: KeyFolder) -> None:
    """The call unlocks the person."""
    federation = federation_with(world, keys, {})
    provider = federation.identity_providers["acme"]
    user = provider.org.users[USER]
    for _ in range(10):
        browser = federation.browser()
        page = browser.look("https://acme.okta.com/app/UserHome")
        browser.submit(page.forms[0], {"username": USER, "password": "wrong"})
    assert provider.org.users[USER].status == "LOCKED_OUT"
    (fix,) = fixes_for(federation)
    assert (fix.place, fix.call) == ("api", f"POST https://acme.okta.com/api/v1/users/{user.user_id}/lifecycle/unlock")
    assert provider.org.users[USER].status == "LOCKED_OUT"


def test_a_role_that_does_not_exist_is_followed_to_its_right_name(world: World, keys: KeyFolder) -> None:
    """The login in a misspelt role arrives in the one that the correction makes of it, and no role is made instead."""
    roles = ["ConnectAgent", "Connect-Supervisor"]
    pointer = f"{APP_POINTER}/assignments/1"
    here = federation_with(world, keys, {pointer: {"user": USER, "saml_user_roles": roles}})
    misspelt = ROLE_ARN.replace("ConnectAgent", "Connect-Supervisor")
    (fix,) = fixes_for(here, Attempt(USER, APP, role=misspelt))
    assert fix.as_json()["changes"] == {f"{pointer}/saml_user_roles/1": "ConnectSupervisor"}
    assert (fix.warning, fix.lands_on) == ("", HOME)


def test_a_planted_fault_is_not_tried(world: World, keys: KeyFolder) -> None:
    """Nobody looks for a setting behind what was made wrong on purpose."""
    federation = federation_with(world, keys, {})
    provider, app = federation.find_app(APP)
    provider.faults.inject(app.name, USER, read_faults(["{attribute: Role, remove: true}"]))
    assert fixes_for(federation) == ()


def test_another_companys_identity_provider_is_said_to_be_not_tried(world: World, keys: KeyFolder) -> None:
    """What to do is shown, and that nobody made the login with it."""
    sender = federation_with(world, keys, {f"{APP_POINTER}/audience": "urn:example:other"})
    issued = make_login(Attempt(USER, APP), sender, sender.browser())
    federation = federation_with(world, keys, {})
    step = Posted(issued.saml_response)
    began = federation.instants
    login = play_steps((step,), federation).login
    assert login is not None
    result = with_fixes(result_of(login, federation), federation, Journey((step,), began))
    assert result.diagnosis is not None
    (fix,) = result.diagnosis.fixes
    assert not fix.tried
    assert [name for name, _ in result.diagnosis.rows if name.startswith("fix")] == ["fix (not tried)"]


def test_a_foreign_assertion_is_judged_again_as_received(world: World, keys: KeyFolder) -> None:
    """What AWS's side has wrong is tried with the very message, at its instant."""
    sender = federation_with(world, keys, {})
    issued = make_login(Attempt(USER, APP), sender, sender.browser())
    federation = federation_with(
        world,
        keys,
        {f"{TRUST}/Statement/0/Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/sam"}}},
    )
    step = Posted(issued.saml_response, RIGHT)
    login = play_steps((step,), federation).login
    assert login is not None
    result = with_fixes(result_of(login, federation), federation, Journey((step,), federation.instants))
    assert result.diagnosis is not None
    (fix,) = result.diagnosis.fixes
    assert (fix.tried, fix.lands_on) == (True, HOME)
    assert list(fix.as_json()["changes"].values()) == ["https://signin.aws.amazon.com/saml"]


def test_the_persons_browser_is_said_to_be_not_tried(world: World, keys: KeyFolder) -> None:
    """No setting is behind a frame whose cookies the browser blocks."""
    scenario = next(each for each in built_in_scenarios() if each.id == "AWS-CCP-06")
    federation = Federation(scenario.world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=keys)
    journey = Journey(steps_of(scenario.settings.login, scenario.settings.then), federation.instants)
    login = play_steps(journey.steps, federation).login
    assert login is not None
    result = with_fixes(result_of(login, federation), federation, journey)
    assert result.diagnosis is not None
    assert [fix.tried for fix in result.diagnosis.fixes] == [False]


def test_the_same_instant_by_both_clocks(world: World, keys: KeyFolder) -> None:
    """A clock of the identity provider that is wrong is wrong in the copy, too: no setting helps."""
    clock = Clock(frozen_at=NOW)
    federation = Federation(world, clock=clock, idp_clock=clock.skewed(timedelta(hours=2)), ids=Ids(seed=7), keys=keys)
    assert [fix for fix in fixes_for(federation) if fix.tried] == []


class CountedIds(Ids):
    """Identifiers, and how often one was asked for."""

    taken = 0

    def digits(self, count: int) -> str:
        """Counts it."""
        self.taken += 1
        return super().digits(count)

    def integer(self, low: int, high: int) -> int:
        """Counts it."""
        self.taken += 1
        return super().integer(low, high)

    def pick(self, alphabet: str, count: int) -> str:
        """Counts it; tokens are made of this too."""
        self.taken += 1
        return super().pick(alphabet, count)

    def uuid(self) -> str:
        """Counts it."""
        self.taken += 1
        return super().uuid()


def test_a_trial_leaves_no_trace(world: World, tmp_path: Path, keys: KeyFolder) -> None:
    """State, trace, event hooks, outbox, keys and identifiers are as they were."""
    folder = KeyFolder(tmp_path / "keys")
    hooks = {"audit": {"url": "http://127.0.0.1:9/", "events": ["user.session.start", "user.authentication.sso"]}}
    changes: dict[str, Any] = {RELAY_STATE: WRONG, "/okta/acme/event_hooks": hooks}
    ids = CountedIds(seed=7)
    federation = Federation(change_world(world, changes), clock=Clock(frozen_at=NOW), ids=ids, keys=folder)
    hook = federation.identity_providers["acme"].management.hooks
    diagnosis, journey = failed(federation)
    hook.wait()
    sent: list[str] = []
    federation.gateway.listen(lambda exchange: sent.append(exchange.url))

    def everything() -> tuple[object, ...]:
        names = sorted(each.name for each in folder.folder.iterdir())
        return dump_state(federation), federation.gateway.exchanges, names, ids.taken

    before = everything()
    assert ids.taken > 0
    assert tried_fixes(diagnosis, federation, journey)[0].tried
    hook.wait()
    assert everything() == before
    assert sent == []
    assert federation.identity_providers["acme"].authentication.outbox == ()
    assert federation.clock.now() == NOW


def test_nobody_loses_a_login(world: World, keys: KeyFolder) -> None:
    """A relay state that leads one person to their instance, and others away from theirs, is not proposed."""
    other = "99999999-90ab-cdef-1234-567890abcdef"
    instance = {
        "alias": "other",
        "region": "ap-northeast-1",
        "identity_management": "SAML",
        "users": {USER: {"security_profiles": ["Agent"]}},
    }
    federation = federation_with(
        world,
        keys,
        {
            f"/aws/{ACCOUNT}/connect/{other}": instance,
            f"/aws/{ACCOUNT}/policies/connect-login/Statement/0/Resource": EVERY_INSTANCE,
        },
    )
    fixes = fixes_for(federation, Attempt(USER, APP, lands_on="https://other.my.connect.aws/home"))
    assert [fix for fix in fixes if any(change.pointer == RELAY_STATE for change in fix.changes)] == []


def test_a_trial_arrives_as_the_login_does_afterwards(world: World, keys: KeyFolder) -> None:
    """What is promised holds once the change is made."""
    changes = {RELAY_STATE: WRONG}
    (fix,) = fixes_for(federation_with(world, keys, changes))
    login = log_in(federation_with(world, keys, {**changes, **fix.as_json()["changes"]}), user=USER, app=APP)
    assert (login.outcome, login.lands_on, login.role) == (Outcome.ACCEPTED, fix.lands_on, ROLE_ARN)


def test_a_secret_is_not_shown() -> None:
    """Neither the old nor the new value is in the text or in JSON."""
    change = FixedValue(("okta", "a"), "new-secret", "old-secret", Location("world.yaml", 3, "okta.a"), is_secret=True)
    fix = Fix("Set it", "world", (change,), tried=True)
    assert list(fix.rows) == [("fix (tried)", "world.yaml:3  okta.a: another (secret)")]
    assert fix.as_json()["changes"] == {"/okta/a": "(secret)"}


def test_a_refusal_takes_few_logins(world: World, keys: KeyFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many changes are proposed, no more than thirty logins are made for one that did not arrive."""
    made: list[int] = []
    original = play_steps

    def counting(*arguments: Any, **options: Any) -> Played:
        made.append(1)
        return original(*arguments, **options)

    monkeypatch.setattr(trial, "play_steps", counting)
    many = [Candidate(str(index), (Edit((*APP_KEY, "label"), str(index)),)) for index in range(100)]
    monkeypatch.setattr(trying, "candidates_of", lambda *_: many)
    assert fixes_for(federation_with(world, keys, {RELAY_STATE: WRONG})) == ()
    assert len(made) == 25


def test_a_scenario_that_fails_has_the_fix_and_one_that_expects_it_does_not(tmp_path: Path, keys: KeyFolder) -> None:
    """What was to arrive is tried; a refusal that is expected is not."""
    for expected, found in (("accepted", 1), ("refused", 0)):
        path = tmp_path / f"{expected}.yaml"
        path.write_text(
            "scenario: The tile opens the instance\n"
            "id: X-1\n"
            f"world: {DEFAULT_WORLD}\n"
            f"changes: {{{RELAY_STATE}: {WRONG}}}\n"
            f"login: {{user: {USER}, app: {APP}}}\n"
            f"expect: {{outcome: {expected}, oracle: documented}}\n",
            encoding="utf-8",
        )
        (scenario,) = find_scenarios((path,))
        login = run_scenario(scenario, keys=keys).login
        assert login is not None
        assert login.diagnosis is not None
        assert len(login.diagnosis.fixes) == found
        if found:
            (change,) = login.diagnosis.fixes[0].changes
            assert (change.pointer, change.value) == (RELAY_STATE, RIGHT)
            assert change.location is not None
            assert (change.location.file, change.location.line) == (str(path), 4)
        untried = run_scenario(scenario, keys=keys, tries_fixes=False).login
        assert untried is not None
        assert untried.diagnosis is not None
        assert untried.diagnosis.fixes == ()
