"""What the emulator's own management API answers, saved as files and listed as seeds, is the same org again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from emulator.federation import Federation
from emulator.kernel.clock import Clock
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import load_world, parse_world
from idp import model as okta

TOKEN = "00-example-token-of-the-round-trip"
BEFORE = rf"""version: 1
okta:
  harbour:
    groups:
      Dockers: {{description: who load ships}}
      aws_123456789012_Pilot: {{source: active_directory}}
      Empty: {{}}
    users:
      ines@example.com:
        first_name: Ines
        last_name: Ruiz
        groups: [Dockers, aws_123456789012_Pilot]
        profile: {{department: Quay, level: 3, nightShift: true, languages: [es, en]}}
      omar@example.com: {{email: o@example.com, groups: [Dockers], status: SUSPENDED}}
      lena@example.com: {{first_name: Lena, status: DEPROVISIONED}}
    apps:
      harbour-aws:
        label: Harbour AWS
        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/harbour
        acs_url: https://eu-west-1.signin.aws.amazon.com/saml
        default_relay_state: https://console.aws.amazon.com/s3
        session_duration: 7200
        join_all_roles: true
        app_filter: okta,active_directory
        username_format: email_prefix
        assignments:
          - {{user: ines@example.com, role: Pilot}}
          - {{group: Dockers, saml_user_roles: [Docker, Crane]}}
          - {{group: Empty, role: Nobody}}
      mapped:
        label: Mapped
        environment: aws.china
        identity_provider_arn: arn:aws-cn:iam::123456789012:saml-provider/harbour
        use_group_mapping: true
        group_filter: ^aws_(?{{{{accountid}}}}\d+)_(?{{{{role}}}}\w+)$
        role_value_pattern: arn:aws-cn:iam::${{accountid}}:saml-provider/x,arn:aws-cn:iam::${{accountid}}:role/${{role}}
        username_format: String.toUpperCase(user.firstName)
        assignments: [{{group: aws_123456789012_Pilot}}]
      custom:
        catalog: custom_saml
        label: Custom
        acs_url: https://signin.aws.amazon.com/saml
        audience: urn:amazon:webservices
        saml:
          issuer: https://harbour.example.com/idp
          name_id_format: persistent
          recipient: https://signin.aws.amazon.com/saml/other
          sp_entity_id: urn:amazon:webservices
          attributes:
            - {{name: "https://aws.amazon.com/SAML/Attributes/Role", name_format: uri, values: ['"a,b"', user.email]}}
            - {{name: groups, groups: {{starts_with: Dock}}}}
        assignments: [{{user: omar@example.com}}]
    api_tokens: {{{TOKEN}: ines@example.com}}
"""
AFTER = """version: 1
okta:
  harbour:
    seed: [SEEDS]
    api_tokens: {TOKEN: ines@example.com}
"""


def _asked(federation: Federation, path: str) -> Any:
    header = {"Authorization": f"SSWS {TOKEN}"}
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", GatewayAdapter(federation.gateway))
        response = session.get(f"https://harbour.okta.com{path}", headers=header)
    assert response.status_code == 200, response.text
    return response.json()


def _saved(federation: Federation, folder: Path) -> list[str]:
    """Saves what the API answers, as a person does who follows its links."""
    asked = {"apps": "/api/v1/apps", "users": "/api/v1/users", "groups": "/api/v1/groups"}
    asked["users-gone"] = '/api/v1/users?filter=status eq "DEPROVISIONED"'
    for app in _asked(federation, "/api/v1/apps"):
        for kind in ("users", "groups"):
            asked[f"{app['label'].lower().replace(' ', '-')}-{kind}"] = f"/api/v1/apps/{app['id']}/{kind}"
    for group in _asked(federation, "/api/v1/groups"):
        asked[f"members-{group['id']}"] = f"/api/v1/groups/{group['id']}/users"
    for name, path in asked.items():
        (folder / f"{name}.json").write_text(json.dumps(_asked(federation, path)), encoding="utf-8")
    return [f"{name}.json" for name in asked]


def _comparable(org: okta.Org) -> okta.Org:
    """Returns an org without what the API does not answer, or what every org has of its own."""
    apps = {
        name: replace(
            app,
            key_pair=okta.KeyPair(b"", b""),
            created_at=org.apps["harbour-aws"].created_at,
            changed_at=org.apps["harbour-aws"].created_at,
            assignments=tuple(sorted(app.assignments, key=lambda each: (each.user or "", each.group or ""))),
        )
        for name, app in sorted(org.apps.items())
    }
    users = {login: replace(user, groups=tuple(sorted(user.groups))) for login, user in sorted(org.users.items())}
    return replace(org, apps=apps, users=users, groups=dict(sorted(org.groups.items())))


def test_what_our_own_api_answers_becomes_the_same_org(tmp_path: Path, clock: Clock, keys: KeyFolder) -> None:
    """Apps of both kinds, people, groups and all assignments; ids follow from the names, and so are the same."""
    before = Federation(parse_world(BEFORE), clock=clock, keys=keys)
    seeds = _saved(before, tmp_path)
    world = AFTER.replace("SEEDS", ", ".join(seeds)).replace("TOKEN", TOKEN)
    (tmp_path / "world.yaml").write_text(world, encoding="utf-8")
    after = Federation(load_world(tmp_path / "world.yaml"), clock=clock, keys=keys)
    assert _comparable(after.built.orgs["harbour"]) == _comparable(before.built.orgs["harbour"])
    assert [problem.message for report in after.world.seeds for problem in report.left_out] == []
