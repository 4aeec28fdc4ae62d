"""The org's site, ``{org}.okta.com``, built once per process; it answers for the org that a request is bound to.

The routes are in the docstrings of the modules that answer them. What a person's login needs is one part:

signing in      ``idp.signon``: ``sign_in_pages``, ``second_factor_pages``
opening an app  ``idp.sso``: ``dashboard_pages``, ``launch_pages``, ``logout_pages``

The other part is imported and built when the first request for it comes, because most commands only make logins:

signing in      ``idp.signon``: ``authn_api``, ``session_api``
OIDC clients    ``idp.oauth``: ``authorize_pages``, ``device_pages``, ``oauth_api``, ``token_state_api``,
                ``discovery_api``
administrators  ``idp.management.admin_pages``; ``idp.management_api``: ``routes``, ``app_links_api``
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, g, jsonify, make_response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.http import parse_cookie

from emulator.kernel.bound_sites import add_missing, bound_site_class
from emulator.kernel.failures import raise_left_error
from emulator.kernel.page_notice import page_notice
from emulator.kernel.trace_notes import TraceNote, record
from emulator.kernel.why_box import Rows, why_links, why_rows
from idp.addresses import asked_base
from idp.api_answers import error_answer, internal_error
from idp.client_context import begin_request, end_request
from idp.framing import refuse_frame
from idp.management.rate_limits import RateLimitRefusal, RateLimits
from idp.model import Org
from idp.pages import current_org, error_page, service
from idp.refusals import no_endpoint, unusable_request
from idp.request_context import flask_request
from idp.signon import second_factor_pages, sign_in_pages
from idp.sso import dashboard_pages, launch_pages, logout_pages
from idp.system_log.client_request import current_request

_MAX_FORM_BYTES = 100_000
_FRAMES = frozenset({"iframe", "frame"})
_LIMITED = ("/api/v1/", "/oauth2/v1/")
_ANSWERED_TO_CLIENTS = tuple(
    f"/oauth2/v1/{name}" for name in ("token", "introspect", "revoke", "userinfo", "keys", "device/authorize")
)
_DEFAULT_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Cache-Control": "no-store",
}
_ENCODED = {character: f"&#x{ord(character):x};" for character in "&<>\"'`:/?=#%+@;()[]{} \\"}
_TO_ENCODE = re.compile("[" + re.escape("".join(_ENCODED)) + "]")
# What is already there of these cannot be told from what is in the entities of other characters.
_IN_ENTITIES = frozenset("&#;")
_SLASHES = re.compile("/{2,}")
BUILT_LATER = ("/activate", "/admin/", "/api/", "/login/sessionCookieRedirect", "/oauth2/", "/.well-known/")
"""Where the second part answers; where there is no page, both parts answer alike."""


class _OrgSite(bound_site_class(Flask, request, parse_cookie)):  # type: ignore[misc]  # a class of Flask's, to the kernel any class
    def update_template_context(self, context: dict[str, Any]) -> None:
        # What every page shows is the same for all blueprints; Flask would ask each of a request's for more.
        context.update(_for_every_page() | context)


def org_site(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers for every org in this process: a request must be bound to the services of one of them."""
    path = environ.get("PATH_INFO", "")
    if "//" in path:
        path = _SLASHES.sub("/", path)  # as werkzeug reads it
    site = clients_site() if path.startswith(BUILT_LATER) else login_site()
    return site(environ, start_response)


@cache
def login_site() -> Flask:
    """Builds the part that a person's login needs, once per process."""
    return _site(
        sign_in_pages.pages, second_factor_pages.pages, dashboard_pages.pages, launch_pages.pages, logout_pages.pages
    )


@cache
def clients_site() -> Flask:
    """Builds the part for programs, OIDC clients and administrators, once per process."""
    from idp.management import admin_pages
    from idp.management_api import app_links_api, routes
    from idp.oauth import authorize_pages, device_pages, discovery_api, oauth_api, token_state_api
    from idp.signon import authn_api, session_api

    return _site(
        authn_api.api,
        session_api.api,
        authorize_pages.pages,
        device_pages.pages,
        oauth_api.api,
        token_state_api.api,
        discovery_api.api,
        admin_pages.pages,
        routes.api,
        app_links_api.api,
    )


