"""The field of an identity provider's console for an app's setting: Okta's from the schema, others' by SAML name.

Of other products' consoles nothing is known here. What they have in common are the names in the assertion.
"""

from __future__ import annotations

from collections.abc import Mapping

from emulator.setup_steps.subject import Subject

_PRODUCTS: Mapping[str, str] = {
    "okta": "Okta",
    "entra": "Microsoft Entra ID",
    "google": "Google Workspace",
    "identity-center": "IAM Identity Center",
    "onelogin": "OneLogin",
    "ping": "Ping Identity",
    "keycloak": "Keycloak",
    "adfs": "AD FS",
    "auth0": "Auth0",
    "jumpcloud": "JumpCloud",
}
_AWS = "https://aws.amazon.com/SAML/Attributes"
_SAML_NAMES: Mapping[str, str] = {
    "catalog": "The SAML application",
    "label": "The application's name",
    "acs_url": "ACS URL (Destination and Recipient)",
    "audience": "Audience",
    "default_relay_state": "RelayState",
    "identity_provider_arn": f"Attribute {_AWS}/Role, the provider's ARN",
    "session_duration": f"Attribute {_AWS}/SessionDuration",
    "username_format": f"NameID, and the attribute {_AWS}/RoleSessionName",
    "role": f"Attribute {_AWS}/Role, the role's ARN",
    "saml_user_roles": f"Attribute {_AWS}/Role, the role's ARN",
    "user": "A person who has the application",
    "group": "A group whose members have the application",
    "issuer": "Issuer (entity ID)",
    "name_id": "NameID",
    "name_id_format": "NameID, its Format",
    "signed": "Signature: what is signed",
    "assertion_encryption": "EncryptedAssertion: the certificate",
    "metadata": "Metadata document",
}


def product_of(subject: Subject) -> str:
    """Returns the identity provider's name."""
    return _PRODUCTS.get(subject.style, subject.style)


def field_of(subject: Subject, setting: str, *, okta: str = "") -> tuple[str, str]:
    """Returns whose console a setting is in, and the field; two empty texts where the schema says both.

    Args:
        subject: The app.
        setting: The last part of the setting's key.
        okta: The field in Okta, where the schema has no such setting.
    """
    if subject.style == "okta":
        return ("Okta", okta) if okta else ("", "")
    return product_of(subject), _SAML_NAMES.get(setting, setting)
