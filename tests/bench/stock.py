"""pysaml2 as it comes: its server, signing by the xmlsec1 program. The yardstick for issuing."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from idp.model import KeyPair

_SERVICE_PROVIDER = """
<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="urn:amazon:webservices">
  <SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol" WantAssertionsSigned="true">
    <AssertionConsumerService index="1" isDefault="true" Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
      Location="https://signin.aws.amazon.com/saml"/>
  </SPSSODescriptor>
</EntityDescriptor>
"""


def stock_issuer(key_pair: KeyPair, folder: Path) -> Callable[[], str] | None:
    """Returns a function that issues a Response with two signatures, or None when xmlsec1 is missing."""
    xmlsec1 = shutil.which("xmlsec1")
    if xmlsec1 is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from saml2.config import IdPConfig
        from saml2.server import Server
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    key.write_bytes(key_pair.private_key_pem)
    key.chmod(0o600)
    certificate.write_bytes(key_pair.certificate_pem)
    settings: dict[str, Any] = {
        "entityid": "http://www.okta.com/exk",
        "xmlsec_binary": xmlsec1,
        "key_file": str(key),
        "cert_file": str(certificate),
        "metadata": {"inline": [_SERVICE_PROVIDER]},
        "service": {
            "idp": {
                "endpoints": {"single_sign_on_service": []},
                "signing_algorithm": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
                "digest_algorithm": "http://www.w3.org/2001/04/xmlenc#sha256",
                "policy": {"default": {"lifetime": {"minutes": 5}, "attribute_restrictions": None}},
            }
        },
    }
    server: Any = Server(config=IdPConfig().load(settings))

    def issue() -> str:
        return str(
            server.create_authn_response(
                {"givenName": ["Hanako"], "mail": ["hanako@example.com"], "uid": ["hanako"]},
                in_response_to=None,
                destination="https://signin.aws.amazon.com/saml",
                sp_entity_id="urn:amazon:webservices",
                userid="hanako@example.com",
                authn={"class_ref": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"},
                sign_response=True,
                sign_assertion=True,
            )
        )

    return issue
