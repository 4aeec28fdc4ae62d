"""What is proposed for what a role may do: its policies, its boundary, the policies of its organization."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.fixes.candidate import REMOVED
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world, parse_world
from emulator.worldfile.text.yaml_data import value_at
from tests.conftest import ACCOUNT, INSTANCE_ID
from tests.emulator.fixes.aws.proposals import IAM, POLICY, ROLE, plain, proposed, warned

ACTION = "connect:GetFederationToken"
ARN = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}"
RIGHT = f"{ARN}/user/${{aws:userid}}"
OTHER_ID = "87654321-90ab-cdef-1234-567890abcdef"
GUARDRAIL = "It changes a guardrail that somebody else set: ask whoever administers it."
EXCEPTION = "It makes an exception to a Deny that somebody set: ask whoever did."
DELETES = "It deletes a Deny, which then keeps nobody out."
ALLOWS = "It makes an Allow of a Deny: what was denied is allowed then."
READS = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
ORGANIZATION = f"{IAM}/organization"


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


DENY = _policy({"Effect": "Deny", "Action": "connect:*", "Resource": "*"})

FIRST: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a misspelt action": ({f"{POLICY}/Action": "connect:GetFederationTokens"}, {f"{POLICY}/Action": ACTION}),
    "an action of another service": ({f"{POLICY}/Action": "sts:GetFederationToken"}, {f"{POLICY}/Action": ACTION}),
    "an action that lacks": (
        {f"{POLICY}/Action": ["connect:DescribeInstance", "connect:ListUsers"]},
        {f"{POLICY}/Action/-": ACTION},
    ),
    "another action": ({f"{POLICY}/Action": "connect:ListUsers"}, {f"{POLICY}/Action": ["connect:ListUsers", ACTION]}),
    "another region": ({f"{POLICY}/Resource": RIGHT.replace("northeast", "southeast")}, {f"{POLICY}/Resource": RIGHT}),
    "another region, with a wildcard": (
        {f"{POLICY}/Resource": f"{ARN.replace('northeast', 'southeast')}/user/*"},
        {f"{POLICY}/Resource": f"{ARN}/user/*"},
    ),
    "an instance that does not exist": (
        {f"{POLICY}/Resource": [RIGHT.replace(INSTANCE_ID, OTHER_ID), "arn:aws:connect:*:*:x"]},
        {f"{POLICY}/Resource/0": RIGHT},
    ),
    "an ARN without its end": ({f"{POLICY}/Resource": ARN}, {f"{POLICY}/Resource": RIGHT}),
    "a version without variables": (
        {f"{IAM}/policies/connect-login/Version": "2008-10-17"},
        {f"{IAM}/policies/connect-login/Version": "2012-10-17"},
    ),
    "another instance in the condition": (
        {f"{POLICY}/Resource": "*", f"{POLICY}/Condition": {"StringEquals": {"connect:InstanceId": OTHER_ID}}},
        {f"{POLICY}/Condition/StringEquals/connect:InstanceId": INSTANCE_ID},
    ),
    "a misspelt key of the condition": (
        {f"{POLICY}/Resource": "*", f"{POLICY}/Condition": {"StringEquals": {"connect:Instance": INSTANCE_ID}}},
        {
            f"{POLICY}/Condition/StringEquals/connect:InstanceId": INSTANCE_ID,
            f"{POLICY}/Condition/StringEquals/connect:Instance": REMOVED,
        },
    ),
    "a policy that is not attached": ({f"{ROLE}/policies": []}, {f"{ROLE}/policies/-": "connect-login"}),
    "no policies at all": ({f"{ROLE}/policies": None}, {f"{ROLE}/policies": ["connect-login"]}),
    "no such policy": (
        {f"{ROLE}/policies": [], f"{POLICY}/Action": "s3:GetObject"},
        {
            f"{ROLE}/inline_policies/amazon-connect-federation": _policy(
                {"Effect": "Allow", "Action": ACTION, "Resource": RIGHT}
            )
        },
    ),
    "one of AWS's own": (
        {f"{ROLE}/policies": ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"], f"{POLICY}/Action": "s3:Get*"},
        {
            f"{ROLE}/inline_policies/amazon-connect-federation": _policy(
                {"Effect": "Allow", "Action": ACTION, "Resource": RIGHT}
            )
        },
    ),
}


@pytest.mark.parametrize("mistake", FIRST)
def test_the_smallest_change_comes_first(world: World, keys: KeyFolder, mistake: str) -> None:
    """What is written is corrected where it is; a resource is the instance's own ARN and never all."""
    changes, right = FIRST[mistake]
    candidates = plain(proposed(world, keys, changes))
    assert candidates[0] == right
    assert "*" not in [value for each in candidates for value in each.values()]


