"""What set-ups make in IAM beside a federation: instance profiles, OpenID Connect providers, services' roles."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.conftest import ACCOUNT, PROVIDER_ARN
from tests.sdk import Sdk, refused

IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
URL = "https://token.actions.example.com/acme"
OIDC_ARN = f"{IAM_ARN}:oidc-provider/token.actions.example.com/acme"
SERVICE = "connect.amazonaws.com"


@pytest.fixture
def iam(sdk: Sdk) -> Any:
    """Returns the administrator's client."""
    return sdk("iam")


def test_an_instance_profile_has_one_role(iam: Any) -> None:
    """It is listed for the role, and neither goes while the other is there."""
    made = iam.create_instance_profile(InstanceProfileName="web", Path="/apps/")["InstanceProfile"]
    assert (made["Arn"], made["Roles"]) == (f"{IAM_ARN}:instance-profile/apps/web", [])
    assert "Tags" not in made
    with refused("EntityAlreadyExists", "Instance Profile web already exists.", status=409):
        iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="ConnectAgent")
    with refused("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", status=409):
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="ConnectSupervisor")
    got = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    assert (got["Tags"], got["Roles"][0]["RoleName"]) == ([], "ConnectAgent")
    listed = iam.list_instance_profiles_for_role(RoleName="ConnectAgent")["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in listed] == ["web"]
    assert len(iam.list_instance_profiles(PathPrefix="/apps/")["InstanceProfiles"]) == 1
    assert iam.list_instance_profiles(PathPrefix="/other/")["InstanceProfiles"] == []
    words = "Cannot delete entity, must remove roles from instance profile first."
    with refused("DeleteConflict", words, status=409):
        iam.delete_instance_profile(InstanceProfileName="web")
    with refused("DeleteConflict", words, status=409):
        iam.delete_role(RoleName="ConnectAgent")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="ConnectAgent")
    iam.tag_instance_profile(InstanceProfileName="web", Tags=[{"Key": "a", "Value": "b"}])
    assert iam.list_instance_profile_tags(InstanceProfileName="web")["Tags"] == [{"Key": "a", "Value": "b"}]
    iam.delete_instance_profile(InstanceProfileName="web")
    with refused("NoSuchEntity", "Instance Profile web cannot be found.", status=404):
        iam.get_instance_profile(InstanceProfileName="web")


def test_an_oidc_provider_from_birth_to_death(iam: Any) -> None:
    """Its ARN is its URL; clients, thumbprints and tags change."""
    made = iam.create_open_id_connect_provider(Url=URL, ClientIDList=["sts.amazonaws.com"])
    assert made["OpenIDConnectProviderArn"] == OIDC_ARN
    with refused("EntityAlreadyExists", f"Provider with url {URL} already exists.", status=409):
        iam.create_open_id_connect_provider(Url=URL)
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN, ClientID="second")
    iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN, ClientID="sts.amazonaws.com")
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=OIDC_ARN, ThumbprintList=["c" * 40])
    got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN)
    assert (got["Url"], got["ClientIDList"], got["ThumbprintList"], got["Tags"]) == (
        "token.actions.example.com/acme",
        ["second"],
        ["c" * 40],
        [],
    )
    tags = [{"Key": "k1", "Value": "v1"}, {"Key": "k2", "Value": "v2"}]
    iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN, Tags=tags)
    assert iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=OIDC_ARN)["Tags"] == tags
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": OIDC_ARN}]
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN)
    with refused("NoSuchEntity", f"OpenIDConnect Provider not found for arn {OIDC_ARN}", status=404):
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN)
    with refused("NoSuchEntity", f"OpenId connect Provider {OIDC_ARN} cannot be found.", status=404):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=OIDC_ARN)


def test_oidc_providers_that_are_refused(iam: Any) -> None:
    """Recorded at AWS in February 2026."""
    with refused("ValidationError", "Invalid Open ID Connect Provider URL", status=400):
        iam.create_open_id_connect_provider(Url="token.actions.example.com")
    with refused("InvalidInput", "Thumbprint list must contain fewer than 5 entries.", status=400):
        iam.create_open_id_connect_provider(Url=URL, ThumbprintList=["a" * 40] * 6)
    with refused("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100", status=409):
        iam.create_open_id_connect_provider(Url=URL, ClientIDList=[str(number) for number in range(101)])
    lengths = "Member must have length less than or equal to {}, Member must have length greater than or equal to {}"
    start = "failed to satisfy constraint: Member must"
    with refused(
        "ValidationError",
        f"3 validation errors detected: Value at 'clientIDList' {start} satisfy constraint: "
        f"[{lengths.format(255, 1)}]; Value at 'thumbprintList' {start} satisfy constraint: "
        f"[{lengths.format(40, 40)}]; "
        f"Value at 'url' {start} have length less than or equal to 255",
        status=400,
    ):
        iam.create_open_id_connect_provider(
            Url="https://" + "u" * 255, ClientIDList=["c" * 256], ThumbprintList=["a" * 39 + "b" * 2]
        )


