"""A login that was made as the example of a group of logins: explained, with the fixes that let it arrive."""

from __future__ import annotations

from emulator.access.decision import Decision
from emulator.access.table import Access
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation
from emulator.fixes.attempt import Attempt
from emulator.fixes.trial import Journey
from emulator.fixes.trying import with_fixes
from emulator.flow import Login


def with_tried_fixes(
    login: Login, federation: Federation, decision: Decision, *, known: Access | None = None
) -> LoginResult:
    """Explains a login that was made in a copy, and tries fixes.

    Args:
        federation: The copy.
        decision: The decision about the login, with its person and role.
        known: Result of every login there, where these have been decided.
    """
    result = result_of(login, federation)
    who = decision.who
    attempt = Attempt(who.person, f"{who.org}/{who.app}", role=decision.role or None)
    return with_fixes(result, federation, Journey((attempt,), federation.instants), known=known)
