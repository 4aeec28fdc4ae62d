"""What a trust policy can test of an assertion: the ``saml:*`` condition keys and their values."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import lru_cache

from sp_mock.arn import Arn
from sp_mock.assertion.signature import VerifiedAssertion

_OID = "urn:oid:"
_EDU_PERSON = f"{_OID}1.3.6.1.4.1.5923.1.1.1."
_EDU_ORG = f"{_OID}1.3.6.1.4.1.5923.1.2.1."
_CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
_NAME_ID_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"

# Attribute name -> condition key. AWS IAM UG "id_roles_providers_create_saml_assertions", three tables.
SINGLE_VALUED = {
    f"{_EDU_PERSON}3": "saml:edupersonorgdn",
    f"{_EDU_PERSON}5": "saml:edupersonprimaryaffiliation",
    f"{_EDU_PERSON}6": "saml:edupersonprincipalname",
    f"{_EDU_PERSON}8": "saml:edupersonprimaryorgunitdn",
}
MULTI_VALUED = {
    f"{_EDU_PERSON}1": "saml:edupersonaffiliation",
    f"{_EDU_PERSON}2": "saml:edupersonnickname",
    f"{_EDU_PERSON}4": "saml:edupersonorgunitdn",
    f"{_EDU_PERSON}7": "saml:edupersonentitlement",
    f"{_EDU_PERSON}9": "saml:edupersonscopedaffiliation",
    f"{_EDU_PERSON}10": "saml:edupersontargetedid",
    f"{_EDU_PERSON}11": "saml:edupersonassurance",
    f"{_EDU_ORG}2": "saml:eduorghomepageuri",
    f"{_EDU_ORG}3": "saml:eduorgidentityauthnpolicyuri",
    f"{_EDU_ORG}4": "saml:eduorglegalname",
    f"{_EDU_ORG}5": "saml:eduorgsuperioruri",
    f"{_EDU_ORG}6": "saml:eduorgwhitepagesuri",
    f"{_OID}2.5.4.3": "saml:cn",
    f"{_CLAIMS}name": "saml:name",
    "http://schemas.xmlsoap.org/claims/CommonName": "saml:commonname",
    f"{_CLAIMS}givenname": "saml:givenname",
    f"{_CLAIMS}surname": "saml:surname",
    f"{_CLAIMS}emailaddress": "saml:mail",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/primarygroupsid": "saml:uid",
    "2.5.4.3": "saml:commonname",
    "2.5.4.4": "saml:surname",
    "2.5.4.42": "saml:givenname",
    "2.4.5.42": "saml:givenname",
    "2.5.4.45": "saml:x500uniqueidentifier",
    "0.9.2342.19200300100.1.1": "saml:uid",
    "0.9.2342.19200300100.1.3": "saml:mail",
    "0.9.2342.19200300.100.1.45": "saml:organizationstatus",
}
MULTI_VALUED_KEYS = frozenset(MULTI_VALUED.values())


@lru_cache(maxsize=1024)
def name_qualifier(issuer: str, provider: Arn) -> str:
    """Returns the NameQualifier of a federated user: base64 of SHA-1 over issuer, account id and provider name.

    Spec: AWS STS API "AssumeRoleWithSAML", NameQualifier
    Evidence: documented
    """
    text = f"{issuer}{provider.account_id}/{provider.name}"
    return base64.b64encode(hashlib.sha1(text.encode(), usedforsecurity=False).digest()).decode()


def subject_type(name_id_format: str | None) -> str:
    """Returns the SubjectType of a NameID format: ``persistent``, or the whole URI when it is not one of SAML 2.0's.

    Spec: AWS STS API "AssumeRoleWithSAML", SubjectType
    Evidence: documented
    """
    return (name_id_format or "").removeprefix(_NAME_ID_FORMAT)


def subject_keys(assertion: VerifiedAssertion, provider: Arn) -> dict[str, tuple[str, ...]]:
    """Returns the ``saml:*`` keys of an assertion's subject, which the role session keeps.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    values = assertion.values
    return {
        "saml:namequalifier": (name_qualifier(values.issuer or "", provider),),
        "saml:sub": (values.name_id or "",),
        "saml:sub_type": (subject_type(values.name_id_format),),
    }


def saml_condition_keys(assertion: VerifiedAssertion, provider: Arn) -> Mapping[str, tuple[str, ...]]:
    """Returns the ``saml:*`` keys of an assertion sent for a provider. ``saml:aud`` is the Recipient.

    Only the first attribute that maps to a key counts.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    values = assertion.values
    keys: dict[str, tuple[str, ...]] = {
        "saml:aud": (values.recipient or "",),
        "saml:iss": (values.issuer or "",),
        **subject_keys(assertion, provider),
        "saml:doc": (f"{provider.account_id}/{provider.name}",),
    }
    for attribute in values.attributes:
        key = SINGLE_VALUED.get(attribute.name)
        if key:
            keys.setdefault(key, attribute.values[:1])
        key = MULTI_VALUED.get(attribute.name)
        if key:
            keys.setdefault(key, attribute.values)
    return keys
