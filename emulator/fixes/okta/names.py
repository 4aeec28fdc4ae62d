"""Changes of people's names in an app, and of the attributes that a custom app sends."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.okta.known import roles
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.kernel.explanations import Sent
from emulator.worldfile.text.yaml_data import Key

_FORMATS = ("okta_username", "email", "okta_username_prefix", "email_prefix")
_EXPRESSIONS = ("user.login", "user.email")
_AWS = "https://aws.amazon.com/SAML/Attributes/"
_TAG = f"{_AWS}PrincipalTag:"
_NAMES = tuple(_AWS + name for name in ("Role", "RoleSessionName", "SessionDuration", "SourceIdentity"))
_TRANSITIVE = f"{_AWS}TransitiveTagKeys"
_ATTRIBUTE = re.compile(r"/Attribute\[@Name='(.*?)'\]")
_SHORTEST, _LONGEST, _USUAL = 900, 43_200, 3600


def username_format(subject: Subject) -> Iterator[Candidate]:
    """Yields the formats that Okta offers: the one that was nearly written, then the usual ones first."""
    for name in dict.fromkeys((*by_likeness(subject.text, _FORMATS, at_least=0.8), *_FORMATS)):
        yield from subject.put(name)


def session_duration(subject: Subject) -> Iterator[Candidate]:
    """Yields a duration that AWS accepts: the nearest to the written one, then one hour."""
    present = subject.value
    if isinstance(present, str) and present.strip().isdigit():
        present = int(present)
    if isinstance(present, int):
        # So few are hours or minutes rather than seconds.
        for seconds in (present * 60, present * 3600):
            if _SHORTEST <= seconds <= _LONGEST and present < _SHORTEST:
                yield from subject.put(seconds)
        yield from subject.put(max(_SHORTEST, min(_LONGEST, present)))
    yield from subject.put(_USUAL)
    yield from subject.put(REMOVED)


def name_id(subject: Subject) -> Iterator[Candidate]:
    """Yields expressions of NameID that give everybody a name, then the application username."""
    for expression in _expressions(subject):
        yield from subject.put(expression)
    yield from subject.put(REMOVED)


def attribute(subject: Subject) -> Iterator[Candidate]:
    """Yields what an attribute statement would have to contain, by the attribute's name."""
    for key in _statements(subject):
        statement = subject.at(key)
        if not isinstance(statement, dict):
            continue
        name = str(statement.get("name", ""))
        yield from _renamed(subject, key, name)
        if "groups" in statement and name in _NAMES:
            yield from _of_values(subject, key, statement)
            continue
        position = subject.key[len(key) + 1] if len(subject.key) > len(key) + 1 else 0
        at: Key = (*key, "values", position)
        present = str(subject.at(at) or "")
        for value in _values(subject, name, present):
            yield from subject.put_at(at, value)


def _of_values(subject: Subject, key: Key, statement: dict[str, object]) -> Iterator[Candidate]:
    """Yields a statement with a value instead of group names, which are not values for AWS."""
    name = str(statement["name"])
    kept = {word: value for word, value in statement.items() if word not in {"groups", "values"}}
    for value in _values(subject, name, ""):
        title = f"Set the value of {name.removeprefix(_AWS)}"
        yield from subject.put_at(key, {**kept, "values": [value]}, title=title)


def misnamed_attribute(subject: Subject) -> Iterator[Candidate]:
    """Yields the name that fits an attribute's value, if no other attribute has it."""
    key: Key = (*subject.app, "saml", "attributes")
    statements = [each for each in subject.at(key) or [] if isinstance(each, dict)]
    names = {str(each.get("name")) for each in statements}
    for index, statement in enumerate(statements):
        for name in names_by_value(statement, _looked_for(subject)):
            if name not in names:
                yield from subject.put_at((*key, index, "name"), name)


def _looked_for(subject: Subject) -> tuple[str, ...]:
    """Returns the names of the attributes that the refusing side looked for."""
    causes = (each for each in subject.finding.diagnosis.causes if isinstance(each, Sent))
    places = (_ATTRIBUTE.search(each.place) for each in causes)
    return tuple(dict.fromkeys(place[1] for place in places if place is not None))


def names_by_value(statement: dict[str, object], looked_for: Iterable[str] = ()) -> Iterator[str]:
    """Yields the names that fit an attribute statement, judging by what it sends.

    Args:
        statement: The statement in the world's form.
        looked_for: Names of attributes that are looked for.
    """
    values = statement.get("values")
    text = str(values[0]) if isinstance(values, list) and values else ""
    if ":role/" in text or ":saml-provider/" in text:
        yield f"{_AWS}Role"
    elif text.strip("\"'").isdigit():
        yield f"{_AWS}SessionDuration"
    elif re.fullmatch(r"user\.(login|email|upn|userName)", text):
        yield f"{_AWS}RoleSessionName"
    tag = text.removeprefix("user.")
    yield from (each for each in looked_for if each.casefold() == f"{_TAG}{tag}".casefold())