def test_a_service_linked_role_is_the_services(iam: Any) -> None:
    """Path, name and trust are given; it is not changed, and deleted by a call of its own."""
    role = iam.create_service_linked_role(AWSServiceName=SERVICE, CustomSuffix="a1")["Role"]
    assert role["Arn"] == f"{IAM_ARN}:role/aws-service-role/{SERVICE}/AWSServiceRoleForAmazonConnect_a1"
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == {"Service": [SERVICE]}
    name = role["RoleName"]
    words = f"Service role name {name} has been taken in this account, please try a different suffix."
    with refused("InvalidInput", words, status=400):
        iam.create_service_linked_role(AWSServiceName=SERVICE, CustomSuffix="a1")
    words = f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
    with refused("UnmodifiableEntity", words, status=400):
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    with refused("UnmodifiableEntity", words, status=400):
        iam.delete_role(RoleName=name)
    iam.update_role_description(RoleName=name, Description="changed")
    task = iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity", f"The role with name {name} cannot be found.", status=404):
        iam.get_role(RoleName=name)


def test_policies_are_simulated_as_calls_are_decided(iam: Any) -> None:
    """Allowed, denied by a statement, and allowed by none; what conditions ask for and nobody gave is named."""
    answers = iam.simulate_principal_policy(
        PolicySourceArn=f"{IAM_ARN}:role/ConnectAgent", ActionNames=["connect:GetFederationToken", "s3:GetObject"]
    )["EvaluationResults"]
    assert [each["EvalActionName"] for each in answers] == ["connect:GetFederationToken", "s3:GetObject"]
    assert answers[1]["EvalDecision"] == "implicitDeny"
    document = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "s3:PutObject",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:PrincipalTag/team": "voice"}},
            },
        ],
    }
    call = {"PolicyInputList": [json.dumps(document)], "ActionNames": ["s3:PutObject"]}
    (open_result,) = iam.simulate_custom_policy(**call)["EvaluationResults"]
    assert (open_result["EvalDecision"], open_result["MissingContextValues"]) == ("allowed", ["aws:PrincipalTag/team"])
    assert open_result["MatchedStatements"] == [
        {"SourcePolicyId": "PolicyInputList.1", "SourcePolicyType": "IAM Policy"}
    ]
    team = {"ContextKeyName": "aws:PrincipalTag/team", "ContextKeyValues": ["voice"], "ContextKeyType": "string"}
    (denied,) = iam.simulate_custom_policy(**call, ContextEntries=[team])["EvaluationResults"]
    assert (denied["EvalDecision"], denied["MissingContextValues"]) == ("explicitDeny", [])
    boundary = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}}
    (bounded,) = iam.simulate_custom_policy(**call, PermissionsBoundaryPolicyInputList=[json.dumps(boundary)])[
        "EvaluationResults"
    ]
    assert bounded["EvalDecision"] == "implicitDeny"
    assert bounded["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": False}
    with refused("NoSuchEntity", f"The entity {PROVIDER_ARN} cannot be found.", status=404):
        iam.simulate_principal_policy(PolicySourceArn=PROVIDER_ARN, ActionNames=["s3:GetObject"])
    with refused("InvalidInput", "Syntax errors in policy.", status=400):
        iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["s3:GetObject"])


def _token(claims: dict[str, str]) -> str:
    parts = (json.dumps(part).encode() for part in ({"alg": "RS256"}, claims, {}))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def test_a_web_identity_of_an_unknown_provider_is_refused(iam: Any, sdk: Sdk) -> None:
    """And of a known one too: its keys are on the internet."""
    call = {"RoleArn": f"{IAM_ARN}:role/ConnectAgent", "RoleSessionName": "build"}
    words = f"No OpenIDConnect provider found in your account for {URL}"
    with refused("InvalidIdentityToken", words, status=400):
        sdk("sts").assume_role_with_web_identity(**call, WebIdentityToken=_token({"iss": URL}))
    words = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
    with refused("InvalidIdentityToken", words, status=400):
        sdk("sts").assume_role_with_web_identity(**call, WebIdentityToken="opaque")
    iam.create_open_id_connect_provider(Url=URL)
    with refused(
        "InvalidIdentityToken",
        "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
        "documentation for requirements",
        status=400,
    ):
        sdk("sts").assume_role_with_web_identity(**call, WebIdentityToken=_token({"iss": URL}))
