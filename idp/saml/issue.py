"""Issuing: from a signed-in person and an app to the form field that is posted."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.records import dataclass
from idp.model import BEGINNING, App, KeyPair, Org, User
from idp.saml.assertion import IssueContext, build_response, make_particulars
from idp.saml.claims import Claims, claims_for
from idp.saml.draft import Draft, Fault, Stage
from idp.saml.encryption import encrypt_assertion
from idp.saml.faults import carry_out
from idp.saml.keys import certificate_base64, make_key_pair
from idp.saml.response_template import signed_from_template
from idp.saml.signing import sign, with_sha1


@dataclass(frozen=True, slots=True)
class AuthnRequest:
    """What a service provider's AuthnRequest says about the Response that answers it.

    Args:
        request_id: ID of the request, for InResponseTo.
        acs_url: AssertionConsumerServiceURL; empty for the app's own.
        name_id_format: Format of NameIDPolicy; empty for the app's own.
    """

    request_id: str = ""
    acs_url: str = ""
    name_id_format: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """An issued Response: its XML and the base64 text of the form field."""

    xml: bytes
    saml_response: str
    claims: Claims
    issued_at: datetime

    def __repr__(self) -> str:
        return f"<Issued at {self.issued_at.isoformat()}, {len(self.xml)} bytes of XML>"


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
        authenticated_at: When the user signed in.
        clock: Clock of the identity provider.
        faults: Deliberate faults; none by default.
        request: The AuthnRequest that is answered; None when the login began at Okta.

    Raises:
        OktaRefusal: 403, the app is not assigned to the user.
        FederationError: a fault would change nothing.
    """
    return issue_claims(
        claims_for(org, app, user),
        app,
        authenticated_at=authenticated_at,
        clock=clock,
        ids=ids,
        faults=faults,
        request=request,
    )


def issue_claims(
    claims: Claims,
    app: App,
    *,
    authenticated_at: datetime,
    clock: Clock,
    ids: Ids,
    faults: Sequence[Fault] = (),
    request: AuthnRequest | None = None,
) -> Issued:
    """Issues a signed Response with the given claims to an app.

    Args:
        authenticated_at: When the user signed in.
        clock: Clock of the identity provider.
        faults: Deliberate faults; none by default.
        request: The AuthnRequest that is answered; None when the login began at Okta.

    Raises:
        FederationError: a fault would change nothing.
    """
    draft = Draft(
        claims,
        _context(app, clock.now(), authenticated_at, request or AuthnRequest()),
        app.key_pair,
        app.encryption,
        _foreign_key,
    )
    draft = carry_out(faults, Stage.SETTINGS, draft)
    draft = carry_out(faults, Stage.CLAIMS, draft)
    draft = carry_out(faults, Stage.AFTER_SIGNING, _signed(draft, faults, ids))
    draft = carry_out(faults, Stage.AFTER_ENCRYPTION, _encrypted(draft))
    xml = draft.xml.encode()
    draft = carry_out(faults, Stage.TRANSPORT, replace(draft, form_field=base64.b64encode(xml).decode()))
    return Issued(xml, draft.form_field, draft.claims, draft.context.issued_at)


def _signed(draft: Draft, faults: Sequence[Fault], ids: Ids) -> Draft:
    """Writes and signs the Response: from a template, unless a fault edits it or a value needs escaping."""
    claims, context, key_pair = draft.claims, draft.context, draft.key_pair
    certificate, particulars = _certificate(key_pair.certificate_pem), make_particulars(context, ids)
    if not any(fault.form.stage is Stage.BEFORE_SIGNING for fault in faults):
        signed = signed_from_template(claims, context, particulars, certificate=certificate, key_pair=key_pair)
        if signed is not None:
            return replace(draft, xml=signed)
    text = build_response(claims, context, particulars, certificate=certificate)
    unsigned = replace(draft, xml=with_sha1(text) if context.style.sha1 else text)
    edited = carry_out(faults, Stage.BEFORE_SIGNING, unsigned)
    return replace(edited, xml=sign(edited.xml, edited.key_pair))


def _encrypted(draft: Draft) -> Draft:
    """Encrypts the signed assertion, where the app has encryption configured.

    The Response's signature covers the encrypted assertion, so it is made again.
    """
    if draft.encryption is None:
        return draft
    return replace(draft, xml=sign(encrypt_assertion(draft.xml, draft.encryption), draft.key_pair))


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


@lru_cache(maxsize=32)
def _certificate(certificate_pem: bytes) -> str:
    return certificate_base64(certificate_pem)


@cache
def _foreign_key() -> KeyPair:
    """Returns a key that is in no metadata.

    One key serves every federation of the process, because making it takes longer than a login. Nothing in it depends
    on a federation, not even its dates.
    """
    return make_key_pair(common_name="foreign", clock=Clock(frozen_at=BEGINNING), ids=Ids(seed=0))
