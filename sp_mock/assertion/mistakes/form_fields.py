"""What the field SAMLResponse holds instead of the base64 form of a Response, and what to do about it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from emulator.kernel.differences import visible
from sp_mock.assertion.mistakes.mistake import Mistake, web_page_title

FIELD = "form field SAMLResponse"
MAX_SAML_RESPONSE_CHARACTERS = 100_000
_MOST_PADDING = 2

_ESCAPED = re.compile(r"%(?:2B|2F|3D|0A|0D)", re.IGNORECASE)
_ESCAPED_TWICE = re.compile(r"%25(?:2B|2F|3D)", re.IGNORECASE)
TOKEN = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*\s*")
SIGN_IN_AGAIN = (
    "Sign in at the identity provider again: without a session it answers with a page that has no SAMLResponse."
)
ENCODE = "Encode the bytes of the whole Response as base64, once, and post that as the field SAMLResponse."
WHOLE = "Pass on the whole value; look for a variable, a column, a log line or a shell limit that cuts long texts."

Rule = tuple[Callable[[str], object], str, str]


def empty_field() -> Mistake:
    """Returns the mistake of an empty field."""
    return Mistake(
        "The SAMLResponse is empty.",
        where=FIELD,
        expected="the base64 form of a Response",
        received="nothing",
        fix="Look at what the identity provider sent: its page has the value in a hidden field SAMLResponse when the "
        "login there succeeded, and none when it shows a form or an error.",
    )


def too_long(length: int) -> Mistake:
    """Returns the mistake of a field with more characters than AWS accepts."""
    return Mistake(
        f"The SAMLResponse has {length} characters; AWS takes {MAX_SAML_RESPONSE_CHARACTERS} at most.",
        where=FIELD,
        expected=f"at most {MAX_SAML_RESPONSE_CHARACTERS} characters",
        received=f"{length} characters",
        fix="Send fewer roles and attributes, with a narrower group filter for example.",
    )


# What a text that is not base64 turns out to be, in the order in which it is tested.
_TEXTS: tuple[Rule, ...] = (
    (
        lambda text: text.startswith(("\ufeff", "\u200b")),
        "The SAMLResponse begins with a sign that nobody sees: a byte order mark or a zero width space.",
        "Save the text as UTF-8 without a byte order mark, or cut the first character off.",
    ),
    (
        lambda text: web_page_title(text) is not None,
        "The SAMLResponse is a whole web page, not the value of the field in it.",
        "Post the value of the page's hidden field SAMLResponse. " + SIGN_IN_AGAIN,
    ),
    (
        lambda text: text.lstrip().startswith("<"),
        "The SAMLResponse is XML text; the form field carries its base64 form.",
        ENCODE,
    ),
    (
        _ESCAPED_TWICE.search,
        "The SAMLResponse was URL-encoded twice (it contains %252B, %252F or %253D).",
        "Decode it twice, or post the value as it is in the page and let the client encode the form, once.",
    ),
    (
        _ESCAPED.search,
        "The SAMLResponse is still URL-encoded (it contains %2B, %2F or %3D).",
        "Decode it once, or post it as a form so that the client encodes it; a recorded request shows it encoded.",
    ),
    (
        lambda text: text.lstrip().startswith(("{", "[")),
        "The SAMLResponse is JSON text, such as the answer of an API, not the base64 form of a Response.",
        "Take the assertion out of the JSON, and post it alone.",
    ),
    (
        re.compile(r"SAML(?:Response|Assertion)=").search,
        "The SAMLResponse is a whole form, with the field's name in it, not the field's value.",
        "Post what follows SAMLResponse= up to the next &, URL-decoded.",
    ),
    (
        lambda text: text.lstrip().startswith("data:"),
        "The SAMLResponse is a data URL; only what follows base64, is the message.",
        "Cut off everything up to and including base64,.",
    ),
    (
        TOKEN.fullmatch,
        "The SAMLResponse is a JSON Web Token, as OpenID Connect has it, not a SAML Response.",
        "Use the identity provider's SAML app; tokens of OpenID Connect go to AssumeRoleWithWebIdentity.",
    ),
    (
        lambda text: "-----BEGIN" in text,
        "The SAMLResponse is in PEM, with BEGIN and END lines, as certificates and keys are.",
        "Post the base64 form of the Response, without BEGIN and END lines.",
    ),
    (
        re.compile(r"\s*([\"']).*\1\s*", re.DOTALL).fullmatch,
        "The SAMLResponse is in quotation marks, which are not a part of it.",
        "Take the quotation marks off.",
    ),
    (
        re.compile(r"&(?:#x?[0-9A-Fa-f]+|amp|lt|gt|quot|#43);").search,
        "The SAMLResponse is still escaped for HTML (it contains a character reference such as &#x2b;).",
        "Read the field with an HTML parser, which resolves character references.",
    ),
    (
        lambda text: "\0" in text,
        "The SAMLResponse has a NUL in it: the text is in UTF-16, or binary.",
        "Write the base64 text in ASCII.",
    ),
    (
        re.compile(r"\s*(?:0x)?[0-9A-Fa-f]{16,}!?\s*").fullmatch,
        "The SAMLResponse is in hexadecimal digits, not in base64.",
        ENCODE,
    ),
    (
        lambda text: re.fullmatch(r"[A-Za-z0-9_=\s-]+", text) and re.search(r"[-_]", text),
        "The SAMLResponse is base64url; SAML uses plain base64 with + and /.",
        "Encode with the ordinary alphabet of base64: + for 62 and / for 63.",
    ),
    (
        lambda text: re.search(r"=\s*[A-Za-z0-9+/]", text),
        "The SAMLResponse has padding (=) in the middle: two base64 texts were put together.",
        "Encode the whole message in one piece, or decode the pieces before they are put together.",
    ),
)


def text_mistake(text: str) -> Mistake:
    """Explains what a text that is not base64 is."""
    for holds, explanation, fix in _TEXTS:
        if holds(text):
            title = web_page_title(text)
            return Mistake(explanation, where=FIELD, received=f"the page “{title}”" if title else "", fix=fix)
    if lost_plus(text):
        return LOST_PLUS
    if re.search(r"[A-Za-z] [A-Za-z]", text.strip()):
        return Mistake(
            "The SAMLResponse is a text with blanks in it, an error message for example, not base64.",
            where=FIELD,
            expected="base64",
            received=text.strip()[:60],
            fix=f"Read what the text says. {SIGN_IN_AGAIN}",
        )
    stray = re.search(r"[^A-Za-z0-9+/=\s]", text)
    if stray:
        return Mistake(
            f"The SAMLResponse has a character that base64 does not have: {visible(stray[0])}, character "
            f"{stray.start() + 1} of {len(text)}.",
            where=FIELD,
            expected="letters, digits, + and /, and = at the end",
            received=visible(text[max(0, stray.start() - 10) : stray.start() + 11]),
            fix="Send the base64 text alone, without log lines, signs or accents around or in it.",
        )
    padding = len(text.rstrip()) - len(text.rstrip().rstrip("="))
    if padding > _MOST_PADDING:
        return Mistake(
            f"The SAMLResponse ends in {padding} padding signs (=), more than base64 ever has.",
            where=FIELD,
            fix="Let a library write the base64 form, and add nothing to it.",
        )
    return Mistake(
        "The SAMLResponse is cut off: its base64 padding is wrong.",
        where=FIELD,
        received=f"{len(''.join(text.split()))} characters of base64",
        fix=WHOLE,
    )


LOST_PLUS = Mistake(
    "Each + of the SAMLResponse became a blank on the way: the form was posted without URL-encoding its values.",
    where=FIELD,
    expected="+ where there are blanks",
    fix="Encode the form field; in curl use --data-urlencode.",
)


def lost_plus(text: str) -> bool:
    """Returns whether a field is base64 of XML once its blanks are plus signs again."""
    mended = text.strip(" ").replace(" ", "+")
    return mended != text and decoded(mended).lstrip().startswith(b"<")


def decoded(text: str) -> bytes:
    """Returns the bytes of base64 text; empty when it is not base64."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return b""
