"""AssumeRoleWithSAML as CloudTrail records it, whether a client or the sign-in page called it.

Spec: AWS IAM UG "cloudtrail-integration"; AWS CloudTrail UG "cloudtrail-event-reference-user-identity"
"""

from __future__ import annotations

from functools import partial

from emulator.kernel.client_connection import ClientConnection
from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidSamlResponse
from sp_mock.apis.query_protocol import discovery_message
from sp_mock.assertion.checks import check_message
from sp_mock.assertion.condition_keys import name_qualifier
from sp_mock.assertion.login_request import LoginRequest, RolePair
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import ROLE_SESSION_NAME, SOURCE_IDENTITY, TRANSITIVE_TAG_KEYS
from sp_mock.cloudtrail.details import JsonObject, RequestDetails, SamlRoleDetails, role_and_provider, saml_parameters
from sp_mock.cloudtrail.events import STS_SOURCE, RequestOrigin, TrailEvent
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail.user_identity import UserIdentity, saml_user
from sp_mock.sts.assume_role_with_saml import AssumedRole

_NAME = "AssumeRoleWithSAML"


def record_assumed_role(
    history: EventHistory,
    assumed: AssumedRole,
    *,
    assertion: VerifiedAssertion,
    duration_seconds: int | None,
    region: str,
    client: ClientConnection,
) -> None:
    """Records that an assertion gave a role session.

    Args:
        history: The event history to add to.
        assumed: The answer of STS.
        duration_seconds: The parameter DurationSeconds; None when it was not given.
        region: Region of the endpoint.
        client: How the request reached AWS.

    Spec: AWS IAM UG "cloudtrail-integration", SAML example
    Evidence: documented (the fields), observed 2026 (readOnly, resources), assumed (the hidden session token)
    """
    details = SamlRoleDetails(
        session=assumed.session,
        assertion_id=assertion.values.assertion_id,
        access_key_id=assumed.credentials.access_key_id,
        duration_seconds=duration_seconds,
        issuer=assumed.issuer,
        audience=assumed.audience,
        packed_policy_size=assumed.packed_policy_size,
    )
    history.add(
        TrailEvent(
            event_id=history.ids.uuid(),
            time=history.clock.now(),
            source=STS_SOURCE,
            name=_NAME,
            region=region,
            account_id=assumed.session.role_arn.account_id,
            principal=assumed.session,
            origin=RequestOrigin.of(client, assertion.values.name_id or "", assumed.session.session_name),
            read_only=True,
            details=details,
        )
    )


def record_refused_role(
    history: EventHistory,
    refusal: AwsRefusal,
    *,
    message: ReceivedMessage | None,
    request: LoginRequest,
    region: str,
    client: ClientConnection,
) -> None:
    """Records that STS opened no role session.

    The event goes to the account of the role. When there is no such account, or the sign-in page itself refused because
    the form names no role, nothing is recorded. What an assertion says is recorded only when its signature is valid.

    Args:
        history: The event history to add to.
        message: The received message; None when it was not read.
        region: Region of the endpoint.
        client: How the request reached AWS.

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
        text = discovery_message(refusal, request_id=client.request_id)
    details = RequestDetails(
        request_parameters=_parameters(assertion, pair, request.duration_seconds),
        resources=role_and_provider(pair.role_arn, pair.provider_arn),
    )
    history.add(
        TrailEvent(
            event_id=history.ids.uuid(),
            time=history.clock.now(),
            source=STS_SOURCE,
            name=_NAME,
            region=region,
            account_id=pair.account_id,
            principal=_identity(assertion, request),
            origin=RequestOrigin.of(client, *_names(message)),
            read_only=True,
            details=details,
            error_code=refusal.code,
            error_message=text,
        )
    )


def _names(message: ReceivedMessage | None) -> tuple[str, ...]:
    """Returns the user names in the message; they are used only to find the address, so they need no proof."""
    if not isinstance(message, ReceivedResponse):
        return ()
    values = message.unverified
    return (values.name_id or "", values.value(ROLE_SESSION_NAME) or "")


def _parameters(assertion: VerifiedAssertion | None, pair: RolePair, duration_seconds: int | None) -> JsonObject:
    asked = partial(
        saml_parameters, role_arn=pair.role_arn, provider_arn=pair.provider_arn, duration_seconds=duration_seconds
    )
    if assertion is None:
        return asked()
    values = assertion.values
    transitive = values.attribute(TRANSITIVE_TAG_KEYS)
    return asked(
        assertion_id=values.assertion_id,
        session_name=values.value(ROLE_SESSION_NAME),
        source_identity=values.value(SOURCE_IDENTITY),
        tags=tuple((key, tag_values[0]) for key, tag_values in values.principal_tags if tag_values),
        transitive_tag_keys=transitive.values if transitive else (),
    )


def _identity(assertion: VerifiedAssertion | None, request: LoginRequest) -> UserIdentity:
    if assertion is None or request.provider is None:
        return saml_user(name_qualifier="", subject="")
    values = assertion.values
    return saml_user(
        name_qualifier=name_qualifier(values.issuer or "", request.provider.arn), subject=values.name_id or ""
    )


def _verified(message: ReceivedMessage | None, request: LoginRequest) -> VerifiedAssertion | None:
    """Returns the assertion when its signature is valid, whatever was refused after that."""
    if message is None:
        return None
    try:
        return check_message(message, request)
    except AwsRefusal:
        return None
