"""What Okta's management API answers, saved as files, as the org of a world: each shape, field by field."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.seeds.okta_answers import expressions
from emulator.world import World, load_world
from emulator.worldfile.schema.okta_app_schema import Assignment, AttributeStatement
from emulator.worldfile.schema.okta_schema import OktaGroup
from idp.saml import expressions as idp_expressions
from idp.saml.expressions import ExpressionError, compile_expression
from idp.saml.usernames import TEMPLATES

DATA = Path(__file__).parents[3] / "data" / "okta"
APP = "0oa9lh1connect4x0000"
KEEPERS = "00g9lhkeepers0000000"
FOG = "00g9lhfog00000000000"
PEOPLE = ["apps.json", "users.json", "groups.json", "app-users.json", "app-groups.json", f"members-{KEEPERS}.json"]
AWS = "https://aws.amazon.com/SAML/Attributes/"


def _world(folder: Path, *seeds: str | dict[str, str], org: str = "lighthouse", more: str = "") -> World:
    """Fills an org from copies of our files; a mapping gives a file another name."""
    names = []
    for seed in seeds:
        ((name, source),) = seed.items() if isinstance(seed, dict) else ((seed, seed),)
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if not (folder / name).exists():
            shutil.copyfile(DATA / source, folder / name)
        names.append(name)
    text = f"version: 1\nokta:\n  {org}:\n    seed: {json.dumps(names)}\n{more}"
    (folder / "world.yaml").write_text(text, encoding="utf-8")
    return load_world(folder / "world.yaml")


def _notes(world: World, kind: str, file: str) -> list[str]:
    (report,) = [each for each in world.seeds if each.file.endswith(file)]
    return [problem.message for problem in getattr(report, kind)]


def test_an_app_of_the_catalogue_is_taken_with_every_setting(tmp_path: Path) -> None:
    """The settings that Okta's pages show, the overrides, and attribute statements of its own."""
    app = _world(tmp_path, "apps.json").settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert (app.catalog, app.label, app.environment) == ("amazon_aws", "Amazon Connect SAML", "aws.amazon")
    assert app.identity_provider_arn == "arn:aws:iam::444455556666:saml-provider/lighthouse"
    assert (app.app_filter, app.session_duration) == ("okta", 7200)
    assert (app.join_all_roles, app.use_group_mapping) == (False, False)
    assert app.group_filter == r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"
    assert app.role_value_pattern == (
        "arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}"
    )
    assert app.default_relay_state == (
        "https://eu-west-2.console.aws.amazon.com/connect/federate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
    )
    assert (app.username_format, app.acs_url, app.provisioning) == ("okta_username", None, None)
    assert app.saml.attributes == [
        AttributeStatement(name=f"{AWS}PrincipalTag:Team", name_format="uri", values=["user.department"]),
        AttributeStatement(name="groups", groups={"starts_with": "Keepers"}),
    ]


def test_an_app_of_ones_own_is_taken_where_its_acs_is_aws(tmp_path: Path) -> None:
    """A text that is not an expression becomes one; what cannot be worked out and is not AWS's is left out."""
    world = _world(tmp_path, "apps.json")
    app = world.settings.okta["lighthouse"].apps["aws-custom"]
    assert (app.catalog, app.acs_url) == ("custom_saml", "https://eu-west-2.signin.aws.amazon.com/saml")
    assert (app.audience, app.username_format) == ("urn:amazon:webservices", "${fn:toLowerCase(source.email)}")
    assert (app.saml.name_id, app.saml.name_id_format, app.saml.signed) == ("user.email", "persistent", ["Assertion"])
    assert app.saml.other_acs_urls == ["https://signin.aws.amazon.com/saml"]
    assert app.saml.attributes == [
        AttributeStatement(
            name=f"{AWS}Role",
            values=['"arn:aws:iam::444455556666:role/Keeper,arn:aws:iam::444455556666:saml-provider/lighthouse"'],
        ),
        AttributeStatement(name=f"{AWS}RoleSessionName", values=['String.substringBefore(user.email, "@")']),
    ]


