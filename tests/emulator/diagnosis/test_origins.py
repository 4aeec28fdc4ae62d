"""Where a setting comes from, as people read it: a line of the world or of a policy's file, a seed, a default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.diagnosis.origins import Origin, OriginKind, origin_of
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.explanations import Setting
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.scenario_file import find_scenarios
from emulator.world import load_world
from emulator.worldfile.text.yaml_data import Key

ACCOUNT = "210987654321"
INSTANCE = "0a1b2c3d-1111-2222-3333-444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Porter"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/open-desk"
TRUST_FILE = """{
\t"Version": "2012-10-17",
\t"Statement": {
\t\t"Effect": "Allow",
\t\t"Principal": {"Federated": "arn:aws:iam::210987654321:saml-provider/harbor"},
\t\t"Action": "sts:AssumeRoleWithSAML",
\t\t"Condition": {
\t\t\t"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}
\t\t}
\t}
}
"""
WORLD = f"""version: 1
okta:
  harbor:
    users:
      ines@harbor.example:
        groups: [Porters]
      hugo@harbor.example: {{email: hugo@sea.example, source_ip: 198.51.100.7}}
    api_tokens: {{00secret: hugo@harbor.example}}
    apps:
      gate:
        identity_provider_arn: arn:aws:iam::{ACCOUNT}:saml-provider/harbor
        assignments: [{{group: Porters, role: Porter}}]
      intranet:
        catalog: custom_saml
        acs_url: https://intranet.harbor.example/acs
aws:
  "{ACCOUNT}":
    saml_providers: {{harbor: {{metadata: {{okta_app: harbor/gate}}}}}}
    policies:
      open-desk:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: [connect:GetFederationToken, connect:DescribeUser]
            Resource: "*"
            Condition: {{StringEquals: {{"aws:RequestedRegion": eu-west-2}}}}
    roles:
      Porter:
        trust: policies/trust.json
        policies: [open-desk]
      Guard:
        trust:
          Version: "2012-10-17"
          Statement:
            Effect: Allow
            Principal: {{Federated: "arn:aws:iam::{ACCOUNT}:saml-provider/harbor"}}
            Action: sts:AssumeRoleWithSAML
    connect:
      {INSTANCE}: {{alias: harbor, region: eu-west-2, users: {{ines@harbor.example: {{}}}}}}
"""


@pytest.fixture
def harbor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: KeyFolder, clock: Clock) -> Federation:
    """Returns a federation of a small world, read from the folder that it is in."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "trust.json").write_text(TRUST_FILE, encoding="utf-8")
    (tmp_path / "world.yaml").write_text(WORLD, encoding="utf-8")
    return Federation(load_world(Path("world.yaml")), clock=clock, ids=Ids(seed=3), keys=keys)


def _origin(federation: Federation, *path: str | int, inside: Key = ()) -> Origin:
    """Returns the origin of a setting of the one org, or of the one account, as it is now."""
    account = federation.aws_services.aws.accounts[ACCOUNT]
    owner = (
        account
        if hasattr(account, str(path[0])) and path[0] != "users"
        else federation.identity_providers["harbor"].org
    )
    return origin_of(Setting(owner, path, inside), federation)


def _line(words: str, text: str = WORLD) -> int:
    return text[: text.index(words)].count("\n") + 1


