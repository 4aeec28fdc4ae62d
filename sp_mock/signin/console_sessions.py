"""A browser's console sessions: one account at a time, or up to five when multi-session support is on."""

from __future__ import annotations

from datetime import datetime

from emulator.kernel.client_connection import UNKNOWN_CLIENT, ClientConnection
from emulator.kernel.clock import Clock, Ids, instant
from emulator.kernel.errors import SignInRefusal
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.endpoints import GLOBAL, Endpoint
from sp_mock.principals.credentials import Credentials, FederatedSession

MAX_SESSIONS = 5
LOG_OUT_FIRST = "You must first log out before logging into a different AWS account. To logout, click here"
SESSION_LIMIT_REACHED = "Session limit reached"


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """A session with the AWS console.

    ``signed_in_by`` is how it was opened, by a SAML assertion or the federation endpoint; ``issuer`` is the identity
    provider that sent the person; ``message_digest`` is the digest of the SAMLResponse.
    """

    session: FederatedSession
    credentials: Credentials
    issuer: str
    expires_at: datetime
    signed_in_by: str = "SAML assertion"
    message_digest: str = ""

    @property
    def account_id(self) -> str:
        """The account signed in to."""
        return self.session.account_id


@dataclass(frozen=True, slots=True)
class BrowserSessions:
    """The sessions that one browser's cookie refers to, in the order in which they were last signed in to."""

    sessions: tuple[ConsoleSession, ...]

    @property
    def expires_at(self) -> datetime:
        """When the last of them ends."""
        return max(session.expires_at for session in self.sessions)


@dataclass(frozen=True, slots=True)
class BrowserContext:
    """A browser at sign-in: the endpoint it used, its session cookie, and whether it opted in to multi-session.

    ``acs_provider_arn`` is the SAML provider to whose own sign-in URL it posted; ``client`` is how its request reached
    AWS.
    """

    endpoint: Endpoint = GLOBAL
    acs_provider_arn: str | None = None
    cookie: str | None = None
    multi_session: bool = False
    client: ClientConnection = UNKNOWN_CLIENT


NEW_BROWSER = BrowserContext()


class ConsoleSessions:
    """Every browser's sessions, by the value of its cookie."""

    def __init__(self, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._lock = store.lock
        self._browsers = store.table("console-sessions", BrowserSessions)

    def get(self, cookie: str | None) -> ConsoleSession | None:
        """Returns a browser's current session: the one it signed in to last."""
        return next(reversed(self.all(cookie)), None)

    def all(self, cookie: str | None) -> tuple[ConsoleSession, ...]:
        """Returns a browser's running sessions, the oldest first."""
        browser = self._browsers.get(cookie)
        if browser is None:
            return ()
        now = self._clock.now()
        return tuple(session for session in browser.sessions if session.expires_at > now)

    def open(self, session: ConsoleSession, browser: BrowserContext) -> str:
        """Adds a session to a browser and returns its new cookie value; the old value becomes invalid.

        Raises:
            SignInRefusal: the browser is signed in to another account, or has five other sessions.
        """
        with self._lock:
            running = self.all(browser.cookie)
            kept = _beside(session, running) if browser.multi_session else _instead_of(session, running)
            cookie = self._ids.token(48)
            self._browsers.drop(browser.cookie)
            self._browsers.put(cookie, BrowserSessions((*kept, session)))
            return cookie

    def drop(self, cookie: str | None) -> None:
        """Ends every session of a browser."""
        self._browsers.drop(cookie)


def require_new_opt_in(sessions: tuple[ConsoleSession, ...], *, opted_in: bool) -> None:
    """Requires that a browser that opts in to multi-session support has not done so, or has no session.

    Args:
        sessions: The browser's running sessions.
        opted_in: Whether the browser opted in before.

    Raises:
        SignInRefusal: 400, it opted in before and has a session.

    Spec: AWS Management Console, multi-session support
    Evidence: observed (the status), assumed (the words)
    """
    if opted_in and sessions:
        raise SignInRefusal(
            "Bad Request",
            service="AWS sign-in",
            check="opt-in",
            evidence="assumed",
            explanation=f"This browser has opted in already, and is signed in as {sessions[-1].session.arn}.",
            where="the browser's cookies",
            expected="a browser that has not opted in, or has no session",
            received="a second opt-in",
            fix="Nothing has to be done: the browser may have several sessions. Opt in once only.",
            spec="AWS Management Console, multi-session support",
        )


def _instead_of(session: ConsoleSession, running: tuple[ConsoleSession, ...]) -> tuple[ConsoleSession, ...]:
    """Without multi-session support a browser is in one account at a time; signing in again replaces its session.

    Spec: AWS sign-in page
    Evidence: observed (the words), assumed (that they come once a role is chosen)
    """
    foreign = next((other for other in running if other.account_id != session.account_id), None)
    if foreign is not None:
        raise SignInRefusal(
            LOG_OUT_FIRST,
            service="AWS sign-in",
            check="one-account",
            evidence="observed",
            explanation=f"This browser is signed in as {foreign.session.arn} until {instant(foreign.expires_at)}.",
            where="the browser's cookies",
            expected=f"no session, or one of account {foreign.account_id}",
            received=f"a login to account {session.account_id}",
            fix="Log out first, use another browser profile, or turn on multi-session support.",
            spec="AWS sign-in page",
        )
    return ()


def _beside(session: ConsoleSession, running: tuple[ConsoleSession, ...]) -> tuple[ConsoleSession, ...]:
    """With multi-session support a browser has up to five sessions; signing in to a role again replaces its session.

    Spec: AWS Management Console, multi-session support
    Evidence: observed
    """
    principal = session.session.principal_arn
    others = tuple(other for other in running if other.session.principal_arn != principal)
    if len(others) >= MAX_SESSIONS:
        raise SignInRefusal(
            SESSION_LIMIT_REACHED,
            service="AWS sign-in",
            check="session-limit",
            evidence="observed",
            explanation=f"This browser already has {MAX_SESSIONS} sessions, as many as multi-session support allows.",
            where="the browser's cookies",
            expected=f"at most {MAX_SESSIONS - 1} other sessions",
            received=", ".join(other.session.arn for other in others),
            fix="Sign out of one of them first.",
            spec="AWS Management Console, multi-session support",
        )
    return others
