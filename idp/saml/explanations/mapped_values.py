"""Why group mapping makes a wrong Role value: the pattern, the filter, or a group's name."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from emulator.kernel.explanations import Change, Explanation
from idp.saml.explanations.group_filters import names_in, names_wanted, where_it_stops
from idp.saml.explanations.mapped_groups import MappedGroup, better_filter, change_of_filter
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.role_arns import PROVIDER, ROLE, Disagreement, arns_in, is_pair, wanted_arns
from idp.saml.roles import compile_group_filter
from idp.saml.wording import change, difference, nearest

_STANDARD_NAMES = ("accountid", "role")
# One of the twelve digits of an account id may be wrong, or two may be swapped.
_SLIP = 0.9
_PLACEHOLDER = re.compile(r"\\\$\\\{(\w+)\\\}")


def unfilled(message: IssuedMessage) -> Explanation | None:
    """A name in the pattern that the filter does not capture: it is sent as it is written."""
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
        changes = (Change(both[0], renamed),) if renamed else ()
        return Explanation(why, both, want=in_filter, got=app.group_filter, fix=fix, changes=changes)
    meant = other or next((each for each in has if f"${{{each}}}" not in app.role_value_pattern), "")
    pattern = app.role_value_pattern.replace(f"${{{name}}}", f"${{{meant}}}") if meant else ""
    return Explanation(
        why,
        (both[1], both[0]),
        want=pattern or in_filter,
        got=app.role_value_pattern,
        fix=change("role_value_pattern", pattern) if pattern else f"Write {in_filter}.",
        changes=(Change(both[1], pattern),) if pattern else (),
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
        changes=(Change(message.setting("role_value_pattern"), pattern),),
    )


def explain_disagreement(
    message: IssuedMessage, groups: tuple[MappedGroup, ...], found: tuple[Disagreement, ...], wanted: tuple[str, ...]
) -> Explanation:
    """Returns why a Role value differs from the right one.

    Args:
        message: The issued message.
        groups: The mapping results of the person's groups.
        found: How the value differs, in one ARN or both.
        wanted: What would be right.
    """
    first = found[0]
    group = next(each for each in groups if each.value == first.value and each.is_let_in)
    corrected = _corrected_pattern(message, group, found)
    if corrected != message.app.role_value_pattern:
        return _wrong_pattern(message, first, corrected)
    part = first.parts[0]
    half_written = _half_written(message, first)
    if half_written is not None:
        return half_written
    if not _is_misspelt(message, group, first, part) and _is_right_elsewhere(message, first, part, wanted):
        return _as_the_other_arn(group, first, part)
    texts = _texts_for(_template(message, first), first, part)
    if texts and all(text in group.name for text in texts.values()):
        better, _ = better_filter(message, (group.name,), (str(first.want),))
        match = compile_group_filter(better).search(group.name) if better else None
        if match is not None and all(match.groupdict().get(name) == text for name, text in texts.items()):
            return _wrong_filter(message, group, texts, better)
    return _wrong_group(message, group, first, part)


def _half_written(message: IssuedMessage, found: Disagreement) -> Explanation | None:
    """A pattern that takes the account of one ARN from the group's name, and has a fixed account in the other."""
    templates = {arn.kind: arn for arn in arns_in(message.app.role_value_pattern)}
    kind = ROLE if found.got.kind == PROVIDER else PROVIDER
    if found.parts != ("account",) or set(templates) != {ROLE, PROVIDER}:
        return None
    own, other = templates[found.got.kind], templates[kind]
    if "${" not in own.account or other.account != found.want.account:
        return None
    corrected = message.app.role_value_pattern.replace(str(other), str(replace(other, account=own.account)))
    what, others = ("provider", "role") if kind == ROLE else ("role", "provider")
    return Explanation(
        f"The Role Value Pattern takes the account of the {what} from the group's name, {found.got.account}, and has "
        f"{other.account} as that of every {others}.",
        (message.setting("role_value_pattern"),),
        want=corrected,
        got=message.app.role_value_pattern,
        fix=change("role_value_pattern", corrected),
        changes=(Change(message.setting("role_value_pattern"), corrected),),
    )


def _template(message: IssuedMessage, found: Disagreement) -> str:
    """Returns the part of the pattern for an ARN; empty where the pattern is not a pair of ARNs."""
    templates = arns_in(message.app.role_value_pattern)
    return next((str(each) for each in templates if each.kind == found.got.kind), "")


def _texts_for(template: str, found: Disagreement, part: str) -> dict[str, str]:
    """Returns what the filter would have to capture for an ARN to be right; nothing where it could not."""
    arn = next(iter(arns_in(template)), None)
    return _texts_in(arn.parts()[part], found.want.parts()[part]) if arn is not None else {}