def test_what_is_not_taken_of_apps_is_reported(tmp_path: Path) -> None:
    """Inactive apps and settings by name, others in one line; no secret is in any of it."""
    world = _world(tmp_path, "apps.json")
    assert list(world.settings.okta["lighthouse"].apps) == ["amazon-connect-saml", "aws-custom"]
    assert _notes(world, "left_out", "apps.json") == [
        "the app Amazon Connect SAML: its API integration is off here, because Okta never returns the secret key",
        "the app AWS (retired): it is INACTIVE, so nobody can open it",
        (
            "the app AWS custom: its attribute 'costCentre' is not sent: fedemu does not know the "
            "function user.getInternalProperty"
        ),
        "4 other apps: Slack, Portal, AWS IAM Identity Center, corp.example.com: their logins do not go to AWS",
    ]
    assert _notes(world, "notes", "apps.json") == [
        f"the app AWS custom: the value of its attribute '{AWS}Role' is taken as text, not as an expression",
        (
            "the app Amazon Connect SAML: the response does not contain its authentication policy; "
            "nobody is asked for a second factor unless mfa is set"
        ),
    ]
    for secret in ("c2VjcmV0IG9mIHRoZSBhcHA=", "s3cr3t-of-the-portal-client-0001", "Who keeps the light?"):
        assert secret not in f"{world.seeds} {world.document.data} {world.settings}"


def test_people_are_taken_with_profile_and_status(tmp_path: Path) -> None:
    """Statuses without a counterpart become those that do not sign in either."""
    world = _world(tmp_path, "users.json")
    users = world.settings.okta["lighthouse"].users
    ada = users["ada@example.com"]
    assert (ada.first_name, ada.last_name, ada.email, ada.status) == ("Ada", "Brandt", "ada@example.com", "ACTIVE")
    assert ada.profile == {"department": "Lamp", "level": 7, "nightShift": True, "languages": ["en", "de"]}
    assert users["bo@example.com"].email == "bo.lind@example.com"
    assert {login.partition("@")[0]: user.status for login, user in users.items()} == {
        "ada": "ACTIVE",
        "bo": "ACTIVE",
        "cy": "SUSPENDED",
        "di": "STAGED",
        "ed": "PASSWORD_EXPIRED",
        "flo": "LOCKED_OUT",
        "gus": "PASSWORD_EXPIRED",
    }
    assert _notes(world, "left_out", "users.json") == [
        "profile attributes manager: not a string, a number, true or false, or a list of strings"
    ]
    assert _notes(world, "notes", "users.json") == [
        "7 people: no file contains passwords; theirs is fedemu unless the world file sets another"
    ]


def test_groups_have_their_source_and_their_members(tmp_path: Path) -> None:
    """By the files of their members, named after an id or a name; Everyone is everybody's."""
    world = _world(tmp_path, *PEOPLE, "fog-signal-members.json", "groups-of-ada@example.com.json")
    org = world.settings.okta["lighthouse"]
    assert org.groups == {
        "Everyone": OktaGroup(description="All users in your organization"),
        "Keepers of the Light": OktaGroup(description="who may climb the tower"),
        "Fog Signal": OktaGroup(),
        "aws_444455556666_Keeper": OktaGroup(description="corp.example.com/Groups/Keepers", source="active_directory"),
        "Harbour Pilots": OktaGroup(),
    }
    everyone = "Everyone"
    assert {login.partition("@")[0]: sorted(user.groups) for login, user in org.users.items()} == {
        "ada": [everyone, "Keepers of the Light", "aws_444455556666_Keeper"],
        "bo": [everyone, "Fog Signal"],
        "cy": [everyone, "Keepers of the Light"],
        "di": [everyone],
        "ed": [everyone],
        "flo": [everyone],
        "gus": [everyone],
    }
    assert _notes(world, "notes", "fog-signal-members.json") == [
        "the group Fog Signal: the people in the file are taken as its members, because the file is named after it"
    ]
    assert _notes(world, "left_out", "/groups.json") == [
        "the group Harbour Pilots: another group has the same name; this one, from active_directory, is left out"
    ]


