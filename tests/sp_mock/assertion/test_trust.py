"""Which logins a trust policy lets in, by the keys that every request has, and what an organization adds to it."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import Login, Outcome, assume_role, log_in
from emulator.kernel.client_connection import DEFAULT_ADDRESS
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import Refusal, WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, USER

TRUST = f"/aws/{ACCOUNT}/roles/ConnectAgent/trust/Statement/0"
ORGANIZATION = f"/aws/{ACCOUNT}/organization"
SAID = "Not authorized to perform sts:AssumeRoleWithSAML"
OF_AN_AWS_PRINCIPAL = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalIsAWSService",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalType",
    "aws:TokenIssueTime",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:SourceIdentity",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:userid",
    "aws:username",
)


@pytest.fixture
def make(world: World, keys: KeyFolder, clock: Clock) -> Any:
    """Returns a function that makes the built-in world with changes."""

    def federation(**changes: Any) -> Federation:
        return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)

    return federation


def _refusal(login: Login) -> Refusal:
    assert login.outcome is Outcome.REFUSED
    assert login.refusal is not None
    refusal = login.refusal
    assert (refusal.message, refusal.code, refusal.status) == (SAID, "AccessDenied", 403)
    assert refusal.check == "trust-policy"
    return refusal


CONDITIONS: list[tuple[dict[str, Any], bool]] = [
    ({"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "203.0.113.0/24"]}}, True),
    ({"IpAddress": {"AWS:SOURCEIP": "127.0.0.1"}}, True),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
    ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, True),
    ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, False),
    ({"Bool": {"aws:SecureTransport": "true"}}, True),
    ({"Bool": {"aws:SecureTransport": "false"}}, False),
    ({"StringEquals": {"aws:RequestedRegion": "us-east-1"}}, True),
    ({"StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}, False),
    ({"StringEquals": {"aws:UserAgent": "fedemu"}}, True),
    ({"StringLike": {"aws:UserAgent": "Mozilla/*"}}, False),
    ({"DateLessThan": {"aws:CurrentTime": "2026-01-15T09:00:01Z"}}, True),
    ({"DateGreaterThan": {"aws:CurrentTime": "2026-01-15T09:00:00Z"}}, False),
    ({"NumericEquals": {"aws:EpochTime": "1768467600"}}, True),
    ({"DateLessThanEquals": {"aws:EpochTime": "2026-01-15T09:00:00Z"}}, True),
    ({"Bool": {"aws:ViaAWSService": "false"}}, True),
    ({"StringEquals": {"aws:ResourceAccount": ACCOUNT}}, True),
    ({"Null": {"aws:ResourceOrgID": "true"}}, True),
    ({"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}, False),
    ({"NumericLessThanIfExists": {"aws:MultiFactorAuthAge": "3600"}}, True),
    ({"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, False),
    ({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, True),
    *(({"Null": {key: "true"}}, True) for key in OF_AN_AWS_PRINCIPAL),
]


@pytest.mark.parametrize("via", ["browser", "sts"])
@pytest.mark.parametrize(("condition", "lets_in"), CONDITIONS)
def test_which_conditions_hold(make: Any, condition: dict[str, Any], lets_in: bool, via: str) -> None:
    """Keys that the request has are compared, keys that it has not are missing; sign-in and STS agree."""
    federation = make(**{f"{TRUST}/Condition": condition})
    login = (log_in if via == "browser" else assume_role)(federation, user=USER, app=APP)
    if lets_in:
        assert login.outcome is Outcome.ACCEPTED
    else:
        _refusal(login)


def test_the_region_is_that_of_the_endpoint(make: Any) -> None:
    """A regional sign-in URL is asked in its own region."""
    federation = make(
        **{
            "/okta/acme/apps/amazon-connect/acs_url": "https://eu-west-1.signin.aws.amazon.com/saml",
            f"{TRUST}/Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
        }
    )
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED


OFFICE = {f"{TRUST}/Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
PERSON = f"/okta/acme/users/{USER}/source_ip"


@pytest.mark.parametrize(
    ("setting", "chosen", "lets_in"),
    [
        (None, None, False),
        (None, "203.0.113.9", True),
        ("203.0.113.9", None, True),
        ("203.0.113.9", "127.0.0.1", False),
        ("198.51.100.7", "203.0.113.9", True),
    ],
)
def test_whose_address_counts(make: Any, setting: str | None, chosen: str | None, lets_in: bool) -> None:
    """The login's goes before the person's, and this machine's comes last."""
    federation = make(**OFFICE, **({PERSON: setting} if setting else {}))
    for log in (log_in, assume_role):
        login = log(federation, user=USER, app=APP, source_ip=chosen)
        assert login.outcome is (Outcome.ACCEPTED if lets_in else Outcome.REFUSED)


