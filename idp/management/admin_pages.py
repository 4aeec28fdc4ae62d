"""An administrator's page for an app: its settings, the API integration, who has it, and a preview of assertions.

    GET  /admin/app/{catalog}/instance/{app id}/                 the page; ?preview=LOGIN shows that person's assertion
    POST /admin/app/{catalog}/instance/{app id}/test             "Test API Credentials"
    POST /admin/app/{catalog}/instance/{app id}/refresh          "Refresh Application Data": reads the roles again

Administrators are the people to whom the org's API tokens belong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Flask, Response, make_response, render_template, request
from lxml import etree
from werkzeug.exceptions import NotFound

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, OktaRefusal
from emulator.kernel.outbound import Send
from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import comes_from_another_site
from idp.directory import Directory
from idp.management.apps import as_json
from idp.management.provisioning import read_roles, try_credentials
from idp.model import App, Org, User
from idp.saml.claims import Claims
from idp.saml.issue import issue
from idp.signon.session import Session

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def add_admin_pages(
    site: Flask,
    directory: Directory,
    send: Send,
    *,
    current: Callable[[], Session | None],
    sign_in_page: Callable[[str], Response],
    clock: Clock,
    ids: Ids,
) -> None:
    """Adds the pages to the org's site.

    Args:
        site: Where to.
        directory: Whose.
        send: Carries the calls of the API integration.
        current: Returns the session of whoever asks.
        sign_in_page: Shows the sign-in page, which leads to a path afterwards.
        clock: The org's.
        ids: Makes identifiers.
    """
    here = "/admin/app/<catalog>/instance/<app_id>/"

    def the_app(catalog: str, app_id: str) -> App:
        app = directory.org.app_by_id(app_id)
        if app is None or app.catalog != catalog:
            raise NotFound("The page you requested does not exist: this org has no such app.")
        return app

    def turned_away() -> Response | None:
        session = current()
        if session is None:
            return sign_in_page(request.full_path.rstrip("?"))
        if session.user.login in directory.org.api_tokens.values() and not comes_from_another_site():
            return None
        record(request.environ, TraceNote("Okta", f"{session.user.login} is no administrator"))
        text = "This page is for administrators: the people to whom the org's API tokens belong."
        return make_response(render_template("error.html", title="403 Forbidden", text=text), 403)

    @site.get(here)
    def admin_app(catalog: str, app_id: str) -> Response:
        app = the_app(catalog, app_id)
        return turned_away() or _page(directory.org, app, _preview(directory.org, app, clock=clock, ids=ids))

    @site.post(here + "test")
    def test_api_credentials(catalog: str, app_id: str) -> Response:
        app = the_app(catalog, app_id)
        return turned_away() or _page(directory.org, app, {"message": _attempt(lambda: try_credentials(app, send))})

    @site.post(here + "refresh")
    def refresh_application_data(catalog: str, app_id: str) -> Response:
        app = the_app(catalog, app_id)

        def refresh() -> str:
            provisioning = read_roles(app, send, ids=ids)

            def keep(org: Org) -> tuple[Org, None]:
                changed = replace(org.apps[app.name], provisioning=provisioning)
                return replace(org, apps={**org.apps, app.name: changed}), None

            directory.change(keep)
            return f"{len(provisioning.roles)} roles were found"

        refused = turned_away()
        if refused is not None:
            return refused
        message = _attempt(refresh)
        return _page(directory.org, the_app(catalog, app_id), {"message": message})


def _attempt(call: Callable[[], str]) -> tuple[bool, str]:
    try:
        text = call()
    except OktaRefusal as refusal:
        record(request.environ, TraceNote("Okta", "the API integration does not work", refusal=refusal))
        return False, refusal.message
    record(request.environ, TraceNote("Okta", text))
    return True, text


def _page(org: Org, app: App, more: dict[str, object]) -> Response:
    settings = as_json(org, app)["settings"]["app"]
    return make_response(render_template("admin-app.html", app=app, settings=settings, **more))


def _preview(org: Org, app: App, *, clock: Clock, ids: Ids) -> dict[str, object]:
    """Returns what the page shows of one person: their roles, and the assertion without its signatures."""
    login = request.args.get("preview", "")
    user = org.users.get(login)
    if user is None:
        return {"wanted": login, "problem": f"This org has no user {login}."} if login else {}
    try:
        xml, claims = _assertion(org, app, user, clock=clock, ids=ids)
    except FederationError as error:
        return {"wanted": login, "problem": error.message}
    record(request.environ, TraceNote("Okta", f"previewed {app.label}'s assertion for {login}"))
    return {"wanted": login, "preview": xml, "roles": claims.values("Role")}


def _assertion(org: Org, app: App, user: User, *, clock: Clock, ids: Ids) -> tuple[str, Claims]:
    """Returns the assertion as the button "Preview the SAML Assertion" shows it: laid out, not signed, not encrypted.

    Spec: help.okta.com, "Preview the SAML Assertion" of an app's SAML settings
    Evidence: documented
    """
    now = clock.now()
    plain = replace(app, encryption=None)
    issued = issue(org, plain, user, authenticated_at=now, clock=clock, ids=ids)
    assertion = next(etree.fromstring(issued.xml).iter("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"))
    for signature in list(assertion.iter(_SIGNATURE)):
        parent = signature.getparent()
        if parent is not None:
            parent.remove(signature)
    etree.indent(assertion)
    return etree.tostring(assertion, encoding="unicode"), issued.claims
