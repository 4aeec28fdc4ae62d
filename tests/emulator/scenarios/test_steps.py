"""Scenarios in steps: logins, calls, changes in Okta, events, the clock, each with what must come of it."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from emulator.kernel.errors import ScenarioError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.results import Result
from emulator.scenarios.runner import refusal_in, run_scenario
from emulator.world import DEFAULT_WORLD
from tests.conftest import USER
from tests.emulator.scenarios.files import LOGIN, STS_LOGIN, problems_of, steps_scenario, write

ARN = f"arn:aws:sts::123456789012:assumed-role/ConnectAgent/{USER}"
WHO = "call: {service: sts, operation: GetCallerIdentity}"
NOT_ASSIGNED = (
    "\"Sorry, you cannot access Amazon Connect SAML because you are not assigned this app in Okta. If you're wondering "
    'why this is happening, please contact your administrator."'
)
GROUP = f"{{user: {USER}, group: Agents}}"


def _run(folder: Path, *steps: str, keys: KeyFolder, more: str = "") -> Result:
    return run_scenario(steps_scenario(folder, *steps, more=more), keys=keys)


def _told(result: Result) -> list[tuple[int, str, str]]:
    return [(each.location.line, each.location.key, each.text) for each in result.mismatches]


def test_each_step_has_its_expectation(tmp_path: Path, keys: KeyFolder) -> None:
    """All that is compared has the step's name; logins and calls are in the result in their order, as plain data."""
    result = _run(
        tmp_path,
        f"{STS_LOGIN}\n    expect: {{role: 'arn:aws:iam::123456789012:role/ConnectAgent'}}",
        f"{WHO}\n    expect: {{answer: {{Arn: '{ARN}', Account: '123456789012'}}}}",
        "wait: 2h",
        f"{WHO}\n    expect: {{code: ExpiredToken, status: 403}}",
        keys=keys,
    )
    result.require()
    assert [(each.name, each.want, each.got) for each in result.compared] == [
        ("steps[0].expect.outcome", "accepted", "accepted"),
        (
            "steps[0].expect.role",
            "arn:aws:iam::123456789012:role/ConnectAgent",
            "arn:aws:iam::123456789012:role/ConnectAgent",
        ),
        ("steps[1].expect.outcome", "accepted", "accepted"),
        ("steps[1].expect.answer.Arn", ARN, ARN),
        ("steps[1].expect.answer.Account", '"123456789012"', '"123456789012"'),
        ("steps[3].expect.code", "ExpiredToken", "ExpiredToken"),
        ("steps[3].expect.status", "403", "403"),
    ]
    assert [each.step for each in result.logins] == ["steps[0].login", "steps[1].call", "steps[3].call"]
    assert [each.url for each in result.exchanges][-2:] == ["https://sts.us-east-1.amazonaws.com/"] * 2
    assert pickle.loads(pickle.dumps(result)) is not None  # noqa: S301 - what this test has made


def test_the_first_step_that_fails_ends_the_scenario(tmp_path: Path, keys: KeyFolder) -> None:
    """Its login is the one that is judged, with the fixes that were tried; later steps are not made."""
    audience = "changes: {/okta/acme/apps/amazon-connect/audience: urn:example:app}\n"
    result = _run(tmp_path, LOGIN, "wait: 1h", LOGIN, keys=keys, more=audience)
    assert _told(result) == [(4, "steps[0].expect.outcome", "outcome: expected accepted, received refused")]
    assert result.login is not None
    assert result.login.step == "steps[0].login"
    assert len(result.logins) == 1
    assert result.login.diagnosis is not None
    assert [fix.tried for fix in result.login.diagnosis.fixes] == [True]


def test_the_last_expectation_may_stand_at_the_end(tmp_path: Path, keys: KeyFolder) -> None:
    """It is that of the last step that comes to something, with its own line."""
    steps = (LOGIN, "clock: +13h", "open: https://acme.okta.com/app/UserHome")
    assert _run(tmp_path, *steps, keys=keys, more="expect: {page: Password}\n").passed
    result = _run(tmp_path, *steps, keys=keys, more="expect: {page: Nothing}\n")
    assert [(line, key) for line, key, _ in _told(result)] == [(7, "expect.page")]


