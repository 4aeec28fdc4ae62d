"""The session cookies of an instance: one holds the access token; the other, sent to ``/auth`` only, the refresh token.

Evidence: observed (the names for us-east-1 and the paths at the old domain), assumed (other regions, the new domain)
"""

from __future__ import annotations

from typing import Literal, cast

from werkzeug.wrappers import Response

from sp_mock.accounts.model import Instance
from sp_mock.connect.federation import ConnectFederation, ConnectSession
from sp_mock.pages import flask_request, service

# Airport codes in cookie names: us-east-1's is known, the others are assumed.
_AIRPORTS = {
    "us-east-1": "iad",
    "us-west-2": "pdx",
    "eu-central-1": "fra",
    "eu-west-2": "lhr",
    "ap-northeast-1": "nrt",
    "ap-northeast-2": "icn",
    "ap-southeast-1": "sin",
    "ap-southeast-2": "syd",
    "ca-central-1": "yul",
    "af-south-1": "cpt",
    "us-gov-west-1": "pdt",
}


def current_session(instance: Instance) -> ConnectSession | None:
    """Returns the session that the browser has with an instance."""
    return service(ConnectFederation).session(access_token(instance), instance=instance)


def access_token(instance: Instance) -> str | None:
    """Returns the access token that the browser sent."""
    return flask_request().cookies.get(_access_cookie(instance))


def refresh_token(instance: Instance) -> str | None:
    """Returns the refresh token that the browser sent."""
    return flask_request().cookies.get(_refresh_cookie(instance))


def set_access_token(response: Response, instance: Instance, token: str) -> None:
    """Has the browser keep an access token until it expires."""
    minutes = instance.authentication_profile.periodic_session_minutes
    _set(response, instance, _access_cookie(instance), token, path="/", minutes=minutes)


def set_refresh_token(response: Response, instance: Instance, token: str, *, prefix: str) -> None:
    """Has the browser keep a refresh token for the pages that renew the access token."""
    minutes = instance.authentication_profile.max_session_minutes
    _set(response, instance, _refresh_cookie(instance), token, path=f"{prefix}/auth", minutes=minutes)


def forget_tokens(response: Response, instance: Instance, *, prefix: str) -> None:
    """Has the browser delete both tokens."""
    response.delete_cookie(_access_cookie(instance), secure=True)
    response.delete_cookie(_refresh_cookie(instance), path=f"{prefix}/auth", secure=True)


def _set(response: Response, instance: Instance, name: str, value: str, *, path: str, minutes: int) -> None:
    same_site = cast("Literal['None', 'Lax', 'Strict']", instance.cookie_same_site)
    response.set_cookie(name, value, path=path, max_age=minutes * 60, secure=True, httponly=True, samesite=same_site)


def _airport(instance: Instance) -> str:
    return _AIRPORTS.get(instance.arn.region, instance.arn.region)


def _access_cookie(instance: Instance) -> str:
    return f"lily-auth-prod-{_airport(instance)}"


def _refresh_cookie(instance: Instance) -> str:
    return f"lily-auth-refresh-prod-{_airport(instance)}"
