"""Reads from SAML metadata what a world needs before AWS reads it: the entity IDs and their roles.

Nothing is fetched, no XML entity is expanded, and a document with a DOCTYPE is not read.

Spec: SAML Metadata §2.3
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from emulator.kernel.records import dataclass

if TYPE_CHECKING:
    from lxml import etree

_MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_ROOT = re.compile(r"<(?:[\w.-]+:)?Entit(?:y|ies)Descriptor[\s>/]")
_DECLARED_ENCODING = re.compile(r"""(<\?xml[^>]{0,100}?encoding=)(["'])[\w.-]{1,40}\2""")
_LOOKED_AT = 20_000
_LISTED = 5
MOST_TAGS = 1_250_000
"""The maximum number of tags in a document, as in eduGAIN's aggregate: each takes more memory than its text."""
_MAX_ID = 120
_CERTIFICATE = re.compile(r"<(?:\w+:)?X509Certificate>([A-Za-z0-9+/=\s]+)</")


@dataclass(frozen=True, slots=True)
class Entities:
    """The entities of a metadata document, in document order.

    Args:
        ids: Their entity IDs.
        are_aggregated: Whether the document is an EntitiesDescriptor.
        identity_providers: The entity IDs of those with an IDPSSODescriptor.
    """

    ids: tuple[str, ...] = ()
    are_aggregated: bool = False
    identity_providers: tuple[str, ...] = ()

    @property
    def only_id(self) -> str:
        """The entity ID of a document with a single entity; empty for an aggregate."""
        return self.ids[0] if self.ids and not self.are_aggregated else ""


def looks_like_metadata(text: str) -> bool:
    """Returns whether a text begins like SAML metadata."""
    return text.startswith("<") and _ROOT.search(text[:_LOOKED_AT]) is not None


def entities_of(text: str) -> Entities:
    """Returns the entities of a metadata document; none if it cannot be read or is something else."""
    root = _root(text)
    if root is None:
        return Entities()
    found = [each for each in _entities(root) if each.get("entityID")]
    providers = [each for each in found if each.find(f"{_MD}IDPSSODescriptor") is not None]
    return Entities(_ids(found), root.tag == f"{_MD}EntitiesDescriptor", _ids(providers))


def certificates_in(text: str) -> frozenset[str]:
    """Returns all certificates in a document, whatever their use, in base64 without whitespace."""
    return frozenset("".join(each.split()) for each in _CERTIFICATE.findall(text))


def without_others(text: str, entity_id: str) -> bytes | None:
    """Returns the document of one entity of an aggregate, in UTF-8; None if the aggregate does not contain it."""
    from lxml import etree

    root = _root(text)
    for each in () if root is None else _entities(root):
        if each.get("entityID") == entity_id:
            return bytes(etree.tostring(each, encoding="UTF-8", xml_declaration=True, with_tail=False))
    return None


def listed_entities(ids: Sequence[str]) -> str:
    """Returns entity IDs for a message: the first five, and how many more there are."""
    listed = [each if len(each) <= _MAX_ID else f"{each[: _MAX_ID - 1]}…" for each in ids[:_LISTED]]
    more = len(ids) - len(listed)
    return ", ".join(listed) + (f" and {more} more" if more else "")


def in_utf8(text: str) -> str:
    """Returns a document with UTF-8 in its XML declaration, as the text of a seed is written in UTF-8."""
    return _DECLARED_ENCODING.sub(r"\1\2UTF-8\2", text, count=1) if text.startswith("<?xml") else text


def _ids(entities: Iterable[Any]) -> tuple[str, ...]:
    return tuple(str(each.get("entityID")) for each in entities)


def _entities(root: etree._Element) -> Iterable[etree._Element]:
    return root.iter(f"{_MD}EntityDescriptor")


def _root(text: str) -> etree._Element | None:
    """Returns the root of a metadata document; None if it cannot be read or is something else."""
    if not looks_like_metadata(text) or text.count("<") > MOST_TAGS:
        return None
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(in_utf8(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    is_metadata = root.tag in {f"{_MD}EntityDescriptor", f"{_MD}EntitiesDescriptor"}
    return root if is_metadata and root.getroottree().docinfo.internalDTD is None else None