def test_the_worlds_own_people_are_in_everyone_too(tmp_path: Path) -> None:
    """And their own groups stay known beside those of a seed."""
    more = "    users: {kai@example.com: {groups: [Divers]}}\n"
    org = _world(tmp_path, "groups.json", more=more).settings.okta["lighthouse"]
    assert org.users["kai@example.com"].groups == ["Everyone", "Divers"]
    assert isinstance(org.groups, dict)
    assert "Divers" in org.groups
    listed = _world(tmp_path, "groups.json", more="    groups: [Divers, Fog Signal]\n").settings.okta["lighthouse"]
    assert sorted(listed.groups) == [
        "Divers",
        "Everyone",
        "Fog Signal",
        "Harbour Pilots",
        "Keepers of the Light",
        "aws_444455556666_Keeper",
    ]


def test_assignments_are_joined_by_ids_in_the_order_of_priority(tmp_path: Path) -> None:
    """Who has the app by a group has it by the group; what no file explains is reported once."""
    world = _world(tmp_path, *PEOPLE)
    app = world.settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert app.assignments == [
        Assignment(user="ada@example.com", role="Keeper", saml_user_roles=["Keeper", "Climber"]),
        Assignment(user="cy@example.com"),
        Assignment(group="Fog Signal", role="Signaller"),
        Assignment(group="Keepers of the Light", saml_user_roles=["Keeper"]),
    ]
    assert "Fog Signal" in world.settings.okta["lighthouse"].users["bo@example.com"].groups
    assert _notes(world, "left_out", "app-users.json") == [
        "1 person in app-users.json, but not in the users export: zoe@example.com",
        "1 person whose assignment is not active: di@example.com: they do not have the app",
    ]
    assert _notes(world, "notes", "app-users.json") == [
        "1 person with a different username in the app: cyril: here the app's username format decides"
    ]
    assert _notes(world, "left_out", "app-groups.json") == [
        "1 group in app-groups.json, but not in a groups export: 00g9lhgone0000000000",
        "members of groups that have an app: Fog Signal: none of the seeds says who is in them",
    ]
    (report,) = [each for each in world.seeds if each.file.endswith("app-users.json")]
    assert report.left_out[0].fix == "Add all pages of GET /api/v1/users to the seeds."


def test_without_users_and_groups_the_assignments_of_people_are_enough(tmp_path: Path) -> None:
    """The app's user name is the login, and who has the app by a group has it with the roles Okta worked out."""
    world = _world(tmp_path, "apps.json", "app-users.json")
    org = world.settings.okta["lighthouse"]
    assert org.apps["amazon-connect-saml"].assignments == [
        Assignment(user="ada@example.com", role="Keeper", saml_user_roles=["Keeper", "Climber"]),
        Assignment(user="bo@example.com", saml_user_roles=["Signaller"]),
        Assignment(user="cyril"),
        Assignment(user="zoe@example.com", role="Keeper"),
    ]
    assert org.users["ada@example.com"].email == "ada@example.com"
    assert _notes(world, "notes", "app-users.json")[:2] == [
        "5 people in app-users.json, without a users export: ada@example.com, bo@example.com, cyril, di@example.com, "
        "zoe@example.com: the app's username is taken as the login, and ACTIVE as the status",
        (
            "1 person with the app through a group: bo@example.com: assigned directly here, with the "
            "roles that Okta computed"
        ),
    ]


def test_what_is_embedded_explains_the_ids(tmp_path: Path) -> None:
    """``?expand=user`` puts people into the assignments, and ``?expand=group`` groups."""
    people = json.loads((DATA / "app-users.json").read_text(encoding="utf-8"))[:1]
    people[0]["_embedded"] = {"user": json.loads((DATA / "users.json").read_text(encoding="utf-8"))[0]}
    groups = json.loads((DATA / "app-groups.json").read_text(encoding="utf-8"))[:1]
    groups[0]["_embedded"] = {"group": json.loads((DATA / "groups.json").read_text(encoding="utf-8"))[1]}
    for name, data in (("app-users.json", people), ("app-groups.json", groups)):
        (tmp_path / name).write_text(json.dumps(data), encoding="utf-8")
    world = _world(tmp_path, "apps.json", "app-users.json", "app-groups.json")
    org = world.settings.okta["lighthouse"]
    assert org.users["ada@example.com"].profile["department"] == "Lamp"
    assert org.apps["amazon-connect-saml"].assignments == [
        Assignment(user="ada@example.com", role="Keeper", saml_user_roles=["Keeper", "Climber"]),
        Assignment(group="Keepers of the Light", saml_user_roles=["Keeper"]),
    ]


