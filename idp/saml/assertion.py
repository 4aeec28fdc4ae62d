"""From claims to an unsigned Response: pysaml2's object classes build it, and Okta's spelling is written from them.

pysaml2's classes give the Response the structure of the SAML schema, but its serialiser chooses prefixes, order and
namespace declarations by itself. Okta's spelling matters to clients that read the XML with regular expressions and HTML
parsers, so the serialisation here is exact: prefixes, the order of attributes, and which elements declare a namespace
again. Okta changed that order between January 2019 and September 2020; ``Layout`` has both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

from saml2 import SamlBase, saml, samlp, xmldsig

from emulator.kernel.clock import Ids, instant
from emulator.kernel.records import dataclass
from idp.model import Layout, SamlStyle
from idp.saml.claims import Attribute, Claims
from idp.saml.keys import certificate_lines

ASSERTION_NAMESPACE = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL_NAMESPACE = "urn:oasis:names:tc:SAML:2.0:protocol"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_WINDOW = timedelta(minutes=5)
_LATER = timedelta(milliseconds=1)
_ANY_ID = "ID-OF-THE-ELEMENT"
_SAML2 = f' xmlns:saml2="{ASSERTION_NAMESPACE}"'
_SAML2P = f' xmlns:saml2p="{PROTOCOL_NAMESPACE}"'
_XS = ' xmlns:xs="http://www.w3.org/2001/XMLSchema"'
_VALUE_TYPE = _XS + ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string"'
_EC = f' xmlns:ec="{EXCLUSIVE_C14N}"'


@dataclass(frozen=True, slots=True)
class IssueContext:
    """One login for which an assertion is issued: its destination, its instant, and when the person signed in.

    ``in_response_to`` is the ID of the request that is answered; empty without one.
    """

    issuer: str
    acs_url: str
    audience: str
    issued_at: datetime
    authenticated_at: datetime
    recipient: str = ""
    destination: str = ""
    in_response_to: str = ""
    style: SamlStyle = field(default_factory=SamlStyle)


@dataclass(frozen=True, slots=True)
class Particulars:
    """The identifiers and instants of one Response, as they are written."""

    response_id: str
    assertion_id: str
    session_index: str
    issue_instant: str
    not_before: str
    not_on_or_after: str
    authn_instant: str


def make_particulars(context: IssueContext, ids: Ids) -> Particulars:
    """Returns new identifiers, and the instants of a login.

    Spec: Okta Responses of 2018, 2020 and 2023
    Evidence: observed
    """
    # In the recordings since 2020 every window is one millisecond later than IssueInstant, and AuthnInstant in seconds.
    is_old = context.style.layout is Layout.UNTIL_2019
    middle = context.issued_at if is_old else context.issued_at + _LATER
    signed_in = context.authenticated_at if is_old else context.authenticated_at.replace(microsecond=0)
    milliseconds = int(context.issued_at.timestamp() * 1000)
    return Particulars(
        assertion_id=_xml_id(ids),
        session_index=f"id{milliseconds}.{ids.integer(1, 2**31 - 1)}",
        response_id=_xml_id(ids),
        issue_instant=instant(context.issued_at),
        not_before=instant(middle - _WINDOW),
        not_on_or_after=instant(middle + _WINDOW),
        authn_instant=instant(signed_in),
    )


def build_response(claims: Claims, context: IssueContext, particulars: Particulars, *, certificate: str) -> str:
    """Returns a Response in Okta's spelling; its signatures are templates without digest and value.

    Args:
        claims: What the assertion says.
        context: The login that it is for, with its style.
        particulars: Its identifiers and instants.
        certificate: Signing certificate in base64, for KeyInfo.

    Spec: SAML Core §3.3.3; Okta Responses of 2018, 2020 and 2023
    Evidence: observed
    """
    layout, signed_elements = context.style.layout, context.style.signed
    assertion = _assertion(claims, context, particulars)
    response = samlp.Response(
        destination=context.destination or context.acs_url,
        id=particulars.response_id,
        in_response_to=context.in_response_to or None,
        issue_instant=particulars.issue_instant,
        version="2.0",
        issuer=_issuer(context),
        status=samlp.Status(status_code=samlp.StatusCode(value=_SUCCESS)),
        assertion=[assertion],
    )
    signatures = {
        signed.id: signature_template(signed.id, certificate, layout)
        for name, signed in (("Assertion", assertion), ("Response", response))
        if name in signed_elements
    }
    return '<?xml version="1.0" encoding="UTF-8"?>' + "".join(_response_text(response, signatures, layout))


class _AttributeValue(saml.AttributeValue):  # type: ignore[misc]  # pysaml2 has no types
    """A value of an attribute: text, whose xsi:type is part of Okta's spelling.

    pysaml2 guesses the type from the text by a table of every type and its conversions, which it builds anew for each
    text. That takes longer than all other objects of an assertion.
    """

    def set_text(self, value: str | None, base64encode: bool = False) -> _AttributeValue:  # noqa: ARG002  pysaml2's
        """Sets the text as it is."""
        SamlBase.__setattr__(self, "text", value)
        return self


def _xml_id(ids: Ids) -> str:
    return "id" + ids.digits(ids.integer(26, 29))


def _issuer(context: IssueContext) -> Any:
    return saml.Issuer(format=context.style.issuer_format or None, text=context.issuer)


def _assertion(claims: Claims, context: IssueContext, particulars: Particulars) -> Any:
    return saml.Assertion(
        id=particulars.assertion_id,
        issue_instant=particulars.issue_instant,
        version="2.0",
        issuer=_issuer(context),
        subject=saml.Subject(
            name_id=saml.NameID(format=context.style.name_id_format, text=claims.name_id),
            subject_confirmation=[
                saml.SubjectConfirmation(
                    method=_BEARER,
                    subject_confirmation_data=saml.SubjectConfirmationData(
                        in_response_to=context.in_response_to or None,
                        not_on_or_after=particulars.not_on_or_after,
                        recipient=context.recipient or context.acs_url,
                    ),
                )
            ],
        ),
        conditions=saml.Conditions(
            not_before=particulars.not_before,
            not_on_or_after=particulars.not_on_or_after,
            audience_restriction=[saml.AudienceRestriction(audience=[saml.Audience(text=context.audience)])],
        ),
        authn_statement=[
            saml.AuthnStatement(
                authn_instant=particulars.authn_instant,
                session_index=particulars.session_index,
                authn_context=saml.AuthnContext(
                    authn_context_class_ref=saml.AuthnContextClassRef(text=context.style.authn_context)
                ),
            )
        ],
        attribute_statement=[saml.AttributeStatement(attribute=[_attribute(a) for a in claims.attributes])]
        if claims.attributes
        else [],
    )


def _attribute(attribute: Attribute) -> Any:
    result = saml.Attribute(name=attribute.name, name_format=attribute.name_format or None)
    for text in attribute.values:
        value = _AttributeValue()
        value.text = text
        result.attribute_value.append(value)
    return result


def signature_template(element_id: str, certificate: str, layout: Layout = Layout.SINCE_2020) -> str:
    """Returns the text of a signature without digest and value, over the element with this ID.

    Args:
        certificate: Signing certificate in base64, on one line.
        layout: Order of attributes; since 2020 the certificate has line breaks, too.
    """
    before, after = _signature_parts(certificate, layout)
    return f"{before}{element_id}{after}"


@lru_cache(maxsize=32)
def _signature_parts(certificate: str, layout: Layout) -> tuple[str, str]:
    """Returns the template before and after the element's ID; both depend on the certificate and layout only."""
    text = certificate if layout is Layout.UNTIL_2019 else certificate_lines(certificate)
    before, _, after = _signature_text(_signature_template(_ANY_ID, text), layout).partition(_ANY_ID)
    return before, after


