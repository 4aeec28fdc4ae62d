"""boto3 over sockets: which condition keys its calls have, and what an organization leaves of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN, USER
from tests.sdk import client, keys_of, refused

ADMINISTRATOR_ARN = f"arn:aws:iam::{ACCOUNT}:user/administrator"
SESSION_ARN = f"arn:aws:sts::{ACCOUNT}:assumed-role/ConnectAgent/{USER}"
TARGET = f"arn:aws:iam::{ACCOUNT}:role/ConnectSupervisor"
TRUST = f"/aws/{ACCOUNT}/roles/ConnectAgent/trust/Statement/0/Condition"
ORGANIZATION = f"/aws/{ACCOUNT}/organization"
NOT_AUTHORIZED = "Not authorized to perform sts:AssumeRoleWithSAML"


class Served:
    """A federation on a port of its own."""

    def __init__(self, federation: Federation, url: str) -> None:
        self.federation = federation
        self.url = url

    def sdk(self, service: str, **more: Any) -> Any:
        """Returns a client; by default the administrator's."""
        return client(service, url=self.url, **more)

    def log_in(self) -> dict[str, str]:
        """Gives an assertion to STS, as a command-line client does, and returns the session's keys."""
        minted = self.federation.identity_providers["acme"].mint(USER, APP)
        answer = self.sdk("sts").assume_role_with_saml(
            RoleArn=ROLE_ARN, PrincipalArn=PROVIDER_ARN, SAMLAssertion=minted.saml_response
        )
        return keys_of(answer["Credentials"])


Serve = Callable[..., Any]


@pytest.fixture
def serve(world: World, clock: Clock, keys: KeyFolder) -> Serve:
    """Returns a function that serves the built-in world with changes."""

    @contextmanager
    def serving(**changes: Any) -> Iterator[Served]:
        federation = Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
        with Server(federation.gateway) as server:
            yield Served(federation, server.url)

    return serving


def _policy(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Resource": "*", **statement}]}


def test_what_a_call_at_the_bare_address_has(serve: Serve) -> None:
    """It represents the https endpoint; the address is this machine's, and boto3 names itself."""
    condition = {
        "Bool": {"aws:SecureTransport": "true"},
        "IpAddress": {"aws:SourceIp": "127.0.0.0/8"},
        "StringLike": {"aws:UserAgent": "Boto3/*"},
        "StringEquals": {"aws:RequestedRegion": "us-east-1"},
    }
    with serve(**{TRUST: condition}) as served:
        assert served.log_in()["aws_access_key_id"].startswith("ASIA")


def test_a_persons_address_over_sockets_is_the_users_setting(serve: Serve) -> None:
    """The assertion says whose call it is, and so does the session's name afterwards."""
    office = {TRUST: {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    with serve(**office) as served, refused("AccessDenied", NOT_AUTHORIZED, status=403):
        served.log_in()
    with serve(**office, **{f"/okta/acme/users/{USER}/source_ip": "203.0.113.9"}) as served:
        keys = served.log_in()
        served.sdk("iam").put_role_policy(
            RoleName="ConnectAgent",
            PolicyName="from-the-office",
            PolicyDocument=json.dumps(
                _policy(Effect="Allow", Action="iam:*", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
            ),
        )
        assert served.sdk("iam", **keys).get_role(RoleName="ConnectAgent")["Role"]["Arn"] == ROLE_ARN


def test_time_keys_of_temporary_credentials(serve: Serve, clock: Clock) -> None:
    """``aws:TokenIssueTime`` is when STS gave them out; calls with a long-term key have none."""
    old = _policy(Action="iam:*", Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-01-15T09:10:00Z"}})
    with serve(**{ORGANIZATION: {"id": "o-a1b2c3d4e5", "scps": {"revoke-older-sessions": old}}}) as served:
        served.sdk("iam").put_role_policy(
            RoleName="ConnectAgent",
            PolicyName="iam",
            PolicyDocument=json.dumps(_policy(Effect="Allow", Action="iam:*")),
        )
        words = (
            f"User: {SESSION_ARN} is not authorized to perform: iam:GetRole on resource: {ROLE_ARN} "
            "with an explicit deny in a service control policy"
        )
        with refused("AccessDenied", words, status=403):
            served.sdk("iam", **served.log_in()).get_role(RoleName="ConnectAgent")


def test_the_region_of_a_global_endpoint_is_its_partitions_first(serve: Serve) -> None:
    """A Deny outside of Europe stops IAM, which is in us-east-1, as it does at AWS."""
    deny = _policy(Action="iam:*", Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}})
    with serve(**{ORGANIZATION: {"id": "o-a1b2c3d4e5", "scps": {"europe": deny}}}) as served:
        words = (
            f"User: {ADMINISTRATOR_ARN} is not authorized to perform: iam:GetRole on resource: {ROLE_ARN} "
            "with an explicit deny in a service control policy"
        )
        with refused("AccessDenied", words, status=403):
            served.sdk("iam").get_role(RoleName="ConnectAgent")


TRUSTS_THE_USER = {
    f"/aws/{ACCOUNT}/roles/ConnectSupervisor/trust": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ADMINISTRATOR_ARN}, "Action": "sts:AssumeRole"}],
    }
}
LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"scps": {"a": _policy(Action="sts:AssumeRole")}}, " with an explicit deny in a service control policy"),
    (
        {"full_aws_access": False, "scps": {"a": _policy(Effect="Allow", Action="iam:*")}},
        " because no service control policy allows the sts:AssumeRole action",
    ),
    (
        {"rcps": {"a": _policy(Principal="*", Action="sts:AssumeRole")}},
        " with an explicit deny in a resource control policy",
    ),
    (
        {
            "rcps": {
                "a": _policy(
                    Principal="*",
                    Action="sts:*",
                    Condition={"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}},
                )
            }
        },
        "",
    ),
]


@pytest.mark.parametrize(("limits", "because"), LIMITS)
def test_assuming_a_role_that_names_the_caller(serve: Serve, limits: dict[str, Any], because: str) -> None:
    """The trust policy alone is enough, but for what the organization takes away."""
    with serve(**TRUSTS_THE_USER, **{ORGANIZATION: {"id": "o-a1b2c3d4e5", **limits}}) as served:
        sts = served.sdk("sts")
        if not because:
            assert sts.assume_role(RoleArn=TARGET, RoleSessionName="x1")["AssumedRoleUser"]["Arn"].endswith("/x1")
            return
        words = f"User: {ADMINISTRATOR_ARN} is not authorized to perform: sts:AssumeRole on resource: {TARGET}{because}"
        with refused("AccessDenied", words, status=403):
            sts.assume_role(RoleArn=TARGET, RoleSessionName="x1")