def _pages(data: list[Any]) -> str:
    return json.dumps(data[:3], indent=1) + "\r\n" + json.dumps(data[3:])


SHAPES: dict[str, Callable[[list[Any]], str]] = {
    "a list": json.dumps,
    "pages one after the other": _pages,
    "one object a line": lambda data: "\n".join(map(json.dumps, data)),
    "a list of pages": lambda data: json.dumps([data[:3], data[3:]]),
    "as PowerShell wraps it": lambda data: json.dumps({"value": data, "Count": len(data)}),
    "as tools wrap it": lambda data: json.dumps({"statusCode": 200, "body": {"items": data}}),
    "YAML": lambda data: json.dumps({"users": data}),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_way_to_save_a_list_is_read(tmp_path: Path, shape: str, encoding: str) -> None:
    """Whatever is around the objects, and whatever PowerShell made of the bytes."""
    data = json.loads((DATA / "users.json").read_text(encoding="utf-8"))
    (tmp_path / "users.json").write_bytes(SHAPES[shape](data).encode(encoding))
    world = _world(tmp_path, "users.json")
    assert len(world.settings.okta["lighthouse"].users) == 7
    assert world.settings.okta["lighthouse"].users["gus@example.com"].last_name == "Quay"


def test_pages_keep_their_lines(tmp_path: Path) -> None:
    """A person of the second page is found at the line in the file."""
    world = _world(tmp_path, "users-in-pages.json")
    text = (DATA / "users-in-pages.json").read_text(encoding="utf-8")
    said = world.document.said(("okta", "lighthouse", "users", "gus@example.com", "last_name"))
    line = text[: text.index('"lastName": "Quay"')].count("\n") + 1
    assert said.location.line == line
    assert said.text == "Okta user gus@example.com"


@pytest.mark.parametrize(
    ("file", "apps", "users", "groups"),
    [
        ("one-app.json", ["amazon-connect-saml"], [], []),
        ("one-user.json", [], ["bo@example.com"], []),
        ("one-group.json", [], [], ["Keepers of the Light"]),
        ("group-rules.json", [], [], []),
        ("app-links.json", [], [], []),
    ],
)
def test_one_object_is_an_answer_too(
    tmp_path: Path, file: str, apps: list[str], users: list[str], groups: list[str]
) -> None:
    """``/apps/{id}``, ``/users/{id}``, ``/groups/{id}``; rules and links hold nothing that is taken."""
    org = _world(tmp_path, file).settings.okta["lighthouse"]
    assert (list(org.apps), list(org.users), list(org.groups)) == (apps, users, groups)


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("group-rules.json", "group rules (1): memberships come from the groups' members; export GET "
         "/api/v1/groups/{id}/users"),
        ("app-links.json", ("app links (1): they list the apps that one person sees, without roles; export GET "
"/api/v1/apps/{id}/users")),
    ],
)  # fmt: skip
def test_what_holds_no_login_says_what_does(tmp_path: Path, file: str, message: str) -> None:
    """The answer to ask for in its place."""
    assert _notes(_world(tmp_path, file), "left_out", file) == [message]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            [{"name": "USER_PROVISIONING", "status": "ENABLED", "description": "x", "capabilities": {}}],
            "provisioning features (1): logins do not depend on them",
        ),
        (
            {"authScheme": "TOKEN", "status": "ENABLED", "baseUrl": "https://iam.amazonaws.com", "profile": {}},
            (
                "provisioning connections (1): the API integration is off unless the app has provisioning in "
                "the world file"
            ),
        ),
        (
            {"$schema": "http://json-schema.org/draft-04/schema#", "name": "user", "definitions": {"custom": {}}},
            "profile schemas (1): people's attributes come from GET /api/v1/users",
        ),
        (
            [{"id": "0oa1", "type": "SAML2", "name": "partner", "protocol": {"type": "SAML2"}, "policy": {}}],
            "identity providers (1): here people sign in with their passwords",
        ),
        (
            [{"id": "rst1", "type": "ACCESS_POLICY", "name": "Any two factors", "priority": 1, "_links": {}}],
            "policies (1): they are not read; set mfa of the org or of an app instead",
        ),
        (
            [{"id": "ufs1", "factorType": "token:software:totp", "provider": "OKTA", "status": "ACTIVE"}],
            "factors (1): Okta never returns the secret of a factor; set factors of the person in the world file",
        ),
        (
            [json.loads((DATA / "one-group.json").read_text(encoding="utf-8")), {"else": 1}],
            "other objects (1): they are not like any object of Okta's API",
        ),
    ],
)
def test_other_answers_are_named(tmp_path: Path, data: Any, message: str) -> None:
    """Nothing of them is taken, and the world is not refused because of them."""
    (tmp_path / "other.json").write_text(json.dumps(data), encoding="utf-8")
    assert _notes(_world(tmp_path, "other.json"), "left_out", "other.json") == [message]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("system-log.json", "this is Okta's System Log, which contains events, not settings"),
        ("error.json", "this is an error response of Okta's API: E0000011 (Invalid token provided)"),
        ("cut-by-powershell.json", "PowerShell has cut off the content of nested objects"),
    ],
)
def test_answers_of_no_use_are_refused_by_what_they_are(tmp_path: Path, file: str, message: str) -> None:
    """At the seed's line in the world file."""
    with pytest.raises(WorldError) as caught:
        _world(tmp_path, file)
    assert caught.value.message == f"{file}: {message}"
    assert caught.value.location.line == 4