def _texts_in(written: str, wanted: str) -> dict[str, str]:
    named = _PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(written), count=1)
    match = re.fullmatch(_PLACEHOLDER.sub(".+", named), wanted)
    return match.groupdict() if match is not None else {}


def _is_right_elsewhere(message: IssuedMessage, found: Disagreement, part: str, wanted: tuple[str, ...]) -> bool:
    """Whether the value's other ARN is right with the same text of the group's name in the same part."""
    kind = ROLE if found.got.kind == PROVIDER else PROVIDER
    right = wanted_arns(wanted, kind)
    if not any(arn in right for arn in arns_in(found.value)):
        return False
    names = {each.kind: names_wanted(each.parts()[part]) for each in arns_in(message.app.role_value_pattern)}
    return bool(names.get(ROLE)) and names.get(ROLE) == names.get(PROVIDER)


def _is_misspelt(message: IssuedMessage, group: MappedGroup, found: Disagreement, part: str) -> bool:
    """Whether a group's name is a typing mistake: the right name exists too, or one of its characters differs."""
    if (name := _renamed(message, group, found, part)) != group.name and name in message.org.groups:
        return True
    got, want = found.got.parts()[part], found.want.parts()[part]
    return difflib.SequenceMatcher(None, got, want).ratio() >= _SLIP


def _as_the_other_arn(group: MappedGroup, found: Disagreement, part: str) -> Explanation:
    what, other = ("provider", "role") if found.got.kind == PROVIDER else ("role", "provider")
    return Explanation(
        f"The {part} {found.got.parts()[part]} of the {what} comes from the name of the group {group.name}, as that of "
        f"the {other} does, which is right.",
        want=str(found.want),
        got=str(found.got),
    )


def _wrong_filter(message: IssuedMessage, group: MappedGroup, texts: dict[str, str], better: str) -> Explanation:
    name, want = next(iter(texts.items()))
    got = group.found.get(name) or ""
    how = f"found {got}"
    if got in want:
        how += f" only: {where_it_stops(message.app.group_filter + '$', group.name)}"
    return Explanation(
        f"The group {group.name} has the {_called(name)} {want} in its name, but the group filter {how}.",
        (message.setting("group_filter"),),
        want=want,
        got=got,
        fix=change_of_filter(better, (group.name,)),
        changes=(Change(message.setting("group_filter"), better),),
    )


def _called(name: str) -> str:
    return "account" if _is_for(name, "account") else "role"


def _wrong_group(message: IssuedMessage, group: MappedGroup, found: Disagreement, part: str) -> Explanation:
    got, want = found.got.parts()[part], found.want.parts()[part]
    login, name = message.user.login, _renamed(message, group, found, part)
    marked = difference(want, got)
    what = "account" if part == "account" else "role" if found.got.kind == ROLE else "provider"
    fix = ""
    changes: tuple[Change, ...] = ()
    if name != group.name:
        fix = f"Rename the group {group.name} to {name} (groups and users.{login}.groups; Directory > Groups)."
        if name in message.org.groups:
            fix = f"Write {name} in place of {group.name} in the groups of {login} (users.{login}.groups)."
            changes = (Change(message.of_user("groups", group.index), name),)
    return Explanation(
        f"The {what} {got} comes from the name of the group {group.name}, of which {login} is a member"
        f"{f': {marked}' if marked else ''}.",
        (message.of_user("groups", group.index), message.setting("role_value_pattern")),
        want=str(found.want),
        got=str(found.got),
        fix=fix,
        changes=changes,
    )


def _renamed(message: IssuedMessage, group: MappedGroup, found: Disagreement, part: str) -> str:
    """Returns the name of a group that would give what is wanted; its own where no such name is known."""
    name = group.name
    for each, text in _texts_for(_template(message, found), found, part).items():
        present = group.found.get(each)
        if present:
            name = name.replace(present, text)
    return name


def _corrected_pattern(message: IssuedMessage, group: MappedGroup, found: tuple[Disagreement, ...]) -> str:
    """Returns the Role Value Pattern that gives the right value for the group's name; unchanged if it is not at fault.

    What the group's name contains is better captured from it than fixed for one account.
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
            else:
                better = replace(better, **{part: _rewritten(written, wanted, group)})
        pattern = pattern.replace(str(template), str(better))
    return pattern


def _rewritten(written: str, wanted: str, group: MappedGroup) -> str:
    """Returns a part of the pattern with its own text corrected; unchanged if it is not at fault."""
    texts = _texts_in(written, wanted)
    if texts and not any("/" in text for text in texts.values()):
        return written
    for name in names_wanted(written):
        text = group.found.get(name)
        whole = re.search(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])", wanted) if text else None
        if whole is None:
            return written
        wanted = f"{wanted[: whole.start()]}${{{name}}}{wanted[whole.end() :]}"
    return wanted


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
        changes=(Change(message.setting("role_value_pattern"), corrected),),
    )
