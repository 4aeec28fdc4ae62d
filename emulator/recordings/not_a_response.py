"""Recognises what a text without a SAMLResponse is, and says what to provide instead."""

from __future__ import annotations

from emulator.kernel.errors import FederationError
from emulator.recordings.file_text import WHAT_TO_GIVE
from emulator.recordings.recorded_refusals import refusal_in
from emulator.worldfile.text.kinds_of_text import (
    beginning,
    is_address,
    is_web_token,
    is_world_text,
    pem_name,
    root_name,
)

_SHOWN, _SENTENCE = 40, 1000


def what_it_is(text: str, *, decoded: bytes = b"") -> FederationError:
    """Returns the error that says what a text is, and what to provide instead.

    Args:
        text: The text as it was read.
        decoded: The bytes that the text decodes to if it is base64; empty otherwise.
    """
    data = decoded or text.encode("utf-8", "replace")
    what, fix = _known(text.strip(), data)
    return FederationError(
        f"This is not a SAMLResponse: it is {what}" if what else "This is not a SAMLResponse",
        explanation="" if what else f"It begins {beginning(text.encode('utf-8', 'replace'))[:_SHOWN]!r}.",
        expected=WHAT_TO_GIVE,
        fix=fix,
    )


def _known(text: str, data: bytes) -> tuple[str, str]:
    if "SAMLRequest=" in text:
        return "a form or an address with a SAMLRequest", "Give the answer to it: the form that is posted to AWS."
    if pem_name(text):
        what = f"a PEM file ({pem_name(text)})"
        return what, "A SAML provider's certificates are in its metadata: give that with --metadata."
    if is_web_token(text):
        return "a JSON Web Token, of OpenID Connect", "Give what the SAML app of the identity provider posts."
    if is_address(text):
        return "an address", "Open it with the developer tools on, and save the HAR."
    if is_world_text(text):
        return "a world file", "Give it with --world, and beside it what is to be judged."
    said = refusal_in(text) if len(text) < _SENTENCE and not text.startswith("<") else None
    if said is not None and said.checks:
        return (
            f"what {said.service} says",
            f"fedemu explain {said.checks[0]} has the causes; or give a HAR of the login.",
        )
    name = root_name(data) if beginning(data).startswith("<") else ""
    if name in {"EntityDescriptor", "EntitiesDescriptor"}:
        return "the metadata of an identity provider", "Give it with --metadata, and beside it what is to be judged."
    if name.lower() in {"html", "body", "head"}:
        return (
            "a web page without a SAMLResponse",
            "Sign in at the identity provider again: without a session it answers with a sign-in page.",
        )
    if name in {"ErrorResponse", "AssumeRoleWithSAMLResponse"}:
        return "an answer of AWS STS", "Give the SAMLResponse that was sent, or a HAR of the login."
    if name:
        return f"XML with the root {name}", ""
    if not text.strip("= \n"):
        return "empty", ""
    return "", "Copy the value of the form field SAMLResponse, or save a HAR of the login with its content."
