"""The first difference between a message as it was issued and as it arrived."""

from __future__ import annotations

import base64
import binascii
from itertools import zip_longest

from lxml import etree

from emulator.kernel.records import dataclass

_SHOWN = 60
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


@dataclass(frozen=True, slots=True)
class Difference:
    """The place where two messages begin to differ.

    Args:
        text: Description for a person.
        issued: What was there when it was issued.
        arrived: What was there when it arrived.
    """

    text: str
    issued: str = ""
    arrived: str = ""


def first_difference(issued: str, arrived: str) -> Difference:
    """Compares two SAMLResponse form fields, element by element where both are XML.

    Args:
        issued: Base64 text as it was issued.
        arrived: Text as it arrived.
    """
    if not arrived.strip():
        return Difference("the form field arrived empty.")
    before, after = _decoded(issued), _decoded(arrived)
    if after is None:
        return Difference(
            f"it is not base64 any more; it begins {arrived[:_SHOWN]!r}.", issued[:_SHOWN], arrived[:_SHOWN]
        )
    if before is not None and before.startswith(after):
        return Difference(f"its end is missing: {len(after)} of {len(before)} bytes arrived.")
    old, new = _root(before), _root(after)
    if old is None or new is None:
        return Difference(f"it is not XML any more; it begins {_text(after)!r}.", _text(before or b""), _text(after))
    # A changed and re-signed message also has other signature values, which come before the change.
    found = _in_elements(old, new, "", left_out=_SIGNATURE) or _in_elements(old, new, "")
    return found or Difference("they differ in the way the same XML is written.")


def response_id(saml_response: str) -> str:
    """Returns the ID of the Response in a form field; empty where it cannot be read."""
    root = _root(_decoded(saml_response))
    return "" if root is None else root.get("ID", "")


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _root(data: bytes | None) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(data, parser) if data else None
    except (etree.XMLSyntaxError, ValueError):
        return None


def _in_elements(old: etree._Element, new: etree._Element, path: str, *, left_out: str = "") -> Difference | None:
    here = f"{path}/{_name(old)}"
    if _name(old) != _name(new) or old.tag != new.tag:
        return Difference(f"{here} became {path}/{_name(new)}.", _name(old), _name(new))
    for name in dict.fromkeys((*old.attrib, *new.attrib)):
        before, after = old.get(name), new.get(name)
        if before != after:
            return _of_values(f"{here}/@{etree.QName(name).localname}", before, after)
    if (old.text or "") != (new.text or ""):
        return _of_values(here, old.text or "", new.text or "")
    for one, other in zip_longest(_elements(old), _elements(new)):
        if one is None:
            return Difference(f"{here}/{_name(other)} was added.", "", _name(other))
        if other is None:
            return Difference(f"{here}/{_name(one)} was taken out.", _name(one), "")
        if one.tag == other.tag == left_out:
            continue
        found = _in_elements(one, other, here, left_out=left_out)
        if found is not None:
            return found
    return None


def _of_values(place: str, before: str | None, after: str | None) -> Difference:
    if before is None:
        return Difference(f"{place} was added.", "", after or "")
    if after is None:
        return Difference(f"{place} was taken out.", before, "")
    return Difference(f"{place} was changed.", before, after)


def _elements(element: etree._Element) -> list[etree._Element]:
    return [child for child in element if isinstance(child.tag, str)]


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(data: bytes) -> str:
    return data[:_SHOWN].decode("utf-8", "replace")
