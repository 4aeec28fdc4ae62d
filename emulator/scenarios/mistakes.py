"""Mistakes in a scenario beyond its schema, each at its line, found before anything runs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from emulator.arrival import SHORTFALL_CHECKS
from emulator.building.faults import read_fault
from emulator.building.models import near_app
from emulator.diagnosis.check_texts import read_check_texts
from emulator.kernel.errors import FederationError, Problem
from emulator.scenarios.event_mistakes import event_mistakes
from emulator.scenarios.format.expectation_schema import Expectation
from emulator.scenarios.format.login_schema import LoginSettings
from emulator.scenarios.format.placeholders import names_in, texts_in
from emulator.scenarios.format.step_schema import ANONYMOUS, DEEDS, OF_CALLS, OF_EVENTS, CallSettings, StepSettings
from emulator.scenarios.format.values import require_jmespath
from emulator.scenarios.names_in_use import unused_captures
from emulator.scenarios.scenario_schema import ScenarioSettings
from emulator.scenarios.unknown_people import unknown_people
from emulator.world import World
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import YamlDocument

_OF_LOGINS: Final = ("role", "session_name", "lands_on", "saml_response", "credentials")
_CALLS: Final = frozenset(
    {"outcome", "service", "check", "code", "status", "message", "why", "setting", "answer", "oracle"}
)
_EVENTS: Final = frozenset({"outcome", "count", "oracle"})
_PAGES: Final = frozenset(Expectation.model_fields) - {"answer", "count"}
_OF_STS: Final = frozenset({"provider", "duration_seconds"})
_OF_BROWSERS: Final = frozenset(
    {"relay_state", "destination", "lands_on", "role_index", "pause_before_role", "same_browser"}
)


def mistakes_in(settings: ScenarioSettings, world: World, document: YamlDocument) -> Iterator[Problem]:
    """Yields the mistakes in a scenario that conforms to its schema.

    Args:
        document: File of the scenario.
    """
    yield from _unreadable_faults(settings.faults, ("faults",), document)
    yield from _unknown_apps(settings, world, document)
    yield from unknown_people(settings, world, document)
    yield from _without_effect(settings, document)
    yield from _unknown_checks(settings, document)
    if not settings.steps:
        yield from _unfit(settings.expect, "login", ("expect",), document)
        for index, then in enumerate(settings.then):
            if then.login is not None and then.login.refused_by is not None:
                place = document.location(("then", index, "login", "refused_by"))
                yield Problem(place, "only the first login is refused so, or that of a step", fix="Write steps.")
        return
    for name, value in (("login", settings.login), ("then", settings.then), ("faults", settings.faults)):
        if value:
            fix = {"login": "Make it the first of the steps: {login: …}.", "then": "Put what is in it into steps."}
            told = fix.get(name, "Write them beside the login of their step.")
            yield Problem(document.location((name,)), f"a scenario with steps has no {name} of its own", fix=told)
    yield from _about_steps(settings, world, document)


def _unknown_checks(settings: ScenarioSettings, document: YamlDocument) -> Iterator[Problem]:
    """Yields expected checks that do not exist: with ``xfail`` nobody would notice that they are never met."""
    expected: list[tuple[Key, Expectation | None]] = [
        (("expect",), settings.expect),
        *((("steps", index, "expect"), step.expect) for index, step in enumerate(settings.steps)),
    ]
    for key, expect in expected:
        if expect is not None and expect.check and expect.check not in _known_checks():
            message, near = f"there is no check {expect.check}", suggestion(expect.check, sorted(_known_checks()))
            yield Problem(document.location((*key, "check")), message, "a name that fedemu explain --list has", near)


@cache
def _known_checks() -> frozenset[str]:
    return SHORTFALL_CHECKS | read_check_texts().keys()


def _without_effect(settings: ScenarioSettings, document: YamlDocument) -> Iterator[Problem]:
    """Yields settings of a login that have no effect in its way: readers of the scenario would think they have."""
    logins: list[tuple[Key, LoginSettings | None]] = [
        (("login",), settings.login),
        *((("then", index, "login"), step.login) for index, step in enumerate(settings.then)),
        *((("steps", index, "login"), step.login) for index, step in enumerate(settings.steps)),
    ]
    made = [(key, login) for key, login in logins if login is not None]
    for number, (key, login) in enumerate(made):
        names = _OF_BROWSERS if login.via == "sts" else _OF_STS
        for name in sorted(login.model_fields_set & names):
            if getattr(login, name) != LoginSettings.model_fields[name].default:
                way = "a browser" if login.via == "sts" else "via: sts"
                yield Problem(
                    document.location((*key, name)), f"{name} is of a login with {way}, and does nothing here"
                )
        if login.same_browser and number == 0:
            yield Problem(document.location((*key, "same_browser")), "there is no login before this one")


def _about_steps(settings: ScenarioSettings, world: World, document: YamlDocument) -> Iterator[Problem]:
    captured: dict[str, bool] = {}
    outcomes = [index for index, step in enumerate(settings.steps) if step.deed and step.deed not in OF_EVENTS]
    for index, step in enumerate(settings.steps):
        key: Key = ("steps", index)
        yield from _unreadable_faults(step.faults, (*key, "faults"), document)
        if step.faults and step.login is None:
            yield Problem(document.location((*key, "faults")), "faults are of a login, and this step has none", "login")
        yield from _unknown_captures(document.data["steps"][index], key, captured, document)
        if step.call is not None:
            signers = _signers(settings.steps[:index], [name for name, secret in captured.items() if secret], world)
            yield from _about_call(step.call, (*key, "call"), signers, document)
        if step.expect is not None:
            yield from _unknown_answers(step, key, document)
            yield from _unfit(step.expect, step.deed, (*key, "expect"), document)
        if step.deed in OF_EVENTS:
            yield from event_mistakes(step, key, world, document)
        yield from _about_captures(step, key, captured, document)
    if "expect" in document.data:
        last = settings.steps[outcomes[-1]] if outcomes else None
        place = document.location(("expect",))
        if last is None:
            yield Problem(place, "no step comes to anything that is expected here", "a login, a page or a call")
        elif last.expect is not None:
            message = f"the last step, steps[{outcomes[-1]}], has an expectation already"
            yield Problem(place, message, "one of the two")
        else:
            yield from _unfit(settings.expect, last.deed, ("expect",), document)
        yield from _unknown_captures({"expect": document.data["expect"]}, (), captured, document)
    yield from unused_captures(document)


def _unfit(expect: Expectation, deed: str, key: Key, document: YamlDocument) -> Iterator[Problem]:
    """Yields the expectations that a step of this kind cannot meet, and those that say nothing."""
    written, depth = value_at(document.data, key)
    for name in written if depth == len(key) and isinstance(written, dict) else ():
        if written[name] is None:
            told = f"null says nothing about {name}: whatever comes of it would be right"
            yield Problem(document.location((*key, name)), told, "a value, or nothing at all")
    fits = _EVENTS if deed in OF_EVENTS else _CALLS if deed in OF_CALLS else _PAGES
    what = {"call": "a call", "okta": "a change in Okta", "login": "a login"}.get(deed, f"a step with {deed}")
    if not deed:
        yield Problem(document.location(key), "time that passes comes to nothing that could be expected")
        return
    for name in sorted(expect.model_fields_set - fits):
        if getattr(expect, name) is not None:
            told = f"{what} has no {name} to expect"
            yield Problem(
                document.location((*key, name)), told, ", ".join(sorted(fits)), suggestion(name, sorted(fits))
            )
    outcomes = {"accepted", "there", "absent"} if deed in OF_EVENTS else {"accepted", "refused", *_ends(deed)}
    if expect.outcome is not None and expect.outcome not in outcomes:
        words = "there or absent" if deed in OF_EVENTS else ", ".join(sorted(outcomes))
        yield Problem(document.location((*key, "outcome")), f"{what} does not end as {expect.outcome}", words)
    if expect.count is not None and expect.outcome == "absent":
        yield Problem(document.location((*key, "count")), "give either absent or count")


def _ends(deed: str) -> tuple[str, ...]:
    return () if deed in OF_CALLS else ("elsewhere", "stopped")


def _about_call(call: CallSettings, key: Key, signers: Sequence[str], document: YamlDocument) -> Iterator[Problem]:
    """Yields the mistakes in a call: an operation or parameters unknown to botocore, or an unknown signer."""
    # importing botocore takes a quarter of a second
    from emulator.network.calls.aws_calls import known_regions, operations_of, parameter_mistakes

    if call.region is not None and not names_in(call.region) and call.region not in (regions := known_regions()):
        near = suggestion(call.region, regions)
        message = f"AWS has no region {call.region}"
        yield Problem(document.location((*key, "region")), message, "a region such as ap-northeast-1", near)
    known = operations_of(call.service)
    if call.operation not in known:
        message = f"{call.service} has no operation {call.operation}"
        near = suggestion(call.operation, known)
        yield Problem(document.location((*key, "operation")), message, f"as boto3 knows them: {known[0]}, …", near)
        return
    if not any(names_in(text) for _, text in texts_in(call.parameters)):
        told = parameter_mistakes(call.service, call.operation, call.parameters)
        if told:
            yield Problem(document.location((*key, "parameters")), told, f"the parameters of {call.operation}")
    if call.as_ is not None and call.as_ not in signers and not names_in(call.as_):
        message = f"{call.as_} has no credentials before this step"
        near = suggestion(call.as_, list(signers))
        yield Problem(document.location((*key, "as")), message, ", ".join(signers), near)


def _unknown_answers(step: StepSettings, key: Key, document: YamlDocument) -> Iterator[Problem]:
    """Yields the keys that an operation's answer never has: with null a misspelt one would be met."""
    if step.call is None or step.expect is None or not isinstance(step.expect.answer, dict):
        return
    from emulator.network.calls.aws_calls import answer_keys, operations_of

    if step.call.operation not in operations_of(step.call.service):
        return
    pending: list[tuple[Key, Any, Any]] = [
        ((*key, "expect", "answer"), step.expect.answer, answer_keys(step.call.service, step.call.operation))
    ]
    for inside, wanted, known in pending:
        if isinstance(wanted, list):
            pending += [((*inside, index), each, known) for index, each in enumerate(wanted)]
        if not isinstance(wanted, dict) or known is None:
            continue
        for name, value in wanted.items():
            if name in known:
                pending.append(((*inside, name), value, known[name]))
            elif not names_in(name):
                message, near = f"the answer of {step.call.operation} has no {name}", suggestion(name, list(known))
                expected = ", ".join(known) or "nothing"
                yield Problem(document.location((*inside, name)), message, expected, near)


