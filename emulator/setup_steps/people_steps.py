"""The steps of the people: who has the app, and the login itself."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.access.remarks import counted
from emulator.setup_steps.identity_providers import field_of, product_of
from emulator.setup_steps.places import Places, joined
from emulator.setup_steps.step import Step, Value, Verdict
from emulator.setup_steps.subject import Subject
from emulator.worldfile.schema.okta_app_schema import Assignment, OktaApp
from emulator.worldfile.schema.schema_check import suggestion
from emulator.worldfile.text.yaml_data import Key

_ONLY_TILE = (
    "Only the identity provider begins a login: opening the instance's own address leads to its page of ended "
    "sessions, and never to the identity provider."
)


def assignment_step(subject: Subject, settings: OktaApp, places: Places) -> Step:
    """Returns the step of the assignments."""
    values: list[Value] = []
    for index, each in enumerate(settings.assignments):
        values += list(_assignment(subject, settings, places, index, each))
    if not values:
        console, field = field_of(subject, "group")
        key = (*subject.app_key, "assignments")
        values.append(places.at((*key, 0, "group"), "", "a group of people, or a person", console=console, field=field))
        if not subject.is_custom and not settings.use_group_mapping:
            roles = ", ".join(role.name for role in subject.roles) or "the role of step 6"
            values += [_role_field(subject, places, (*key, 0, name), "", roles) for name in ("role", "saml_user_roles")]
    notes: tuple[str, ...] = ()
    if settings.use_group_mapping:
        notes = ("Group mapping is on: the roles come from the names of the groups, and not from the assignments.",)
    return Step("9", "assignment", f"{product_of(subject)}: the assignment of people and groups", tuple(values), notes)


def _assignment(
    subject: Subject, settings: OktaApp, places: Places, index: int, assignment: Assignment
) -> Iterator[Value]:
    key: Key = (*subject.app_key, "assignments", index)
    name = "user" if assignment.user is not None else "group"
    console, field = field_of(subject, name)
    yield places.at((*key, name), assignment.user or assignment.group or "", console=console, field=field)
    if subject.is_custom or settings.use_group_mapping:
        return
    if assignment.role:
        right = _right(subject, assignment.role)
        is_used = not assignment.saml_user_roles
        yield _role_field(subject, places, (*key, "role"), assignment.role, right, stops=is_used)
    for at, role in enumerate(assignment.saml_user_roles):
        yield _role_field(subject, places, (*key, "saml_user_roles", at), role, _right(subject, role))
    if not assignment.role and not assignment.saml_user_roles:
        wanted = ", ".join(role.name for role in subject.roles)
        yield _role_field(subject, places, (*key, "saml_user_roles"), "", wanted or "the role of step 6")


def _right(subject: Subject, role: str) -> str:
    """Returns the role that is meant by a name that no role has; the name itself where one has it."""
    account = subject.world.settings.aws.get(subject.account_id)
    known = list(account.roles) if account is not None else []
    return role if role in known else suggestion(role, known) or role


def _role_field(subject: Subject, places: Places, key: Key, now: str, right: str, *, stops: bool = True) -> Value:
    name = next(part for part in reversed(key) if isinstance(part, str))
    console, field = field_of(subject, name)
    same_as = ("the role's name in IAM (step 6)",)
    return places.at(
        key, now, "" if now else right, console=console, field=field, same_as=same_as, stops=stops, right=right
    )


def login_step(subject: Subject, settings: OktaApp) -> Step:
    """Returns the last step: the tile, and whether everybody arrives."""
    arriving = sum(each.arrives for each in subject.decisions)
    failing = len(subject.decisions) - arriving
    people = len({each.who.person for each in subject.decisions})
    where = f"{subject.dashboard_url} > My Apps" if subject.style == "okta" else "The start page of applications"
    if not subject.decisions:
        note, verdict = "Nobody has the app, so that nobody can log in.", Verdict.MISSING
    elif failing:
        all_of_them = f"{counted(len(subject.decisions), 'login')} of {counted(people, 'person', 'people')}"
        some = f"{failing:,} of {all_of_them}" if arriving else f"None of {all_of_them}"
        note = f"{some} {'does' if failing == 1 else 'do'} not arrive." if arriving else f"{some} arrives."
        verdict = Verdict.DIFFERS
    else:
        are = "arrives" if arriving == 1 else "arrive"
        note, verdict = f"{counted(arriving, 'login')} of {counted(people, 'person', 'people')} {are}.", Verdict.DONE
    tile = Value(product_of(subject), joined(where, "the tile"), settings.label, verdict, note=note)
    notes = (_ONLY_TILE,) if subject.leads_to_connect else ()
    return Step("11", "login", "The login: the tile on the dashboard", (tile,), notes)
