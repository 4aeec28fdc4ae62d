"""IAM's and STS's answers as they were recorded at AWS between June 2024 and February 2026.

The recordings are localstack/localstack's (Apache-2.0); only codes, statuses and AWS's words are taken from them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.config import Config

from tests.conftest import ACCOUNT, PROVIDER_ARN
from tests.sdk import Sdk, keys_of, refused

POLICY_ARN = f"arn:aws:iam::{ACCOUNT}:policy/connect-login"
NO_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/not-there"
AWS_POLICY = "arn:aws:iam::aws:policy/IAMReadOnlyAccess"
DOCUMENT = json.dumps(
    {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}}
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER_ARN},
            "Action": "sts:AssumeRoleWithSAML",
        },
    }
)
ONE = "1 validation error detected: Value at '{}' failed to satisfy constraint: Member must "
KEY_PATTERN = r"satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+"
EVERY_KEY = (
    ONE.format("tagKeys") + "satisfy constraint: [Member must have length less than or equal to 128, Member must have "
    f"length greater than or equal to 1, Member must {KEY_PATTERN}, Member must not be null]"
)
VERSION_PATTERN = ONE.format("versionId") + r"satisfy regular expression pattern: v[1-9][0-9]*(\.[A-Za-z0-9-]*)?"
NO_VERSION = f"Policy {NO_POLICY} version v1 does not exist or is not attachable."
USERLESS = "Must specify userName when calling with non-User credentials"


def _tags(*keys: str, value: str = "v") -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key in keys]


MANY = [str(number) for number in range(51)]
OWN = {"PolicyArn": POLICY_ARN}
ROLE = {"RoleName": "ConnectAgent"}
NEW_ROLE = {"RoleName": "New", "AssumeRolePolicyDocument": TRUST}
NEW_POLICY = {"PolicyName": "new", "PolicyDocument": DOCUMENT}

REFUSALS: list[tuple[str, Mapping[str, Any], str, str, int]] = [
    (
        "delete_policy",
        {"PolicyArn": AWS_POLICY},
        "AccessDenied",
        "Cannot delete policies outside your own account.",
        403,
    ),
    (
        "delete_policy_version",
        {"PolicyArn": AWS_POLICY, "VersionId": "v1"},
        "AccessDenied",
        "Cannot delete policy versions for policies outside your own account.",
        403,
    ),
    (
        "set_default_policy_version",
        {"PolicyArn": AWS_POLICY, "VersionId": "v1"},
        "AccessDenied",
        "Cannot update policies outside your own account.",
        403,
    ),
    ("get_policy_version", {**OWN, "VersionId": "latest"}, "ValidationError", VERSION_PATTERN, 400),
    ("set_default_policy_version", {**OWN, "VersionId": "latest"}, "ValidationError", VERSION_PATTERN, 400),
    ("get_policy_version", {"PolicyArn": NO_POLICY, "VersionId": "v1"}, "NoSuchEntity", NO_VERSION, 404),
    ("set_default_policy_version", {"PolicyArn": NO_POLICY, "VersionId": "v1"}, "NoSuchEntity", NO_VERSION, 404),
    ("get_policy", {"PolicyArn": NO_POLICY}, "NoSuchEntity", f"Policy {NO_POLICY} was not found.", 404),
    (
        "attach_role_policy",
        {**ROLE, "PolicyArn": "connect-login-not-an-arn"},
        "ValidationError",
        "ARN connect-login-not-an-arn is not valid.",
        400,
    ),
    (
        "put_role_permissions_boundary",
        {**ROLE, "PermissionsBoundary": NO_POLICY},
        "NoSuchEntity",
        f"Scope ARN: {NO_POLICY} does not exist or is not attachable.",
        404,
    ),
    (
        "put_user_permissions_boundary",
        {"UserName": "administrator", "PermissionsBoundary": NO_POLICY},
        "NoSuchEntity",
        f"Scope ARN: {NO_POLICY} does not exist or is not attachable.",
        404,
    ),
    *(
        (operation, {**names, "Tags": tags}, "ValidationError", ONE.format(at) + rule, 400)
        for operation, names in (
            ("create_policy", NEW_POLICY),
            ("tag_policy", OWN),
            ("create_role", NEW_ROLE),
            ("tag_role", ROLE),
        )
        for tags, at, rule in (
            (_tags(*MANY), "tags", "have length less than or equal to 50"),
            (_tags("k" * 129), "tags.1.member.key", "have length less than or equal to 128"),
            (_tags("k", value="v" * 257), "tags.1.member.value", "have length less than or equal to 256"),
            (_tags("wrong!"), "tags.1.member.key", KEY_PATTERN),
        )
    ),
    *(
        (operation, {**names, "TagKeys": keys}, "ValidationError", words, 400)
        for operation, names in (("untag_policy", OWN), ("untag_role", ROLE))
        for keys, words in (
            (MANY, ONE.format("tagKeys") + "have length less than or equal to 50"),
            (["k" * 129], EVERY_KEY),
            (["right", "wrong!"], EVERY_KEY),
        )
    ),
    ("create_policy", {**NEW_POLICY, "Tags": _tags("a", "a")}, "InvalidInput", "Duplicate tag keys found.", 400),
    ("tag_policy", {**OWN, "Tags": _tags("a", "a")}, "InvalidInput", "Duplicate tag keys found.", 400),
]


@pytest.fixture
def iam(sdk: Sdk) -> Any:
    """Returns the administrator's client, which sends what botocore would not."""
    client = sdk("iam")
    client.meta.config.merge(Config(parameter_validation=False))
    return client


