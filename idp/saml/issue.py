"""Issuing: from a signed-in person and an app to the form field that is posted."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache

from emulator.kernel.clock import Clock, Ids
from idp.model import BEGINNING, App, KeyPair, Org, User
from idp.saml.assertion import IssueContext, build_response
from idp.saml.claims import Claims, claims_for
from idp.saml.encryption import encrypt_assertion
from idp.saml.fault_edits import edit, pad, payload, with_sha1, wrap
from idp.saml.faults import Fault, deviate
from idp.saml.keys import certificate_base64, make_key_pair
from idp.saml.signing import sign

_SIGNED = {"none": (), "response-only": ("Response",), "assertion-only": ("Assertion",)}


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """What a service provider's AuthnRequest says about the Response that answers it.

    Args:
        request_id: Its ID, for InResponseTo.
        acs_url: Its AssertionConsumerServiceURL; empty for the app's own.
        name_id_format: The Format of its NameIDPolicy; empty for the app's own.
    """

    request_id: str = ""
    acs_url: str = ""
    name_id_format: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A Response that has been issued: its XML and the base64 text of the form field."""

    xml: bytes
    saml_response: str
    claims: Claims
    issued_at: datetime


def issue(
    org: Org,
    app: App,
    user: User,
    *,
    authenticated_at: datetime,
    clock: Clock,
    ids: Ids,
    faults: Sequence[Fault] = (),
    request: AuthnRequest | None = None,
) -> Issued:
    """Issues a signed Response about a user to an app.

    Args:
        org: Where the user and the app are.
        app: To whom.
        user: About whom.
        authenticated_at: When the user signed in.
        clock: The identity provider's.
        ids: Makes identifiers.
        faults: What to do wrong; nothing by default.
        request: The AuthnRequest that is answered; none by default, when the login began at Okta.

    Raises:
        OktaRefusal: 403, the app is not assigned to the user.
        FederationError: a fault's path leads nowhere.
    """
    claims = claims_for(org, app, user)
    context = _context(app, clock.now(), authenticated_at, request or AuthnRequest())
    if not faults:
        certificate = _certificate(app.key_pair.certificate_pem)
        text = build_response(claims, context, certificate=certificate, ids=ids, sign=app.style.signed)
        text = with_sha1(text) if app.style.sha1 else text
        return _issued(_finished(sign(text, app.key_pair), app, app.key_pair), claims, context.issued_at)
    return _issue_faulty(app, claims, context, ids=ids, faults=faults)


def _issue_faulty(
    app: App,
    claims: Claims,
    context: IssueContext,
    *,
    ids: Ids,
    faults: Sequence[Fault],
) -> Issued:
    issued_at = context.issued_at + sum((fault.shift for fault in faults), timedelta())
    variants = {fault.kind: fault.target for fault in faults if fault.kind in {"signature", "wrap", "payload"}}
    how = variants.get("signature", "")
    claims = deviate(claims, faults)
    key_pair = _foreign_key() if how == "foreign-key" else app.key_pair
    text = build_response(
        claims,
        replace(context, issued_at=issued_at),
        certificate=_certificate(key_pair.certificate_pem),
        ids=ids,
        sign=_SIGNED.get(how, app.style.signed),
    )
    text = edit(text, faults, kind="element")
    if how == "sha1" or app.style.sha1:
        text = with_sha1(text)
    if variants.get("payload") == "oversized":
        text = pad(text, sign(text, key_pair))
    text = edit(sign(text, key_pair), faults, kind="tamper")
    if "wrap" in variants:
        text = wrap(text, variants["wrap"])
    xml = text.encode() if "wrap" in variants else _finished(text, app, key_pair)
    issued = _issued(xml, claims, issued_at)
    if "payload" in variants:
        return Issued(issued.xml, payload(issued.xml, variants["payload"]), claims, issued_at)
    return issued


def _finished(text: str, app: App, key_pair: KeyPair) -> bytes:
    """Returns a signed Response's bytes; where the app encrypts, the signed assertion goes into an envelope.

    The Response's signature covers the envelope, so it is made again.
    """
    if app.encryption is None:
        return text.encode()
    return sign(encrypt_assertion(text, app.encryption), key_pair).encode()


def _context(app: App, issued_at: datetime, authenticated_at: datetime, request: AuthnRequest) -> IssueContext:
    acs_url = request.acs_url or app.acs_url
    style = replace(app.style, name_id_format=request.name_id_format) if request.name_id_format else app.style
    return IssueContext(
        issuer=app.issuer,
        acs_url=acs_url,
        recipient=acs_url if request.acs_url else app.recipient,
        destination=acs_url if request.acs_url else app.destination,
        in_response_to=request.request_id,
        style=style,
        audience=app.audience,
        issued_at=issued_at,
        authenticated_at=authenticated_at,
    )


def _issued(xml: bytes, claims: Claims, issued_at: datetime) -> Issued:
    return Issued(xml, base64.b64encode(xml).decode(), claims, issued_at)


@lru_cache(maxsize=32)
def _certificate(certificate_pem: bytes) -> str:
    return certificate_base64(certificate_pem)


@cache
def _foreign_key() -> KeyPair:
    """Returns a key that no metadata holds.

    One serves every federation of the process, since making it takes longer than a login; nothing in it is any
    federation's own, not even its dates.
    """
    return make_key_pair(common_name="foreign", clock=Clock(frozen_at=BEGINNING), ids=Ids(seed=0))
