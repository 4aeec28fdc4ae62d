"""Where a person's name in an app comes from: which username format or expression, and which would be right."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator

from emulator.kernel.explanations import Change, Explanation, Setting
from emulator.kernel.records import dataclass
from idp.saml.explanations.message import IssuedMessage
from idp.saml.explanations.persons import named, others_of, value_of, who_else_has
from idp.saml.usernames import (
    TEMPLATES,
    application_username,
    field_path,
    field_value,
    username_expression,
    variables_of,
)
from idp.saml.wording import CONSOLE, change, difference, nearest, one_of

_PROFILE = "Directory > People > person > Profile"
_SLIP = 0.75
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
    """The setting that produced a name.

    Args:
        setting: The username format, or the expression of an attribute statement.
        key: World key of the setting, from the app on.
        name: Key of ``CONSOLE`` for its label in the console.
        text: Value of the setting.
        got: The name that it produced.
        takes_formats: Whether the setting accepts Okta's formats; otherwise only expressions.
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
    """Returns where a name comes from, and what to change so that it becomes the wanted one.

    Args:
        message: The issued message.
        made: The setting that produced the name.
        wanted: Names that would be right, or a regular expression that they have to match.
    """
    if not made.got:
        return _no_name(message, made, wanted)
    theirs = tuple(message.of_user(*field_path(name)) for name in variables_of(made.text)[:1])
    what = "username format" if made.takes_formats else "expression"
    why = f"The name {made.got} comes from the {what} {made.text}{_of(message, theirs)}."
    for explained in (
        _another_format(message, made, wanted, theirs, why),
        _another_case(made, wanted, theirs, why),
    ):
        if explained is not None:
            return explained
    near = nearest(made.got, wanted)
    marked = difference(near, made.got) if near else ""
    fix = _of_their_own(message, made, wanted, theirs)
    if not theirs and wanted:
        fix = f"Let {made.key} come to {one_of(wanted)} ({CONSOLE[made.name]})."
    return Explanation(
        f"{why.removesuffix('.')}: {marked}." if marked else why,
        (*theirs, made.setting),
        want=one_of(wanted),
        got=made.got,
        fix=fix,
        changes=_change_of_their_own(message, made, wanted, theirs),
    )


def _no_name(message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...]) -> Explanation:
    """The setting gives no name, because the person lacks a field that others have, or that nobody has."""
    login, lacking = message.user.login, [n for n in variables_of(made.text) if not field_value(message.user, n)]
    what, field = "username format" if made.takes_formats else "expression", lacking[0] if lacking else ""
    theirs = tuple(message.of_user(*field_path(name)) for name in lacking[:1])
    rare = who_else_has(message, field) if lacking else ""
    is_made_wrongly = not lacking or bool(rare)
    changes: tuple[Change, ...] = ()
    fix = f"Give {login} a {field} ({'.'.join(('users', login, *field_path(field)))}; {_PROFILE})."
    if is_made_wrongly:
        better = next((each for each in _formats_that_fit(message, wanted)), "okta_username")
        value = better if made.takes_formats else _EXPRESSIONS[better]
        fix, changes = change(made.name, value, key=made.key), (Change(made.setting, value),)
    nobody = f" ({rare})" if rare else ""
    has = f"and {login} has no {field}{nobody}" if lacking else f"which is empty for {login}"
    return Explanation(
        f"The name is empty: it comes from the {what} {made.text}, {has}.",
        (made.setting, *theirs) if is_made_wrongly else (*theirs, made.setting),
        want=one_of(wanted),
        got=f"no {field}" if lacking else "an empty name",
        fix=fix,
        changes=changes,
    )


def _another_format(
    message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...], theirs: tuple[Setting, ...], why: str
) -> Explanation | None:
    """Another Okta format gives the wanted name."""
    better = next(_formats_that_fit(message, wanted), None)
    if better is None or better == made.text:
        return None
    if made.takes_formats:
        fix = f"Set username_format: {better} ({CONSOLE['username_format']}: {_CONSOLE_NAMES[better]})."
    else:
        fix = change(made.name, _EXPRESSIONS[better], key=made.key)
    causes = (made.setting, *theirs)
    changes: tuple[Change, ...] = (Change(made.setting, better if made.takes_formats else _EXPRESSIONS[better]),)
    if theirs and _is_own_mistake(message, made, wanted):
        causes = (*theirs, made.setting)
        fix, changes = _of_their_own(message, made, wanted, theirs), _change_of_their_own(message, made, wanted, theirs)
    return Explanation(
        f"{why} {_CONSOLE_NAMES[better]} would give {named(message, message.user, better)}.",
        causes,
        want=one_of(wanted),
        got=made.got,
        fix=fix,
        changes=changes,
    )


