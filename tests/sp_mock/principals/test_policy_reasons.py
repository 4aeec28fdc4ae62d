"""Why policies do not allow a call: the statement and element, whose they are, and what to write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Asked, Cause, Sent, Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.policies.documents import PolicyDocument
from sp_mock.policies.evaluation import Principal, Request, evaluate
from sp_mock.principals.callers import Authorizer, Caller
from sp_mock.principals.credentials import RoleSession
from sp_mock.principals.policy_settings import PolicyReason
from tests.conftest import ACCOUNT, INSTANCE_ID, NOW, ROLE_ARN, USER

ACTION = "connect:GetFederationToken"
INSTANCE = f"arn:aws:connect:ap-northeast-1:{ACCOUNT}:instance/{INSTANCE_ID}"
RIGHT = f"{INSTANCE}/user/${{aws:userid}}"
POLICY = f"/aws/{ACCOUNT}/policies/connect-login"
STATEMENT = f"{POLICY}/Statement/0"
ROLE = f"/aws/{ACCOUNT}/roles/ConnectAgent"
MANAGED = ("policies", f"arn:aws:iam::{ACCOUNT}:policy/connect-login")
IN = "policy connect-login, Statement[0]"
SUBJECT = "Policy connect-login, Statement[0]"


def _document(**statement: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ACTION, "Resource": RIGHT, **statement}],
    }


def _deny(**statement: Any) -> dict[str, Any]:
    return _document(**{"Effect": "Deny", "Resource": "*", **statement})


def _reason(
    world: World, clock: Clock, keys: KeyFolder, changes: Mapping[str, Any], **of_session: Any
) -> tuple[PolicyReason, str]:
    """Returns why the agent's session may not federate into the instance, and its ``aws:userid``."""
    federation = Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
    authorizer = federation.aws_services.services.get(Authorizer)
    role = federation.aws_services.aws.role(ROLE_ARN)
    assert role is not None
    session = RoleSession(role.arn, role.role_id, USER, NOW + timedelta(hours=1), **of_session)
    caller = Caller.of_session(session)
    own = authorizer.context(caller, region="ap-northeast-1")
    context = {**own, "connect:instanceid": (INSTANCE_ID,)}
    verdict = authorizer.decide(caller, ACTION, f"{INSTANCE}/user/{session.user_id}", context=context)
    assert not verdict.allowed
    return authorizer.why_not(caller, verdict), session.user_id


def _paths(causes: tuple[Cause, ...]) -> list[tuple[Any, ...] | Cause]:
    return [(each.path, each.inside) if isinstance(each, Setting) else each for each in causes]


RESOURCES: list[tuple[str, str]] = [
    (
        RIGHT.replace("ap-northeast-1", "us-west-2"),
        "its Resource has the region us-west-2, and the request has ap-northeast-1",
    ),
    (
        RIGHT.replace(ACCOUNT, "999999999999"),
        f"its Resource has the account 999999999999, and the request has {ACCOUNT}",
    ),
    (RIGHT.replace("arn:aws:", "arn:aws-cn:"), "its Resource has the partition aws-cn, and the request has aws"),
    (
        RIGHT.replace("12345678-", "87654321-"),
        f"its Resource names the instance 87654321-90ab-cdef-1234-567890abcdef, and {INSTANCE_ID} is asked for",
    ),
    (INSTANCE, "its Resource ends at the instance, and the request is about a user of it"),
    (
        f"{INSTANCE}/user/${{aws:username}}",
        "its Resource has the variable ${aws:username}, which IAM users have and role sessions do not",
    ),
    (
        f"{INSTANCE}/user/${{aws:user-id}}",
        "its Resource has the variable ${aws:user-id}, which has no value in this request; ${aws:userid} has one",
    ),
    (f"{INSTANCE}/user/$aws:userid", "its Resource has aws:userid, but not as the variable ${aws:userid}"),
    (
        RIGHT.replace("ap-northeast-1", "us-west-2").replace(ACCOUNT, "999999999999"),
        "its Resource has the region us-west-2, and the request has ap-northeast-1; "
        f"its Resource has the account 999999999999, and the request has {ACCOUNT}",
    ),
]


