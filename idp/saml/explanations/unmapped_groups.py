"""Why group mapping gets no role from a person's groups: no groups, another source, a filter that does not match."""

from __future__ import annotations

from emulator.kernel.explanations import Change, Explanation, Setting
from idp.saml.explanations.assigned_roles import assigned_values
from idp.saml.explanations.group_filters import made_from, names_wanted, where_it_stops
from idp.saml.explanations.mapped_groups import MappedGroup, better_filter, change_of_filter
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import ROLE, arns_in, wanted_arns
from idp.saml.roles import compile_group_filter
from idp.saml.wording import change, nearest, one_of


def explain_no_values(message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...]) -> Explanation:
    """Returns why group mapping makes no Role value at all for a person."""
    if not groups:
        return _no_groups(message, wanted)
    kept_out = [each for each in groups if each.value is not None]
    return other_source(message, kept_out[0], wanted) if kept_out else nothing_fits(message, groups, wanted)


def _no_groups(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    login, assigned = message.user.login, assigned_values(message)
    fitting = _group_that_would_do(message, wanted)
    if assigned and not fitting:
        return mapping_by_mistake(message, wanted, f"{login} is in no group.")
    group = fitting or "that the group filter fits"
    return Explanation(
        f"Use Group Mapping makes roles from the names of groups, and {login} is in no group.",
        (message.of_user("groups"), message.setting("use_group_mapping")),
        want=f"a group such as {fitting}" if fitting else "a group whose name the group filter fits",
        got="no groups",
        fix=f"Add {login} to a group {group} (users.{login}.groups; Directory > Groups > group > Assign people)."
        if not fitting
        else f"Add {login} to the group {group} (users.{login}.groups; Directory > Groups > group > Assign people).",
        changes=(Change(message.of_user("groups"), [fitting]),) if fitting else (),
    )


def _group_that_would_do(message: IssuedMessage, wanted: tuple[str, ...]) -> str:
    """Returns a group of the org that gives a role, preferably a wanted one."""
    names = {name: message.roles_of(message.app, groups=(name,)) for name in message.org.groups}
    roles = wanted_arns(wanted, ROLE)
    right = (name for name, values in names.items() if any(arn in roles for value in values for arn in arns_in(value)))
    return next(right, next((name for name, values in names.items() if values), ""))


def other_source(message: IssuedMessage, group: MappedGroup, wanted: tuple[str, ...]) -> Explanation:
    """Returns why a group that the filter matches gives no role: App Filter excludes its source."""
    app_filter = message.app.app_filter
    sources = ",".join((*(each.strip() for each in app_filter.split(",") if each.strip()), group.source))
    return Explanation(
        f"The group {group.name} fits the group filter, but it comes from {group.source}, and App Filter lets in "
        f"groups from {app_filter or 'nowhere'} only.",
        (message.setting("app_filter"), Setting(message.org, ("groups", group.name, "source"))),
        want=one_of(wanted) or f"an App Filter with {group.source}",
        got=app_filter or "an empty App Filter",
        fix=change("app_filter", sources),
        changes=(Change(message.setting("app_filter"), sources),),
    )


def mapping_by_mistake(message: IssuedMessage, wanted: tuple[str, ...], reason: str) -> Explanation:
    """Returns why the roles of assignments are not sent: group mapping replaces them."""
    return Explanation(
        f"Use Group Mapping is on, so the roles of the assignments are not sent; {reason}",
        (message.setting("use_group_mapping"), message.setting("group_filter")),
        want=one_of(wanted) or one_of(assigned_values(message)),
        got="use_group_mapping: true",
        fix=change("use_group_mapping", "false"),
        changes=(Change(message.setting("use_group_mapping"), False),),
    )


def nothing_fits(message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...]) -> Explanation:
    """Returns where the group filter stops in the names of a person's groups, and what would match."""
    app, login = message.app, message.user.login
    names = tuple(each.name for each in groups)
    better, is_near = better_filter(message, names, wanted)
    if not is_near and assigned_values(message):
        return mapping_by_mistake(
            message, wanted, f"the group filter matches no group of {login}{_told(message, groups)}."
        )
    why = (
        f"Group mapping is on, and the group filter {app.group_filter} matches none of {login}'s groups"
        f"{_told(message, groups)}."
    )
    got = f"{', '.join(names)}, and the group filter {app.group_filter}"
    others = _fitting_groups(message)
    odd = _odd_group(message, groups, others, better)
    if odd is not None:
        return _other_name(message, odd, others, better, why=why, got=got)
    if not better and others:
        return _no_group_of_theirs(message, why, ", ".join(names), wanted)
    pattern = "" if better else _pattern_for_one_account(message, wanted)
    if pattern:
        better = next((each for name in names for each in made_from(name, ("role",), _role_names(wanted))), "")
    return Explanation(
        why,
        (message.setting("group_filter"), message.setting("role_value_pattern"))
        if pattern
        else (message.setting("group_filter"),),
        want=f"a group filter such as {better}" if better else "groups whose names the group filter fits",
        got=got,
        fix=_filter_fix(better, names, pattern)
        or f"Add {login} to a group whose name the group filter fits (Directory > Groups).",
        changes=_changes_of(message, better, pattern),
    )


