"""IAM as boto3 knows it: what a federation is set up with, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import botocore.exceptions
import pytest

from emulator.federation import Federation
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, USER
from tests.sdk import Sdk, keys_of, refused

IAM_ARN = f"arn:aws:iam::{ACCOUNT}"
NEW_PROVIDER_ARN = f"{IAM_ARN}:saml-provider/second"
S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}


def _trust(*, principal: Any = None, action: str = "sts:AssumeRoleWithSAML") -> str:
    statement = {"Effect": "Allow", "Principal": principal or {"Federated": PROVIDER_ARN}, "Action": action}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _metadata(federation: Federation) -> str:
    return federation.identity_providers["acme"].metadata(APP).decode()


@pytest.fixture
def iam(sdk: Sdk) -> Any:
    """Returns the administrator's client."""
    return sdk("iam")


def test_a_federation_made_by_api_calls_logs_in(iam: Any, sdk: Sdk, federation: Federation) -> None:
    """Provider from metadata, role, policy; then a login with them, and the credentials say who they are."""
    metadata = _metadata(federation)
    arn = iam.create_saml_provider(Name="second", SAMLMetadataDocument=metadata)["SAMLProviderArn"]
    assert arn == NEW_PROVIDER_ARN
    role = iam.create_role(
        RoleName="Fresh", AssumeRolePolicyDocument=_trust(principal={"Federated": arn}), MaxSessionDuration=7200
    )["Role"]
    assert role["Arn"] == f"{IAM_ARN}:role/Fresh"
    policy = iam.create_policy(PolicyName="reads", PolicyDocument=json.dumps(S3))["Policy"]
    iam.attach_role_policy(RoleName="Fresh", PolicyArn=policy["Arn"])
    roles = {"attribute": "https://aws.amazon.com/SAML/Attributes/Role", "set": f"{arn},{role['Arn']}"}
    assertion = _assertion(federation, roles)
    answer = sdk("sts").assume_role_with_saml(
        RoleArn=role["Arn"], PrincipalArn=arn, SAMLAssertion=assertion, DurationSeconds=3600
    )
    identity = sdk("sts", **keys_of(answer["Credentials"])).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/Fresh/{USER}"
    assert identity["UserId"] == f"{role['RoleId']}:{USER}"


def _assertion(federation: Federation, fault: dict[str, Any]) -> str:
    from idp.saml.faults import parse_fault

    provider = federation.identity_providers["acme"]
    return provider.mint(USER, APP, faults=[parse_fault(fault)]).saml_response


def test_a_saml_provider_from_birth_to_death(iam: Any, federation: Federation) -> None:
    """What is put in comes out again; tags, update and deletion are seen at once."""
    metadata = _metadata(federation)
    iam.create_saml_provider(Name="second", SAMLMetadataDocument=metadata, Tags=[{"Key": "team", "Value": "voice"}])
    got = iam.get_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN)
    assert got["SAMLMetadataDocument"] == metadata
    assert got["Tags"] == [{"Key": "team", "Value": "voice"}]
    assert got["CreateDate"] == federation.clock.now()
    assert got["ValidUntil"] > got["CreateDate"]
    listed = iam.list_saml_providers()["SAMLProviderList"]
    assert [provider["Arn"] for provider in listed] == [PROVIDER_ARN, NEW_PROVIDER_ARN]
    iam.tag_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN, Tags=[{"Key": "TEAM", "Value": "data"}])
    assert iam.list_saml_provider_tags(SAMLProviderArn=NEW_PROVIDER_ARN)["Tags"] == [
        {"Key": "TEAM", "Value": "data"},
        {"Key": "team", "Value": "voice"},
    ]
    iam.untag_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN, TagKeys=["team", "TEAM"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=NEW_PROVIDER_ARN)["Tags"] == []
    changed = metadata.replace("</md:EntityDescriptor>", "\n</md:EntityDescriptor>")
    iam.update_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN, SAMLMetadataDocument=changed)
    assert iam.get_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN)["SAMLMetadataDocument"] == changed
    iam.delete_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN)
    with refused("NoSuchEntity", f"Manifest not found for arn {NEW_PROVIDER_ARN}", status=404):
        iam.get_saml_provider(SAMLProviderArn=NEW_PROVIDER_ARN)


