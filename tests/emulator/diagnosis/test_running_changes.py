"""Settings that a call, an administrator or a loaded state made other than the world: its line is not blamed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from emulator.diagnosis.origins import OriginKind, origin_of
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Setting
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.state.reading import load_state
from emulator.running.state.state_file import StateFile
from emulator.running.state.writing import dump_state
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, ROLE_ARN, TWO_ROLES_USER, USER
from tests.sdk import Sdk

TOKEN = "00-example-token-of-the-built-in-world"
CONNECT_LOGIN = f"arn:aws:iam::{ACCOUNT}:policy/connect-login"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
AT_NINE = "2026-01-15T09:00:00Z"
AT_TEN = "2026-01-15T10:00:00Z"
Ask = Callable[..., Any]


@pytest.fixture
def ask(federation: Federation) -> Ask:
    """Returns a function that calls Okta's management API as the administrator."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", GatewayAdapter(federation.gateway))

    def call(method: str, path: str, data: Any = None) -> Any:
        answer = session.request(
            method, f"https://acme.okta.com/api/v1{path}", json=data, headers={"Authorization": f"SSWS {TOKEN}"}
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    return call


def _from(federation: Federation, *path: str | int, inside: Key = (), okta: bool = False) -> str:
    org, account = federation.identity_providers["acme"].org, federation.aws_services.aws.accounts[ACCOUNT]
    origin = origin_of(Setting(org if okta else account, path, inside), federation)
    if origin.kind in {OriginKind.API, OriginKind.STATE}:
        assert origin.location is not None
        assert (origin.location.file, origin.location.line) == ("", 0)
    return str(origin)


HERE = f"aws.{ACCOUNT}"


def test_a_call_is_named_with_its_instant(federation: Federation, sdk: Sdk, clock: Clock) -> None:
    """The last that changed this very setting: not one that came later and changed another of the same role."""
    iam = sdk("iam")
    trust = iam.get_role(RoleName="ConnectAgent")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Condition"] = {"Bool": {"aws:SecureTransport": "true"}}
    iam.update_assume_role_policy(RoleName="ConnectAgent", PolicyDocument=json.dumps(trust))
    clock.advance(timedelta(hours=1))
    iam.update_role(RoleName="ConnectAgent", MaxSessionDuration=7200)
    iam.tag_role(RoleName="ConnectAgent", Tags=[{"Key": "team", "Value": "voice"}])
    role = f"{HERE}.roles.ConnectAgent"
    by_trust = f"set by iam:UpdateAssumeRolePolicy at {AT_NINE}"
    assert _from(federation, "roles", ROLE_ARN, "trust") == f"{role}.trust, {by_trust}"
    condition = _from(federation, "roles", ROLE_ARN, "trust", inside=("Statement", 0, "Condition"))
    assert condition == f"{role}.trust.Statement[0].Condition, {by_trust}"
    # What the new document has in common with the world's is still at the world's line.
    assert ":59  " in _from(federation, "roles", ROLE_ARN, "trust", inside=("Statement", 0, "Action"))
    assert _from(federation, "roles", ROLE_ARN, "max_session_duration_seconds") == (
        f"{role}.max_session_duration, set by iam:UpdateRole at {AT_TEN}"
    )
    assert _from(federation, "roles", ROLE_ARN, "tags", 0) == f"{role}.tags.team, set by iam:TagRole at {AT_TEN}"
    assert _from(federation, "roles", ROLE_ARN, "attached_policies", 0).endswith(f"  {role}.policies[0]")


def test_what_did_not_exist_was_made_and_what_is_gone_was_removed(federation: Federation, sdk: Sdk) -> None:
    """Roles, policies, attachments and boundaries, each by the call about that very one."""
    iam = sdk("iam")
    trust = iam.get_role(RoleName="ConnectAgent")["Role"]["AssumeRolePolicyDocument"]
    iam.create_role(RoleName="Later", AssumeRolePolicyDocument=json.dumps(trust))
    iam.attach_role_policy(RoleName="Later", PolicyArn=CONNECT_LOGIN)
    iam.attach_role_policy(RoleName="ConnectAgent", PolicyArn=READ_ONLY)
    iam.put_role_permissions_boundary(RoleName="ConnectAgent", PermissionsBoundary=READ_ONLY)
    iam.put_role_policy(RoleName="ConnectAgent", PolicyName="own", PolicyDocument=_allow("s3:*"))
    iam.detach_role_policy(RoleName="ConnectSupervisor", PolicyArn=CONNECT_LOGIN)
    iam.create_policy_version(PolicyArn=CONNECT_LOGIN, PolicyDocument=_allow("sqs:*"), SetAsDefault=True)
    later = f"arn:aws:iam::{ACCOUNT}:role/Later"
    role = f"{HERE}.roles.ConnectAgent"
    assert _from(federation, "roles", later) == f"{HERE}.roles.Later, made by iam:CreateRole at {AT_NINE}"
    assert _from(federation, "roles", later, "trust") == (
        f"{HERE}.roles.Later.trust, made by iam:CreateRole at {AT_NINE}"
    )
    assert _from(federation, "roles", later, "attached_policies", 0) == (
        f"{HERE}.roles.Later.policies[0], set by iam:AttachRolePolicy at {AT_NINE}"
    )
    assert _from(federation, "roles", ROLE_ARN, "attached_policies", 1) == (
        f"{role}.policies[1], set by iam:AttachRolePolicy at {AT_NINE}"
    )
    assert _from(federation, "roles", ROLE_ARN, "permissions_boundary") == (
        f"{role}.permissions_boundary, set by iam:PutRolePermissionsBoundary at {AT_NINE}"
    )
    assert _from(federation, "roles", ROLE_ARN, "inline_policies", "own", inside=("Statement", 0, "Action")) == (
        f"{role}.inline_policies.own.Statement[0].Action, set by iam:PutRolePolicy at {AT_NINE}"
    )
    assert _from(federation, "policies", CONNECT_LOGIN, "document", inside=("Statement", 0, "Action")) == (
        f"{HERE}.policies.connect-login.Statement[0].Action, set by iam:CreatePolicyVersion at {AT_NINE}"
    )
    supervisor = f"arn:aws:iam::{ACCOUNT}:role/ConnectSupervisor"
    assert _from(federation, "roles", supervisor, "attached_policies") == (
        f"{HERE}.roles.ConnectSupervisor.policies, set by iam:DetachRolePolicy at {AT_NINE}"
    )
    iam.delete_role_permissions_boundary(RoleName="ConnectAgent")
    assert _from(federation, "roles", ROLE_ARN, "permissions_boundary").endswith("left at AWS's default (none)")
    assert "removed by iam:DetachRolePolicy" in _from(federation, "roles", supervisor, "attached_policies", 0)


def _allow(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_an_instance_that_calls_changed(federation: Federation, sdk: Sdk) -> None:
    """Origins and users, by the call about that origin or person; those of the world keep their line."""
    connect = sdk("connect", region="ap-northeast-1")
    here = f"{HERE}.connect.{INSTANCE_ID}"
    for origin in ("https://one.example.com", "https://two.example.com"):
        connect.associate_approved_origin(InstanceId=INSTANCE_ID, Origin=origin)
    users = {each["Username"]: each["Id"] for each in connect.list_users(InstanceId=INSTANCE_ID)["UserSummaryList"]}
    profiles = connect.list_security_profiles(InstanceId=INSTANCE_ID)["SecurityProfileSummaryList"]
    admin = next(each["Id"] for each in profiles if each["Name"] == "Admin")
    connect.update_user_security_profiles(InstanceId=INSTANCE_ID, UserId=users[USER], SecurityProfileIds=[admin])
    connect.delete_user(InstanceId=INSTANCE_ID, UserId=users[TWO_ROLES_USER])
    assert _from(federation, "instances", INSTANCE_ID, "approved_origins", 0).endswith(
        f":73  {here}.approved_origins[0]"
    )
    assert _from(federation, "instances", INSTANCE_ID, "approved_origins", 2) == (
        f"{here}.approved_origins[2], set by connect:AssociateApprovedOrigin at {AT_NINE}"
    )
    assert _from(federation, "instances", INSTANCE_ID, "users", USER, "security_profiles") == (
        f"{here}.users.{USER}.security_profiles, set by connect:UpdateUserSecurityProfiles at {AT_NINE}"
    )
    assert _from(federation, "instances", INSTANCE_ID, "users", TWO_ROLES_USER) == (
        f"{here}.users.{TWO_ROLES_USER}, removed by connect:DeleteUser at {AT_NINE}"
    )
    # When a user was changed last is not what is set.
    assert _from(federation, "instances", INSTANCE_ID, "users", USER, "login").endswith(f":71  {here}.users.{USER}")


def test_an_org_that_administrators_changed(federation: Federation, ask: Ask, clock: Clock) -> None:
    """By the System Log's events about the person, group or app, or by the instant of the last change."""
    people = {each["profile"]["login"]: each["id"] for each in ask("GET", "/users")}
    groups = {each["profile"]["name"]: each["id"] for each in ask("GET", "/groups")}
    (app,) = (each["id"] for each in ask("GET", "/apps") if each["label"] == "Amazon Connect SAML")
    ask("PUT", f"/groups/{groups['Supervisors']}/users/{people[USER]}")
    ask("POST", f"/users/{people[TWO_ROLES_USER]}/lifecycle/suspend")
    clock.advance(timedelta(hours=1))
    ask("POST", f"/users/{people[USER]}", {"profile": {"lastName": "Ito"}})
    ask("POST", f"/apps/{app}/users", {"id": people["mika@example.com"], "profile": {"role": "ConnectAgent"}})
    org = "okta.acme"
    assert _from(federation, "users", USER, "groups", 1, okta=True) == (
        f"{org}.users.{USER}.groups[1], set by group.user_membership.add at {AT_NINE}"
    )
    assert _from(federation, "users", TWO_ROLES_USER, "status", okta=True) == (
        f"{org}.users.{TWO_ROLES_USER}.status, set by user.lifecycle.suspend at {AT_NINE}"
    )
    assert _from(federation, "users", USER, "last_name", okta=True) == (
        f"{org}.users.{USER}.last_name, set by user.account.update_profile at {AT_TEN}"
    )
    assert _from(federation, "apps", APP, "assignments", 2, "role", okta=True) == (
        f"{org}.apps.{APP}.assignments[2].role, set by application.user_membership.add at {AT_TEN}"
    )
    assert _from(federation, "users", USER, "groups", 0, okta=True).endswith(f":9  {org}.users.{USER}.groups[0]")
    made = ask("POST", "/users?activate=true", {"profile": _profile("ada@example.com")})
    assert made["status"] == "PROVISIONED"
    ada = f"{org}.users.ada@example.com"
    assert (
        _from(federation, "users", "ada@example.com", okta=True) == f"{ada}, made by user.lifecycle.create at {AT_TEN}"
    )
    assert _from(federation, "users", "ada@example.com", "status", okta=True) == (
        f"{ada}.status, set by user.lifecycle.activate at {AT_TEN}"
    )


def _profile(login: str) -> dict[str, str]:
    return {"login": login, "email": login, "firstName": "Ada", "lastName": "Byron"}


def test_an_app_whose_assignments_were_made_again(federation: Federation, ask: Ask) -> None:
    """The same assignment at another place of the list is the world's; another role in it is a call's."""
    groups = {each["profile"]["name"]: each["id"] for each in ask("GET", "/groups")}
    (app,) = (each["id"] for each in ask("GET", "/apps") if each["label"] == "Amazon Connect SAML")
    same = {"profile": {"role": "ConnectAgent", "samlRoles": ["ConnectAgent"]}}
    ask("PUT", f"/apps/{app}/groups/{groups['Agents']}", same)
    org = federation.identity_providers["acme"].org
    assert [each.group for each in org.apps[APP].assignments] == ["Supervisors", "Agents"]
    here = f"okta.acme.apps.{APP}.assignments"
    assert _from(federation, "apps", APP, "assignments", 1, "role", okta=True).endswith(f":23  {here}[0].role")
    ask("PUT", f"/apps/{app}/groups/{groups['Agents']}", {"profile": {"role": "ConnectSupervisor"}})
    # No event says so: the app was changed through the API.
    assert _from(federation, "apps", APP, "assignments", 1, "role", okta=True).startswith(f"{here}[1].role, set by ")
    assert _from(federation, "apps", APP, "assignments", 1, "group", okta=True).endswith(f":23  {here}[0].group")


def test_a_lockout_is_the_persons_own(federation: Federation) -> None:
    """Wrong passwords have locked them out, and the System Log says so."""
    provider = federation.identity_providers["acme"]
    for _ in range(provider.org.lockout_after + 1):
        browser = federation.browser()
        page = browser.open("https://acme.okta.com/app/UserHome")
        browser.submit(page.forms[0], {"username": USER, "password": "wrong"})
    assert provider.org.users[USER].status == "LOCKED_OUT"
    assert _from(federation, "users", USER, "status", okta=True) == (
        f"okta.acme.users.{USER}.status, set by user.account.lock at {AT_NINE}"
    )


def test_a_change_that_no_history_has(federation: Federation) -> None:
    """Something set it, and nothing more is known."""
    aws = federation.aws_services.aws

    def shorter(account: Any) -> tuple[Any, None]:
        role = replace(account.roles[ROLE_ARN], max_session_duration_seconds=4000)
        return replace(account, roles={**account.roles, ROLE_ARN: role}), None

    aws.change(ACCOUNT, shorter)
    assert _from(federation, "roles", ROLE_ARN, "max_session_duration_seconds") == (
        f"{HERE}.roles.ConnectAgent.max_session_duration, set by a call since the start"
    )


def test_a_loaded_state_is_named_until_a_call_goes_before_it(
    federation: Federation, sdk: Sdk, world: World, keys: KeyFolder, tmp_path: Path
) -> None:
    """What the state and the world have in common is the world's, times aside."""
    sdk("iam").update_role(RoleName="ConnectAgent", MaxSessionDuration=7200)
    file = tmp_path / "kept.json"
    file.write_text(dump_state(federation), encoding="utf-8")
    later = Clock(frozen_at=federation.clock.now() + timedelta(days=1))
    other = Federation(world, clock=later, ids=Ids(seed=8), keys=keys)
    with StateFile(file, other):
        pass
    duration: tuple[str, ...] = ("roles", ROLE_ARN, "max_session_duration_seconds")
    here = f"{HERE}.roles.ConnectAgent.max_session_duration"
    assert _from(other, *duration) == f"{here}, as loaded from {file}"
    for path in (("roles", ROLE_ARN, "trust"), ("saml_providers", f"arn:aws:iam::{ACCOUNT}:saml-provider/okta")):
        assert "connect.yaml:" in _from(other, *path)
    assert "connect.yaml:9 " in _from(other, "users", USER, okta=True)
    load_state(federation, file.read_text(encoding="utf-8"), source="the body", name_of_state="PUT /fedemu/state")
    assert _from(federation, *duration) == f"{here}, as loaded from PUT /fedemu/state"
    sdk("iam").update_role(RoleName="ConnectAgent", MaxSessionDuration=10800)
    assert _from(federation, *duration) == f"{here}, set by iam:UpdateRole at {AT_NINE}"
