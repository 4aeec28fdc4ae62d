"""Changes of people: their status, login, fields and groups."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.worldfile.text.yaml_data import Key

ALIKE = 0.7
# Okta's own names for the sources of groups.
KNOWN_SOURCES = frozenset({"okta", "active_directory"})
_SAME_PERSON = 0.85
_MOST_OTHERS = 3
# Checks that fail for people in too few groups; with a wrong role, another group does not help.
_FOR_LACK_OF_A_GROUP = frozenset({"app-assignment", "role-attribute", "role-not-offered"})
# Checks that fail when the role is derived wrongly from the right group's name: another group gives another role.
_FOR_A_WRONG_ROLE = frozenset({"partition", "provider", "role-attribute", "trust-policy"})
_ACTIONS = {"SUSPENDED": "Unsuspend", "LOCKED_OUT": "Unlock", "PASSWORD_EXPIRED": "Reset the password of"}
_ON_PURPOSE = {"SUSPENDED": "suspended", "DEPROVISIONED": "deactivated"}
_PART = re.compile(r"[^\W_]+(?:[.-][^\W_]+)*")
_WORD = re.compile(r"[^\W_]+")
_NETWORK = re.compile(r"\d+\.\d+\.\d+\.\d+(?:/\d+)?")


def active_status(subject: Subject) -> Iterator[Candidate]:
    """Yields that the person becomes active."""
    login = subject.person[-1]
    done = _ON_PURPOSE.get(subject.text)
    warning = f"An administrator has {done} {login}: only where that was a mistake." if done else ""
    yield from subject.put("ACTIVE", title=f"{_ACTIONS.get(subject.text, 'Activate')} {login}", warning=warning)


def second_factor(subject: Subject) -> Iterator[Candidate]:
    """Yields that no second factor is required, because nothing else lets in somebody who has none."""
    where = "by this app" if subject.key[2:3] == ("apps",) else "at sign-in"
    warning = f"Nobody is asked for a second factor {where} any more."
    yield from subject.put("off", title=f"Ask for no second factor {where}", warning=warning)


def renamed_person(subject: Subject) -> Iterator[Candidate]:
    """Yields that a person whom the org has under another login gets the one that was used."""
    used, key = subject.finding.login.user, (*subject.org, "users")
    people, apps = subject.at(key) or {}, subject.at((*subject.org, "apps")) or {}
    if used in people:
        return
    for login in by_likeness(used, map(str, people), at_least=_SAME_PERSON)[:1]:
        edits = [Edit((*key, used), people[login]), Edit((*key, login), REMOVED)]
        for name in apps:
            assignments = subject.at((*subject.org, "apps", name, "assignments")) or []
            edits.extend(
                Edit((*subject.org, "apps", name, "assignments", index, "user"), used)
                for index, each in enumerate(assignments)
                if isinstance(each, dict) and each.get("user") == login
            )
        yield subject.candidate(*edits, title=f"Rename {login} to {used}")


# --- Groups -----------------------------------------------------------------------------------------------------------


def groups_of_person(subject: Subject) -> Iterator[Candidate]:
    """Yields other groups for the person: a misspelt one corrected, then those that have the app."""
    key: Key = (*subject.person, "groups")
    login, present, known = subject.person[-1], own_groups(subject), _groups(subject)
    yield from misspelt_group(subject)
    blamed = subject.key[len(key)] if len(subject.key) > len(key) else None
    check = subject.finding.diagnosis.check
    for name in known if check in _FOR_LACK_OF_A_GROUP and blamed is None else ():
        if name not in present:
            yield from subject.append(key, name, title=f"Put {login} into the group {name}")
    is_misread = bool(subject.of_app("use_group_mapping")) and check in _FOR_A_WRONG_ROLE
    if isinstance(blamed, int) and blamed < len(present) and not is_misread:
        for other in by_likeness(present[blamed], known)[:_MOST_OTHERS]:
            title = f"Put {login} into {other} in place of {present[blamed]}"
            if other not in present:
                yield from subject.put_at((*key, blamed), other, title=title)


def misspelt_group(subject: Subject) -> Iterator[Candidate]:
    """Yields the groups that a person's group may be a misspelling of."""
    present, is_mapped = own_groups(subject), bool(subject.of_app("use_group_mapping"))
    for index, name in enumerate(present):
        for other in by_likeness(name, _groups(subject), at_least=ALIKE)[:2]:
            title = f"Put {subject.person[-1]} into {other} in place of {name}"
            if other not in present and (not is_mapped or _is_slip(subject, name, other)):
                yield from subject.put_at((*subject.person, "groups", index), other, title=title)
        if is_mapped and subject.finding.diagnosis.check in _FOR_A_WRONG_ROLE:
            yield from _renamed_group(subject, name)