def test_metadata_is_really_parsed(iam: Any, federation: Federation) -> None:
    """What AWS cannot parse is refused, and nothing changes."""
    metadata = _metadata(federation)
    for bad in ("x" * 1000, metadata.replace("md:IDPSSODescriptor", "md:SPSSODescriptor"), "\ufeff" + "x" * 1000):
        with refused("InvalidInput", "Could not parse metadata", status=400):
            iam.create_saml_provider(Name="second", SAMLMetadataDocument=bad)
        with refused("InvalidInput", "Could not parse metadata", status=400):
            iam.update_saml_provider(SAMLProviderArn=PROVIDER_ARN, SAMLMetadataDocument=bad)
    assert iam.get_saml_provider(SAMLProviderArn=PROVIDER_ARN)["SAMLMetadataDocument"] == metadata
    assert len(iam.list_saml_providers()["SAMLProviderList"]) == 1
    with refused("EntityAlreadyExists", "SAML provider with name okta already exists.", status=409):
        iam.create_saml_provider(Name="okta", SAMLMetadataDocument=metadata)


def test_a_role_as_terraform_reads_and_deletes_it(iam: Any) -> None:
    """After writing a role Terraform reads lists, and before deleting it others."""
    iam.create_role(RoleName="Made", AssumeRolePolicyDocument=_trust(), Description="by hand", Path="/federation/")
    iam.put_role_policy(RoleName="Made", PolicyName="inline", PolicyDocument=json.dumps(S3))
    iam.attach_role_policy(RoleName="Made", PolicyArn=f"{IAM_ARN}:policy/connect-login")
    role = iam.get_role(RoleName="Made")["Role"]
    assert (role["Arn"], role["Path"]) == (f"{IAM_ARN}:role/federation/Made", "/federation/")
    assert (role["Description"], role["MaxSessionDuration"]) == ("by hand", 3600)
    assert role["AssumeRolePolicyDocument"] == json.loads(_trust())
    assert iam.list_role_policies(RoleName="Made")["PolicyNames"] == ["inline"]
    assert iam.get_role_policy(RoleName="Made", PolicyName="inline")["PolicyDocument"] == S3
    attached = iam.list_attached_role_policies(RoleName="Made")["AttachedPolicies"]
    assert attached == [{"PolicyName": "connect-login", "PolicyArn": f"{IAM_ARN}:policy/connect-login"}]
    assert iam.list_instance_profiles_for_role(RoleName="Made")["InstanceProfiles"] == []
    assert iam.list_role_tags(RoleName="Made")["Tags"] == []
    iam.update_role(RoleName="Made", MaxSessionDuration=43200)
    iam.update_role_description(RoleName="Made", Description="by API")
    changed = iam.get_role(RoleName="Made")["Role"]
    assert (changed["MaxSessionDuration"], changed["Description"]) == (43200, "by API")
    with refused("DeleteConflict", "Cannot delete entity, must detach all policies first.", status=409):
        iam.delete_role(RoleName="Made")
    iam.detach_role_policy(RoleName="Made", PolicyArn=f"{IAM_ARN}:policy/connect-login")
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first.", status=409):
        iam.delete_role(RoleName="Made")
    iam.delete_role_policy(RoleName="Made", PolicyName="inline")
    iam.delete_role(RoleName="Made")
    with refused("NoSuchEntity", "The role with name Made cannot be found.", status=404):
        iam.get_role(RoleName="Made")