@pytest.mark.parametrize(("operation", "parameters", "code", "words", "status"), REFUSALS)
def test_iam_refuses_as_recorded(
    iam: Any, operation: str, parameters: Mapping[str, Any], code: str, words: str, status: int
) -> None:
    """Code, words and status; the refused value is not said."""
    with refused(code, words, status=status):
        getattr(iam, operation)(**parameters)


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_user", {}),
        ("create_access_key", {}),
        ("list_access_keys", {}),
        ("update_access_key", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"}),
        ("delete_access_key", {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"}),
    ],
)
def test_a_role_session_has_to_name_the_user(sdk: Sdk, operation: str, parameters: Mapping[str, Any]) -> None:
    """A session of a role is not a user that could be meant."""
    iam = sdk("iam")
    trust = json.loads(TRUST)
    trust["Statement"].update(Principal={"AWS": ACCOUNT}, Action="sts:AssumeRole")
    arn = iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="Reader", PolicyArn="arn:aws:iam::aws:policy/IAMFullAccess")
    credentials = sdk("sts").assume_role(RoleArn=arn, RoleSessionName="reader")["Credentials"]
    with refused("ValidationError", USERLESS, status=400):
        getattr(sdk("iam", **keys_of(credentials)), operation)(**parameters)


def test_create_role_says_less_than_get_role(iam: Any) -> None:
    """Neither the description nor the longest session."""
    made = iam.create_role(**NEW_ROLE, Description="by hand", MaxSessionDuration=7200)["Role"]
    assert list(made) == ["Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument"]
    got = iam.get_role(RoleName="New")["Role"]
    assert (got["Description"], got["MaxSessionDuration"]) == ("by hand", 7200)


def test_a_saml_provider_always_has_an_encryption_mode(iam: Any) -> None:
    """A new one allows encryption, answers no tags where none were given, and is valid for a hundred years."""
    document = iam.get_saml_provider(SAMLProviderArn=PROVIDER_ARN)["SAMLMetadataDocument"]
    made = iam.create_saml_provider(Name="second", SAMLMetadataDocument=document)
    assert "Tags" not in made
    got = iam.get_saml_provider(SAMLProviderArn=made["SAMLProviderArn"])
    assert (got["AssertionEncryptionMode"], got["PrivateKeyList"]) == ("Allowed", [])
    assert got["ValidUntil"] == got["CreateDate"].replace(year=got["CreateDate"].year + 100)
    iam.update_saml_provider(SAMLProviderArn=made["SAMLProviderArn"], SAMLMetadataDocument=document)
    assert iam.get_saml_provider(SAMLProviderArn=made["SAMLProviderArn"])["AssertionEncryptionMode"] == "Allowed"
    tagged = iam.create_saml_provider(Name="third", SAMLMetadataDocument=document, Tags=_tags("a"))
    assert tagged["Tags"] == _tags("a")


def test_a_policys_tags_come_as_given_and_are_listed_the_shorter_keys_first(iam: Any) -> None:
    """CreatePolicy answers the tags, and none where there are none."""
    given = _tags("abc", "b", "z", "a")
    policy = iam.create_policy(**NEW_POLICY, Tags=given)["Policy"]
    assert policy["Tags"] == given
    assert iam.list_policy_tags(PolicyArn=policy["Arn"])["Tags"] == _tags("a", "b", "z", "abc")
    assert "Tags" not in iam.create_policy(PolicyName="untagged", PolicyDocument=DOCUMENT)["Policy"]


def test_version_numbers_are_not_used_again(iam: Any) -> None:
    """After v5 comes v6, whichever versions are left."""
    arn = iam.create_policy(**NEW_POLICY)["Policy"]["Arn"]
    made = [iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT) for _ in range(4)]
    assert [each["PolicyVersion"]["VersionId"] for each in made] == ["v2", "v3", "v4", "v5"]
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    sixth = iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    assert sixth["PolicyVersion"]["VersionId"] == "v6"


def test_the_whole_account_is_described_as_recorded(iam: Any) -> None:
    """Policies have their counts; users have a list of inline policies only where they have inline policies."""
    details = iam.get_account_authorization_details(Filter=["LocalManagedPolicy", "User"])
    policy = next(each for each in details["Policies"] if each["Arn"] == POLICY_ARN)
    counts = (policy["AttachmentCount"], policy["Path"], policy["PermissionsBoundaryUsageCount"])
    assert counts == (2, "/", 0)
    user = next(each for each in details["UserDetailList"] if each["UserName"] == "administrator")
    assert "UserPolicyList" not in user


def test_get_federation_token_always_says_how_full_the_session_is(sdk: Sdk) -> None:
    """Even when there is nothing in it."""
    assert sdk("sts").get_federation_token(Name="hanako")["PackedPolicySize"] == 0