def test_faults_are_of_one_login(tmp_path: Path, keys: KeyFolder) -> None:
    """The next login has none, and the refusal names the step's line."""
    broken = (
        f"{LOGIN}\n    faults: [{{attribute: RoleSessionName, set: a b}}]\n    expect: {{check: role-session-name}}"
    )
    result = _run(tmp_path, broken, LOGIN, keys=keys)
    result.require()
    assert result.logins[0].diagnosis is not None
    (origin,) = result.logins[0].diagnosis.origins
    assert (origin.location.line, origin.location.key) == (5, "steps[0].faults[0]")  # type: ignore[union-attr]
    with pytest.raises(ScenarioError) as caught:
        _run(tmp_path, f"{LOGIN}\n    faults: [{{attribute: NoSuch, remove: true}}]", keys=keys)
    (problem,) = caught.value.problems
    told = (problem.location.line, problem.location.key, problem.message)
    assert told == (5, "steps[0].faults[0]", "there is no attribute NoSuch to remove")


def test_a_call_that_is_refused_is_explained(tmp_path: Path, keys: KeyFolder) -> None:
    """Code and message are those that a program gets; the check is the emulator's."""
    listing = "call: {service: iam, operation: ListRoles}"
    message = (
        f"User: {ARN} is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::123456789012:role/ "
        "because no identity-based policy allows the iam:ListRoles action"
    )
    result = _run(
        tmp_path, STS_LOGIN, f"{listing}\n    expect: {{code: AccessDenied, message: '{message}'}}", keys=keys
    )
    result.require()
    assert result.login is not None
    assert result.login.step_names == ("ListRoles",)
    refused = _run(tmp_path, STS_LOGIN, listing, keys=keys)
    assert _told(refused) == [(5, "steps[1].expect.outcome", "outcome: expected accepted, received refused")]
    refusal = refusal_in(steps_scenario(tmp_path, STS_LOGIN, f"{listing}\n    expect: refused"))
    assert refusal is not None
    assert refusal.code == "AccessDenied"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("administrator", "{answer: {Arn: 'arn:aws:iam::123456789012:user/administrator'}}"),
        (USER, f"{{answer: {{Arn: '{ARN}'}}}}"),
        ("agent", f"{{answer: {{Arn: '{ARN}'}}}}"),
        ("anonymous", "{code: MissingAuthenticationToken}"),
    ],
)
def test_a_call_is_signed_by_whom_it_says(tmp_path: Path, keys: KeyFolder, who: str, expected: str) -> None:
    """A name that was captured, a login, an IAM user with a key, or nobody."""
    call = f"call: {{service: sts, operation: GetCallerIdentity, as: {who}}}\n    expect: {expected}"
    captured = "\n    capture: {agent: credentials}" if who == "agent" else ""
    _run(tmp_path, f"{STS_LOGIN}{captured}", call, keys=keys).require()


def test_an_answer_has_to_hold_what_is_expected(tmp_path: Path, keys: KeyFolder) -> None:
    """Objects by their keys, lists by items that are in them, null where nothing is; texts and numbers differ."""
    call = "call: {service: iam, operation: GetRole, parameters: {RoleName: ConnectAgent}, as: administrator}"
    result = _run(
        tmp_path,
        f"{call}\n    expect: {{answer: {{Role: {{RoleName: Agent, MaxSessionDuration: '3600', Path: null}}}}}}",
        keys=keys,
    )
    assert [text for _, _, text in _told(result)] == [
        "answer.Role.RoleName: expected Agent, received ConnectAgent",
        'answer.Role.MaxSessionDuration: expected "3600", received 3600',
        "answer.Role.Path: expected nothing, received /",
    ]
    number = f"{WHO}\n    expect: {{answer: {{Account: 123456789012}}}}"
    assert [text for _, _, text in _told(_run(tmp_path, STS_LOGIN, number, keys=keys))] == [
        'answer.Account: expected 123456789012, received "123456789012"; to mean the text, write "123456789012"'
    ]
    listed = "call: {service: iam, operation: ListRoles, as: administrator}"
    expected = "{answer: {Roles: [{RoleName: ConnectSupervisor}, {RoleName: NoSuch}]}}"
    missing = _run(tmp_path, f"{listed}\n    expect: {expected}", keys=keys)
    ((line, key, text),) = _told(missing)
    assert (line, key) == (5, "steps[0].expect.answer.Roles[1]")
    assert text.startswith('answer.Roles[1]: expected {"RoleName": "NoSuch"}, received [{')


