"""What policies see of a caller, and what the policies of an organization leave of what the caller's own allow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.client_connection import ClientConnection
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AccessDenied
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.principals.callers import Authorizer, Caller
from sp_mock.principals.credentials import RoleSession
from tests.conftest import ACCOUNT, NOW, ROLE_ARN, USER

ORGANIZATION = "o-a1b2c3d4e5"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER}"
ADMINISTRATOR_ARN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/connect.amazonaws.com/AWSServiceRoleForAmazonConnect"


def _policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Resource": "*", **statement}]}


@pytest.fixture
def make(world: World, clock: Clock, keys: KeyFolder) -> Any:
    """Returns a function that makes the built-in world with settings of an organization."""

    def federation(**organization: Any) -> Federation:
        changes: dict[str, Any] = {f"/aws/{ACCOUNT}/organization": {"id": ORGANIZATION, **organization}}
        return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)

    return federation


def _authorizer(federation: Federation) -> Authorizer:
    return federation.aws_services.services.get(Authorizer)


def _agent(federation: Federation) -> Caller:
    role = federation.aws_services.aws.role(ROLE_ARN)
    assert role is not None
    end = NOW + timedelta(hours=1)
    return Caller.of_session(RoleSession(role.arn, role.role_id, USER, end, issued_at=NOW - timedelta(minutes=5)))


def _administrator(federation: Federation) -> Caller:
    user = federation.aws_services.aws.user(ADMINISTRATOR_ARN)
    assert user is not None
    return Caller.of_user(user)


def _require(federation: Federation, action: str, resource: str = "*") -> str:
    """Returns the words of a refusal of the administrator's call; empty when it is allowed."""
    authorizer, caller = _authorizer(federation), _administrator(federation)
    try:
        authorizer.require(caller, action, resource, service="AWS IAM", region="us-east-1")
    except AccessDenied as refusal:
        return refusal.message
    return ""


def test_what_policies_see_of_a_role_session(make: Any) -> None:
    """Its own keys, its organization's, and those of every request."""
    federation = make(root="r-ab12", organizational_units=["ou-ab12-11111111", "ou-ab12-22222222"])
    client = ClientConnection("203.0.113.9", "aws-cli/2")
    context = _authorizer(federation).context(_agent(federation), region="ap-northeast-1", client=client)
    role = federation.aws_services.aws.role(ROLE_ARN)
    assert context == {
        "aws:currenttime": ("2026-01-15T09:00:00Z",),
        "aws:epochtime": ("1768467600",),
        "aws:multifactorauthpresent": ("false",),
        "aws:principalaccount": (ACCOUNT,),
        "aws:principalarn": (ROLE_ARN,),
        "aws:principalisawsservice": ("false",),
        "aws:principalorgid": (ORGANIZATION,),
        "aws:principalorgpaths": (f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/ou-ab12-22222222/",),
        "aws:principaltype": ("AssumedRole",),
        "aws:requestedregion": ("ap-northeast-1",),
        "aws:securetransport": ("true",),
        "aws:sourceip": ("203.0.113.9",),
        "aws:tokenissuetime": ("2026-01-15T08:55:00Z",),
        "aws:useragent": ("aws-cli/2",),
        "aws:userid": (f"{role and role.role_id}:{USER}",),
        "aws:viaawsservice": ("false",),
    }


def test_what_policies_see_of_a_user_with_a_long_term_key(federation: Federation) -> None:
    """No session, no token, no factor, no organization, and a user name."""
    context = _authorizer(federation).context(_administrator(federation), region="us-east-1")
    absent = {"aws:tokenissuetime", "aws:multifactorauthpresent", "aws:multifactorauthage", "aws:principalorgid"}
    assert absent.isdisjoint(context)
    assert (context["aws:username"], context["aws:principaltype"]) == (("administrator",), ("User",))
    assert context["aws:sourceip"] == ("127.0.0.1",)


UNIT = "ou-ab12-11111111"
REFUSED = f"User: {ADMINISTRATOR_ARN} is not authorized to perform: "
DENIED: list[tuple[Mapping[str, Any], str, str, str]] = [
    (
        {"scps": {"no-iam": _policy(Action="iam:*")}},
        "iam:ListRoles",
        "*",
        f"{REFUSED}iam:ListRoles on resource: * with an explicit deny in a service control policy",
    ),
    (
        {"full_aws_access": False, "scps": {"list": _policy(Effect="Allow", Action="sts:*")}},
        "iam:ListRoles",
        "*",
        f"{REFUSED}iam:ListRoles on resource: * because no service control policy allows the iam:ListRoles action",
    ),
    (
        {"full_aws_access": False},
        "iam:ListRoles",
        "*",
        f"{REFUSED}iam:ListRoles on resource: * because no service control policy allows the iam:ListRoles action",
    ),
    (
        {"rcps": {"no-sts": _policy(Principal="*", Action="sts:*")}},
        "sts:GetFederationToken",
        f"arn:aws:sts::{ACCOUNT}:federated-user/guest",
        f"{REFUSED}sts:GetFederationToken on resource: arn:aws:sts::{ACCOUNT}:federated-user/guest "
        "with an explicit deny in a resource control policy",
    ),
    (
        {
            "scps": {
                "own-resources": _policy(
                    Action="iam:*", Condition={"StringNotEquals": {"aws:ResourceOrgID": ORGANIZATION}}
                )
            }
        },
        "iam:GetRole",
        ROLE_ARN,
        "",
    ),
    (
        {
            "scps": {
                "by-path": _policy(
                    Action="iam:*",
                    Condition={
                        "ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": [f"{ORGANIZATION}/r-root/ou-*"]}
                    },
                )
            }
        },
        "iam:GetRole",
        ROLE_ARN,
        f"{REFUSED}iam:GetRole on resource: {ROLE_ARN} with an explicit deny in a service control policy",
    ),
    ({"scps": {"other": _policy(Action="s3:*")}}, "iam:ListRoles", "*", ""),
    (
        {"root": "r-ab12", "levels": {"r-ab12": {"scps": {"no-iam": _policy(Action="iam:*")}}}},
        "iam:ListRoles",
        "*",
        f"{REFUSED}iam:ListRoles on resource: * with an explicit deny in a service control policy",
    ),
    (
        {
            "organizational_units": [UNIT],
            "levels": {UNIT: {"scps": {"sts": _policy(Effect="Allow", Action="sts:*")}, "full_aws_access": False}},
            "scps": {"all": _policy(Effect="Allow", Action="*")},
        },
        "iam:ListRoles",
        "*",
        f"{REFUSED}iam:ListRoles on resource: * because no service control policy allows the iam:ListRoles action",
    ),
    (
        {
            "organizational_units": [UNIT],
            "levels": {UNIT: {"scps": {"iam": _policy(Effect="Allow", Action="iam:*")}, "full_aws_access": False}},
            "full_aws_access": False,
            "scps": {"list": _policy(Effect="Allow", Action="iam:List*")},
        },
        "iam:ListRoles",
        "*",
        "",
    ),
    ({"rcps": {"all": _policy(Principal="*", Action="iam:*")}}, "iam:ListRoles", "*", ""),
    ({"management_account": True, "scps": {"no-iam": _policy(Action="iam:*")}}, "iam:ListRoles", "*", ""),
]


