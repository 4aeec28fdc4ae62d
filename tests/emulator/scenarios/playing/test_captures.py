"""What steps capture and later ones use, and what is wrong with steps as they are written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.kernel.errors import ScenarioError
from emulator.network.data_folder.keys import KeyFolder
from emulator.reports.run.run_json import results_json
from emulator.reports.text import scenario_lines
from emulator.scenarios.runner import run_scenario
from emulator.world import DEFAULT_WORLD
from tests.conftest import APP, USER
from tests.emulator.scenarios.files import LOGIN, STS_LOGIN, problems_of, steps_scenario, write

WHO = "call: {service: sts, operation: GetCallerIdentity}"
ROLE = "arn:aws:iam::123456789012:role/ConnectAgent"


def test_captures_of_a_login_are_used_later(tmp_path: Path, keys: KeyFolder) -> None:
    """In parameters and expectations: what it came to, and its message."""
    parameters = (
        '{RoleArn: "{role}", PrincipalArn: "arn:aws:iam::123456789012:saml-provider/okta", SAMLAssertion: "{message}"}'
    )
    scenario = steps_scenario(
        tmp_path,
        f"{LOGIN}\n    capture: {{role: role, who: session_name, message: saml_response, there: lands_on}}",
        f"call: {{service: sts, operation: AssumeRoleWithSAML, parameters: {parameters}}}\n"
        '    expect: {answer: {AssumedRoleUser: {Arn: "arn:aws:sts::123456789012:assumed-role/ConnectAgent/{who}"}}}\n'
        "    capture: {agent: Credentials, key: Credentials.AccessKeyId}",
        'call: {service: sts, operation: GetAccessKeyInfo, parameters: {AccessKeyId: "{key}"}, as: administrator}\n'
        '    expect: {answer: {Account: "123456789012"}}',
        "call: {service: sts, operation: GetCallerIdentity, as: agent}",
        'cloudtrail: {eventName: GetCallerIdentity, userIdentity: {accessKeyId: "{key}"}}',
        'open: "{there}"',
    )
    run_scenario(scenario, keys=keys).require()


def test_a_text_that_is_nothing_but_a_name_becomes_the_value(tmp_path: Path, keys: KeyFolder) -> None:
    """A number stays a number, and a list a list."""
    scenario = steps_scenario(
        tmp_path,
        "call: {service: iam, operation: GetRole, parameters: {RoleName: ConnectAgent}, as: administrator}\n"
        "    capture: {seconds: Role.MaxSessionDuration, created: Role.CreateDate}",
        f"login: {{user: {USER}, app: {APP}, via: sts, duration_seconds: '{{seconds}}'}}",
        "clock: '{created}'",
        "call: {service: iam, operation: GetRole, parameters: {RoleName: ConnectAgent}, as: administrator}\n"
        "    expect: {answer: {Role: {MaxSessionDuration: '{seconds}'}}}",
    )
    run_scenario(scenario, keys=keys).require()


def test_a_value_that_does_not_fit_is_told_at_its_line(tmp_path: Path, keys: KeyFolder) -> None:
    """Once it is known."""
    scenario = steps_scenario(tmp_path, f"{LOGIN}\n    capture: {{role: role}}", "wait: '{role}'")
    with pytest.raises(ScenarioError) as caught:
        run_scenario(scenario, keys=keys)
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.key) == (6, "steps[1].wait")
    assert problem.message == f"'{ROLE}' is not a length of time such as 90s, 6m or 13h"


def test_what_is_not_there_cannot_be_captured(tmp_path: Path, keys: KeyFolder) -> None:
    """It is a mismatch at its line."""
    scenario = steps_scenario(
        tmp_path, STS_LOGIN, f"{WHO}\n    capture: {{name: Role.Arn}}", "open: https://acme.okta.com/{name}"
    )
    (mismatch,) = run_scenario(scenario, keys=keys).mismatches
    assert (mismatch.location.line, mismatch.location.key) == (6, "steps[1].capture.name")
    assert str(mismatch) == "capture.name: there is no Role.Arn to capture"


def test_secrets_are_in_no_report(tmp_path: Path, keys: KeyFolder) -> None:
    """Not those of an answer that is compared, not a message that is in an expectation, not an API token."""
    scenario = steps_scenario(
        tmp_path,
        f"{STS_LOGIN}\n    capture: {{agent: credentials, message: saml_response}}",
        "okta: {request: {path: /api/v1/users/me}}",
        "call: {service: sts, operation: GetSessionToken, as: administrator}\n    capture: {secret: "
        "Credentials.SecretAccessKey, token: Credentials.SessionToken}",
        "call: {service: sts, operation: GetCallerIdentity, as: agent}\n    expect: {answer: {Arn: 'x {secret} {token} "
        "{message}'}}",
    )
    result = run_scenario(scenario, keys=keys)
    told = "answer.Arn: expected x (redacted) (redacted) (redacted), received"
    assert [str(each).startswith(told) for each in result.mismatches] == [True]
    texts = "\n".join([*scenario_lines(result, verbose=True), str(result.mismatches), str(result.compared)])
    assert texts.count("(redacted)") == 12
    data = results_json([result])
    for secret in ("wJalrXUtnFEMI", "00-example-token"):
        assert secret not in texts + data
    assert "SecretAccessKey" not in str(result.login)
    assert json.loads(data)["scenarios"][0]["mismatches"][0]["key"] == "steps[3].expect.answer.Arn"


@pytest.mark.parametrize("step", ["open: 'https://x/{secret}'", "okta: {request: {path: '/api/v1/{secret}'}}"])
def test_a_secret_stands_in_nothing_that_is_shown(tmp_path: Path, keys: KeyFolder, step: str) -> None:
    """An address is in every report: it is refused when the value is known."""
    call = "call: {service: sts, operation: GetSessionToken, as: administrator}"
    scenario = steps_scenario(tmp_path, f"{call}\n    capture: {{secret: Credentials.SecretAccessKey}}", step)
    with pytest.raises(ScenarioError) as caught:
        run_scenario(scenario, keys=keys)
    (problem,) = caught.value.problems
    assert problem.location.line == 6
    assert problem.message == "secret is a secret, and this is shown in reports"
    assert problem.expected == "a parameter of a call, a body, or an expectation"


# (what, the steps, further lines, line, key, message, expected, did you mean)
MISTAKES: list[tuple[str, list[str], str, int, str, str, str, str]] = [
    ("a name that nothing captured", [f"{LOGIN}\n    capture: {{role: role}}", "open: 'https://x/{rol}'"], "", 6,
     "steps[1].open", "nothing before this step is called rol", "role", "role"),
    ("a name that is captured later", ["open: 'https://x/{role}'", f"{LOGIN}\n    capture: {{role: role}}"], "", 4,
     "steps[0].open", "nothing before this step is called role", "a name that an earlier step captures", ""),
    ("credentials in a text", [f"{STS_LOGIN}\n    capture: {{me: credentials}}", "open: 'https://x/{me}'"], "", 6,
     "steps[1].open", "me holds credentials, which no text shows", "as: me in a call", ""),
    ("credentials of a browser", [f"{LOGIN}\n    capture: {{me: credentials}}"], "", 5, "steps[0].capture.me",
     "this step gets no credentials: a browser has a session in their place", "a login with via: sts", ""),
    ("nothing that a login has", [f"{LOGIN}\n    capture: {{me: rol}}"], "", 5, "steps[0].capture.me",
     "a login has no rol to capture", "role, session_name, lands_on, saml_response, credentials", "role"),
    ("no expression", [f"{STS_LOGIN}", f"{WHO}\n    capture: {{me: 'Arn['}}"], "", 6, "steps[1].capture.me",
     "'Arn[' is not a JMESPath expression: Incomplete expression", "such as Role.Arn", ""),
    ("a capture twice", [f"{LOGIN}\n    capture: {{me: role}}", f"{LOGIN}\n    capture: {{me: role}}"], "", 7,
     "steps[1].capture.me", "an earlier step captures me already", "another name", ""),
    ("no name", [f"{LOGIN}\n    capture: {{'a b': role}}"], "", 5, "steps[0].capture.a b",
     "'a b' is not a name: letters, digits and underscores, such as role_arn", "", ""),
    ("an unknown operation", ["call: {service: sts, operation: GetCallerIdentiy, as: administrator}"], "", 4,
     "steps[0].call.operation", "sts has no operation GetCallerIdentiy", "as boto3 knows them: AssumeRole, …",
     "GetCallerIdentity"),
    ("an unknown service", ["call: {service: stss, operation: GetCallerIdentity}"], "", 4, "steps[0].call.service",
     "'stss' does not fit", "'cloudtrail', 'connect', 'iam' or 'sts'", "sts"),
    ("wrong parameters", ["call: {service: iam, operation: GetRole, parameters: {Role: x}, as: administrator}"], "", 4,
     "steps[0].call.parameters", 'Missing required parameter in input: "RoleName" Unknown parameter in input: "Role", '
     "must be one of: RoleName", "the parameters of GetRole", ""),
    ("nobody's credentials", ["call: {service: sts, operation: GetCallerIdentity, as: administrater}"], "", 4,
     "steps[0].call.as", "administrater has no credentials before this step",
     "okta-integration, administrator, anonymous", "administrator"),
    ("an expectation of another kind", [STS_LOGIN, f"{WHO}\n    expect: {{lands_on: x}}"], "", 6,
     "steps[1].expect.lands_on", "a call has no lands_on to expect",
     "answer, check, code, message, oracle, outcome, service, setting, status, why", ""),
    ("an outcome of another kind", [STS_LOGIN, f"{WHO}\n    expect: elsewhere"], "", 6, "steps[1].expect.outcome",
     "a call does not end as elsewhere", "accepted, refused", ""),
    ("an event that is refused", ["cloudtrail: {}\n    expect: refused"], "", 5, "steps[0].expect.outcome",
     "a step with cloudtrail does not end as refused", "there or absent", ""),
    ("a wait with an expectation", ["wait: 1h\n    expect: arrives"], "", 5, "steps[0].expect",
     "time that passes comes to nothing that could be expected", "", ""),
    ("a login that is there", [f"{LOGIN}\n    expect: there"], "", 5, "steps[0].expect.outcome",
     "a login does not end as there", "accepted, elsewhere, refused, stopped", ""),
    ("two deeds", [f"{LOGIN}\n    open: https://x/"], "", 4, "steps[0]",
     "a step does one thing: make login and open steps of their own", "", ""),
    ("no deed", ["expect: arrives"], "", 4, "steps[0]", "the step does nothing: give one of wait, clock, login, open, "
     "frame, call, okta, cloudtrail, system_log, event_hook", "", ""),
    ("no instant", ["clock: tomorrow"], "", 4, "steps[0].clock", "'tomorrow' is neither an instant such as "
     "2026-01-15T17:00:00Z nor a step such as +13h or -5m", "", ""),
    ("an instant without a zone", ["clock: 2026-01-15T17:00:00"], "", 4, "steps[0].clock", "'2026-01-15T17:00:00' is "
     "neither an instant such as 2026-01-15T17:00:00Z nor a step such as +13h or -5m", "", ""),
    ("faults of no login", ["open: https://x/\n    faults: [{attribute: Role, remove: true}]"], "", 5,
     "steps[0].faults", "faults are of a login, and this step has none", "login", ""),
    ("two changes", ["okta: {deactivate: a, activate: a}"], "", 4, "steps[0].okta",
     "give one thing that is done, not deactivate and activate", "", ""),
    ("a misspelt change", ["okta: {deactivat: a}"], "", 4, "steps[0].okta.deactivat", "unknown key deactivat",
     "activate, add_to_group, as, assign, deactivate and 8 more", "deactivate"),
    ("a login beside steps", [LOGIN], f"{LOGIN}\n", 5, "login", "a scenario with steps has no login of its own", "",
     ""),
    ("two expectations of the last step", [f"{LOGIN}\n    expect: arrives"], "expect: arrives\n", 6, "expect",
     "the last step, steps[0], has an expectation already", "one of the two", ""),
    ("an expectation of nothing", ["wait: 1h"], "expect: arrives\n", 5, "expect",
     "no step comes to anything that is expected here", "a login, a page or a call", ""),
    ("an app that is not there", [f"login: {{user: {USER}, app: amazon-conect}}"], "", 4, "steps[0].login.app",
     "there is no app amazon-conect", "acme/amazon-connect", "acme/amazon-connect"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "more", "line", "key", "message", "expected", "did_you_mean"),
    [m[1:] for m in MISTAKES],
    ids=[m[0] for m in MISTAKES],
)
def test_a_mistake_in_steps_is_found_before_they_are_made(
    tmp_path: Path,
    steps: list[str],
    more: str,
    line: int,
    key: str,
    message: str,
    expected: str,
    did_you_mean: str,
) -> None:
    """At its line, with the nearest word."""
    listed = "".join(f"  - {step}\n" for step in steps)
    problem = problems_of(write(tmp_path, f"scenario: x\nworld: {DEFAULT_WORLD}\nsteps:\n{listed}{more}"))[0]
    assert (problem.location.line, problem.location.key) == (line, key)
    assert (problem.message, problem.expected, problem.did_you_mean) == (message, expected, did_you_mean)


@pytest.mark.parametrize(
    ("step", "key", "message", "expected", "fix"),
    [
        (WHO, "call", "no login before this call got credentials: say with as whose sign it", "", ""),
        ("okta: {add_to_group: {user: a, group: Agent}}", "okta", "there is no group Agent; did you mean Agents?",
         "Agents, Supervisors", ""),
        ("okta: {unassign: {user: a, app: conect}}", "okta", "there is no app conect; did you mean amazon-connect?",
         "amazon-connect", ""),
        ("okta: {unlock: a, org: acm}", "okta", "there is no org acm; did you mean acme?", "acme", ""),
        ("okta: {unlock: a, as: taro@example.com}", "okta", "taro@example.com has no API token in the org acme",
         "mika@example.com", ""),
    ],
)  # fmt: skip
def test_what_is_found_when_a_step_is_made_has_its_line(
    tmp_path: Path, keys: KeyFolder, step: str, key: str, message: str, expected: str, fix: str
) -> None:
    """A scenario that cannot be run anywhere is a mistake in its file."""
    with pytest.raises(ScenarioError) as caught:
        run_scenario(steps_scenario(tmp_path, "wait: 1s", step), keys=keys)
    (problem,) = caught.value.problems
    assert (problem.location.line, problem.location.key) == (5, f"steps[1].{key}")
    assert (problem.message, problem.expected, problem.fix) == (message, expected, fix)


def test_an_org_without_a_token_says_how_it_gets_one(tmp_path: Path, keys: KeyFolder) -> None:
    """Administrators come with an API token."""
    more = "changes: {/okta/acme/api_tokens: {}}\n"
    with pytest.raises(ScenarioError) as caught:
        run_scenario(steps_scenario(tmp_path, "okta: {unlock: a}", more=more), keys=keys)
    (problem,) = caught.value.problems
    assert problem.message == "the org acme has no API token, by which an administrator does this"
    assert problem.fix == "Give it one in the world: okta.acme.api_tokens: {00-token: LOGIN}"
