"""``sts:AssumeRole``: from one identity to a role; from a role session it is role chaining.

Spec: AWS STS API "AssumeRole"; AWS IAM UG "id_session-tags", "id_credentials_temp_control-access_monitor"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AccessDenied, InvalidParameterValue, ValidationError
from sp_mock.accounts.managed_policies import Tags
from sp_mock.accounts.model import Aws, Role
from sp_mock.arn import Arn
from sp_mock.policies.evaluation import Principal, Request, Verdict, evaluate
from sp_mock.principals.callers import Authorizer, Caller, not_authorized
from sp_mock.principals.credentials import Credentials, RoleSession, earliest
from sp_mock.principals.session_policies import session_policies

_STS = "AWS STS"
_ASSUME, _TAG, _SET_SOURCE = "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"
_DEFAULT_SECONDS = _CHAINED_SECONDS = 3600
_TAGS_SPEC = 'AWS IAM UG "id_session-tags"'


@dataclass(frozen=True, slots=True)
class ChainedRole:
    """The answer to AssumeRole."""

    session: RoleSession
    credentials: Credentials
    packed_policy_size: int | None


class RoleAssumer:
    """Answers AssumeRole."""

    def __init__(self, aws: Aws, authorizer: Authorizer, *, clock: Clock, ids: Ids) -> None:
        self._aws = aws
        self._authorizer = authorizer
        self._clock = clock
        self._ids = ids

    def assume(self, caller: Caller, parameters: Mapping[str, Any], *, region: str = "") -> ChainedRole:
        """Opens a session of the role that ``parameters`` name.

        Tags that the calling session marked as transitive go along, and so does its source identity.

        Raises:
            AwsRefusal: a parameter is wrong, a policy does not allow it, or the session would be too long.

        Spec: AWS STS API "AssumeRole"
        Evidence: documented (rules), observed (words)
        """
        role_arn = parameters["RoleArn"]
        parsed = Arn.parse(role_arn)
        if parsed is None or not parsed.is_role:
            raise _invalid(f"{role_arn} is invalid", check="role-arn", received=role_arn)
        calling = caller.role_session
        inherited = _inherited_tags(calling)
        tags, transitive = _requested_tags(parameters, inherited)
        limits = session_policies(parameters, account=self._aws.account_of(role_arn), tags=tags)
        source_identity = parameters.get("SourceIdentity") or (calling.source_identity if calling else None)
        role = self._aws.role(role_arn)
        context = {
            **self._authorizer.context(caller, region=region),
            **_asked(parameters, role, tags=tags, transitive=transitive, source_identity=source_identity),
        }
        self._require_allowed(caller, role_arn, role, context, tags=tags, source_identity=source_identity)
        if role is None:
            raise LookupError("a role that does not exist is not allowed")
        _require_same_source_identity(caller, calling, source_identity, role_arn)
        now = self._clock.now()
        session = RoleSession(
            role_arn=role.arn,
            role_id=role.role_id,
            session_name=parameters["RoleSessionName"],
            expires_at=earliest(now, _duration(parameters, role, chained=calling is not None), None),
            source_identity=source_identity,
            tags=tags,
            saml_keys=calling.saml_keys if calling else {},
            chained=calling is not None,
            policies=limits.policies,
            transitive_tag_keys=transitive,
            issued_at=now,
        )
        credentials = Credentials.make(ids=self._ids, expiration=session.expires_at)
        return ChainedRole(session, credentials, limits.packed_size)

    def _require_allowed(
        self,
        caller: Caller,
        role_arn: str,
        role: Role | None,
        context: Mapping[str, tuple[str, ...]],
        *,
        tags: Tags,
        source_identity: str | None,
    ) -> None:
        actions = [_ASSUME, *([_TAG] if tags else []), *([_SET_SOURCE] if source_identity else [])]
        for action in actions:
            verdict = self._verdict(caller, action, role_arn, role, context)
            if not verdict.allowed:
                raise not_authorized(caller, action, role_arn, service=_STS, verdict=verdict)

    def _verdict(
        self,
        caller: Caller,
        action: str,
        role_arn: str,
        role: Role | None,
        context: Mapping[str, tuple[str, ...]],
    ) -> Verdict:
        """Asks the role's trust policy and the caller's own policies.

        A trust policy that names the caller itself is enough within one account; one that names the caller's account
        leaves the choice to that account's policies, and across accounts both have to allow.

        Spec: AWS IAM UG "reference_policies_evaluation-logic-cross-account", "troubleshoot_roles"
        Evidence: documented
        """
        if role is None:
            return Verdict(False, "implicit-deny", "", f"there is no role {role_arn}; ARNs are case-sensitive")
        own = self._authorizer.decide(caller, action, role_arn, context=context)
        if own.reason == "explicit-deny":
            return own
        account = f"arn:{caller.partition}:iam::{caller.account_id}:root"
        named = [_trusts(role, name, action, context) for name in (caller.arn, caller.principal_arn)]
        delegated = [_trusts(role, name, action, context) for name in (account, caller.account_id)]
        denied = next((each for each in (*named, *delegated) if each.reason == "explicit-deny"), None)
        if denied is not None:
            return denied
        same_account = role.arn.account_id == caller.account_id
        if same_account and any(each.allowed for each in named):
            return next(each for each in named if each.allowed)
        trusted = next((each for each in (*named, *delegated) if each.allowed), None)
        if trusted is None:
            return _nearest(named[1], delegated[0])
        return own


def _trusts(role: Role, name: str, action: str, context: Mapping[str, tuple[str, ...]]) -> Verdict:
    policies = [("trust policy", role.trust)]
    multivalued = frozenset({"aws:tagkeys", "sts:transitivetagkeys"})
    return evaluate(policies, Request(action, str(role.arn), Principal("AWS", name), context, multivalued))


def _nearest(named: Verdict, delegated: Verdict) -> Verdict:
    """Of two refusals returns the one that got further than the principal."""
    reached = delegated.mismatches and not delegated.mismatches[0].element.startswith(("Principal", "Action"))
    return delegated if reached else named


def _asked(
    parameters: Mapping[str, Any],
    role: Role | None,
    *,
    tags: Tags,
    transitive: tuple[str, ...],
    source_identity: str | None,
) -> dict[str, tuple[str, ...]]:
    context: dict[str, tuple[str, ...]] = {"sts:rolesessionname": (parameters["RoleSessionName"],)}
    if parameters.get("ExternalId") is not None:
        context["sts:externalid"] = (parameters["ExternalId"],)
    if source_identity is not None:
        context["sts:sourceidentity"] = (source_identity,)
    context.update({f"aws:requesttag/{key.lower()}": (value,) for key, value in tags})
    if tags:
        context["aws:tagkeys"] = tuple(key for key, _ in tags)
    if transitive:
        context["sts:transitivetagkeys"] = transitive
    for key, value in role.tags if role else ():
        context[f"aws:resourcetag/{key.lower()}"] = (value,)
        context[f"iam:resourcetag/{key.lower()}"] = (value,)
    return context


def _inherited_tags(calling: RoleSession | None) -> Tags:
    if calling is None:
        return ()
    transitive = {key.lower() for key in calling.transitive_tag_keys}
    return tuple((key, value) for key, value in calling.tags if key.lower() in transitive)


def _requested_tags(parameters: Mapping[str, Any], inherited: Tags) -> tuple[Tags, tuple[str, ...]]:
    """Returns the session's tags and which of them are transitive.

    Spec: AWS IAM UG "id_session-tags"
    Evidence: observed
    """
    asked = tuple((tag["Key"], tag.get("Value", "")) for tag in parameters.get("Tags") or ())
    keys = [key.lower() for key, _ in asked]
    if len(set(keys)) != len(keys):
        raise _bad_tag(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
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
    """A source identity that is set stays what it is through every role.

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


def _duration(parameters: Mapping[str, Any], role: Role, *, chained: bool) -> int:
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
