"""What IAM's answers say about an account, by ARNs, other seeds and file names; what is reported and left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.seeds.made_secrets import made_secret
from emulator.world import load_world
from tests.conftest import APP
from tests.emulator.seeds.aws_answers.accounts import (
    ACCOUNT,
    ALLOW,
    TRUST,
    account_of,
    filled,
    left_out,
    notes,
    report,
    role,
    said,
)

OTHER = "210987654321"
OWN_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/reads"
VIEW_ONLY = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"
ATTACHED = {"AttachedPolicies": [{"PolicyName": "ViewOnlyAccess", "PolicyArn": VIEW_ONLY}]}


@pytest.fixture
def metadata(federation: Federation) -> str:
    """Returns an identity provider's metadata."""
    return federation.identity_providers["acme"].metadata(APP).decode()


@pytest.mark.parametrize(
    "content",
    [
        role(),
        [role()],
        {"Role": role()},
        {"Roles": [role()]},
        [{"Roles": []}, {"Roles": [role()]}],
        json.dumps({"Roles": [], "IsTruncated": True}) + "\n" + json.dumps({"Roles": [role()]}),
        "Roles: []\n---\n" + json.dumps({"Role": role()}) + "\n",
        {"Role": role(AssumeRolePolicyDocument=json.dumps(TRUST))},
        {"Role": role(AssumeRolePolicyDocument="%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D")},
    ],
    ids=["--query Role", "--query Roles", "get-role", "list-roles", "stream", "paged", "documents", "text", "wire"],
)
def test_a_role_in_each_shape(tmp_path: Path, content: Any) -> None:
    """Answers, what --query leaves of them, pages, and several documents in one file are the same role."""
    world = filled(tmp_path, {"x.json": content})
    assert list(account_of(world).roles) == ["Agent"]
    assert report(world, "x.json").left_out == ()
    assert report(world, "x.json").taken == {"roles": 1}


def test_one_file_under_two_accounts_gives_each_its_own(tmp_path: Path) -> None:
    """By the ARNs; an account that the file says nothing of is reported."""
    theirs = role("Theirs", Arn=f"arn:aws:iam::{OTHER}:role/Theirs")
    (tmp_path / "roles.json").write_text(json.dumps({"Roles": [role(), theirs]}))
    accounts = {name: {"seed": ["roles.json"]} for name in (ACCOUNT, OTHER, "333344445555")}
    (tmp_path / "world.yaml").write_text(json.dumps({"version": 1, "aws": accounts}))
    world = load_world(tmp_path / "world.yaml")
    assert {name: list(account.roles) for name, account in world.settings.aws.items()} == {
        ACCOUNT: ["Agent"],
        OTHER: ["Theirs"],
        "333344445555": [],
    }
    assert left_out(world, "roles.json") == []


def test_a_file_of_another_account_is_reported(tmp_path: Path) -> None:
    """It is not taken for this account's, and the account to list it under is named."""
    world = filled(tmp_path, {"roles.json": {"Roles": [role()]}}, account=OTHER)
    assert account_of(world, OTHER).roles == {}
    assert left_out(world, "roles.json") == [f"1 thing of account {ACCOUNT}: the file is not among its seeds"]


def test_a_partition_is_taken_from_the_arns(tmp_path: Path) -> None:
    """A GovCloud account is one without being called so."""
    arn = f"arn:aws-us-gov:iam::{ACCOUNT}:role/Agent"
    assert account_of(filled(tmp_path, {"role.json": {"Role": role(Arn=arn)}})).partition == "aws-us-gov"


def test_what_list_roles_does_not_print_is_reported(tmp_path: Path) -> None:
    """Unless get-role prints it."""
    limits: dict[str, Any] = {"PermissionsBoundary": {"PermissionsBoundaryArn": VIEW_ONLY}}
    files = {"roles.json": {"Roles": [role(), role("Clerk")]}, "agent.json": {"Role": role(**limits)}}
    world = filled(tmp_path, files)
    assert account_of(world).roles["Agent"].permissions_boundary == VIEW_ONLY
    assert notes(world, "roles.json") == [
        "aws iam list-roles: its output has neither permissions boundaries nor tags: Clerk has none here"
    ]