def _renamed_group(subject: Subject, name: str) -> Iterator[Candidate]:
    """Yields the renaming of a group whose name is nearly that of an existing role or account."""
    accounts = [str(each) for each in subject.finding.world.settings.aws]
    known = {part: accounts if part.isdigit() else _role_names(subject) for part in _PART.findall(name)}
    groups = subject.at((*subject.org, "groups"))
    for part, names in known.items():
        for better in by_likeness(part, names, at_least=_SAME_PERSON)[:1] if part not in names else ():
            new = name.replace(part, better)
            if isinstance(groups, dict) and name in groups and new not in groups:
                of_org: tuple[Edit, ...] = (
                    Edit((*subject.org, "groups", new), groups[name]),
                    Edit((*subject.org, "groups", name), REMOVED),
                )
            elif isinstance(groups, list) and name in groups and new not in groups:
                of_org = (Edit((*subject.org, "groups", groups.index(name)), new),)
            else:
                continue
            edits = (*of_org, *(Edit(key, new) for key in _mentions(subject, name)))
            yield subject.candidate(*edits, title=f"Rename the group {name} to {new}")


def _role_names(subject: Subject) -> list[str]:
    return [name for account in subject.finding.world.settings.aws.values() for name in account.roles]


def _mentions(subject: Subject, group: str) -> Iterator[Key]:
    """Yields where a group of the org is named: by members and in assignments."""
    for login, user in (subject.at((*subject.org, "users")) or {}).items():
        theirs = user.get("groups") if isinstance(user, dict) else None
        for index, name in enumerate(theirs or []):
            if name == group:
                yield (*subject.org, "users", login, "groups", index)
    for name, app in (subject.at((*subject.org, "apps")) or {}).items():
        for index, each in enumerate(app.get("assignments") or [] if isinstance(app, dict) else []):
            if isinstance(each, dict) and each.get("group") == group:
                yield (*subject.org, "apps", name, "assignments", index, "group")


def _is_slip(subject: Subject, name: str, other: str) -> bool:
    """Returns whether a group's name is a misspelling of another: one word differs, and no account id does."""
    words, others = _WORD.findall(name), _WORD.findall(other)
    if len(words) != len(others):
        return "".join(words) == "".join(others)
    differing = [pair for pair in zip(words, others, strict=True) if pair[0] != pair[1]]
    accounts = subject.finding.world.settings.aws
    return len(differing) <= 1 and all(
        bool(by_likeness(got, [want], at_least=ALIKE)) and got not in accounts for got, want in differing
    )


def source_of_group(subject: Subject) -> Iterator[Candidate]:
    """Yields the source that App Filter lets through, for a group of the person's with a similar source."""
    groups = subject.at((*subject.org, "groups"))
    let_in = [each.strip() for each in str(subject.of_app("app_filter") or "okta").split(",")]
    settings = groups if isinstance(groups, dict) else {}
    sources = [str(each.get("source")) for each in settings.values() if isinstance(each, dict)]
    for name in own_groups(subject):
        source = str((settings.get(name) or {}).get("source", "okta"))
        near = by_likeness(source, let_in, at_least=ALIKE)
        if near and sources.count(source) < 2 and source not in KNOWN_SOURCES:
            yield from subject.put_at((*subject.org, "groups", name, "source"), near[0])


