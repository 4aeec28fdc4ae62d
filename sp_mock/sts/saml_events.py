"""AssumeRoleWithSAML as CloudTrail records it, whether it was called or the sign-in page called it.

Spec: AWS IAM UG "cloudtrail-integration"; AWS CloudTrail UG "cloudtrail-event-reference-user-identity"
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidSamlResponse
from sp_mock.apis.query_protocol import discovery_message
from sp_mock.assertion.checks import check_message
from sp_mock.assertion.condition_keys import name_qualifier
from sp_mock.assertion.login_request import LoginRequest, RolePair
from sp_mock.assertion.received import ReceivedMessage
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import ROLE_SESSION_NAME, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS
from sp_mock.cloudtrail.events import HIDDEN, STS_SOURCE, EventResource, RequestOrigin, TrailEvent
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail.times import worded_time
from sp_mock.cloudtrail.user_identity import UserIdentity, saml_user
from sp_mock.sts.assume_role_with_saml import AssumedRole

_NAME = "AssumeRoleWithSAML"


def record_assumed_role(
    history: EventHistory,
    assumed: AssumedRole,
    *,
    assertion: VerifiedAssertion,
    pair: RolePair,
    duration_seconds: int | None,
    region: str,
    origin: RequestOrigin,
) -> None:
    """Records that an assertion gave a role session.

    Args:
        history: Where it is kept.
        assumed: What STS answered.
        assertion: The assertion.
        pair: The role and the SAML provider.
        duration_seconds: The parameter DurationSeconds; None when it was not given.
        region: Of the endpoint.
        origin: Where the request came from.

    Spec: AWS IAM UG "cloudtrail-integration", SAML example
    Evidence: documented (the fields), observed 2026 (readOnly, resources), assumed (the hidden session token)
    """
    credentials, session = assumed.credentials, assumed.session
    elements: dict[str, Any] = {
        "credentials": {
            "accessKeyId": credentials.access_key_id,
            "sessionToken": HIDDEN,
            "expiration": worded_time(credentials.expiration),
        },
        "assumedRoleUser": {"assumedRoleId": session.user_id, "arn": session.arn},
        "subject": assumed.subject,
        "subjectType": assumed.subject_type,
        "issuer": assumed.issuer,
        "audience": assumed.audience,
        "nameQualifier": assumed.name_qualifier,
    }
    if assumed.packed_policy_size is not None:
        elements["packedPolicySize"] = assumed.packed_policy_size
    if session.source_identity is not None:
        elements["sourceIdentity"] = session.source_identity
    history.add(
        _event(
            history,
            pair,
            identity=saml_user(name_qualifier=assumed.name_qualifier, subject=assumed.subject),
            parameters=_parameters(assertion, pair, duration_seconds),
            elements=elements,
            region=region,
            origin=origin,
        )
    )


def record_refused_role(
    history: EventHistory,
    refusal: AwsRefusal,
    *,
    message: ReceivedMessage | None,
    request: LoginRequest,
    region: str,
    origin: RequestOrigin,
) -> None:
    """Records that STS gave no role session.

    The account of the role learns of it. Where there is no such account, or the sign-in page refused by itself because
    the form names no role, nobody does. What an assertion says is recorded once its signature was found to be right.

    Args:
        history: Where it is kept.
        refusal: Why.
        message: What was received; None when it was not looked at.
        request: What was asked.
        region: Of the endpoint.
        origin: Where the request came from.

    Spec: AWS IAM UG "cloudtrail-integration" (unauthenticated calls of AssumeRoleWithSAML are recorded too)
    Evidence: documented (that STS's calls are recorded, errorCode and errorMessage), assumed (the account, and which
        fields a failed call has)
    """
    pair = request.pair
    if pair is None or pair.account_id not in request.accounts or isinstance(refusal, InvalidSamlResponse):
        return
    assertion = _verified(message, request)
    text = refusal.message
    if isinstance(refusal, DiscoveryRefusal):
        text = discovery_message(refusal, request_id=origin.request_id)
    history.add(
        _event(
            history,
            pair,
            identity=_identity(assertion, request),
            parameters=_parameters(assertion, pair, request.duration_seconds),
            region=region,
            origin=origin,
            error_code=refusal.code,
            error_message=text,
        )
    )


def _event(
    history: EventHistory,
    pair: RolePair,
    *,
    identity: UserIdentity,
    parameters: Mapping[str, Any],
    region: str,
    origin: RequestOrigin,
    elements: Mapping[str, Any] | None = None,
    error_code: str = "",
    error_message: str = "",
) -> TrailEvent:
    resources = (
        EventResource("AWS::IAM::Role", pair.role_arn),
        EventResource("AWS::IAM::SAMLProvider", pair.provider_arn),
    )
    return TrailEvent(
        event_id=history.ids.uuid(),
        time=history.clock.now(),
        source=STS_SOURCE,
        name=_NAME,
        region=region,
        account_id=pair.account_id,
        identity=identity,
        origin=origin,
        read_only=True,
        request_parameters=parameters,
        response_elements=elements,
        error_code=error_code,
        error_message=error_message,
        resources=resources,
    )


def _parameters(assertion: VerifiedAssertion | None, pair: RolePair, duration_seconds: int | None) -> Mapping[str, Any]:
    parameters: dict[str, Any] = {}
    if assertion is not None:
        values = assertion.values
        transitive = values.attribute(TRANSITIVE_TAG_KEYS)
        parameters = {
            "sAMLAssertionID": values.assertion_id,
            "roleSessionName": values.value(ROLE_SESSION_NAME),
            "sourceIdentity": values.value(SOURCE_IDENTITY),
            "principalTags": {key: tag_values[0] for key, tag_values in values.principal_tags if tag_values},
            "transitiveTagKeys": list(transitive.values) if transitive else None,
        }
    parameters |= {
        "durationSeconds": duration_seconds,
        "roleArn": pair.role_arn,
        "principalArn": pair.provider_arn,
    }
    return {name: value for name, value in parameters.items() if value}


def _identity(assertion: VerifiedAssertion | None, request: LoginRequest) -> UserIdentity:
    if assertion is None or request.provider is None:
        return saml_user(name_qualifier="", subject="")
    values = assertion.values
    return saml_user(
        name_qualifier=name_qualifier(values.issuer or "", request.provider.arn), subject=values.name_id or ""
    )


def _verified(message: ReceivedMessage | None, request: LoginRequest) -> VerifiedAssertion | None:
    """Returns the assertion when its signature is right, whatever was refused after it."""
    if message is None:
        return None
    try:
        return check_message(message, request)
    except AwsRefusal:
        return None
