"""Fields, types and hooks that no event has: found before anything runs, so that ``absent`` is not met by a slip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.emulator.scenarios.files import problems_of, steps_scenario, steps_text, write

# (the step, key, message, did you mean)
MISTAKES = [
    ("cloudtrail: {evntName: ConsoleLogin}", "cloudtrail.evntName", "a CloudTrail record has no field evntName",
     "eventName"),
    ("cloudtrail: {userIdentity: {usrName: x}}", "cloudtrail.userIdentity.usrName",
     "userIdentity of a CloudTrail record has no field usrName", "userName"),
    ("system_log: {outcome: {reslt: FAILURE}}", "system_log.outcome.reslt",
     "outcome of an event of the System Log has no field reslt", "result"),
    ("system_log: {target: [{alternateID: x}]}", "system_log.target[0].alternateID",
     "target of an event of the System Log has no field alternateID", "alternateId"),
    ("system_log: {hook: provisioner}", "system_log.hook", "an event of the System Log has no field hook", ""),
    ("system_log: {eventType: user.sesion.start}", "system_log.eventType",
     "nothing that happens here is of the type user.sesion.start", "user.session.start"),
    ("cloudtrail: {eventName: AssumeRoleWithSMAL}", "cloudtrail.eventName",
     "no CloudTrail record has the eventName AssumeRoleWithSMAL", "AssumeRoleWithSAML"),
    ("cloudtrail: {eventName: ConsolLogin}", "cloudtrail.eventName",
     "no CloudTrail record has the eventName ConsolLogin", "ConsoleLogin"),
    ("cloudtrail: {eventSource: sts.amazonaws.co}", "cloudtrail.eventSource",
     "no CloudTrail record has the eventSource sts.amazonaws.co", "sts.amazonaws.com"),
    ("cloudtrail: {awsRegion: ap-northeast-11}", "cloudtrail.awsRegion",
     "no CloudTrail record has the awsRegion ap-northeast-11", "ap-northeast-1"),
    ("cloudtrail: {eventType: AwsApiCal}", "cloudtrail.eventType",
     "no CloudTrail record has the eventType AwsApiCal", "AwsApiCall"),
    ("cloudtrail: {userIdentity: {type: SAMLUsr}}", "cloudtrail.userIdentity.type",
     "no CloudTrail record has the type SAMLUsr", "SAMLUser"),
    ("system_log: {outcome: {result: FAILED}}", "system_log.outcome.result",
     "no event of the System Log has the result FAILED", "FAILURE"),
    ("event_hook: {severity: WARNING}", "event_hook.severity",
     "no event of the System Log has the severity WARNING", "WARN"),
    ("event_hook: {hook: provisoner}", "event_hook.hook", "there is no event hook provisoner", "provisioner"),
]  # fmt: skip
HOOK = "changes: {/okta/acme/event_hooks: {provisioner: {url: https://x.example.net, events: [user.session.start]}}}\n"


@pytest.mark.parametrize(("step", "key", "message", "near"), MISTAKES)
def test_what_no_event_has_is_a_mistake(tmp_path: Path, step: str, key: str, message: str, near: str) -> None:
    """At its line, with the word that was probably meant; whether it is to be there or not."""
    for expected in ("", "\n    expect: absent"):
        (problem,) = problems_of(write(tmp_path, steps_text(f"{step}{expected}", more=HOOK)))
        assert (problem.location.line, problem.location.key) == (4, f"steps[0].{key}")
        assert (problem.message, problem.did_you_mean) == (message, near)


def test_every_event_that_is_recorded_may_be_looked_for(tmp_path: Path) -> None:
    """A value in braces is known later, and a field without a value is absent."""
    steps_scenario(
        tmp_path,
        "login: {user: hanako@example.com, app: amazon-connect, via: sts}\n    capture: {who: session_name}",
        *(
            f"cloudtrail: {{eventName: {name}, errorCode: null}}\n    expect: absent"
            for name in ("ConsoleLogin", "AssumeRoleWithSAML", "GetFederationToken", "AdminGetEmergencyAccessToken")
        ),
        "cloudtrail: {eventName: '{who}'}\n    expect: absent",
        "system_log: {outcome: {result: FAILURE}, severity: null}\n    expect: absent",
    )


@pytest.mark.parametrize(
    ("answer", "key", "message", "near"),
    [
        ("{Acount: null}", "Acount", "the answer of ListRoles has no Acount", ""),
        ("{Roles: [{RoleNam: null}]}", "Roles[0].RoleNam", "the answer of ListRoles has no RoleNam", "RoleName"),
        ("{Roles: [{RoleLastUsed: {Regon: x}}]}", "Roles[0].RoleLastUsed.Regon",
         "the answer of ListRoles has no Regon", "Region"),
    ],
)  # fmt: skip
def test_what_no_answer_has_is_a_mistake(tmp_path: Path, answer: str, key: str, message: str, near: str) -> None:
    """At any depth, with a value or with null, which would be met."""
    step = f"call: {{service: iam, operation: ListRoles, as: administrator}}\n    expect: {{answer: {answer}}}"
    (problem,) = problems_of(write(tmp_path, steps_text(step)))
    assert (problem.location.line, problem.location.key) == (5, f"steps[0].expect.answer.{key}")
    assert (problem.message, problem.did_you_mean) == (message, near)


def test_a_policy_in_an_answer_may_be_anything(tmp_path: Path) -> None:
    """It is a document of the user's own."""
    answer = "{Role: {AssumeRolePolicyDocument: {Anything: null}, PermissionsBoundary: null}}"
    steps_scenario(
        tmp_path,
        "call: {service: iam, operation: GetRole, parameters: {RoleName: ConnectAgent}, as: administrator}\n"
        f"    expect: {{answer: {answer}}}",
    )


def test_what_calls_are_given_and_answer_may_be_anything(tmp_path: Path) -> None:
    """And a hook may be made by a request to the management API."""
    steps_scenario(
        tmp_path,
        "okta: {request: {path: /api/v1/eventHooks, method: POST, body: {name: mine}}}",
        "cloudtrail: {requestParameters: {any: thing}, responseElements: {ConsoleLogin: Success}}\n    expect: absent",
        "event_hook: {hook: mine, debugContext: {debugData: {x: y}}}\n    expect: absent",
    )
