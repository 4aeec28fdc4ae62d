"""Answers to service providers without an assertion: a status instead of a login, and the answer to a logout.

Spec: SAML Core §3.2.2, §3.7.2
"""

from __future__ import annotations

from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from emulator.kernel.clock import Ids, instant
from idp.model import App
from idp.saml.assertion import ASSERTION_NAMESPACE, PROTOCOL_NAMESPACE, signature_template
from idp.saml.keys import certificate_base64
from idp.saml.signing import sign

_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"


def status_response(app: App, *, to: str, in_response_to: str, second: str, now: datetime, ids: Ids) -> str:
    """Returns a signed Response that says why there is no assertion.

    Args:
        app: App that answers.
        to: ACS URL.
        in_response_to: ID of the request.
        second: Last word of the second-level status code, for example ``NoPassive``.

    Spec: SAML Core §3.2.2.2
    Evidence: documented
    """
    inner = f'<saml2p:StatusCode Value="{_STATUS}{second}"/>'
    code = f'<saml2p:StatusCode Value="{_STATUS}Responder">{inner}</saml2p:StatusCode>'
    return _message("Response", app, to=to, in_response_to=in_response_to, code=code, now=now, ids=ids)


def logout_response(app: App, *, in_response_to: str, now: datetime, ids: Ids) -> str:
    """Returns a signed LogoutResponse: the session has ended.

    Spec: SAML Core §3.7.2
    Evidence: documented
    """
    code = f'<saml2p:StatusCode Value="{_STATUS}Success"/>'
    to = app.service_provider.logout_url
    return _message("LogoutResponse", app, to=to, in_response_to=in_response_to, code=code, now=now, ids=ids)


def _message(element: str, app: App, *, to: str, in_response_to: str, code: str, now: datetime, ids: Ids) -> str:
    identifier = "id" + ids.digits(27)
    template = signature_template(identifier, certificate_base64(app.key_pair.certificate_pem), app.style.layout)
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><saml2p:{element} '
        f'Destination={quoteattr(to)} ID="{identifier}" InResponseTo={quoteattr(in_response_to)} '
        f'IssueInstant="{instant(now)}" Version="2.0" xmlns:saml2p="{PROTOCOL_NAMESPACE}" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema">'
        f'<saml2:Issuer xmlns:saml2="{ASSERTION_NAMESPACE}">{escape(app.issuer)}</saml2:Issuer>{template}'
        f"<saml2p:Status>{code}</saml2p:Status></saml2p:{element}>"
    )
    return sign(text, app.key_pair)
