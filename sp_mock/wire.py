"""How AWS words its answers: the sign-in page's sentence and the Query API's XML."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from emulator.errors import AwsRefusal, DiscoveryRefusal, InvalidSamlResponse, SignInRefusal
from sp_mock.credentials import RoleSession
from sp_mock.sts import AssumedRole

STS_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"


def sign_in_sentence(refusal: AwsRefusal, *, request_id: str) -> str:
    """Returns the one sentence the sign-in page shows.

    Spec: AWS IAM UG "troubleshoot_saml"
    Evidence: observed (letter case and the Proxy part)
    """
    if isinstance(refusal, InvalidSamlResponse | SignInRefusal):
        return refusal.message
    if isinstance(refusal, DiscoveryRefusal):
        return f"Failed to assume role: {_discovery_message(refusal, request_id)}. Please try again."
    return (
        f"{refusal.message} (Service: AWSSecurityTokenService; Status Code: {refusal.status}; "
        f"Error Code: {refusal.code}; Request ID: {request_id}; Proxy: null). Please try again."
    )


def _discovery_message(refusal: DiscoveryRefusal, request_id: str) -> str:
    return (
        f"{refusal.message} (Service: AWSOpenIdDiscoveryService; Status Code: {refusal.status}; "
        f"Error Code: {refusal.discovery_code}; Request ID: {request_id}; Proxy: null)"
    )


def sts_error(refusal: AwsRefusal, *, request_id: str) -> str:
    """Returns a Query API error document.

    Spec: AWS Query protocol; botocore's sts model
    Evidence: observed
    """
    message = _discovery_message(refusal, request_id) if isinstance(refusal, DiscoveryRefusal) else refusal.message
    return (
        f'<ErrorResponse xmlns="{STS_NAMESPACE}">\n  <Error>\n    <Type>Sender</Type>\n'
        f"    <Code>{escape(refusal.code)}</Code>\n    <Message>{escape(message)}</Message>\n  </Error>\n"
        f"  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n"
    )


def assume_role_with_saml_result(assumed: AssumedRole, *, request_id: str) -> str:
    """Returns the Query API answer to AssumeRoleWithSAML, members in the order in which AWS sends them.

    Spec: AWS STS API "AssumeRoleWithSAML", response elements
    Evidence: observed (the order)
    """
    session, credentials = assumed.session, assumed.credentials
    source_identity = _member("SourceIdentity", session.source_identity) if session.source_identity else ""
    return (
        f'<AssumeRoleWithSAMLResponse xmlns="{STS_NAMESPACE}">\n  <AssumeRoleWithSAMLResult>\n'
        + _member("Audience", assumed.audience)
        + "    <AssumedRoleUser>\n"
        + _member("AssumedRoleId", session.user_id)
        + _member("Arn", session.arn)
        + "    </AssumedRoleUser>\n    <Credentials>\n"
        + _member("AccessKeyId", credentials.access_key_id)
        + _member("SecretAccessKey", credentials.secret_access_key)
        + _member("SessionToken", credentials.session_token)
        + _member("Expiration", _seconds(credentials.expiration))
        + "    </Credentials>\n"
        + _member("Subject", assumed.subject)
        + _member("NameQualifier", assumed.name_qualifier)
        + source_identity
        + _member("SubjectType", assumed.subject_type)
        + _member("Issuer", assumed.issuer)
        + "  </AssumeRoleWithSAMLResult>\n  <ResponseMetadata>\n"
        + _member("RequestId", request_id)
        + "  </ResponseMetadata>\n</AssumeRoleWithSAMLResponse>\n"
    )


def get_caller_identity_result(session: RoleSession, *, request_id: str) -> str:
    """Returns the Query API answer to GetCallerIdentity.

    Spec: AWS STS API "GetCallerIdentity", response elements
    Evidence: documented
    """
    return (
        f'<GetCallerIdentityResponse xmlns="{STS_NAMESPACE}">\n  <GetCallerIdentityResult>\n'
        + _member("Arn", session.arn)
        + _member("UserId", session.user_id)
        + _member("Account", session.role_arn.account_id)
        + "  </GetCallerIdentityResult>\n  <ResponseMetadata>\n"
        + _member("RequestId", request_id)
        + "  </ResponseMetadata>\n</GetCallerIdentityResponse>\n"
    )


def _member(name: str, value: str) -> str:
    return f"    <{name}>{escape(value)}</{name}>\n"


def _seconds(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
