"""Finds the step that a failing login or a contradiction belongs to, by the key of the setting behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from emulator.access.remarks import Remark, few
from emulator.building.defaults import is_secret
from emulator.building.places import world_key
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.origins import Origin, OriginKind
from emulator.diagnosis.world_check import WorldCheck, origins_of
from emulator.kernel.errors import Location, Problem, Refusal
from emulator.setup_steps.homes import is_at, step_of
from emulator.setup_steps.identity_providers import field_of
from emulator.setup_steps.places import Places, shown
from emulator.setup_steps.step import Reason, Step, Value, Verdict
from emulator.setup_steps.subject import Subject
from emulator.world import World
from emulator.worldfile.consoles import console_place
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import key_text

# The steps that create what a step's settings refer to.
_NEEDS = {
    "app": ("instance",),
    "sign-on": ("identity-provider",),
    "assignment": ("identity-provider", "role"),
    "role": ("identity-provider",),
}
_ROWS = ("why", "cause", "want", "got", "from", "and", "fix")


def reasons_for(
    subject: Subject, steps: Sequence[Step], found: WorldCheck, contradicting: Iterable[Problem]
) -> Iterator[Reason]:
    """Yields what of a world's check is about one set-up, the logins that do not arrive first.

    Args:
        subject: The set-up.
        steps: Its steps.
        found: The check.
        contradicting: The settings that contradict each other.
    """
    groups = [group for group in found.failing if subject.name in group.apps]
    yield from (_of_group(group, subject.world) for group in groups)
    told = {key for group in groups for key in _keys(origins_of(group))}
    for problem in contradicting:
        key = problem.location.key
        if not any(is_at(key, each) or is_at(each, key) for each in told) and concerns(problem, subject, steps):
            yield _of_problem(problem, stops=not subject.arrives and not groups)
    for remark in found.findings:
        if concerns(remark.problem, subject, steps):
            reason = _of_problem(remark.problem, stops=True)
            yield _of_no_login(reason, remark, subject) if remark.rule == "no-login" else reason


def _of_no_login(reason: Reason, remark: Remark, subject: Subject) -> Reason:
    """Returns the reason of a person who does not come to the instance that they are a user of: it is at the setting
    that leads them elsewhere, or at the assignments, where they have none."""
    org = subject.world.settings.okta.get(subject.org_name)
    if org is None:
        return reason
    named = {word.strip(",").casefold() for word in remark.problem.message.split()}
    people = [login for login, each in org.users.items() if {login.casefold(), each.email.casefold()} & named]
    logins = [each for each in subject.decisions if each.who.person in people]
    if not logins:
        return replace(reason, keys=(key_text((*subject.app_key, "assignments")),), lacking=next(iter(people), ""))
    elsewhere = "default_relay_state" if all(each.is_aws for each in logins) else "acs_url"
    return replace(reason, keys=(key_text((*subject.app_key, elsewhere)),))


def concerns(problem: Problem, subject: Subject, steps: Iterable[Step]) -> bool:
    """Returns whether a problem is about something that belongs to a set-up: by its key, its place or its words."""
    key = problem.location.key
    if subject.app_name and is_at(key, key_text(subject.app_key)):
        return True
    things = [*(each.key for each in subject.roles), *(each.key for each in subject.instances)]
    if any(is_at(key, key_text(each)) for each in things):
        return True
    if any(f"the instance {each.settings.alias} " in problem.message for each in subject.instances):
        return True
    if any(problem.location == place for step in steps for place in _locations(step)):
        return True
    return bool(subject.instances) and key.startswith("pages")


def _locations(step: Step) -> Iterator[Location]:
    """Yields where a step's values are set, each with its own line."""
    for value in step.values:
        if (
            value.origin is not None
            and value.origin.location is not None
            and value.origin.kind is not OriginKind.DEFAULT
        ):
            yield value.origin.location


def _of_group(group: LoginGroup, world: World) -> Reason:
    told = group.result.diagnosis if group.result is not None else None
    roles = [role.rpartition("/")[2] for role in group.roles]
    headline = ("who", few(group.people) + (f", as {few(roles)}" if roles else ""))
    if told is None:
        return Reason((headline, ("why", group.problem)))
    said = (("said", _words(told.refusal)),) if told.refusal is not None else ()
    rows = tuple((name, text) for name, text in told.rows if name in _ROWS)
    return Reason((headline, *said, *rows), tuple(_all_keys(told, world)), settings=dict(_settings(told, world)))


def _words(refusal: Refusal) -> str:
    return refusal.message + (" (the emulator's wording)" if refusal.evidence == "assumed" else "")


def _all_keys(told: Diagnosis, world: World) -> Iterator[str]:
    """Yields the world's keys behind a diagnosis, what is inside a document too; of a seed the origins have its own."""
    yield from (key_text((*world_key(setting, world), *setting.inside)) for setting in told.settings)
    yield from _keys(told.origins)


