"""What is wrong with how a message is signed: nothing signed, the wrong place, the wrong element, or an odd form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lxml import etree

from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.algorithms import short_name
from sp_mock.assertion.mistakes.messages import ATTACK
from sp_mock.assertion.mistakes.mistake import Mistake, path_of, paths_of
from sp_mock.xml import DS

_AS_ISSUED = "Pass the message on as the identity provider issued it"
_SIGNATURE = f"{DS}Signature"
_MOST_TRANSFORMS = 2


def unsigned(root: etree._Element) -> Mistake:
    """Returns the mistake of a message in which neither the Response nor the assertion is signed."""
    for element in root.iter(etree.Element):
        if etree.QName(element).localname == "Signature" and element.tag != _SIGNATURE:
            return Mistake(
                "Neither the Response nor the Assertion is signed: its Signature is not in the namespace of XML "
                "signatures, so that it means nothing.",
                where=path_of(element),
                expected=f"a Signature of {DS[1:-1]}",
                received=f"a Signature of {etree.QName(element).namespace or 'no namespace'}",
                fix="Keep the namespace of the Signature and of everything in it when the XML is written anew.",
                causes=(Sent(path_of(element)),),
            )
    return Mistake(
        "Neither the Response nor the Assertion is signed.",
        where="/Response/Assertion",
        expected="a ds:Signature right after the Issuer of the Assertion or of the Response",
        received="no Signature",
        fix="Turn on signing of the assertion in the identity provider's app.",
        causes=(Sent("/Response/Assertion/Signature"), Sent("/Response/Signature")),
    )


def stray(signatures: Sequence[etree._Element]) -> Mistake:
    """Returns the mistake of Signatures that belong to neither the Response nor the assertion."""
    first = signatures[0]
    parent = first.getparent()
    holder = "nothing" if parent is None else etree.QName(parent).localname
    empty = "" if len(first) else " and is empty"
    return Mistake(
        f"A Signature stands where none belongs: it is in {holder}{empty}.",
        where=path_of(first),
        expected="a Signature as a child of the Response or of the Assertion, and nowhere else",
        received=paths_of(signatures),
        fix=f"{_AS_ISSUED}: a signature says nothing when it is moved. {ATTACK}",
        causes=(Sent(path_of(first)),),
    )


def misplaced(name: str, signatures: Sequence[etree._Element]) -> Mistake:
    """Returns the mistake of an element with two Signatures, or with one that is not where SAML requires it.

    Args:
        name: ``Response`` or ``Assertion``.
        signatures: The element's Signatures.
    """
    if len(signatures) > 1:
        return Mistake(
            f"The {name} has {len(signatures)} Signatures of its own, and SAML allows one.",
            where=path_of(signatures[1]),
            expected="one Signature",
            received=paths_of(signatures),
            fix=f"Sign the {name} once; a second signature, of a proxy for example, has to replace the first.",
            causes=(Sent(path_of(signatures[1])),),
        )
    last = ", nor is it the last child" if name == "Response" else ""
    before = signatures[0].getprevious()
    after = "first" if before is None else f"after {etree.QName(before).localname}"
    return Mistake(
        f"The {name}'s Signature is not right after its Issuer{last}.",
        where=path_of(signatures[0]),
        expected="Issuer, Signature, …",
        received=f"the Signature is {after}",
        fix=f"Write the Signature right after the Issuer of the {name}, where SAML's schema has it.",
        causes=(Sent(path_of(signatures[0])),),
    )


def repeated_id(value: str, trees: Sequence[etree._Element]) -> Mistake:
    """Returns the mistake of an ID that two elements share.

    Args:
        value: The repeated ID.
        trees: Root elements of everything that was received.
    """
    having = [each for tree in trees for each in tree.iter(etree.Element) if value in each.attrib.values()]
    return Mistake(
        f"Two elements have the ID {value}: what the signature covers would be ambiguous. See {paths_of(having)}.",
        where=path_of(having[1]) if len(having) > 1 else "/Response//@ID",
        expected="an ID that no other element has",
        received=f"{value} at {len(having)} places",
        fix=f"Give each element an ID of its own before it is signed. {ATTACK}",
        causes=(Sent("/Response//@ID"),),
    )


def too_many_ids(limit: int) -> Mistake:
    """Returns the mistake of a message with more IDs than are examined."""
    return Mistake(
        f"More than {limit} elements have an ID.",
        where="/Response//@ID",
        expected="an ID on the Response and on the Assertion",
        received=f"more than {limit} IDs",
        fix="Write IDs on the Response, the assertion and what else is referred to, not on every element.",
        causes=(Sent("/Response//@ID"),),
    )


def other_reference(name: str, element: etree._Element, uri: str | None, where: str) -> Mistake:
    """Returns the mistake of a Signature that refers to something else than its parent element.

    Args:
        name: ``Response`` or ``Assertion``.
        element: The parent element.
        uri: URI of the Reference, as received.
        where: Path of that URI.
    """
    own = element.get("ID")
    told, fix = _reference(name, element, uri, own)
    return Mistake(
        f"The {name}'s Signature refers to something else than the {name} it stands in: {told}.",
        where=where,
        expected=f"#{own}" if own else f"the ID of the {name}, which has none",
        received=repr(uri),
        fix=fix,
        causes=(Sent(where),),
    )


def _reference(name: str, element: etree._Element, uri: str | None, own: str | None) -> tuple[str, str]:
    by_id = f"Sign the {name} by a Reference to its own ID."
    if uri is None:
        return "its Reference has no URI", by_id
    if uri in {"", "#xpointer(/)"}:
        return "it covers the whole document, whatever that is by now", f"{by_id} SAML signs no whole documents."
    if uri.startswith("#xpointer"):
        return "it refers by an XPointer, which is not taken", by_id
    if uri == "#":
        return "it names no ID at all", by_id
    if not uri.startswith("#"):
        if own and uri == own:
            return f"it lacks the sign # before the ID {own}", by_id
        return f"it points out of the message, to {uri}", f"{by_id} Nothing is ever fetched to verify a signature."
    target = next((e for e in element.getroottree().iter(etree.Element) if e.get("ID") == uri[1:]), None)
    if target is not None:
        return (
            f"{path_of(target)} is signed and {path_of(element)} would be used, which is signature wrapping",
            f"{_AS_ISSUED}. {ATTACK}",
        )
    if own is None:
        other = next((key for key, value in element.attrib.items() if str(value) == uri[1:]), None)
        if other is not None:
            spelt = (
                etree.QName(str(other)).localname
                if "}" not in str(other)
                else f"xml:{etree.QName(str(other)).localname}"
            )
            return (
                f"the {name} has that ID under the name {spelt}",
                f"Call the XML attribute ID, as SAML does, not {spelt}.",
            )
        return f"it refers to {uri}, and the {name} has no ID", f"Write the {name}'s ID back, under the name ID."
    if own.lower() == uri[1:].lower():
        return f"it refers to {uri}, and the ID is {own}: letter case counts", by_id
    return (
        f"it was made for an element with the ID {uri[1:]}, which is not in the message",
        f"{_AS_ISSUED}: this signature belongs to another login or to an element that was taken out. {ATTACK}",
    )


def structure(element: etree._Element, expected: Sequence[str], where: str) -> Mistake:
    """Returns the mistake of a part of a Signature that has other children than required.

    Args:
        element: The part of the Signature.
        expected: Local names of the required children, in order.
        where: Path of the part.
    """
    part = etree.QName(element).localname
    found = [etree.QName(child).localname for child in element]
    return Mistake(
        f"The Signature is not built the way SAML signatures are: {_children(part, found, expected)}"
        f"{_named_transforms(element)}.",
        where=where,
        expected=", ".join(expected) or "no elements",
        received=", ".join(found) or "nothing",
        fix=_structure_fix(part, found, expected),
        causes=(Sent(where),),
    )


def _children(part: str, found: Sequence[str], expected: Sequence[str]) -> str:
    counted, wanted = Counter(found), Counter(expected)
    for name in found:
        if name not in wanted:
            return f"{part} holds {_article(name)} {name}, which does not belong there"
    for name in dict.fromkeys(expected):
        if counted[name] > wanted[name]:
            return f"{part} has {counted[name]} {name} elements, not {wanted[name]}"
    for name in dict.fromkeys(expected):
        if counted[name] < wanted[name] and name != "KeyInfo":
            return f"{part} has no {name}" if not counted[name] else f"{part} has one {name} only"
    return f"the elements of {part} are in another order"


def _named_transforms(element: etree._Element) -> str:
    """Returns which transforms there are, when there are too many; empty for other parts of a Signature."""
    if element.tag != f"{DS}Transforms" or len(element) <= _MOST_TRANSFORMS:
        return ""
    return f": {', '.join(short_name(child.get('Algorithm', '')) for child in element)}"


def _structure_fix(part: str, found: Sequence[str], expected: Sequence[str]) -> str:
    if "Object" in found:
        return f"Sign without an Object: content that hides in a signature is a way of wrapping. {ATTACK}"
    if part == "Transforms" and len(found) > len(expected):
        return "Sign with two transforms only: enveloped-signature, then exclusive canonicalisation."
    if any(name not in expected for name in found):
        return f"Take {', '.join(n for n in found if n not in expected)} out of {part} before signing."
    if len(found) > len(expected):
        return f"Let the identity provider write each part of {part} once; one signature covers one element."
    return f"Write {part} as XML signatures have it, with {', '.join(expected)} in this order, or sign with a library."


def _article(name: str) -> str:
    return "an" if name[:1] in "AEIOUXHaeiou" and not name.startswith("Hidden") else "a"


def prefix_list(count: int, limit: int, where: str) -> Mistake:
    """Returns the mistake of a canonicalisation that names too many prefixes."""
    return Mistake(
        f"The Signature's canonicalisation names {count} namespace prefixes; more than {limit} are not looked at.",
        where=where,
        expected=f"a PrefixList of at most {limit} prefixes",
        received=f"{count} prefixes",
        fix="Name the prefixes that are used in values only, such as xs, in InclusiveNamespaces.",
        causes=(Sent(where),),
    )


def odd_canonicalisation(element: etree._Element, where: str) -> Mistake:
    """Returns the mistake of a canonicalisation with other content than InclusiveNamespaces."""
    found = ", ".join(etree.QName(child).localname for child in element)
    return Mistake(
        f"The Signature's canonicalisation holds {found}, and only exclusive canonicalisation may hold anything: one "
        "InclusiveNamespaces.",
        where=where,
        expected="InclusiveNamespaces of exclusive canonicalisation at most",
        received=found,
        fix="Use exclusive canonicalisation (xml-exc-c14n#), and nothing but InclusiveNamespaces in it.",
        causes=(Sent(where),),
    )
