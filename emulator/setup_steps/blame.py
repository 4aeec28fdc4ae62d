"""Which step a login that does not arrive, or a contradiction, belongs to: by the key of the setting behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from emulator.access.remarks import Remark, few
from emulator.diagnosis.login_groups import LoginGroup
from emulator.diagnosis.origins import Origin
from emulator.diagnosis.world_check import WorldCheck, origins_of
from emulator.kernel.errors import Problem
from emulator.setup_steps.identity_providers import field_of
from emulator.setup_steps.step import Reason, Step, Value, Verdict
from emulator.setup_steps.subject import Subject
from emulator.worldfile.consoles import console_place
from emulator.worldfile.yaml_file import key_text

_INSTANCE = "instance"
# Of an app's settings, by the first part of the key that matters: the steps of those that are not the app's own (2).
_OF_APP = {
    "identity_provider_arn": "sign-on",
    "session_duration": "sign-on",
    "join_all_roles": "sign-on",
    "use_group_mapping": "sign-on",
    "app_filter": "sign-on",
    "group_filter": "sign-on",
    "role_value_pattern": "sign-on",
    "username_format": "sign-on",
    "environment": "sign-on",
    "acs_url": "sign-on",
    "assertion_encryption": "sign-on",
    "saml": "sign-on",
    "provisioning": "provisioning",
    "assignments": "assignment",
    "mfa": "login",
}
_OF_ACCOUNT = {
    "saml_providers": "identity-provider",
    "policies": "connect-policy",
    "organization": "connect-policy",
    "users": "iam-user",
    "groups": "iam-user",
    "roles": "role",
    "disabled_sts_regions": "role",
    "connect": _INSTANCE,
}
_OF_INSTANCE = {
    "users": "connect-users",
    "security_profiles": "connect-users",
    "routing_profiles": "connect-users",
    "approved_origins": "custom-ccp",
    "cookie_same_site": "custom-ccp",
    "origin_propagation_delay": "custom-ccp",
    "load_delay": "custom-ccp",
}
# The steps that make what a step's settings name.
_NEEDS = {
    "app": ("instance",),
    "sign-on": ("identity-provider",),
    "assignment": ("identity-provider", "role"),
    "role": ("identity-provider",),
}
_ROWS = ("why", "cause", "want", "got", "from", "and", "fix")


def step_of(key: str, subject: Subject) -> str:
    """Returns the step that a world's key belongs to; empty where it has no part in the set-up.

    Args:
        key: The key, as text.
        subject: Whose set-up it is.
    """
    if key == "pages" or key.startswith("pages."):
        return "custom-ccp"
    if subject.app_name and _is_at(key, key_text(subject.app_key)):
        return _OF_APP.get(_next(key, key_text(subject.app_key)), "app")
    org = key_text(("okta", subject.org_name)) if subject.org_name else "-"
    if _is_at(key, org) and not _is_at(key, f"{org}.apps"):
        is_of_groups = re.search(r"\.groups(?:\[\d+\])?$", key) or key == f"{org}.users"
        return "assignment" if is_of_groups else "login"
    for account_id in subject.accounts:
        account = key_text(("aws", account_id))
        if _is_at(key, account):
            return _of_account(key, account, subject)
    return "identity-provider" if key == "aws" else ""


def _of_account(key: str, account: str, subject: Subject) -> str:
    for instance in subject.instances:
        at = key_text(instance.key)
        if _is_at(key, at):
            return _OF_INSTANCE.get(_next(key, at), _INSTANCE)
    if ".inline_policies." in key and _is_at(key, f"{account}.roles"):
        return "connect-policy"
    return _OF_ACCOUNT.get(_next(key, account), "identity-provider")


def _is_at(key: str, place: str) -> bool:
    return key == place or key.startswith((f"{place}.", f"{place}["))


def _next(key: str, place: str) -> str:
    """Returns the part of a key that comes after a place."""
    return re.split(r"[.\[]", key[len(place) + 1 :])[0]


def reasons_for(subject: Subject, found: WorldCheck, contradicting: Iterable[Problem]) -> Iterator[Reason]:
    """Yields what of a world's check is about one set-up, the logins that do not arrive first.

    Args:
        subject: The set-up.
        found: The check.
        contradicting: The settings that contradict each other.
    """
    groups = [group for group in found.failing if subject.name in group.apps]
    yield from (_of_group(group) for group in groups)
    told = {key for group in groups for key in _keys(origins_of(group))}
    for problem in contradicting:
        key = problem.location.key
        if not any(_is_at(key, each) or _is_at(each, key) for each in told) and _concerns(problem, subject):
            yield _of_problem(problem, stops=not subject.arrives and not groups)
    for remark in found.findings:
        if _concerns(remark.problem, subject):
            reason = _of_problem(remark.problem, stops=True)
            yield _of_no_login(reason, remark, subject) if remark.rule == "no-login" else reason


def _of_no_login(reason: Reason, remark: Remark, subject: Subject) -> Reason:
    """Returns the reason of a person who does not come to the instance that they are a user of: it is at the setting
    that leads them elsewhere, or at the assignments, where they have none."""
    user = remark.problem.location.key.casefold()
    org = subject.world.settings.okta.get(subject.org_name)
    if org is None:
        return reason
    people = [
        login
        for login, each in org.users.items()
        if user.endswith((f".{login}".casefold(), f".{each.email}".casefold()))
    ]
    logins = [each for each in subject.decisions if each.who.person in people]
    if not logins:
        return replace(reason, keys=(key_text((*subject.app_key, "assignments")),), lacking=next(iter(people), ""))
    elsewhere = "default_relay_state" if all(each.is_aws for each in logins) else "acs_url"
    return replace(reason, keys=(key_text((*subject.app_key, elsewhere)),))


def _concerns(problem: Problem, subject: Subject) -> bool:
    """Whether a problem is about something that belongs to the set-up."""
    key = problem.location.key
    if subject.app_name and _is_at(key, key_text(subject.app_key)):
        return True
    things = [*(each.key for each in subject.roles), *(each.key for each in subject.instances)]
    if any(_is_at(key, key_text(each)) for each in things):
        return True
    return bool(subject.instances) and (problem.location.key == "" or key.startswith("pages"))


def _of_group(group: LoginGroup) -> Reason:
    told = group.result.diagnosis if group.result is not None else None
    roles = [role.rpartition("/")[2] for role in group.roles]
    headline = ("who", few(group.people) + (f", as {few(roles)}" if roles else ""))
    if told is None:
        return Reason((headline, ("why", group.problem)))
    said = (("said", told.refusal.message),) if told.refusal is not None else ()
    rows = tuple((name, text) for name, text in told.rows if name in _ROWS)
    return Reason((headline, *said, *rows), tuple(_keys(told.origins)))


def _keys(origins: Iterable[Origin]) -> Iterator[str]:
    yield from (each.location.key for each in origins if each.location is not None and each.location.key)


def _of_problem(problem: Problem, *, stops: bool) -> Reason:
    rows = [
        ("why", problem.message),
        ("want", problem.did_you_mean or problem.expected),
        ("from", str(problem.location)),
        ("fix", problem.fix),
    ]
    return Reason(tuple((name, text) for name, text in rows if text), (problem.location.key,), stops)


def blamed(steps: Sequence[Step], reason: Reason, subject: Subject) -> list[Step]:
    """Returns the steps with a reason at the one that it belongs to, and the value behind it marked.

    Without a setting behind it, or with one that has no part in the set-up, it belongs to the login.
    """
    ids = [step.step_id for step in steps]
    homes = [(key, home) for key in reason.keys if (home := step_of(key, subject)) in ids]
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
            marked = _marked(step, keys, reason) if keys else step
        result.append(marked.with_reason(reason) if step.step_id == first else marked)
    return result


def _assignment_of(person: str, subject: Subject) -> Value:
    """Returns the assignment that a person lacks."""
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


def _marked(step: Step, keys: Sequence[str], reason: Reason) -> Step:
    """Returns a step with the value at a key marked as one that is wrong: the one itself, or one around or inside."""
    values = list(step.values)
    for key in keys:
        at = _index(values, key, said=" ".join(text for _, text in reason.rows))
        if at is not None:
            values[at] = values[at].differing(stops=reason.stops)
    return replace(step, values=tuple(values))


def _index(values: Sequence[Value], key: str, *, said: str) -> int | None:
    """Returns the value that a key is about: the nearest around it; else of those inside it one that is named."""
    known = [(index, each.key) for index, each in enumerate(values) if each.key and _counts(each)]
    around = [(len(other), -index) for index, other in known if _is_at(key, other)]
    if around:
        return -max(around)[1]
    inside = [index for index, other in known if _is_at(other, key)]
    return next((index for index in inside if values[index].value in said), next(iter(inside), None))


def _counts(value: Value) -> bool:
    return value.verdict not in {Verdict.OPTIONAL, Verdict.UNKNOWN}