def test_tags_of_awss_own_are_left_out(tmp_path: Path) -> None:
    """CloudFormation tags what it makes; a world takes the other tags."""
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "s"}, {"Key": "stage", "Value": "live"}]
    world = filled(tmp_path, {"role.json": {"Role": role(Tags=tags)}})
    assert account_of(world).roles["Agent"].tags == {"stage": "live"}
    assert left_out(world, "role.json") == [
        "tags aws:cloudformation:stack-name of role Agent: "
        "tags that begin with aws: are set by AWS only, and worlds do not have them"
    ]


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("AssumeRolePolicyDocument", None, "AssumeRolePolicyDocument is missing"),
        ("AssumeRolePolicyDocument", ["x"], "AssumeRolePolicyDocument is not a policy document"),
        ("AssumeRolePolicyDocument", "no JSON", "AssumeRolePolicyDocument is not a policy document"),
        ("MaxSessionDuration", "3600", "MaxSessionDuration is not a whole number"),
        ("PermissionsBoundary", "arn", "PermissionsBoundary is not a mapping"),
        ("PermissionsBoundary", {}, "PermissionsBoundaryArn is missing"),
        ("Tags", {"a": "b"}, "Tags is not a list"),
        ("Tags", ["a"], "Tags must contain only mappings"),
        ("Path", 7, "Path is not a string"),
    ],
)
def test_a_broken_role_is_left_out_and_the_others_are_not(tmp_path: Path, field: str, value: Any, reason: str) -> None:
    """One entry that is broken refuses nothing, and is never taken without what it may narrow."""
    world = filled(tmp_path, {"roles.json": {"Roles": [role("Broken", **{field: value}), role(), "junk", None]}})
    assert list(account_of(world).roles) == ["Agent"]
    junk = "an entry of Roles: it is not a mapping"
    assert left_out(world, "roles.json") == [f"role Broken: {reason}", junk, junk]


@pytest.mark.parametrize("name", ["Agent.json", "attached-Agent.json", "list-attached-role-policies.json"])
def test_attached_policies_are_of_whom_other_seeds_and_the_file_name(tmp_path: Path, name: str) -> None:
    """The role that the file's name holds, or the only one where it holds none."""
    world = filled(tmp_path, {"role.json": {"Role": role()}, name: ATTACHED})
    assert account_of(world).roles["Agent"].policies == [VIEW_ONLY]
    assert bool(notes(world, name)) is (name != "Agent.json")


@pytest.mark.parametrize(
    ("name", "holder"),
    [("Clerk-Agent.json", "Clerk-Agent"), ("Clerk.json", "Clerk"), ("policies.json", ""), ("Night.json", "")],
)
def test_attached_policies_are_never_guessed(tmp_path: Path, name: str, holder: str) -> None:
    """The longest name counts; one that no seed has is not taken for another."""
    roles = {"Roles": [role(), role("Clerk"), role("Clerk-Agent")]}
    world = filled(tmp_path, {"all.json": roles, name: ATTACHED})
    having = [each for each, settings in account_of(world).roles.items() if settings.policies]
    assert having == ([holder] if holder else [])
    assert bool(left_out(world, name)) is (not holder)


def test_policies_of_users_and_groups_are_read_too(tmp_path: Path) -> None:
    """Their answers look as a role's does."""
    user = {"UserName": "okta", "Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/okta", "UserId": "AIDAX"}
    group = {"GroupName": "readers", "Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:group/readers", "GroupId": "AGPAX"}
    files = {
        "user.json": {"User": user},
        "group.json": {"Group": group, "Users": [user]},
        "list-attached-user-policies-okta.json": ATTACHED,
        "readers.json": ATTACHED,
        "inline.json": {"UserName": "okta", "PolicyName": "more", "PolicyDocument": ALLOW},
    }
    account = account_of(filled(tmp_path, files))
    assert account.users["okta"].policies == [VIEW_ONLY]
    assert account.users["okta"].inline_policies == {"more": ALLOW}
    assert (account.groups["readers"].policies, account.groups["readers"].users) == ([VIEW_ONLY], ["okta"])


def test_an_inline_policy_without_its_document_keeps_its_role_away(tmp_path: Path) -> None:
    """It may deny what the others allow; with the document the role is there."""
    files = {"role.json": {"Role": role()}, "Agent.json": {"PolicyNames": ["deny"]}}
    world = filled(tmp_path, files)
    assert account_of(world).roles == {}
    assert left_out(world, "role.json") == [
        "role Agent: none of the seeds contains its inline policy deny, so it is unknown what it is denied"
    ]
    fix = "Add the output of aws iam get-role-policy --role-name Agent --policy-name deny to the seeds."
    assert report(world, "role.json").left_out[0].fix == fix
    files["deny.json"] = {"RoleName": "Agent", "PolicyName": "deny", "PolicyDocument": ALLOW}
    assert account_of(filled(tmp_path, files)).roles["Agent"].inline_policies == {"deny": ALLOW}