GATE = "okta.harbor.apps.gate"
INES = "okta.harbor.users.ines@harbor.example"
DESK = f"aws.{ACCOUNT}.connect.{INSTANCE}"
AT_GATE = f"world.yaml:{_line('gate:')}  {GATE}"
AT_INES = f"world.yaml:{_line('ines@')}  {INES}"
AT_DESK = f"world.yaml:{_line('{alias: harbor')}  {DESK}"
AT_PORTER = f"world.yaml:{_line('Porter:')}  aws.{ACCOUNT}.roles.Porter"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        (("apps", "gate", "assignments", 0, "role"), f"world.yaml:{_line('assignments')}  {GATE}.assignments[0].role"),
        (("users", "ines@harbor.example", "groups", 0), f"world.yaml:{_line('[Porters]')}  {INES}.groups[0]"),
        (("apps", "gate", "session_duration_seconds"), f"{AT_GATE}.session_duration, left at Okta's default (3600)"),
        (("apps", "gate", "join_all_roles"), f"{AT_GATE}.join_all_roles, left at Okta's default (false)"),
        (("apps", "gate", "requires_mfa"), f"{AT_GATE}.mfa, left at Okta's default (off)"),
        (("apps", "gate", "default_relay_state"), f"{AT_GATE}.default_relay_state, left at Okta's default (none)"),
        (("apps", "gate", "acs_url"), f"{AT_GATE}.environment, left at Okta's default (aws.amazon)"),
        (("apps", "gate", "audience"), f"{AT_GATE}.audience, left at Okta's default (urn:amazon:webservices)"),
        (
            ("apps", "gate", "recipient"),
            f"{AT_GATE}.saml.recipient, left at Okta's default (https://signin.aws.amazon.com/saml)",
        ),
        (
            ("apps", "gate", "style", "signed"),
            f"{AT_GATE}.saml.signed, left at Okta's default (Response, Assertion)",
        ),
        (("apps", "gate", "style", "layout"), f"{AT_GATE}.saml.layout, left at its default (2020)"),
        (("apps", "gate", "key_pair"), f"{AT_GATE}.signing, left at Okta's default"),
        (("apps", "gate", "encryption"), f"{AT_GATE}.assertion_encryption, left at Okta's default (none)"),
        (
            ("apps", "intranet", "style", "name_id_format"),
            f"world.yaml:{_line('intranet:')}  okta.harbor.apps.intranet.saml.name_id_format, "
            "left at Okta's default (urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified)",
        ),
        (("users", "ines@harbor.example", "email"), f"{AT_INES}.email, left at Okta's default (ines@harbor.example)"),
        (("users", "ines@harbor.example", "password"), f"{AT_INES}.password, left at Okta's default"),
        (("users", "ines@harbor.example", "status"), f"{AT_INES}.status, left at Okta's default (ACTIVE)"),
        (
            ("api_tokens", "00secret"),
            f"world.yaml:{_line('api_tokens')}  okta.harbor.api_tokens",
        ),
        (("instances", INSTANCE, "arn"), f"{AT_DESK}.region"),
        (("instances", INSTANCE, "binds_roles"), f"{AT_DESK}.role_binding, left at its default (off)"),
        (("instances", INSTANCE, "refuses_email"), f"{AT_DESK}.email, left at its default (refused)"),
        (
            ("instances", INSTANCE, "users", "ines@harbor.example", "security_profiles"),
            f"{AT_DESK}.users.ines@harbor.example.security_profiles, left at AWS's default (Agent)",
        ),
        (
            ("instances", INSTANCE, "users", "hugo@harbor.example"),
            f"{AT_DESK}.users.hugo@harbor.example, which is not there",
        ),
        (
            ("instances", INSTANCE, "users", "hugo@harbor.example", "security_profiles"),
            f"{AT_DESK}.users.hugo@harbor.example.security_profiles, which is not there",
        ),
        (
            ("instances", INSTANCE, "approved_origins"),
            f"{AT_DESK}.approved_origins, left at AWS's default (none)",
        ),
        (
            ("roles", ROLE, "max_session_duration_seconds"),
            f"{AT_PORTER}.max_session_duration, left at AWS's default (3600)",
        ),
        (
            ("roles", ROLE, "permissions_boundary"),
            f"{AT_PORTER}.permissions_boundary, left at AWS's default (none)",
        ),
        (("roles", ROLE, "trust"), f"world.yaml:{_line('trust.json')}  aws.{ACCOUNT}.roles.Porter.trust"),
        (
            ("roles", ROLE, "attached_policies", 0),
            f"world.yaml:{_line('[open-desk]')}  aws.{ACCOUNT}.roles.Porter.policies[0]",
        ),
        (
            ("organization",),
            f"world.yaml:{_line('saml_providers:') - 1}  aws.{ACCOUNT}.organization, left at AWS's default (none)",
        ),
        (
            ("policies", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            "AWS's own policy arn:aws:iam::aws:policy/ReadOnlyAccess",
        ),
    ],
)
def test_a_setting_is_at_its_line_or_left_at_a_default(harbor: Federation, path: Key, shown: str) -> None:
    """A default is shown with its value, except for secrets; what is missing in a list is not called a default."""
    assert str(_origin(harbor, *path)) == shown