def test_events_are_there_or_absent_or_counted(tmp_path: Path, keys: KeyFolder) -> None:
    """CloudTrail's and the System Log's; one that is missing is reported with the nearest."""
    result = _run(
        tmp_path,
        STS_LOGIN,
        "cloudtrail: {eventName: AssumeRoleWithSAML, errorCode: null, recipientAccountId: '123456789012'}",
        "cloudtrail: {eventName: ConsoleLogin}\n    expect: absent",
        "cloudtrail: {eventSource: sts.amazonaws.com}\n    expect: {count: 1}",
        f"system_log: {{eventType: user.session.start, actor: {{alternateId: {USER}}}}}",
        "system_log: {eventType: user.authentication.sso, target: [{displayName: Amazon Connect SAML}]}",
        keys=keys,
    )
    result.require()
    names = [each.name for each in result.compared[1:]]
    assert names == [
        "steps[1].cloudtrail",
        "steps[2].cloudtrail",
        "steps[3].expect.count",
        "steps[4].system_log",
        "steps[5].system_log",
    ]
    assert _told(_run(tmp_path, STS_LOGIN, "cloudtrail: {eventName: AssumeRole, errorCode: X}", keys=keys)) == [
        (
            5,
            "steps[1].cloudtrail",
            'cloudtrail: expected an event with {"eventName": "AssumeRole", "errorCode": "X"}, received none among 1 '
            "event; the nearest: eventName is AssumeRoleWithSAML, errorCode is not there",
        )
    ]
    assert _told(
        _run(tmp_path, LOGIN, "system_log: {eventType: user.session.start}\n    expect: absent", keys=keys)
    ) == [
        (
            5,
            "steps[1].system_log",
            'system_log: expected no event with {"eventType": "user.session.start"}, received 1',
        )
    ]
    counted = _run(tmp_path, LOGIN, "system_log: {eventType: user.session.start}\n    expect: {count: 2}", keys=keys)
    ((line, key, text),) = _told(counted)
    assert (line, key) == (6, "steps[1].expect.count")
    assert text.startswith("system_log: expected 2 of ")
    assert text.endswith(' events with {"eventType": "user.session.start"}, received 1')


@pytest.mark.parametrize(
    ("change", "undo", "message"),
    [
        (f"okta: {{deactivate: {USER}}}", f"okta: {{activate: {USER}}}", "Authentication failed"),
        (f"okta: {{suspend: {USER}}}", f"okta: {{unsuspend: {USER}}}", "Authentication failed"),
        (
            f"okta: {{remove_from_group: {GROUP}}}",
            f"okta: {{add_to_group: {GROUP}}}",
            NOT_ASSIGNED,
        ),
        (
            "okta: {unassign: {group: Agents, app: amazon-connect}}",
            "okta: {assign: {group: Agents, app: amazon-connect, profile: {role: ConnectAgent, samlRoles: "
            "[ConnectAgent]}}}",
            NOT_ASSIGNED,
        ),
    ],
    ids=["deactivate", "suspend", "remove_from_group", "unassign"],
)
def test_an_administrator_changes_the_next_login(
    tmp_path: Path, keys: KeyFolder, change: str, undo: str, message: str
) -> None:
    """What the management API takes away lets the next login fail, and what it gives back lets it arrive."""
    result = _run(tmp_path, LOGIN, change, f"{LOGIN}\n    expect: {{outcome: refused, message: {message}}}", keys=keys)
    result.require()
    if "deactivate" not in change:
        _run(tmp_path, change, f"{LOGIN}\n    expect: refused", undo, LOGIN, keys=keys).require()