def test_policies_have_their_names_from_other_answers(tmp_path: Path) -> None:
    """get-policy-version says neither; a version that is not in force is not taken."""
    policy = {"PolicyName": "reads", "Arn": OWN_POLICY, "DefaultVersionId": "v3", "PolicyId": "ANPAX"}
    version = {"Document": ALLOW, "VersionId": "v3", "IsDefaultVersion": True}
    files = {"get-policy.json": {"Policy": policy}, "get-policy-version.json": {"PolicyVersion": version}}
    assert account_of(filled(tmp_path, files)).policies == {"reads": ALLOW}
    files["get-policy-version.json"] = {"PolicyVersion": {**version, "VersionId": "v2", "IsDefaultVersion": False}}
    world = filled(tmp_path, files)
    assert account_of(world).policies == {}
    assert left_out(world, "get-policy-version.json") == [
        "policy reads: its version v2 is not the default version",
    ]


def test_policies_without_documents_are_reported_in_one_line(tmp_path: Path) -> None:
    """AWS's own are known; of many five are named."""
    policies = [
        {"PolicyName": f"p{number}", "Arn": f"arn:aws:iam::{ACCOUNT}:policy/p{number}", "DefaultVersionId": "v1"}
        for number in range(45)
    ]
    awss = {"PolicyName": "ViewOnlyAccess", "Arn": VIEW_ONLY, "DefaultVersionId": "v9"}
    world = filled(tmp_path, {"policies.json": {"Policies": [awss, *policies]}})
    assert left_out(world, "policies.json") == [
        "policies p0, p1, p2, p3, p4 and 40 more: none of the seeds contains the document"
    ]
    assert report(world, "policies.json").left_out[0].fix == (
        f"Add the output of aws iam get-policy-version --policy-arn arn:aws:iam::{ACCOUNT}:policy/p0 --version-id "
        "v1 to the seeds."
    )


def test_a_provider_keeps_that_encryption_is_required(tmp_path: Path, metadata: str) -> None:
    """Its private keys are AWS's; that they are not here is reported."""
    answer = {
        "SAMLMetadataDocument": metadata,
        "AssertionEncryptionMode": "Required",
        "PrivateKeyList": [{"KeyId": "SAMLPKX", "Timestamp": "2026-01-01T00:00:00Z"}],
    }
    world = filled(tmp_path, {"okta.json": answer})
    assert said(account_of(world))["saml_providers"] == {
        "okta": {"metadata": {"xml": metadata}, "assertion_encryption": "Required"}
    }
    assert notes(world, "okta.json") == [
        "SAML provider okta: its private keys never leave AWS, so encrypted assertions cannot be decrypted here"
    ]


def test_a_provider_of_unknown_encryption_is_left_out(tmp_path: Path, metadata: str) -> None:
    """An assertion is never taken that might have to be encrypted."""
    world = filled(tmp_path, {"okta.json": {"SAMLMetadataDocument": metadata, "AssertionEncryptionMode": "Maybe"}})
    assert account_of(world).saml_providers == {}
    assert left_out(world, "okta.json") == [
        "SAML provider okta: it is unknown whether its assertions must be encrypted"
    ]


@pytest.mark.parametrize(
    ("name", "others", "found"),
    [
        ("okta.json", {}, "okta"),
        ("saml-provider-okta.json", {"role.json": {"Role": role()}}, "okta"),
        ("get-saml-provider.json", {"role.json": {"Role": role()}}, "okta"),
        ("my provider.json", {}, "my-provider"),
    ],
)
def test_a_provider_has_its_name_from_other_seeds_or_the_file(
    tmp_path: Path, metadata: str, name: str, others: Any, found: str
) -> None:
    """The answer does not say it; the trust policies of roles do."""
    world = filled(tmp_path, {name: {"SAMLMetadataDocument": metadata}, **others})
    assert list(account_of(world).saml_providers) == [found]


