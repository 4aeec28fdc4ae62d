"""Why group mapping makes another Role value than the right one: the pattern, the filter, or a group's name."""

from __future__ import annotations

from dataclasses import replace

from emulator.kernel.explanations import Explanation
from idp.saml.explanations.group_filters import names_in, names_wanted, where_it_stops
from idp.saml.explanations.mapped_groups import MappedGroup, better_filter
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import PROVIDER, ROLE, Disagreement, arns_in, is_pair
from idp.saml.wording import change, difference, nearest

_STANDARD_NAMES = ("accountid", "role")


def unfilled(message: IssuedMessage) -> Explanation | None:
    """A name in the pattern that the filter has not: it is sent as it is written."""
    app = message.app
    has = names_in(app.group_filter)
    lacking = [name for name in names_wanted(app.role_value_pattern) if name not in has]
    if not lacking:
        return None
    name, other = lacking[0], nearest(lacking[0], has, cutoff=0.5)
    why = (
        f"The Role Value Pattern has ${{{name}}}, and the group filter has no named group {name}, so that it is sent "
        "as it is written."
    )
    both = (message.setting("group_filter"), message.setting("role_value_pattern"))
    in_filter = f"(?{{{{{name}}}}}…) in the group filter"
    if name in _STANDARD_NAMES:
        better, _ = better_filter(message, message.user.groups, ())
        renamed = app.group_filter.replace(f"{{{{{other}}}}}", f"{{{{{name}}}}}") if other else better
        fix = change("group_filter", renamed) if renamed else f"Write {in_filter} where the group's name has it."
        return Explanation(why, both, want=in_filter, got=app.group_filter, fix=fix)
    meant = other or next((each for each in has if f"${{{each}}}" not in app.role_value_pattern), "")
    pattern = app.role_value_pattern.replace(f"${{{name}}}", f"${{{meant}}}") if meant else ""
    return Explanation(
        why,
        (both[1], both[0]),
        want=pattern or in_filter,
        got=app.role_value_pattern,
        fix=change("role_value_pattern", pattern) if pattern else f"Write {in_filter}.",
    )


def no_pairs(message: IssuedMessage, values: tuple[str, ...]) -> Explanation | None:
    """A pattern that does not give a provider and a role."""
    wrong = next((value for value in values if not is_pair(value)), None)
    if wrong is None:
        return None
    provider = next((arn.name for arn in arns_in(message.app.identity_provider_arn)), "okta")
    partition = next((arn.partition for arn in arns_in(message.app.identity_provider_arn)), "aws")
    start = f"arn:{partition}:iam::${{accountid}}:"
    pattern = f"{start}saml-provider/{provider},{start}role/${{role}}"
    return Explanation(
        "The Role Value Pattern does not make a provider's ARN and a role's ARN with a comma between them from the "
        f"group's name: it makes {wrong}.",
        (message.setting("role_value_pattern"), message.setting("group_filter")),
        want=pattern,
        got=message.app.role_value_pattern,
        fix=change("role_value_pattern", pattern),
    )


def explain_disagreement(
    message: IssuedMessage, groups: tuple[MappedGroup, ...], found: tuple[Disagreement, ...]
) -> Explanation:
    """Returns why a Role value is another one than the right one.

    Args:
        message: What was issued.
        groups: What became of the person's groups.
        found: In what the value disagrees, one ARN or both.
    """
    first = found[0]
    group = next(each for each in groups if each.value == first.value and each.is_let_in)
    corrected = _corrected_pattern(message, group, found)
    if corrected != message.app.role_value_pattern:
        return _wrong_pattern(message, first, corrected)
    part = first.parts[0]
    got, want = first.got.parts()[part], first.want.parts()[part]
    if part == "name" and want in group.name:
        better, _ = better_filter(message, (group.name,), (str(first.want),))
        if better:
            return Explanation(
                f"The group {group.name} has the role {want} in its name, but the group filter found {got} only: "
                f"{where_it_stops(message.app.group_filter + '$', group.name)}.",
                (message.setting("group_filter"),),
                want=want,
                got=got,
                fix=change("group_filter", better),
            )
    return _wrong_group(message, group, first, part)


def _wrong_group(message: IssuedMessage, group: MappedGroup, found: Disagreement, part: str) -> Explanation:
    got, want = found.got.parts()[part], found.want.parts()[part]
    login, name = message.user.login, group.name.replace(got, want)
    marked = difference(want, got)
    what = "account" if part == "account" else "role" if found.got.kind == ROLE else "provider"
    return Explanation(
        f"The {what} {got} comes from the name of the group {group.name}, of which {login} is a member"
        f"{f': {marked}' if marked else ''}.",
        (message.of_user("groups", group.index), message.setting("role_value_pattern")),
        want=str(found.want),
        got=str(found.got),
        fix=f"Write {name} in place of {group.name} in the groups of {login} (users.{login}.groups)."
        if name in message.org.groups
        else f"Rename the group {group.name} to {name} (groups and users.{login}.groups; Directory > Groups).",
    )


def _corrected_pattern(message: IssuedMessage, group: MappedGroup, found: tuple[Disagreement, ...]) -> str:
    """Returns the Role Value Pattern that makes the right value of the group's name; the same where it is not at fault.

    What the group's name says anyway is better taken from there than written down for one account.
    """
    pattern = message.app.role_value_pattern
    for each in found:
        template = next((arn for arn in arns_in(pattern) if arn.kind == each.got.kind), None)
        if template is None:
            continue
        better = template
        for part in each.parts:
            written, wanted = template.parts()[part], each.want.parts()[part]
            names = [name for name, text in group.found.items() if text == wanted and _is_for(name, part)]
            if names and written != f"${{{names[0]}}}":
                better = replace(better, **{part: f"${{{names[0]}}}"})
            elif "${" not in written:
                better = replace(better, **{part: wanted})
        pattern = pattern.replace(str(template), str(better))
    return pattern


def _is_for(name: str, part: str) -> bool:
    return ("account" in name.lower()) == (part == "account")


def _wrong_pattern(message: IssuedMessage, found: Disagreement, corrected: str) -> Explanation:
    what = "provider" if found.got.kind == PROVIDER else "role"
    role = next((arn for arn in arns_in(found.value) if arn.kind == ROLE), None)
    if found.got.kind == PROVIDER and "account" in found.parts and role and role.account != found.got.account:
        why = (
            f"The Role Value Pattern names the provider of account {found.got.account} for a role of account "
            f"{role.account}."
        )
    else:
        marked = difference(str(found.want), str(found.got))
        why = f"The Role Value Pattern makes the {what} {found.got}{f': {marked}' if marked else ''}."
    return Explanation(
        why,
        (message.setting("role_value_pattern"),),
        want=str(found.want),
        got=str(found.got),
        fix=change("role_value_pattern", corrected),
    )
