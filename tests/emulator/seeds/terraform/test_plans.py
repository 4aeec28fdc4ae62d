"""Plans: what there is before, what is planned, and what is known after apply only."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator.access.table import access_of
from emulator.federation import Federation
from emulator.world import load_world
from tests.bench.large_plan import large_plan, large_plan_world
from tests.emulator.seeds.terraform.states import (
    ACCOUNT,
    AFTER_APPLY,
    INSTANCE,
    OTHER,
    PROVIDER_ARN,
    SIGN_IN,
    account_of,
    configured,
    federate,
    left_out,
    notes,
    org_of,
    plan,
    reference,
    resource,
    role,
    state,
    trust,
    world_of,
)

REGIONAL = "https://ap-northeast-1.signin.aws.amazon.com/saml"


def test_a_first_plan_is_worked_out_from_its_configuration(tmp_path: Path) -> None:
    """ARNs follow from names and the provider's account, the trust policy from its data source, ids from references."""
    world = world_of(tmp_path, "first-plan.json")
    assert world.seeds[0].kind == "Terraform plan"
    rendered = trust(audience=[SIGN_IN])
    rendered["Statement"][0] |= {"Principal": {"Federated": [PROVIDER_ARN]}, "Action": ["sts:AssumeRoleWithSAML"]}
    assert account_of(world) == {
        "saml_providers": {"okta": {"metadata": {"okta_app": "acme/amazon-connect"}}},
        "policies": {"federate": federate()},
        "roles": {"ConnectAgent": {"trust": rendered, "policies": ["federate"]}},
    }
    hanako = {"first_name": "Hanako", "last_name": "Sato", "email": "hanako@example.com", "groups": ["Agents"]}
    assert org_of(world) == {
        "groups": {"Agents": {}},
        "users": {
            "hanako@example.com": hanako,
            "taro@example.com": {"first_name": "Taro", "last_name": "Ito", "email": "taro@example.com"},
        },
        "apps": {
            "amazon-connect": {
                "label": "Amazon Connect",
                "login_url": "https://console.aws.amazon.com/",
                "identity_provider_arn": PROVIDER_ARN,
                "default_relay_state": f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE}",
                "session_duration": 7200,
                "role_value_pattern": "arn:aws:iam::${accountid}:saml-provider/okta,"
                "arn:aws:iam::${accountid}:role/${role}",
                "assignments": [
                    {"user": "hanako@example.com", "saml_user_roles": ["ConnectAgent"]},
                    {"user": "taro@example.com", "saml_user_roles": ["ConnectAgent"]},
                ],
            }
        },
    }


def test_what_is_known_after_apply_is_reported_by_address_and_attribute(tmp_path: Path) -> None:
    """A role is left out where its trust, its name or its boundary is not known; a policy where its document is not."""
    world = world_of(tmp_path, "first-plan.json")
    assert left_out(world) == [
        "151 aws_iam_policy.unknown: its policy document (policy) is known after apply",
        "113 aws_iam_role.prefixed: its name (name) is known after apply",
        "95 aws_iam_role.encoded: its trust policy (assume_role_policy) is known after apply",
        "132 aws_iam_role.limited: its permissions boundary aws_iam_policy.unknown is known after apply",
        "1 1 other resource (aws_s3_bucket): not used for federation",
    ]
    assert world.seeds[0].left_out[2].fix == AFTER_APPLY


def test_before_a_first_plan_there_is_nothing(tmp_path: Path) -> None:
    """A world of nothing, which says so."""
    world = world_of(tmp_path, "first-plan.json", moment="before")
    assert (account_of(world), org_of(world)) == ({}, {})
    assert notes(world) == [
        "1 Terraform plan, before it is applied: it has no prior state, so there is nothing before it is applied"
    ]


