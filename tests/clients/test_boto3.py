"""boto3 and its STS model, unmodified, over HTTP on the bare address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from emulator.federation import Federation
from emulator.network.listener.server import Server
from tests.conftest import APP, NOW, PROVIDER_ARN, ROLE_ARN, USER


@pytest.fixture
def sts(server: Server) -> Any:
    """Returns an STS client with another endpoint and no other setting."""
    return boto3.client(
        "sts",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id="unused",
        aws_secret_access_key="unused",
        config=Config(proxies={}, retries={"max_attempts": 0}),
    )


def _assertion(federation: Federation) -> str:
    return federation.identity_providers["acme"].mint(USER, APP).saml_response


def test_assume_role_with_saml_gives_what_botocores_model_expects(sts: Any, federation: Federation) -> None:
    """Every member that AWS answers with is parsed by botocore."""
    answer = sts.assume_role_with_saml(
        RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=_assertion(federation)
    )
    assert answer["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/ConnectAgent/hanako@example.com"
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":hanako@example.com")
    assert answer["Audience"] == "https://signin.aws.amazon.com/saml"
    assert answer["Subject"] == "hanako@example.com"
    assert answer["SubjectType"] == "unspecified"
    assert answer["Issuer"].startswith("http://www.okta.com/exk")
    assert len(answer["NameQualifier"]) == 28
    assert answer["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert answer["Credentials"]["Expiration"] == NOW + timedelta(hours=1)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("change", "code", "status", "message"),
    [
        (
            {"RoleArn": ROLE_ARN + "x"},
            "InvalidIdentityToken",
            400,
            "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
        ),
        (
            {"DurationSeconds": 7200},
            "ValidationError",
            400,
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ),
        (
            {"RoleArn": PROVIDER_ARN, "PrincipalArn": ROLE_ARN},
            "ValidationError",
            400,
            "Request ARN is invalid",
        ),
    ],
)
def test_a_refusal_reaches_the_caller_as_a_client_error(
    sts: Any, federation: Federation, change: dict[str, Any], code: str, status: int, message: str
) -> None:
    """Code, message and HTTP status are where boto3's users look for them."""
    call = {"RoleArn": ROLE_ARN, "PrincipalArn": PROVIDER_ARN, "SAMLAssertion": _assertion(federation), **change}
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        sts.assume_role_with_saml(**call)
    error = caught.value.response
    assert error["Error"]["Code"] == code
    assert error["Error"]["Message"] == message
    assert error["ResponseMetadata"]["HTTPStatusCode"] == status


def test_a_discovery_error_keeps_its_suffix_inside_the_message(sts: Any) -> None:
    """Errors born where SAML providers are known name that service and code inside the message."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        sts.assume_role_with_saml(RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion="%%%%")
    error = caught.value.response["Error"]
    assert error["Code"] == "InvalidIdentityToken"
    assert error["Message"].startswith(
        "Invalid base64 SAMLResponse (Service: AWSOpenIdDiscoveryService; Status Code: 400; "
        "Error Code: AuthSamlInvalidSamlResponseException; Request ID: "
    )
    assert error["Message"].endswith("; Proxy: null)")


def test_an_action_that_is_not_offered_is_refused_by_name(sts: Any) -> None:
    """An unknown action is an AWS-shaped error that names it."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        sts.get_web_identity_token(Audience=["x"], SigningAlgorithm="RS256")
    assert caught.value.response["Error"]["Code"] == "InvalidAction"
    assert "GetWebIdentityToken" in caught.value.response["Error"]["Message"]


def _client(server: Server, credentials: Any) -> Any:
    return boto3.client(
        "sts",
        endpoint_url=server.url,
        region_name="ap-northeast-1",
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
        config=Config(proxies={}, retries={"max_attempts": 0}),
    )


@pytest.fixture
def credentials(sts: Any, federation: Federation) -> dict[str, Any]:
    """Returns credentials for a login."""
    answer = sts.assume_role_with_saml(
        RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=_assertion(federation)
    )
    return dict(answer["Credentials"])


def test_the_credentials_say_who_they_are(server: Server, credentials: dict[str, Any]) -> None:
    """GetCallerIdentity, signed with what AssumeRoleWithSAML gave, names the role session."""
    identity = _client(server, credentials).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::123456789012:assumed-role/ConnectAgent/{USER}"
    assert identity["Account"] == "123456789012"
    assert identity["UserId"].endswith(f":{USER}")


def test_a_presigned_call_says_so_too(server: Server, credentials: dict[str, Any]) -> None:
    """The signature may stand in the query string."""
    import requests

    url = _client(server, credentials).generate_presigned_url("get_caller_identity", HttpMethod="GET")
    session = requests.Session()
    session.trust_env = False
    answer = session.get(url, timeout=30)
    assert answer.status_code == 200
    assert f"<Arn>arn:aws:sts::123456789012:assumed-role/ConnectAgent/{USER}</Arn>" in answer.text


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        (
            {"SecretAccessKey": "x" * 40},
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details.",
        ),
        ({"SessionToken": "x"}, "InvalidClientTokenId", "The security token included in the request is invalid."),
        ({"SessionToken": None}, "InvalidClientTokenId", "The security token included in the request is invalid."),
        (
            {"AccessKeyId": "ASIA" + "X" * 16},
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
    ],
)
def test_foreign_or_tampered_credentials_are_refused(
    server: Server, credentials: dict[str, Any], change: dict[str, Any], code: str, message: str
) -> None:
    """Each in AWS's words, with 403."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        _client(server, {**credentials, **change}).get_caller_identity()
    error = caught.value.response
    assert (error["Error"]["Code"], error["Error"]["Message"]) == (code, message)
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_credentials_end_by_the_emulators_clock(
    server: Server, federation: Federation, credentials: dict[str, Any]
) -> None:
    """An hour later they are expired, though no time has passed here."""
    federation.clock.advance(timedelta(hours=1))
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        _client(server, credentials).get_caller_identity()
    error = caught.value.response["Error"]
    assert (error["Code"], error["Message"]) == (
        "ExpiredToken",
        "The security token included in the request is expired",
    )


@pytest.mark.parametrize(
    ("headers", "code", "status"),
    [
        ({}, "MissingAuthenticationToken", 403),
        ({"Authorization": "AWS4-HMAC-SHA256 nonsense"}, "IncompleteSignature", 400),
        ({"Authorization": "Bearer x"}, "IncompleteSignature", 400),
        ({"Authorization": "AWS4-HMAC-SHA256 Credential=\xff\xfe, Signature=\xff"}, "IncompleteSignature", 400),
        (
            {"Authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0"},
            "IncompleteSignature",
            400,
        ),
    ],
)
def test_an_unsigned_or_malformed_call_is_refused(
    server: Server, headers: dict[str, str], code: str, status: int
) -> None:
    """Malformed signatures are client errors, never a 500."""
    import requests

    session = requests.Session()
    session.trust_env = False
    form = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
    answer = session.post(server.url, data=form, headers=headers, timeout=30)
    assert answer.status_code == status
    assert f"<Code>{code}</Code>" in answer.text


def test_every_code_that_sts_answers_with_is_known_to_botocores_model_or_common() -> None:
    """The STS model lists the errors of the operation; the rest are AWS's common errors."""
    from botocore.session import Session

    operation = Session().get_service_model("sts").operation_model("AssumeRoleWithSAML")
    modelled = {shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}
    assert {"InvalidIdentityToken", "ExpiredTokenException"} <= modelled
