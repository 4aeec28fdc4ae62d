"""``fedemu init --from``: what people have becomes a world, with TODOs that a login needs, and scenarios."""

from __future__ import annotations

import json
import re
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.cli import main
from emulator.federation import Federation
from emulator.flow import Login, log_in
from emulator.kernel.errors import ScenarioError, WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import find_scenarios
from emulator.world import load_world

DATA = Path(__file__).parents[2] / "data" / "begin" / "encryption"
ACCOUNT = "123456789012"
INSTANCE = "0f1e2d3c-4b5a-4678-9abc-def012345678"
REGION = "eu-west-2"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
HANAKO = "hanako@example.com"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Federated": PROVIDER},
            "Action": "sts:AssumeRoleWithSAML",
            "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        }
    ],
}
LOGIN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "connect:GetFederationToken",
            "Resource": f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE}/user/${{aws:userid}}",
        }
    ],
}

TEMPLATE = """AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Instance: {Type: String}
  Metadata: {Type: String}
Resources:
  Idp:
    Type: AWS::IAM::SAMLProvider
    Properties: {Name: corp, SamlMetadataDocument: !Ref Metadata}
  AgentRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: DeskAgent
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Federated: !GetAtt Idp.Arn}
            Action: sts:AssumeRoleWithSAML
            Condition: {StringEquals: {"SAML:aud": "https://signin.aws.amazon.com/saml"}}
      Policies:
        - PolicyName: desk
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action: connect:GetFederationToken
                Resource: !Sub "arn:aws:connect:eu-west-2:${AWS::AccountId}:instance/${Instance}/user/${!aws:userid}"
"""


def _role(name: str) -> dict[str, Any]:
    return {
        "Path": "/",
        "RoleName": name,
        "RoleId": "AROAEXAMPLE" + name.upper(),
        "Arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
        "CreateDate": "2026-01-05T09:00:00+00:00",
        "AssumeRolePolicyDocument": TRUST,
        "RolePolicyList": [{"PolicyName": "desk", "PolicyDocument": LOGIN_POLICY}],
        "AttachedManagedPolicies": [],
        "InstanceProfileList": [],
        "Tags": [],
    }


def _details(*roles: str) -> dict[str, Any]:
    return {
        "UserDetailList": [],
        "GroupDetailList": [],
        "RoleDetailList": [_role(name) for name in roles],
        "Policies": [],
        "IsTruncated": False,
    }


PROVIDERS = {"SAMLProviderList": [{"Arn": PROVIDER, "ValidUntil": "2126-01-05T09:00:00+00:00"}]}
INSTANCES = {
    "InstanceSummaryList": [
        {
            "Id": INSTANCE,
            "Arn": f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE}",
            "IdentityManagementType": "SAML",
            "InstanceAlias": "acme-desk",
            "InstanceStatus": "ACTIVE",
        }
    ]
}
USERS = {
    "UserSummaryList": [
        {
            "Id": f"u-{login}",
            "Arn": f"arn:aws:connect:{REGION}:{ACCOUNT}:instance/{INSTANCE}/agent/u-{login}",
            "Username": login,
        }
        for login in (HANAKO, "taro@example.com")
    ]
}


def _person(login: str, number: int) -> dict[str, Any]:
    return {
        "id": f"00u{number:017}",
        "status": "ACTIVE",
        "profile": {"login": login, "email": login, "firstName": "F", "lastName": "L"},
        "credentials": {"provider": {"type": "OKTA", "name": "OKTA"}},
        "_links": {"self": {"href": f"https://acme.okta.com/api/v1/users/00u{number:017}"}},
    }


