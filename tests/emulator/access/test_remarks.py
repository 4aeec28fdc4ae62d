"""What is worth knowing of a world beside its logins, and the users of instances whom no login reaches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.access.aws_remarks import aws_remarks, unreached_users
from emulator.access.okta_remarks import okta_remarks
from emulator.access.remarks import counted, few
from emulator.access.table import access_of
from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import change_world, parse_world

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
INSTANCE = "0f1e2d3c-4b5a-6978-8695-a4b3c2d1e0f9"
WORLD = f"""
version: 1
okta:
  acme:
    groups: [Agents, Leads]
    users:
      ada@example.org: {{groups: [Agents]}}
      ben@example.org: {{groups: [Agents, Leads]}}
    apps:
      desk:
        catalog: amazon_aws
        label: Desk
        identity_provider_arn: arn:aws:iam::111122223333:saml-provider/okta
        default_relay_state: https://eu-central-1.console.aws.amazon.com/connect/federate/{INSTANCE}
        join_all_roles: true
        assignments: [{{group: Agents, role: Agent}}, {{group: Leads, role: Lead}}]
aws:
  "111122223333":
    saml_providers: {{okta: {{metadata: {{okta_app: acme/desk}}}}}}
    roles:
      Agent: &role
        inline_policies:
          federate: {{Version: "2012-10-17", Statement: {{Effect: Allow, Action: "connect:*", Resource: "*"}}}}
        trust:
          Version: "2012-10-17"
          Statement:
            Effect: Allow
            Principal: {{Federated: "arn:aws:iam::111122223333:saml-provider/okta"}}
            Action: sts:AssumeRoleWithSAML
      Lead: *role
    connect:
      {INSTANCE}:
        alias: helpdesk
        region: eu-central-1
        users: {{ada@example.org: {{}}, ben@example.org: {{}}}}
"""
APP = "/okta/acme/apps/desk"
USERS = f"/aws/111122223333/connect/{INSTANCE}/users"


def _federation(keys: KeyFolder, changes: dict[str, Any]) -> Federation:
    return Federation(change_world(parse_world(WORLD), changes), clock=Clock(frozen_at=NOW), keys=keys)


def _said(federation: Federation, *, now: datetime = NOW) -> list[tuple[str, str]]:
    remarks = [*okta_remarks(federation, now=now), *aws_remarks(federation, access_of(federation), now=now)]
    return [(remark.rule, remark.problem.message) for remark in remarks]


def test_a_world_in_which_all_is_used_has_none(keys: KeyFolder) -> None:
    """Nothing is said of people who have an app, of roles that somebody has, of certificates that last."""
    federation = _federation(keys, {})
    assert _said(federation) == []
    assert list(unreached_users(federation, access_of(federation))) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"/okta/acme/users/cleo@example.org": {}},
            [("no-app", "1 person has no app: cleo@example.org")],
        ),
        (
            {"/okta/acme/users/ben@example.org/groups": ["Agents"]},
            [
                ("no-app", "1 group with the app Desk has no member: Leads"),
                ("unused-role", "1 role that SAML may open is nobody's: Lead"),
            ],
        ),
        (
            {f"{APP}/join_all_roles": False},
            [
                (
                    "unused-assignment",
                    "1 person has several assignments of Desk, and the roles of the first alone, since join_all_roles "
                    "is off: ben@example.org",
                ),
                ("unused-role", "1 role that SAML may open is nobody's: Lead"),
            ],
        ),
        (
            {f"{APP}/assignments/1": {"group": "Leads", "role": "Agent", "saml_user_roles": ["Lead"]}},
            [
                (
                    "unused-assignment",
                    "the role Agent of this assignment is not sent: its SAML User Roles take the place of it",
                )
            ],
        ),
        (
            {
                f"{USERS[:-6]}/security_profiles": {"Muted": {"access_ccp": False}},
                f"{USERS}/ben@example.org": {"security_profiles": ["Muted"]},
            },
            [
                (
                    "no-ccp",
                    "1 user of the instance helpdesk may not open the Contact Control Panel, by their security "
                    "profiles: ben@example.org",
                )
            ],
        ),
    ],
)
def test_what_is_worth_knowing(keys: KeyFolder, changes: dict[str, Any], said: list[tuple[str, str]]) -> None:
    """Each with the names that it is about; none of it stops a login."""
    assert _said(_federation(keys, changes)) == said


def test_an_app_that_nobody_has(keys: KeyFolder) -> None:
    """It has no assignments, so that its people have no app and its roles are nobody's."""
    said = _said(_federation(keys, {f"{APP}/assignments": []}))
    assert said == [
        ("no-app", "2 people have no app: ada@example.org, ben@example.org"),
        ("no-app", "nobody has the app Desk: it has no assignments"),
        ("unused-role", "2 roles that SAML may open are nobody's: Agent, Lead"),
    ]


def test_a_certificate_that_ends(keys: KeyFolder) -> None:
    """Sixty days before, and afterwards; AWS goes on taking its signatures."""
    federation = _federation(keys, {})
    end = federation.identity_providers["acme"].org.apps["desk"].key_pair.expires_at
    assert _said(federation, now=end - timedelta(days=61)) == []
    ((_, soon),) = _said(federation, now=end - timedelta(days=30))
    assert soon == f"the signing certificate of Desk ends on {end:%Y-%m-%d}, in 30 days"
    ((_, over),) = _said(federation, now=end + timedelta(days=1))
    assert over == f"the signing certificate of Desk ended on {end:%Y-%m-%d}"


def test_users_whom_no_login_reaches(keys: KeyFolder) -> None:
    """A person of the org is a finding, somebody else's person a note, and a login that fails is reported there."""
    changes = {f"{APP}/assignments": [{"user": "ada@example.org", "role": "Agent"}], f"{USERS}/zoe@other.example": {}}
    federation = _federation(keys, changes)
    found = [(each.problem.message, is_known) for each, is_known in unreached_users(federation, access_of(federation))]
    assert found == [
        (
            "1 user of the instance helpdesk is a person of an Okta org here, and no login of theirs leads there: "
            "ben@example.org",
            True,
        ),
        ("no login here comes as 1 user of the instance helpdesk: zoe@other.example", False),
    ]
    suspended = _federation(keys, {"/okta/acme/users/ben@example.org/status": "SUSPENDED"})
    assert list(unreached_users(suspended, access_of(suspended))) == []


def test_names_are_counted_and_cut() -> None:
    """Five names and how many more there are; numbers with thousands."""
    assert few(["a", "b"]) == "a, b"
    assert few([str(number) for number in range(2000)]) == "0, 1, 2, 3, 4 and 1,995 more"
    assert (counted(1, "login"), counted(2000, "person", "people")) == ("1 login", "2,000 people")
