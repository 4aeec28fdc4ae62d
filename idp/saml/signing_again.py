"""Signs a changed Response as its app does: the old signatures are replaced by new ones."""

from __future__ import annotations

from lxml import etree

from emulator.kernel.errors import FederationError
from idp.model import App
from idp.saml.assertion import ASSERTION_NAMESPACE, PROTOCOL_NAMESPACE, SIGNATURE_NAMESPACE, signature_template
from idp.saml.keys import certificate_base64
from idp.saml.signing import sign_tree, with_sha1

_ISSUER = f"{{{ASSERTION_NAMESPACE}}}Issuer"
_ASSERTION = f"{{{ASSERTION_NAMESPACE}}}Assertion"
_ENCRYPTED = f"{{{ASSERTION_NAMESPACE}}}EncryptedAssertion"
_RESPONSE = f"{{{PROTOCOL_NAMESPACE}}}Response"
_SIGNATURE = f"{{{SIGNATURE_NAMESPACE}}}Signature"


def sign_again(root: etree._Element, app: App) -> None:
    """Signs a changed Response in place, with an app's key and the elements that the app signs.

    Args:
        root: The Response; it is not trusted.
        app: The app whose key, certificate and settings are used.

    Raises:
        FederationError: it is not a Response, its assertion is encrypted, or an element to sign has no ID.
    """
    if root.tag != _RESPONSE:
        raise FederationError("this cannot be signed: it is not a Response", expected="a samlp:Response")
    if root.find(_ENCRYPTED) is not None:
        # The assertion's own signature is encrypted with it, and only the service provider can decrypt that.
        raise FederationError("this cannot be signed: its assertion is encrypted", expected="a plain Assertion")
    elements = [*root.iterchildren(_ASSERTION), root]
    for element in elements:
        for signature in list(element.iterchildren(_SIGNATURE)):
            element.remove(signature)
    for element in elements:
        if etree.QName(element).localname in app.style.signed:
            _put_template(element, app)
    sign_tree(root, app.key_pair)


def _put_template(element: etree._Element, app: App) -> None:
    """Inserts an empty signature after the Issuer, where SAML's schema requires it.

    Spec: SAML Core §2.3.3, §3.2.2 (Signature follows Issuer)
    """
    name = element.get("ID", "")
    if not name:
        what = etree.QName(element).localname
        raise FederationError(f"this cannot be signed: its {what} has no ID", expected="an ID to refer to")
    certificate = certificate_base64(app.key_pair.certificate_pem)
    text = signature_template("", certificate, app.style.layout)
    template = etree.fromstring(with_sha1(text) if app.style.sha1 else text)
    reference = template.find(f".//{{{SIGNATURE_NAMESPACE}}}Reference")
    if reference is not None:
        reference.set("URI", f"#{name}")
    issuer = element.find(_ISSUER)
    element.insert(element.index(issuer) + 1 if issuer is not None else 0, template)
