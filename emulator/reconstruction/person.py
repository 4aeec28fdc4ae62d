"""The person of a recorded login: the one name that they sign in with, and expressions for other names of theirs."""

from __future__ import annotations

_LONGEST_LITERAL = 1900


class Person:
    """Expresses values about a person as expressions; what cannot be derived from the login is kept in the profile.

    Args:
        login: What they sign in with.
    """

    def __init__(self, login: str) -> None:
        self.login = login
        self.profile: dict[str, str] = {}

    def expression(self, value: str, name: str) -> str:
        """Returns an expression that gives a value for this person.

        Args:
            value: The value.
            name: What it is called in the profile, where it has to be kept there.
        """
        if value == self.login:
            return "user.login"
        before, at, _ = self.login.partition("@")
        if at and value == before:
            return 'String.substringBefore(user.login, "@")'
        self.profile[name] = value
        return f"user.{name}"

    def username_format(self, value: str) -> str:
        """Returns the application username format that gives this person a certain username."""
        written = self.expression(value, "appUsername")
        return {"user.login": "okta_username", 'String.substringBefore(user.login, "@")': "okta_username_prefix"}.get(
            written, written
        )


def literal(value: str) -> str | None:
    """Returns an expression with the same text for everybody; None if it is longer than expressions may be."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if len(escaped) <= _LONGEST_LITERAL else None
