"""A small world for explanations: one org, with an app by assignments, one by group mapping, and a custom one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.kernel.explanations import Explanation, Sent
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import change_world, parse_world
from idp.model import Org
from idp.saml.derivation import IssuingRecord
from tests.conftest import NOW

ACCOUNT, OTHER_ACCOUNT = "210987654321", "345678901234"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/harbour"
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/Operator"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ROLE, SESSION_NAME, DURATION = (f"{ATTRIBUTES}{name}" for name in ("Role", "RoleSessionName", "SessionDuration"))
TRUST = (
    '{Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sts:AssumeRoleWithSAML", '
    f'Principal: {{Federated: "{PROVIDER}"}}}}]}}'
)
WORLD = rf"""
version: 1
okta:
  harbour:
    users:
      ines@harbour.example:
        first_name: Ines
        last_name: Costa
        email: ines.costa@harbour.example
        groups: ["aws#port#Operator#{ACCOUNT}", Crew]
        profile: {{department: Quay}}
      jon@harbour.example: {{first_name: Jon, last_name: Lund, groups: [Crew]}}
      kaya@harbour.example: {{first_name: Kaya, last_name: Demir}}
      noor@harbour.example: {{groups: [Officers, "aws#port#Pilot#{OTHER_ACCOUNT}"]}}
    apps:
      direct:
        label: Direct
        identity_provider_arn: {PROVIDER}
        assignments:
          - {{user: ines@harbour.example, saml_user_roles: [Operator]}}
          - {{group: Crew, role: Deckhand}}
          - {{group: Officers, role: Captain}}
      mapped:
        label: Mapped
        identity_provider_arn: {PROVIDER}
        use_group_mapping: true
        group_filter: '^aws\#\S+\#(?{{{{role}}}}[\w\-]+)\#(?{{{{accountid}}}}\d+)$'
        role_value_pattern: arn:aws:iam::${{accountid}}:saml-provider/harbour,arn:aws:iam::${{accountid}}:role/${{role}}
        assignments: [{{user: ines@harbour.example}}, {{user: jon@harbour.example}}, {{user: kaya@harbour.example}}]
      custom:
        label: Custom
        catalog: custom_saml
        acs_url: https://signin.aws.amazon.com/saml
        assignments: [{{user: ines@harbour.example}}]
        saml:
          attributes:
            - {{name: {ROLE}, values: ['"{OPERATOR},{PROVIDER}"']}}
            - {{name: {SESSION_NAME}, values: [user.email]}}
            - {{name: {DURATION}, values: ['"7200"']}}
            - {{name: "{ATTRIBUTES}PrincipalTag:Department", values: [user.department]}}
            - {{name: {ATTRIBUTES}TransitiveTagKeys, values: ['"Department"']}}
aws:
  "{ACCOUNT}":
    saml_providers: {{harbour: {{metadata: {{okta_app: harbour/direct}}}}}}
    roles: {{Operator: {{trust: {TRUST}}}}}
"""
INES, JON, KAYA = "ines@harbour.example", "jon@harbour.example", "kaya@harbour.example"


def attribute_place(name: str) -> str:
    """Returns the path of an attribute as a judge of the message writes it."""
    return f"/Response/Assertion/AttributeStatement/Attribute[@Name='{name}']"


def harbour(changes: Mapping[str, Any], *, keys: KeyFolder) -> Federation:
    """Returns the world with changes, whose pointers begin at the org."""
    changed = {f"/okta/harbour/{pointer}": value for pointer, value in changes.items()}
    return Federation(change_world(parse_world(WORLD), changed), clock=Clock(frozen_at=NOW), keys=keys)


def harbour_org(changes: Mapping[str, Any], *, keys: KeyFolder) -> Org:
    """Returns the org of the world with changes."""
    return harbour(changes, keys=keys).identity_providers["harbour"].org


def record_of(org: Org, *, app: str, user: str = INES, **more: Any) -> IssuingRecord:
    """Returns the record of a login."""
    relay_state = more.pop("relay_state", org.apps[app].default_relay_state)
    return IssuingRecord(org, org.apps[app], org.users[user], "", relay_state, **more)


def explained(record: IssuingRecord, place: str, *wanted: str) -> Explanation:
    """Returns the explanation of a place, which is known to have one."""
    explanation = record.explain(Sent(place, wanted))
    assert explanation is not None
    return explanation