def _signature_template(element_id: str, certificate: str) -> Any:
    return xmldsig.Signature(
        signed_info=xmldsig.SignedInfo(
            canonicalization_method=xmldsig.CanonicalizationMethod(algorithm=EXCLUSIVE_C14N),
            signature_method=xmldsig.SignatureMethod(algorithm=RSA_SHA256),
            reference=[
                xmldsig.Reference(
                    uri=f"#{element_id}",
                    transforms=xmldsig.Transforms(
                        transform=[
                            xmldsig.Transform(algorithm=_ENVELOPED),
                            xmldsig.Transform(algorithm=EXCLUSIVE_C14N),
                        ]
                    ),
                    digest_method=xmldsig.DigestMethod(algorithm=SHA256),
                    digest_value=xmldsig.DigestValue(),
                )
            ],
        ),
        signature_value=xmldsig.SignatureValue(),
        key_info=xmldsig.KeyInfo(
            x509_data=[xmldsig.X509Data(x509_certificate=xmldsig.X509Certificate(text=certificate))]
        ),
    )


# --- Okta's spelling -------------------------------------------------------------------------------------------------


def _declared(layout: Layout, declarations: str, attributes: str, more: str = "") -> str:
    """Returns an element's attributes and namespace declarations: declarations first until 2019, last since 2020.

    Args:
        layout: Order of both.
        declarations: Declaration of the element's own prefix.
        attributes: The other attributes, each with a space before it.
        more: Declarations that come last in both layouts.
    """
    if layout is Layout.UNTIL_2019:
        return f"{declarations}{attributes}{more}"
    return f"{attributes}{declarations}{more}"


