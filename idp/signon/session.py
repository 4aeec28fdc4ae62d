"""Who is signed in to the org: passwords in, sessions out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from idp.directory import Directory
from idp.model import User
from idp.signon import sign_in_events
from idp.signon.sign_in_refusals import authentication_failed, bad_session_token
from idp.signon.sign_in_rules import refuse_password
from idp.system_log.service import SystemLog

LIFETIME = timedelta(hours=2)
TOKEN_LIFETIME = timedelta(minutes=5)
_NO_SESSION = frozenset({"STAGED", "SUSPENDED", "DEPROVISIONED"})


@dataclass(frozen=True, slots=True)
class Session:
    """A browser's session with the org."""

    session_id: str
    user: User
    authenticated_at: datetime
    expires_at: datetime
    has_mfa: bool = False


@dataclass(frozen=True, slots=True)
class SessionToken:
    """A token that can be exchanged once for a session."""

    session: Session
    expires_at: datetime


class Sessions:
    """The sessions of one org; when there are too many, the oldest ends."""

    def __init__(self, directory: Directory, system_log: SystemLog, store: Store, *, clock: Clock, ids: Ids) -> None:
        org = directory.org
        self._directory = directory
        self._system_log = system_log
        self._clock = clock
        self._ids = ids
        self._by_id = store.table(f"okta-sessions/{org.name}", Session, clock=clock)
        self._by_token = store.table(f"okta-session-tokens/{org.name}", SessionToken, clock=clock)

    def authenticate(self, username: str, password: str) -> Session:
        """Signs a person in by password alone.

        Raises:
            OktaRefusal: as ``check_password``.
        """
        return self.open(self.check_password(username, password))

    def check_password(self, username: str, password: str) -> User:
        """Returns the person with this user name and password; an expired password counts as a password.

        Raises:
            OktaRefusal: E0000004 (401), whatever is wrong: Okta does not distinguish an unknown name from a wrong
                password.

        Spec: developer.okta.com, error code E0000004
        Evidence: documented
        """
        org = self._directory.org
        user = org.users.get(username)
        refusal = refuse_password(org, user, username, password)
        if refusal is not None or user is None:
            self._system_log.log(*sign_in_events.refused_sign_in(org, user, username))
            raise refusal or authentication_failed(org, user, username)
        self._system_log.log(*sign_in_events.accepted_password(org, user))
        return user

    def open(self, user: User, *, has_mfa: bool = False) -> Session:
        """Opens a session for a person who has been authenticated."""
        now = self._clock.now()
        session = self.keep(Session(self._ids.token(24), user, now, now + LIFETIME, has_mfa=has_mfa))
        opened = sign_in_events.opened_session(self._directory.org, user, session_id=session.session_id)
        self._system_log.log(*opened)
        return session

    def keep(self, session: Session) -> Session:
        """Stores the current state of a session."""
        self._by_id.put(session.session_id, session)
        return session

    def extend(self, session: Session) -> Session:
        """Extends a session by its full length.

        Spec: developer.okta.com, Sessions API, "Refresh session"
        Evidence: documented
        """
        return self.keep(replace(session, expires_at=self._clock.now() + LIFETIME))

    def make_token(self, session: Session) -> str:
        """Returns a session token, which can be exchanged once for the session within five minutes."""
        token = self._ids.token(44)
        self._by_token.put(token, SessionToken(session, session.authenticated_at + TOKEN_LIFETIME))
        return token

    def redeem(self, token: str) -> Session:
        """Exchanges a session token for its session.

        Raises:
            OktaRefusal: E0000004 (401): unknown, used, or too old.

        Spec: developer.okta.com, Sessions API
        Evidence: documented
        """
        redeemed = self._by_token.pop(token)
        if redeemed is None:
            raise bad_session_token()
        return redeemed.session

    def find(self, session_id: str | None) -> Session | None:
        """Returns a running session, with its user in their current state.

        The session of a deleted, suspended or deactivated user has ended.

        Spec: developer.okta.com, Users API, "Suspend user", "Deactivate user"
        Evidence: documented
        """
        session = self._by_id.get(session_id)
        user = self._directory.org.user_by_id(session.user.user_id) if session is not None else None
        if session is None or user is None or user.status in _NO_SESSION:
            return None
        return session if session.user is user else replace(session, user=user)

    def end(self, session_id: str | None) -> None:
        """Ends a session, if it is still running."""
        session = self._by_id.pop(session_id)
        if session is not None:
            self._system_log.log(sign_in_events.ended_session(session.user, session_id=session.session_id))
