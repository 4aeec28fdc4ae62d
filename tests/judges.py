"""Third parties that judge what the identity provider issues: they share no code with this project.

xmlsec1          the command line of libxmlsec
pysaml2          its service provider, with its own parser and the OASIS schemas
python3-saml     its response class, with its schemas
OASIS schemas    as python3-saml ships them
"""

from __future__ import annotations

import base64
import subprocess
import warnings
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

from lxml import etree

from tests.requirements import program

_NODES = {
    "Response": "urn:oasis:names:tc:SAML:2.0:protocol:Response",
    "Assertion": "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
}


def schema_errors(xml: bytes) -> list[str]:
    """Returns what the OASIS protocol schema says against a Response."""
    import onelogin.saml2

    folder = Path(onelogin.saml2.__file__).parent / "schemas"
    schema = etree.XMLSchema(etree.parse(str(folder / "saml-schema-protocol-2.0.xsd")))
    if schema.validate(etree.fromstring(xml)):
        return []
    return str(schema.error_log).splitlines()


def xmlsec1_verifies(xml: bytes, certificate_pem: bytes, folder: Path, *, element: str) -> bool:
    """Returns whether ``xmlsec1 --verify`` accepts the signature of the Response or of the Assertion."""
    document, certificate = folder / "response.xml", folder / "certificate.pem"
    document.write_bytes(xml)
    certificate.write_bytes(certificate_pem)
    root = etree.fromstring(xml)
    target = root if element == "Response" else root.find("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
    assert target is not None
    signature = target.find("{http://www.w3.org/2000/09/xmldsig#}Signature")
    if signature is None:
        return False
    command = [
        program("xmlsec1"),
        "--verify",
        "--pubkey-cert-pem",
        str(certificate),
        "--enabled-reference-uris",
        "same-doc",
        *(part for node in _NODES.values() for part in ("--id-attr:ID", node)),
        "--node-xpath",
        f"//*[@ID='{target.get('ID')}']/*[local-name()='Signature']",
        str(document),
    ]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode == 0


def python3_saml_errors(saml_response: str, *, certificate: str, issuer: str, acs_url: str, at: datetime) -> str:
    """Returns what python3-saml's service provider says against a response; empty when it accepts it."""
    from onelogin.saml2.response import OneLogin_Saml2_Response
    from onelogin.saml2.settings import OneLogin_Saml2_Settings
    from onelogin.saml2.utils import OneLogin_Saml2_Utils

    settings = OneLogin_Saml2_Settings(
        {
            "strict": True,
            "sp": {"entityId": "urn:amazon:webservices", "assertionConsumerService": {"url": acs_url}},
            "idp": {
                "entityId": issuer,
                "singleSignOnService": {"url": "https://acme.okta.com/sso"},
                "x509cert": certificate,
            },
            "security": {"wantAssertionsSigned": True, "wantMessagesSigned": True, "rejectDeprecatedAlgorithm": True},
        },
        sp_validation_only=False,
    )
    host, _, path = acs_url.removeprefix("https://").partition("/")
    request = {"https": "on", "http_host": host, "script_name": f"/{path}", "get_data": {}, "post_data": {}}
    with mock.patch.object(OneLogin_Saml2_Utils, "now", staticmethod(lambda: int(at.timestamp()))):
        try:
            response = OneLogin_Saml2_Response(settings, saml_response)
            response.is_valid(request, raise_exceptions=True)
        except Exception as error:  # noqa: BLE001  whatever it raises is its verdict
            return str(error) or type(error).__name__
    return ""


def pysaml2_errors(saml_response: str, *, metadata: bytes, acs_url: str, at: datetime) -> str:
    """Returns what pysaml2's service provider says against a response; empty when it accepts it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from saml2 import BINDING_HTTP_POST, time_util
        from saml2.client import Saml2Client
        from saml2.config import SPConfig
    settings: Mapping[str, Any] = {
        "entityid": "urn:amazon:webservices",
        "xmlsec_binary": program("xmlsec1"),
        "metadata": {"inline": [metadata.decode()]},
        "service": {
            "sp": {
                "allow_unsolicited": True,
                "want_response_signed": True,
                "want_assertions_signed": True,
                "endpoints": {"assertion_consumer_service": [(acs_url, BINDING_HTTP_POST)]},
            }
        },
    }
    client = Saml2Client(SPConfig().load(dict(settings)))
    with mock.patch.object(time_util, "utc_now", return_value=int(at.timestamp())):
        try:
            parsed = client.parse_authn_request_response(saml_response, BINDING_HTTP_POST)
        except Exception as error:  # noqa: BLE001  whatever it raises is its verdict
            return str(error) or type(error).__name__
    return "" if parsed is not None else "no response"


def base64_of(xml: bytes) -> str:
    """Returns the form field of a message."""
    return base64.b64encode(xml).decode()
