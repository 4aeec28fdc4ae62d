"""Responses written from a template: what one app's Responses have in common is built and canonicalised once.

A login changes a Response's identifiers and instants and what it says about the person. The rest, which is most of it,
comes from the app's settings, and so does its canonical form, which is what is signed. So a Response with a mark in
each place that changes is built, parsed and canonicalised as any other, and for a login the marks are replaced: in the
text, and in the octets that are signed. That is right for values that are written alike in both. Other values, such
as one with an ampersand, and Responses that a fault edits before they are signed, are built and signed on their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import count

from cryptography.hazmat.primitives import hashes

from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from idp.model import BEGINNING, KeyPair
from idp.saml.assertion import IssueContext, Particulars, build_response
from idp.saml.claims import Attribute, Claims
from idp.saml.signing import KeySigner, load_key, sign_with

# Characters that text, attributes and canonical form all have as they are: no markup, no white space but the blank.
_PLAIN = re.compile(r"[ !#-%'-;=?-~\u00a0-\ud7ff]*")
_MARK = re.compile(r"⟦(\w+)⟧")

AttributeShape = tuple[str, str, int]
"""An attribute's name, its format, and how many values it has."""


@dataclass(frozen=True, slots=True)
class _Signing:
    """One signature of the template: what is digested and signed for it, and the places of the two values.

    The texts are formats of Python's ``%``, whose names are the places.
    """

    referenced: str
    digest: hashes.HashAlgorithm
    digest_place: str
    signed_info: str
    method: hashes.HashAlgorithm
    value_place: str


@dataclass(frozen=True, slots=True)
class ResponseTemplate:
    """The Responses of one app whose attributes have the same names and numbers of values.

    Args:
        text: The signed Response, as a format of Python's ``%``.
        signings: Its signatures, in the order in which they are made.
    """

    text: str
    signings: tuple[_Signing, ...]

    def fill_in(self, values: Mapping[str, str], key_pair: KeyPair) -> str:
        """Returns a signed Response.

        Args:
            values: The text for each place but those of the signatures.
            key_pair: The key pair that signs; its certificate is part of the template.
        """
        signer = KeySigner(load_key(key_pair.private_key_pem))
        filled = dict(values)
        for each in self.signings:
            filled[each.digest_place] = signer.digest_value((each.referenced % filled).encode(), each.digest)
            filled[each.value_place] = signer.signature_value((each.signed_info % filled).encode(), each.method)
        return self.text % filled


def signed_from_template(
    claims: Claims, context: IssueContext, particulars: Particulars, *, certificate: str, key_pair: KeyPair
) -> str | None:
    """Returns a signed Response, or None where it has to be built and signed on its own.

    So have the first one of a setting, because a template costs as much as the Response and many a federation makes
    one login, and those with a value that is written differently in the text and in what is signed.

    Args:
        claims: What the assertion says.
        context: The login that it is for, with its style.
        particulars: Its identifiers and instants.
        certificate: Signing certificate in base64, for KeyInfo.
    """
    texts = (claims.name_id, context.in_response_to, *(text for each in claims.attributes for text in each.values))
    if not _PLAIN.fullmatch("".join(texts)):
        return None
    setting = replace(
        context,
        issued_at=BEGINNING,
        authenticated_at=BEGINNING,
        in_response_to=_mark("in_response_to") if context.in_response_to else "",
    )
    shapes = tuple((each.name, each.name_format, len(each.values)) for each in claims.attributes)
    if next(_uses(setting, certificate, shapes)) == 0:
        return None
    template = _template(setting, certificate, shapes)
    if template is None:
        return None
    values = {f"value_{index}": text for index, text in enumerate(texts[2:])}
    values |= {"name_id": claims.name_id, "in_response_to": context.in_response_to}
    values |= {name: getattr(particulars, name) for name in _PARTICULARS}
    return template.fill_in(values, key_pair)


def _mark(place: str) -> str:
    return f"⟦{place}⟧"


_PARTICULARS = tuple(Particulars.__slots__)
_MARKED_PARTICULARS = Particulars(**{name: _mark(name) for name in _PARTICULARS})


class _Recorder:
    """Records what would be signed, and gives marks for values."""

    def __init__(self) -> None:
        self.signings: list[_Signing] = []
        self._digested: tuple[str, hashes.HashAlgorithm] = ("", hashes.SHA256())

    def digest_value(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> str:
        """Returns the mark of a digest."""
        self._digested = (_format(octets.decode()), algorithm)
        return _mark(f"digest_{len(self.signings)}")

    def signature_value(self, octets: bytes, algorithm: hashes.HashAlgorithm) -> str:
        """Returns the mark of a signature."""
        number = len(self.signings)
        referenced, digest = self._digested
        signed_info = _format(octets.decode())
        self.signings.append(
            _Signing(referenced, digest, f"digest_{number}", signed_info, algorithm, f"signature_{number}")
        )
        return _mark(f"signature_{number}")


@lru_cache(maxsize=256)
def _uses(_setting: IssueContext, _certificate: str, _shapes: tuple[AttributeShape, ...]) -> count[int]:
    """Counts the Responses of a setting."""
    return count()


@lru_cache(maxsize=32)
def _template(setting: IssueContext, certificate: str, shapes: tuple[AttributeShape, ...]) -> ResponseTemplate | None:
    """Makes the template for a setting; None where there can be none.

    Args:
        setting: A context with a mark for what it answers, and with any instants.
        certificate: Signing certificate in base64.
        shapes: The attributes without their values.
    """
    # with_sha1 edits the whole text, a person's values included, and a setting may have marks of its own.
    if setting.style.sha1 or "⟦" in f"{replace(setting, in_response_to='')}{shapes}":
        return None
    places = iter(range(sum(count for *_, count in shapes)))
    attributes = tuple(
        Attribute(name, name_format, tuple(_mark(f"value_{next(places)}") for _ in range(count)))
        for name, name_format, count in shapes
    )
    marked = Claims(_mark("name_id"), attributes)
    recorder = _Recorder()
    try:
        text = sign_with(build_response(marked, setting, _MARKED_PARTICULARS, certificate=certificate), recorder)
    except FederationError:
        return None  # a setting holds what XML cannot; whoever signs such a Response by itself says so
    return ResponseTemplate(_format(text), tuple(recorder.signings))


def _format(text: str) -> str:
    """Returns a marked text as a format of Python's ``%``, which costs less than looking for marks."""
    return _MARK.sub(r"%(\1)s", text.replace("%", "%%"))