APPS: list[dict[str, Any]] = [
    {
        "id": "0oa00000000000000001",
        "name": "amazon_aws",
        "label": "Amazon Connect",
        "status": "ACTIVE",
        "signOnMode": "SAML_2_0",
        "features": [],
        "settings": {
            "app": {
                "awsEnvironmentType": "aws.amazon",
                "identityProviderArn": PROVIDER,
                "joinAllRoles": False,
                "useGroupMapping": False,
                "sessionDuration": 3600,
                "loginURL": "https://console.aws.amazon.com/ec2/home",
            },
            "signOn": {
                "defaultRelayState": f"https://{REGION}.console.aws.amazon.com/connect/federate/{INSTANCE}",
                "attributeStatements": [],
            },
        },
        "credentials": {"userNameTemplate": {"template": "${source.login}", "type": "BUILT_IN"}},
        "_links": {"users": {"href": "https://acme.okta.com/api/v1/apps/0oa00000000000000001/users"}},
    }
]
PEOPLE = [_person(HANAKO, 1), _person("taro@example.com", 2)]
APP_USERS = [
    {
        "id": person["id"],
        "scope": "USER",
        "status": "ACTIVE",
        "credentials": {"userName": person["profile"]["login"]},
        "profile": {"samlRoles": [role]},
        "_links": {
            "app": {"href": "https://acme.okta.com/api/v1/apps/0oa00000000000000001"},
            "user": {"href": f"https://acme.okta.com/api/v1/users/{person['id']}"},
        },
    }
    for person, role in zip(PEOPLE, ("DeskAgent", "DeskLead"), strict=True)
]

CUSTOM_APP = {
    **APPS[0],
    "id": "0oa00000000000000002",
    "name": "acme_aws_1",
    "settings": {
        "app": {},
        "signOn": {
            **APPS[0]["settings"]["signOn"],
            "ssoAcsUrl": "https://signin.aws.amazon.com/saml",
            "recipient": "https://signin.aws.amazon.com/saml",
            "destination": "https://signin.aws.amazon.com/saml",
            "audience": "https://signin.aws.amazon.com/saml",
            "subjectNameIdTemplate": "${user.userName}",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "responseSigned": True,
            "assertionSigned": True,
            "attributeStatements": [
                {
                    "type": "EXPRESSION",
                    "name": f"https://aws.amazon.com/SAML/Attributes/{name}",
                    "namespace": "urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified",
                    "values": [value],
                }
                for name, value in (
                    ("Role", f'"arn:aws:iam::{ACCOUNT}:role/DeskAgent,{PROVIDER}"'),
                    ("RoleSessionName", "user.email"),
                )
            ],
        },
    },
}

TERRAFORM = {
    "format_version": "1.0",
    "terraform_version": "1.9.5",
    "values": {
        "root_module": {
            "resources": [
                {
                    "address": "aws_iam_role.agent",
                    "mode": "managed",
                    "type": "aws_iam_role",
                    "name": "agent",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "values": {
                        "arn": f"arn:aws:iam::{ACCOUNT}:role/DeskAgent",
                        "name": "DeskAgent",
                        "path": "/",
                        "assume_role_policy": json.dumps(TRUST),
                        "max_session_duration": 3600,
                        "inline_policy": [{"name": "desk", "policy": json.dumps(LOGIN_POLICY)}],
                        "managed_policy_arns": [],
                        "tags": {},
                    },
                },
                {
                    "address": "aws_iam_access_key.okta",
                    "mode": "managed",
                    "type": "aws_iam_access_key",
                    "name": "okta",
                    "provider_name": "registry.terraform.io/hashicorp/aws",
                    "values": {
                        "id": "AKIAIOSFODNN7EXAMPLE",
                        "secret": "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",
                        "user": "okta",
                    },
                },
            ]
        }
    },
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Returns a function that runs ``fedemu`` in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            main(list(arguments))
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


def _write(folder: Path, files: Mapping[str, Any]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content, indent=1))


def _todos(error: WorldError | ScenarioError) -> list[str]:
    return [problem.location.key for problem in error.problems]


def _fill(path: Path, values: Mapping[str, str]) -> None:
    """Fills in TODOs by the words beside them, or by their key where there are none."""
    lines = []
    for line in path.read_text().splitlines():
        value = next((value for words, value in values.items() if words in line), "TODO")
        lines.append(re.sub(r"\bTODO\b", json.dumps(value), line.partition("   #")[0]))
    path.write_text("\n".join(lines) + "\n")


FILL = {
    "the login of a person": HANAKO,
    "the same login": HANAKO,
    "the login, as in": HANAKO,
    "the id of the AWS account": ACCOUNT,
    "the ARN of the SAML provider": PROVIDER,
    "https://acme.my.connect.aws": "acme-desk",
    "one of the roles": "DeskAgent",
    "who has the app": HANAKO,
    "parameters:": INSTANCE,
}


