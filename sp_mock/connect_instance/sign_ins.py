"""Which browsers signed in to which instance, and at which of its domains, to explain why a page sees no session.

The real service knows nothing but the User-Agent of a browser that sends no cookie, and neither does this one.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.connect.federation import ConnectSession

# For so long after its end a session is still remembered.
_REMEMBERED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class InstanceSignIn:
    """A sign-in to an instance.

    Args:
        base_url: The domain of the instance that was used.
        login: Login of the user.
        destination: The destination of the login, as it was posted.
        browser: The User-Agent.
        began_at: Time of the sign-in.
        session_ends_at: End of the session.
        expires_at: When the sign-in is forgotten.
        signed_out: Whether the person has logged out since.
    """

    instance_id: str
    base_url: str
    login: str
    destination: str
    browser: str
    began_at: datetime
    session_ends_at: datetime
    expires_at: datetime
    signed_out: bool = False


class SignIns:
    """The sign-ins to all instances."""

    def __init__(self, store: Store, *, clock: Clock) -> None:
        self._clock = clock
        self._kept = store.table("connect-sign-ins", InstanceSignIn)

    def remember(
        self, refresh_token: str, session: ConnectSession, *, base_url: str, destination: str, browser: str
    ) -> None:
        """Remembers the sign-in that a refresh token belongs to."""
        sign_in = InstanceSignIn(
            instance_id=session.instance_id,
            base_url=base_url,
            login=session.user.login,
            destination=destination,
            browser=browser,
            began_at=self._clock.now(),
            session_ends_at=session.session_ends_at,
            expires_at=session.session_ends_at + _REMEMBERED,
        )
        self._kept.put(refresh_token, sign_in)

    def signed_out(self, instance_id: str, *, login: str, browser: str) -> None:
        """Remembers that a person logged out; the browser sends its refresh token to the pages below /auth only."""
        for key, known in self._kept.running().items():
            if (known.instance_id, known.login, known.browser) == (instance_id, login, browser):
                self._kept.put(key, replace(known, signed_out=True))

    def to(self, instance_id: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins to an instance whose sessions are still running."""
        running = self._kept.running().values()
        return tuple(each for each in running if each.instance_id == instance_id and self.goes_on(each))

    def by(self, browser: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins of a browser, the latest first."""
        return tuple(each for each in reversed(tuple(self._kept.running().values())) if each.browser == browser)

    def goes_on(self, sign_in: InstanceSignIn) -> bool:
        """Returns whether the session of a sign-in is still running."""
        return not sign_in.signed_out and sign_in.session_ends_at > self._clock.now()
