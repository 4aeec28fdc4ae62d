"""Why group mapping makes no role of a person's groups: no groups, another source, a filter that does not fit."""

from __future__ import annotations

from dataclasses import replace

from emulator.kernel.explanations import Explanation, Setting
from idp.model import Org, User
from idp.saml.explanations.assigned_roles import assigned_values
from idp.saml.explanations.group_filters import names_wanted, where_it_stops
from idp.saml.explanations.mapped_groups import MappedGroup, better_filter
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import ROLE, arns_in, wanted_arns
from idp.saml.roles import compile_group_filter, role_values
from idp.saml.wording import change, nearest, one_of


def explain_no_values(message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...]) -> Explanation:
    """Returns why group mapping makes no Role value at all for a person."""
    if not groups:
        return _no_groups(message, wanted)
    kept_out = [each for each in groups if each.value is not None]
    return other_source(message, kept_out[0], wanted) if kept_out else nothing_fits(message, groups, wanted)


def _no_groups(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    login, assigned = message.user.login, assigned_values(message)
    fitting = _group_that_would_do(message.org, message, wanted)
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
    )


def _group_that_would_do(org: Org, message: IssuedMessage, wanted: tuple[str, ...]) -> str:
    """Returns a group of the org that gives a role, one that is wanted where there is one."""
    everything = User("", "", groups=tuple(org.groups))
    app = replace(message.app, assignments=())
    names = {name: role_values(org, app, replace(everything, groups=(name,))) for name in org.groups}
    roles = wanted_arns(wanted, ROLE)
    right = (name for name, values in names.items() if any(arn in roles for value in values for arn in arns_in(value)))
    return next(right, next((name for name, values in names.items() if values), ""))


def other_source(message: IssuedMessage, group: MappedGroup, wanted: tuple[str, ...]) -> Explanation:
    """Returns why a group that the filter fits gives no role: App Filter leaves its source out."""
    app_filter = message.app.app_filter
    sources = ",".join((*(each.strip() for each in app_filter.split(",") if each.strip()), group.source))
    return Explanation(
        f"The group {group.name} fits the group filter, but it comes from {group.source}, and App Filter lets in "
        f"groups from {app_filter or 'nowhere'} only.",
        (message.setting("app_filter"), Setting(message.org, ("groups", group.name, "source"))),
        want=one_of(wanted) or f"an App Filter with {group.source}",
        got=app_filter or "an empty App Filter",
        fix=change("app_filter", sources),
    )


def mapping_by_mistake(message: IssuedMessage, wanted: tuple[str, ...], reason: str) -> Explanation:
    """Returns why the roles of assignments are not sent: group mapping takes their place."""
    return Explanation(
        f"Use Group Mapping is on, so the roles of the assignments are not sent; {reason}",
        (message.setting("use_group_mapping"), message.setting("group_filter")),
        want=one_of(wanted) or one_of(assigned_values(message)),
        got="use_group_mapping: true",
        fix=change("use_group_mapping", "false"),
    )


def nothing_fits(message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...]) -> Explanation:
    """Returns where the group filter stops in the names of a person's groups, and what would fit."""
    app, login = message.app, message.user.login
    better, is_near = better_filter(message, tuple(each.name for each in groups), wanted)
    told = "; ".join(f"in {each.name} {where_it_stops(app.group_filter, each.name)}" for each in groups[:3])
    if not is_near and assigned_values(message):
        return mapping_by_mistake(message, wanted, f"the group filter matches no group of {login}: {told}.")
    why = f"Group mapping is on, and the group filter {app.group_filter} matches none of {login}'s groups: {told}."
    got = ", ".join(each.name for each in groups)
    meant = _group_meant(message, groups)
    if meant is not None:
        group, other = meant
        return Explanation(
            f"{why} The org has a group {other}, which it fits.",
            (message.of_user("groups", group.index), message.setting("group_filter")),
            want=other,
            got=got,
            fix=f"Write {other} in place of {group.name} in the groups of {login} (users.{login}.groups).",
        )
    fix = change("group_filter", better) if better else _rename_groups(message, groups[0])
    return Explanation(
        why,
        (message.setting("group_filter"),),
        want=f"a group filter such as {better}" if better else "groups whose names the group filter fits",
        got=f"{got}, and the group filter {app.group_filter}",
        fix=fix,
    )


def _group_meant(message: IssuedMessage, groups: tuple[MappedGroup, ...]) -> tuple[MappedGroup, str] | None:
    """Returns a group of the person that is almost one which the filter fits: its name is wrong, not the filter."""
    pattern = compile_group_filter(message.app.group_filter)
    fitting = [name for name in message.org.groups if pattern.search(name)]
    assigned = {each.group for each in message.app.assignments}
    theirs = {name for user in message.org.users.values() if user.login != message.user.login for name in user.groups}
    for group in groups:
        other = nearest(group.name, fitting, cutoff=0.9)
        # A group that others have too, or that the app is assigned to, is one that somebody meant.
        is_meant = group.name in theirs | assigned or where_it_stops(message.app.group_filter, group.name).part
        if other and not is_meant:
            return group, other
    return None


def _rename_groups(message: IssuedMessage, group: MappedGroup) -> str:
    names = names_wanted(message.app.role_value_pattern)
    account = next((arn.account for arn in arns_in(message.app.identity_provider_arn)), "123456789012")
    example = "_".join(("aws", *([account] if "accountid" in names else ()), *(("Role",) if "role" in names else ())))
    return (
        f"Name the group {group.name} after the account and the role, such as {example}, so that the group filter fits "
        "(Directory > Groups)."
    )
