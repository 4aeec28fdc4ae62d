"""The refusals of a service provider's request, each with the app's setting that it conflicts with."""

from __future__ import annotations

from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Asked, Cause, Setting
from idp.model import App, Org
from idp.saml.wording import difference, nearest, one_of

SAML_REQUEST = "SAMLRequest"
_CONSOLE = "app > General > SAML Settings"


def unreadable(explanation: str, *, expected: str = "", received: str = "", fix: str = "") -> OktaRefusal:
    """Returns the refusal of a request that cannot be read, whatever the app's settings are."""
    return _refused(
        explanation,
        (Asked(SAML_REQUEST),),
        expected=expected,
        received=received,
        fix=fix or "Send an AuthnRequest as the binding wants it: a redirect deflated and in base64, a form in base64.",
    )


def other_issuer(org: Org, app: App, issuer: str) -> OktaRefusal:
    """Returns the refusal of a request from another service provider than the app's."""
    known = app.service_provider.entity_id
    marked = difference(known, issuer)
    fix = f"Let the service provider write {known} into Issuer."
    if issuer:
        console = f"{_CONSOLE} > Audience URI (SP Entity ID)"
        fix = f"If the service provider is {issuer}, set saml.sp_entity_id: {issuer} ({console})."
    return _refused(
        f"The Issuer is another service provider{f': {marked}' if marked else ''}.",
        (Setting(org, ("apps", app.name, "service_provider", "entity_id")), Asked(SAML_REQUEST)),
        expected=known,
        received=issuer,
        fix=fix,
    )


def other_destination(expected: str, received: str) -> OktaRefusal:
    """Returns the refusal of a request that was made for another URL than the one it came to."""
    marked = difference(expected, received)
    return _refused(
        f"The Destination is another URL{f': {marked}' if marked else ''}.",
        (Asked(SAML_REQUEST),),
        expected=expected,
        received=received,
        fix=f"Give the service provider the app's single sign-on URL, {expected} (app > Sign On > SAML Setup).",
    )


def other_acs_url(org: Org, app: App, url: str) -> OktaRefusal:
    """Returns the refusal of a request whose ACS URL the app does not know."""
    known = (app.acs_url, *app.service_provider.acs_urls)
    near = nearest(url, known, cutoff=0.8)
    marked = difference(near, url) if near else ""
    own = Setting(org, ("apps", app.name, "acs_url"))
    others = Setting(org, ("apps", app.name, "service_provider", "acs_urls"))
    return _refused(
        f"The AssertionConsumerServiceURL is not one of the app's{f': {marked}' if marked else ''}.",
        (own, others) if near == app.acs_url else (others, own),
        expected=one_of(known),
        received=url,
        fix=f"If {url} is the service provider's, add it to saml.other_acs_urls ({_CONSOLE} > Other Requestable SSO "
        "URLs); otherwise let the service provider ask for one that the app has.",
    )


def no_such_index(org: Org, app: App, index: str) -> OktaRefusal:
    """Returns the refusal of a request with an index for which the app has no URL."""
    known = (app.acs_url, *app.service_provider.acs_urls)
    return _refused(
        f"The app has no ACS URL of the index {index}.",
        (Setting(org, ("apps", app.name, "service_provider", "acs_urls")),),
        expected=one_of(f"{number} ({url})" for number, url in enumerate(known)),
        received=index,
        fix=f"Add the URL of the index {index} to saml.other_acs_urls ({_CONSOLE} > Other Requestable SSO URLs).",
    )


def unsigned(org: Org, app: App, kind: str) -> OktaRefusal:
    """Returns the refusal of an unsigned request that has to be signed."""
    required = Setting(org, ("apps", app.name, "service_provider", "requires_signed_requests"))
    is_setting = app.service_provider.requires_signed_requests
    return _refused(
        "The request has to be signed.",
        (required, Asked(SAML_REQUEST)) if is_setting else (Asked(SAML_REQUEST),),
        expected="a signature of the service provider",
        received=f"an unsigned {kind}",
        fix="Let the service provider sign its requests"
        + (f", as saml.requires_signed_requests wants ({_CONSOLE} > Signed Requests)." if is_setting else "."),
    )


def no_certificate(org: Org, app: App) -> OktaRefusal:
    """Returns the refusal of a signed request that the app cannot verify."""
    return _refused(
        "The app has no certificate to verify the request with.",
        (Setting(org, ("apps", app.name, "service_provider", "certificate_pem")),),
        expected="the certificate of the service provider",
        received="no certificate",
        fix=f"Set saml.sp_certificate: the file of the service provider's certificate ({_CONSOLE} > Signature "
        "Certificate).",
    )


def other_signature(org: Org, app: App) -> OktaRefusal:
    """Returns the refusal of a signature by another key than the service provider's, or of a changed request."""
    return _refused(
        "The request's signature does not fit the service provider's certificate.",
        (Setting(org, ("apps", app.name, "service_provider", "certificate_pem")), Asked(SAML_REQUEST)),
        expected="a signature by the key of the service provider's certificate",
        received="another signature",
        fix="Set saml.sp_certificate: the file of the certificate with which the service provider signs now "
        f"({_CONSOLE} > Signature Certificate).",
    )


def _refused(
    explanation: str, causes: tuple[Cause, ...], *, expected: str = "", received: str = "", fix: str
) -> OktaRefusal:
    """Returns the refusal of a service provider's request.

    Spec: SAML Bindings §3.4, §3.5
    Evidence: documented (the rules), assumed (the words)
    """
    return OktaRefusal(
        "Bad SAML request.",
        code="400 Bad Request",
        status=400,
        check="saml-request",
        evidence="assumed",
        explanation=explanation,
        where=SAML_REQUEST,
        expected=expected,
        received=received,
        fix=fix,
        spec="SAML Bindings §3.4, §3.5",
        causes=causes,
    )
