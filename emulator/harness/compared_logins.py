"""Two logins compared by a test, in people's words."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.diagnosis.login_result import LoginResult
from emulator.flow import Login


def compared_logins(left: object, right: object) -> list[str] | None:
    """Returns how two logins differ, as lines for pytest; None where these are not two logins."""
    one, other = _login(left), _login(right)
    if one is None or other is None:
        return None
    rows = [(name, mine, theirs) for (name, mine), (_, theirs) in zip(_rows(one), _rows(other), strict=True)]
    lines = [f"{name}: {mine or 'none'} != {theirs or 'none'}" for name, mine, theirs in rows if mine != theirs]
    return [f"{left!r} == {right!r}", *(lines or ["They are two logins with the same result."])]


def _login(value: object) -> Login | None:
    if isinstance(value, LoginResult):
        return value.login
    return value if isinstance(value, Login) else None


def _rows(login: Login) -> Iterator[tuple[str, str]]:
    yield "user", login.user
    yield "app", login.app
    yield "outcome", login.outcome.value
    yield "lands_on", login.lands_on
    yield "role", login.role
    yield "session_name", login.session_name
    decided = login.refusal or login.shortfall
    yield "check", decided.check if decided is not None else ""