def test_a_plan_after_it_is_applied(tmp_path: Path) -> None:
    """What is updated, replaced, destroyed, moved, forgotten, or not touched.

    A role's own attributes still name policies that the plan takes away from it.
    """
    world = world_of(tmp_path, "change-plan.json")
    roles = account_of(world)["roles"]
    assert roles == {
        "ConnectAgent": {"trust": trust(), "inline_policies": {"federate": federate()}},
        "Lead": {"trust": trust()},
        "AfterIt": {"trust": trust()},
        "Forgotten": {"trust": trust()},
        "Aside": {"trust": trust()},
    }
    document = world.document
    assert document.said(("aws", ACCOUNT, "roles", "Lead")).text == "Terraform aws_iam_role.supervisor"
    assert [each for each in notes(world) if "destroys" in each] == [
        "238 aws_iam_role_policy.extra: the plan destroys it",
        "287 aws_iam_role_policy_attachment.read: the plan destroys it",
        "308 aws_iam_role.gone: the plan destroys it",
    ]


def test_the_same_plan_before_it_is_applied(tmp_path: Path) -> None:
    """The prior state, with everything that the plan takes away."""
    world = world_of(tmp_path, "change-plan.json", moment="before")
    assert world.seeds[0].kind == "Terraform plan, before it is applied"
    roles = account_of(world)["roles"]
    assert list(roles) == ["ConnectAgent", "Gone", "Lead", "Forgotten", "Aside", "BeforeIt"]
    assert roles["ConnectAgent"]["trust"] == trust(audience=[SIGN_IN, REGIONAL])
    assert roles["ConnectAgent"]["policies"] == ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
    assert list(roles["ConnectAgent"]["inline_policies"]) == ["federate", "extra"]


def _planned_role(address: str, name: str, **values: Any) -> dict[str, Any]:
    return role(address, name, **{"arn": None, **values})


def test_an_unknown_policy_of_a_role_leaves_the_role_out(tmp_path: Path) -> None:
    """It might deny: an inline policy, one of a block, a boundary, or a policy with an unknown name."""
    names = ("one", "two", "three", "four", "five")
    roles = [_planned_role(f"aws_iam_role.{name}", name) for name in names]
    roles[1]["values"]["inline_policy"] = [{"name": "mine"}]
    others = [
        resource("aws_iam_role_policy.one", {"name": "p", "role": "one"}),
        resource("aws_iam_role_policy.three", {"role": "three", "policy": json.dumps(federate())}),
        resource("aws_iam_policy.four", {"name": "four", "path": "/"}),
        resource("aws_iam_role_policy_attachment.four", {"role": "four"}),
    ]
    unknown = {
        "aws_iam_role_policy.one": {"policy": True},
        "aws_iam_role.two": {"inline_policy": [{"policy": True}]},
        "aws_iam_role_policy.three": {"name": True},
        "aws_iam_policy.four": {"policy": True, "arn": True},
        "aws_iam_role_policy_attachment.four": {"policy_arn": True},
        "aws_iam_role.five": {"inline_policy": True, "managed_policy_arns": True},
    }
    configuration = [
        configured("aws_iam_role.two", inline_policy=[{"name": {"constant_value": "mine"}}]),
        configured("aws_iam_policy.four", policy="aws_s3_bucket.records.arn"),
        configured("aws_iam_role_policy_attachment.four", policy_arn="aws_iam_policy.four.arn"),
        configured("aws_iam_role.five", name={"constant_value": "five"}),
    ]
    world = world_of(tmp_path, plan(*roles, *others, unknown=unknown, configuration=configuration))
    assert list(account_of(world)["roles"]) == ["five"]
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "aws_iam_policy.four: its policy document (policy) is known after apply",
        "aws_iam_role.two: its inline policy mine is known after apply",
        "aws_iam_role.one: its inline policy aws_iam_role_policy.one is known after apply",
        "aws_iam_role.three: the name of its inline policy aws_iam_role_policy.three is known after apply",
        "aws_iam_role.four: aws_iam_policy.four, which is attached to it, is known after apply",
    ]


def _document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return resource("data.aws_iam_policy_document.doc", {"statement": statements})