def _another_case(
    made: WrittenBy, wanted: tuple[str, ...], theirs: tuple[Setting, ...], why: str
) -> Explanation | None:
    """The wanted name is this one in lower or upper case."""
    case = next((each for each in wanted if each.casefold() == made.got.casefold()), "")
    function = {case.upper(): "toUpperCase", case.lower(): "toLowerCase"}.get(case)
    if not case or case == made.got or function is None:
        return None
    text = f"String.{function}({_EXPRESSIONS.get(made.text) or username_expression(made.text)})"
    return Explanation(
        f"{why} Only the case differs.",
        (made.setting, *theirs),
        want=case,
        got=made.got,
        fix=change(made.name, text, key=made.key),
        changes=(Change(made.setting, text),),
    )


def _formats_that_fit(message: IssuedMessage, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yields the Okta formats that give what is wanted, in the order of what is wanted."""
    for want in wanted:
        for name in TEMPLATES:
            if _fits(want, named(message, message.user, name)):
                yield name


def _fits(want: str, value: str) -> bool:
    """Whether a name is the wanted one, or matches the regular expression for names."""
    if want == value:
        return bool(value)
    if not _is_rule(want):
        return False
    try:
        return re.fullmatch(want, value) is not None
    except (re.error, OverflowError, RecursionError):
        return False


def _is_rule(want: str) -> bool:
    """Whether a text is a rule for names rather than a name."""
    return bool(set("[ *?") & set(want))


def _tidied(got: str, wanted: tuple[str, ...]) -> Iterator[str]:
    """Yields the name without blanks and accents, where that makes it right."""
    plain = unicodedata.normalize("NFKD", got).encode("ascii", "ignore").decode()
    for name in (".".join(got.split()), "".join(got.split()), ".".join(plain.split()), "".join(plain.split())):
        if any(_is_rule(want) and _fits(want, name) for want in wanted):
            yield name


def _is_own_mistake(message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...]) -> bool:
    """Whether a person's own field is wrong: the setting gives right names for others, and this one has a slip."""
    make = named if made.takes_formats else value_of
    names = [name for user in others_of(message) if (name := make(message, user, made.text))]
    if any(map(_is_rule, wanted)):
        return bool(names) and all(any(_fits(want, name) for want in wanted) for name in names)
    return bool(names) and any(_is_slip(made.got, want) for want in wanted)


def _is_slip(got: str, want: str) -> bool:
    """Whether two names differ by no more than a slip, on one side of the ``@``; case alone does not count."""
    one, other = got.casefold().partition("@"), want.casefold().partition("@")
    if one != other and (one[0] == other[0] or one[2] == other[2]):
        differing = (one[0], other[0]) if one[0] != other[0] else (one[2], other[2])
        return difflib.SequenceMatcher(None, *differing).ratio() >= _SLIP
    return False


def _of(message: IssuedMessage, theirs: tuple[Setting, ...]) -> str:
    if not theirs:
        return ""
    is_login = len(theirs[0].path) == 2
    field = "login" if is_login else str(theirs[0].path[-1])
    value = message.user.login if is_login else str(getattr(message.user, field, message.user.profile.get(field, "")))
    return f" (the {field.replace('_', ' ')} {value})"


def _of_their_own(message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...], theirs: tuple[Setting, ...]) -> str:
    """Returns the change of the person's own field that makes the name right."""
    if not theirs or not wanted:
        return ""
    login = message.user.login
    want = _wanted_of_their_own(made, wanted)
    is_login = len(theirs[0].path) == 2
    field = "login" if is_login else ".".join(map(str, theirs[0].path[2:]))
    if _is_rule(want):
        where = f"users.{login}" if is_login else f"users.{login}.{field}"
        return f"Give {login} {'a login' if is_login else f'a value of {field}'} of {want} ({where})."
    want = _whole(message, made, want, is_login=is_login)
    if is_login:
        return f"Rename the user {login} to {want} (the key under users; {_PROFILE} > Username)."
    return f"Set users.{login}.{field}: {want} ({_PROFILE})."


def _wanted_of_their_own(made: WrittenBy, wanted: tuple[str, ...]) -> str:
    return next(_tidied(made.got, wanted), "") or nearest(made.got, wanted) or wanted[0]


def _whole(message: IssuedMessage, made: WrittenBy, want: str, *, is_login: bool) -> str:
    """Returns the whole field value that gives a name; where only the part before the ``@`` is used, with the rest."""
    if not made.text.endswith("_prefix"):
        return want
    return want + (message.user.login if is_login else message.user.email)[len(made.got) :]


def _change_of_their_own(
    message: IssuedMessage, made: WrittenBy, wanted: tuple[str, ...], theirs: tuple[Setting, ...]
) -> tuple[Change, ...]:
    """Returns the change of the person's own field; none for a login, by which everything else knows them."""
    if not theirs or not wanted or len(theirs[0].path) == 2:
        return ()
    want = _wanted_of_their_own(made, wanted)
    return () if _is_rule(want) else (Change(theirs[0], _whole(message, made, want, is_login=False)),)