def test_a_provider_is_found_in_the_list_by_its_dates(tmp_path: Path, metadata: str) -> None:
    """Those that nobody gave are reported in one line, with the command for the first."""
    dates = {"CreateDate": "2026-01-01T00:00:00+00:00", "ValidUntil": "2126-01-01T00:00:00+00:00"}
    listed = [
        {"Arn": f"arn:aws:iam::{ACCOUNT}:saml-provider/entra", **dates},
        *({"Arn": f"arn:aws:iam::{ACCOUNT}:saml-provider/p{number}"} for number in range(7)),
    ]
    files = {"idp.json": {"SAMLMetadataDocument": metadata, **dates}, "list.json": {"SAMLProviderList": listed}}
    world = filled(tmp_path, files)
    assert list(account_of(world).saml_providers) == ["entra"]
    assert left_out(world, "list.json") == [
        "SAML providers p0, p1, p2, p3, p4 and 2 more: the list has only names, no metadata"
    ]
    assert report(world, "list.json").left_out[0].fix == (
        "Add the output of aws iam get-saml-provider --saml-provider-arn "
        f"arn:aws:iam::{ACCOUNT}:saml-provider/p0 to the seeds, as p0.json."
    )


def test_access_keys_get_a_secret_of_their_own(tmp_path: Path) -> None:
    """A real secret is never read, and shown nowhere; a key that is not active opens nothing."""
    active = {"UserName": "okta", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Active"}
    inactive = {**active, "AccessKeyId": "AKIAI44QH8DHBEXAMPLE", "Status": "Inactive"}
    real = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    files = {
        "keys.json": {"AccessKeyMetadata": [active, inactive]},
        "made.json": {"AccessKey": {**active, "SecretAccessKey": real}},
    }
    world = filled(tmp_path, files)
    keys = account_of(world).users["okta"].access_keys
    assert [(key.id, key.secret) for key in keys] == [("AKIAIOSFODNN7EXAMPLE", made_secret("AKIAIOSFODNN7EXAMPLE"))]
    assert left_out(world, "keys.json") == ["access key: AKIAI44QH8DHBEXAMPLE of okta is not active"]
    assert notes(world, "made.json") == [
        "access key AKIAIOSFODNN7EXAMPLE of okta: secrets are never read; here it has a generated one"
    ]
    assert real not in repr(world.seeds) + repr(world.settings)


def test_a_page_of_several_is_reported(tmp_path: Path) -> None:
    """What follows is not in the file, and that is not an empty account."""
    for more in ({"NextToken": "abc"}, {"IsTruncated": True, "Marker": "abc"}):
        world = filled(tmp_path, {"roles.json": {"Roles": [role()], **more}})
        assert left_out(world, "roles.json") == [
            "aws iam list-roles: it is one page of several; the following pages are missing"
        ]


def test_what_is_no_answer_among_answers_is_reported(tmp_path: Path) -> None:
    """A file that was put together by hand may hold anything."""
    text = json.dumps({"Role": role()}) + "\n" + json.dumps({"Buckets": []})
    world = filled(tmp_path, {"all.json": text})
    assert list(account_of(world).roles) == ["Agent"]
    assert left_out(world, "all.json") == ["part 2 of the file: it is not the output of a supported command"]
    assert report(world, "all.json").left_out[0].location.line == 2


def test_the_account_id_alone_is_reported_to_add_nothing(tmp_path: Path) -> None:
    """get-caller-identity says whose credentials somebody has."""
    identity = {"UserId": "AIDAX", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/x"}
    assert notes(filled(tmp_path, {"me.json": identity}), "me.json") == [
        "aws sts get-caller-identity: it contains only the account's id"
    ]
    assert left_out(filled(tmp_path, {"me.json": identity}, account=OTHER), "me.json") == [
        f"aws sts get-caller-identity: it was run in the account {ACCOUNT}, not in {OTHER}"
    ]


def test_what_one_seed_cannot_say_is_not_taken_from_another(tmp_path: Path) -> None:
    """A boundary or a policy that cannot be read keeps its holder away, whoever else speaks of it."""
    broken: dict[str, Any] = {"PermissionsBoundary": {"PermissionsBoundaryArn": 7}}
    both = {"Roles": [role(), role("Clerk")]}
    files: dict[str, Any] = {"role.json": {"Role": role(**broken)}, "roles.json": both, "Agent.json": ATTACHED}
    world = filled(tmp_path, files)
    assert list(account_of(world).roles) == ["Clerk"]
    assert left_out(world, "roles.json") == [
        "role Agent: a seed has data on role Agent that cannot be read (PermissionsBoundaryArn is not a string)"
    ]
    user = {"UserName": "okta", "Path": "/", "Arn": f"arn:aws:iam::{ACCOUNT}:user/okta", "UserId": "AIDAX"}
    files = {
        "inline.json": {"UserName": "okta", "PolicyName": "deny", "PolicyDocument": "no JSON"},
        "user.json": {"User": user},
        "okta.json": ATTACHED,
    }
    assert account_of(filled(tmp_path, files)).users == {}
