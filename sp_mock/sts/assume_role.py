"""``sts:AssumeRole``: from one identity to a role; from a role session it is role chaining.

Spec: AWS STS API "AssumeRole"; AWS IAM UG "id_session-tags", "id_credentials_temp_control-access_monitor"
"""

from __future__ import annotations

from datetime import timedelta

from emulator.kernel.errors import AccessDenied, InvalidParameterValue, ValidationError
from emulator.kernel.trace_notes import Facts
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Role
from sp_mock.apis.operations import Result, SignedCall
from sp_mock.apis.service_model import Parameters
from sp_mock.apis.tags import (
    DUPLICATE_TAG_KEYS,
    has_duplicate_keys,
    request_tag_keys,
    requested_tags,
    resource_tag_keys,
)
from sp_mock.arn import Arn
from sp_mock.principals.callers import Authorizer, Caller, Context
from sp_mock.principals.credentials import Credentials, CredentialStore, RoleSession
from sp_mock.principals.session_policies import session_policies
from sp_mock.sts.endpoints import require_active_region
from sp_mock.sts.response_elements import assumed_role_user, credentials_elements
from sp_mock.sts.role_trust import require_assumable

_STS = "AWS STS"
_ASSUME, _TAG, _SET_SOURCE = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
_DEFAULT_SECONDS = _CHAINED_SECONDS = 3600
_TAGS_SPEC = 'AWS IAM UG "id_session-tags"'


def assume_role(call: SignedCall) -> Result:
    """Opens a session of the role that the call names.

    Raises:
        AwsRefusal: STS is switched off in the region, a parameter is wrong, a policy does not allow it, or the session
            would be too long.

    Spec: AWS STS API "AssumeRole"
    Evidence: documented (rules), observed (words)
    """
    require_active_region(call, call.caller.account_id)
    session, packed_policy_size = _open_session(call)
    credentials = Credentials.make(ids=call.ids, expiration=session.expires_at)
    call.services.get(CredentialStore).keep(credentials, session)
    elements = {
        "Credentials": credentials_elements(credentials),
        "AssumedRoleUser": assumed_role_user(session),
        "PackedPolicySize": packed_policy_size,
        "SourceIdentity": session.source_identity,
    }
    facts = Facts(
        caller=call.caller.arn,
        session_ends=session.expires_at,
        source_identity=session.source_identity,
        tags=dict(session.tags) or None,
    )
    return Result(elements, summary=f"AssumeRole gave {session.arn}", facts=facts)


def _open_session(call: SignedCall) -> tuple[RoleSession, int | None]:
    """Returns the session, and the percentage of its space that is used.

    Transitive tags of the calling session are passed on, and so is its source identity.

    Spec: AWS STS API "AssumeRole"; AWS IAM UG "id_session-tags"
    Evidence: documented
    """
    parameters, calling = call.parameters, call.caller.role_session
    role_arn = parameters["RoleArn"]
    parsed = Arn.parse(role_arn)
    if parsed is None or not parsed.is_role:
        raise _invalid(f"{role_arn} is invalid", check="role-arn", received=role_arn)
    tags, transitive = _session_tags(parameters, _inherited_tags(calling))
    limits = session_policies(parameters, account=call.aws.account_of(role_arn), tags=tags)
    source_identity = parameters.get("SourceIdentity") or (calling.source_identity if calling else None)
    known = call.aws.role(role_arn)
    context = {
        **call.services.get(Authorizer).context(call.caller, region=call.endpoint.region_name, client=call.client),
        **_condition_keys(parameters, known, tags=tags, transitive=transitive, source_identity=source_identity),
    }
    actions = [_ASSUME, *([_TAG] if tags else []), *([_SET_SOURCE] if source_identity else [])]
    role = require_assumable(call, known, role_arn, actions=actions, context=context)
    _require_same_source_identity(call.caller, calling, source_identity, role_arn)
    session = RoleSession(
        role_arn=role.arn,
        role_id=role.role_id,
        session_name=parameters["RoleSessionName"],
        expires_at=call.now + timedelta(seconds=_duration(parameters, role, chained=calling is not None)),
        source_identity=source_identity,
        tags=tags,
        saml_keys=calling.saml_keys if calling else {},
        chained=calling is not None,
        policies=limits.policies,
        transitive_tag_keys=transitive,
        issued_at=call.now,
    )
    return session, limits.packed_size


