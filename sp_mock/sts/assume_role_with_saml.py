"""STS: from a presented assertion to a role session with temporary credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulator.kernel.clock import Ids
from emulator.kernel.errors import ValidationError
from sp_mock.accounts.model import Role
from sp_mock.arn import Arn
from sp_mock.assertion.checks import examine
from sp_mock.assertion.condition_keys import name_qualifier, saml_condition_keys, subject_type
from sp_mock.assertion.login_request import Presentation
from sp_mock.assertion.received import ROLE_SESSION_NAME, SESSION_DURATION, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.principals.credentials import Credentials, RoleSession, earliest
from sp_mock.principals.session_policies import session_policies

DEFAULT_SESSION_SECONDS = 3600
_KEYS_AFTER_SIGN_IN = ("saml:namequalifier", "saml:sub", "saml:sub_type")


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
    packed_policy_size: int | None = None


def assume_role_with_saml(
    presented: Presentation,
    *,
    ids: Ids,
    console: bool = False,
    parameters: Mapping[str, Any] | None = None,
) -> AssumedRole:
    """Examines an assertion and, when nothing speaks against it, opens a role session.

    A console session lasts as long as the SessionDuration attribute says (one hour without it) and is not bound by the
    role's maximum; an API session lasts as long as asked for, and SessionDuration can only shorten it.
    SessionNotOnOrAfter ends both.

    Args:
        presented: The assertion with the role and the duration asked for.
        ids: Makes the credentials.
        console: Whether the session is for the console.
        parameters: The call's Policy and PolicyArns.

    Raises:
        AwsRefusal: the first failing check's, or the session policies'.

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
    limits = session_policies(
        parameters or {},
        account=presented.aws.account_of(str(role.arn)),
        tags=session.tags,
        service=presented.entry_point,
    )
    session = replace(session, policies=limits.policies)
    return AssumedRole(
        session=session,
        credentials=Credentials.make(ids=ids, expiration=session.expires_at),
        audience=reading.recipient or "",
        issuer=reading.issuer or "",
        subject=reading.name_id or "",
        subject_type=subject_type(reading.name_id_format),
        name_qualifier=name_qualifier(reading.issuer or "", provider_arn),
        packed_policy_size=limits.packed_size,
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
    transitive = reading.attribute(TRANSITIVE_TAG_KEYS)
    return RoleSession(
        role_arn=role.arn,
        role_id=role.role_id,
        session_name=reading.value(ROLE_SESSION_NAME) or "",
        expires_at=earliest(presented.now, seconds, reading.session_not_on_or_after),
        source_identity=reading.value(SOURCE_IDENTITY),
        tags=tuple((key, values[0]) for key, values in reading.principal_tags),
        saml_keys={
            **{key: keys[key] for key in _KEYS_AFTER_SIGN_IN},
            "aws:federatedprovider": (str(presented.provider.arn),),
        },
        transitive_tag_keys=transitive.values if transitive else (),
        issued_at=presented.now,
    )


def require_arns(role_arn: str, principal_arn: str) -> None:
    """Requires that two well-formed parameters name a role and a SAML provider.

    Raises:
        ValidationError: ``Request ARN is invalid`` or ``Principal ARN is invalid``.

    Spec: AWS STS API "AssumeRoleWithSAML", request parameters
    Evidence: observed
    """
    role, principal = Arn.parse(role_arn), Arn.parse(principal_arn)
    if role is None or not role.is_role:
        raise _invalid("Request ARN is invalid", check="role-arn", received=role_arn)
    if principal is None or not principal.is_saml_provider:
        raise _invalid("Principal ARN is invalid", check="principal-arn", received=principal_arn)


def _invalid(message: str, *, check: str, received: str) -> ValidationError:
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