@pytest.mark.parametrize(("organization", "action", "resource", "words"), DENIED)
def test_what_an_organization_leaves(
    make: Any, organization: Mapping[str, Any], action: str, resource: str, words: str
) -> None:
    """The administrator's policies allow everything; AWS's words name the kind of policy that takes it away."""
    assert _require(make(**organization), action, resource) == words


def test_the_refusal_names_the_policy_its_account_and_what_helps(make: Any) -> None:
    """Which SCP, in which account, and that an Allow of the user's does not help."""
    federation = make(scps={"no-iam": _policy(Sid="NoIam", Action="iam:*")})
    with pytest.raises(AccessDenied) as caught:
        _authorizer(federation).require(
            _administrator(federation), "iam:ListRoles", "*", service="AWS IAM", region="us-east-1"
        )
    refusal = caught.value
    assert (refusal.code, refusal.status, refusal.check) == ("AccessDenied", 403, "authorization")
    assert refusal.explanation == (
        "Service control policy no-iam, Statement[0] (NoIam), denies iam:ListRoles, and no Allow wins over a Deny."
    )
    assert refusal.where == f"service control policy no-iam of account {ACCOUNT}"
    assert refusal.expected == "a Deny that leaves iam:ListRoles out, in place of iam:*"
    assert refusal.fix == (
        "Leave iam:ListRoles out of the Deny in service control policy no-iam, Statement[0] (NoIam), which reaches it "
        "by iam:*: it is a guardrail of the organization, whose administrators decide."
    )


def test_the_refusal_names_the_level_above_the_account(make: Any) -> None:
    """The place in the world file is that of the level's policy."""
    levels = {"r-ab12": {"scps": {"no-iam": _policy(Action="iam:*")}}}
    federation = make(root="r-ab12", levels=levels)
    with pytest.raises(AccessDenied) as caught:
        _authorizer(federation).require(
            _administrator(federation), "iam:ListRoles", "*", service="AWS IAM", region="us-east-1"
        )
    assert caught.value.where == f"service control policy no-iam of r-ab12 of account {ACCOUNT}"


def test_a_service_linked_role_has_no_service_control_policies(make: Any) -> None:
    """What it may do is decided by its own policies alone."""
    federation = make(scps={"nothing": _policy(Action="*")})
    authorizer, agent = _authorizer(federation), _agent(federation)
    linked = Caller(SESSION_ARN, "AROA:x", ACCOUNT, "aws", LINKED, agent.session)
    for caller, layer in ((agent, "service control policy"), (linked, "identity-based policy")):
        context = authorizer.context(caller, region="us-east-1")
        verdict = authorizer.decide(caller, "iam:ListRoles", "*", context=context)
        assert (verdict.reason, verdict.layer) == (
            ("explicit-deny", layer) if layer.startswith("service") else ("implicit-deny", layer)
        )


def test_a_list_of_one_needs_a_set_operator(make: Any) -> None:
    """``aws:PrincipalOrgPaths`` is a list: StringEquals alone matches nothing in it."""
    path = f"{ORGANIZATION}/r-root/"
    for operator, words in (("StringEquals", ""), ("ForAnyValue:StringEquals", "explicit deny")):
        condition = {operator: {"aws:PrincipalOrgPaths": path}}
        federation = make(scps={"by-path": _policy(Action="iam:*", Condition=condition)})
        refused = _require(federation, "iam:ListRoles")
        assert refused == (
            f"{REFUSED}iam:ListRoles on resource: * with an explicit deny in a service control policy" if words else ""
        )
