"""An administrator's page for an app: its settings, the API integration, who has it, and a preview of assertions.

    GET  /admin/app/{catalog}/instance/{app id}/                 the page; ?preview=LOGIN shows that person's assertion
    POST /admin/app/{catalog}/instance/{app id}/test             "Test API Credentials"
    POST /admin/app/{catalog}/instance/{app id}/refresh          "Refresh Application Data": reads the roles again

Okta shows them to administrators only. Here anyone who is signed in to the org may see them, and the page says so:
people who set up a federation want to look at it, and nothing on it is anybody else's secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import Blueprint, Response, make_response, render_template, request
from lxml import etree

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.addresses import comes_from_another_site
from idp.directory import Directory
from idp.management.apps import aws_settings_as_json
from idp.management.provisioning import read_roles, try_credentials
from idp.management.service import Management
from idp.model import App, Org, User
from idp.pages import current_org, error_page, require_app, service
from idp.saml.claims import Claims
from idp.saml.issue import issue
from idp.signon.browser_session import current_session, sign_in_page

_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"

pages = Blueprint("admin", __name__, url_prefix="/admin/app/<catalog>/instance/<app_id>")


@pages.get("/")
def admin_app(catalog: str, app_id: str) -> Response:
    """Shows an app's page."""
    app = _app(catalog, app_id)
    return _turned_away() or _page(app, _preview(app))


@pages.post("/test")
def test_api_credentials(catalog: str, app_id: str) -> Response:
    """Tries the API integration's access key."""
    app = _app(catalog, app_id)
    return _turned_away() or _page(app, _attempt(lambda: try_credentials(app, service(Management).send)))


@pages.post("/refresh")
def refresh_application_data(catalog: str, app_id: str) -> Response:
    """Reads which roles currently exist in AWS."""
    app = _app(catalog, app_id)
    refused = _turned_away()
    if refused is not None:
        return refused
    outcome = _attempt(lambda: _refresh(app))
    return _page(_app(catalog, app_id), outcome)


def _app(catalog: str, app_id: str) -> App:
    return require_app(current_org().app_by_id(app_id), catalog=catalog)


def _turned_away() -> Response | None:
    """Returns the answer to people who are not signed in, and to other sites' pages; None for everybody else."""
    session = current_session()
    if session is None:
        return sign_in_page(request.full_path.rstrip("?"))
    if not comes_from_another_site():
        return None
    record(request.environ, TraceNote("Okta", "another site's page asked for an administrator's"))
    return error_page("403 Forbidden", "This page is not for other sites.", status=403, evidence="assumed")


def _attempt(call: Callable[[], str]) -> dict[str, object]:
    """Returns how the page shows a call to AWS: whether it worked, and the message."""
    try:
        text = call()
    except OktaRefusal as refusal:
        record(request.environ, TraceNote("Okta", "the API integration does not work", refusal=refusal))
        causes = getattr(refusal, "error_causes", ())
        return {"message": (False, refusal.message), "causes": causes, "evidence": refusal.evidence}
    record(request.environ, TraceNote("Okta", text))
    return {"message": (True, text)}


def _refresh(app: App) -> str:
    provisioning = read_roles(app, service(Management).send, ids=service(Ids))

    def keep(org: Org) -> tuple[Org, None]:
        changed = replace(org.apps[app.name], provisioning=provisioning)
        return replace(org, apps={**org.apps, app.name: changed}), None

    service(Directory).change(keep)
    found = len(provisioning.roles)
    return "1 role was found" if found == 1 else f"{found} roles were found"


def _page(app: App, more: Mapping[str, object]) -> Response:
    settings = aws_settings_as_json(app) if app.is_aws else {}
    return make_response(render_template("admin-app.html", app=app, settings=settings, **more))


def _preview(app: App) -> dict[str, object]:
    """Returns what the page shows about one person: their roles, and the assertion without its signatures."""
    login = request.args.get("preview", "")
    user = current_org().users.get(login)
    if user is None:
        return {"wanted": login, "problem": f"This org has no user {login}."} if login else {}
    try:
        xml, claims = _assertion(app, user)
    except FederationError as error:
        return {"wanted": login, "problem": error.message}
    record(request.environ, TraceNote("Okta", f"previewed {app.label}'s assertion for {login}"))
    return {"wanted": login, "preview": xml, "roles": claims.values("Role")}


def _assertion(app: App, user: User) -> tuple[str, Claims]:
    """Returns the assertion as the button "Preview the SAML Assertion" shows it: indented, not signed, not encrypted.

    Spec: help.okta.com, "Preview the SAML Assertion" of an app's SAML settings
    Evidence: documented
    """
    clock = service(Clock)
    plain = replace(app, encryption=None)
    issued = issue(current_org(), plain, user, authenticated_at=clock.now(), clock=clock, ids=service(Ids))
    assertion = next(etree.fromstring(issued.xml).iter("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"))
    for signature in list(assertion.iter(_SIGNATURE)):
        parent = signature.getparent()
        if parent is not None:
            parent.remove(signature)
    etree.indent(assertion)
    return etree.tostring(assertion, encoding="unicode"), issued.claims
