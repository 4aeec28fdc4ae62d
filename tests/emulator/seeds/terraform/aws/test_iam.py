"""IAM in Terraform: what is attached to whom, by every resource that attaches something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.seeds.made_secrets import made_secret
from emulator.seeds.policy_documents import denies_everything
from emulator.world import load_world
from tests.emulator.seeds.terraform.states import (
    ACCOUNT,
    account_of,
    federate,
    left_out,
    notes,
    resource,
    role,
    state,
    trust,
    world_of,
)

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
SUPPORT = "arn:aws:iam::aws:policy/AWSSupportAccess"
TEXT = json.dumps(federate())
DENY = TEXT.replace("Allow", "Deny")


def _policy(name: str, **values: Any) -> dict[str, Any]:
    arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    return resource(f"aws_iam_policy.{name}", {"name": name, "arn": arn, "policy": TEXT, **values})


def test_every_way_to_attach_a_policy(tmp_path: Path) -> None:
    """Inline, managed, by the policy, and by membership in groups."""
    user = {"name": "okta", "arn": f"arn:aws:iam::{ACCOUNT}:user/okta", "path": "/", "permissions_boundary": READ_ONLY}
    world = world_of(
        tmp_path,
        state(
            role("aws_iam_role.agent", "Agent", tags={"team": "a", "aws:own": "b"}, max_session_duration="7200"),
            resource("aws_iam_user.okta", user),
            resource("aws_iam_group.ops", {"name": "ops", "path": "/team/"}),
            _policy("own"),
            resource(
                "aws_iam_policy_attachment.all",
                {"policy_arn": READ_ONLY, "roles": ["Agent"], "users": ["okta"], "groups": ["ops"]},
            ),
            resource(
                "aws_iam_role_policy_attachment.own", {"role": "Agent", "policy_arn": _policy("own")["values"]["arn"]}
            ),
            resource("aws_iam_user_policy.more", {"user": "okta", "name": "more", "policy": TEXT}),
            resource("aws_iam_group_policy_attachment.s", {"group": "ops", "policy_arn": SUPPORT}),
            resource("aws_iam_user_group_membership.okta", {"user": "okta", "groups": ["ops"]}),
        ),
    )
    assert account_of(world) == {
        "policies": {"own": federate()},
        "roles": {
            "Agent": {
                "trust": trust(),
                "policies": ["own", READ_ONLY],
                "max_session_duration": 7200,
                "tags": {"team": "a"},
            }
        },
        "users": {
            "okta": {
                "policies": [READ_ONLY],
                "inline_policies": {"more": federate()},
                "permissions_boundary": READ_ONLY,
            }
        },
        "groups": {"ops": {"path": "/team/", "users": ["okta"], "policies": [SUPPORT, READ_ONLY]}},
    }
    assert left_out(world) == []


def test_exclusive_lists_detach_everything_else(tmp_path: Path) -> None:
    """What somebody attached by hand is in the role's attributes, and Terraform takes it away."""
    own = [{"name": "kept", "policy": TEXT}, {"name": "by-hand", "policy": TEXT}, {"name": "", "policy": ""}]
    world = world_of(
        tmp_path,
        state(
            role("aws_iam_role.agent", "Agent", inline_policy=own, managed_policy_arns=[READ_ONLY, SUPPORT]),
            resource("aws_iam_role_policies_exclusive.agent", {"role_name": "Agent", "policy_names": ["kept"]}),
            resource(
                "aws_iam_role_policy_attachments_exclusive.agent", {"role_name": "Agent", "policy_arns": [SUPPORT]}
            ),
        ),
    )
    agent = account_of(world)["roles"]["Agent"]
    assert (list(agent["inline_policies"]), agent["policies"]) == (["kept"], [SUPPORT])
    place = world.document.said(("aws", ACCOUNT, "roles", "Agent", "policies", 0)).location.key
    assert place == "aws_iam_role.agent.managed_policy_arns[1]"


def test_access_keys_have_secrets_of_their_own(tmp_path: Path) -> None:
    """The state's secret is not read; an inactive key is left out."""
    keys = [
        resource(
            f"aws_iam_access_key.{name}",
            {"id": f"AKIAIOSFODNN7EXAM{name.upper()}", "user": "okta", "secret": "x" * 40, "status": status},
        )
        for name, status in (("aaa", "Active"), ("bbb", "Inactive"))
    ]
    world = world_of(tmp_path, state(resource("aws_iam_user.okta", {"name": "okta"}), *keys))
    key_id = "AKIAIOSFODNN7EXAMAAA"
    assert account_of(world)["users"]["okta"]["access_keys"] == [{"id": key_id, "secret": made_secret(key_id)}]
    assert [each.partition(" ")[2] for each in left_out(world)] == ["aws_iam_access_key.bbb: it is inactive"]
    assert [each.partition(" ")[2] for each in notes(world)] == [
        "aws_iam_access_key.aaa: secrets are never read; here it has a generated one, always the same for its id"
    ]