@pytest.mark.parametrize(
    ("org", "host", "notes"),
    [
        ("lighthouse", "lighthouse.okta.com", []),
        ("lighthouse", "lighthouse-admin.okta.com", []),
        (
            "acme",
            "lighthouse.okta.com",
            ["the org: the file is from lighthouse.okta.com, but used for the org acme, under which it is listed"],
        ),
        (
            "lighthouse",
            "lighthouse.oktapreview.com",
            ["the org's host: the org is at lighthouse.oktapreview.com; here it is lighthouse.okta.com"],
        ),
        (
            "lighthouse",
            "login.example.com",
            ["the org's host: the org is at login.example.com; here it is lighthouse.okta.com"],
        ),
    ],
)
def test_another_org_than_where_it_is_listed_is_reported(tmp_path: Path, org: str, host: str, notes: list[str]) -> None:
    """And taken all the same."""
    text = (DATA / "groups.json").read_text(encoding="utf-8").replace("lighthouse.okta.com", host)
    (tmp_path / "groups.json").write_text(text, encoding="utf-8")
    world = _world(tmp_path, "groups.json", org=org)
    assert "Fog Signal" in world.settings.okta[org].groups
    assert _notes(world, "notes", "groups.json") == notes


def _app(tmp_path: Path, **changes: Any) -> World:
    """Fills an org from one app with some of its settings changed: ``app__name``, ``signOn__name``."""
    app = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))
    for path, value in changes.items():
        *parents, last = path.split("__")
        node = app
        for part in parents:
            node = node[part]
        node[last] = value
    (tmp_path / "one-app.json").write_text(json.dumps(app), encoding="utf-8")
    return _world(tmp_path, "one-app.json")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "INACTIVE"}, "it is INACTIVE, so nobody can open it"),
        (
            {"settings__app__identityProviderArn": " arn:aws:iam::444455556666:saml-provider/lighthouse"},
            "its identityProviderArn ' arn:aws:iam::444455556666:saml-provider/lighthouse' is not an ARN such as "
            "arn:aws:iam::123456789012:saml-provider/okta",
        ),
        (
            {"settings__app__identityProviderArn": {"Ref": "x"}},
            "its identityProviderArn is not an ARN such as arn:aws:iam::123456789012:saml-provider/okta",
        ),
        (
            {"settings__app__awsEnvironmentType": "aws.moon"},
            "its AWS environment 'aws.moon' is not one of aws.amazon, aws.govcloud, aws.china",
        ),
        ({"settings__app__overrideAcsURL": "signin"}, "overrideAcsURL is not an http(s) URL"),
        ({"settings__app__joinAllRoles": "maybe"}, "its joinAllRoles is not true or false"),
        (
            {"settings__app__useGroupMapping": True, "settings__app__groupFilter": "(("},
            "its groupFilter does not compile",
        ),
        (
            {"credentials__userNameTemplate": {"template": "${fn:nonsense(source.login)}", "type": "CUSTOM"}},
            ("its application username format is '${fn:nonsense(source.login)}': fedemu does not know the "
"function String.nonsense"),
        ),
        (
            {"settings__signOn__attributeStatements": [{"name": f"{AWS}PrincipalTag:A", "values": ["user.x("]}]},
            "its attribute PrincipalTag:A cannot be evaluated: fedemu does not know the function user.x",
        ),
        ({"settings__signOn__attributeStatements": "email"}, "attributeStatements is not a list"),
        ({"settings__signOn__attributeStatements": [None]}, "an attribute statement has no name"),
        (
            {"settings__signOn__assertionEncryption": {"enabled": True}},
            "its assertions are encrypted, and the certificate must be a file of its own",
        ),
        ({"settings": {"app": None}}, "its settings.app is missing"),
        ({"signOnMode": "AUTO_LOGIN"}, "its sign-on mode is AUTO_LOGIN, not SAML 2.0"),
    ],
)  # fmt: skip
def test_an_app_of_which_something_is_not_known_stays_out_whole(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    """Half of it would be another app."""
    world = _app(tmp_path, **changes)
    assert world.settings.okta["lighthouse"].apps == {}
    assert f"the app Amazon Connect SAML: {reason}" in _notes(world, "left_out", "one-app.json")


def test_overrides_and_formats_are_taken(tmp_path: Path) -> None:
    """What the sign-on settings of a catalogue app may say beside the usual."""
    world = _app(
        tmp_path,
        settings__app__overrideAcsURL="https://eu-west-2.signin.aws.amazon.com/saml",
        settings__app__sessionDuration="900",
        settings__app__groupFilter="((",
        settings__signOn__audienceOverride="urn:amazon:webservices:govcloud",
        settings__signOn__recipientOverride="https://signin.aws.amazon.com/saml",
        settings__signOn__destinationOverride="https://us-east-1.signin.aws.amazon.com/saml",
        settings__signOn__idpIssuer="http://www.okta.com/exk1234567890abcdefg",
        credentials__userNameTemplate={"template": '${fn:substringBefore(source.email, "@")}', "type": "BUILT_IN"},
    )
    app = world.settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert (app.acs_url, app.audience) == (
        "https://eu-west-2.signin.aws.amazon.com/saml",
        "urn:amazon:webservices:govcloud",
    )
    assert app.saml.recipient == "https://signin.aws.amazon.com/saml"
    assert app.saml.destination == "https://us-east-1.signin.aws.amazon.com/saml"
    assert (app.saml.issuer, app.session_duration) == ("http://www.okta.com/exk1234567890abcdefg", 900)
    assert app.username_format == "email_prefix"
    assert app.group_filter == r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)"


