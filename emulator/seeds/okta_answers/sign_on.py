"""Reads an app's ``settings.signOn`` in Okta's API into the app's ``saml`` and related settings.

Spec: developer.okta.com, Applications API, "SAML 2.0 settings"; recordings of 2022 to 2025
Evidence: observed
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.seeds.okta_answers.expressions import as_literal, bare, complaint, is_plain_text
from emulator.seeds.okta_answers.reading import AppReading, CannotBeTaken, is_url
from emulator.seeds.okta_answers.resources import Resource
from emulator.worldfile.text.yaml_data import Key

AWS_ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
_HERE: Key = ("settings", "signOn")
_NAME_ID_FORMATS = {
    "unspecified": "unspecified",
    "emailAddress": "email",
    "persistent": "persistent",
    "transient": "transient",
    "X509SubjectName": "x509",
}
_USER_NAMES = frozenset({"", "${user.userName}", "${user.login}", "${source.login}", "${appuser.userName}"})
_FILTERS = {"STARTS_WITH": "starts_with", "EQUALS": "equals", "CONTAINS": "contains", "REGEX": "regex"}
_ISSUER_TEMPLATE = "${"
_USUAL_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
_EXTERNAL_KEY = re.compile(r"/(exk[0-9A-Za-z]{17})(?:/|$)")


def read_sign_on(reading: AppReading, app: Resource) -> None:
    """Reads the part of ``settings.signOn`` that catalogue apps and custom apps have in common.

    Raises:
        CannotBeTaken: the app's assertions would differ from Okta's.
    """
    given = app.at(*_HERE)
    if not isinstance(given, Mapping):
        given = {}
    for name, setting in (("spIssuer", "sp_entity_id"),):
        if isinstance(given.get(name), str) and given[name]:
            reading.put(("saml", setting), given[name], (*_HERE, name))
    if isinstance(given.get("defaultRelayState"), str) and given["defaultRelayState"]:
        reading.put(("default_relay_state",), given["defaultRelayState"], (*_HERE, "defaultRelayState"))
    _issuer(reading, app, given)
    _name_id(reading, given)
    _signatures(reading, given)
    _encryption(given)
    _requests(reading, given)
    _attributes(reading, given)
    hooks = given.get("inlineHooks")
    if isinstance(hooks, list) and hooks:
        reading.add_note("an inline hook changes its assertions, and fedemu does not call it", (*_HERE, "inlineHooks"))


def url_of(given: Mapping[str, Any], name: str) -> str:
    """Returns a URL from the settings; empty if it is missing.

    Raises:
        CannotBeTaken: the value is not a URL.
    """
    value = given.get(name)
    if value is None or value == "":
        return ""
    if not isinstance(value, str) or not is_url(value):
        raise CannotBeTaken(f"{name} is not an http(s) URL", ("settings", "signOn", name))
    return value


def _issuer(reading: AppReading, app: Resource, given: Mapping[str, Any]) -> None:
    issuer = given.get("idpIssuer")
    if isinstance(issuer, str) and issuer and _ISSUER_TEMPLATE not in issuer:
        reading.put(("saml", "issuer"), issuer, (*_HERE, "idpIssuer"))
        return
    template = issuer if isinstance(issuer, str) and issuer else "http://www.okta.com/${org.externalKey}"
    for place, href in _hrefs(app.at("_links"), ("_links",)):
        found = _EXTERNAL_KEY.search(href)
        if found is not None:
            issuer = template.replace("${org.externalKey}", found[1]).replace("${app.externalKey}", found[1])
            if _ISSUER_TEMPLATE not in issuer:
                reading.put(("saml", "issuer"), issuer, place)
            return


def _hrefs(links: Any, place: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(links, Mapping):
        for name, each in links.items():
            if name == "href" and isinstance(each, str):
                yield (*place, name), each
            else:
                yield from _hrefs(each, (*place, name))
    elif isinstance(links, list):
        for index, each in enumerate(links):
            yield from _hrefs(each, (*place, index))


def _name_id(reading: AppReading, given: Mapping[str, Any]) -> None:
    template = given.get("subjectNameIdTemplate")
    if isinstance(template, str) and template not in _USER_NAMES:
        expression = bare(template)
        problem = complaint(expression)
        if problem:
            raise CannotBeTaken(f"its NameID is {template!r:.120}: {problem}", (*_HERE, "subjectNameIdTemplate"))
        reading.put(("saml", "name_id"), expression, (*_HERE, "subjectNameIdTemplate"))
    word = str(given.get("subjectNameIdFormat") or "").rpartition(":")[2]
    if word in _NAME_ID_FORMATS:
        reading.put(("saml", "name_id_format"), _NAME_ID_FORMATS[word], (*_HERE, "subjectNameIdFormat"))


def _signatures(reading: AppReading, given: Mapping[str, Any]) -> None:
    names = {"responseSigned": "Response", "assertionSigned": "Assertion"}
    if all(isinstance(given.get(name), bool) for name in names) and not reading.is_of_the_catalogue:
        signed = [element for name, element in names.items() if given[name]]
        reading.put(("saml", "signed"), signed, (*_HERE, "responseSigned"))
    if given.get("signatureAlgorithm") == "RSA_SHA1" or given.get("digestAlgorithm") == "SHA1":
        reading.put(("saml", "signature_algorithm"), "RSA_SHA1", (*_HERE, "signatureAlgorithm"))
    context = given.get("authnContextClassRef")
    if isinstance(context, str) and context not in {"", _USUAL_CONTEXT}:
        reading.put(("saml", "authn_context"), context, (*_HERE, "authnContextClassRef"))


def _encryption(given: Mapping[str, Any]) -> None:
    encryption = given.get("assertionEncryption")
    if isinstance(encryption, Mapping) and encryption.get("enabled"):
        raise CannotBeTaken(
            "its assertions are encrypted, and the certificate must be a file of its own",
            (*_HERE, "assertionEncryption"),
            fix="Save the certificate as a PEM file, and set the app with assertion_encryption in the world file.",
        )


def _requests(reading: AppReading, given: Mapping[str, Any]) -> None:
    if given.get("samlSignedRequestEnabled") is True:
        reading.put(("saml", "requires_signed_requests"), True, (*_HERE, "samlSignedRequestEnabled"))
    endpoints = given.get("acsEndpoints")
    if given.get("allowMultipleAcsEndpoints") and isinstance(endpoints, list):
        urls = [(index, each.get("url")) for index, each in enumerate(endpoints) if isinstance(each, Mapping)]
        for number, (index, url) in enumerate((i, u) for i, u in urls if isinstance(u, str) and is_url(u)):
            reading.put(("saml", "other_acs_urls", number), url, (*_HERE, "acsEndpoints", index, "url"))
    logout = given.get("slo")
    if isinstance(logout, Mapping) and logout.get("enabled") and isinstance(logout.get("logoutUrl"), str):
        reading.put(("saml", "logout_url"), logout["logoutUrl"], (*_HERE, "slo", "logoutUrl"))


def _attributes(reading: AppReading, given: Mapping[str, Any]) -> None:
    statements = given.get("attributeStatements")
    if statements is None or statements == []:
        return
    if not isinstance(statements, list):
        raise CannotBeTaken("attributeStatements is not a list", (*_HERE, "attributeStatements"))
    number = 0
    for index, each in enumerate(statements):
        place: Key = (*_HERE, "attributeStatements", index)
        if not isinstance(each, Mapping) or not isinstance(each.get("name"), str) or not each["name"]:
            raise CannotBeTaken("an attribute statement has no name", place)
        statement = _statement(reading, each, place)
        if statement is not None:
            reading.put(("saml", "attributes", number), statement, place)
            number += 1


def _statement(reading: AppReading, given: Mapping[str, Any], place: Key) -> dict[str, Any] | None:
    """Returns an attribute statement; None if it cannot be evaluated and AWS does not use it."""
    name = given["name"]
    word = str(given.get("namespace") or "unspecified").rpartition(":")[2]
    statement: dict[str, Any] = {
        "name": name,
        "name_format": word if word in {"unspecified", "basic", "uri"} else "unspecified",
    }
    if given.get("type") == "GROUP":
        problem = _group_filter(statement, given)
    else:
        problem = _expressions(reading, statement, given, place)
    if not problem:
        return statement
    if name.startswith(AWS_ATTRIBUTES):
        raise CannotBeTaken(f"its attribute {name.removeprefix(AWS_ATTRIBUTES)} cannot be evaluated: {problem}", place)
    reading.leave_out(f"its attribute {name!r:.80} is not sent: {problem}", place)
    return None


def _group_filter(statement: dict[str, Any], given: Mapping[str, Any]) -> str:
    kind, value = _FILTERS.get(str(given.get("filterType"))), given.get("filterValue")
    if kind is None or not isinstance(value, str):
        return "its group filter is not STARTS_WITH, EQUALS, CONTAINS or REGEX"
    if kind == "regex":
        try:
            re.compile(value)
        except (re.error, OverflowError, RecursionError):
            return "its regular expression does not compile"
    statement["groups"] = {kind: value}
    return ""


def _expressions(reading: AppReading, statement: dict[str, Any], given: Mapping[str, Any], place: Key) -> str:
    values = given.get("values")
    if not isinstance(values, list) or not values or not all(isinstance(each, str) for each in values):
        return "its values are not a list of strings"
    taken = []
    for index, each in enumerate(values):
        expression = bare(each)
        problem = complaint(expression)
        if problem and is_plain_text(each):
            reading.add_note(
                f"the value of its attribute {statement['name']!r:.80} is taken as text, not as an expression",
                (*place, "values", index),
            )
            expression = as_literal(each)
        elif problem:
            return problem
        taken.append(expression)
    statement["values"] = taken
    return ""
