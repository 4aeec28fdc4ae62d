"""Signature algorithms that are not accepted, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from emulator.kernel.differences import difference, nearest
from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.mistake import Mistake

_SHA256 = "Let the identity provider sign with RSA-SHA256 and digest with SHA-256."
_INSTEAD_OF_SHA1 = f"{_SHA256} Where it cannot, accept_sha1: true on the SAML provider in the world file takes SHA-1."
_TRANSFORMS = "Sign with two transforms only: enveloped-signature, then exclusive canonicalisation."
_CANONICALISATION = "Use exclusive canonicalisation: http://www.w3.org/2001/10/xml-exc-c14n#."
# A part of the algorithm's URI in lower case: what it is, and what to do about it.
_KNOWN: tuple[tuple[str, str, str], ...] = (
    (
        "hmac",
        "it is HMAC, for which both sides share a secret, and whoever knows the certificate could have made it",
        _SHA256,
    ),
    ("#dsa-", "it needs a DSA key, and metadata has none that is taken", _SHA256),
    ("sha1", "it uses SHA-1, which is broken", _INSTEAD_OF_SHA1),
    ("md5", "it uses MD5, which is broken", _SHA256),
    ("ripemd160", "it uses RIPEMD-160, which is out of use", _SHA256),
    ("sha224", "it uses SHA-224, which is out of use", _SHA256),
    ("mgf1", "it is RSA-PSS, whose parameters are not looked at here", f"{_SHA256} The padding is PKCS #1 v1.5."),
    ("xslt", "it is an XSLT style sheet, which could make anything of what is signed", _TRANSFORMS),
    ("filter2", "it is an XPath filter, which leaves out parts of what is signed", _TRANSFORMS),
    ("xpath", "it is an XPath, which leaves out parts of what is signed", _TRANSFORMS),
    ("#base64", "it is a base64 transform, after which the text alone is signed and no element", _TRANSFORMS),
    ("c14n2", "it is Canonical XML 2.0, which next to nobody has", _CANONICALISATION),
)


def not_taken(algorithm: str, taken: Sequence[str], where: str, *, role: str) -> Mistake:
    """Returns the mistake of an algorithm that is not accepted.

    Args:
        algorithm: Its URI as received; empty when there is none.
        taken: URIs of the algorithms that are accepted.
        where: Path of the XML attribute.
        role: What the algorithm is for, such as ``the digest``.
    """
    told, fix = _reason(algorithm, taken, role)
    shown = f"The algorithm {algorithm} of {role}" if algorithm.strip() else f"The algorithm of {role}"
    return Mistake(
        f"{shown} is not accepted here: {told}.",
        where=where,
        expected=" or ".join(taken),
        received=algorithm or "no Algorithm",
        fix=fix,
        causes=(Sent(where, wanted=_wanted(algorithm, taken)),),
    )


def short_name(algorithm: str) -> str:
    """Returns an algorithm without the URL that precedes its name: ``enveloped-signature``."""
    return algorithm.rstrip("#/").replace("#", "/").rpartition("/")[2] or "one without a name"


def _wanted(algorithm: str, taken: Sequence[str]) -> tuple[str, ...]:
    """Returns the algorithm to use instead, for the same kind of key where that matters."""
    same_key = [each for each in taken if ("ecdsa" in each) == ("ecdsa" in algorithm)]
    return tuple((same_key or list(taken))[:1])


def _reason(algorithm: str, taken: Sequence[str], role: str) -> tuple[str, str]:
    if not algorithm:
        return "none is named", f"Name the algorithm of {role}: {taken[0]}, for example."
    near = nearest(algorithm, taken)
    if near is not None and near.lower() == algorithm.strip().lower():
        return difference(near, algorithm), f"Write {near}: letter case and blanks count in names of algorithms."
    if role == "the first transform":
        place = "it is not enveloped-signature, so that the signature would sign itself"
        known = next((told for sign, told, _ in _KNOWN if sign in algorithm.lower()), "")
        return f"{place}; {known}" if known else place, _TRANSFORMS
    for sign, told, fix in _KNOWN:
        if sign in algorithm.lower():
            return told, fix
    if "enveloped" in algorithm:
        return "enveloped-signature takes the signature out and does not canonicalise anything", _CANONICALISATION
    return "nothing here knows it", _TRANSFORMS if "transform" in role else f"Use {taken[0]} for {role}."
