"""Why a person is called what they are called: by which username format or expression, and which would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Explanation, Setting
from idp.model import User
from idp.saml.explanations.message import IssuedMessage
from idp.saml.usernames import TEMPLATES, application_username, field_path, variables_of
from idp.saml.wording import CONSOLE, change, difference, nearest, one_of

_CONSOLE_NAMES = {
    "okta_username": "Okta username",
    "okta_username_prefix": "Okta username prefix",
    "email": "Email",
    "email_prefix": "Email prefix",
}
_EXPRESSIONS = {
    "okta_username": "user.login",
    "okta_username_prefix": 'String.substringBefore(user.login, "@")',
    "email": "user.email",
    "email_prefix": 'String.substringBefore(user.email, "@")',
}


@dataclass(frozen=True, slots=True)
class WrittenBy:
    """What made a name.

    Args:
        setting: The username format, or the expression of an attribute statement.
        key: Its world key, from the app on.
        name: By which of ``CONSOLE`` it is found.
        text: What it says.
        got: The name that came of it.
        takes_formats: Whether Okta's formats can be written there; an expression otherwise.
    """

    setting: Setting
    key: str
    name: str
    text: str
    got: str
    takes_formats: bool = True


def explain_application_username(message: IssuedMessage, wanted: tuple[str, ...]) -> Explanation:
    """Returns where the application username comes from, which is the AWS app's NameID and RoleSessionName."""
    app = message.app
    got = application_username(message.org, app, message.user)
    made = WrittenBy(message.setting("username_format"), "username_format", "username_format", app.username_format, got)
    return explain_name(message, made, wanted)


def explain_name(message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...]) -> Explanation:
    """Returns why a name is what it is, and what to change so that it becomes the one that was wanted.

    Args:
        message: What was issued.
        made: What made the name.
        wanted: The names that would be right, or a regular expression that they have to match.
    """
    theirs = tuple(_field_behind(message, made.text))
    what = "username format" if made.takes_formats else "expression"
    why = f"The name {made.got} comes from the {what} {made.text}{_of(message, theirs)}."
    want = one_of(wanted)
    better = next(_formats_that_fit(message, wanted), None)
    if better is not None and better != made.text:
        text = better if made.takes_formats else _EXPRESSIONS[better]
        value = _named(message, message.user, better)
        fix = change(made.name, text, key=made.key)
        if made.takes_formats:
            fix = f"Set username_format: {text} ({CONSOLE['username_format']}: {_CONSOLE_NAMES[better]})."
        causes = (made.setting, *theirs)
        if theirs and _suits_others(message, made, wanted):
            causes = (*theirs, made.setting)
            fix = _of_their_own(message, made, wanted, theirs) or fix
        return Explanation(
            f"{why} {_CONSOLE_NAMES[better]} would give {value}.", causes[:2], want=want, got=made.got, fix=fix
        )
    case = next((each for each in wanted if each.casefold() == made.got.casefold() and each != made.got), "")
    function = {case.lower(): "toLowerCase", case.upper(): "toUpperCase"}.get(case) if case else None
    if function is not None:
        text = f"String.{function}({_EXPRESSIONS.get(made.text, made.text)})"
        fix = change(made.name, text, key=made.key)
        return Explanation(f"{why} Only the case differs.", (made.setting, *theirs), want=case, got=made.got, fix=fix)
    fix = _of_their_own(message, made, wanted, theirs)
    causes = (*theirs, made.setting) if theirs else (made.setting,)
    near = nearest(made.got, wanted)
    marked = difference(near, made.got) if near else ""
    if not theirs and wanted:
        fix = f"Let {made.key} come to {want} ({CONSOLE[made.name]})."
    return Explanation(
        f"{why}{f' {marked[0].upper()}{marked[1:]}.' if marked else ''}", causes[:2], want=want, got=made.got, fix=fix
    )


def _formats_that_fit(message: IssuedMessage, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yields the formats of Okta's that give what is wanted, in the order in which it is wanted."""
    for want in wanted:
        for name in TEMPLATES:
            if _fits(want, _named(message, message.user, name)):
                yield name


def _named(message: IssuedMessage, user: User, username_format: str) -> str:
    try:
        return application_username(message.org, replace(message.app, username_format=username_format), user)
    except FederationError:
        return ""


def _fits(want: str, value: str) -> bool:
    """Whether a name is the wanted one, or matches the regular expression that says how names have to be."""
    if want == value:
        return bool(value)
    if "[" not in want:
        return False
    try:
        return re.fullmatch(want, value) is not None
    except re.error:
        return False


def _suits_others(message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...]) -> bool:
    """Whether what made the name makes right ones for other people: then this person is the exception."""
    if not made.takes_formats:
        return False
    others = [each for each in message.org.users.values() if each.login != message.user.login]
    names = [_named(message, each, made.text) for each in others if message.org.assigned(message.app, each)]
    return bool(names) and all(any(_fits(want, name) for want in wanted) for name in names)


def _field_behind(message: IssuedMessage, text: str) -> Iterator[Setting]:
    """Yields the person's field that a format or an expression takes the name from."""
    yield from (message.of_user(*field_path(name)) for name in variables_of(text)[:1])


def _of(message: IssuedMessage, theirs: tuple[Setting, ...]) -> str:
    if not theirs:
        return ""
    field = theirs[0].path[-1] if len(theirs[0].path) > 2 else "login"
    values = {"login": message.user.login, "email": message.user.email}
    value = values.get(str(field), "")
    return f", from the {str(field).replace('_', ' ')} {value}".rstrip() if value else f", from {field}"


def _of_their_own(message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...], theirs: tuple[Setting, ...]) -> str:
    """Returns the change of the person's own field that makes the name right."""
    if not theirs or not wanted:
        return ""
    login, want = message.user.login, nearest(made.got, wanted) or wanted[0]
    is_login = len(theirs[0].path) == 2
    field = "login" if is_login else ".".join(map(str, theirs[0].path[2:]))
    if "[" in want:
        where = f"users.{login}" if is_login else f"users.{login}.{field}"
        return f"Give {login} {'a login' if is_login else f'a value of {field}'} that matches {want} ({where})."
    if made.text.endswith("_prefix"):
        present = message.user.login if is_login else message.user.email
        want += present[len(made.got) :]
    if is_login:
        console = "Directory > People > person > Profile > Username"
        return f"Rename the user {login} to {want} (the key under users; {console})."
    console = "Directory > People > person > Profile"
    return f"Set users.{login}.{field}: {want} ({console})."
