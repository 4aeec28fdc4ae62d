"""How other identity providers write their assertions for AWS, as data.

Names of hosts and tenants in the issuers are examples. Where a vendor's documents say nothing about a detail, the
product's commonly seen default is used; the presets imitate a product's manner, not one release of it.

Spec: Microsoft Learn "AWS Single-Account Access tutorial"; Google Workspace Admin Help "Amazon Web Services cloud
    application"; AWS "IAM Identity Center" user guide; OneLogin "Configuring SAML for AWS"; PingOne and PingFederate
    AWS connectors; Keycloak Server Administration Guide "SAML clients"; AWS Security Blog on AD FS; Auth0 "Configure
    AWS SSO"; JumpCloud "Integrate with AWS"
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.kernel.records import dataclass
from idp.model import SamlStyle

_URI = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"
_BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_NAMEID_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_ENTITY = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity"
_PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"  # noqa: S105 - a class of authentication
_CLASS_UNSPECIFIED = "urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"


@dataclass(frozen=True, slots=True)
class Preset:
    """One product's style, and where its administrators set the relay state.

    Evidence: assumed (the details of each product's assertions), observed (where the relay state lives)
    """

    product: str
    relay_state: str
    style: SamlStyle


PRESETS: Mapping[str, Preset] = {
    "okta": Preset("Okta, AWS Account Federation", "Sign On tab, Default Relay State", SamlStyle()),
    "entra": Preset(
        "Microsoft Entra ID",
        "Basic SAML Configuration, Relay State",
        SamlStyle(
            issuer="https://sts.windows.net/11111111-2222-3333-4444-555555555555/",
            issuer_format="",
            name_id_format=_EMAIL,
            attribute_formats=("", "", ""),
            signed=("Assertion",),
            authn_context=_PASSWORD,
        ),
    ),
    "google": Preset(
        "Google Workspace",
        "Service provider details, Start URL",
        SamlStyle(
            issuer="https://accounts.google.com/o/saml2?idpid=C01example",
            issuer_format="",
            name_id_format=_EMAIL,
            attribute_formats=("", "", ""),
            signed=("Assertion",),
            authn_context=_CLASS_UNSPECIFIED,
        ),
    ),
    "identity-center": Preset(
        "IAM Identity Center",
        "Application properties, Relay state",
        SamlStyle(
            issuer="https://portal.sso.us-east-1.amazonaws.com/saml/assertion/EXAMPLE",
            issuer_format="",
            name_id_format=_PERSISTENT,
            attribute_formats=(_UNSPECIFIED, _UNSPECIFIED, _UNSPECIFIED),
            signed=("Assertion",),
            authn_context=_CLASS_UNSPECIFIED,
        ),
    ),
    "onelogin": Preset(
        "OneLogin",
        "Configuration tab, RelayState",
        SamlStyle(
            issuer="https://app.onelogin.com/saml/metadata/11111111-2222-3333-4444-555555555555",
            issuer_format="",
            name_id_format=_EMAIL,
            attribute_formats=(_BASIC, _BASIC, _BASIC),
            signed=("Assertion",),
        ),
    ),
    "ping": Preset(
        "PingFederate",
        "query parameter TargetResource of startSSO.ping",
        SamlStyle(
            issuer="https://sso.example.com",
            issuer_format="",
            name_id_format=_NAMEID_UNSPECIFIED,
            attribute_formats=(_BASIC, _BASIC, _BASIC),
            signed=("Response",),
            authn_context=_CLASS_UNSPECIFIED,
        ),
    ),
    "keycloak": Preset(
        "Keycloak",
        "client settings, IDP Initiated SSO Relay State",
        SamlStyle(
            issuer="https://keycloak.example.com/realms/acme",
            issuer_format="",
            name_id_format=_PERSISTENT,
            attribute_formats=(_BASIC, _BASIC, _BASIC),
            signed=("Response",),
            authn_context=_CLASS_UNSPECIFIED,
        ),
    ),
    "adfs": Preset(
        "AD FS",
        "query parameter RelayState of IdpInitiatedSignOn, with RPID and RelayState encoded twice",
        SamlStyle(
            issuer="http://adfs.example.com/adfs/services/trust",
            issuer_format="",
            name_id_format=_PERSISTENT,
            attribute_formats=("", "", ""),
            signed=("Assertion",),
        ),
    ),
    "auth0": Preset(
        "Auth0",
        "query parameter RelayState of the samlp URL",
        SamlStyle(
            issuer="urn:acme.auth0.com",
            issuer_format="",
            name_id_format=_EMAIL,
            attribute_formats=(_URI, _URI, _URI),
            signed=("Assertion",),
            authn_context=_CLASS_UNSPECIFIED,
        ),
    ),
    "jumpcloud": Preset(
        "JumpCloud",
        "SSO tab, Default RelayState",
        SamlStyle(
            issuer="https://sso.jumpcloud.com/saml2/aws",
            issuer_format=_ENTITY,
            name_id_format=_PERSISTENT,
            attribute_formats=(_UNSPECIFIED, _UNSPECIFIED, _UNSPECIFIED),
            signed=("Response",),
        ),
    ),
}
