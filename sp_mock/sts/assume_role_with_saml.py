"""STS: from a verified assertion to a role session with temporary credentials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.kernel.clock import Ids
from emulator.kernel.explanations import DURATION, Asked, Cause, Sent
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Role
from sp_mock.arn import Arn
from sp_mock.assertion.checks import AskOfRole, check_assertion, check_role
from sp_mock.assertion.condition_keys import name_qualifier, subject_keys, subject_type
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.role_checks import trust_policy
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import (
    ASSERTION_PATH,
    ROLE_SESSION_NAME,
    SESSION_DURATION,
    SOURCE_IDENTITY,
    TRANSITIVE_TAG_KEYS,
    attribute_path,
)
from sp_mock.principals.credentials import Credentials, RoleSession, earliest
from sp_mock.principals.session_policies import session_policies

DEFAULT_SESSION_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class AssumedRole:
    """The answer to AssumeRoleWithSAML. ``shortened`` says why the session is shorter than asked for, with causes.

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
    shortened: str = ""
    shortened_by: tuple[Cause, ...] = ()


def assume_role_with_saml(
    assertion: VerifiedAssertion,
    request: LoginRequest,
    *,
    ids: Ids,
    console: bool = False,
    parameters: Mapping[str, Any] | None = None,
) -> AssumedRole:
    """Runs the checks of a verified assertion, and opens a role session when all of them pass.

    A console session lasts as long as the SessionDuration attribute says (one hour without it) and is not bound by the
    role's maximum; an API session lasts as long as asked for, and SessionDuration can only shorten it.
    SessionNotOnOrAfter ends both.

    Args:
        assertion: Verified against the certificates of the request's provider.
        request: Role and duration that were asked for.
        console: Whether the session is for the console.
        parameters: Policy and PolicyArns of the call.

    Raises:
        AwsRefusal: the first failing check's, or the session policies'.

    Spec: AWS STS API "AssumeRoleWithSAML"; AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented
    """
    session = role_session(assertion, request, console=console)
    role, provider = request.role, request.provider
    if role is None or provider is None or not assertion.is_signed_for(provider.metadata.certificates):
        raise LookupError("the checks let no role, provider or signature pass that AWS does not know")
    limits = session_policies(
        parameters or {},
        account=request.accounts.get(role.arn.account_id),
        tags=session.tags,
        service=request.entry_point,
    )
    if limits.policies is not None:
        session = replace(session, policies=limits.policies)
    values = assertion.values
    shortened, shortened_by = _shortened(assertion, request, session, console=console)
    return AssumedRole(
        session=session,
        credentials=Credentials.make(ids=ids, expiration=session.expires_at),
        audience=values.recipient or "",
        issuer=values.issuer or "",
        subject=values.name_id or "",
        subject_type=subject_type(values.name_id_format),
        name_qualifier=name_qualifier(values.issuer or "", provider.arn),
        packed_policy_size=limits.packed_size,
        shortened=shortened,
        shortened_by=shortened_by,
    )


def role_session(
    assertion: VerifiedAssertion, request: LoginRequest, *, console: bool, trust: AskOfRole = trust_policy
) -> RoleSession:
    """Runs the checks of an assertion and returns the session that it leads to, without credentials.

    Args:
        request: Role and duration that were asked for.
        console: Whether the session is for the console.
        trust: Evaluates the role's trust policy.

    Raises:
        AwsRefusal: the first failing check's.
    """
    check_assertion(assertion, request)
    check_role(assertion, request, trust=trust)
    role, provider = request.role, request.provider
    if role is None or provider is None:
        raise LookupError("the checks let no role or provider pass that AWS does not know")
    return _open_session(assertion, request, role, provider.arn, console=console)


def _shortened(
    assertion: VerifiedAssertion, request: LoginRequest, session: RoleSession, *, console: bool
) -> tuple[str, tuple[Cause, ...]]:
    """Returns why a session is shorter than asked for, with what ends it early; nothing where it is not shorter.

    At sign-in the length is asked for by the assertion's SessionDuration, at STS by the call.
    """
    values = assertion.values
    asked = int(values.value(SESSION_DURATION) or 0) if console else request.duration_seconds
    given = round((session.expires_at - request.now).total_seconds())
    if not asked or given >= asked:
        return "", ()
    by_end = values.session_not_on_or_after is not None and session.expires_at == values.session_not_on_or_after
    name, place = (
        ("SessionNotOnOrAfter", f"{ASSERTION_PATH}/AuthnStatement/@SessionNotOnOrAfter")
        if by_end
        else ("SessionDuration", attribute_path(SESSION_DURATION))
    )
    why = f"the session lasts {given} seconds, not the {asked} that were asked for: {name} ends it earlier"
    return why, (Sent(place), *(() if console else (Asked(DURATION),)))


def _open_session(
    assertion: VerifiedAssertion, request: LoginRequest, role: Role, provider_arn: Arn, *, console: bool
) -> RoleSession:
    values = assertion.values
    attribute_seconds = int(values.value(SESSION_DURATION) or 0)
    if console:
        seconds = attribute_seconds or DEFAULT_SESSION_SECONDS
    else:
        seconds = request.duration_seconds or DEFAULT_SESSION_SECONDS
        seconds = min(seconds, attribute_seconds or seconds)
    transitive = values.attribute(TRANSITIVE_TAG_KEYS)
    return RoleSession(
        role_arn=role.arn,
        role_id=role.role_id,
        session_name=values.value(ROLE_SESSION_NAME) or "",
        expires_at=earliest(request.now, seconds, values.session_not_on_or_after),
        source_identity=values.value(SOURCE_IDENTITY),
        tags=tuple((key, tag_values[0]) for key, tag_values in values.principal_tags),
        saml_keys={
            **subject_keys(assertion, provider_arn),
            "aws:federatedprovider": (str(provider_arn),),
        },
        transitive_tag_keys=transitive.values if transitive else (),
        issued_at=request.now,
    )
