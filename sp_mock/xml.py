"""How AWS's side reads XML that anyone may have sent: no network, no entities, bounded size."""

from __future__ import annotations

from lxml import etree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"

_MAX_DEPTH = 32
_MAX_ATTRIBUTES = 16
_TOO_DEEP = etree.XPath(f"boolean({'/*' * (_MAX_DEPTH + 1)})")
_INSTRUCTION = etree.XPath("boolean(//processing-instruction()[ancestor::*])")
_TOO_MANY_ATTRIBUTES = etree.XPath(f"boolean(//*[@*[{_MAX_ATTRIBUTES + 1}]])")


class UnreadableXml(Exception):
    """The bytes are not XML that this side is willing to read; the text says why."""


def read_xml(data: bytes) -> etree._Element:
    """Returns the root element of a document.

    Comments are dropped before anything is read, so that text split by a comment is read whole. Deep nesting and
    elements with many attributes are refused because canonicalisation costs more than linear time on them.

    Raises:
        UnreadableXml: not well-formed, a document type declaration, a processing instruction, too deep, or too many
            attributes on one element.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableXml(f"it is not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableXml("it has a document type declaration (DOCTYPE), which SAML messages must not have")
    _bound(root)
    return root


def _bound(root: etree._Element) -> None:
    if _TOO_DEEP(root):
        raise UnreadableXml(f"its elements are nested deeper than {_MAX_DEPTH}")
    if _INSTRUCTION(root):
        raise UnreadableXml("it holds a processing instruction, which SAML messages must not have")
    if _TOO_MANY_ATTRIBUTES(root):
        raise UnreadableXml(f"an element has more than {_MAX_ATTRIBUTES} attributes")


def text_of(element: etree._Element) -> str:
    """Returns the whole text of an element."""
    if len(element) == 0:
        return element.text or ""
    return "".join(str(part) for part in element.itertext())
