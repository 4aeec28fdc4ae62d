"""A SAML message laid out for reading, and the line on which a path stands."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_STEP = re.compile(r"([\w*]+)((?:\[[^\]]*\])?)")


def pretty_xml(xml: bytes) -> str:
    """Returns a message with one element a line; text that is not XML is returned as it is."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return xml.decode("utf-8", "replace")
    return str(etree.tostring(root, pretty_print=True, encoding="unicode"))


def line_of(xml: bytes, path: str) -> int:
    """Returns the line of ``path`` in ``pretty_xml(xml)``, or of its nearest parent; 0 when there is none.

    Args:
        xml: The message.
        path: A path of local names such as ``/Response/Assertion/Conditions/@NotBefore``.
    """
    try:
        root = etree.fromstring(pretty_xml(xml).encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return 0
    steps = _STEP.findall(path.partition("/@")[0])
    for length in range(len(steps), 0, -1):
        query = "".join(f"/*[local-name()='{name}']{predicate}" for name, predicate in steps[:length])
        try:
            found: Any = root.xpath(query)
        except etree.XPathError:
            continue
        if found:
            return int(found[0].sourceline)
    return 0
