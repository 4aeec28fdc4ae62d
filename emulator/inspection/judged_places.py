"""The place in a message that a passed check concerns; a failed check names its place itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from emulator.diagnosis.xml_layout import LaidOut
from sp_mock.assertion.values import (
    ASSERTION_PATH,
    AUTHN_STATEMENT_PATH,
    CONDITIONS_PATH,
    CONFIRMATION_DATA_PATH,
    PRINCIPAL_TAG,
    ROLE,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    attribute_path,
)

_ROLE_PATH = attribute_path(ROLE)
_TAG_PATH = f"{ASSERTION_PATH}/AttributeStatement/Attribute[starts-with(@Name,'{PRINCIPAL_TAG}')]"
# The first place that the message has. Checks of the whole message, or of no part of it, are not listed.
JUDGED_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "version": ("/Response",),
        "response": ("/Response",),
        "status": ("/Response/Status/StatusCode",),
        "role-attribute": (_ROLE_PATH,),
        "provider": (_ROLE_PATH,),
        "assertion-encryption": ("/Response/EncryptedAssertion", ASSERTION_PATH),
        "issuer": (f"{ASSERTION_PATH}/Issuer",),
        "response-destination": ("/Response",),
        "signature": (f"{ASSERTION_PATH}/Signature", "/Response/Signature"),
        "subject-confirmation": (CONFIRMATION_DATA_PATH,),
        "audience": (f"{CONDITIONS_PATH}/AudienceRestriction/Audience",),
        "redeemed-in-time": (ASSERTION_PATH,),
        "time-window": (CONDITIONS_PATH,),
        "requested-role": (_ROLE_PATH,),
        "session-end": (AUTHN_STATEMENT_PATH,),
        "role-session-name": (attribute_path(ROLE_SESSION_NAME),),
        "source-identity": (attribute_path(SOURCE_IDENTITY),),
        "session-tags": (_TAG_PATH,),
        "session-duration": (attribute_path(SESSION_DURATION),),
        "name-id": (f"{ASSERTION_PATH}/Subject/NameID",),
        "trust-policy": (_ROLE_PATH,),
        "recipient": (CONFIRMATION_DATA_PATH,),
    }
)


def line_judged(check: str, laid_out: LaidOut) -> int:
    """Returns the line that a passed check concerns; 0 where there is none.

    Args:
        check: Name of the check.
        laid_out: Indented message.
    """
    lines = (laid_out.line_of(path, or_parent=False) for path in JUDGED_PLACES.get(check, ()))
    return next((line for line in lines if line), 0)
