"""Decodes the bytes of a recording's file into text."""

from __future__ import annotations

from emulator.kernel.errors import FederationError
from emulator.worldfile.text.text_encoding import UnreadableText, text_of

MAX_INPUT_BYTES = 20_000_000
"""The maximum size of an input file, both compressed and decompressed."""

RECORD_ALONE = "Record the login alone: clear the list of requests before the tile is opened."

WHAT_TO_GIVE = (
    "a SAMLResponse (base64, XML, a form body, the page with the form, a curl command), a HAR, a trace of fedemu's, "
    "CloudTrail events or entries of Okta's System Log"
)


def file_text(data: bytes) -> str:
    """Returns the text of a file, without whitespace and invisible characters at its ends.

    Args:
        data: At most ``MAX_INPUT_BYTES``; gzip, in which CloudTrail delivers its files, is decompressed.

    Raises:
        FederationError: the file is too large, or not text.
    """
    try:
        return text_of(data, limit=MAX_INPUT_BYTES)
    except UnreadableText as error:
        if "larger" in str(error):
            raise FederationError(
                f"The input is {error}",
                expected="one login's recording",
                fix=RECORD_ALONE,
            ) from None
        raise FederationError(
            f"This is {error}", expected=WHAT_TO_GIVE, fix="Give the file as the browser or the program saved it."
        ) from None