def _signers(before: Sequence[StepSettings], captured: Sequence[str], world: World) -> list[str]:
    """Returns who can sign a call: captured credentials, people with credentials, IAM users with a key, and nobody."""
    logins = [step.login.user for step in before if step.login is not None and step.login.via == "sts"]
    users = [
        name for account in world.settings.aws.values() for name, user in account.users.items() if user.access_keys
    ]
    return list(dict.fromkeys([*captured, *logins, *users, ANONYMOUS]))


def _about_captures(
    step: StepSettings, key: Key, captured: dict[str, bool], document: YamlDocument
) -> Iterator[Problem]:
    """Yields the mistakes in a step's captures, and adds the names to the known ones.

    Args:
        key: Key of the step.
        captured: Names so far, and whether each holds credentials.
    """
    for name, what in step.capture.items():
        place = document.location((*key, "capture", name))
        if name in captured:
            yield Problem(place, f"an earlier step captures {name} already", "another name")
        captured[name] = what == "credentials"
        if step.deed in OF_CALLS | OF_EVENTS:
            try:
                require_jmespath(what)
            except ValueError as error:
                yield Problem(place, str(error), "such as Role.Arn")
            captured[name] = what.rpartition(".")[2] in {"Credentials", "AccessKey"}
        elif step.deed not in {"login", "open", "frame"}:
            yield Problem(place, "time that passes leaves nothing to capture", ", ".join(DEEDS))
        elif what not in _OF_LOGINS:
            message = f"a login has no {what} to capture"
            yield Problem(place, message, ", ".join(_OF_LOGINS), suggestion(what, _OF_LOGINS))
        elif what == "credentials" and (step.login is None or step.login.via != "sts"):
            message = "this step gets no credentials: a browser has a session in their place"
            yield Problem(place, message, "a login with via: sts")


