"""What STS reads of a verified assertion when it opens a session: its name, source identity and length, and for whom.

At sign-in they are asked once a role is chosen: a person with several roles sees the role chooser first.
"""

from __future__ import annotations

import re

from emulator.kernel.errors import AccessDenied, InvalidIdentityToken, ValidationError
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import ROLE_SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY, attribute_path

_NAME = re.compile(r"[a-zA-Z_0-9+=,.@-]{2,64}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_MIN_SESSION_SECONDS, _MAX_SESSION_SECONDS = 900, 43200
_TROUBLESHOOT = 'AWS IAM UG "troubleshoot_saml"'
_ASSERTIONS = 'AWS IAM UG "id_roles_providers_create_saml_assertions"'


def role_session_name(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """RoleSessionName is present, 2 to 64 characters of letters, digits and _+=,.@- without spaces.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented
    """
    value = assertion.values.value(ROLE_SESSION_NAME)
    if value is None:
        raise InvalidIdentityToken(
            "RoleSessionName is required in AuthnResponse",
            service=request.entry_point,
            check="role-session-name",
            explanation="The assertion has no RoleSessionName attribute with a value.",
            where=attribute_path(ROLE_SESSION_NAME),
            expected=f"an attribute {ROLE_SESSION_NAME}",
            received="none",
            fix="Map the application user name to RoleSessionName.",
            spec=_TROUBLESHOOT,
        )
    if not _NAME.fullmatch(value):
        raise InvalidIdentityToken(
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
            service=request.entry_point,
            check="role-session-name",
            explanation=_name_mistake(value),
            where=attribute_path(ROLE_SESSION_NAME),
            expected="[a-zA-Z_0-9+=,.@-]{2,64}",
            received=value,
            fix="Choose an application user name format without such characters, the e-mail address for example.",
            spec=_TROUBLESHOOT,
        )


def _name_mistake(value: str) -> str:
    if not 2 <= len(value) <= 64:
        return f"The value has {len(value)} characters; 2 to 64 are allowed."
    stray = next(character for character in value if not re.fullmatch(r"[a-zA-Z_0-9+=,.@-]", character, re.ASCII))
    return f"The value contains {stray!r}, which is not allowed."


def source_identity(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """SourceIdentity, when given, is 2 to 64 allowed characters and does not begin with aws:.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    value = assertion.values.value(SOURCE_IDENTITY)
    if value is not None and (not _NAME.fullmatch(value) or value.startswith("aws:")):
        raise InvalidIdentityToken(
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
            service=request.entry_point,
            check="source-identity",
            explanation="The prefix aws: is reserved." if value.startswith("aws:") else _name_mistake(value),
            where=attribute_path(SOURCE_IDENTITY),
            expected='[a-zA-Z_0-9+=,.@-]{2,64}, not beginning with "aws:"',
            received=value,
            fix="Send another SourceIdentity, or none.",
            spec=_TROUBLESHOOT,
        )


def session_duration(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """SessionDuration, when given, is a whole number of seconds from 900 to 43,200.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (the range), assumed (the words)
    """
    value = assertion.values.value(SESSION_DURATION)
    if value is None:
        return
    number = int(value) if _SECONDS.fullmatch(value) else None
    if number is None or not _MIN_SESSION_SECONDS <= number <= _MAX_SESSION_SECONDS:
        raise ValidationError(
            f"SessionDuration must be between {_MIN_SESSION_SECONDS} and {_MAX_SESSION_SECONDS} seconds",
            service=request.entry_point,
            check="session-duration",
            evidence="assumed",
            explanation="The SessionDuration attribute is not a number of seconds in the allowed range.",
            where=attribute_path(SESSION_DURATION),
            expected=f"{_MIN_SESSION_SECONDS} to {_MAX_SESSION_SECONDS}",
            received=value,
            fix="Set the Okta app's session duration to a value in that range.",
            spec=_ASSERTIONS,
        )


def name_id(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The Subject has a NameID.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    if not (assertion.values.name_id or "").strip():
        raise AccessDenied(
            "Not authorized to perform sts:AssumeRoleWithSAML",
            service=request.entry_point,
            check="name-id",
            explanation="The assertion has no NameID, so there is no one to authorise.",
            where="/Response/Assertion/Subject/NameID",
            expected="a NameID with text",
            received="none",
            fix="Map the application user name to the NameID.",
            spec=_TROUBLESHOOT,
        )
