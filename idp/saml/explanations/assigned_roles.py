"""Why assignments gave a person their roles, or none: which assignment took precedence, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from emulator.kernel.explanations import Change, Explanation, Setting
from emulator.kernel.records import dataclass
from idp.model import Assignment
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import (
    PROVIDER,
    ROLE,
    Disagreement,
    arns_in,
    disagreements,
    is_pair,
    wanted_arns,
)
from idp.saml.wording import change, difference, key_text, one_of


@dataclass(frozen=True, slots=True)
class AssignedRole:
    """A role as an assignment names it, and the Role value that it becomes.

    Args:
        name: Name as written: ``rolename`` or ``[alias] -- rolename``.
        value: The Role value.
        assignment: The assignment that names it.
        path: Path of the role's name, from the app on.
    """

    name: str
    value: str
    assignment: Assignment
    path: tuple[str | int, ...]


def roles_by_assignment(message: IssuedMessage, assignments: tuple[Assignment, ...]) -> Iterator[AssignedRole]:
    """Yields the roles of some of the app's assignments."""
    for assignment in assignments:
        index = next(i for i, each in enumerate(message.app.assignments) if each is assignment)
        for position, name in enumerate(assignment.roles):
            where: tuple[str | int, ...] = ("saml_user_roles", position) if assignment.saml_user_roles else ("role",)
            yield AssignedRole(name, _value(message, name), assignment, ("assignments", index, *where))


def _value(message: IssuedMessage, name: str) -> str:
    alone = Assignment(user=message.user.login, saml_user_roles=(name,))
    app = replace(message.app, assignments=(alone,), use_group_mapping=False, status="ACTIVE")
    return next(iter(message.roles_of(app)), "")


def assigned_values(message: IssuedMessage) -> tuple[str, ...]:
    """Returns the Role values that the assignments give, whether or not group mapping replaces them."""
    return message.roles_of(replace(message.app, use_group_mapping=False))


def roles_to_assign(message: IssuedMessage) -> tuple[str, ...]:
    """Returns the names of the roles in the app's assignments, each once: candidates for another assignment."""
    return tuple(dict.fromkeys(role for assignment in message.app.assignments for role in assignment.roles))


