"""Requests of service providers: AuthnRequest and LogoutRequest, by redirect or by form, signed or not.

Nothing in them is trusted before it has been compared with what the app knows about its service provider.

Spec: SAML Core §3.4.1, §3.7.1; SAML Bindings §3.4, §3.5
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import xmlsec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509 import load_pem_x509_certificate
from lxml import etree

from emulator.kernel.records import dataclass
from idp.model import App, Org
from idp.sso.request_refusals import (
    no_certificate,
    no_such_index,
    other_acs_url,
    other_destination,
    other_issuer,
    other_signature,
    unreadable,
    unsigned,
)

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_MAX_BYTES = 64_000
_LONGEST_RELAY_STATE = 10_000
_LONGEST_INDEX = 5  # of an xs:unsignedShort
_ALGORITHMS: Mapping[str, hashes.HashAlgorithm] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": hashes.SHA512(),
    "http://www.w3.org/2000/09/xmldsig#rsa-sha1": hashes.SHA1(),  # noqa: S303 - service providers still sign so
}


@dataclass(frozen=True, slots=True)
class SamlRequest:
    """A service provider's request.

    Args:
        kind: ``AuthnRequest`` or ``LogoutRequest``.
        request_id: ID of the request, which the answer refers to.
        issuer: Entity ID of the service provider.
        acs_url: URL to which the answer should go; empty for the app's own.
        forces: Whether the person has to sign in again.
        is_passive: Whether the person must not be asked anything.
        name_id_format: NameID format that is asked for; empty for the app's.
        name_id: NameID of the session that a LogoutRequest ends.
        asked_at: When the request arrived.
        expires_at: When the request expires while the person signs in.
        relay_state: Value that is returned with the answer.
    """

    kind: str
    request_id: str
    issuer: str
    acs_url: str
    forces: bool
    is_passive: bool
    name_id_format: str
    name_id: str
    asked_at: datetime
    expires_at: datetime
    relay_state: str = ""


def read_request(
    org: Org, app: App, *, query: str, form: Mapping[str, str], sso_path: str, now: datetime, expires_at: datetime
) -> SamlRequest:
    """Reads and checks the request that came with a query (redirect) or a form (POST).

    Args:
        app: App of the service provider.
        query: Raw query, because a signature covers its exact spelling.
        form: Fields of the form; empty for a redirect.
        sso_path: Path at which the request arrived, which Destination has to name.
        expires_at: When the request expires while the person signs in.

    Raises:
        OktaRefusal: 400, it cannot be read, is signed wrongly, or asks for something that the app does not know.

    Spec: SAML Bindings §3.4.4, §3.5.4; SAML Profiles §4.1.4.1
    Evidence: documented (the rules), assumed (the words)
    """
    raw = dict(part.partition("=")[::2] for part in query.split("&"))
    by_form = "SAMLRequest" in form
    xml = _decoded(form["SAMLRequest"]) if by_form else _inflated(unquote_plus(raw.get("SAMLRequest", "")))
    root = _parsed(xml)
    _require_signature(org, app, root, raw, by_form=by_form)
    issuer = _issuer(org, app, root)
    _require_destination(root, sso_path)
    policy = root.find(f"{_SAMLP}NameIDPolicy")
    relay_state = form.get("RelayState", "") if by_form else unquote_plus(raw.get("RelayState", ""))
    if len(relay_state) > _LONGEST_RELAY_STATE:
        raise unreadable(
            "The RelayState beside the SAMLRequest is too long.",
            expected=f"at most {_LONGEST_RELAY_STATE:,} characters; SAML allows 80 bytes",
            received=f"{len(relay_state):,} characters",
            fix="Let the service provider keep what it has to remember, and send a reference to it.",
        )
    return SamlRequest(
        kind=etree.QName(root).localname,
        request_id=root.get("ID", ""),
        issuer=issuer,
        acs_url=_acs_url(org, app, root),
        forces=root.get("ForceAuthn") in {"true", "1"},
        is_passive=root.get("IsPassive") in {"true", "1"},
        name_id_format=_name_id_format(policy),
        name_id=(root.findtext(f"{_SAML}NameID") or "").strip(),
        asked_at=now,
        expires_at=expires_at,
        relay_state=relay_state,
    )


def _issuer(org: Org, app: App, root: etree._Element) -> str:
    issuer = (root.findtext(f"{_SAML}Issuer") or "").strip()
    known = app.service_provider.entity_id
    if known and issuer != known:
        raise other_issuer(org, app, issuer)
    return issuer


def _require_destination(root: etree._Element, sso_path: str) -> None:
    destination = root.get("Destination", "")
    if destination and _path_of(destination) != sso_path:
        raise other_destination(sso_path, destination)


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path
    except ValueError:
        return ""


def _decoded(text: str) -> bytes:
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise unreadable("The SAMLRequest is not base64.") from None
    if len(data) > _MAX_BYTES:
        raise unreadable(f"The SAMLRequest has more than {_MAX_BYTES} bytes.")
    return data


def _inflated(text: str) -> bytes:
    engine = zlib.decompressobj(-15)
    try:
        data = engine.decompress(_decoded(text), _MAX_BYTES)
    except zlib.error:
        raise unreadable("The SAMLRequest of a redirect has to be deflated.") from None
    if engine.unconsumed_tail:
        raise unreadable(f"The SAMLRequest has more than {_MAX_BYTES} bytes when it is inflated.")
    return data


def _parsed(xml: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise unreadable(f"The SAMLRequest is no XML: {error}") from None
    docinfo: Any = root.getroottree().docinfo
    if docinfo.doctype:
        raise unreadable("The SAMLRequest has a DOCTYPE.")
    if root.tag not in {f"{_SAMLP}AuthnRequest", f"{_SAMLP}LogoutRequest"}:
        raise unreadable(f"The SAMLRequest is {root.tag}.", expected="an AuthnRequest or a LogoutRequest")
    if not root.get("ID") or root.get("Version") != "2.0":
        raise unreadable("The SAMLRequest has no ID, or is not of version 2.0.")
    return root


def _acs_url(org: Org, app: App, root: etree._Element) -> str:
    known = (app.acs_url, *app.service_provider.acs_urls)
    url, index = root.get("AssertionConsumerServiceURL"), root.get("AssertionConsumerServiceIndex")
    if url and url not in known:
        raise other_acs_url(org, app, url)
    if index is not None:
        if not index.isdecimal() or len(index) > _LONGEST_INDEX or int(index) >= len(known):
            raise no_such_index(org, app, index)
        return known[int(index)]
    return url or ""


def _name_id_format(policy: etree._Element | None) -> str:
    wanted = "" if policy is None else policy.get("Format", "")
    return "" if wanted.endswith(":unspecified") else wanted


def _require_signature(org: Org, app: App, root: etree._Element, raw: Mapping[str, str], *, by_form: bool) -> None:
    provider = app.service_provider
    signature = root.find(f"{_DS}Signature")
    is_signed = signature is not None if by_form else "Signature" in raw
    has_to_be = provider.requires_signed_requests or etree.QName(root).localname == "LogoutRequest"
    if not is_signed:
        if has_to_be:
            raise unsigned(org, app, etree.QName(root).localname)
        return
    if not provider.certificate_pem:
        if has_to_be:
            raise no_certificate(org, app)
        return
    whole = _form_is_whole(root, signature, provider.certificate_pem) if by_form else _redirect_is_whole(raw, provider)
    if not whole:
        raise other_signature(org, app)


def _form_is_whole(root: etree._Element, signature: etree._Element | None, certificate_pem: bytes) -> bool:
    if signature is None or sum(1 for _ in root.iter(f"{_DS}Signature")) != 1:
        return False
    references = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    if [reference.get("URI") for reference in references] != [f"#{root.get('ID')}"]:
        return False
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(certificate_pem, xmlsec.constants.KeyDataFormatCertPem)
    try:
        context.register_id(root, "ID")
        context.verify(signature)
    except xmlsec.Error:
        return False
    return True


def _redirect_is_whole(raw: Mapping[str, str], provider: Any) -> bool:
    """Verifies the signature over the query as it was sent.

    Spec: SAML Bindings §3.4.4.1
    """
    algorithm = _ALGORITHMS.get(unquote_plus(raw.get("SigAlg", "")))
    if algorithm is None:
        return False
    signed = "&".join(f"{name}={raw[name]}" for name in ("SAMLRequest", "RelayState", "SigAlg") if name in raw)
    key: Any = load_pem_x509_certificate(provider.certificate_pem).public_key()
    try:
        value = base64.b64decode(unquote_plus(raw["Signature"]), validate=True)
        key.verify(value, signed.encode(), PKCS1v15(), algorithm)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