def _read_document(tmp_path: Path, statements: list[dict[str, Any]], unknown: list[Any]) -> Any:
    """Returns the roles of a world, and what was left out, where a role's policy is a document read on apply."""
    policy = resource("aws_iam_role_policy.more", {"name": "more", "role": "one"})
    given = plan(
        _document(statements),
        _planned_role("aws_iam_role.one", "one"),
        policy,
        unknown={
            "data.aws_iam_policy_document.doc": {"json": True, "statement": unknown},
            "aws_iam_role_policy.more": {"policy": True},
        },
        configuration=[configured("aws_iam_role_policy.more", policy="data.aws_iam_policy_document.doc.json")],
    )
    world = world_of(tmp_path, given)
    return account_of(world).get("roles"), [each.partition(" ")[2] for each in left_out(world)]


def test_what_a_document_allows_may_be_unknown_and_is_then_not_allowed(tmp_path: Path) -> None:
    """The statement is left out, and the others are as the provider renders them."""
    statements: list[dict[str, Any]] = [
        {"actions": ["s3:GetObject"], "sid": "Look"},
        {
            "actions": ["connect:GetFederationToken"],
            "effect": "Allow",
            "resources": ["arn:aws:connect:*:*:instance/*/user/&{aws:userid}"],
            "condition": [{"test": "StringLike", "variable": "aws:userid", "values": ["*:a"]}] * 2,
        },
    ]
    roles, notes = _read_document(tmp_path, statements, [{"resources": True}, {"actions": [False]}])
    assert roles["one"]["inline_policies"]["more"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["connect:GetFederationToken"],
                "Resource": ["arn:aws:connect:*:*:instance/*/user/${aws:userid}"],
                "Condition": {"StringLike": {"aws:userid": ["*:a", "*:a"]}},
            }
        ],
    }
    assert notes == [
        (
            "data.aws_iam_policy_document.doc: resources of statement 1 is known after apply, so the "
            "statement allows nothing here"
        )
    ]


def test_what_a_document_denies_has_to_be_known(tmp_path: Path) -> None:
    """A deny of what is not known leaves the role out."""
    statements = [{"actions": ["s3:GetObject"], "effect": "Deny"}]
    roles, notes = _read_document(tmp_path, statements, [{"resources": True}])
    assert roles is None
    assert notes == ["aws_iam_role.one: resources of statement 1 is known after apply"]


def test_what_a_plan_makes_of_something_known_is_not_that(tmp_path: Path) -> None:
    """A name that Terraform knows would be known to the attribute too: something else is in the expression."""
    policy = resource("aws_iam_role_policy.more", {"name": "more", "policy": json.dumps(federate())})
    given = plan(
        _planned_role("aws_iam_role.one", "one"),
        policy,
        unknown={"aws_iam_role_policy.more": {"role": True}},
        configuration=[configured("aws_iam_role_policy.more", role="aws_iam_role.one.name")],
    )
    world = world_of(tmp_path, given)
    assert account_of(world)["roles"] == {"one": {"trust": trust()}}
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "aws_iam_role_policy.more: the role (role) is known after apply"
    ]


def test_references_lead_through_modules(tmp_path: Path) -> None:
    """A module's argument, and another module's output; where only the other module is named, nothing is known."""
    made = 'module.access["a"].aws_iam_policy.login'
    used = 'module.roles["a"].aws_iam_role_policy_attachment.login'
    given = plan(
        role('module.roles["a"].aws_iam_role.agent', "Agent", arn=None),
        resource(made, {"name": "login", "path": "/team/", "policy": json.dumps(federate())}),
        resource(used, {"role": "Agent"}),
        unknown={
            'module.roles["a"].aws_iam_role.agent': {"arn": True},
            made: {"arn": True},
            used: {"policy_arn": True},
        },
        calls={
            "access": {
                "module": {
                    "outputs": {"arn": {"expression": reference("aws_iam_policy.login.arn")}},
                    "resources": [configured("aws_iam_policy.login")],
                }
            },
            "roles": {
                "expressions": {"policy": {"references": ["module.access", "each.key"]}},
                "module": {"resources": [configured("aws_iam_role_policy_attachment.login", policy_arn="var.policy")]},
            },
        },
    )
    call = given["configuration"]["root_module"]["module_calls"]["roles"]
    world = world_of(tmp_path, given)
    assert "roles" not in account_of(world)
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        'module.roles["a"].aws_iam_role.agent: a policy that is attached to it is known after apply'
    ]
    call["expressions"]["policy"] = {"references": ['module.access["a"].arn', 'module.access["a"]', "module.access"]}
    world = world_of(tmp_path, given)
    assert account_of(world)["roles"] == {"Agent": {"trust": trust(), "policies": ["login"]}}


