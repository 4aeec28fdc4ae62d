"""Why group mapping has another word where an account id belongs: swapped names, or a group name without one."""

from __future__ import annotations

import re

from emulator.kernel.explanations import Change, Explanation
from idp.saml.explanations.group_filters import names_wanted
from idp.saml.explanations.mapped_groups import MappedGroup, better_filter, change_of_filter
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import arns_in
from idp.saml.wording import change, nearest

_ACCOUNT = re.compile(r"\d{12}")
_ACCOUNT_INSIDE = re.compile(r"(?<!\d)\d{12}(?!\d)")


def has_account(value: str) -> bool:
    """Returns whether every ARN of a Role value has an account id."""
    arns = arns_in(value)
    return bool(arns) and all(_ACCOUNT.fullmatch(arn.account) for arn in arns)


def misread(message: IssuedMessage, groups: tuple[MappedGroup, ...], wanted: tuple[str, ...]) -> Explanation | None:
    """Returns why the filter captures no account id for the pattern; None where it does.

    Args:
        message: The issued message.
        groups: The mapping results of the person's groups.
        wanted: What would be right; where it is known, groups that are read correctly are left aside.
    """
    giving = [each for each in groups if each.is_let_in and each.value is not None]
    wrong = next((each for each in giving if not has_account(each.value or "")), None)
    if wrong is None or (wanted and any(has_account(each.value or "") for each in giving)):
        return None
    accounts = (arn.account for arn in arns_in(message.app.role_value_pattern))
    names = dict.fromkeys(name for account in accounts for name in names_wanted(account))
    name = next((n for n in names if n in wrong.found and not _ACCOUNT.fullmatch(wrong.found[n] or "")), "")
    if not name:
        return None
    other = next((each for each, text in wrong.found.items() if _ACCOUNT.fullmatch(text or "")), "")
    if other and "account" in other.lower() and "account" not in name.lower():
        return _pattern_has_them_exchanged(message, wrong, name, other)
    if other or _ACCOUNT_INSIDE.search(wrong.name):
        return _filter_reads_another_part(message, wrong, name, other)
    return _no_account_in_its_name(message, wrong, name) if not wanted else None


def _pattern_has_them_exchanged(message: IssuedMessage, group: MappedGroup, name: str, other: str) -> Explanation:
    pattern = _exchanged(message.app.role_value_pattern, f"${{{name}}}", f"${{{other}}}")
    return Explanation(
        f"The Role Value Pattern has ${{{name}}} where an account's id belongs, which is {group.found[name]} in the "
        f"name of the group {group.name}; ${{{other}}} is {group.found[other]}.",
        (message.setting("role_value_pattern"),),
        want=pattern,
        got=message.app.role_value_pattern,
        fix=change("role_value_pattern", pattern),
        changes=(Change(message.setting("role_value_pattern"), pattern),),
    )


def _filter_reads_another_part(message: IssuedMessage, group: MappedGroup, name: str, other: str) -> Explanation:
    present, found = message.app.group_filter, group.found[name] or "nothing"
    better = _exchanged(present, f"{{{{{name}}}}}", f"{{{{{other}}}}}") if other else ""
    better = better if better != present else ""
    better = better or better_filter(message, (group.name,), ())[0]
    instead = f", and as {other} {group.found[other]}" if other else ""
    return Explanation(
        f"In the name of the group {group.name} the group filter finds as {name} {found}{instead}: an account's id has "
        "12 digits.",
        (message.setting("group_filter"),),
        want=f"a group filter such as {better}" if better else f"12 digits as {name}",
        got=present,
        fix=change_of_filter(better, (group.name,)) if better else "",
        changes=(Change(message.setting("group_filter"), better),) if better else (),
    )


def _no_account_in_its_name(message: IssuedMessage, group: MappedGroup, name: str) -> Explanation:
    login, others = message.user.login, [each for each in message.org.groups if _ACCOUNT_INSIDE.search(each)]
    near, found = nearest(group.name, others, cutoff=0.9), group.found[name] or "nothing"
    fix = f"Write the 12 digits of the account's id in the name of the group {group.name} (groups; Directory > Groups)."
    if near:
        fix = f"Write {near} in place of {group.name} in the groups of {login} (users.{login}.groups)."
    return Explanation(
        f"In the name of the group {group.name} the group filter finds as {name} {found}: an account's id has 12 "
        "digits.",
        (message.of_user("groups", group.index), message.setting("group_filter")),
        want=near or "a group whose name has an account's id",
        got=group.name,
        fix=fix,
        changes=(Change(message.of_user("groups", group.index), near),) if near else (),
    )


def _exchanged(text: str, one: str, other: str) -> str:
    """Returns a text with two words swapped."""
    return re.sub(f"{re.escape(one)}|{re.escape(other)}", lambda match: other if match[0] == one else one, text)
