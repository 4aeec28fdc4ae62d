"""The browser behind a request to sign-in or the console: its cookies, its sessions, and the endpoint it used.

Sign-in and console share cookies for the partition's domain; no other site receives them.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from werkzeug.wrappers import Response

from emulator.kernel.trace_notes import DIGEST_KEY
from sp_mock.endpoints import Endpoint
from sp_mock.pages import client_connection, flask_request, service
from sp_mock.principals.credentials import RoleSession
from sp_mock.signin.console_sessions import BrowserContext, ConsoleSession
from sp_mock.signin.sign_in import SignIn

SESSION_COOKIE = "aws-creds"
USER_COOKIE = "aws-userInfo"
MULTI_SESSION_COOKIE = "aws-multi-session"


def request_endpoint() -> Endpoint:
    """Returns the endpoint that received the request."""
    return Endpoint.of_host(_host())


def browser_context(*, request_id: str = "", acs_provider_arn: str | None = None) -> BrowserContext:
    """Returns the browser that sent the request.

    Args:
        request_id: Request id of the answer.
        acs_provider_arn: The SAML provider to whose own sign-in URL it posted.
    """
    for_everybody = service(SignIn).settings.multi_session
    return BrowserContext(
        endpoint=request_endpoint(),
        acs_provider_arn=acs_provider_arn,
        cookie=flask_request().cookies.get(SESSION_COOKIE),
        multi_session=for_everybody or has_opted_in(),
        client=client_connection(request_id),
    )


def has_opted_in() -> bool:
    """Returns whether the browser itself opted in to multi-session support."""
    return flask_request().cookies.get(MULTI_SESSION_COOKIE) == "on"


def browser_sessions() -> tuple[ConsoleSession, ...]:
    """Returns the running sessions of the browser that sent the request; its current one comes last."""
    return service(SignIn).sessions.all(flask_request().cookies.get(SESSION_COOKIE))


def current_session() -> ConsoleSession | None:
    """Returns the browser's current session, and notes which message opened it."""
    session = service(SignIn).sessions.get(flask_request().cookies.get(SESSION_COOKIE))
    if session is not None:
        flask_request().environ[DIGEST_KEY] = session.message_digest
    return session


def remember_session(response: Response, cookie: str, session: ConsoleSession) -> None:
    """Gives the browser its session cookies.

    Spec: AWS sign-in, cookies
    Evidence: observed (the names, and the fields of aws-userInfo), assumed (the attributes)
    """
    user_info = quote(json.dumps(_user_info(session)))
    domain = _cookie_domain()
    response.set_cookie(SESSION_COOKIE, cookie, domain=domain, secure=True, httponly=True, samesite="None")
    response.set_cookie(USER_COOKIE, user_info, domain=domain, secure=True, samesite="None")


def forget_session(response: Response) -> None:
    """Deletes the session cookies."""
    for name in (SESSION_COOKIE, USER_COOKIE):
        response.delete_cookie(name, domain=_cookie_domain(), secure=True)


def remember_opt_in(response: Response) -> None:
    """Allows the browser several sessions from now on; the cookie's name is the emulator's own."""
    response.set_cookie(
        MULTI_SESSION_COOKIE, "on", domain=_cookie_domain(), secure=True, httponly=True, samesite="None"
    )


def _user_info(session: ConsoleSession) -> dict[str, str]:
    signed_in = session.session
    kind = "assumed-role" if isinstance(signed_in, RoleSession) else "federated-user"
    return {
        "arn": signed_in.arn,
        "alias": signed_in.account_id,
        "username": quote(f"{kind}/{signed_in.user_name}", safe=""),
        "keybase": "",
        "issuer": session.issuer,
        "signinType": "PUBLIC",
    }


def _cookie_domain() -> str | None:
    domain = request_endpoint().partition.site_domain
    return domain if _host().endswith(f".{domain}") else None


def _host() -> str:
    return flask_request().host.partition(":")[0]