def _told(message: IssuedMessage, groups: tuple[MappedGroup, ...]) -> str:
    """Describes where the filter stops in each name, except in names that it is clearly not for."""
    stops = [(each.name, where_it_stops(message.app.group_filter, each.name)) for each in groups]
    telling = [(name, stop) for name, stop in stops if not stop.says_little] or stops
    return ": " + "; ".join(f"in {name} {stop}" for name, stop in telling[:3])


def _filter_fix(group_filter: str, groups: tuple[str, ...], pattern: str) -> str:
    if not group_filter:
        return ""
    fix = change_of_filter(group_filter, groups)
    return f"{fix} {change('role_value_pattern', pattern)}" if pattern else fix


def _changes_of(message: IssuedMessage, group_filter: str, pattern: str) -> tuple[Change, ...]:
    if not group_filter:
        return ()
    of_pattern = (Change(message.setting("role_value_pattern"), pattern),) if pattern else ()
    return (Change(message.setting("group_filter"), group_filter), *of_pattern)


def _pattern_for_one_account(message: IssuedMessage, wanted: tuple[str, ...]) -> str:
    """Returns the Role Value Pattern with a fixed account, for group names that have none; empty without a role."""
    pattern = message.app.role_value_pattern
    if names_wanted(pattern) != ("accountid", "role"):
        return ""
    arns = (*wanted_arns(wanted, ROLE), *arns_in(message.app.identity_provider_arn))
    return pattern.replace("${accountid}", arns[0].account) if arns else ""


def _role_names(wanted: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(role.name for role in wanted_arns(wanted, ROLE))


def _fitting_groups(message: IssuedMessage) -> tuple[str, ...]:
    """Returns the org's groups that the filter matches and that a person of the app could be in."""
    pattern = compile_group_filter(message.app.group_filter)
    return tuple(name for name in message.org.groups if pattern.search(name))


def _odd_group(
    message: IssuedMessage, groups: tuple[MappedGroup, ...], others: tuple[str, ...], better: str
) -> MappedGroup | None:
    """Returns the group of the person that is misnamed: the filter is right for others, and none matches both."""
    if not others:
        return None
    assigned = {each.group for each in message.app.assignments}
    theirs = {name for user in message.org.users.values() if user.login != message.user.login for name in user.groups}
    for group in groups:
        # A group that others are in too, or that the app is assigned to, was named on purpose.
        is_meant = group.name in theirs | assigned or where_it_stops(message.app.group_filter, group.name).part
        near = nearest(group.name, others, cutoff=0.9)
        if near and not is_meant:
            return group
    if better and not any(compile_group_filter(better).search(name) for name in others):
        fitting = compile_group_filter(better)
        return next((group for group in groups if fitting.search(group.name)), None)
    return None


def _other_name(
    message: IssuedMessage, group: MappedGroup, others: tuple[str, ...], better: str, *, why: str, got: str
) -> Explanation:
    login = message.user.login
    name = nearest(group.name, others, cutoff=0.9) or _like(message, others[0], group.name, better)
    change_of_name = f"Name the group {group.name} as the others are, such as {others[0]}"
    if name in message.org.groups:
        change_of_name = f"Write {name} in place of {group.name} in the groups of {login}"
    elif name:
        change_of_name = f"Rename the group {group.name} to {name}"
    return Explanation(
        f"{why} It fits other groups, such as {others[0]}.",
        (message.of_user("groups", group.index), message.setting("group_filter")),
        want=name or f"a name such as {others[0]}",
        got=got,
        fix=f"{change_of_name} (groups and users.{login}.groups; Directory > Groups).",
        changes=(Change(message.of_user("groups", group.index), name),) if name in message.org.groups else (),
    )


def _like(message: IssuedMessage, example: str, name: str, better: str) -> str:
    """Returns a group's name in the form of one that the filter matches, with its account and role if it has them."""
    fits = compile_group_filter(message.app.group_filter).search(example)
    own = compile_group_filter(better).search(name) if better else None
    if fits is None or own is None:
        return ""
    texts = own.groupdict()
    text = example
    for each in sorted(fits.groupdict(), key=fits.start, reverse=True):
        if not texts.get(each):
            return ""
        text = text[: fits.start(each)] + texts[each] + text[fits.end(each) :]
    return text


def _no_group_of_theirs(message: IssuedMessage, why: str, got: str, wanted: tuple[str, ...]) -> Explanation:
    """The person is in groups, but none of them is for AWS."""
    login, group = message.user.login, _group_that_would_do(message, wanted)
    return Explanation(
        f"{why} It fits other groups, such as {group}, of which {login} is no member.",
        (message.of_user("groups"), message.setting("group_filter")),
        want=f"a group such as {group}",
        got=got,
        fix=f"Add {login} to the group {group} (users.{login}.groups; Directory > Groups > group > Assign people).",
        changes=(Change(message.of_user("groups"), [*message.user.groups, group]),),
    )
