"""Changes of what an app calls people, and of the attributes that a custom app sends."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.fixes.candidate import REMOVED, Candidate, Edit
from emulator.fixes.okta.known import roles
from emulator.fixes.okta.subject import Subject, by_likeness
from emulator.worldfile.yaml_data import Key

_FORMATS = ("okta_username", "email", "okta_username_prefix", "email_prefix")
_EXPRESSIONS = ("user.login", "user.email")
_AWS = "https://aws.amazon.com/SAML/Attributes/"
_TAG = f"{_AWS}PrincipalTag:"
_NAMES = tuple(_AWS + name for name in ("Role", "RoleSessionName", "SessionDuration", "SourceIdentity"))
_TRANSITIVE = f"{_AWS}TransitiveTagKeys"
_SHORTEST, _LONGEST, _USUAL = 900, 43_200, 3600


def username_format(subject: Subject) -> Iterator[Candidate]:
    """Yields the formats that Okta offers: the one that is nearly written, then the usual one first."""
    for name in dict.fromkeys((*by_likeness(subject.text, _FORMATS, at_least=0.8), *_FORMATS)):
        yield from subject.put(name)


def session_duration(subject: Subject) -> Iterator[Candidate]:
    """Yields a duration that AWS takes: the nearest to what is written, then that of an hour."""
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
    """Yields expressions of NameID that come to a name for everybody, then the application username."""
    for expression in _expressions(subject):
        yield from subject.put(expression)
    yield from subject.put(REMOVED)


def attribute(subject: Subject) -> Iterator[Candidate]:
    """Yields what an attribute statement would have to say, by the attribute's name."""
    for key in _statements(subject):
        statement = subject.at(key)
        if not isinstance(statement, dict):
            continue
        name = str(statement.get("name", ""))
        yield from _renamed(subject, key, name)
        position = subject.key[len(key) + 1] if len(subject.key) > len(key) + 1 else 0
        at: Key = (*key, "values", position)
        present = str(subject.at(at) or "")
        for value in _values(subject, name, present):
            yield from subject.put_at(at, value, title=f"Set the value of {name.removeprefix(_AWS)}")


def _statements(subject: Subject) -> tuple[Key, ...]:
    """Returns the keys of the statements that are blamed: one, or all where the list is."""
    beginning: Key = (*subject.app, "saml", "attributes")
    if len(subject.key) > len(beginning):
        return (subject.key[: len(beginning) + 1],)
    present = subject.at(beginning)
    return tuple((*beginning, index) for index in range(len(present))) if isinstance(present, list) else ()


def _renamed(subject: Subject, key: Key, name: str) -> Iterator[Candidate]:
    """Yields the names of AWS's that an attribute's may mean."""
    statements = subject.of_app("saml", "attributes") or []
    taken = {each.get("name") for each in statements if isinstance(each, dict)}
    known = [each for each in (*_NAMES, _TRANSITIVE) if each not in taken]
    if name in (*_NAMES, _TRANSITIVE) or name.startswith(_TAG):
        return
    for other in by_likeness(name, known, at_least=0.6)[:2]:
        yield from subject.put_at((*key, "name"), other, title=f"Rename the attribute {name.strip()}")
    if "PrincipalTag" in name:
        tag = name.rpartition("PrincipalTag")[2].lstrip(":/")
        yield from subject.put_at((*key, "name"), _TAG + tag, title=f"Rename the attribute {name.strip()}")


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
    """Yields the pairs of a role and its provider that the world has, the nearest to what is written first."""
    known = {value: each for each in roles(subject.finding.world) for value in each.values}
    asked = subject.finding.role
    right = [value for value, each in known.items() if not asked or asked in {each.name, each.arn}]
    for value in by_likeness(present.strip("\"'"), right)[:6]:
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
    """Returns expressions that name a person: the usual ones, and of their own fields."""
    profile = subject.at((*subject.person, "profile"))
    own = [f"user.{name}" for name in profile] if isinstance(profile, dict) else []
    email = _EXPRESSIONS if subject.at((*subject.person, "email")) else _EXPRESSIONS[:1]
    return tuple(dict.fromkeys((*by_likeness(subject.text, own, at_least=0.7), *email, *own)))


def without_statement(subject: Subject) -> Iterator[Candidate]:
    """Yields that a statement is taken out which AWS does not need."""
    needed = {f"{_AWS}Role", f"{_AWS}RoleSessionName"}
    for key in _statements(subject):
        statement = subject.at(key)
        if isinstance(statement, dict) and str(statement.get("name")) not in needed and len(subject.key) >= len(key):
            name = str(statement.get("name")).removeprefix(_AWS)
            warning = f"AWS is told no {name} then." if name.startswith(("Principal", "Source", "Trans")) else ""
            yield subject.candidate(Edit(key, REMOVED), title=f"Take the attribute {name} out", warning=warning)
