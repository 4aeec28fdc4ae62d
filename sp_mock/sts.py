"""STS: from a presented assertion to a role session with temporary credentials."""

from __future__ import annotations

import re
from dataclasses import dataclass

from emulator.clock import Ids
from emulator.errors import ValidationError
from sp_mock.arn import Arn
from sp_mock.checks import examine
from sp_mock.condition_keys import name_qualifier, saml_condition_keys, subject_type
from sp_mock.credentials import Credentials, RoleSession, earliest
from sp_mock.model import Role
from sp_mock.presentation import Presentation
from sp_mock.response import MAX_SAML_RESPONSE_CHARACTERS, ROLE_SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY
from sp_mock.signature import VerifiedAssertion

DEFAULT_SESSION_SECONDS = 3600
_KEYS_AFTER_SIGN_IN = ("saml:namequalifier", "saml:sub", "saml:sub_type")
_ARN_PATTERN = r"[\u0009\u000A\u000D\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD\u10000-\u10FFFF]+"
_ARN_CHARACTERS = re.compile("[\u0009\u000a\u000d\u0020-\u007e\u0085\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """The answer to AssumeRoleWithSAML.

    Spec: AWS STS API "AssumeRoleWithSAML", response elements
    """

    session: RoleSession
    credentials: Credentials
    audience: str
    issuer: str
    subject: str
    subject_type: str
    name_qualifier: str


def assume_role_with_saml(presented: Presentation, *, ids: Ids, console: bool = False) -> AssumedRole:
    """Examines an assertion and, when nothing speaks against it, opens a role session.

    A console session lasts as long as the SessionDuration attribute says (one hour without it) and is not bound by the
    role's maximum; an API session lasts as long as asked for, and SessionDuration can only shorten it.
    SessionNotOnOrAfter ends both.

    Args:
        presented: The assertion with the role and the duration asked for.
        ids: Makes the credentials.
        console: Whether the session is for the console.

    Raises:
        AwsRefusal: the first failing check's.

    Spec: AWS STS API "AssumeRoleWithSAML"; AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented
    """
    examine(presented)
    role = presented.role
    if role is None:
        raise LookupError("the trust-policy check lets no unknown role pass")
    verified, provider_arn = presented.verified, presented.provider.arn
    reading = verified.reading
    session = _open_session(presented, verified, role, console=console)
    return AssumedRole(
        session=session,
        credentials=Credentials.make(ids=ids, expiration=session.expires_at),
        audience=reading.recipient or "",
        issuer=reading.issuer or "",
        subject=reading.name_id or "",
        subject_type=subject_type(reading.name_id_format),
        name_qualifier=name_qualifier(reading.issuer or "", provider_arn),
    )


def _open_session(presented: Presentation, verified: VerifiedAssertion, role: Role, *, console: bool) -> RoleSession:
    reading = verified.reading
    attribute_seconds = int(reading.value(SESSION_DURATION) or 0)
    if console:
        seconds = attribute_seconds or DEFAULT_SESSION_SECONDS
    else:
        seconds = presented.duration_seconds or DEFAULT_SESSION_SECONDS
        seconds = min(seconds, attribute_seconds or seconds)
    keys = saml_condition_keys(reading, presented.provider.arn)
    return RoleSession(
        role_arn=role.arn,
        role_id=role.role_id,
        session_name=reading.value(ROLE_SESSION_NAME) or "",
        expires_at=earliest(presented.now, seconds, reading.session_not_on_or_after),
        source_identity=reading.value(SOURCE_IDENTITY),
        tags=tuple((key, values[0]) for key, values in reading.principal_tags),
        saml_keys={key: keys[key] for key in _KEYS_AFTER_SIGN_IN},
    )


@dataclass(frozen=True, slots=True)
class AssumeRoleWithSamlParameters:
    """The call's parameters, once they are well-formed."""

    role_arn: str
    principal_arn: str
    saml_assertion: str
    duration_seconds: int | None

    @classmethod
    def read(
        cls,
        *,
        role_arn: str | None,
        principal_arn: str | None,
        saml_assertion: str | None,
        duration_seconds: str | None,
    ) -> AssumeRoleWithSamlParameters:
        """Checks the parameters as AWS's front does, all at once, before anything is looked up.

        Raises:
            ValidationError: ``N validation errors detected: …``, ``Request ARN is invalid`` or
                ``Principal ARN is invalid``.

        Spec: AWS STS API "AssumeRoleWithSAML", request parameters
        Evidence: observed (empty ARNs and wrong kinds of ARN), assumed (the other constraints' words)
        """
        constraints = [
            *_arn_constraints("roleArn", role_arn),
            *_arn_constraints("principalArn", principal_arn),
            *_length_constraints("sAMLAssertion", saml_assertion, 4, MAX_SAML_RESPONSE_CHARACTERS),
            *_duration_constraints(duration_seconds),
        ]
        if constraints:
            count = f"{len(constraints)} validation error{'s' if len(constraints) > 1 else ''} detected: "
            raise _invalid(count + "; ".join(constraints), check="parameters")
        if role_arn is None or principal_arn is None or saml_assertion is None:
            raise LookupError("a missing parameter is a violated constraint")
        parsed_role, parsed_principal = Arn.parse(role_arn), Arn.parse(principal_arn)
        if parsed_role is None or not parsed_role.is_role:
            raise _invalid("Request ARN is invalid", check="role-arn", received=role_arn)
        if parsed_principal is None or not parsed_principal.is_saml_provider:
            raise _invalid("Principal ARN is invalid", check="principal-arn", received=principal_arn)
        return cls(role_arn, principal_arn, saml_assertion, int(duration_seconds) if duration_seconds else None)


def _arn_constraints(name: str, value: str | None) -> list[str]:
    if value is None:
        return [f"Value null at '{name}' failed to satisfy constraint: Member must not be null"]
    problems = []
    if not _ARN_CHARACTERS.fullmatch(value):
        problems.append(_constraint(name, value, f"satisfy regular expression pattern: {_ARN_PATTERN}"))
    return problems + _length_constraints(name, value, 20, 2048)


def _length_constraints(name: str, value: str | None, low: int, high: int) -> list[str]:
    if value is None:
        return [f"Value null at '{name}' failed to satisfy constraint: Member must not be null"]
    if len(value) < low:
        return [_constraint(name, value, f"have length greater than or equal to {low}")]
    if len(value) > high:
        return [_constraint(name, value[:64], f"have length less than or equal to {high}")]
    return []


def _duration_constraints(value: str | None) -> list[str]:
    if value is None:
        return []
    if not re.fullmatch(r"-?[0-9]{1,9}", value, re.ASCII):
        return [_constraint("durationSeconds", value[:64], "be a whole number")]
    if int(value) < 900:
        return [_constraint("durationSeconds", value, "have value greater than or equal to 900")]
    if int(value) > 43200:
        return [_constraint("durationSeconds", value, "have value less than or equal to 43200")]
    return []


def _constraint(name: str, value: str, rule: str) -> str:
    return f"Value '{value}' at '{name}' failed to satisfy constraint: Member must {rule}"


def _invalid(message: str, *, check: str, received: str = "") -> ValidationError:
    return ValidationError(
        message,
        service="AWS STS",
        check=check,
        evidence="observed",
        explanation="The call's parameters are not well-formed; nothing was looked up.",
        where="the call's parameters",
        received=received,
        fix="RoleArn is the role's ARN, PrincipalArn the SAML provider's, SAMLAssertion the base64 Response.",
        spec="AWS STS API AssumeRoleWithSAML",
    )