def _settings(told: Diagnosis, world: World) -> Iterator[tuple[str, tuple[Key, str]]]:
    """Yields the settings that are behind a diagnosis, by the texts of their keys; none that is a secret."""
    for setting in told.settings:
        key = world_key(setting, world)
        if not is_secret(world.settings, key):
            wanted = setting.wanted if isinstance(setting.wanted, str) else ""
            yield key_text(key), (key, wanted)


def _keys(origins: Iterable[Origin]) -> Iterator[str]:
    yield from (each.location.key for each in origins if each.location is not None and each.location.key)


def _of_problem(problem: Problem, *, stops: bool) -> Reason:
    rows = [
        ("why", problem.message),
        ("want", problem.did_you_mean or problem.expected),
        ("from", str(problem.location)),
        ("fix", problem.fix),
    ]
    return Reason(
        tuple((name, text) for name, text in rows if text), (problem.location.key,), stops, location=problem.location
    )


def blamed(steps: Sequence[Step], reason: Reason, subject: Subject) -> list[Step]:
    """Returns the steps with a reason at the one that it belongs to, and the value behind it marked.

    Without a setting behind it, or with one that has no part in the set-up, it belongs to the login.
    """
    ids = [step.step_id for step in steps]
    homes = [(key, home) for key in reason.keys if (home := step_of(key, subject)) in ids]
    homes += [
        (value.key, step.step_id)
        for step in steps
        for value in step.values
        if reason.location is not None and value.origin is not None and value.origin.location == reason.location
    ]
    if not homes:
        return [step.with_reason(reason) if step.step_id == "login" else step for step in steps]
    key, home = homes[0]
    first = _missing_instead(steps, home)
    result = []
    for step in steps:
        keys = [key] if first == home == step.step_id else []
        if keys and reason.lacking:
            marked = replace(step, values=(*step.values, _assignment_of(reason.lacking, subject)))
        else:
            marked = _marked(step, key, reason, subject) if keys else step
        result.append(marked.with_reason(reason) if step.step_id == first else marked)
    return result


def _assignment_of(person: str, subject: Subject) -> Value:
    """Returns the missing assignment of a person."""
    key = (*subject.app_key, "assignments", 0, "user")
    place = console_place(key, subject.world.document.data)
    console, field = field_of(subject, "user")
    if not field and place is not None:
        console, field = place.console, " > ".join(place.parts)
    return Value(console, field, person, Verdict.MISSING, note="Or a group that the person is in, or is put into.")


def _missing_instead(steps: Sequence[Step], home: str) -> str:
    """Returns the step that a reason belongs to: where what a setting names is not there yet, that is what is left."""
    missing = {step.step_id for step in steps if any(value.verdict is Verdict.MISSING for value in step.values)}
    return next((other for other in _NEEDS.get(home, ()) if other in missing), home)


def _marked(step: Step, key: str, reason: Reason, subject: Subject) -> Step:
    """Returns a step with the value at a key marked as one that is wrong: the one itself, one around or inside it, or
    else one that is not shown where everything is right."""
    values = list(step.values)
    at = _index(values, key, said=" ".join(text for _, text in reason.rows))
    if at is not None:
        values[at] = values[at].differing(stops=reason.stops)
    elif key in reason.settings:
        values += _value_of(*reason.settings[key], subject)
    return replace(step, values=tuple(values))


def _value_of(key: Key, wanted: str, subject: Subject) -> Iterator[Value]:
    """Yields the value of a setting that is not shown where everything is right; none where no console has it."""
    data = subject.world.document.data
    if console_place(key, data) is None:
        return
    held, depth = value_at(data, key)
    now = held if depth == len(key) else None
    places = Places(subject.world)
    if isinstance(now, dict) and "Statement" in now:
        now = places.document(key)
    elif isinstance(now, dict) or (isinstance(now, list) and not all(isinstance(each, str) for each in now)):
        return  # a whole person, or a list of factors, is not the value of one field, and may hold a secret
    text = shown(now)
    yield places.at(key, text, wanted, verdict=Verdict.DIFFERS if text else Verdict.MISSING)


def _index(values: Sequence[Value], key: str, *, said: str) -> int | None:
    """Returns the value that a key is about: the nearest around it; else of those inside it one that is named."""
    known = [(index, each.key) for index, each in enumerate(values) if each.key and _counts(each)]
    names = {index for index, each in enumerate(values) if each.is_name}
    around = [(len(other), -i) for i, other in known if key == other or (is_at(key, other) and i not in names)]
    if around:
        return -max(around)[1]
    inside = [index for index, other in known if is_at(other, key)]
    return next((index for index in inside if values[index].value in said), next(iter(inside), None))


def _counts(value: Value) -> bool:
    return value.verdict not in {Verdict.OPTIONAL, Verdict.UNKNOWN}
