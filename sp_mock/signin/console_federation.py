"""The federation endpoint: from temporary credentials through a sign-in token to a console session.

A custom identity broker does what SAML sign-in does: it sends AWS a role session's credentials, gets a token for them,
and sends the person's browser to a URL with that token.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import Clock, Ids, instant
from emulator.kernel.errors import FederationEndpointRefusal
from emulator.kernel.records import dataclass
from emulator.kernel.store import Store
from sp_mock.endpoints import is_console_host, why_not_followed
from sp_mock.principals.credentials import (
    Credentials,
    CredentialStore,
    FederatedSession,
    FederatedUserSession,
    UserSession,
)
from sp_mock.signin.console_sessions import ConsoleSession

INVALID_CREDENTIALS = "Invalid credentials parameter"
SYNTACTICALLY_INCORRECT = "The request sent by the client was syntactically incorrect."
TOKEN_LIFETIME = timedelta(minutes=15)
MIN_SESSION_SECONDS, MAX_SESSION_SECONDS = 900, 43200
_REMEMBERED = timedelta(days=1)
_CUSTOM_URL = 'AWS IAM UG "id_roles_providers_enable-console-custom-url"'


@dataclass(frozen=True, slots=True)
class SignInToken:
    """The session that a sign-in token opens until ``good_until``; the token is remembered for another day."""

    credentials: Credentials
    session: FederatedSession
    session_ends_at: datetime
    good_until: datetime

    @property
    def expires_at(self) -> datetime:
        """When the token is forgotten."""
        return self.good_until + _REMEMBERED


class ConsoleFederation:
    """Issues sign-in tokens and turns them into console sessions."""

    def __init__(self, credentials: CredentialStore, store: Store, *, clock: Clock, ids: Ids) -> None:
        self._credentials = credentials
        self._clock = clock
        self._ids = ids
        self._tokens = store.table("signin-tokens", SignInToken)

    def sign_in_token(self, session: str | None, *, session_duration: str | None) -> str:
        """Issues a sign-in token for temporary credentials.

        The console session lasts for ``session_duration``, whatever the role's maximum, or by default as long as the
        credentials.

        Args:
            session: JSON with sessionId, sessionKey and sessionToken.
            session_duration: Seconds, 900 to 43,200, or None.

        Raises:
            FederationEndpointRefusal: the JSON, the credentials or the duration cannot be used.

        Spec: AWS IAM UG "id_roles_providers_enable-console-custom-url"
        Evidence: documented (the limits), observed (the status and the older answers' words)
        """
        credentials, federated = self._issued(session)
        ends = credentials.expiration
        if session_duration is not None:
            ends = self._clock.now() + timedelta(seconds=_seconds(session_duration, federated))
        token = self._ids.token(120)
        self._tokens.put(token, SignInToken(credentials, federated, ends, self._clock.now() + TOKEN_LIFETIME))
        return token

    def console_session(self, token: str | None, *, issuer: str) -> ConsoleSession | None:
        """Returns the session that a sign-in token opens, or None when the token is unknown or older than 15 minutes.

        Spec: AWS IAM UG "id_roles_providers_enable-console-custom-url"
        Evidence: documented (15 minutes), assumed (that a token can be used more than once)
        """
        known, now = self._tokens.get(token), self._clock.now()
        if known is None or known.good_until <= now or known.session_ends_at <= now:
            return None
        return ConsoleSession(
            known.session,
            known.credentials,
            issuer,
            known.session_ends_at,
            signed_in_by="federation endpoint",
        )

    def _issued(self, session: str | None) -> tuple[Credentials, FederatedSession]:
        fields = _read_session(session)
        issued = self._credentials.find(fields["sessionId"])
        if issued is None:
            raise _refused(
                "credentials",
                "AWS gave out no temporary credentials with this access key id.",
                where="parameter Session, sessionId",
                received=fields["sessionId"],
                fix="Use the credentials that an STS call gave; keys of IAM users cannot be used.",
            )
        credentials = issued.credentials
        if not (
            hmac.compare_digest(fields["sessionKey"].encode(), credentials.secret_access_key.encode())
            and hmac.compare_digest(fields["sessionToken"].encode(), credentials.session_token.encode())
        ):
            raise _refused(
                "credentials",
                "The secret key or the session token is not the one that belongs to this access key id.",
                where="parameter Session, sessionKey and sessionToken",
                fix="Take all three values from the same answer, and URL-encode the JSON: + and / do not survive bare.",
            )
        if self._credentials.is_over(issued):
            raise _refused(
                "credentials",
                "The temporary credentials have expired.",
                where="parameter Session",
                expected=f"used before {instant(credentials.expiration)}",
                received=f"used at {instant(self._clock.now())}",
                fix="Ask STS for new credentials.",
            )
        if isinstance(issued.session, UserSession):
            raise _refused(
                "credentials",
                "The credentials come from GetSessionToken; the console takes those of a role or a federated user.",
                where="parameter Session",
                received=issued.session.arn,
                fix="Use AssumeRole or GetFederationToken.",
                said="Only federation tokens or assume role tokens may be used for federated login. "
                "Please contact your administrator.",
            )
        return credentials, issued.session


def require_destination(destination: str | None, *, parameter: str) -> str:
    """Returns a URL of the console that may be followed.

    Raises:
        FederationEndpointRefusal: it is missing, malformed, or not on a console host.

    Spec: AWS IAM UG "id_roles_providers_enable-console-custom-url"
    Evidence: documented (a URL of the console), observed (other hosts get 400)
    """
    destination = destination or ""
    why = why_not_followed(destination, allowed=is_console_host, kind="an AWS console host")
    if why:
        raise _refused(
            "destination",
            f"{parameter} {why}.",
            where=f"parameter {parameter}",
            expected="a URL such as https://console.aws.amazon.com/",
            received=destination or "nothing",
            fix="Give a console URL; for Amazon Connect its federate URL. It has to be URL-encoded.",
            said="Bad Request",
        )
    return destination


def token_is_over() -> FederationEndpointRefusal:
    """Returns the refusal of a login whose token is unknown or too old."""
    return _refused(
        "signin-token",
        "The sign-in token is unknown, or it was made more than 15 minutes ago.",
        where="parameter SigninToken",
        expected="a token of the last 15 minutes",
        fix="Get a new token with Action=getSigninToken and use the URL at once.",
        said="Bad Request",
    )


def unknown_action(action: str | None) -> FederationEndpointRefusal:
    """Returns the refusal of an action that the endpoint does not have."""
    return _refused(
        "action",
        "The federation endpoint has no such action.",
        where="parameter Action",
        expected="getSigninToken, login or logout",
        received=action or "no Action",
        fix="Spell the action as in the documentation; case counts.",
        said="Bad Request",
    )


def _read_session(text: str | None) -> dict[str, str]:
    wanted = ("sessionId", "sessionKey", "sessionToken")
    try:
        fields: Any = json.loads(text or "")
        values = {name: fields[name] for name in wanted}
    except (ValueError, RecursionError, KeyError, TypeError):
        values = {}
    if not values or not all(isinstance(value, str) and value for value in values.values()):
        raise _refused(
            "session-json",
            "The parameter Session is not JSON with the three parts of temporary credentials.",
            where="parameter Session",
            expected='{"sessionId":"ASIA…","sessionKey":"…","sessionToken":"…"}',
            received="other JSON, or none" if text else "no Session",
            fix="Name the parts exactly so, and URL-encode the JSON.",
        )
    return values


def _seconds(text: str, session: FederatedSession) -> int:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not MIN_SESSION_SECONDS <= number <= MAX_SESSION_SECONDS:
        raise _refused(
            "session-duration",
            "SessionDuration is not a number of seconds in the allowed range.",
            where="parameter SessionDuration",
            expected=f"{MIN_SESSION_SECONDS} to {MAX_SESSION_SECONDS}",
            received=text[:64],
            fix="Ask for less, or leave SessionDuration out: the session then lasts as long as the credentials.",
        )
    if isinstance(session, FederatedUserSession):
        raise _refused(
            "session-duration",
            "The credentials come from GetFederationToken, whose own DurationSeconds is the session's length.",
            where="parameter SessionDuration",
            expected="no SessionDuration",
            received=text,
            fix="Leave SessionDuration out, and ask GetFederationToken for the length.",
        )
    if session.chained:
        raise _refused(
            "session-duration",
            "The credentials come from a role that was assumed with another role's credentials: such sessions last an"
            " hour at most, and SessionDuration must not be given.",
            where="parameter SessionDuration",
            expected="no SessionDuration",
            received=text,
            fix="Leave SessionDuration out, or assume the role directly.",
        )
    return number


def _refused(
    check: str,
    explanation: str,
    *,
    where: str,
    fix: str,
    expected: str = "",
    received: str = "",
    said: str = INVALID_CREDENTIALS,
) -> FederationEndpointRefusal:
    return FederationEndpointRefusal(
        said,
        check=check,
        evidence="observed" if check == "session-duration" else "assumed",
        explanation=explanation,
        where=where,
        expected=expected,
        received=received,
        fix=fix,
        spec=_CUSTOM_URL,
    )
