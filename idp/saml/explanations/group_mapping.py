"""Why group mapping gave a person their Role values, or none, and which values it withholds."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.kernel.explanations import Change, Explanation
from idp.saml.explanations.assigned_roles import assigned_values, roles_to_assign
from idp.saml.explanations.group_filters import filled_in, where_it_stops
from idp.saml.explanations.mapped_groups import MappedGroup, better_filter, change_of_filter, mapped_groups
from idp.saml.explanations.mapped_values import explain_disagreement, no_pairs, unfilled
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.misread_groups import has_account, misread
from idp.saml.explanations.role_arns import ROLE, arns_in, disagreements, wanted_arns
from idp.saml.explanations.unmapped_groups import explain_no_values, mapping_by_mistake, other_source
from idp.saml.roles import compile_group_filter
from idp.saml.wording import one_of


def explain_mapped_roles(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the Role values of group mapping come from, or why there are none."""
    groups = mapped_groups(message)
    values = tuple(dict.fromkeys(each.value for each in groups if each.is_let_in and each.value is not None))
    for explained in (
        explain_no_values(message, groups, wanted) if not values else None,
        unfilled(message),
        misread(message, groups, wanted),
        no_pairs(message, values),
        _left_out(message, groups, wanted, values),
        _disagreement(message, groups, values, wanted),
    ):
        if explained is not None:
            return explained
    return _as_the_groups_say(message, groups, wanted, values)


def _as_the_groups_say(
    message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...], values: tuple[str, ...]
) -> Explanation:
    """The values themselves are fine: where other groups give good ones too, the person's membership is the mistake."""
    giving = [each for each in groups if each.is_let_in and each.value is not None]
    pattern = message.setting("role_value_pattern")
    causes = (pattern, message.setting("group_filter"))
    theirs = {each.name for each in groups}
    others = (name for name in message.org.groups if name not in theirs)
    if any(has_account(value) for name in others for value in message.roles_of(message.app, groups=(name,))):
        own = ("groups", giving[0].index) if len(giving) == 1 else ("groups",)
        causes = (message.of_user(*own), pattern)
    return Explanation(
        f"Group mapping makes the Role values from the groups {', '.join(each.name for each in giving)} of "
        f"{message.user.login}, by the group filter {message.app.group_filter} and the Role Value Pattern "
        f"{message.app.role_value_pattern}.",
        causes,
        want=one_of(wanted),
        got=one_of(values),
    )


def _left_out(
    message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...], values: tuple[str, ...]
) -> Explanation | None:
    """A wanted role that another group of the person would give, if the filter or App Filter let it through."""
    sent = {arn for value in values for arn in arns_in(value)}
    roles = [arn for arn in wanted_arns(wanted, ROLE) if arn not in sent]
    for group in groups:
        if group.value is not None and not group.is_let_in:
            if any(arn in roles for arn in arns_in(group.value)):
                return other_source(message, group, wanted)
        elif group.value is None and roles and len(roles) == len(wanted_arns(wanted, ROLE)):
            better, is_near = better_filter(message, (group.name,), tuple(map(str, roles)))
            match = compile_group_filter(better).search(group.name) if better and is_near else None
            value = filled_in(message.app.role_value_pattern, match.groupdict()) if match is not None else ""
            if any(arn in roles for arn in arns_in(value)):
                return _stopped(message, group, better)
    return None


def _stopped(message: IssuedMessage, group: MappedGroup, better: str) -> Explanation:
    return Explanation(
        f"The group {group.name} would give the role, but in its name "
        f"{where_it_stops(message.app.group_filter, group.name)}.",
        (message.setting("group_filter"),),
        want=f"a group filter such as {better}",
        got=message.app.group_filter,
        fix=change_of_filter(better, (group.name,)),
        changes=(Change(message.setting("group_filter"), better),),
    )


def _disagreement(
    message: IssuedMessage, groups: tuple[MappedGroup, ...], values: tuple[str, ...], wanted: tuple[str, ...]
) -> Explanation | None:
    found = tuple(disagreements(values, wanted))
    of_first = tuple(each for each in found if each.value == found[0].value)
    return explain_disagreement(message, groups, of_first, wanted) if of_first else None


def withheld_by_mapping(message: IssuedMessage) -> Iterator[tuple[str, Explanation]]:
    """Yields Role values that are not sent, each with why: group not let in, not matched, or not the person's."""
    app, login = message.app, message.user.login
    for group in mapped_groups(message):
        if group.value is not None and not group.is_let_in:
            yield group.value, other_source(message, group, (group.value,))
        elif group.value is None:
            better, is_near = better_filter(message, (group.name,), ())
            match = compile_group_filter(better).search(group.name) if better and is_near else None
            if match is not None:
                value = filled_in(app.role_value_pattern, match.groupdict())
                yield value, _stopped(message, group, better)
    for name in message.org.groups:
        if name not in message.user.groups:
            for value in message.roles_of(app, groups=(name,)):
                yield (
                    value,
                    Explanation(
                        f"The group {name} gives the role, and {login} is not in it.",
                        (message.of_user("groups"),),
                        want=f"{login} in the group {name}",
                        got=", ".join(message.user.groups) or "no groups",
                        fix=f"Add {login} to the group {name} (users.{login}.groups).",
                        changes=(Change(message.of_user("groups"), [*message.user.groups, name]),),
                    ),
                )
    if roles_to_assign(message):
        for value in assigned_values(message):
            yield value, mapping_by_mistake(message, (value,), f"the assignment of {login} gives the role.")
