"""SAML apps created with Okta's App Integration Wizard, in Terraform.

Spec: registry.terraform.io/providers/okta/okta, resource okta_app_saml
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from emulator.seeds.terraform.resources import Resource
from emulator.seeds.terraform.taking import AFTER_APPLY, Taking
from emulator.worldfile.text.yaml_data import Key

_NAME_ID_FORMATS: Mapping[str, str] = {
    "unspecified": "unspecified",
    "emailAddress": "email",
    "persistent": "persistent",
    "transient": "transient",
    "x509SubjectName": "x509",
    "X509SubjectName": "x509",
}
_FILTERS = ("STARTS_WITH", "EQUALS", "CONTAINS", "REGEX")
_TEMPLATE = re.compile(r"\$\{([^{}]+)\}")
_USERNAME = frozenset({"user.userName", "user.login", "user.username"})


def why_custom_is_left_out(taking: Taking, resource: Resource) -> str:
    """Returns why a custom app cannot be in a world; empty if it can."""
    made = resource.text("preconfigured_app")
    if made:
        return f"the catalogue app {made[:60]} is not supported, only amazon_aws and custom SAML apps are"
    for attribute, what in (("sso_url", "its single sign-on URL"), ("audience", "its audience")):
        if not taking.references.text(resource, attribute):
            return taking.why_absent(resource, attribute, what)
    if resource.text("saml_version") == "1.1":
        return "it uses SAML 1.1"
    if resource.is_unknown("attribute_statements"):
        return f"its attribute statements are {AFTER_APPLY}"
    if resource.values.get("saml_signed_request_enabled") is True:
        return "it accepts only signed requests (saml_signed_request_enabled), which is not read from Terraform"
    return ""


def custom_settings(taking: Taking, resource: Resource, key: Key) -> None:
    """Adds the settings of a custom app."""
    references, part = taking.references, taking.part(taking.owners.of(resource))
    part.put((*key, "catalog"), "custom_saml", resource.place)
    part.put((*key, "acs_url"), references.text(resource, "sso_url"), resource.at("sso_url"))
    part.put((*key, "audience"), references.text(resource, "audience"), resource.at("audience"))
    saml: Key = (*key, "saml")
    for attribute, setting in (
        ("recipient", "recipient"),
        ("destination", "destination"),
        ("authn_context_class_ref", "authn_context"),
        ("sp_issuer", "sp_entity_id"),
        ("single_logout_url", "logout_url"),
    ):
        text = references.text(resource, attribute)
        if text:
            part.put((*saml, setting), text, resource.at(attribute))
    issuer = resource.text("idp_issuer")
    if issuer and "${" not in issuer:
        part.put((*saml, "issuer"), issuer, resource.at("idp_issuer"))
    _name_id(taking, resource, saml)
    _signatures(taking, resource, saml)
    for number, url in enumerate(_acs_urls(resource)):
        part.append((*saml, "other_acs_urls"), url, resource.at("acs_endpoints", number))
    for number, block in resource.blocks("attribute_statements"):
        statement = _statement(block)
        if statement is None:
            taking.leave_out(resource, f"its attribute statement {number + 1} cannot be read")
        else:
            part.append((*saml, "attributes"), statement, resource.at("attribute_statements", number))


def _name_id(taking: Taking, resource: Resource, saml: Key) -> None:
    part = taking.part(taking.owners.of(resource))
    template = _TEMPLATE.fullmatch(resource.text("subject_name_id_template"))
    if template is not None and template[1] not in _USERNAME:
        part.put((*saml, "name_id"), template[1], resource.at("subject_name_id_template"))
    elif template is None and resource.text("subject_name_id_template"):
        expression = resource.text("subject_name_id_template")
        part.put((*saml, "name_id"), expression, resource.at("subject_name_id_template"))
    name_format = _NAME_ID_FORMATS.get(resource.text("subject_name_id_format").rpartition(":")[2])
    if name_format:
        part.put((*saml, "name_id_format"), name_format, resource.at("subject_name_id_format"))


def _signatures(taking: Taking, resource: Resource, saml: Key) -> None:
    part = taking.part(taking.owners.of(resource))
    switches = (("response_signed", "Response"), ("assertion_signed", "Assertion"))
    if any(isinstance(resource.values.get(attribute), bool) for attribute, _ in switches):
        signed = [element for attribute, element in switches if resource.values.get(attribute) is not False]
        part.put((*saml, "signed"), signed, resource.at("response_signed"))
    if resource.text("signature_algorithm"):
        part.put(
            (*saml, "signature_algorithm"), resource.text("signature_algorithm"), resource.at("signature_algorithm")
        )
    digest = resource.text("digest_algorithm")
    if digest and not resource.text("signature_algorithm").endswith(digest):
        taking.add_note(
            resource, f"its digest_algorithm {digest[:20]} is ignored; here it follows the signature algorithm"
        )


def _acs_urls(resource: Resource) -> list[str]:
    indexed = [
        (block.get("index"), block["url"])
        for _, block in resource.blocks("acs_endpoints_indices")
        if isinstance(block.get("url"), str) and isinstance(block.get("index"), int)
    ]
    return [*resource.texts("acs_endpoints"), *(url for _, url in sorted(indexed))]


def _statement(block: Mapping[str, Any]) -> dict[str, Any] | None:
    """Returns an attribute statement in the form of a world file; None if it has no values."""
    name = block.get("name")
    if not isinstance(name, str) or not name:
        return None
    made: dict[str, Any] = {"name": name}
    namespace = block.get("namespace")
    if isinstance(namespace, str) and namespace.rpartition(":")[2] in {"unspecified", "basic", "uri"}:
        made["name_format"] = namespace.rpartition(":")[2]
    values = block.get("values")
    if block.get("type") == "GROUP":
        kind, text = block.get("filter_type"), block.get("filter_value")
        if kind not in _FILTERS or not isinstance(text, str):
            return None
        return {**made, "groups": {kind.lower(): text}}
    texts = [each for each in values if isinstance(each, str)] if isinstance(values, list) else []
    if not texts:
        return None
    matches = [_TEMPLATE.fullmatch(each) for each in texts]
    return {**made, "values": [match[1] if match else each for match, each in zip(matches, texts, strict=True)]}