def test_a_changed_trust_policy_counts_for_the_next_login(iam: Any, sdk: Sdk, federation: Federation) -> None:
    """UpdateAssumeRolePolicy decides what AssumeRoleWithSAML says a moment later."""
    role_arn = f"{IAM_ARN}:role/ConnectAgent"
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    call = {"RoleArn": role_arn, "PrincipalArn": PROVIDER_ARN, "SAMLAssertion": assertion}
    sdk("sts").assume_role_with_saml(**call)
    other = {"Federated": f"{IAM_ARN}:saml-provider/other"}
    iam.update_assume_role_policy(RoleName="ConnectAgent", PolicyDocument=_trust(principal=other))
    with refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML", status=403):
        sdk("sts").assume_role_with_saml(**call)
    iam.delete_saml_provider(SAMLProviderArn=PROVIDER_ARN)
    with pytest.raises(botocore.exceptions.ClientError, match="Specified provider doesn't exist"):
        sdk("sts").assume_role_with_saml(**call)


MALFORMED: list[tuple[str, Any, str]] = [
    ("not JSON", "{", "This policy contains invalid Json"),
    ("nothing of a policy", {"a": 1}, "Syntax errors in policy."),
    ("a resource", {"Resource": "*"}, "Has prohibited field Resource"),
    (
        "another service's action",
        {"Action": "s3:GetObject"},
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ),
    (
        "an action without a service",
        {"Action": "AssumeRoleWithSAML"},
        "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
    ),
    (
        "a Sid with a space",
        {"Sid": "a b"},
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
        "[0-9A-Za-z]*",
    ),
    (
        "a role that is not there",
        {"Principal": {"AWS": f"{IAM_ARN}:role/Nobody"}},
        f'Invalid principal in policy: "AWS":"{IAM_ARN}:role/Nobody"',
    ),
]


@pytest.mark.parametrize(("change", "message"), [row[1:] for row in MALFORMED], ids=[row[0] for row in MALFORMED])
def test_trust_policies_that_iam_refuses(iam: Any, change: Any, message: str) -> None:
    """Each mistake has IAM's sentence, and the role keeps the policy it had."""
    document = change
    if isinstance(change, dict) and "a" not in change:
        policy = json.loads(_trust())
        policy["Statement"][0].update(change)
        document = policy
    text = document if isinstance(document, str) else json.dumps(document)
    before = iam.get_role(RoleName="ConnectAgent")["Role"]
    with refused("MalformedPolicyDocument", message, status=400):
        iam.update_assume_role_policy(RoleName="ConnectAgent", PolicyDocument=text)
    assert iam.get_role(RoleName="ConnectAgent")["Role"] == before


IDENTITY_MISTAKES = [
    ({"Principal": "*"}, "Policy document should not specify a principal."),
    ({"Resource": None}, "Policy statement must contain resources."),
    ({"Action": None}, "Policy statement must contain actions."),
    ({"Resource": "bucket"}, 'Resource bucket must be in ARN format or "*".'),
]


@pytest.mark.parametrize(("change", "message"), IDENTITY_MISTAKES)
def test_identity_policies_that_iam_refuses(iam: Any, change: dict[str, Any], message: str) -> None:
    """Inline and managed policies are read the same way."""
    statement = {name: value for name, value in {**S3["Statement"][0], **change}.items() if value is not None}  # type: ignore[dict-item]
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    with refused("MalformedPolicyDocument", message, status=400):
        iam.put_role_policy(RoleName="ConnectAgent", PolicyName="p", PolicyDocument=text)
    with refused("MalformedPolicyDocument", message, status=400):
        iam.create_policy(PolicyName="p", PolicyDocument=text)