def _metadata_of_okta(federation: Federation) -> str:
    return federation.identity_providers["acme"].metadata("amazon-connect").decode()


COMBINATIONS: list[tuple[str, dict[str, Any], list[str], str]] = [
    (
        "a template alone",
        {"federation.yaml": TEMPLATE},
        [
            "okta.example.users.TODO",
            "okta.example.apps.aws.identity_provider_arn",
            "aws.TODO",
            "aws.TODO.seed[0].parameters.Instance",
        ],
        "https://console.aws.amazon.com/console/home",
    ),
    (
        "an account's details",
        {"details.json": _details("DeskAgent")},
        [
            "okta.example.users.TODO",
            f"aws.{ACCOUNT}.connect.{INSTANCE}.alias",
            f"aws.{ACCOUNT}.connect.{INSTANCE}.users.TODO",
        ],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "details and a list of providers, with two roles",
        {"details.json": _details("DeskAgent", "DeskLead"), "providers.json": PROVIDERS, "instances.json": INSTANCES},
        [
            "okta.example.users.TODO",
            "okta.example.apps.amazon-connect.assignments[0].saml_user_roles[0]",
            f"aws.{ACCOUNT}.connect.{INSTANCE}.users.TODO",
        ],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "Amazon Connect's answers alone",
        {"instances.json": INSTANCES, "users.json": USERS, "providers.json": PROVIDERS},
        [],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "Okta's export alone",
        {"apps.json": APPS, "people.json": PEOPLE, "app-users.json": APP_USERS},
        [f"aws.{ACCOUNT}.connect.{INSTANCE}.alias"],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "Okta's apps without people",
        {"apps.json": APPS, "details.json": _details("DeskAgent"), "instances.json": INSTANCES},
        ["okta.acme.users.TODO", f"aws.{ACCOUNT}.connect.{INSTANCE}.users.TODO"],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "a custom app of Okta's",
        {"app.json": CUSTOM_APP, "details.json": _details("DeskAgent"), "instances.json": INSTANCES},
        ["okta.acme.users.TODO", f"aws.{ACCOUNT}.connect.{INSTANCE}.users.TODO"],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "Okta's people without an app",
        {"people.json": PEOPLE, "details.json": _details("DeskAgent"), "users.json": USERS, "i.json": INSTANCES},
        ["okta.acme.apps.amazon-connect.assignments[0].user"],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "Terraform's state with Okta's export",
        {
            "state.json": TERRAFORM,
            "apps.json": APPS,
            "people.json": PEOPLE[:1],
            "app-users.json": APP_USERS[:1],
            "instances.json": INSTANCES,
        },
        [],
        "https://acme-desk.my.connect.aws/home",
    ),
    (
        "metadata alone",
        {"corp.xml": "METADATA"},
        [
            "okta.acme.users.TODO",
            "okta.acme.apps.aws.identity_provider_arn",
            "aws.TODO",
            "aws.TODO.roles.FederatedUser.trust.Statement[0].Principal.Federated",
        ],
        "https://console.aws.amazon.com/console/home",
    ),
]


@pytest.mark.parametrize(
    ("files", "todos", "lands_on"), [row[1:] for row in COMBINATIONS], ids=[row[0] for row in COMBINATIONS]
)
def test_a_world_logs_in_when_its_todos_are_filled(
    files: dict[str, Any],
    todos: list[str],
    lands_on: str,
    run: Run,
    tmp_path: Path,
    federation: Federation,
    keys: KeyFolder,
) -> None:
    """All TODOs are refused at once before; afterwards the world, its scenarios and a login are good."""
    metadata = _metadata_of_okta(federation)
    _write(tmp_path, {name: metadata if content == "METADATA" else content for name, content in files.items()})
    code, out, err = run("init", "--from", *files, "mine")
    assert (code, err) == (0, "")
    for todo in todos:
        assert f"  {todo}\n" in out
    if todos:
        with pytest.raises(WorldError) as caught:
            load_world(Path("mine/world.yaml"))
        assert _todos(caught.value) == todos
        assert all(p.message.startswith("still to be filled in: ") for p in caught.value.problems)
    for path in (Path("mine/world.yaml"), Path("mine/scenarios/login.fedemu.yaml")):
        _fill(path, FILL)
    login = _log_in(Path("mine/world.yaml"), keys)
    assert (login.lands_on, login.session_name) == (lands_on, HANAKO)
    for scenario in find_scenarios([Path("mine/scenarios")]):
        assert run_scenario(scenario).passed, scenario.title


