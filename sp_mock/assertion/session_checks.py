"""What STS reads from a verified assertion when it opens a session: its name, source identity, length and subject.

At sign-in these checks run once a role is chosen: a person with several roles sees the role chooser first.
"""

from __future__ import annotations

import re

from emulator.kernel.differences import visible
from emulator.kernel.errors import AccessDenied, InvalidIdentityToken, ValidationError
from emulator.kernel.explanations import Sent
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.mistakes.attribute_names import name_mistake, names_received
from sp_mock.assertion.mistakes.mistake import Mistake
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    AssertionValues,
    attribute_path,
)
from sp_mock.assertion.wording import refused

_CHARACTER = re.compile(r"[a-zA-Z_0-9+=,.@-]", re.ASCII)
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
        raise refused(
            InvalidIdentityToken,
            "RoleSessionName is required in AuthnResponse",
            _no_session_name(assertion.values),
            request,
            check="role-session-name",
            spec=_TROUBLESHOOT,
        )
    if not _NAME.fullmatch(value):
        where = attribute_path(ROLE_SESSION_NAME)
        mistake = Mistake(
            f"The RoleSessionName cannot be used: {_name_mistake(value)}",
            where=where,
            expected="[a-zA-Z_0-9+=,.@-]{2,64}",
            received=value or "an empty value",
            fix=_better_name(value),
            causes=(Sent(where, wanted=_trimmed(value)),),
        )
        raise refused(
            InvalidIdentityToken,
            "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
            mistake,
            request,
            check="role-session-name",
            spec=_TROUBLESHOOT,
        )


def _no_session_name(values: AssertionValues) -> Mistake:
    where = attribute_path(ROLE_SESSION_NAME)
    if values.attribute(ROLE_SESSION_NAME) is not None:
        return Mistake(
            "The RoleSessionName attribute has no value.",
            where=where,
            expected="a value",
            received="an attribute without AttributeValue",
            fix="Give RoleSessionName a value that everybody has, such as the application user name.",
            causes=(Sent(where),),
        )
    return name_mistake(values, ROLE_SESSION_NAME) or Mistake(
        "The assertion has no RoleSessionName attribute.",
        where=where,
        expected=f"an attribute {ROLE_SESSION_NAME}",
        received=names_received(values),
        fix="Map the application user name to RoleSessionName.",
        causes=(Sent(where),),
    )


def _name_mistake(value: str) -> str:
    """Explains why a value is not a session name: its length, or the first character that is not allowed, and where."""
    if not value:
        return "it is empty."
    if not 2 <= len(value) <= 64:
        return f"it has {len(value)} character{'' if len(value) == 1 else 's'}; 2 to 64 are allowed."
    position, stray = next((n, c) for n, c in enumerate(value) if not _CHARACTER.fullmatch(c))
    shown = "␠ (a blank)" if stray == " " else visible(stray)
    return f"character {position + 1} of {_shown(value)!r} is {shown}, which is not allowed."


def _shown(value: str) -> str:
    return "".join(c if c.isprintable() and not c.isspace() else visible(c) for c in value)


def _trimmed(value: str) -> tuple[str, ...]:
    """Returns a value without surrounding blanks, where removing them makes it a valid name."""
    return (value.strip(),) if _NAME.fullmatch(value.strip()) else ()


def _better_name(value: str) -> str:
    """Suggests which user name to choose instead."""
    if _trimmed(value):
        return "Take the blank away: from the value in the user's profile, or from the expression around it."
    if len(value) > 64:
        return "Choose a shorter application user name format, such as the e-mail address or its part before the @."
    if len(value) < 2:
        return "Choose an application user name format that gives everybody a name of two characters or more."
    return "Choose an application user name format without such characters, the e-mail address for example."


def source_identity(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """SourceIdentity, when given, is 2 to 64 allowed characters and does not begin with aws:.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    value = assertion.values.value(SOURCE_IDENTITY)
    if value is not None and (not _NAME.fullmatch(value) or value.startswith("aws:")):
        where = attribute_path(SOURCE_IDENTITY)
        reserved = value.startswith("aws:")
        told = "it begins with aws:, which is reserved." if reserved else _name_mistake(value)
        mistake = Mistake(
            f"The SourceIdentity cannot be used: {told}",
            where=where,
            expected='[a-zA-Z_0-9+=,.@-]{2,64}, not beginning with "aws:"',
            received=value or "an empty value",
            fix="Send another SourceIdentity, such as the person's login, or none.",
            causes=(Sent(where, wanted=(value.removeprefix("aws:"),) if reserved else _trimmed(value)),),
        )
        raise refused(
            InvalidIdentityToken,
            'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
            mistake,
            request,
            check="source-identity",
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
        raise refused(
            ValidationError,
            f"SessionDuration must be between {_MIN_SESSION_SECONDS} and {_MAX_SESSION_SECONDS} seconds",
            _duration_mistake(value, number),
            request,
            check="session-duration",
            evidence="assumed",
            spec=_ASSERTIONS,
        )


def _duration_mistake(value: str, number: int | None) -> Mistake:
    where = attribute_path(SESSION_DURATION)
    digits = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:s|sec|seconds)?\s*", value, re.ASCII)
    if number is None:
        right = min(max(int(digits[1]), _MIN_SESSION_SECONDS), _MAX_SESSION_SECONDS) if digits else None
        told = (
            f"The SessionDuration {visible(value)} is not a whole number of seconds"
            if value
            else "The SessionDuration is empty"
        )
    else:
        right = _MIN_SESSION_SECONDS if number < _MIN_SESSION_SECONDS else _MAX_SESSION_SECONDS
        told = f"The SessionDuration of {number} seconds is {'less' if number < right else 'more'} than AWS allows"
    return Mistake(
        f"{told}.",
        where=where,
        expected=f"{_MIN_SESSION_SECONDS} to {_MAX_SESSION_SECONDS}, in seconds",
        received=value or "an empty value",
        fix=f"Set the app's session duration to {right}, or to another number of seconds in that range."
        if right is not None
        else "Set the app's session duration to a number of seconds in that range, written in digits.",
        causes=(Sent(where, wanted=(str(right),) if right is not None else ()),),
    )


def name_id(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """The Subject has a NameID.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: documented
    """
    name_id = assertion.values.name_id
    if not (name_id or "").strip():
        where = "/Response/Assertion/Subject/NameID"
        mistake = Mistake(
            "The assertion has no NameID, so there is no one to authorise."
            if name_id is None
            else "The NameID is empty, so there is no one to authorise.",
            where=where,
            expected="a NameID with text",
            received="none" if name_id is None else repr(name_id),
            fix="Map the application user name to the NameID."
            if name_id is None
            else "Map a value that every user has to the NameID; this user has none in the one that is mapped.",
            causes=(Sent(where),),
        )
        raise refused(
            AccessDenied,
            "Not authorized to perform sts:AssumeRoleWithSAML",
            mistake,
            request,
            check="name-id",
            spec=_TROUBLESHOOT,
        )