def test_a_managed_policy_and_its_versions(iam: Any) -> None:
    """Five versions, one of which counts; what hangs on others is not deleted."""
    arn = iam.create_policy(PolicyName="grown", PolicyDocument=json.dumps(S3), Description="d")["Policy"]["Arn"]
    with refused(
        "EntityAlreadyExists", "A policy called grown already exists. Duplicate names are not allowed.", status=409
    ):
        iam.create_policy(PolicyName="grown", PolicyDocument=json.dumps(S3))
    second = {**S3, "Statement": [{"Effect": "Allow", "Action": "iam:ListRoles", "Resource": "*"}]}
    made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(second), SetAsDefault=True)
    assert (made["PolicyVersion"]["VersionId"], made["PolicyVersion"]["IsDefaultVersion"]) == ("v2", True)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == second
    for _ in range(3):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(S3))
    words = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
    with refused("LimitExceeded", f"{words}version.", status=409):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(S3))
    with refused("DeleteConflict", "Cannot delete the default version of a policy.", status=409):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=arn)
    entities = iam.list_entities_for_policy(PolicyArn=arn)
    assert [role["RoleName"] for role in entities["PolicyRoles"]] == ["ConnectAgent"]
    with refused("DeleteConflict", "Cannot delete a policy attached to entities.", status=409):
        iam.delete_policy(PolicyArn=arn)
    iam.detach_role_policy(RoleName="ConnectAgent", PolicyArn=arn)
    with refused(
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The "
        "default version is deleted with the policy.",
        status=409,
    ):
        iam.delete_policy(PolicyArn=arn)
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity", f"Policy {arn} was not found.", status=404):
        iam.get_policy(PolicyArn=arn)
    with refused("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", status=404):
        iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=arn)


def test_users_and_their_keys(iam: Any, sdk: Sdk) -> None:
    """A key works until it is made inactive or deleted; two are the most."""
    iam.create_user(UserName="okta-sync", Tags=[{"Key": "for", "Value": "okta"}])
    key = iam.create_access_key(UserName="okta-sync")["AccessKey"]
    own = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    assert sdk("sts", **own).get_caller_identity()["Arn"] == f"{IAM_ARN}:user/okta-sync"
    words = f"User: {IAM_ARN}:user/okta-sync is not authorized to perform: iam:ListRoles on resource: {IAM_ARN}:role/"
    with refused(
        "AccessDenied", f"{words} because no identity-based policy allows the iam:ListRoles action", status=403
    ):
        sdk("iam", **own).list_roles()
    iam.attach_user_policy(UserName="okta-sync", PolicyArn=f"{IAM_ARN}:policy/okta-read-roles")
    assert {role["RoleName"] for role in sdk("iam", **own).list_roles()["Roles"]} == {
        "ConnectAgent",
        "ConnectSupervisor",
    }
    iam.create_access_key(UserName="okta-sync")
    with refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", status=409):
        iam.create_access_key(UserName="okta-sync")
    iam.update_access_key(UserName="okta-sync", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId", "The security token included in the request is invalid.", status=403):
        sdk("sts", **own).get_caller_identity()
    states = [each["Status"] for each in iam.list_access_keys(UserName="okta-sync")["AccessKeyMetadata"]]
    assert states == ["Inactive", "Active"]
    with refused("DeleteConflict", "Cannot delete entity, must delete access keys first.", status=409):
        iam.delete_user(UserName="okta-sync")
    for each in iam.list_access_keys(UserName="okta-sync")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="okta-sync", AccessKeyId=each["AccessKeyId"])
    iam.detach_user_policy(UserName="okta-sync", PolicyArn=f"{IAM_ARN}:policy/okta-read-roles")
    iam.delete_user(UserName="okta-sync")
    with refused("NoSuchEntity", "The user with name okta-sync cannot be found.", status=404):
        iam.get_user(UserName="okta-sync")
    assert iam.get_user()["User"]["UserName"] == "administrator"


def test_an_explicit_deny_and_a_boundary_are_told_apart(iam: Any, sdk: Sdk) -> None:
    """AWS says which kind of policy kept a call from going through."""
    iam.create_user(UserName="bounded")
    key = iam.create_access_key(UserName="bounded")["AccessKey"]
    own = sdk("iam", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    iam.attach_user_policy(UserName="bounded", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    start = f"User: {IAM_ARN}:user/bounded is not authorized to perform: iam:ListUsers on resource: {IAM_ARN}:user/"
    iam.put_user_permissions_boundary(UserName="bounded", PermissionsBoundary=f"{IAM_ARN}:policy/okta-read-roles")
    with refused(
        "AccessDenied", f"{start} because no permissions boundary allows the iam:ListUsers action", status=403
    ):
        own.list_users()
    assert own.list_roles()["Roles"]
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "iam:ListUsers", "Resource": "*"}]}
    iam.put_user_policy(UserName="bounded", PolicyName="no", PolicyDocument=json.dumps(deny))
    with refused("AccessDenied", f"{start} with an explicit deny in an identity-based policy", status=403):
        own.list_users()


