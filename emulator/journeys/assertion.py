"""The assertion of a login, as it was posted: its subject and attributes. It is parsed, but not trusted."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from lxml import etree

from emulator.kernel.records import dataclass

_SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message with an assertion, not parsed yet.

    Args:
        saml_response: The form field.
        posted_to: URL to which the form posts it.
        relay_state: Value posted with it.
    """

    saml_response: str
    posted_to: str
    relay_state: str = ""

    def read(self) -> SeenAssertion:
        """Returns the assertion in it."""
        return read_assertion(self.saml_response, posted_to=self.posted_to, relay_state=self.relay_state)


@dataclass(frozen=True, slots=True)
class SeenAssertion:
    """An assertion as a service received it, or as it was issued if its arrival was not seen here.

    Args:
        saml_response: The form field.
        posted_to: URL to which the form posts it.
        relay_state: Value posted with it.
        xml: The message; empty where the field is not base64.
        issuer: Issuer; empty where it cannot be read, as everything that follows.
        name_id: NameID of the subject.
        audience: Audience; several are separated by commas.
        attributes: Values of its attributes, by name.
        is_encrypted: Whether it is encrypted, so that nothing in it can be read here.
    """

    saml_response: str
    posted_to: str
    relay_state: str = ""
    xml: bytes = b""
    issuer: str = ""
    name_id: str = ""
    audience: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_encrypted: bool = False

    def as_json(self) -> dict[str, Any]:
        """The assertion as JSON data; empty parts are left out."""
        data: dict[str, Any] = {
            "posted_to": self.posted_to,
            "relay_state": self.relay_state,
            "issuer": self.issuer,
            "name_id": self.name_id,
            "audience": self.audience,
            "attributes": {name: list(values) for name, values in self.attributes.items()},
            "is_encrypted": self.is_encrypted,
            "saml_response": self.saml_response,
            "xml": self.xml.decode("utf-8", "replace"),
        }
        return {name: value for name, value in data.items() if value}


def read_assertion(saml_response: str, *, posted_to: str, relay_state: str = "") -> SeenAssertion:
    """Reads the first assertion of a message; for an unreadable one, only the field itself is known."""
    try:
        xml = base64.b64decode("".join(saml_response.split()), validate=True)
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    except (binascii.Error, ValueError):
        return SeenAssertion(saml_response, posted_to, relay_state)
    except etree.XMLSyntaxError:
        return SeenAssertion(saml_response, posted_to, relay_state, xml)
    assertion = next(root.iter(f"{_SAML}Assertion"), None)
    if assertion is None:
        is_encrypted = next(root.iter(f"{_SAML}EncryptedAssertion"), None) is not None
        return SeenAssertion(saml_response, posted_to, relay_state, xml, is_encrypted=is_encrypted)
    return SeenAssertion(
        saml_response,
        posted_to,
        relay_state,
        xml,
        issuer=_text(assertion.find(f"{_SAML}Issuer")),
        name_id=_text(assertion.find(f"{_SAML}Subject/{_SAML}NameID")),
        audience=", ".join(_text(each) for each in assertion.iter(f"{_SAML}Audience")),
        attributes={
            each.get("Name", ""): tuple(_text(value) for value in each.iter(f"{_SAML}AttributeValue"))
            for each in assertion.iter(f"{_SAML}Attribute")
        },
    )


def _text(element: etree._Element | None) -> str:
    # A comment inside a text hides none of it, because services read it that way.
    return "" if element is None else "".join(map(str, element.itertext())).strip()