def _response_text(response: Any, signatures: Mapping[str, str], layout: Layout) -> Iterator[str]:
    attributes = (
        f' Destination="{_quote(response.destination)}" ID="{response.id}"'
        f"{_optional(' InResponseTo', response.in_response_to)} "
        f'IssueInstant="{response.issue_instant}" Version="{response.version}"'
    )
    yield f"<saml2p:Response{_declared(layout, _SAML2P, attributes, _XS)}>"
    issuer = _declared(layout, _SAML2, _optional(" Format", response.issuer.format))
    yield f"<saml2:Issuer{issuer}>{escape(response.issuer.text)}</saml2:Issuer>"
    yield signatures.get(response.id, "")
    code = response.status.status_code.value
    yield f'<saml2p:Status{_SAML2P}><saml2p:StatusCode Value="{code}"/></saml2p:Status>'
    for assertion in response.assertion:
        yield from _assertion_text(assertion, signatures, layout)
    yield "</saml2p:Response>"


def _assertion_text(assertion: Any, signatures: Mapping[str, str], layout: Layout) -> Iterator[str]:
    ns = _SAML2
    attributes = f' ID="{assertion.id}" IssueInstant="{assertion.issue_instant}" Version="{assertion.version}"'
    yield (
        f"<saml2:Assertion{_declared(layout, ns, attributes, _XS)}>"
        f"<saml2:Issuer{_optional(' Format', assertion.issuer.format)}{ns}>"
        f"{escape(assertion.issuer.text)}</saml2:Issuer>"
    )
    yield signatures.get(assertion.id, "")
    subject = assertion.subject
    confirmation = subject.subject_confirmation[0]
    data = confirmation.subject_confirmation_data
    yield (
        f'<saml2:Subject{ns}><saml2:NameID Format="{subject.name_id.format}">{escape(subject.name_id.text)}'
        f'</saml2:NameID><saml2:SubjectConfirmation Method="{confirmation.method}"><saml2:SubjectConfirmationData'
        f'{_optional(" InResponseTo", data.in_response_to)} NotOnOrAfter="{data.not_on_or_after}" '
        f'Recipient="{_quote(data.recipient)}"/></saml2:SubjectConfirmation></saml2:Subject>'
    )
    conditions = assertion.conditions
    audience = conditions.audience_restriction[0].audience[0].text
    yield (
        f'<saml2:Conditions NotBefore="{conditions.not_before}" NotOnOrAfter="{conditions.not_on_or_after}"{ns}>'
        f"<saml2:AudienceRestriction><saml2:Audience>{escape(audience)}</saml2:Audience></saml2:AudienceRestriction>"
        "</saml2:Conditions>"
    )
    statement = assertion.authn_statement[0]
    yield (
        f'<saml2:AuthnStatement AuthnInstant="{statement.authn_instant}" SessionIndex="{statement.session_index}"{ns}>'
        "<saml2:AuthnContext><saml2:AuthnContextClassRef>"
        f"{statement.authn_context.authn_context_class_ref.text}"
        "</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>"
    )
    for attributes in assertion.attribute_statement:
        yield f"<saml2:AttributeStatement{ns}>"
        for attribute in attributes.attribute:
            yield f'<saml2:Attribute Name="{_quote(attribute.name)}"{_optional(" NameFormat", attribute.name_format)}>'
            for value in attribute.attribute_value:
                yield f"<saml2:AttributeValue{_VALUE_TYPE}>{escape(value.text)}</saml2:AttributeValue>"
            yield "</saml2:Attribute>"
        yield "</saml2:AttributeStatement>"
    yield "</saml2:Assertion>"


def _signature_text(signature: Any, layout: Layout) -> str:
    inclusive = "<ec:InclusiveNamespaces" + _declared(layout, _EC, ' PrefixList="xs"') + "/>"
    info = signature.signed_info
    reference = info.reference[0]
    enveloped, exclusive = reference.transforms.transform
    certificate = signature.key_info.x509_data[0].x509_certificate.text
    return (
        f'<ds:Signature xmlns:ds="{SIGNATURE_NAMESPACE}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{info.canonicalization_method.algorithm}"/>'
        f'<ds:SignatureMethod Algorithm="{info.signature_method.algorithm}"/>'
        f'<ds:Reference URI="{reference.uri}"><ds:Transforms><ds:Transform Algorithm="{enveloped.algorithm}"/>'
        f'<ds:Transform Algorithm="{exclusive.algorithm}">{inclusive}</ds:Transform></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{reference.digest_method.algorithm}"/><ds:DigestValue></ds:DigestValue>'
        "</ds:Reference></ds:SignedInfo><ds:SignatureValue></ds:SignatureValue>"
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
        "</ds:Signature>"
    )


def _optional(name: str, value: str | None) -> str:
    return f'{name}="{_quote(value)}"' if value else ""


def _quote(text: str) -> str:
    return escape(text, {'"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"})