def _log_in(path: Path, keys: KeyFolder) -> Login:
    federation = Federation(load_world(path), keys=keys)
    (org,) = federation.identity_providers
    (app,) = federation.identity_providers[org].org.apps
    return log_in(federation, user=HANAKO, app=f"{org}/{app}")


def test_what_is_written_and_printed(run: Run, tmp_path: Path) -> None:
    """What was taken and made, how logins end, the next command; the world says no more than it has to."""
    _write(tmp_path, {"i.json": INSTANCES, "u.json": USERS, "d.json": _details("DeskAgent"), "p.json": PROVIDERS})
    code, out, _ = run("init", "--from", "i.json", "u.json", "d.json", "p.json", "mine")
    assert code == 0
    assert out.startswith(
        "wrote mine/world.yaml\nwrote mine/scenarios/login.fedemu.yaml\nwrote mine/test_login.py\n"
        "wrote mine/.github/workflows/login.yaml\nwrote mine/schemas/world.schema.json\n"
        "wrote mine/schemas/scenario.schema.json\nwrote mine/schemas/defaults.schema.json\n"
        "wrote mine/.gitignore\n\n"
        "i.json (aws connect list-instances): 1 Connect instance\n"
    )
    assert out.endswith(
        "generated, because no file contains them: the Okta app example/amazon-connect, "
        "the people of the Okta org, from the "
        "users of the Amazon Connect instance\n"
        "\n1 scenario, of which 1 arrives now\n"
        "\nnext: fedemu check mine/world.yaml && fedemu run mine/scenarios\n"
    )
    assert Path("mine/world.yaml").read_text() == (
        """\
# yaml-language-server: $schema=schemas/world.schema.json
# Started by fedemu init --from. The files under seed fill this world; fedemu check lists what was left out of them.
# Only what they lack is written here. Everybody's password is fedemu, unless password: sets another.
version: 1

okta:
  example:   # https://example.okta.com; no file says what the org's subdomain is
    # No file contains people of the Okta org: these are the users of the Amazon Connect instance.
    users:
      hanako@example.com: {groups: [amazon-connect]}
      taro@example.com: {groups: [amazon-connect]}
    apps:
      # No file contains an Okta app for AWS: this is AWS Account Federation from the catalogue.
      amazon-connect:
        label: Amazon Connect
        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/corp
        default_relay_state: https://eu-west-2.console.aws.amazon.com/connect/federate/0f1e2d3c-4b5a-4678-9abc-def012345678
        assignments:
          - {group: amazon-connect, saml_user_roles: [DeskAgent]}

aws:
  "123456789012":
    seed: [../i.json, ../u.json, ../d.json, ../p.json]
    saml_providers:
      corp: {metadata: {okta_app: example/amazon-connect}}   # no file contains its metadata
"""
    )
    assert Path("mine/scenarios/login.fedemu.yaml").read_text() == (
        """\
# yaml-language-server: $schema=../schemas/scenario.schema.json
# One login of each kind of person. Run with: fedemu run scenarios
# Stands for 2 people: hanako@example.com, taro@example.com
scenario: hanako@example.com opens amazon-connect as DeskAgent, like 1 other
id: LOGIN-01
world: ../world.yaml
login: {user: hanako@example.com, app: example/amazon-connect}

expect:
  lands_on: https://acme-desk.my.connect.aws/home
  role: arn:aws:iam::123456789012:role/DeskAgent
  session_name: hanako@example.com
"""
    )


