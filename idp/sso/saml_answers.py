"""The org's answers when an app is opened or left: a form that posts to the service provider, or a refusal."""

from __future__ import annotations

import base64

from flask import Response, make_response, render_template, request

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.trace_notes import TraceNote, record
from idp.model import App
from idp.pages import error_page


def post_form(app: App, url: str, *, saml_response: str, relay_state: str) -> Response:
    """Returns the page whose form posts a message to a service provider by itself.

    Args:
        app: App for the heading.
        url: URL to which the form posts.
        saml_response: Value of SAMLResponse, in base64.
        relay_state: Value of RelayState.
    """
    fields = {"SAMLResponse": saml_response, "RelayState": relay_state}
    return make_response(render_template("post.html", app=app, action=url, fields=fields))


def post_message(app: App, url: str, *, message: str, relay_state: str) -> Response:
    """Returns the page that posts a message given as XML text."""
    return post_form(app, url, saml_response=form_field_of(message), relay_state=relay_state)


def form_field_of(message: str) -> str:
    """Returns a message given as XML text in the form of the form field."""
    return base64.b64encode(message.encode()).decode()


def refusal_page(refusal: OktaRefusal, *, summary: str, person: str = "", app: str = "") -> Response:
    """Returns the page on which the org refuses, and records the refusal under a summary.

    Args:
        refusal: The refusal to show.
        summary: What is refused, for the trace.
        person: Login of the person who is refused, where known.
        app: App that is refused, as ``org/app``, where there is one.
    """
    record(request.environ, TraceNote("Okta", summary, refusal=refusal, person=person, app=app))
    title = refusal.code if refusal.code[:1].isdigit() else f"{refusal.status} {refusal.code}"
    return error_page(title, refusal.message, status=refusal.status, evidence=refusal.evidence)
