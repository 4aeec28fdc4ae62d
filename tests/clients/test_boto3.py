"""boto3 and its STS model, unmodified, over HTTP on the bare address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import boto3
import botocore.exceptions
import pytest
from botocore.config import Config

from emulator.federation import Federation
from emulator.server import Server
from tests.conftest import APP, NOW, PROVIDER_ARN, ROLE_ARN, USER


@pytest.fixture
def sts(server: Server) -> Any:
    """Returns an STS client that was only told another endpoint."""
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
        sts.get_caller_identity()
    assert caught.value.response["Error"]["Code"] == "InvalidAction"
    assert "GetCallerIdentity" in caught.value.response["Error"]["Message"]


def test_every_code_that_sts_answers_with_is_known_to_botocores_model_or_common() -> None:
    """The STS model lists the errors of the operation; the rest are AWS's common errors."""
    from botocore.session import Session

    operation = Session().get_service_model("sts").operation_model("AssumeRoleWithSAML")
    modelled = {shape.metadata.get("error", {}).get("code", shape.name) for shape in operation.error_shapes}
    assert {"InvalidIdentityToken", "ExpiredTokenException"} <= modelled