@pytest.mark.parametrize("left", [("id", "name", "label", "settings"), ("id", "label", "settings"), ("id", "settings")])
def test_an_app_that_somebody_has_cut_down_is_taken(tmp_path: Path, left: tuple[str, ...]) -> None:
    """Its settings say what it is, where its name is gone; links and credentials are not needed."""
    whole = json.loads((DATA / "one-app.json").read_text(encoding="utf-8"))
    (tmp_path / "cut.json").write_text(json.dumps([{name: whole[name] for name in left}]), encoding="utf-8")
    ((key, app),) = _world(tmp_path, "cut.json").settings.okta["lighthouse"].apps.items()
    assert key == ("amazon-connect-saml" if "label" in left else APP.lower())
    assert (app.catalog, app.session_duration) == ("amazon_aws", 7200)
    assert app.identity_provider_arn == "arn:aws:iam::444455556666:saml-provider/lighthouse"


def test_an_external_key_in_a_link_is_the_issuer(tmp_path: Path) -> None:
    """Where an answer has the ``exk…``, the issuer is known."""
    href = "https://lighthouse.okta.com/app/amazon_aws/exk9lh1connect4x0000/sso/saml"
    world = _app(tmp_path, _links__appLinks=[{"name": "login", "href": href}])
    app = world.settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert app.saml.issuer == "http://www.okta.com/exk9lh1connect4x0000"