OPEN_DESK = f"aws.{ACCOUNT}.policies.open-desk"
GUARD = f"aws.{ACCOUNT}.roles.Guard.trust"
PORTER = f"aws.{ACCOUNT}.roles.Porter.trust"
NAMED = f"named in world.yaml:{_line('trust.json')}"


@pytest.mark.parametrize(
    ("path", "inside", "shown"),
    [
        (
            ("policies", POLICY),
            ("Statement", 0, "Action", 1),
            f"world.yaml:{_line('DescribeUser')}  {OPEN_DESK}.Statement[0].Action[1]",
        ),
        (
            ("policies", POLICY, "versions", 0, "document"),
            ("Statement", 0, "Condition", "stringequals", "AWS:requestedregion"),
            f"world.yaml:{_line('RequestedRegion')}  "
            f"{OPEN_DESK}.Statement[0].Condition.StringEquals.aws:RequestedRegion",
        ),
        (
            ("roles", f"arn:aws:iam::{ACCOUNT}:role/Guard", "trust"),
            ("Statement", 0, "Action", 0),
            f"world.yaml:{_line('            Action: sts')}  {GUARD}.Statement.Action",
        ),
        (
            ("roles", f"arn:aws:iam::{ACCOUNT}:role/Guard", "trust"),
            ("Statement", 0, "Condition", "StringEquals", "SAML:aud"),
            f"world.yaml:{_line('            Effect') - 1}  "
            f"{GUARD}.Statement.Condition.StringEquals.SAML:aud, which is not there",
        ),
        (
            ("roles", ROLE, "trust"),
            ("Statement", 0, "Condition", "StringEquals", "SAML:aud"),
            f"policies/trust.json:8  {PORTER}.Statement.Condition.StringEquals.SAML:aud, {NAMED}",
        ),
        (
            ("roles", ROLE, "trust"),
            ("Statement", 0, "Condition", "StringLike"),
            f"policies/trust.json:7  {PORTER}.Statement.Condition.StringLike, which is not there, {NAMED}",
        ),
    ],
)
def test_a_part_of_a_policy_is_at_its_own_line(harbor: Federation, path: Key, inside: Key, shown: str) -> None:
    """In the world, or in the file that it names; keys that are not there are at the deepest that is."""
    assert str(_origin(harbor, *path, inside=inside)) == shown


def test_a_policy_file_that_is_gone_leaves_the_worlds_line(harbor: Federation, tmp_path: Path) -> None:
    """The world still says which file it was."""
    (tmp_path / "policies" / "trust.json").unlink()
    origin = _origin(harbor, "roles", ROLE, "trust", inside=("Statement", 0, "Action"))
    assert str(origin) == f"world.yaml:{_line('trust.json')}  {PORTER}"


TEMPLATE = """Resources:
  Porters:
    Type: AWS::IAM::Role
    Properties:
      RoleName: Porter
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: "arn:aws:iam::210987654321:saml-provider/harbor"}
            Action: sts:AssumeRoleWithSAML
            Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
"""