def _unknown_captures(written: Any, key: Key, captured: dict[str, bool], document: YamlDocument) -> Iterator[Problem]:
    """Yields the names in braces that no earlier step captured, and credentials that would appear in a text."""
    for inside, text in texts_in(written, key):
        for name in names_in(text):
            if name not in captured:
                known = ", ".join(captured) or "a name that an earlier step captures"
                message = f"nothing before this step is called {name}"
                yield Problem(document.location(inside), message, known, suggestion(name, list(captured)))
            elif captured[name]:
                message = f"{name} holds credentials, which no text shows"
                yield Problem(document.location(inside), message, f"as: {name} in a call")


def _unreadable_faults(faults: Sequence[dict[str, Any]], key: Key, document: YamlDocument) -> Iterator[Problem]:
    """Yields what is wrong with faults, each at its line."""
    for index, fault in enumerate(faults):
        try:
            read_fault(fault)
        except FederationError as error:
            yield Problem(document.location((*key, index)), error.message, error.expected, fix=error.fix)


def _unknown_apps(settings: ScenarioSettings, world: World, document: YamlDocument) -> Iterator[Problem]:
    """Yields the logins to an app that no org of the world has."""
    known = [f"{org}/{app}" for org, each in world.settings.okta.items() for app in each.apps]
    logins: list[tuple[Key, LoginSettings | None]] = [(("login",), settings.login)]
    logins += [(("then", index, "login"), step.login) for index, step in enumerate(settings.then)]
    logins += [(("steps", index, "login"), step.login) for index, step in enumerate(settings.steps)]
    for key, login in logins:
        if login is None or names_in(login.app):
            continue
        found = [each for each in known if login.app in {each, each.partition("/")[2]}]
        if len(found) == 1:
            continue
        message = f"several orgs have an app {login.app}" if found else f"there is no app {login.app}"
        location = document.location((*key, "app"))
        yield Problem(location, message, " or ".join(known), "" if found else near_app(login.app, known))