def test_any_request_to_the_management_api_can_be_made(tmp_path: Path, keys: KeyFolder) -> None:
    """Its answer is compared and captured; a refusal has Okta's code and words."""
    asked = "okta: {request: {path: '/api/v1/groups?q=Agents'}}"
    result = _run(
        tmp_path,
        f"{asked}\n    expect: {{answer: [{{profile: {{name: Agents}}}}]}}\n    capture: {{group: '[0].id'}}",
        f"okta: {{request: {{path: '/api/v1/groups/{{group}}/users/{USER}', method: DELETE}}}}",
        f"{LOGIN}\n    expect: refused",
        "okta: {request: {path: /api/v1/users/nobody}}\n    expect: {code: E0000007, status: 404, message: "
        "'Not found: Resource not found: nobody (User)'}",
        "okta: {request: {path: /api/v1/users}, as: anonymous}\n    expect: {code: E0000011}",
        "okta: {delete: mika@example.com}",
        "okta: {unlock: taro@example.com}\n    expect: refused",
        keys=keys,
    )
    result.require()
    assert result.logins[0].step_names == ("Okta management",)


def test_event_hooks_get_what_the_world_subscribes(tmp_path: Path, keys: KeyFolder) -> None:
    """The receiver replaces the hook's URL, whatever that is; nothing leaves this process."""
    hook = "{url: https://hooks.example.net/okta, events: [group.user_membership.add]}"
    joined = "okta: {add_to_group: {user: mika@example.com, group: Agents}}"
    fields = "{hook: provisioner, eventType: group.user_membership.add, target: [{alternateId: mika@example.com}]}"
    result = _run(
        tmp_path,
        f"event_hook: {fields}\n    expect: absent",
        joined,
        f"event_hook: {fields}\n    expect: {{count: 1}}\n    capture: {{mika: 'target[0].id'}}",
        "event_hook: {eventType: group.user_membership.remove, target: [{id: '{mika}'}]}\n    expect: absent",
        keys=keys,
        more=f"changes: {{/okta/acme/event_hooks: {{provisioner: {hook}}}}}\n",
    )
    result.require()


def test_the_clock_is_set(tmp_path: Path, keys: KeyFolder) -> None:
    """To an instant, or by a step in either direction."""
    result = _run(
        tmp_path,
        "clock: 2026-02-01T00:00:00+09:00",
        STS_LOGIN,
        "cloudtrail: {eventName: AssumeRoleWithSAML, eventTime: '2026-01-31T15:00:00Z'}",
        "clock: +61m",
        f"{WHO}\n    expect: {{code: ExpiredToken}}",
        "clock: -2m",
        f"{WHO}",
        keys=keys,
    )
    result.require()


def test_a_browser_that_stops_is_expected_by_its_step(tmp_path: Path, keys: KeyFolder) -> None:
    """The steps after it are made."""
    taro = "login: {user: taro@example.com, app: amazon-connect}\n    expect: {outcome: stopped, message: AWS sign-in "
    result = _run(tmp_path, taro + "asks which role to take}", LOGIN, keys=keys)
    result.require()
    assert [each.step for each in result.logins] == ["steps[1].login"]


@pytest.mark.parametrize(
    ("expect", "key", "message", "near"),
    [
        ("{rol: x}", "steps[0].expect.rol", "unknown key rol", "role"),
        ("refusd", "steps[0].expect", "'refusd' does not fit", "refused"),
        ("{outcome: refusd}", "steps[0].expect.outcome", "'refusd' does not fit", "refused"),
    ],
)
def test_a_mistake_in_what_the_last_step_expects_is_told_once(
    tmp_path: Path, expect: str, key: str, message: str, near: str
) -> None:
    """It is at its line in the step, with the nearest word, and not a second time as the scenario's."""
    text = f"scenario: x\nworld: {DEFAULT_WORLD}\nsteps:\n  - {LOGIN}\n    expect: {expect}\n"
    (problem,) = problems_of(write(tmp_path, text))
    assert (problem.location.line, problem.location.key, problem.message) == (5, key, message)
    assert problem.did_you_mean == near