def test_aliases_and_the_whole_account(iam: Any) -> None:
    """One alias an account; and everything at once for those who export it."""
    assert iam.list_account_aliases()["AccountAliases"] == ["acme"]
    iam.create_account_alias(AccountAlias="acme-voice")
    assert iam.list_account_aliases()["AccountAliases"] == ["acme-voice"]
    iam.delete_account_alias(AccountAlias="acme-voice")
    assert iam.list_account_aliases()["AccountAliases"] == []
    details = iam.get_account_authorization_details()
    assert {role["RoleName"] for role in details["RoleDetailList"]} == {"ConnectAgent", "ConnectSupervisor"}
    assert {user["UserName"] for user in details["UserDetailList"]} == {"administrator", "okta-integration"}
    names = {policy["PolicyName"] for policy in details["Policies"]}
    assert names == {"connect-login", "okta-read-roles", "AdministratorAccess"}
    (awss,) = iam.get_account_authorization_details(Filter=["AWSManagedPolicy"])["Policies"]
    assert (awss["PolicyName"], awss["AttachmentCount"]) == ("AdministratorAccess", 1)


def test_lists_come_in_pages(iam: Any) -> None:
    """MaxItems and Marker, as boto3's paginator uses them; a marker that was not given out is refused."""
    for number in range(7):
        iam.create_role(RoleName=f"R{number}", AssumeRolePolicyDocument=_trust(), Path="/many/")
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/many/", PaginationConfig={"PageSize": 3}))
    assert [[role["RoleName"] for role in page["Roles"]] for page in pages] == [
        ["R0", "R1", "R2"],
        ["R3", "R4", "R5"],
        ["R6"],
    ]
    with refused("ValidationError", "Invalid Marker: bm90aGluZw==", status=400):
        iam.list_roles(Marker="bm90aGluZw==")


def test_parameters_are_checked_by_the_service_model(sdk: Sdk) -> None:
    """What botocore would not let pass is reported by the service as well, all at once."""
    from botocore.config import Config

    iam = sdk("iam")
    iam.meta.config.merge(Config(parameter_validation=False))
    with refused(
        "ValidationError",
        "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must satisfy "
        r"regular expression pattern: [\w+=,.@-]+",
        status=400,
    ):
        iam.get_role(RoleName="a b")
    with refused("ValidationError", f"1 validation error detected: {_too_long('roleName')}", status=400):
        iam.get_role(RoleName="x" * 65)


def _too_long(name: str) -> str:
    return f"Value at '{name}' failed to satisfy constraint: Member must have length less than or equal to 64"


def test_limits_and_duplicates(iam: Any) -> None:
    """Quotas have AWS's words; names are compared without case; tags too."""
    big = json.loads(_trust())
    big["Statement"][0]["Condition"] = {"StringEquals": {"SAML:sub": [f"person-{number}" for number in range(200)]}}
    with refused("LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048", status=409):
        iam.create_role(RoleName="Big", AssumeRolePolicyDocument=json.dumps(big))
    with refused("EntityAlreadyExists", "Role with name connectagent already exists.", status=409):
        iam.create_role(RoleName="connectagent", AssumeRolePolicyDocument=_trust())
    twice = [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]
    with refused(
        "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.", status=400
    ):
        iam.tag_role(RoleName="ConnectAgent", Tags=twice)
    for number in range(10):
        arn = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=json.dumps(S3))["Policy"]["Arn"]
        if number < 9:
            iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=arn)
    with refused("LimitExceeded", "Cannot exceed quota for PoliciesPerRole: 10", status=409):
        iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=arn)


def test_an_action_that_is_not_offered_is_named(iam: Any) -> None:
    """An AWS-shaped error says which action it is."""
    with refused("InvalidAction", "Could not find operation EnableMFADevice for version 2010-05-08", status=400):
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
        iam.enable_mfa_device(UserName="u", SerialNumber="arn:aws:iam::1:mfa/u", **codes)