@pytest.mark.parametrize(
    ("file", "apps", "assigned"),
    [
        ("app-users.json", ["one-app.json"], ["ada@example.com"]),
        ("amazon-connect-saml-users.json", ["apps.json"], ["ada@example.com"]),
        ("slack-users.json", ["apps.json"], []),
        ("app-users.json", ["apps.json"], []),
        ("other-users.json", ["one-app.json"], []),
    ],
)
def test_assignments_without_links_are_of_the_app_that_the_file_is_named_after(
    tmp_path: Path, file: str, apps: list[str], assigned: list[str]
) -> None:
    """Or of the only app there is; never of the only one for AWS."""
    people = json.loads((DATA / "app-users.json").read_text(encoding="utf-8"))[:1]
    del people[0]["_links"]
    (tmp_path / file).write_text(json.dumps(people), encoding="utf-8")
    world = _world(tmp_path, *apps, "users.json", file)
    app = world.settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert [each.user for each in app.assignments] == assigned
    assert bool(_notes(world, "notes" if assigned else "left_out", file))


def test_a_list_of_groups_is_nobodys_because_of_its_name(tmp_path: Path) -> None:
    """A person of the org's name is not in all of its groups, unless that name is their whole login."""
    for name, members in (
        ("ada-groups.json", []),
        ("ada@example.com groups.json", ["Everyone", "Keepers of the Light"]),
    ):
        folder = tmp_path / name
        world = _world(folder, "users.json", {name: "groups-of-ada@example.com.json"})
        groups = world.settings.okta["lighthouse"].users["ada@example.com"].groups
        assert [group for group in groups if group != "aws_444455556666_Keeper"] == (members or ["Everyone"])


def test_an_app_of_the_old_template_is_taken(tmp_path: Path) -> None:
    """Its settings are its own: ``postBackURL``, ``audienceRestriction``."""
    url = "https://signin.aws.amazon.com/saml"
    settings = {"app": {"postBackURL": url, "audienceRestriction": "urn:amazon:webservices", "recipient": url}}
    world = _app(tmp_path, name="template_saml_2_0", settings=settings)
    app = world.settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert (app.catalog, app.acs_url, app.audience) == ("custom_saml", url, "urn:amazon:webservices")


def test_two_apps_of_one_label_have_names_of_their_own(tmp_path: Path) -> None:
    """The same whichever file is listed first."""
    text = (DATA / "one-app.json").read_text(encoding="utf-8")
    (tmp_path / "second.json").write_text(text.replace(APP, "0oaZZZconnect4x00000"), encoding="utf-8")
    for order in (("one-app.json", "second.json"), ("second.json", "one-app.json")):
        world = _world(tmp_path, *order)
        assert sorted(world.settings.okta["lighthouse"].apps) == ["amazon-connect-saml", "amazon-connect-saml-2"]
        said = world.document.said(("okta", "lighthouse", "apps", "amazon-connect-saml-2"))
        assert said.location.file.endswith("second.json")


def test_group_mapping_needs_no_provider(tmp_path: Path) -> None:
    """An empty Identity Provider ARN is filled by what the pattern names; without mapping the app is left out."""
    changes = {"settings__app__identityProviderArn": None, "settings__app__useGroupMapping": True}
    assert _app(tmp_path, **changes).settings.okta["lighthouse"].apps == {}
    (tmp_path / "world.yaml").write_text(
        'version: 1\nokta: {lighthouse: {seed: [one-app.json]}}\naws: {"444455556666": {}}\n', encoding="utf-8"
    )
    world = load_world(tmp_path / "world.yaml")
    app = world.settings.okta["lighthouse"].apps["amazon-connect-saml"]
    assert app.identity_provider_arn == "arn:aws:iam::444455556666:saml-provider/OKTA"
    world = _app(tmp_path, settings__app__identityProviderArn=None)
    assert _notes(world, "left_out", "one-app.json")[-1] == (
        "the app amazon-connect-saml: its Identity Provider ARN is empty, so it sends no roles"
    )