def test_the_tests_that_are_written(run: Run, tmp_path: Path) -> None:
    """The login of somebody who arrives, with the role that they choose; while there are TODOs it is skipped."""
    begin = (
        '"""Logins as tests. pytest runs these and the scenarios in scenarios/login.fedemu.yaml."""\n\n'
        'import pytest\n\npytestmark = pytest.mark.world("world.yaml")\n\n\n'
    )
    _write(tmp_path, {"i.json": INSTANCES, "u.json": USERS, "d.json": _details("DeskAgent"), "p.json": PROVIDERS})
    assert run("init", "--from", "i.json", "u.json", "d.json", "p.json", "mine")[0] == 0
    assert Path("mine/test_login.py").read_text() == (
        f"{begin}def test_the_login_arrives(login):\n"
        '    result = login("hanako@example.com", "example/amazon-connect", must_arrive=True)\n'
        '    assert result.login.lands_on == "https://acme-desk.my.connect.aws/home"\n'
        '    assert result.login.role == "arn:aws:iam::123456789012:role/DeskAgent"\n'
    )
    assert run("init", "--from", "d.json", "i.json", "other")[0] == 0
    assert Path("other/test_login.py").read_text() == (
        f'{begin}@pytest.mark.skip(reason="TODO: a person and an app of world.yaml")\n'
        "def test_the_login_arrives(login):\n"
        '    login("TODO", "TODO", must_arrive=True)\n'
    )


def test_todos_are_listed_with_what_belongs_there(run: Run, tmp_path: Path) -> None:
    """Each at its line, before anybody tries the world; the scenario's is refused like the world's."""
    _write(tmp_path, {"d.json": _details("DeskAgent", "DeskLead"), "i.json": INSTANCES})
    _, out, _ = run("init", "--from", "d.json", "i.json", "mine")
    lines = Path("mine/world.yaml").read_text().splitlines()
    at = [number for number, line in enumerate(lines, 1) if "TODO" in line.partition("   #")[0]]
    assert out.endswith(
        "3 TODOs to fill in:\n"
        f"  mine/world.yaml:{at[0]}  okta.example.users.TODO\n"
        "    the login of a person who has the app, such as hanako@example.com\n"
        f"  mine/world.yaml:{at[1]}  okta.example.apps.amazon-connect.assignments[0].saml_user_roles[0]\n"
        "    the name of the role in the account that these people get\n"
        f"  mine/world.yaml:{at[2]}  aws.{ACCOUNT}.connect.{INSTANCE}.users.TODO\n"
        "    the login of a user of the instance, exactly as at Okta, capital letters included\n"
        "\nnext: fill in the TODOs of mine/world.yaml and mine/scenarios/login.fedemu.yaml, "
        "then fedemu check mine/world.yaml\n"
    )
    assert "TODO   # TODO: one of the roles DeskAgent, DeskLead" in "\n".join(lines)
    with pytest.raises(ScenarioError) as caught:
        find_scenarios([Path("mine/scenarios")])
    assert _todos(caught.value) == ["login.user"]
    assert caught.value.problems[0].message == "still to be filled in: the login of a person of the world"
    assert run("check", "mine/world.yaml")[0] == 2


def test_each_kind_of_person_has_a_scenario(run: Run, tmp_path: Path) -> None:
    """One whose login fails is expected to arrive, and the cause of today is said in the file and on the terminal."""
    gone = {**PEOPLE[1], "status": "SUSPENDED"}
    files = {"apps.json": APPS, "people.json": [PEOPLE[0], gone], "app-users.json": APP_USERS, "i.json": INSTANCES}
    _write(tmp_path, {**files, "d.json": _details("DeskAgent")})
    _, out, _ = run("init", "--from", *files, "d.json", "mine")
    cause = "The account of taro@example.com is SUSPENDED; only ACTIVE accounts sign in."
    assert out.endswith(
        "2 scenarios, of which 1 arrives now\n"
        f"  taro@example.com in acme/amazon-connect\n    {cause}\n"
        "\nnext: fedemu check mine/world.yaml && fedemu run mine/scenarios\n"
    )
    first, second = find_scenarios([Path("mine/scenarios")])
    assert (first.title, second.title) == (
        "hanako@example.com opens amazon-connect as DeskAgent",
        "taro@example.com opens amazon-connect",
    )
    assert f"# Fails as the world is now: {cause}\n" in Path("mine/scenarios/login.fedemu.yaml").read_text()
    assert second.settings.expect.outcome == "accepted"
    assert [run_scenario(each).passed for each in (first, second)] == [True, False]