def test_the_state_of_nothing(tmp_path: Path) -> None:
    """It is a state, and says that it is empty."""
    assert left_out(world_of(tmp_path, {"format_version": "1.0"})) == ["1 Terraform state: it contains no resources"]
    assert left_out(world_of(tmp_path, state())) == ["1 Terraform state: it contains no resources"]


@pytest.mark.parametrize(
    "names",
    [
        ["data.aws_iam_policy_document.doc.json", "data.aws_iam_policy_document.doc", "local.suffix"],
        ["data.aws_iam_policy_document.doc.json", "data.aws_iam_policy_document.doc", "var.suffix"],
        ["local.trust"],
        ["module.trust.json", "module.trust"],
    ],
    ids=["with a local value", "with a variable", "a local value", "another module"],
)
def test_a_trust_policy_that_is_made_of_several_things_is_not_known(tmp_path: Path, names: list[str]) -> None:
    """A plan does not say what is made of them."""
    federated = {"type": "Federated", "identifiers": [PROVIDER_ARN]}
    statement = {"actions": ["sts:AssumeRoleWithSAML"], "principals": [federated]}
    given = plan(
        _document([statement]),
        resource("aws_iam_role.one", {"name": "one", "path": "/"}),
        unknown={
            "data.aws_iam_policy_document.doc": {"json": True, "statement": [{}]},
            "aws_iam_role.one": {"assume_role_policy": True},
        },
        configuration=[configured("aws_iam_role.one", assume_role_policy={"references": names})],
        variables={"suffix": "x"},
    )
    world = world_of(tmp_path, given)
    assert account_of(world) == {}
    assert [each.partition(" ")[2] for each in left_out(world)] == [
        "aws_iam_role.one: its trust policy (assume_role_policy) is known after apply"
    ]


def test_members_that_an_expression_may_choose_are_not_known(tmp_path: Path) -> None:
    """Of people who are made by for_each a plan does not say which of them an expression takes."""
    people = [
        resource(f'okta_user.people["{name}"]', {"login": f"{name}@example.com", "status": "ACTIVE"})
        for name in ("rin", "sora")
    ]
    given = plan(
        *people,
        resource("okta_group.leads", {"name": "Leads"}),
        resource("okta_group_memberships.leads"),
        unknown={
            **{each["address"]: {"id": True} for each in people},
            "okta_group.leads": {"id": True},
            "okta_group_memberships.leads": {"group_id": True, "users": True},
        },
        configuration=[
            configured(
                "okta_group_memberships.leads",
                group_id="okta_group.leads.id",
                users={"references": ["okta_user.people"]},
            )
        ],
    )
    world = world_of(tmp_path, given)
    assert {login: user.get("groups") for login, user in org_of(world)["users"].items()} == {
        "rin@example.com": None,
        "sora@example.com": None,
    }
    assert "okta_group_memberships.leads: the person (users) is known after apply" in [
        each.partition(" ")[2] for each in left_out(world)
    ]


def test_the_account_of_what_does_not_exist_yet_is_the_providers(tmp_path: Path) -> None:
    """By its allowed accounts, by the role that it assumes, each alias for itself."""
    trusts = {name: json.dumps(trust(f"arn:aws:iam::{ACCOUNT}:saml-provider/okta")) for name in ("a", "b")}
    given = plan(
        *(
            resource(f"aws_iam_role.{name}", {"name": name, "assume_role_policy": text})
            for name, text in trusts.items()
        ),
        unknown={f"aws_iam_role.{name}": {"arn": True, "id": True} for name in trusts},
        configuration=[
            configured("aws_iam_role.a", {"provider_config_key": "aws"}),
            configured("aws_iam_role.b", {"provider_config_key": "aws.other"}),
        ],
        variables={"accounts": [ACCOUNT]},
    )
    given["configuration"]["provider_config"] = {
        "aws": {"name": "aws", "expressions": {"allowed_account_ids": {"references": ["var.accounts"]}}},
        "aws.other": {
            "name": "aws",
            "alias": "other",
            "expressions": {"assume_role": [{"role_arn": {"constant_value": f"arn:aws:iam::{OTHER}:role/deploy"}}]},
        },
    }
    world = world_of(tmp_path, given, accounts=(ACCOUNT, OTHER))
    assert list(account_of(world)["roles"]) == ["a"]
    assert list(account_of(world, OTHER)["roles"]) == ["b"]


