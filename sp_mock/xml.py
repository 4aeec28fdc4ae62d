"""How AWS's side reads XML that anyone may have sent: no network, no entities, bounded size."""

from __future__ import annotations

import re

from lxml import etree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"

_MAX_DEPTH = 32
# Ten million characters of metadata, which AWS accepts, have a third as many.
_MAX_TAGS = 500_000
_MAX_ATTRIBUTES = 16
_MAX_NAMESPACES = 32
_TOO_DEEP, _INSTRUCTION = "/*" * (_MAX_DEPTH + 1), "/*//processing-instruction()"
_OUT_OF_BOUNDS = etree.XPath(f"boolean({_TOO_DEEP} | {_INSTRUCTION} | //@*[{_MAX_ATTRIBUTES + 1}])")
# In these encodings a declaration is plain ASCII bytes, so it can be searched for; undeclared UTF-16 is recognised by
# its NULs.
_ONE_BYTE_A_LETTER = frozenset({"UTF-8", "utf-8", "US-ASCII", "us-ascii"})


def is_web_page(text: str) -> bool:
    """Returns whether a text is a web page, whatever comments precede it. It reads the text once, from the start."""
    start = text[:4000].lstrip()
    while start.startswith("<!--"):
        start = start.partition("-->")[2].lstrip()
    return re.match(r"<(?:!doctype\s+html|html)\b", start, re.IGNORECASE) is not None


class UnreadableXml(Exception):
    """XML that this side refuses to read; the text says why."""


def read_xml(data: bytes) -> etree._Element:
    """Returns the root element of a document.

    Comments are dropped before anything is read, so that text split by a comment is read whole. Deep nesting, elements
    with many attributes and many namespaces in scope are refused because canonicalisation costs more than linear time
    on them, and is done before a signature is known to be good.

    Raises:
        UnreadableXml: not well-formed, a document type declaration, a processing instruction, too deep, too many tags,
            too many attributes on one element, or too many namespace declarations in scope.
    """
    if len(data) > _MAX_TAGS and data.count(b"<") > _MAX_TAGS:
        raise UnreadableXml(f"it holds more than {_MAX_TAGS:,} tags")
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
    encoding = root.getroottree().docinfo.encoding
    if data.count(b"xmlns") > _MAX_NAMESPACES or b"\0" in data or encoding not in _ONE_BYTE_A_LETTER:
        _bound_namespaces(root)
    return root


def _bound(root: etree._Element) -> None:
    if not _OUT_OF_BOUNDS(root):
        return
    if root.xpath(_TOO_DEEP):
        raise UnreadableXml(f"its elements are nested deeper than {_MAX_DEPTH}")
    if root.xpath(_INSTRUCTION):
        raise UnreadableXml("it holds a processing instruction, which SAML messages must not have")
    raise UnreadableXml(f"an element has more than {_MAX_ATTRIBUTES} attributes")


def _bound_namespaces(root: etree._Element) -> None:
    in_scope = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        in_scope += 1 if event == "start-ns" else -1
        if in_scope > _MAX_NAMESPACES:
            raise UnreadableXml(f"more than {_MAX_NAMESPACES} namespace declarations are in scope")


def text_of(element: etree._Element) -> str:
    """Returns the whole text of an element."""
    if len(element) == 0:
        return element.text or ""
    return "".join(str(part) for part in element.itertext())