def test_data_sources_are_what_there_is(tmp_path: Path) -> None:
    """Roles, users, groups and policies that are read are there; AWS's own policies are everybody's."""
    reads = [
        role("data.aws_iam_role.admin", "Admin"),
        resource("data.aws_iam_user.okta", {"user_name": "okta", "arn": f"arn:aws:iam::{ACCOUNT}:user/okta"}),
        resource("data.aws_iam_group.ops", {"group_name": "ops", "users": [{"user_name": "okta", "user_id": "AIDA"}]}),
        resource("data.aws_iam_policy.read", {"name": "ReadOnlyAccess", "arn": READ_ONLY, "policy": TEXT}),
        resource(
            "data.aws_iam_policy.own",
            {"name": "own", "arn": f"arn:aws:iam::{ACCOUNT}:policy/own", "policy": TEXT},
        ),
    ]
    world = world_of(tmp_path, state(*reads))
    assert account_of(world) == {
        "policies": {"own": federate()},
        "roles": {"Admin": {"trust": trust()}},
        "users": {"okta": {}},
        "groups": {"ops": {"users": ["okta"]}},
    }


def test_what_is_of_a_role_that_another_file_has_is_laid_over_it(tmp_path: Path) -> None:
    """A role from the world file with a policy of the state."""
    policy = resource("aws_iam_role_policy.more", {"role": "Agent", "name": "more", "policy": TEXT})
    world_of(tmp_path, state(policy))
    path = tmp_path / "world.yaml"
    more = f"    roles: {{Agent: {{trust: {json.dumps(trust())}}}}}\n"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")
    world = load_world(path)
    assert account_of(world)["roles"] == {"Agent": {"trust": trust(), "inline_policies": {"more": federate()}}}


ORGANIZATION = "o-a1b2c3d4e5"
SCP_ARN = f"arn:aws:organizations::999988887777:policy/{ORGANIZATION}/service_control_policy/p-1234abcd"


def _organization(target: str | None, *, arn: str = SCP_ARN, content: str | None = DENY, **more: Any) -> Any:
    policy = {"id": "p-1234abcd", "name": "guard", "arn": arn, "content": content, "type": "SERVICE_CONTROL_POLICY"}
    return state(
        role("aws_iam_role.agent", "Agent"),
        resource("aws_organizations_policy.guard", {**policy, **more}),
        resource("aws_organizations_policy_attachment.guard", {"policy_id": "p-1234abcd", "target_id": target}),
    )


def test_a_service_control_policy_of_the_account_reaches_it(tmp_path: Path) -> None:
    """What it denies is denied in the world."""
    world = world_of(tmp_path, _organization(ACCOUNT))
    assert account_of(world)["organization"] == {"id": ORGANIZATION, "scps": {"guard": json.loads(DENY)}}
    assert left_out(world) == []


def test_a_service_control_policy_of_the_root_reaches_every_account(tmp_path: Path) -> None:
    """The root is a level above the account."""
    world = world_of(tmp_path, _organization("r-ab12"))
    levels = {"r-ab12": {"scps": {"guard": json.loads(DENY)}}}
    assert account_of(world)["organization"] == {"id": ORGANIZATION, "root": "r-ab12", "levels": levels}


def test_a_service_control_policy_that_cannot_be_read_denies_everything(tmp_path: Path) -> None:
    """What it denies is not known."""
    world = world_of(tmp_path, _organization(ACCOUNT, content="{"))
    assert account_of(world)["organization"]["scps"] == {"guard": denies_everything()}
    assert [each.split(" ", 1)[1] for each in left_out(world)] == [
        "aws_organizations_policy.guard: its policy document is not JSON, so it denies everything here"
    ]


@pytest.mark.parametrize(
    ("target", "more", "said"),
    [
        ("ou-ab12-11111111", {}, "_attachment.guard: it is unknown whether the account is in ou-ab12-11111111"),
        (None, {}, "_attachment.guard: it is unknown whether it is attached to the account"),
        (ACCOUNT, {"arn": None}, "_attachment.guard: the organization of the policy is not in the file"),
        (ACCOUNT, {"type": "TAG_POLICY"}, "_attachment.guard: policies of the type TAG_POLICY are not read"),
        (ACCOUNT, {"id": "p-other"}, "_attachment.guard: the file does not contain the policy that it attaches"),
        (ACCOUNT, {"arn": SCP_ARN.replace("999988887777", ACCOUNT)}, "do not apply to the management account"),
    ],
)
def test_service_control_policies_that_are_reported(
    tmp_path: Path, target: str | None, more: dict[str, Any], said: str
) -> None:
    """Those of which nobody knows whether they reach the account, and those that do not."""
    world = world_of(tmp_path, _organization(target, **more))
    assert "organization" not in account_of(world)
    assert any(said in each for each in [*left_out(world), *notes(world)])