def missing_attribute(subject: Subject) -> Iterator[Candidate]:
    """Yields a new attribute statement, where none has the name that was looked for."""
    key: Key = (*subject.app, "saml", "attributes")
    names = {str(each.get("name")) for each in subject.at(key) or [] if isinstance(each, dict)}
    for name in _looked_for(subject):
        if subject.is_custom and name in _NAMES and name not in names and subject.key == key:
            title = f"Add the attribute {name.removeprefix(_AWS)}"
            for value in _values(subject, name, ""):
                yield from subject.append(key, {"name": name, "values": [value]}, title=title)


def _statements(subject: Subject) -> tuple[Key, ...]:
    """Returns the keys of the blamed statements: one, or all where the list is blamed."""
    beginning: Key = (*subject.app, "saml", "attributes")
    if len(subject.key) > len(beginning):
        return (subject.key[: len(beginning) + 1],)
    present = subject.at(beginning)
    return tuple((*beginning, index) for index in range(len(present))) if isinstance(present, list) else ()


def _renamed(subject: Subject, key: Key, name: str) -> Iterator[Candidate]:
    """Yields the AWS attribute names that an attribute may mean."""
    statements = subject.of_app("saml", "attributes") or []
    taken = {each.get("name") for each in statements if isinstance(each, dict)}
    known = [each for each in (*_NAMES, _TRANSITIVE) if each not in taken]
    if name in (*_NAMES, _TRANSITIVE) or name.startswith(_TAG):
        return
    for other in by_likeness(name, known, at_least=0.6)[:2]:
        yield from subject.put_at((*key, "name"), other)
    if "PrincipalTag" in name:
        tag = name.rpartition("PrincipalTag")[2].lstrip(":/")
        yield from subject.put_at((*key, "name"), _TAG + tag)


def _values(subject: Subject, name: str, present: str) -> Iterator[str]:
    if name == f"{_AWS}Role":
        yield from _role_values(subject, present)
    elif name == f"{_AWS}SessionDuration":
        digits = "".join(each for each in present if each.isdigit())
        for seconds in _durations(digits):
            yield f'"{seconds}"'
    elif name == _TRANSITIVE:
        statements = subject.of_app("saml", "attributes") or []
        names = (str(each.get("name", "")) for each in statements if isinstance(each, dict))
        for tag in by_likeness(
            present.strip('"'), (each.removeprefix(_TAG) for each in names if each.startswith(_TAG))
        ):
            yield f'"{tag}"'
    elif name.startswith(_TAG):
        yield from _of_profile(subject, name.removeprefix(_TAG), present)
    else:
        yield from _expressions(subject)


def _role_values(subject: Subject, present: str) -> Iterator[str]:
    """Yields the world's pairs of role and provider, the nearest to the written one first."""
    known = {value: each for each in roles(subject.finding.world) for value in each.values}
    asked = subject.finding.role
    right = [value for value, each in known.items() if not asked or asked in {each.name, each.arn}]
    own = f"{subject.org[-1]}/{subject.app[-1]}"
    likely = by_likeness(present.strip("\"'"), right)[:8]
    for value in likely if present else sorted(likely, key=lambda each: known[each].app != own):
        yield f'"{value}"'


def _durations(digits: str) -> Iterator[int]:
    if digits and len(digits) < 7:
        number = int(digits)
        for seconds in (number * 60, number * 3600) if number < _SHORTEST else ():
            if _SHORTEST <= seconds <= _LONGEST:
                yield seconds
        yield max(_SHORTEST, min(_LONGEST, number))
    yield _USUAL


def _of_profile(subject: Subject, tag: str, present: str) -> Iterator[str]:
    profile = subject.at((*subject.person, "profile"))
    names = [str(each) for each in profile] if isinstance(profile, dict) else []
    for name in (*by_likeness(tag, names), *by_likeness(present.removeprefix("user."), names)):
        yield f"user.{name}"


def _expressions(subject: Subject) -> tuple[str, ...]:
    """Returns expressions that name a person: the usual ones, and those of their own fields."""
    profile = subject.at((*subject.person, "profile"))
    own = [f"user.{name}" for name in profile] if isinstance(profile, dict) else []
    email = _EXPRESSIONS if subject.at((*subject.person, "email")) else _EXPRESSIONS[:1]
    return tuple(dict.fromkeys((*by_likeness(subject.text, own, at_least=0.7), *email, *own)))


def without_statement(subject: Subject) -> Iterator[Candidate]:
    """Yields the removal of a statement that AWS does not need."""
    needed = {f"{_AWS}Role", f"{_AWS}RoleSessionName"}
    for key in _statements(subject):
        statement = subject.at(key)
        # Transitive tags are those of other statements: a value in one of these is wrong.
        is_list_of_tags = isinstance(statement, dict) and statement.get("name") == _TRANSITIVE
        if is_list_of_tags and subject.finding.diagnosis.check == "session-tags":
            continue
        if isinstance(statement, dict) and str(statement.get("name")) not in needed and len(subject.key) >= len(key):
            name = str(statement.get("name")).removeprefix(_AWS)
            warning = f"AWS is told no {name} then." if name.startswith(("Principal", "Source", "Trans")) else ""
            yield subject.candidate(Edit(key, REMOVED), title=f"Take the attribute {name} out", warning=warning)
