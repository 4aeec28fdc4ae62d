"""Whether a recorded message was changed after it was signed: its digests say so, whoever signed."""

from __future__ import annotations

from emulator.inspection.signature_alone import REDACTION_MARK
from sp_mock.assertion.mistakes.arithmetic import is_whole
from sp_mock.assertion.received import ReceivedResponse, receive
from sp_mock.assertion.signature import signature_shapes
from sp_mock.assertion.signature_shape import BadSignature


def was_changed(saml_response: str) -> bool:
    """Returns whether a signature of a message does not fit what it covers; a copy that was redacted is not asked.

    Args:
        saml_response: In base64.
    """
    message = receive(saml_response)
    if not isinstance(message, ReceivedResponse) or REDACTION_MARK in message.xml:
        return False
    try:
        shapes = signature_shapes(message, accept_sha1=True)
    except BadSignature:
        return False
    return any(not is_whole(shape) for shape in shapes)
