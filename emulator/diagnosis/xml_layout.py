"""A SAML message indented for reading, and the line of a path in it."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

_STEP = re.compile(r"([\w*]+)((?:\[[^\]]*\])?)")


def pretty_xml(xml: bytes) -> str:
    """Returns a message with one element per line; text that is not XML is returned unchanged."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError):
        return xml.decode("utf-8", "replace")
    return str(etree.tostring(root, pretty_print=True, encoding="unicode"))


class LaidOut:
    """A message with one element per line, in which places are looked up.

    Args:
        xml: The message.
    """

    def __init__(self, xml: bytes) -> None:
        self.text = pretty_xml(xml) if xml else ""
        self._root: etree._Element | None = None
        try:
            # The indented text is parsed again, so that its elements know their lines.
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            self._root = etree.fromstring(self.text.encode(), parser)
        except (etree.XMLSyntaxError, ValueError):
            pass

    def line_of(self, path: str, *, or_parent: bool = True) -> int:
        """Returns the line of a place; 0 when there is none.

        Args:
            path: Path of local names such as ``/Response/Assertion/Conditions/@NotBefore``.
            or_parent: Whether to use the nearest parent of what does not exist.
        """
        if self._root is None:
            return 0
        steps = _STEP.findall(path.partition("/@")[0])
        for length in range(len(steps), 0 if or_parent else len(steps) - 1, -1):
            query = "".join(f"/*[local-name()='{name}']{predicate}" for name, predicate in steps[:length])
            try:
                found: Any = self._root.xpath(query)
            except etree.XPathError:
                continue
            if found:
                return int(found[0].sourceline)
        return 0


def line_of(xml: bytes, path: str) -> int:
    """Returns the line of ``path`` in ``pretty_xml(xml)``, or of its nearest parent; 0 when there is none."""
    return LaidOut(xml).line_of(path)