def test_a_refusal_by_the_default_address_says_what_changes_it(make: Any) -> None:
    """The address is the emulator's own; nobody has to widen a policy for it."""
    refusal = _refusal(log_in(make(**OFFICE), user=USER, app=APP))
    assert refusal.explanation == (
        "sts:AssumeRoleWithSAML on role ConnectAgent: trust policy, Statement[0]: Condition IpAddress aws:sourceip "
        f"expects 203.0.113.0/24, the request has 127.0.0.1 ({DEFAULT_ADDRESS})."
    )
    assert (refusal.expected, refusal.received) == ("203.0.113.0/24", "127.0.0.1")
    assert refusal.where == "the request's address"
    assert refusal.fix == "Set source_ip of the Okta user, or --source-ip, to an address that the policy is meant for."
    elsewhere = _refusal(log_in(make(**OFFICE), user=USER, app=APP, source_ip="198.51.100.7"))
    assert DEFAULT_ADDRESS not in elsewhere.explanation
    assert elsewhere.fix == (
        "Ask from where aws:SourceIp is 203.0.113.0/24, or correct aws:SourceIp in Statement[0] of the trust policy of "
        "role ConnectAgent."
    )


def test_the_address_goes_on_to_the_sessions_own_calls(make: Any) -> None:
    """GetFederationToken of the console sees the address of the person's browser."""
    office = {
        f"/aws/{ACCOUNT}/policies/connect-login/Statement/0/Condition": {
            "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}
        }
    }
    assert log_in(make(**office), user=USER, app=APP, source_ip="203.0.113.9").outcome is Outcome.ACCEPTED
    assert log_in(make(**office, **{PERSON: "203.0.113.9"}), user=USER, app=APP).outcome is Outcome.ACCEPTED
    refused = log_in(make(**office), user=USER, app=APP)
    assert refused.refusal is not None
    assert refused.refusal.check == "get-federation-token"
    assert DEFAULT_ADDRESS in refused.refusal.explanation


def test_a_provider_under_another_kind_of_principal_is_refused_with_the_world(make: Any) -> None:
    """The ARN is right, and the word before it is not: IAM would not take the policy, and the world says so."""
    arn = f"arn:aws:iam::{ACCOUNT}:saml-provider/okta"
    with pytest.raises(WorldError) as caught:
        make(**{f"{TRUST}/Principal": {"Service": arn}})
    assert f'Invalid principal in policy: "SERVICE":"{arn}"' in str(caught.value)


def _rcp(**condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Resource": "*", "Condition": condition}
    return {"id": "o-a1b2c3d4e5", "rcps": {"limit": {"Version": "2012-10-17", "Statement": [statement]}}}


@pytest.mark.parametrize(
    ("condition", "lets_in"),
    [
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, False),
        ({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, False),
        ({"StringNotEquals": {"aws:ResourceOrgID": "o-a1b2c3d4e5"}}, True),
        ({"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}, True),
        ({"Null": {"saml:aud": "true"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, True),
    ],
)
def test_a_resource_control_policy_reaches_the_role(make: Any, condition: dict[str, Any], lets_in: bool) -> None:
    """It denies a login that the trust policy allows; AWS's words are not public, so they are the trust policy's."""
    login = log_in(make(**{ORGANIZATION: _rcp(**condition)}), user=USER, app=APP)
    if lets_in:
        assert login.outcome is Outcome.ACCEPTED
        return
    refusal = _refusal(login)
    assert refusal.evidence == "assumed"
    assert refusal.where == f"resource control policy limit of account {ACCOUNT}"
    assert refusal.explanation.startswith(
        "sts:AssumeRoleWithSAML on role ConnectAgent: the resource control policy decides: resource control policy "
        "limit, Statement[0] denies it explicitly"
    )


def test_a_service_control_policy_does_not_reach_a_saml_login(make: Any) -> None:
    """Nobody of the account makes the call, whatever is denied to the account's principals."""
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}]}
    federation = make(**{ORGANIZATION: {"id": "o-a1b2c3d4e5", "scps": {"no-sts": deny}}})
    assert log_in(federation, user=USER, app=APP).outcome is Outcome.ACCEPTED