def test_roles_of_accounts_by_alias_get_the_accounts_id(tmp_path: Path) -> None:
    """``[alias] -- role`` is what the API integration makes, which an export does not have."""
    people = json.loads((DATA / "app-users.json").read_text(encoding="utf-8"))[:1]
    people[0]["profile"] = {"role": "[lights] -- Keeper", "samlRoles": ["[lights] -- Keeper", "[else] -- Other"]}
    (tmp_path / "app-users.json").write_text(json.dumps(people), encoding="utf-8")
    more = 'aws: {"444455556666": {alias: lights}}\n'
    world = _world(tmp_path, "apps.json", "users.json", "app-users.json", more=more)
    assert world.settings.okta["lighthouse"].apps["amazon-connect-saml"].assignments == [
        Assignment(
            user="ada@example.com",
            role="[444455556666] -- Keeper",
            saml_user_roles=["[444455556666] -- Keeper", "[else] -- Other"],
        )
    ]
    assert _notes(world, "notes", "app-users.json") == [
        "apps.amazon-connect-saml: [lights] in its roles stands for the account 444455556666",
        "apps.amazon-connect-saml: [else] in its roles is not the alias of any account in this world",
    ]


JUNK: list[Any] = [None, 7, "text", [], {"x": [1]}, [None]]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_malformed_answers_never_break(tmp_path: Path, junk: Any) -> None:
    """Whatever is where something else belongs, there is a world or a refusal in plain words."""
    for file in ("one-app.json", "one-user.json", "one-group.json", "app-users.json", "app-groups.json"):
        whole = json.loads((DATA / file).read_text(encoding="utf-8"))
        for key, data in _with_junk(whole, junk):
            (tmp_path / file).write_text(json.dumps(data), encoding="utf-8")
            words = _outcome(tmp_path, file)
            assert "{'" not in words, key
            assert "None" not in words, key


def _outcome(folder: Path, file: str) -> str:
    """Returns what is said of a world from one file, which is built, or of why there is none."""
    try:
        world = _world(folder, file)
    except WorldError as error:
        return str(error)
    if world.settings.okta["lighthouse"].apps:
        Federation(world, keys=KeyFolder(folder / "keys"), only="idp")
    return " ".join(problem.message for each in world.seeds for problem in (*each.left_out, *each.notes))


def _with_junk(data: Any, junk: Any, key: str = "") -> list[tuple[str, Any]]:
    """Returns a document once for each value in it, with junk in its place."""
    found: list[tuple[str, Any]] = [(key, junk)]
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in items:
        for inside, changed in _with_junk(value, junk, f"{key}/{name}"):
            copied = dict(data) if isinstance(data, dict) else list(data)
            copied[name] = changed
            found.append((inside, copied))
    return found


def test_the_expressions_that_are_taken_are_those_that_an_org_works_out() -> None:
    """The names are the identity provider's, and what is refused here would not compile there."""
    there = {*idp_expressions.FUNCTIONS, *idp_expressions.GROUP_FUNCTIONS}
    assert there == expressions.FUNCTIONS
    for template, name in expressions.USERNAME_FORMATS.items():
        if template in TEMPLATES.values():
            assert TEMPLATES[name] == template
    for text in (
        "user.email",
        'String.substringBefore(user.email, "@") + ".aws"',
        'user.department == "Sales" ? "agent" : "guest"',
        'isMemberOfGroupName("Agents") AND !Arrays.isEmpty(user.skills)',
        '{"a", "b"}',
        "NOT true",
    ):
        compile_expression(text)
        assert expressions.complaint(text) == ""
    for text in ("user", "nothing", "user.a user.b", "(user.a", "user.a)", "user.a +", "Time.now()", "user.a;", ""):
        with pytest.raises(ExpressionError):
            compile_expression(text)
        assert expressions.complaint(text), text