def test_everybody_who_comes_to_an_instance_is_its_user(run: Run, tmp_path: Path) -> None:
    """However many they are, if no file has its users."""
    logins = [f"p{number}@example.com" for number in range(210)]
    people, assigned = json.dumps(PEOPLE[0]), json.dumps(APP_USERS[0])
    files = {
        "apps.json": APPS,
        "people.json": [
            json.loads(people.replace(HANAKO, login).replace(PEOPLE[0]["id"], f"00u{number:017}"))
            for number, login in enumerate(logins)
        ],
        "app-users.json": [
            json.loads(assigned.replace(HANAKO, login).replace(PEOPLE[0]["id"], f"00u{number:017}"))
            for number, login in enumerate(logins)
        ],
        "i.json": INSTANCES,
    }
    _write(tmp_path, {**files, "d.json": _details("DeskAgent")})
    _, out, _ = run("init", "--from", *files, "d.json", "mine")
    assert out.endswith(
        "1 scenario, of which 1 arrives now\n\nnext: fedemu check mine/world.yaml && fedemu run mine/scenarios\n"
    )
    assert list(load_world(Path("mine/world.yaml")).settings.aws[ACCOUNT].connect[INSTANCE].users) == logins


REFUSED: list[tuple[str, list[str], dict[str, Any], str]] = [
    ("no file", [], {}, "Error: --from needs files: fedemu init --from FILE… [FOLDER]\n"),
    ("a file that is not there", ["none.json", "mine"], {}, "none.json\n  No such file or directory\n"),
    ("a pattern that nothing fits", ["*.json", "mine"], {}, "*.json\n  no file matches this pattern\n"),
    ("a file of another kind", ["d.json", "notes.json", "mine"], {"notes.json": {"a": 1}}, "notes.json\n  this is "),
    ("an empty folder", ["empty", "mine"], {"empty/.keep": ""}, "empty\n  it contains no file that a world can be"),
]