def test_the_module_that_everybody_takes_for_saml_roles(tmp_path: Path) -> None:
    """Its principal goes through a local value, its policies through a list that count goes through."""
    module = "module.agent"
    provider = resource("aws_iam_saml_provider.okta", {"name": "okta", "saml_metadata_document": "<x/>"})
    statement = {
        "actions": ["sts:AssumeRoleWithSAML"],
        "effect": "Allow",
        "principals": [{"type": "Federated"}],
        "condition": [{"test": "StringEquals", "variable": "SAML:aud", "values": [SIGN_IN]}],
    }
    policies = [resource(f"aws_iam_policy.{name}", {"name": name, "policy": json.dumps(federate())}) for name in "ab"]
    attached = [
        resource(f"{module}.aws_iam_role_policy_attachment.custom[0]", {"role": "Agent"}),
        resource(
            f"{module}.aws_iam_role_policy_attachment.custom[1]",
            {"role": "Agent", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
        ),
        resource(f"{module}.aws_iam_role_policy_attachment.custom[2]", {"role": "Agent"}),
    ]
    document = f"{module}.data.aws_iam_policy_document.assume_role_with_saml"
    given = plan(
        provider,
        *policies,
        resource(document, {"statement": [statement]}),
        resource(f"{module}.aws_iam_role.this[0]", {"name": "Agent", "path": "/"}),
        *attached,
        unknown={
            "aws_iam_saml_provider.okta": {"arn": True, "id": True},
            **{each["address"]: {"arn": True, "id": True} for each in policies},
            document: {"json": True, "statement": [{"principals": [{"identifiers": True}]}]},
            f"{module}.aws_iam_role.this[0]": {"assume_role_policy": True, "arn": True},
            attached[0]["address"]: {"policy_arn": True},
            attached[2]["address"]: {"policy_arn": True},
        },
        calls={
            "agent": {
                "expressions": {
                    "provider_id": reference("aws_iam_saml_provider.okta.arn"),
                    "role_policy_arns": {
                        "references": [
                            *("aws_iam_policy.a.arn", "aws_iam_policy.a"),
                            *("aws_iam_policy.b.arn", "aws_iam_policy.b"),
                        ]
                    },
                },
                "module": {
                    "resources": [
                        configured(
                            "data.aws_iam_policy_document.assume_role_with_saml",
                            statement=[{"principals": [{"identifiers": {"references": ["local.identifiers"]}}]}],
                        ),
                        configured(
                            "aws_iam_role.this",
                            assume_role_policy="data.aws_iam_policy_document.assume_role_with_saml.json",
                        ),
                        configured(
                            "aws_iam_role_policy_attachment.custom",
                            policy_arn={"references": ["var.role_policy_arns", "count.index"]},
                        ),
                    ]
                },
            }
        },
    )
    world = world_of(tmp_path, given)
    agent = account_of(world)["roles"]["Agent"]
    assert agent["policies"] == ["a", "arn:aws:iam::aws:policy/ReadOnlyAccess", "b"]
    assert agent["trust"]["Statement"][0]["Principal"] == {"Federated": [PROVIDER_ARN]}
    assert (
        f"{document}: its principal is taken to be aws_iam_saml_provider.okta, the only SAML provider that the plan "
        in ("\n".join(notes(world)))
    )


def test_a_large_plan_takes_the_logins_of_a_few(tmp_path: Path) -> None:
    """What is measured: everybody arrives before it is applied, and after it all but those of three roles."""
    (tmp_path / "plan.json").write_text(large_plan(400), encoding="utf-8")
    arriving = {}
    for moment in ("before", "after"):
        (tmp_path / "world.yaml").write_text(large_plan_world("plan.json", moment=moment), encoding="utf-8")
        world = load_world(tmp_path / "world.yaml")
        assert [each.partition(" ")[2] for each in left_out(world)] == [
            "5 other resources (aws_s3_bucket): not used for federation"
        ]
        arriving[moment] = sum(each.arrives for each in access_of(Federation(world)).decisions)
    assert arriving == {"before": 100, "after": 88}


def test_an_inline_policy_whose_name_is_known_after_apply_leaves_its_role_out(tmp_path: Path) -> None:
    """What it denies would be lost with its name."""
    deny = json.dumps(federate()).replace("Allow", "Deny")
    block = [{"name": None, "policy": deny}]
    agent = role("aws_iam_role.agent", "Agent", inline_policy=block)
    unknown = {"aws_iam_role.agent": {"inline_policy": [{"name": True}]}}
    world = world_of(tmp_path, plan(agent, unknown=unknown))
    assert account_of(world) == {}
    (line,) = left_out(world)
    assert line.split(" ", 1)[1] == "aws_iam_role.agent: the name of its inline policy 1 is known after apply"


@pytest.mark.parametrize("is_decided_by_tags", [True, False])
def test_tags_that_are_known_after_apply(tmp_path: Path, is_decided_by_tags: bool) -> None:
    """Where a policy speaks of tags they are needed; otherwise they are reported."""
    more = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}} if is_decided_by_tags else {}
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "connect:*", "Resource": "*", **more}]}
    agent = role("aws_iam_role.agent", "Agent", tags={"team": None}, tags_all=None)
    policy = resource("aws_iam_role_policy.deny", {"role": "Agent", "name": "deny", "policy": json.dumps(deny)})
    unknown = {"aws_iam_role.agent": {"tags": {"team": True}, "tags_all": True}}
    world = world_of(tmp_path, plan(agent, policy, unknown=unknown))
    assert ("Agent" in account_of(world).get("roles", {})) is not is_decided_by_tags
    reason = "its tags are known after apply, and a policy depends on tags"
    told_alone = "its tags (tags) are known after apply"
    expected = f"aws_iam_role.agent: {reason if is_decided_by_tags else told_alone}"
    assert [each.split(" ", 1)[1] for each in left_out(world)] == [expected]


