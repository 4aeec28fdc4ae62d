"""Logins made by a test: the fixture ``login``."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from emulator.building.faults import read_fault
from emulator.diagnosis.login_result import LoginResult, result_of
from emulator.federation import Federation
from emulator.fixes.attempt import Attempt, make_login
from emulator.flow import Outcome
from emulator.kernel.errors import ExpectationFailed, FederationError, Refusal
from emulator.reports.errors import error_text
from emulator.reports.text import result_block


class Logins:
    """Makes logins, each in a new browser, and remembers the results.

    Args:
        made: Called with the result of each login.
    """

    def __init__(self, federation: Federation, made: list[LoginResult]) -> None:
        self._federation = federation
        self._made = made

    def __repr__(self) -> str:
        return f"<login, made {len(self._made)} times>"

    def __call__(
        self,
        user: str,
        app: str,
        *,
        role: str | None = None,
        relay_state: str | None = None,
        destination: str | None = None,
        lands_on: str = "",
        source_ip: str | None = None,
        via: Literal["browser", "sts"] = "browser",
        faults: Sequence[Mapping[str, Any]] = (),
        must_arrive: bool = False,
    ) -> LoginResult:
        """Logs a person in and returns the result, refused or not.

        Args:
            user: Okta login.
            app: Name of the app, or ``org/app``.
            role: Role to take when sign-in asks, by name or ARN.
            relay_state: Replaces the app's default relay state.
            destination: Added to the app's default relay state, such as ``/ccp-v2``.
            lands_on: URL where it should end; by default what the relay state, or else the role, says.
            source_ip: Address that the requests come from; by default the person's own.
            via: Whether the assertion is posted to AWS's sign-in page or passed to AssumeRoleWithSAML.
            faults: Faults of the response, as in a scenario.
            must_arrive: Whether the test fails if the login is refused or ends elsewhere.

        Raises:
            ExpectationFailed: also an AssertionError: it does not arrive, with the block that says why.
            FlowError: the browser cannot continue, for example because a role has to be chosen.
            FederationError: the app does not exist, or a fault is invalid or would change nothing.
        """
        __tracebackhide__ = True
        attempt = Attempt(
            user,
            app,
            role=role,
            relay_state=relay_state,
            destination=destination,
            lands_on=lands_on,
            source_ip=source_ip,
            via=via,
        )
        try:
            result = self._make(attempt, faults)
        except FederationError as error:
            for line in error_text(error).splitlines()[1:]:
                error.add_note(line)
            raise error.with_traceback(None) from None  # the place in our code where it was raised means nothing to the
            # test
        self._made.append(result)
        if must_arrive and result.login.outcome is not Outcome.ACCEPTED:
            raise ExpectationFailed(f"{user} does not arrive in {app}\n{result_block(result)}")
        return result

    def _make(self, attempt: Attempt, faults: Sequence[Mapping[str, Any]]) -> LoginResult:
        provider, app = self._federation.find_app(attempt.app)
        planted = tuple(read_fault(dict(fault)) for fault in faults)
        if planted and attempt.user in provider.org.users:
            # A fault that would change nothing is a mistake of the test's, unless the login does not get as far as an
            # assertion.
            with contextlib.suppress(Refusal):
                provider.mint(attempt.user, app.name, faults=planted)
            provider.faults.inject(app.name, attempt.user, planted)
        return result_of(make_login(attempt, self._federation, self._federation.browser()), self._federation)