def test_what_a_seed_says_or_leaves_out_is_told_with_its_resource(
    harbor: Federation, tmp_path: Path, keys: KeyFolder
) -> None:
    """The line is the template's, and so is that of a default."""
    (tmp_path / "roles.yaml").write_text(TEMPLATE, encoding="utf-8")
    text = WORLD.replace("    policies:\n      open-desk:", "    seed: [roles.yaml]\n    policies:\n      open-desk:")
    text = text.replace("        trust: policies/trust.json\n", "")
    (tmp_path / "seeded.yaml").write_text(text, encoding="utf-8")
    federation = Federation(load_world(Path("seeded.yaml")), keys=keys)
    resource = "CloudFormation resource Porters"
    aud = _origin(federation, "roles", ROLE, "trust", inside=("Statement", 0, "Condition", "StringEquals", "SAML:aud"))
    assert (aud.kind, str(aud)) == (
        OriginKind.SEED,
        "roles.yaml:12  Porters.Properties.AssumeRolePolicyDocument.Statement[0].Condition.StringEquals.SAML:aud, "
        + resource,
    )
    missing = _origin(federation, "roles", ROLE, "trust", inside=("Statement", 0, "Condition", "Bool"))
    assert str(missing) == (
        f"roles.yaml:12  aws.{ACCOUNT}.roles.Porter.trust.Statement[0].Condition.Bool, which is not there, {resource}"
    )
    # The world says more of this role: it is there that a limit would be written.
    limit = _origin(federation, "roles", ROLE, "max_session_duration_seconds")
    assert (limit.kind, str(limit)) == (
        OriginKind.DEFAULT,
        f"seeded.yaml:{_line('Porter:', text)}  aws.{ACCOUNT}.roles.Porter.max_session_duration, "
        "left at AWS's default (3600)",
    )
    (tmp_path / "seeded.yaml").write_text(
        text.replace("      Porter:\n        policies: [open-desk]\n", ""), encoding="utf-8"
    )
    federation = Federation(load_world(Path("seeded.yaml")), keys=keys)
    limit = _origin(federation, "roles", ROLE, "max_session_duration_seconds")
    assert str(limit) == (
        f"roles.yaml:2  aws.{ACCOUNT}.roles.Porter.max_session_duration, left at AWS's default (3600), {resource}"
    )


SCENARIO = """scenario: A porter whose session is long
id: HARBOR-01
world: world.yaml
changes:
  /okta/harbor/apps/gate/session_duration: 43200
  /okta/harbor/apps/gate/assignments: null
expect: {outcome: refused, oracle: assumed}
"""


def test_what_a_scenario_changed_is_its_own(harbor: Federation, tmp_path: Path, keys: KeyFolder) -> None:
    """A new value and one that was taken out are at their pointers."""
    (tmp_path / "long.yaml").write_text(SCENARIO, encoding="utf-8")
    (scenario,) = find_scenarios([Path("long.yaml")])
    federation = Federation(scenario.world, keys=keys)
    origins = [_origin(federation, "apps", "gate", name) for name in ("session_duration_seconds", "assignments")]
    assert [(origin.kind, str(origin)) for origin in origins] == [
        (OriginKind.CHANGED, f"long.yaml:5  {GATE}.session_duration, changed by the scenario"),
        (OriginKind.CHANGED, f"long.yaml:6  {GATE}.assignments, changed by the scenario"),
    ]
    assert str(_origin(federation, "apps", "gate", "mfa")).startswith(AT_GATE)


def test_an_origin_is_json_too(harbor: Federation) -> None:
    """Empty parts are left out."""
    assert _origin(harbor, "apps", "gate", "join_all_roles").as_json() == {
        "kind": "default",
        "file": "world.yaml",
        "line": _line("gate:"),
        "key": f"{GATE}.join_all_roles",
        "text": "left at Okta's default (false)",
    }
    assert json.loads(json.dumps(_origin(harbor, "roles", ROLE, "trust").as_json()))["kind"] == "world"