@pytest.mark.parametrize("kind", ["inline", "attached", "attached to several", "attached by an unknown ARN"])
@pytest.mark.parametrize("denies", [True, False])
def test_a_policy_for_somebody_who_is_not_known(tmp_path: Path, kind: str, denies: bool) -> None:
    """Where it may deny something, no role that the plan creates is known; one that exists already has a name."""
    document = json.dumps(federate()).replace("Allow", "Deny" if denies else "Allow")
    new, old = role("aws_iam_role.new", "New"), role("aws_iam_role.old", "Old")
    arn = f"arn:aws:iam::{ACCOUNT}:policy/connect"
    policy = resource("aws_iam_policy.connect", {"name": "connect", "policy": document, "arn": arn})
    beside = {
        "inline": resource("aws_iam_role_policy.beside", {"name": "beside", "policy": document}),
        "attached": resource("aws_iam_role_policy_attachment.beside", {"policy_arn": arn}),
        "attached to several": resource("aws_iam_policy_attachment.beside", {"policy_arn": arn}),
        "attached by an unknown ARN": resource("aws_iam_role_policy_attachment.beside", {}),
    }[kind]
    unknown = {"role": True, "roles": True} | ({"policy_arn": True} if kind == "attached by an unknown ARN" else {})
    world = world_of(
        tmp_path,
        plan(new, old, policy, beside, unknown={"aws_iam_role.new": {"id": True}, beside["address"]: unknown}),
    )
    is_new_left_out = denies or kind == "attached by an unknown ARN"
    assert list(account_of(world)["roles"]) == (["Old"] if is_new_left_out else ["New", "Old"])
    reason = f"{beside['address']} may deny it something: whom it is attached to is known after apply"
    assert [each for each in left_out(world) if reason in each] == [
        each for each in left_out(world) if "aws_iam_role.new:" in each
    ]
    assert any("aws_iam_role.new:" in each for each in left_out(world)) is is_new_left_out