@pytest.mark.parametrize(("resource", "difference"), RESOURCES)
def test_a_resource_that_is_nearly_right(
    world: World, clock: Clock, keys: KeyFolder, resource: str, difference: str
) -> None:
    """Each kind of slip has its own reason, and what to write is the same: the resource of the request."""
    reason, user_id = _reason(world, clock, keys, {f"{STATEMENT}/Resource": resource})
    assert reason.why == f"{SUBJECT}: {difference}."
    assert (reason.want, reason.got) == (f"Resource: {RIGHT}", f"{INSTANCE}/user/{user_id}")
    assert reason.fix == f"Set Resource to {RIGHT} in {IN}."
    assert _paths(reason.causes) == [(MANAGED, ("Statement", 0, "Resource"))]


def test_one_of_several_resources_is_replaced(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The nearest is named, by its index."""
    resources = ["arn:aws:s3:::recordings", f"{INSTANCE}/agent/${{aws:userid}}"]
    reason, user_id = _reason(world, clock, keys, {f"{STATEMENT}/Resource": resources})
    assert reason.why == (
        f"{SUBJECT}: its Resource ends in /agent/${{aws:userid}}, and the request in /user/{user_id}."
    )
    assert reason.fix == f"Set Resource to {RIGHT} in place of {resources[1]} in {IN}."
    assert _paths(reason.causes) == [(MANAGED, ("Statement", 0, "Resource", 1))]


def test_an_old_version_has_no_variables(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The version is at fault, not the resource that is written right."""
    reason, _ = _reason(world, clock, keys, {f"{POLICY}/Version": "2008-10-17"})
    assert reason.why == f"{SUBJECT}: its Version is 2008-10-17, in which ${{aws:userid}} is plain text."
    assert (reason.want, reason.got, reason.fix) == (
        "Version: 2012-10-17",
        "Version: 2008-10-17",
        "Set Version to 2012-10-17 in policy connect-login.",
    )
    assert _paths(reason.causes) == [(MANAGED, ("Version",))]


@pytest.mark.parametrize(
    "written", ["connect:GetFederationTokens", "sts:GetFederationToken", "connect:GetFederatonToken"]
)
def test_an_action_that_is_nearly_right(world: World, clock: Clock, keys: KeyFolder, written: str) -> None:
    """The plural, another service's action of the name, a slip."""
    reason, _ = _reason(world, clock, keys, {f"{STATEMENT}/Action": written})
    assert reason.why == f"{SUBJECT}, allows {written}, and the action is called {ACTION}."
    assert (reason.want, reason.got) == (f"Action: {ACTION}", f"Action: {written}")
    assert reason.fix == f"Set Action to {ACTION} in {IN}."
    assert _paths(reason.causes) == [(MANAGED, ("Statement", 0, "Action"))]


CONDITIONS: list[tuple[Mapping[str, Mapping[str, str]], str, str, str, list[Any]]] = [
    (
        {"StringEquals": {"connect:InstanceId": "another"}},
        f"its condition StringEquals connect:InstanceId expects another, and the request has {INSTANCE_ID}.",
        f"StringEquals connect:InstanceId: {INSTANCE_ID}",
        f"Set connect:InstanceId to {INSTANCE_ID} in the condition of {IN}.",
        [],
    ),
    (
        {"StringEquals": {"connect:Instance": INSTANCE_ID}},
        f"its condition StringEquals connect:Instance expects {INSTANCE_ID}, and the request has no such key.",
        f"connect:InstanceId, which is {INSTANCE_ID}",
        f"Write connect:InstanceId in place of connect:Instance in the condition of {IN}.",
        [],
    ),
    (
        {"StringEquals": {"aws:PrincipalTag/Desk": "blue"}},
        "its condition StringEquals aws:PrincipalTag/Desk expects blue, and the request has no such key.",
        "aws:PrincipalTag/Desk blue",
        f"Send the session tag Desk with the value blue, or correct the condition of {IN}.",
        [
            Sent(
                "/Response/Assertion/AttributeStatement/Attribute[@Name="
                "'https://aws.amazon.com/SAML/Attributes/PrincipalTag:Desk']/AttributeValue",
                ("blue",),
            )
        ],
    ),
    (
        {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        "its condition StringEquals SAML:aud expects https://signin.aws.amazon.com/saml, and the request has no such "
        "key. SAML:aud exists only while the role is assumed.",
        "a key that later requests have, such as saml:sub",
        f"Ask for SAML:aud in the role's trust policy, not in the condition of {IN}.",
        [],
    ),
    (
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        "its condition Bool aws:MultiFactorAuthPresent expects true, and the request has false. AWS knows of no second "
        "factor that an identity provider asked for.",
        "a rule without aws:MultiFactorAuthPresent for sessions that begin with SAML",
        "Ask for the second factor in the identity provider's sign-on policy; aws:MultiFactorAuthPresent in the "
        f"condition of {IN} is for IAM users.",
        [],
    ),
]


@pytest.mark.parametrize(("condition", "why", "want", "fix", "sent"), CONDITIONS)
def test_a_condition_that_does_not_hold(
    world: World,
    clock: Clock,
    keys: KeyFolder,
    condition: Mapping[str, Mapping[str, str]],
    why: str,
    want: str,
    fix: str,
    sent: list[Any],
) -> None:
    """A wrong value, a key that nearly exists, one that is sent, and two that such sessions never have."""
    reason, _ = _reason(world, clock, keys, {f"{STATEMENT}/Condition": condition})
    assert (reason.why, reason.want, reason.fix) == (f"{SUBJECT}: {why}", want, fix)
    ((operator, keyed),) = condition.items()
    (key,) = keyed
    assert _paths(reason.causes) == [(MANAGED, ("Statement", 0, "Condition", operator, key)), *sent]


def test_an_address_of_the_emulators_own_blames_no_policy(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The address comes first among the causes."""
    condition = {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}
    reason, _ = _reason(world, clock, keys, {f"{STATEMENT}/Condition": condition})
    assert reason.fix == ("Set source_ip of the Okta user, or --source-ip, to an address that the policy is meant for.")
    assert _paths(reason.causes) == [
        Asked("source_ip"),
        (MANAGED, ("Statement", 0, "Condition", "IpAddress", "aws:SourceIp")),
    ]


DENIALS: list[tuple[Mapping[str, Any], str, str, str, tuple[Any, ...]]] = [
    (
        _deny(Sid="Guard", Action=["iam:CreateUser", ACTION]),
        "Policy guard, Statement[0] (Guard), denies connect:GetFederationToken, and no Allow wins over a Deny.",
        "Action: iam:CreateUser",
        "Take connect:GetFederationToken out of the Deny in policy guard, Statement[0] (Guard): it is a guardrail on "
        "the role ConnectAgent, so ask whoever set it.",
        ("Statement", 0, "Action", 1),
    ),
    (
        _deny(),
        "Policy guard, Statement[0], denies connect:GetFederationToken, and no Allow wins over a Deny.",
        "no Deny of connect:GetFederationToken",
        "Take connect:GetFederationToken out of the Deny in policy guard, Statement[0]: it is a guardrail on the role "
        "ConnectAgent, so ask whoever set it.",
        ("Statement", 0, "Action"),
    ),
    (
        _deny(Action="connect:Get*"),
        "Policy guard, Statement[0], denies connect:GetFederationToken, and no Allow wins over a Deny.",
        "a Deny that leaves connect:GetFederationToken out, in place of connect:Get*",
        "Leave connect:GetFederationToken out of the Deny in policy guard, Statement[0], which reaches it by "
        "connect:Get*: it is a guardrail on the role ConnectAgent, so ask whoever set it.",
        ("Statement", 0, "Action"),
    ),
    (
        {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "NotAction": ["s3:*"], "Resource": "*"}},
        "Policy guard, Statement[0], denies connect:GetFederationToken, and no Allow wins over a Deny.",
        "connect:GetFederationToken among the actions of NotAction in policy guard, Statement[0]",
        "Add connect:GetFederationToken to NotAction in policy guard, Statement[0]: it is a guardrail on the role "
        "ConnectAgent, so ask whoever set it.",
        ("Statement", "NotAction"),
    ),
    (
        _deny(Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}}),
        "Policy guard, Statement[0], denies connect:GetFederationToken where StringNotEquals aws:RequestedRegion "
        "eu-west-1 holds; the request has ap-northeast-1. No Allow wins over a Deny.",
        "a request for which StringNotEquals aws:RequestedRegion eu-west-1 does not hold",
        "Make the request meet the rule, or have the condition StringNotEquals aws:RequestedRegion changed in policy "
        "guard, Statement[0]: it is a guardrail on the role ConnectAgent, so ask whoever set it.",
        ("Statement", 0, "Condition", "StringNotEquals", "aws:RequestedRegion"),
    ),
]


@pytest.mark.parametrize(("document", "why", "want", "fix", "inside"), DENIALS)
def test_a_deny_is_named_itself(
    world: World,
    clock: Clock,
    keys: KeyFolder,
    document: Mapping[str, Any],
    why: str,
    want: str,
    fix: str,
    inside: tuple[Any, ...],
) -> None:
    """The fix is about the Deny, and says who owns it; no Allow is advised."""
    changes = {f"/aws/{ACCOUNT}/policies/guard": document, f"{ROLE}/policies": ["connect-login", "guard"]}
    reason, user_id = _reason(world, clock, keys, changes)
    assert (reason.why, reason.want, reason.fix) == (why, want, fix)
    assert reason.got in {f"{ACTION} on {INSTANCE}/user/{user_id}", "aws:RequestedRegion ap-northeast-1"}
    assert _paths(reason.causes) == [(("policies", f"arn:aws:iam::{ACCOUNT}:policy/guard"), inside)]


def test_awss_own_policy_is_blamed_where_it_is_attached(world: World, clock: Clock, keys: KeyFolder) -> None:
    """It has no line and cannot be changed."""
    deny_all = "arn:aws:iam::aws:policy/AWSDenyAll"
    reason, _ = _reason(world, clock, keys, {f"{ROLE}/policies": ["connect-login", deny_all]})
    assert reason.why == (
        "Policy AWSDenyAll, Statement[0] (DenyAll), denies connect:GetFederationToken, and no Allow wins over a Deny."
    )
    assert reason.fix == (
        "Detach policy AWSDenyAll from the role ConnectAgent, if whoever attached this guardrail agrees; it is AWS's "
        "own."
    )
    assert _paths(reason.causes) == [(("roles", ROLE_ARN, "attached_policies", 1), ())]


def test_an_inline_policy_is_found_by_its_name(world: World, clock: Clock, keys: KeyFolder) -> None:
    """In the role, not among the account's policies."""
    changes = {f"{ROLE}/policies": [], f"{ROLE}/inline_policies": {"own": _document(Resource=INSTANCE)}}
    reason, _ = _reason(world, clock, keys, changes)
    assert reason.fix == f"Set Resource to {RIGHT} in inline policy own, Statement[0]."
    assert _paths(reason.causes) == [(("roles", ROLE_ARN, "inline_policies", "own"), ("Statement", 0, "Resource"))]


@pytest.mark.parametrize(
    ("policies", "has", "want", "fix"),
    [
        (
            [],
            "no policies",
            "policy connect-login among the policies of the role ConnectAgent",
            f"Attach policy connect-login to the role ConnectAgent: it allows {ACTION} on {RIGHT}.",
        ),
        (
            ["okta-read-roles"],
            "policy okta-read-roles",
            "policy connect-login among the policies of the role ConnectAgent",
            f"Attach policy connect-login to the role ConnectAgent: it allows {ACTION} on {RIGHT}.",
        ),
    ],
)
def test_a_role_without_a_policy_for_it_gets_the_one_there_is(
    world: World, clock: Clock, keys: KeyFolder, policies: list[str], has: str, want: str, fix: str
) -> None:
    """The list of attached policies is at fault."""
    reason, _ = _reason(world, clock, keys, {f"{ROLE}/policies": policies})
    assert reason.why == f"No policy of the role ConnectAgent allows {ACTION}: it has {has}."
    assert (reason.want, reason.got, reason.fix) == (want, has, fix)
    assert _paths(reason.causes) == [(("roles", ROLE_ARN, "attached_policies"), ())]


def test_where_no_policy_of_the_account_allows_it_one_has_to_be_written(
    world: World, clock: Clock, keys: KeyFolder
) -> None:
    """The exact resource is given."""
    reason, _ = _reason(world, clock, keys, {f"{STATEMENT}/Action": "sts:GetCallerIdentity"})
    assert reason.want == f"Allow {ACTION} on {RIGHT}"
    assert reason.fix == f"Attach to the role ConnectAgent a policy that allows {ACTION} on {RIGHT}."


def test_the_one_policy_about_the_service_lacks_the_action(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Its statement is at fault, not the list of policies."""
    actions = ["connect:DescribeInstance", "connect:ListUsers"]
    changes = {f"{STATEMENT}/Action": actions, f"{STATEMENT}/Resource": "*"}
    reason, _ = _reason(world, clock, keys, changes)
    assert reason.why == f"{SUBJECT}, allows connect:DescribeInstance and connect:ListUsers, and not {ACTION}."
    assert reason.want == f'Action: ["connect:DescribeInstance", "connect:ListUsers", "{ACTION}"]'
    assert reason.got == 'Action: ["connect:DescribeInstance", "connect:ListUsers"]'
    assert reason.fix == f"Add {ACTION} to Action in {IN}."
    ((path, (*inside, _)),) = _paths(reason.causes)  # type: ignore[misc]  # a setting
    assert (path, inside) == (MANAGED, ["Statement", 0, "Action"])


def test_of_two_policies_about_the_service_the_one_for_the_resource_lacks_the_action(
    world: World, clock: Clock, keys: KeyFolder
) -> None:
    """Where neither is for the resource, nobody can say which of them was meant."""
    reads = _document(Action="connect:List*", Resource="*")
    changes = {f"{STATEMENT}/Action": "connect:ListUsers", f"{ROLE}/inline_policies": {"reads": reads}}
    reason, _ = _reason(world, clock, keys, changes)
    assert reason.fix == f"Add {ACTION} to Action in {IN}."
    reason, _ = _reason(world, clock, keys, {**changes, f"{STATEMENT}/Resource": "*"})
    assert _paths(reason.causes) == [(("roles", ROLE_ARN, "attached_policies"), ())]


def test_a_policy_that_lacks_more_than_the_action_is_left_alone(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Adding the action to a statement for another resource would not help."""
    changes = {f"{STATEMENT}/Action": "connect:ListUsers", f"{STATEMENT}/Resource": f"{INSTANCE}/queue/*"}
    reason, _ = _reason(world, clock, keys, changes)
    assert reason.fix == f"Attach to the role ConnectAgent a policy that allows {ACTION} on {RIGHT}."


BOUNDARY_ATTACHED = (("roles", ROLE_ARN, "permissions_boundary"), ())


def test_a_boundary_that_does_not_mean_it(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Attachment and document are named, and whose the boundary is."""
    reason, _ = _reason(world, clock, keys, {f"{ROLE}/permissions_boundary": "okta-read-roles"})
    assert reason.why == (
        "Permissions boundary okta-read-roles allows iam:ListRoles or iam:ListAccountAliases, not "
        f"{ACTION}; a permissions boundary limits what the role ConnectAgent may do, and an Allow of its own does not "
        "help."
    )
    assert reason.fix == (
        f"Have {ACTION} on {RIGHT} allowed in permissions boundary okta-read-roles: it is the permissions boundary of "
        "the role ConnectAgent, a guardrail that whoever administers the account set."
    )
    assert _paths(reason.causes)[0] == BOUNDARY_ATTACHED
    assert _paths(reason.causes)[1][0] == ("policies", f"arn:aws:iam::{ACCOUNT}:policy/okta-read-roles")  # type: ignore[index] # a setting


def test_a_boundary_that_nearly_allows_it(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The statement in the boundary comes first."""
    changes = {
        f"/aws/{ACCOUNT}/policies/limits": _document(Action="connect:*", Resource=RIGHT.replace("ap-", "eu-")),
        f"{ROLE}/permissions_boundary": "limits",
    }
    reason, _ = _reason(world, clock, keys, changes)
    assert reason.why == (
        "Permissions boundary limits, Statement[0]: its Resource has the region eu-northeast-1, and the request has "
        "ap-northeast-1. A permissions boundary limits what the role ConnectAgent may do, and an Allow of its own does "
        "not help."
    )
    limits = ("policies", f"arn:aws:iam::{ACCOUNT}:policy/limits")
    assert _paths(reason.causes) == [(limits, ("Statement", 0, "Resource")), BOUNDARY_ATTACHED]


def _organization(**settings: Any) -> dict[str, Any]:
    return {f"/aws/{ACCOUNT}/organization": {"id": "o-a1b2c3d4e5", **settings}}


def test_a_service_control_policy_is_the_organizations(world: World, clock: Clock, keys: KeyFolder) -> None:
    """A Deny, and an account without FullAWSAccess."""
    reason, _ = _reason(world, clock, keys, _organization(scps={"no-connect": _deny(Action="connect:*")}))
    assert reason.fix == (
        "Leave connect:GetFederationToken out of the Deny in service control policy no-connect, Statement[0], which "
        "reaches it by connect:*: it is a guardrail of the organization, whose administrators decide."
    )
    path = ("organization", "service_control_policies", "no-connect")
    assert _paths(reason.causes) == [(path, ("Statement", 0, "Action"))]
    reason, _ = _reason(world, clock, keys, _organization(full_aws_access=False))
    assert reason.why == (
        f"No service control policy allows {ACTION}; a service control policy limits what the role ConnectAgent may "
        "do, and an Allow of its own does not help."
    )
    assert _paths(reason.causes) == [(("organization", "has_full_aws_access"), ())]


def test_a_session_policy_came_with_the_call(world: World, clock: Clock, keys: KeyFolder) -> None:
    """No setting of the account's is at fault."""
    document = PolicyDocument.parse(_document(Action="connect:ListUsers"), kind="session")
    reason, _ = _reason(world, clock, keys, {}, policies=(("session policy", document),))
    assert reason.fix == (
        f"Have {ACTION} on {RIGHT} allowed in session policy: it is the session policy that whoever assumed the role "
        "gave to the session."
    )
    assert reason.causes == (Asked("session policy"),)


def test_a_trust_policy_is_its_roles(federation: Federation) -> None:
    """Of a role that trusts other principals, and other actions."""
    authorizer, role = federation.aws_services.services.get(Authorizer), federation.aws_services.aws.role(ROLE_ARN)
    administrator = federation.aws_services.aws.user(f"arn:aws:iam::{ACCOUNT}:user/administrator")
    assert role is not None
    assert administrator is not None
    caller = Caller.of_user(administrator)
    request = Request("sts:AssumeRole", ROLE_ARN, Principal("AWS", caller.arn), {})
    reason = authorizer.why_not(caller, evaluate([("trust policy", role.trust)], request))
    assert reason.why == "No statement of the trust policy of the role ConnectAgent allows sts:AssumeRole."
    assert reason.fix == f"Allow sts:AssumeRole for {caller.arn} in the trust policy of the role ConnectAgent."
    assert _paths(reason.causes) == [(("roles", ROLE_ARN, "trust"), ("Statement", 0, "Action"))]
    request = Request("sts:AssumeRoleWithSAML", ROLE_ARN, Principal("AWS", caller.arn), {})
    reason = authorizer.why_not(caller, evaluate([("trust policy", role.trust)], request))
    assert reason.why == (
        "Trust policy of the role ConnectAgent, Statement[0], is for Federated "
        f"arn:aws:iam::{ACCOUNT}:saml-provider/okta, and the caller is {caller.arn}."
    )


def test_a_users_group_denies(world: World, clock: Clock, keys: KeyFolder) -> None:
    """The policy is the group's, and the user's own Allow does not help."""
    group = {"users": ["administrator"], "inline_policies": {"stop": _deny(Action="iam:ListRoles")}}
    changed = change_world(world, {f"/aws/{ACCOUNT}/groups": {"operators": group}})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    administrator = federation.aws_services.aws.user(f"arn:aws:iam::{ACCOUNT}:user/administrator")
    assert administrator is not None
    caller, authorizer = Caller.of_user(administrator), federation.aws_services.services.get(Authorizer)
    reason = authorizer.why_not(caller, authorizer.decide(caller, "iam:ListRoles", "*", context={}))
    assert reason.why == (
        "Inline policy stop of group operators, Statement[0], denies iam:ListRoles, and no Allow wins over a Deny."
    )
    assert _paths(reason.causes) == [
        (
            ("groups", f"arn:aws:iam::{ACCOUNT}:group/operators", "inline_policies", "stop"),
            ("Statement", 0, "Action"),
        )
    ]