@pytest.mark.parametrize(("arguments", "files", "said"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_nothing_is_written_where_a_file_is_refused(
    arguments: list[str], files: dict[str, Any], said: str, run: Run, tmp_path: Path
) -> None:
    """The file is named, with exit code 2."""
    _write(tmp_path, {"d.json": _details("DeskAgent"), **files} if "*" not in str(arguments) else files)
    code, out, err = run("init", "--from", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert not Path("mine").exists()


def test_folders_and_patterns_are_read(run: Run, tmp_path: Path) -> None:
    """What else is in a folder is passed over by name; the world is here where one folder is all that is given."""
    _write(tmp_path, {"exports/d.json": _details("DeskAgent"), "exports/i.json": INSTANCES, "exports/x.json": {"a": 1}})
    _write(tmp_path, {"exports/.git/config.json": "{}", "exports/notes.md": "x"})
    code, out, _ = run("init", "--from", "exports")
    assert code == 0
    assert "    seed: [exports/d.json, exports/i.json]\n" in Path("world.yaml").read_text()
    assert "\nexports/x.json: not read: this is " in out
    assert "config.json" not in out
    code, out, _ = run("init", "--from", "exports/[di].json", "other")
    assert code == 0
    assert "    seed: [../exports/d.json, ../exports/i.json]\n" in Path("other/world.yaml").read_text()
    code, _, err = run("init", "--from", "exports/d.json", "other")
    assert code == 2
    assert err.startswith("other/world.yaml\n  exists already\n")


def test_no_secret_of_a_file_is_written_or_printed(run: Run, tmp_path: Path) -> None:
    """Such as the secret access key in a Terraform state."""
    _write(tmp_path, {"state.json": TERRAFORM, "i.json": INSTANCES})
    code, out, err = run("init", "--from", "-v", "state.json", "i.json", "mine")
    written = "".join(path.read_text() for path in Path("mine").rglob("*") if path.is_file())
    assert code == 0
    assert "SECRETKEYS" not in out + err + written


def test_a_world_of_govcloud_is_of_its_partition(run: Run, tmp_path: Path, keys: KeyFolder) -> None:
    """As the ARNs say: the account, the audience of a role that is made, and the federate URL."""
    text = (
        json.dumps([INSTANCES, USERS, PROVIDERS])
        .replace("arn:aws:", "arn:aws-us-gov:")
        .replace(REGION, "us-gov-west-1")
    )
    instances, users, providers = json.loads(text)
    _write(tmp_path, {"i.json": instances, "u.json": users, "p.json": providers})
    assert run("init", "--from", "i.json", "u.json", "p.json", "mine")[0] == 0
    world = load_world(Path("mine/world.yaml"))
    assert world.settings.aws[ACCOUNT].partition == "aws-us-gov"
    app = world.settings.okta["example"].apps["amazon-connect"]
    assert app.identity_provider_arn == f"arn:aws-us-gov:iam::{ACCOUNT}:saml-provider/corp"
    assert app.default_relay_state == f"https://console.amazonaws-us-gov.com/connect/federate/{INSTANCE}"
    assert _log_in(Path("mine/world.yaml"), keys).session_name == HANAKO


CUSTOM = """Parameters:
  Unused: {Type: String}
Resources:
  Idp:
    Type: Custom::SAMLProvider
    Properties: {ServiceToken: "arn:aws:lambda:eu-west-2:123456789012:function:make", Metadata: !Ref Unused}
  AgentRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: DeskAgent
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - {Effect: Allow, Principal: {Federated: PROVIDER}, Action: "sts:AssumeRoleWithSAML"}
"""


@pytest.mark.parametrize(
    ("provider", "seed"),
    [
        ("!Ref Idp", "{file: ../t.yaml, values: {Idp: TODO}}"),
        ("!ImportValue the-idp", "{file: ../t.yaml, imports: {the-idp: TODO}}"),
    ],
    ids=["a custom resource", "another stack's export"],
)
def test_a_provider_that_another_maker_knows_is_asked_for(
    provider: str, seed: str, run: Run, tmp_path: Path, keys: KeyFolder
) -> None:
    """What only its maker or another stack says is a TODO, and a parameter that nothing read needs is none."""
    _write(tmp_path, {"t.yaml": CUSTOM.replace("PROVIDER", provider)})
    assert run("init", "--from", "t.yaml", "mine")[0] == 0
    path = Path("mine/world.yaml")
    assert f"- {seed}\n" in path.read_text()
    with pytest.raises(WorldError) as caught:
        load_world(path)
    assert len(_todos(caught.value)) == 4
    _fill(path, {**FILL, "file: ../t.yaml": PROVIDER, "the name of the SAML provider": "corp"})
    login = _log_in(path, keys)
    assert (login.session_name, login.role) == (HANAKO, f"arn:aws:iam::{ACCOUNT}:role/DeskAgent")


@pytest.mark.parametrize("name", ["okta.json", "federation.template"])
def test_a_provider_whose_key_is_in_no_file_gets_one(name: str, run: Run, tmp_path: Path, keys: KeyFolder) -> None:
    """The key is a file of its owner's alone, the app encrypts for it, and the login arrives with an encrypted one."""
    shutil.copyfile(DATA / name, tmp_path / name)
    code, out, err = run("init", "--from", name, "mine")
    assert (code, err) == (0, "")
    assert "the key of the SAML provider okta (keys/okta.key, keys/okta.crt)\n" in out
    assert stat.S_IMODE(Path("mine/keys/okta.key").stat().st_mode) == 0o600
    assert "PRIVATE KEY" not in out + Path("mine/world.yaml").read_text()
    _fill(Path("mine/world.yaml"), {**FILL, "the ARN of the SAML provider": PROVIDER.replace("corp", "okta")})
    world = load_world(Path("mine/world.yaml"))
    provider = world.settings.aws[ACCOUNT].saml_providers["okta"]
    assert (provider.assertion_encryption, provider.private_keys) == ("Required", ["keys/okta.key"])
    app = world.settings.okta["example"].apps["aws"]
    assert app.assertion_encryption is not None
    assert app.assertion_encryption.certificate == "keys/okta.crt"
    assert app.acs_url == f"https://signin.aws.amazon.com/saml/acs/{provider.provider_id}"
    login = _log_in(Path("mine/world.yaml"), keys)
    assert (login.outcome.value, login.session_name) == ("accepted", HANAKO)