def _site(*blueprints: Blueprint) -> Flask:
    site: Flask = _OrgSite("idp.app", root_path=str(Path(__file__).parent), static_folder=None)
    site.config.update(MAX_CONTENT_LENGTH=_MAX_FORM_BYTES, MAX_FORM_MEMORY_SIZE=_MAX_FORM_BYTES)
    # The fields of objects come in Okta's order.
    provider: Any = site.json
    provider.sort_keys = False
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.jinja_env.filters["entities"] = _entities
    site.register_error_handler(HTTPException, _no_page)
    site.register_error_handler(InternalServerError, _failed)
    site.before_request(begin_request)
    site.before_request(lambda: raise_left_error(flask_request().environ))
    site.before_request(_count_call)
    site.after_request(_harden)
    site.teardown_request(end_request)
    for blueprint in blueprints:
        site.register_blueprint(blueprint)
    return site


def _for_every_page() -> dict[str, Org | str | Rows]:
    org, environ = current_org(), flask_request().environ
    rows = why_rows(environ)
    return {
        "org": org,
        "org_name": org.name,
        "dashboard_script": asked_base() + dashboard_pages.SCRIPT if org.pipeline == "idx" else "",
        "page_notice": page_notice(environ),
        "why_rows": rows,
        "why_links": why_links(environ) if rows else (),  # they are in the box with the rows
    }


def _count_call() -> Response | None:
    """Counts a call of an API, and refuses calls beyond the limit.

    Spec: developer.okta.com, "Rate limits"
    Evidence: documented
    """
    path = flask_request().path
    if not path.startswith(_LIMITED):
        return None
    try:
        g.usage = service(RateLimits).count(path)
    except RateLimitRefusal as refusal:
        g.usage = refusal.usage
        return error_answer(refusal)
    return None


def _no_page(error: HTTPException) -> Response:
    if request.path.startswith("/api/") and error.code in {404, 405}:
        return error_answer(no_endpoint(request.path, is_known=error.code == 405))
    text = error.description or error.name
    if isinstance(error, RequestEntityTooLarge):
        text = f"fedemu takes {_MAX_FORM_BYTES:,} bytes in a request to Okta, and this one has more."
    if request.path.startswith("/api/"):
        return error_answer(unusable_request(error.code or 400, text))
    record(request.environ, TraceNote("Okta", f"{request.method} {request.path}: {error.name}"))
    if request.path.startswith(_ANSWERED_TO_CLIENTS):
        return make_response(jsonify(error="invalid_request", error_description=text), error.code or 400)
    return error_page(error.name, text, status=error.code or 400, evidence="assumed")


def _failed(error: InternalServerError) -> Response:
    """Answers where the emulator has a mistake: an API in its own format, and a person with a page.

    Spec: developer.okta.com, error code E0000009; "OAuth 2.0 and OpenID Connect error codes", server_error
    Evidence: documented (the codes), assumed (the page, and the request's id as errorId)
    """
    request_id = current_request().request_id
    if request.path.startswith(_ANSWERED_TO_CLIENTS):
        return make_response(jsonify(error="server_error", error_description=f"Request ID: {request_id}"), 500)
    if request.path.startswith("/api/"):
        return make_response(jsonify(internal_error(request_id)), 500)
    text = f"fedemu has made a mistake. Request ID: {request_id}. The log has its traceback under this ID."
    return error_page(error.name, text, status=500, evidence="assumed")


def _harden(response: Response) -> Response:
    add_missing(response.headers, {"X-Okta-Request-Id": current_request().request_id, **_DEFAULT_HEADERS})
    request = flask_request()
    if request.environ.get("HTTP_SEC_FETCH_DEST") in _FRAMES and "Location" not in response.headers:
        org = current_org()
        refusal = refuse_frame(request.base_url, referer=request.headers.get("Referer", ""), base_url=org.base_url)
        if refusal is not None:
            record(request.environ, TraceNote("Okta", "the browser will refuse to frame it", refusal=refusal))
    usage = g.get("usage")
    if usage is not None:
        response.headers.update(usage.headers())
    return response


def _entities(text: str) -> Markup:
    """Writes an attribute's value with hexadecimal entities, as Okta does in the form that posts an assertion.

    Spec: a page of oktadev/okta-aws-cli-assume-role's tests (the action); Okta's forms since 2020 (the values)
    Evidence: observed
    """
    present = [character for character in _ENCODED if character in text]
    if _IN_ENTITIES.isdisjoint(present):
        # As in the ten thousand characters of an assertion, in which replacing one by one takes four times as long.
        octets = text.encode("utf-8", "surrogatepass")  # octets are searched faster than text
        for character in present:
            octets = octets.replace(character.encode(), _ENCODED[character].encode())
        text = octets.decode("utf-8", "surrogatepass")
    else:
        text = _TO_ENCODE.sub(lambda match: _ENCODED[match[0]], text)
    return Markup(text)  # noqa: S704  no character of markup is left