def own_groups(subject: Subject) -> list[str]:
    """Returns the names of the person's groups."""
    present = subject.at((*subject.person, "groups"))
    return [each for each in present if isinstance(each, str)] if isinstance(present, list) else []


def _groups(subject: Subject) -> tuple[str, ...]:
    """Returns the existing groups: those that have the app, those of other people, then the org's.

    Where a role was asked for, groups named after it come first.
    """
    assignments = subject.of_app("assignments") or []
    assigned = [str(each["group"]) for each in assignments if isinstance(each, dict) and "group" in each]
    people = subject.at((*subject.org, "users")) or {}
    others = [user for login, user in people.items() if login != subject.person[-1] and isinstance(user, dict)]
    theirs = [name for user in others for name in user.get("groups") or []]
    known = dict.fromkeys((*assigned, *theirs, *(subject.at((*subject.org, "groups")) or [])))
    role = subject.finding.role.rpartition("/")[2]
    return tuple(sorted(known, key=lambda name: not role or role not in name))


# --- Fields -----------------------------------------------------------------------------------------------------------


def field_of_person(subject: Subject) -> Iterator[Candidate]:
    """Yields values for a person's own field: in the form that others have, or a name known where the login led."""
    if len(subject.key) <= len(subject.person):
        yield from renamed_person(subject)
        return
    present, last = subject.text, str(subject.key[-1])
    for value in _as_others_have_it(subject):
        yield from subject.put(value)
    for want in by_likeness(present, (each for each in subject.wanted if _is_plain(each))):
        yield from subject.put(want)
    yield from _misspelt_field(subject, last)
    cleaned = "".join(each for each in present if each.isalnum() or each in "_+=,.@-")
    if cleaned:
        yield from subject.put(cleaned)


def _misspelt_field(subject: Subject, name: str) -> Iterator[Candidate]:
    """Yields the renaming of a field whose name differs from the expected one only in case."""
    key: Key = (*subject.person, "profile")
    profile = subject.at(key)
    if not isinstance(profile, dict) or name in profile:
        return
    near = next((str(each) for each in profile if str(each).casefold() == name.casefold()), "")
    if near:
        edits = (Edit((*key, name), profile[near]), Edit((*key, near), REMOVED))
        yield subject.candidate(*edits, title=f"Rename {near} to {name}")


def _as_others_have_it(subject: Subject) -> tuple[str, ...]:
    """Returns a field's value if it is copied from another of the person's fields, as it is for everybody else."""
    inside = subject.key[len(subject.person) :]
    people = [str(each) for each in subject.at((*subject.org, "users")) or {}]
    others = [each for each in people if each != subject.person[-1] and _field(subject, each, inside)]
    found = []
    for source in (("email",), ("login",)):
        same = all(_field(subject, each, inside) == _field(subject, each, source) for each in others)
        if others and same and source != inside:
            found.append(_field(subject, str(subject.person[-1]), source))
    return tuple(value for value in dict.fromkeys(found) if value)


def _field(subject: Subject, login: str, inside: Key) -> str:
    if inside == ("login",):
        return login
    value = subject.at((*subject.org, "users", login, *inside))
    return value if isinstance(value, str) else ""


def address(subject: Subject) -> Iterator[Candidate]:
    """Yields an address that a condition allows, for a person whose address it does not."""
    people = subject.finding.world.settings.okta[str(subject.org[-1])].users
    others = [
        ip_address(user.source_ip) for login, user in people.items() if user.source_ip and login != subject.person[-1]
    ]
    for text in _NETWORK.findall(subject.finding.diagnosis.want):
        network = ip_network(text, strict=False)
        host = next(iter(network.hosts()), network.network_address)
        if any(each in network for each in others):
            yield from subject.put(str(host), title=f"Let {subject.person[-1]} come from {text}")


def _is_plain(text: str) -> bool:
    return not set(text) & set(" []{}*?|")
