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


def test_what_calls_are_given_and_answer_may_be_anything(tmp_path: Path) -> None:
    """And a hook may be made by a request to the management API."""
    steps_scenario(
        tmp_path,
        "okta: {request: {path: /api/v1/eventHooks, method: POST, body: {name: mine}}}",
        "cloudtrail: {requestParameters: {any: thing}, responseElements: {ConsoleLogin: Success}}\n    expect: absent",
        "event_hook: {hook: mine, debugContext: {debugData: {x: y}}}\n    expect: absent",
    )