def test_a_service_control_policy_of_another_account_is_that_accounts(tmp_path: Path) -> None:
    """As everything else of another account is."""
    world = world_of(tmp_path, _organization("555566667777"))
    assert "organization" not in account_of(world)
    assert left_out(world) == []


def test_a_service_control_policy_that_is_attached_to_nothing_is_reported(tmp_path: Path) -> None:
    """It may be attached elsewhere, and is said in the world."""
    world = world_of(tmp_path, state(resource("aws_organizations_policy.deny", {"name": "deny", "content": "{}"})))
    (note,) = world.seeds[0].left_out
    assert note.message == (
        "aws_organizations_policy.deny: it is a service control policy that the file does not attach to anything"
    )
    assert note.fix == "Set organization.scps of the account in the world file."


def test_the_cloud_control_provider_says_the_same_in_other_words(tmp_path: Path) -> None:
    """Roles with their policies, managed policies with what they are attached to, and what is not read."""
    own = f"arn:aws:iam::{ACCOUNT}:policy/own"
    agent = {
        "role_name": "Agent",
        "arn": f"arn:aws:iam::{ACCOUNT}:role/Agent",
        "assume_role_policy_document": json.dumps(trust()),
        "policies": [{"policy_name": "federate", "policy_document": TEXT}],
        "managed_policy_arns": [READ_ONLY],
        "max_session_duration": 7200,
        "tags": [{"key": "team", "value": "a"}],
    }
    world = world_of(
        tmp_path,
        state(
            resource("awscc_iam_role.agent", agent),
            resource(
                "awscc_iam_role_policy.more", {"role_name": "Agent", "policy_name": "more", "policy_document": TEXT}
            ),
            resource(
                "awscc_iam_managed_policy.own",
                {"managed_policy_name": "own", "policy_arn": own, "policy_document": TEXT, "roles": ["Agent"]},
            ),
            resource("awscc_iam_user.u", {"user_name": "u"}),
        ),
    )
    assert account_of(world) == {
        "policies": {"own": federate()},
        "roles": {
            "Agent": {
                "trust": trust(),
                "inline_policies": {"federate": federate(), "more": federate()},
                "policies": [READ_ONLY, "own"],
                "max_session_duration": 7200,
                "tags": {"team": "a"},
            }
        },
    }
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "awscc_iam_user.u: resources of this type are not read"
    ]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"inline_policy": [{"name": None, "policy": DENY}]}, "the name of its inline policy 1 is not in the file"),
        ({"inline_policy": [{"name": "", "policy": DENY}]}, "the name of its inline policy 1 is not in the file"),
        ({"inline_policy": [{"name": "a", "policy": None}]}, "its inline policy a is not in the file"),
        ({"inline_policy": "x"}, "its inline policies (inline_policy) cannot be read"),
        ({"inline_policy": ["x"]}, "its inline policies (inline_policy) cannot be read"),
        (
            {"managed_policy_arns": "x"},
            "the policies that are attached to it (managed_policy_arns) cannot be read",
        ),
    ],
)
def test_a_policy_of_a_role_that_cannot_be_read_leaves_the_role_out(
    tmp_path: Path, values: dict[str, Any], reason: str
) -> None:
    """It may deny something, whatever of it is missing."""
    world = world_of(tmp_path, state(role("aws_iam_role.agent", "Agent", **values)))
    assert account_of(world) == {}
    (line,) = left_out(world)
    assert line.split(" ", 1)[1] == f"aws_iam_role.agent: {reason}"


def test_a_role_without_inline_policies_has_an_empty_block_in_older_states(tmp_path: Path) -> None:
    """An empty block is the provider's word for no policies at all."""
    world = world_of(tmp_path, state(role("aws_iam_role.agent", "Agent", inline_policy=[{"name": "", "policy": ""}])))
    assert account_of(world) == {"roles": {"Agent": {"trust": trust()}}}
    assert left_out(world) == []


@pytest.mark.parametrize("mode", [["Required"], {"mode": "Required"}, "required", True])
def test_an_encryption_mode_that_is_none_leaves_the_provider_out(tmp_path: Path, mode: Any) -> None:
    """Whether an unencrypted assertion would be taken is not known then."""
    values = {"name": "okta", "arn": f"arn:aws:iam::{ACCOUNT}:saml-provider/okta", "saml_metadata_document": "<a/>"}
    world = world_of(
        tmp_path, state(resource("aws_iam_saml_provider.okta", {**values, "assertion_encryption_mode": mode}))
    )
    assert account_of(world) == {}
    (line,) = left_out(world)
    assert line.endswith("aws_iam_saml_provider.okta: it is unknown whether assertions must be encrypted")
