"""The STS endpoint, ``sts.amazonaws.com`` and its regional hosts.

AssumeRoleWithSAML           unsigned
AssumeRoleWithWebIdentity    unsigned; always refused: the providers' keys are on the internet
AssumeRole                   role chaining included
GetCallerIdentity            signed with any known key; needs no permission
GetSessionToken              IAM users only
GetFederationToken           IAM users only
GetAccessKeyInfo             which account a key belongs to
DecodeAuthorizationMessage   always refused: nothing here hands out such messages
"""

from __future__ import annotations

from functools import cache

from flask import Flask

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.trace_notes import Facts
from sp_mock.apis.api_site import api_site
from sp_mock.apis.operations import ApiCall, Result, ServiceApi, SignedOperation, UnsignedOperation
from sp_mock.apis.query_protocol import QueryProtocol
from sp_mock.apis.service_model import ResponseElements
from sp_mock.assertion.checks import check_message
from sp_mock.assertion.login_request import EntryPoint, resolve_request
from sp_mock.assertion.received import receive
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.principals.credentials import CredentialStore
from sp_mock.sts.assume_role import assume_role
from sp_mock.sts.assume_role_with_saml import AssumedRole, assume_role_with_saml
from sp_mock.sts.endpoints import require_active_region, require_same_partition
from sp_mock.sts.identity import decode_authorization_message, get_access_key_info, get_caller_identity
from sp_mock.sts.requested_arns import require_arns
from sp_mock.sts.response_elements import assumed_role_user, credentials_elements
from sp_mock.sts.saml_events import record_assumed_role, record_refused_role
from sp_mock.sts.user_sessions import get_federation_token, get_session_token
from sp_mock.sts.web_identity import assume_role_with_web_identity


def _assume_role_with_saml(call: ApiCall) -> Result:
    parameters = call.parameters
    role_arn, provider_arn = parameters["RoleArn"], parameters["PrincipalArn"]
    require_arns(role_arn, provider_arn, saml_response=parameters["SAMLAssertion"])
    require_same_partition(call, provider_arn)
    require_active_region(call, provider_arn.split(":")[4])
    history, region = call.services.get(EventHistory), call.endpoint.region_name
    message = receive(parameters["SAMLAssertion"], addressed_to=call.aws.saml_provider(provider_arn))
    request = resolve_request(
        message,
        entry_point=EntryPoint.STS,
        aws=call.aws,
        now=call.now,
        role_arn=role_arn,
        provider_arn=provider_arn,
        duration_seconds=parameters.get("DurationSeconds"),
        region=call.endpoint.region_name,
        client=call.client,
    )
    try:
        assertion = check_message(message, request)
        assumed = assume_role_with_saml(assertion, request, ids=call.ids, parameters=parameters)
    except AwsRefusal as refusal:
        record_refused_role(history, refusal, message=message, request=request, region=region, client=call.client)
        raise
    call.services.get(CredentialStore).keep(assumed.credentials, assumed.session)
    record_assumed_role(
        history,
        assumed,
        assertion=assertion,
        duration_seconds=parameters.get("DurationSeconds"),
        region=region,
        client=call.client,
    )
    facts = Facts(
        role=role_arn,
        session=assumed.session.arn,
        session_ends=assumed.session.expires_at,
        subject=assumed.subject,
        audience=assumed.audience,
        note=assumed.shortened or None,
    )
    summary = f"AssumeRoleWithSAML gave {assumed.session.arn}"
    return Result(_saml_elements(assumed), summary=summary, facts=facts, causes=assumed.shortened_by)


def _saml_elements(assumed: AssumedRole) -> ResponseElements:
    """Returns the elements in the order in which AWS sends them.

    Spec: AWS STS API "AssumeRoleWithSAML", response elements
    Evidence: observed (the order)
    """
    return {
        "Audience": assumed.audience,
        "AssumedRoleUser": assumed_role_user(assumed.session),
        "Credentials": credentials_elements(assumed.credentials),
        "Subject": assumed.subject,
        "NameQualifier": assumed.name_qualifier,
        "SourceIdentity": assumed.session.source_identity,
        "PackedPolicySize": assumed.packed_policy_size,
        "SubjectType": assumed.subject_type,
        "Issuer": assumed.issuer,
    }


STS_API = ServiceApi(
    name=EntryPoint.STS,
    prefix="sts",
    operations={
        "AssumeRoleWithSAML": UnsignedOperation(_assume_role_with_saml),
        "AssumeRoleWithWebIdentity": UnsignedOperation(assume_role_with_web_identity),
        "AssumeRole": SignedOperation(assume_role),
        "GetCallerIdentity": SignedOperation(get_caller_identity),
        "GetSessionToken": SignedOperation(get_session_token),
        "GetFederationToken": SignedOperation(get_federation_token),
        "GetAccessKeyInfo": SignedOperation(get_access_key_info),
        "DecodeAuthorizationMessage": SignedOperation(decode_authorization_message),
    },
)


@cache
def sts_site() -> Flask:
    """Builds the endpoint, once per process."""
    return api_site(STS_API, QueryProtocol(STS_API))
