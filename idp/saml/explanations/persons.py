"""The names by which a person may be known, and which of their fields other people have as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from emulator.kernel.errors import FederationError
from idp.model import User
from idp.saml.explanations.message import IssuedMessage
from idp.saml.expressions import values_of
from idp.saml.usernames import TEMPLATES, application_username, field_value, username_scope

# A field that fewer than one in four people have is not one that a statement should rely on.
_FEW = 4


def named(message: IssuedMessage, user: User, username_format: str) -> str:
    """Returns the name that a format or an expression gives a person; empty where it gives none."""
    try:
        return application_username(message.org, replace(message.app, username_format=username_format), user)
    except FederationError:
        return ""


def value_of(message: IssuedMessage, user: User, expression: str) -> str:
    """Returns the value of an attribute statement's expression for a person; empty where it has none."""
    try:
        username = application_username(message.org, message.app, user)
        return "".join(values_of(expression, username_scope(message.org, message.app, user, username=username)))
    except FederationError:
        return ""


def known_as(message: IssuedMessage, known: tuple[str, ...]) -> tuple[str, ...]:
    """Returns which of the names that somebody knows are clearly the person's.

    Such a name comes from another Okta format or another field of the person, has the first and last name in one of the
    usual orders, or is the only one with the same part before the ``@``.
    """
    names = {each.casefold() for each in _names(message)}
    theirs = tuple(each for each in known if each.casefold() in names)
    if theirs:
        return theirs
    user = message.user
    mailboxes = {_mailbox(each) for each in (user.login, user.email)} - {""}
    same = tuple(each for each in known if "@" in each and _mailbox(each) in mailboxes)
    return same if len(same) == 1 else ()


def _names(message: IssuedMessage) -> Iterator[str]:
    user = message.user
    yield from filter(None, (named(message, user, each) for each in TEMPLATES))
    yield from (value for value in user.profile.values() if isinstance(value, str) and value)
    domains = {each.partition("@")[2] for each in (user.login, user.email)} - {""}
    mailboxes = {_mailbox(each) for each in (user.login, user.email)} - {""}
    for mailbox in (*mailboxes, *_of_both_names(user.first_name, user.last_name)):
        yield from (f"{mailbox}@{domain}" for domain in domains)
    yield from _of_both_names(user.first_name, user.last_name)


def _of_both_names(first: str, last: str) -> Iterator[str]:
    """Yields a person's first and last name in the forms in which user names are made of them."""
    first, last = ("".join(each.split()) for each in (first, last))
    if not first or not last:
        return
    for between in (".", "", "_", "-"):
        yield f"{first}{between}{last}"
        yield f"{last}{between}{first}"
        yield f"{first[0]}{between}{last}"
        yield f"{last}{between}{first[0]}"


def _mailbox(address: str) -> str:
    return address.partition("@")[0].casefold()


def others_of(message: IssuedMessage) -> tuple[User, ...]:
    """Returns the other people who have the app, or if there are none, the other people of the org."""
    others = tuple(user for user in message.org.users.values() if user.login != message.user.login)
    return tuple(user for user in others if message.org.assigned(message.app, user)) or others


def who_else_has(message: IssuedMessage, variable: str) -> str:
    """Returns in words that nobody or hardly anybody has a field; empty where other people have it.

    Args:
        message: The issued message.
        variable: Name of the field in expressions.
    """
    others = others_of(message)
    having = sum(1 for user in others if field_value(user, variable))
    if not having:
        return "nobody here has one"
    return "hardly anybody here has one" if having * _FEW < len(others) else ""