def explain_assigned_roles(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the Role values of assignments come from, or why there are none."""
    given = message.org.assigned(message.app, message.user)
    chosen = given if message.app.join_all_roles else given[:1]
    roles = tuple(roles_by_assignment(message, chosen))
    if not roles:
        return _no_roles(message, given, wanted)
    left_out = tuple(roles_by_assignment(message, given[len(chosen) :]))
    values = tuple(each.value for each in roles)
    wanted_roles = wanted_arns(wanted, ROLE)
    if wanted_roles and not _has(values, wanted_roles):
        withheld = [each for each in left_out if _has((each.value,), wanted_roles)]
        if withheld:
            return _not_joined(message, roles, tuple(withheld))
    no_pair = next((each for each in roles if not is_pair(each.value)), None)
    if no_pair is not None and not wanted:
        return _wrong_provider_arn(message, no_pair.value)
    found = next(disagreements(values, wanted), None)
    if found is not None:
        return _disagreement(message, next(each for each in roles if each.value == found.value), found)
    return Explanation(
        f"The roles are those of the assignment to {who(roles[0].assignment)}{_why_it_wins(message, given)}.",
        (message.setting(*roles[0].path), message.setting("identity_provider_arn")),
        want=one_of(wanted),
        got=one_of(values),
    )


def _has(values: tuple[str, ...], roles: tuple[object, ...]) -> bool:
    return any(arn in roles for value in values for arn in arns_in(value))


def who(assignment: Assignment) -> str:
    """Returns the user or group of an assignment, in words."""
    return f"the user {assignment.user}" if assignment.user else f"the group {assignment.group}"


def _why_it_wins(message: IssuedMessage, given: tuple[Assignment, ...]) -> str:
    if message.app.join_all_roles or len(given) < 2:
        return ""
    others = ", ".join(who(each) for each in given[1:])
    return f", which comes before the one to {others} since Join all roles is off"


def _not_joined(
    message: IssuedMessage, roles: tuple[AssignedRole, ...], withheld: tuple[AssignedRole, ...]
) -> Explanation:
    names, by = ", ".join(each.name for each in withheld), who(withheld[0].assignment)
    return Explanation(
        f"Join all roles is off, so {message.user.login} has the roles of the assignment to "
        f"{who(roles[0].assignment)} alone; {names} of the assignment to {by} is left out.",
        (message.setting("join_all_roles"), message.setting("assignments")),
        want=one_of(each.value for each in withheld),
        got=one_of(each.value for each in roles),
        fix=change("join_all_roles", "true"),
        changes=(Change(message.setting("join_all_roles"), True),),
    )


def _no_roles(message: IssuedMessage, given: tuple[Assignment, ...], wanted: tuple[str, ...]) -> Explanation:
    app, login = message.app, message.user.login
    mapped = message.roles_of(replace(app, use_group_mapping=True))
    index = next(i for i, each in enumerate(app.assignments) if each is given[0])
    others = tuple(roles_by_assignment(message, given[1:])) if not app.join_all_roles else ()
    if others:
        return Explanation(
            f"The assignment to {who(given[0])} has no roles, and since Join all roles is off it comes before the one "
            f"to {who(others[0].assignment)}, which has {', '.join(each.name for each in others)}.",
            (message.setting("join_all_roles"), message.setting("assignments", index)),
            want=one_of(each.value for each in others),
            got="an assignment without roles",
            fix=change("join_all_roles", "true"),
            changes=(Change(message.setting("join_all_roles"), True),),
        )
    if mapped:
        return Explanation(
            f"Use Group Mapping is off, and the assignment to {who(given[0])} has no roles; the group filter fits "
            f"{login}'s groups.",
            (message.setting("use_group_mapping"), message.setting("assignments", index)),
            want=one_of(wanted) or one_of(mapped),
            got="no roles",
            fix=change("use_group_mapping", "true"),
            changes=(Change(message.setting("use_group_mapping"), True),),
        )
    names, key = _names_for(message, wanted), f"assignments[{index}].saml_user_roles"
    return Explanation(
        f"{app.label} is assigned to {who(given[0])}, but the assignment has no roles.",
        (message.setting("assignments", index),),
        want=one_of(wanted) or (f"SAML User Roles such as {names}" if names else "SAML User Roles"),
        got="an assignment without role and without saml_user_roles",
        fix=change("assignments", f"[{names}]", key=key)
        if names
        else f"Set {key} to the names of the person's roles in AWS (app > Assignments > assignment > SAML User Roles).",
    )


def _names_for(message: IssuedMessage, wanted: tuple[str, ...]) -> str:
    """Returns the names of roles that an assignment could have: wanted ones, or else those of the other assignments."""
    names = [arn.name for arn in wanted_arns(wanted, ROLE)] or list(roles_to_assign(message))
    provisioned = message.app.provisioning.roles if message.app.provisioning else ()
    return ", ".join(names[:3] or provisioned[:1])


def _wrong_provider_arn(message: IssuedMessage, value: str) -> Explanation:
    return Explanation(
        "The Identity Provider ARN of the app gives no provider's ARN.",
        (message.setting("identity_provider_arn"),),
        want="arn:aws:iam::123456789012:saml-provider/okta",
        got=f"{message.app.identity_provider_arn}, which makes {value}",
        fix="Set identity_provider_arn to the ARN of the SAML provider (app > Sign On > Identity Provider ARN).",
    )


def _disagreement(message: IssuedMessage, role: AssignedRole, found: Disagreement) -> Explanation:
    marked = difference(str(found.want), str(found.got))
    how = f": {marked}" if marked else ""
    path, entry = message.setting(*role.path), key_text(role.path)
    arn = message.setting("identity_provider_arn")
    want, got = str(found.want), str(found.got)
    is_elsewhere = role.name.startswith("[")
    if found.got.kind == PROVIDER and not is_elsewhere:
        fix = change("identity_provider_arn", str(found.want))
        return Explanation(
            f"The Identity Provider ARN of the app names another provider{how}.",
            (arn,),
            want=want,
            got=got,
            fix=fix,
            changes=(Change(arn, want),),
        )
    if found.parts == ("name",) and found.got.kind == ROLE:
        name = role.name.replace(found.got.name, found.want.name)
        return Explanation(
            f"The role {role.name} comes from the assignment to {who(role.assignment)}{how}.",
            (path,),
            fix=change("assignments", name, key=entry),
            want=want,
            got=got,
            changes=(Change(path, name),),
        )
    if is_elsewhere:
        return _elsewhere(message, role, found)
    fix = change("identity_provider_arn", _moved(message, found))
    changes = (Change(arn, _moved(message, found)),)
    if found.got.name != found.want.name:
        fix = change("assignments", found.want.name, key=entry)
        changes = (Change(path, found.want.name),)
    return Explanation(
        f"A role is looked for in the account of the app's Identity Provider ARN, {found.got.account}{how}.",
        (arn, path),
        fix=fix,
        want=want,
        got=got,
        changes=changes,
    )


def _moved(message: IssuedMessage, found: Disagreement) -> str:
    """Returns the Identity Provider ARN moved to the wanted account and partition."""
    own = next(iter(arns_in(message.app.identity_provider_arn)), found.want)
    return str(replace(own, partition=found.want.partition, account=found.want.account))


def _elsewhere(message: IssuedMessage, role: AssignedRole, found: Disagreement) -> Explanation:
    """Explains a role of another account, which is named by its alias."""
    alias = role.name[1:].partition("]")[0]
    known = message.app.provisioning.accounts if message.app.provisioning else {}
    entry = key_text(role.path)
    other = next((name for name, account in known.items() if account == found.want.account), found.want.account)
    causes: tuple[Setting, ...] = (message.setting(*role.path), message.setting("provisioning"))
    if found.got.kind == PROVIDER and "name" in found.parts:
        causes = (message.setting("identity_provider_arn"), causes[0])
        provider = str(replace(found.want, account=_own_account(message)))
        fix = change("identity_provider_arn", provider)
        changes = (Change(causes[0], provider),)
    else:
        name = found.want.name if found.got.kind == ROLE else role.name.partition("] -- ")[2]
        fix = change("assignments", f"[{other}] -- {name}", key=entry)
        changes = (Change(causes[0], f"[{other}] -- {name}"),)
    return Explanation(
        f"The role {role.name} of the assignment to {who(role.assignment)} is one of the account {alias}"
        + (f", which is {known[alias]}." if alias in known else ", which the API integration has not found."),
        causes,
        want=str(found.want),
        got=str(found.got),
        fix=fix,
        changes=changes,
    )


def _own_account(message: IssuedMessage) -> str:
    return next((arn.account for arn in arns_in(message.app.identity_provider_arn)), "")


def withheld_by_assignments(message: IssuedMessage) -> Iterator[tuple[str, Explanation]]:
    """Yields Role values that the person does not get, each with why: not joined, or assigned to others."""
    app, login = message.app, message.user.login
    given = message.org.assigned(app, message.user)
    chosen = given if app.join_all_roles else given[:1]
    roles = tuple(roles_by_assignment(message, chosen))
    for each in roles_by_assignment(message, given[len(chosen) :]):
        yield each.value, (_not_joined(message, roles, (each,)) if roles else _no_roles(message, given, (each.value,)))
    for index, assignment in enumerate(app.assignments):
        if assignment.role and assignment.saml_user_roles and any(assignment is each for each in chosen):
            yield (
                _value(message, assignment.role),
                Explanation(
                    f"The assignment to {who(assignment)} has SAML User Roles, which take the place of its Role "
                    f"{assignment.role}.",
                    (message.setting("assignments", index, "saml_user_roles"),),
                    want=f"saml_user_roles with {assignment.role}",
                    got=", ".join(assignment.saml_user_roles),
                    fix=change(
                        "assignments",
                        f"[{', '.join((*assignment.saml_user_roles, assignment.role))}]",
                        key=f"assignments[{index}].saml_user_roles",
                    ),
                    changes=(
                        Change(
                            message.setting("assignments", index, "saml_user_roles"),
                            [*assignment.saml_user_roles, assignment.role],
                        ),
                    ),
                ),
            )
    strange = tuple(each for each in app.assignments if not any(each is mine for mine in given))
    for each in roles_by_assignment(message, strange):
        group = each.assignment.group
        yield (
            each.value,
            Explanation(
                f"The role {each.name} is assigned to {who(each.assignment)}, "
                + (f"of which {login} is no member." if group else f"not to {login}."),
                (message.of_user("groups") if group else message.setting("assignments"),),
                want=f"{login} in the group {group}" if group else f"an assignment of {each.name} to {login}",
                got=(", ".join(message.user.groups) or "no groups") if group else one_of(map(who, given)),
                fix=_give(message, each, chosen)[0],
                changes=_give(message, each, chosen)[1],
            ),
        )


def _give(message: IssuedMessage, role: AssignedRole, chosen: tuple[Assignment, ...]) -> tuple[str, tuple[Change, ...]]:
    """Returns the change that gives a person another role besides their own, in words and as data."""
    app, login, group = message.app, message.user.login, role.assignment.group
    if group and (app.join_all_roles or not chosen):
        groups = [*message.user.groups, group]
        return f"Add {login} to the group {group} (users.{login}.groups).", (Change(message.of_user("groups"), groups),)
    roles = list(dict.fromkeys([*(name for each in chosen for name in each.roles), role.name]))
    shown = f"[{', '.join(roles)}]"
    for index, assignment in enumerate(app.assignments):
        if assignment.user == login and any(assignment is each for each in chosen):
            setting = message.setting("assignments", index, "saml_user_roles")
            fix = change("assignments", shown, key=f"assignments[{index}].saml_user_roles")
            return fix, (Change(setting, roles),)
    entry = f"{{user: {login}, saml_user_roles: {shown}}}"
    added = {"user": login, "saml_user_roles": roles}
    return (
        f"Add {entry} to the assignments of the app {app.name} (app > Assignments).",
        (Change(message.setting("assignments", len(app.assignments)), added),),
    )
