"""A custom SAML app's ``settings.signOn``, as the management API reads and shows it.

Spec: developer.okta.com, Applications API, "SAML 2.0 settings"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.errors import FederationError
from idp.model import App, AttributeStatement
from idp.refusals import invalid, missing, require_url
from idp.saml.expressions import compile_expression

_MAX_TEXT = 2000
_MAX_STATEMENTS = 100
UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
_FORMAT = "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"
_USER_NAMES = {"${user.userName}", "${user.login}"}
_FILTERS = {"STARTS_WITH": "starts_with", "EQUALS": "equals", "CONTAINS": "contains", "REGEX": "regex"}
_TEXTS = {"ssoAcsUrl": "acs_url", "audience": "audience", "recipient": "recipient", "destination": "destination"}


def saml_settings_as_json(app: App) -> dict[str, Any]:
    """Returns the settings as the API shows them.

    Spec: developer.okta.com, Applications API, "SAML 2.0 settings"; a recording of 2025
    Evidence: observed
    """
    names = {ours: theirs for theirs, ours in _FILTERS.items()}
    statements = [
        {
            "type": "GROUP" if each.group_filter else "EXPRESSION",
            "name": each.name,
            "namespace": each.name_format or _FORMAT,
            **(
                {"filterType": names[each.group_filter], "filterValue": each.group_text}
                if each.group_filter
                else {"values": list(each.expressions)}
            ),
        }
        for each in app.attributes
    ]
    return {
        "ssoAcsUrl": app.acs_url,
        "idpIssuer": app.style.issuer or "http://www.okta.com/${org.externalKey}",
        "audience": app.audience,
        "recipient": app.recipient or app.acs_url,
        "destination": app.destination or app.acs_url,
        "subjectNameIdTemplate": "${user.userName}",
        "subjectNameIdFormat": app.style.name_id_format,
        "responseSigned": "Response" in app.style.signed,
        "assertionSigned": "Assertion" in app.style.signed,
        "signatureAlgorithm": "RSA_SHA1" if app.style.sha1 else "RSA_SHA256",
        "digestAlgorithm": "SHA1" if app.style.sha1 else "SHA256",
        "honorForceAuthn": True,
        "authnContextClassRef": app.style.authn_context,
        "spIssuer": app.service_provider.entity_id or None,
        "requestCompressed": False,
        "attributeStatements": statements,
        "inlineHooks": [],
        "assertionEncryption": {"enabled": app.encryption is not None},
        "allowMultipleAcsEndpoints": bool(app.service_provider.acs_urls),
        "acsEndpoints": [
            {"url": url, "index": index} for index, url in enumerate(app.service_provider.acs_urls, start=1)
        ],
        "samlSignedRequestEnabled": app.service_provider.requires_signed_requests,
        "slo": {"enabled": bool(app.service_provider.logout_url)},
    }


def saml_settings(app: App, given: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the app's fields that the settings change.

    Raises:
        ApiRefusal: E0000001 (400): a value is missing or invalid, or an expression does not compile.

    Spec: developer.okta.com, Applications API, "SAML 2.0 settings"
    Evidence: documented (the names), assumed (the words of most refusals)
    """
    values: dict[str, Any] = {}
    for name, field in _TEXTS.items():
        if name in given:
            values[field] = _text(given, name)
    for name, field in (("ssoAcsUrl", "acs_url"), ("audience", "audience")):
        if not values.get(field, getattr(app, field)):
            raise missing(f"settings.signOn.{name}")
    require_url("ssoAcsUrl", values.get("acs_url", app.acs_url))
    if given.get("subjectNameIdTemplate", "${user.userName}") not in _USER_NAMES:
        raise invalid("subjectNameIdTemplate", "subjectNameIdTemplate: The emulator knows ${user.userName}")
    if "attributeStatements" in given:
        values["attributes"] = tuple(_statements(given["attributeStatements"]))
    return {**values, "style": _style(app, given)}


def _style(app: App, given: Mapping[str, Any]) -> Any:
    style = app.style
    signed = tuple(
        element
        for element, name in (("Response", "responseSigned"), ("Assertion", "assertionSigned"))
        if given.get(name, element in style.signed)
    )
    return replace(
        style,
        name_id_format=_text(given, "subjectNameIdFormat") or style.name_id_format,
        authn_context=_text(given, "authnContextClassRef") or style.authn_context,
        signed=signed,
        sha1=given.get("signatureAlgorithm", "RSA_SHA1" if style.sha1 else "RSA_SHA256") == "RSA_SHA1",
    )


def _statements(given: Any) -> list[AttributeStatement]:
    if not isinstance(given, list) or len(given) > _MAX_STATEMENTS:
        raise invalid("attributeStatements", "attributeStatements: The field must be a list")
    return [_statement(each) for each in given]


def _statement(given: Any) -> AttributeStatement:
    if not isinstance(given, Mapping) or not _text(given, "name"):
        raise missing("attributeStatements.name")
    name, name_format = _text(given, "name"), _text(given, "namespace") or _FORMAT
    if given.get("type") == "GROUP":
        kind, text = _FILTERS.get(str(given.get("filterType"))), _text(given, "filterValue")
        if kind is None:
            raise invalid("filterType", f"filterType: The value is not one of {', '.join(_FILTERS)}")
        if kind == "regex":
            try:
                re.compile(text)
            except (re.error, OverflowError, RecursionError) as error:
                raise invalid("filterValue", f"filterValue: It does not compile: {error}") from None
        return AttributeStatement(name, name_format, group_filter=kind, group_text=text)
    values = given.get("values")
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise invalid("values", "values: The field must be a list of texts")
    for expression in values:
        try:
            compile_expression(expression)
        except FederationError as error:
            raise invalid("values", f"values: {error.message}") from None
    return AttributeStatement(name, name_format, expressions=tuple(values))


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise invalid(name, f"{name}: The value cannot be used")
    return value