def test_an_instance_that_others_need_stays(world: World, keys: KeyFolder) -> None:
    """The ARN of another instance that there is may be right for others: the login's is added to it."""
    other = RIGHT.replace(INSTANCE_ID, OTHER_ID)
    changes = {
        f"{IAM}/connect/{OTHER_ID}": {"alias": "second", "region": "ap-northeast-1"},
        f"{POLICY}/Resource": other,
    }
    assert next(edits for edits, _ in warned(proposed(world, keys, changes))) == {f"{POLICY}/Resource": [other, RIGHT]}


def test_a_policy_is_not_widened_unsaid_for_a_relay_state(world: World, keys: KeyFolder) -> None:
    """Where the role may open another instance, the relay state may be what is wrong."""
    changes = {
        f"{IAM}/connect/{OTHER_ID}": {"alias": "second", "region": "ap-northeast-1"},
        f"{POLICY}/Resource": [RIGHT.replace(INSTANCE_ID, OTHER_ID)],
    }
    candidates = proposed(world, keys, changes)
    assert plain(candidates) == []
    warning = "The policy may be right and the relay state wrong: it would allow one more instance."
    assert warned(candidates)[0] == ({f"{POLICY}/Resource/-": RIGHT}, warning)


def test_a_policy_in_a_file_is_edited_inside_it(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """Where a world names a JSON file, the key leads on into it."""
    document, _ = value_at(world.document.data, ("aws", ACCOUNT, "policies", "connect-login"))
    text = json.dumps(document).replace(ACTION, "connect:GetFederationToke")
    (tmp_path / "login.json").write_text(text, encoding="utf-8")
    moved = parse_world(Path(world.document.file).read_text(encoding="utf-8"), file=str(tmp_path / "world.yaml"))
    named = change_world(moved, {f"{IAM}/policies/connect-login": "login.json"})
    assert plain(proposed(named, keys, {}))[0] == {f"{POLICY}/Action": ACTION}


def test_a_guardrail_loses_the_action_and_stays(world: World, keys: KeyFolder) -> None:
    """A Deny of several actions keeps the others; nothing makes an Allow of it."""
    guardrail = _policy({"Effect": "Deny", "Action": [ACTION, "iam:CreateAccessKey"], "Resource": "*"})
    changes = {f"{IAM}/policies/guardrail": guardrail, f"{ROLE}/policies": ["connect-login", "guardrail"]}
    candidates = proposed(world, keys, changes)
    assert plain(candidates) == []
    assert warned(candidates) == [
        ({f"{IAM}/policies/guardrail/Statement/0/Action/0": REMOVED}, EXCEPTION),
        ({f"{ROLE}/policies/1": REMOVED}, DELETES),
    ]


def test_an_inline_guardrail_that_denies_everything_of_the_service(world: World, keys: KeyFolder) -> None:
    """A wildcard leaves no exception to be made: the policy is deleted, with a warning."""
    changes = {f"{ROLE}/inline_policies": {"guardrail": DENY}}
    assert warned(proposed(world, keys, changes)) == [({f"{ROLE}/inline_policies/guardrail": REMOVED}, DELETES)]


def test_the_policy_that_ought_to_allow_and_denies(world: World, keys: KeyFolder) -> None:
    """Where nothing else of the role would allow it, a Deny is the opposite of what was meant."""
    assert warned(proposed(world, keys, {f"{POLICY}/Effect": "Deny"}))[0] == ({f"{POLICY}/Effect": "Allow"}, ALLOWS)


def test_the_boundary_policy_is_corrected_first(world: World, keys: KeyFolder) -> None:
    """A policy that is a boundary and nothing else is what is wrong."""
    changes = {f"{IAM}/policies/ceiling": _policy(READS), f"{ROLE}/permissions_boundary": "ceiling"}
    assert warned(proposed(world, keys, changes)) == [
        ({f"{IAM}/policies/ceiling/Statement/0/Action": ["s3:*", ACTION]}, GUARDRAIL),
        ({f"{ROLE}/permissions_boundary": "connect-login"}, GUARDRAIL),
        (
            {f"{ROLE}/permissions_boundary": REMOVED},
            "It takes the permissions boundary away, which then limits nothing.",
        ),
    ]


def test_another_boundary_where_the_policy_is_somebodys(world: World, keys: KeyFolder) -> None:
    """A policy that others have is not changed for a role that has it as its boundary by mistake."""
    ceiling = _policy({"Effect": "Allow", "Action": ["connect:*", "s3:*"], "Resource": "*"})
    changes = {f"{IAM}/policies/ceiling": ceiling, f"{ROLE}/permissions_boundary": "okta-read-roles"}
    assert warned(proposed(world, keys, changes))[0] == ({f"{ROLE}/permissions_boundary": "ceiling"}, GUARDRAIL)


def test_a_service_control_policy_gets_an_exception(world: World, keys: KeyFolder) -> None:
    """The region is added to those that are left alone, the action to those that are not denied."""
    condition = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    regions = _policy({"Effect": "Deny", "NotAction": ["iam:*"], "Resource": "*", "Condition": condition})
    changes = {ORGANIZATION: {"id": "o-acme000001", "scps": {"regions": regions}}}
    statement = f"{ORGANIZATION}/scps/regions/Statement/0"
    assert warned(proposed(world, keys, changes)) == [
        ({f"{statement}/Condition/StringNotEquals/aws:RequestedRegion": ["eu-west-1", "ap-northeast-1"]}, EXCEPTION),
        ({f"{statement}/NotAction/-": ACTION}, EXCEPTION),
        ({f"{ORGANIZATION}/scps/regions": REMOVED}, DELETES),
    ]


def test_a_deny_of_everything_leaves_one_action_out(world: World, keys: KeyFolder) -> None:
    """A Deny of * becomes one of all but the action."""
    everything = _policy({"Effect": "Deny", "Action": "*", "Resource": "*"})
    changes = {ORGANIZATION: {"id": "o-acme000001", "scps": {"nothing": everything}}}
    statement = f"{ORGANIZATION}/scps/nothing/Statement/0"
    assert warned(proposed(world, keys, changes))[0] == (
        {f"{statement}/Action": REMOVED, f"{statement}/NotAction": ACTION},
        EXCEPTION,
    )


def test_service_control_policies_that_allow_too_little(world: World, keys: KeyFolder) -> None:
    """The action is added to what they allow; where there are none, FullAWSAccess is attached again."""
    changes = {ORGANIZATION: {"id": "o-acme000001", "full_aws_access": False, "scps": {"some": _policy(READS)}}}
    assert warned(proposed(world, keys, changes))[0] == (
        {f"{ORGANIZATION}/scps/some/Statement/0/Action": ["s3:*", ACTION]},
        GUARDRAIL,
    )
    changes = {ORGANIZATION: {"id": "o-acme000001", "full_aws_access": False}}
    assert warned(proposed(world, keys, changes)) == [
        (
            {f"{ORGANIZATION}/full_aws_access": True},
            "FullAWSAccess leaves it to the account's own policies what is allowed.",
        )
    ]


def test_policies_of_the_root_and_of_units(world: World, keys: KeyFolder) -> None:
    """They are found at their own level: a Deny, a list that is too short, and none at all."""
    unit, level = "ou-ab12-11111111", f"{ORGANIZATION}/levels/ou-ab12-11111111"

    def found(settings: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
        organization = {"id": "o-acme000001", "root": "r-ab12", "organizational_units": [unit]}
        return warned(proposed(world, keys, {ORGANIZATION: {**organization, "levels": {unit: settings}}}))

    assert found({"scps": {"ours": DENY}}) == [({f"{level}/scps/ours": REMOVED}, DELETES)]
    assert found({"full_aws_access": False, "scps": {"some": _policy(READS)}})[0] == (
        {f"{level}/scps/some/Statement/0/Action": ["s3:*", ACTION]},
        GUARDRAIL,
    )
    assert [edits for edits, _ in found({"full_aws_access": False})] == [{f"{level}/full_aws_access": True}]


def test_a_policy_of_awss_that_denies_is_detached(world: World, keys: KeyFolder) -> None:
    """Nobody else can change it."""
    changes = {f"{ROLE}/policies": ["connect-login", "arn:aws:iam::aws:policy/AWSDenyAll"]}
    assert warned(proposed(world, keys, changes)) == [({f"{ROLE}/policies/1": REMOVED}, DELETES)]


def test_what_a_statement_leaves_out_gets_one_of_its_own(world: World, keys: KeyFolder) -> None:
    """Before the exception is taken out of it."""
    changes = {f"{POLICY}/Action": None, f"{POLICY}/NotAction": [ACTION, "iam:*"], f"{POLICY}/Resource": "*"}
    candidates = proposed(world, keys, changes)
    own = {"Effect": "Allow", "Action": ACTION, "Resource": RIGHT}
    assert plain(candidates) == [{f"{IAM}/policies/connect-login/Statement/-": own}]
    assert [edits for edits, _ in warned(candidates)] == [{f"{POLICY}/NotAction/0": REMOVED}]


def test_a_key_of_the_assertion_is_not_in_later_requests(world: World, keys: KeyFolder) -> None:
    """It belongs in the trust policy, and can only be deleted here."""
    changes = {f"{POLICY}/Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}
    (candidate,) = proposed(world, keys, changes)
    assert candidate.warning == "It deletes a condition, which then keeps nobody out."


def test_a_resource_control_policy_is_deleted_last(world: World, keys: KeyFolder) -> None:
    """Of a policy with one Deny of one action nothing is left but the policy itself."""
    deny = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithSAML", "Resource": "*"}
    changes = {ORGANIZATION: {"id": "o-acme000001", "rcps": {"ours": _policy(deny)}}}
    assert warned(proposed(world, keys, changes)) == [({f"{ORGANIZATION}/rcps/ours": REMOVED}, DELETES)]