def _condition_keys(
    parameters: Parameters,
    role: Role | None,
    *,
    tags: Tags,
    transitive: tuple[str, ...],
    source_identity: str | None,
) -> Context:
    """Returns the condition keys that STS adds to a call of AssumeRole.

    Spec: AWS IAM UG "reference_policies_iam-condition-keys"
    Evidence: documented
    """
    context: dict[str, tuple[str, ...]] = {"sts:rolesessionname": (parameters["RoleSessionName"],)}
    if parameters.get("ExternalId") is not None:
        context["sts:externalid"] = (parameters["ExternalId"],)
    if source_identity is not None:
        context["sts:sourceidentity"] = (source_identity,)
    if transitive:
        context["sts:transitivetagkeys"] = transitive
    return {**context, **request_tag_keys(tags), **resource_tag_keys(role.tags if role else ())}


def _inherited_tags(calling: RoleSession | None) -> Tags:
    if calling is None:
        return ()
    transitive = {key.lower() for key in calling.transitive_tag_keys}
    return tuple((key, value) for key, value in calling.tags if key.lower() in transitive)


def _session_tags(parameters: Parameters, inherited: Tags) -> tuple[Tags, tuple[str, ...]]:
    """Returns the session's tags and which of them are transitive.

    Spec: AWS IAM UG "id_session-tags"
    Evidence: observed
    """
    asked = requested_tags(parameters)
    keys = [key.lower() for key, _ in asked]
    if has_duplicate_keys(asked):
        raise _bad_tag(
            DUPLICATE_TAG_KEYS,
            explanation="Two tags have the same key when case is ignored.",
            received=", ".join(key for key, _ in asked),
        )
    taken = {key.lower() for key, _ in inherited}
    conflict = next((key for key in keys if key in taken), None)
    if conflict is not None:
        raise _bad_tag(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from "
            "the calling session.",
            explanation=f"The calling session passes {conflict} on, and a transitive tag cannot be overridden.",
            received=conflict,
        )
    transitive = tuple(parameters.get("TransitiveTagKeys") or ())
    stray = next((key for key in transitive if key.lower() not in keys), None)
    if stray is not None:
        raise _bad_tag(
            "The specified transitive tag key must be included in the requested tags.",
            explanation=f"TransitiveTagKeys names {stray}, but Tags does not.",
            received=stray,
        )
    return (*inherited, *asked), (*(key for key, _ in inherited), *transitive)


def _bad_tag(message: str, *, explanation: str, received: str) -> InvalidParameterValue:
    return InvalidParameterValue(
        message,
        service=_STS,
        check="session-tags",
        evidence="observed",
        explanation=explanation,
        where="parameters Tags and TransitiveTagKeys",
        received=received,
        fix="Correct the tags of the call.",
        spec=_TAGS_SPEC,
    )


def _require_same_source_identity(
    caller: Caller, calling: RoleSession | None, source_identity: str | None, role_arn: str
) -> None:
    """Requires that a source identity, once set, stays the same through every role.

    Spec: AWS IAM UG "id_credentials_temp_control-access_monitor"
    Evidence: documented (the rule), assumed (the words)
    """
    if calling is not None and calling.source_identity not in {None, source_identity}:
        raise AccessDenied(
            f"User: {caller.arn} is not authorized to perform: {_SET_SOURCE} on resource: {role_arn}",
            service=_STS,
            check="source-identity",
            evidence="assumed",
            explanation="The calling session has another source identity, which cannot be changed.",
            where="parameter SourceIdentity",
            expected=calling.source_identity or "",
            received=source_identity or "",
            fix="Leave SourceIdentity out: it goes along by itself.",
            spec='AWS IAM UG "id_credentials_temp_control-access_monitor"',
        )


def _duration(parameters: Parameters, role: Role, *, chained: bool) -> int:
    seconds = int(parameters.get("DurationSeconds") or _DEFAULT_SECONDS)
    if chained and seconds > _CHAINED_SECONDS:
        raise _invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
            check="duration",
            received=str(seconds),
            expected=f"at most {_CHAINED_SECONDS}",
        )
    if seconds > role.max_session_duration_seconds:
        raise _invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            check="duration",
            received=str(seconds),
            expected=f"at most {role.max_session_duration_seconds}",
        )
    return seconds


def _invalid(message: str, *, check: str, received: str, expected: str = "the ARN of a role") -> ValidationError:
    return ValidationError(
        message,
        service=_STS,
        check=check,
        evidence="observed",
        explanation="The call asks for something that AssumeRole does not give.",
        where="parameter DurationSeconds" if check == "duration" else "parameter RoleArn",
        expected=expected,
        received=received,
        fix="Ask for a shorter session." if check == "duration" else "Name the role by its ARN.",
        spec='AWS STS API "AssumeRole"',
    )
