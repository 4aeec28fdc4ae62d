"""The management API: what it makes, changes and deletes, in pages, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import requests

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.calls.gateway_adapter import GatewayAdapter
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from sp_mock.accounts.provider_metadata import parse_metadata
from sp_mock.assertion.received import parse_response
from tests.conftest import APP, ROLE_ARN, USER

TOKEN = "00-example-token-of-the-built-in-world"
URL = "https://acme.okta.com/api/v1"
ADA = {"login": "ada@example.com", "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron"}
Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(federation: Federation) -> Ask:
    """Returns a function that asks the API with the world's token."""
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", GatewayAdapter(federation.gateway))

    def call(method: str, path: str, data: Any = None, *, token: str | None = f"SSWS {TOKEN}") -> requests.Response:
        url = path if path.startswith("https://") else URL + path
        return session.request(method, url, json=data, headers={"Authorization": token} if token else {})

    return call


def _refused(answer: requests.Response, status: int, code: str, summary: str, *causes: str) -> None:
    data = answer.json()
    assert (answer.status_code, data["errorCode"], data["errorSummary"]) == (status, code, summary)
    assert [cause["errorSummary"] for cause in data["errorCauses"]] == list(causes)
    assert data["errorLink"] == code
    assert data["errorId"].startswith("oae")


@pytest.mark.parametrize("token", [None, "SSWS x", "SSWS ", "Bearer x", TOKEN])
def test_a_token_is_needed(ask: Ask, token: str | None) -> None:
    """None, another one, and another scheme are refused in the same sentence."""
    _refused(ask("GET", "/users", token=token), 401, "E0000011", "Invalid token provided")


def test_the_token_without_a_space(ask: Ask) -> None:
    """A client leaves the space out."""
    assert ask("GET", "/users/me", token=f"SSWS{TOKEN}").json()["profile"]["login"] == "mika@example.com"


def test_a_person_reads_about_themselves_only(federation: Federation, ask: Ask) -> None:
    """A session cookie opens /users/me and nothing else of the management API."""
    provider = federation.identity_providers["acme"]
    session = provider.sessions.authenticate(USER, "correct-horse")
    cookie = {"Cookie": f"sid={session.session_id}"}
    browser = federation.browser().session()
    own = browser.get(f"{URL}/users/me", headers=cookie)
    assert own.json()["profile"]["login"] == USER
    answer = browser.get(f"{URL}/users", headers=cookie)
    _refused(answer, 403, "E0000006", "You do not have permission to perform the requested action")


def test_a_person_from_creation_to_deletion(federation: Federation, ask: Ask) -> None:
    """Staged, activated, put into a group, logged in, suspended, deactivated, deleted."""
    made = ask("POST", "/users?activate=false", {"profile": ADA, "credentials": {"password": {"value": "tlpWENT2m"}}})
    user = made.json()
    assert (made.status_code, user["status"], user["profile"]["login"]) == (200, "STAGED", "ada@example.com")
    here = f"/users/{user['id']}"
    assert ask("POST", f"{here}/lifecycle/activate").json() == {}
    assert ask("GET", "/users/ada").json()["status"] == "ACTIVE"
    (group,) = [each for each in ask("GET", "/groups?q=agents").json() if each["profile"]["name"] == "Agents"]
    assert ask("PUT", f"/groups/{group['id']}/users/{user['id']}").status_code == 204
    assert [each["id"] for each in ask("GET", f"{here}/groups").json()] == [group["id"]]
    assert user["id"] in {each["id"] for each in ask("GET", f"/groups/{group['id']}/users").json()}
    provider = federation.identity_providers["acme"]
    assert provider.role_values(provider.org.apps[APP], "ada@example.com")[0].endswith(ROLE_ARN)
    session = provider.sessions.authenticate("ada@example.com", "tlpWENT2m")
    changed = ask("POST", here, {"profile": {"lastName": "Lovelace", "department": "Engines"}}).json()
    assert (changed["profile"]["lastName"], changed["profile"]["department"]) == ("Lovelace", "Engines")
    whole = ask("PUT", here, {"profile": ADA}).json()
    assert "department" not in whole["profile"]
    assert ask("POST", f"{here}/lifecycle/suspend").json() == {}
    assert provider.sessions.find(session.session_id) is None
    assert ask("POST", f"{here}/lifecycle/unsuspend").json() == {}
    assert provider.sessions.find(session.session_id) is not None
    assert ask("DELETE", here).status_code == 204
    assert ask("GET", here).json()["status"] == "DEPROVISIONED"
    assert "ada@example.com" not in {each["profile"]["login"] for each in ask("GET", "/users").json()}
    assert ask("DELETE", here).status_code == 204
    _refused(ask("GET", here), 404, "E0000007", f"Not found: Resource not found: {user['id']} (User)")


BAD_USERS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "login", "login: The field cannot be left blank"),
    ({"profile": {**ADA, "firstName": ""}}, "firstName", "firstName: The field cannot be left blank"),
    ({"profile": {**ADA, "login": "ada"}}, "login", "login: Username must be in the form of an email address"),
    ({"profile": {**ADA, "email": "x"}}, "email", "email: Does not match required pattern"),
    (
        {"profile": {**ADA, "login": USER.upper()}},
        "login",
        "login: An object with this field already exists in the current organization",
    ),
    ({"profile": ["x"]}, "profile", "profile: The field must be an object"),
    ({"profile": {**ADA, "shoe": {"size": 38}}}, "shoe", "shoe: The value cannot be used"),
    (
        {"profile": ADA, "credentials": {"password": {"value": "short"}}},
        "password",
        "password: Password requirements were not met. Password requirements: at least 8 characters.",
    ),
]


@pytest.mark.parametrize(("given", "field", "cause"), BAD_USERS, ids=[row[2] for row in BAD_USERS])
def test_users_that_cannot_be(federation: Federation, ask: Ask, given: Any, field: str, cause: str) -> None:
    """Each mistake has its cause, and nothing is made."""
    before = federation.identity_providers["acme"].org
    _refused(ask("POST", "/users", given), 400, "E0000001", f"Api validation failed: {field}", cause)
    assert federation.identity_providers["acme"].org is before


NOT_WELL_FORMED = ["", "{", "[]", '"x"', "[" * 5000, '{"profile": {"login": "\\ud800"}}', '{"a": NaN}', '{"a": 1e999}']


@pytest.mark.parametrize("body", NOT_WELL_FORMED)
def test_bodies_that_are_no_objects(federation: Federation, body: str) -> None:
    """Anything but a JSON object is not well-formed."""
    session = federation.browser().session()
    answer = session.post(f"{URL}/users", data=body, headers={"Authorization": f"SSWS {TOKEN}"})
    _refused(answer, 400, "E0000003", "The request body was not well-formed.")


def test_a_lifecycle_operation_has_to_follow(ask: Ask) -> None:
    """What does not follow from the status is refused, and so is what there is not."""
    here = f"/users/{USER}/lifecycle"
    _refused(ask("POST", f"{here}/activate"), 403, "E0000016", "Activation failed because the user is already active")
    _refused(ask("POST", f"{here}/unlock"), 403, "E0000032", "Unlock is not allowed for this user.")
    _refused(
        ask("POST", f"{here}/unsuspend"),
        400,
        "E0000001",
        "Api validation failed: Cannot unsuspend a user that is not suspended",
    )
    in_status = "This operation is not allowed in the user's current status."
    _refused(ask("POST", f"{here}/reactivate"), 403, "E0000038", in_status)
    assert ask("POST", f"{here}/suspend").json() == {}
    _refused(
        ask("POST", f"{here}/suspend"),
        400,
        "E0000001",
        "Api validation failed: Cannot suspend a user that is not active",
    )
    _refused(ask("POST", f"{here}/expire_password"), 403, "E0000038", in_status)
    assert ask("POST", f"{here}/deactivate").json() == {}
    _refused(ask("POST", f"{here}/deactivate"), 403, "E0000038", in_status)
    assert ask("POST", f"{here}/explode").json()["errorCode"] == "E0000001"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('search=profile.login eq "HANAKO@example.com"', ["hanako"]),
        ('filter=profile.lastName sw "M" and status eq "ACTIVE"', ["mika"]),
        (
            'search=(profile.firstName eq "Taro" or profile.firstName eq "Mika") and not (profile.lastName co "ori")',
            ["taro"],
        ),
        ("search=profile.department pr", []),
        ('search=created gt "2020-01-01T00:00:00.000Z" and profile.login ew "example.com"', ["hanako", "taro", "mika"]),
        ("q=Han", ["hanako"]),
        ("q=nobody", []),
    ],
)
def test_searches(ask: Ask, query: str, found: list[str]) -> None:
    """Filters as Okta's, and the prefix search."""
    names = [user["profile"]["login"].partition("@")[0] for user in ask("GET", f"/users?{query}").json()]
    assert names == found


def test_paths_and_methods_that_there_are_not(ask: Ask) -> None:
    """Okta's JSON, not a page."""
    _refused(ask("GET", "/zones"), 404, "E0000008", "The requested path was not found")
    _refused(ask("GET", "/users/me/nothing/there"), 404, "E0000008", "The requested path was not found")
    _refused(ask("PATCH", "/users"), 405, "E0000022", "The endpoint does not support the provided HTTP method")


@pytest.mark.parametrize(
    "text",
    ["x", 'a eq "b" and', 'a is "b"', '(a eq "b"', 'a eq "b" c eq "d"', "(" * 60 + 'a eq "b"' + ")" * 60, "a eq b"],
)
def test_searches_that_cannot_be_read(ask: Ask, text: str) -> None:
    """A broken expression is reported as such."""
    _refused(ask("GET", f"/users?search={text}"), 400, "E0000031", "Invalid search criteria.")


def test_lists_come_in_pages(ask: Ask) -> None:
    """The Link header leads through all of them; a limit that is not a number is refused."""
    first = ask("GET", "/users?limit=2")
    assert [user["profile"]["firstName"] for user in first.json()] == ["Hanako", "Taro"]
    second = ask("GET", first.links["next"]["url"])
    assert [user["profile"]["firstName"] for user in second.json()] == ["Mika"]
    assert "next" not in second.links
    _refused(
        ask("GET", "/users?limit=x"), 400, "E0000001", "Api validation failed: limit", "limit: The value is no number"
    )


def test_a_group_is_renamed_with_all_that_hangs_on_it(federation: Federation, ask: Ask) -> None:
    """Members and assignments follow a new name; deleting takes them away."""
    (group,) = ask("GET", '/groups?search=profile.name eq "Agents"').json()
    here = f"/groups/{group['id']}"
    renamed = ask("PUT", here, {"profile": {"name": "Operators", "description": "answer calls"}}).json()
    assert renamed["profile"] == {"name": "Operators", "description": "answer calls"}
    assert log_in(federation, user=USER, app=APP).outcome.value == "accepted"
    _refused(
        ask("POST", "/groups", {"profile": {"name": "Operators"}}),
        400,
        "E0000001",
        "Api validation failed: name",
        "name: An object with this field already exists in the current organization",
    )
    assert [app["label"] for app in ask("GET", f"{here}/apps").json()] == ["Amazon Connect SAML"]
    assert ask("DELETE", here).status_code == 204
    _refused(ask("GET", here), 404, "E0000007", f"Not found: Resource not found: {group['id']} (UserGroup)")
    login = log_in(federation, user=USER, app=APP)
    assert login.refusal is not None
    assert login.refusal.check == "app-assignment"


def test_an_app_made_by_the_api_logs_in(federation: Federation, ask: Ask) -> None:
    """Settings as Okta names them, an assignment with its roles, and AWS's side gets its metadata."""
    settings = {
        "identityProviderArn": "arn:aws:iam::123456789012:saml-provider/okta",
        "sessionDuration": 7200,
        "joinAllRoles": False,
    }
    app = ask("POST", "/apps", {"name": "amazon_aws", "label": "Second", "settings": {"app": settings}}).json()
    assert app["settings"]["app"]["loginURL"] == "https://console.aws.amazon.com/ec2/home"
    assert app["settings"]["app"]["overrideAcsURL"] is None
    user = ask("GET", f"/users/{USER}").json()
    held = ask(
        "POST", f"/apps/{app['id']}/users", {"id": user["id"], "profile": {"samlRoles": ["ConnectAgent"]}}
    ).json()
    assert held["profile"] == {"email": USER, "role": None, "samlRoles": ["ConnectAgent"]}
    assert [each["id"] for each in ask("GET", f"/apps/{app['id']}/users").json()] == [user["id"]]
    metadata = ask("GET", f"/apps/{app['id']}/sso/saml/metadata").text
    cloud = federation.aws_services.aws
    arn = settings["identityProviderArn"]
    provider = cloud.saml_provider(str(arn))
    assert provider is not None
    changed = replace(provider, metadata=parse_metadata(metadata.encode()))
    cloud.change("123456789012", lambda a: (replace(a, saml_providers={**a.saml_providers, str(arn): changed}), None))
    login = log_in(federation, user=USER, app="second")
    # It has no relay state, so that the console opens and not the instance.
    assert (login.outcome.value, login.role) == ("elsewhere", ROLE_ARN)
    assert ask("DELETE", f"/apps/{app['id']}/users/{user['id']}").status_code == 204
    _refused(
        ask("DELETE", f"/apps/{app['id']}/users/{user['id']}"),
        404,
        "E0000007",
        f"Not found: Resource not found: {user['id']} (AppUser)",
    )


def _app(ask: Ask) -> dict[str, Any]:
    (app,) = ask("GET", "/apps?q=amazon").json()
    return dict(app)


def test_an_app_is_switched_off_and_deleted(federation: Federation, ask: Ask) -> None:
    """An active app is not deleted; an inactive one is on no dashboard."""
    here = f"/apps/{_app(ask)['id']}"
    _refused(ask("DELETE", here), 403, "E0000056", "Delete application forbidden.")
    assert ask("POST", f"{here}/lifecycle/deactivate").json() == {}
    assert ask("GET", here).json()["status"] == "INACTIVE"
    assert log_in(federation, user=USER, app=APP).outcome.value == "refused"
    assert ask("DELETE", here).status_code == 204
    assert ask("GET", "/apps").json() == []


BAD_APPS: list[tuple[dict[str, Any], str]] = [
    ({"name": "salesforce", "label": "x"}, "name: The app is not in the catalogue; the emulator's has amazon_aws"),
    ({"name": "amazon_aws"}, "label: The field cannot be left blank"),
    (
        {"name": "amazon_aws", "label": "Amazon Connect SAML"},
        "label: An object with this field already exists in the current organization",
    ),
    (
        {"name": "amazon_aws", "label": "x", "settings": {"app": {"sessionDuration": "1h"}}},
        "sessionDuration: The value cannot be used",
    ),
    (
        {"name": "amazon_aws", "label": "x", "settings": {"app": {"awsEnvironmentType": "moon"}}},
        "awsEnvironmentType: moon is not one of aws.amazon, aws.govcloud, aws.china",
    ),
    (
        {"name": "amazon_aws", "label": "x", "settings": {"app": {"groupFilter": "(?{{role}}["}}},
        "groupFilter: the group filter does not compile: unterminated character set at position 9",
    ),
    (
        {"name": "amazon_aws", "label": "x", "settings": {"app": {"overrideAcsURL": "javascript:x"}}},
        "overrideAcsURL: The value is no URL",
    ),
]


@pytest.mark.parametrize(("given", "cause"), BAD_APPS, ids=[row[1] for row in BAD_APPS])
def test_apps_that_cannot_be(ask: Ask, given: dict[str, Any], cause: str) -> None:
    """Each mistake has its cause."""
    _refused(ask("POST", "/apps", given), 400, "E0000001", f"Api validation failed: {cause.partition(':')[0]}", cause)


def test_keys_are_rotated_side_by_side(federation: Federation, ask: Ask) -> None:
    """A new key has metadata of its own; once the app signs with it, AWS needs that metadata."""
    app = _app(ask)
    here = f"/apps/{app['id']}"
    old = app["credentials"]["signing"]["kid"]
    new = ask("POST", f"{here}/credentials/keys/generate?validityYears=2")
    assert new.status_code == 201
    assert [each["kid"] for each in ask("GET", f"{here}/credentials/keys").json()] == [old, new.json()["kid"]]
    by_kid = {kid: ask("GET", f"{here}/sso/saml/metadata?kid={kid}").text for kid in (old, new.json()["kid"])}
    assert by_kid[old] != by_kid[new.json()["kid"]]
    assert ask("GET", f"{here}/sso/saml/metadata").text == by_kid[old]
    assert log_in(federation, user=USER, app=APP).outcome.value == "accepted"
    rotated = ask("PUT", here, {"credentials": {"signing": {"kid": new.json()["kid"]}}}).json()
    assert rotated["credentials"]["signing"]["kid"] == new.json()["kid"]
    login = log_in(federation, user=USER, app=APP)
    assert login.refusal is not None
    assert login.refusal.message.startswith("Response signature invalid")
    cause = "kid: The key does not belong to this app"
    _refused(ask("GET", f"{here}/credentials/keys/x"), 400, "E0000001", "Api validation failed: kid", cause)


def test_the_log_tells_what_happened(ask: Ask) -> None:
    """Creation, membership and the app that came with it, in this order, and a filter on them."""
    user = ask("POST", "/users", {"profile": ADA, "credentials": {"password": {"value": "tlpWENT2m"}}}).json()
    (group,) = ask("GET", '/groups?search=profile.name eq "Agents"').json()
    ask("PUT", f"/groups/{group['id']}/users/{user['id']}")
    events = ask("GET", "/logs").json()
    assert [event["eventType"] for event in events] == [
        "user.lifecycle.create",
        "user.lifecycle.activate",
        "application.user_membership.add",
        "group.user_membership.add",
    ]
    (membership,) = ask("GET", '/logs?filter=eventType eq "group.user_membership.add"').json()
    assert [(target["type"], target["alternateId"]) for target in membership["target"]] == [
        ("User", "ada@example.com"),
        ("UserGroup", "unknown"),
    ]
    assert membership["displayMessage"] == "Add user to group membership"


WIKI = {
    "label": "Wiki",
    "signOnMode": "SAML_2_0",
    "settings": {
        "signOn": {
            "ssoAcsUrl": "https://wiki.example.com/acs",
            "audience": "https://wiki.example.com",
            "subjectNameIdTemplate": "${user.userName}",
            "subjectNameIdFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
            "responseSigned": True,
            "assertionSigned": False,
            "attributeStatements": [
                {"type": "EXPRESSION", "name": "name", "values": ['user.firstName + " " + user.lastName']},
                {"type": "GROUP", "name": "groups", "filterType": "REGEX", "filterValue": "Ag.*"},
            ],
        }
    },
}


def test_a_custom_saml_app_made_by_the_api(federation: Federation, ask: Ask) -> None:
    """What is put in comes out again, and is what the app sends."""
    app = ask("POST", "/apps", WIKI).json()
    sign_on = app["settings"]["signOn"]
    assert (sign_on["ssoAcsUrl"], sign_on["assertionSigned"]) == ("https://wiki.example.com/acs", False)
    assert [each["name"] for each in sign_on["attributeStatements"]] == ["name", "groups"]
    user = federation.identity_providers["acme"].org.users[USER]
    ask("POST", f"/apps/{app['id']}/users", {"id": user.user_id})
    values = parse_response(federation.identity_providers["acme"].mint(USER, "wiki").xml).unverified
    assert [(each.name, each.values) for each in values.attributes] == [
        ("name", ("Hanako Sato",)),
        ("groups", ("Agents",)),
    ]
    assert values.name_id_format == "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"ssoAcsUrl": ""}, "settings.signOn.ssoAcsUrl: The field cannot be left blank"),
        ({"ssoAcsUrl": "x"}, "ssoAcsUrl: The value is no URL"),
        ({"ssoAcsUrl": "https://["}, "ssoAcsUrl: The value is no URL"),
        ({"ssoAcsUrl": "https://"}, "ssoAcsUrl: The value is no URL"),
        (
            {"attributeStatements": [{"name": "a", "values": ["user.a +"]}]},
            "values: the expression cannot be read: it ends too early, at character 9",
        ),
        (
            {"attributeStatements": [{"type": "GROUP", "name": "a", "filterType": "REGEX", "filterValue": "["}]},
            "filterValue: It does not compile: unterminated character set at position 0",
        ),
        (
            {"attributeStatements": [{"type": "GROUP", "name": "a", "filterType": "LIKE"}]},
            "filterType: The value is not one of STARTS_WITH, EQUALS, CONTAINS, REGEX",
        ),
        ({"subjectNameIdTemplate": "${x}"}, "subjectNameIdTemplate: The emulator knows ${user.userName}"),
    ],
)
def test_custom_apps_that_cannot_be(ask: Ask, change: dict[str, Any], cause: str) -> None:
    """Each mistake has its cause."""
    settings = {"signOn": {**WIKI["settings"]["signOn"], **change}}  # type: ignore[index]
    answer = ask("POST", "/apps", {**WIKI, "settings": settings})
    assert (answer.status_code, answer.json()["errorCauses"]) == (400, [{"errorSummary": cause}])


@pytest.mark.parametrize("pipeline", ["idx", "v1"])
def test_the_orgs_pipeline(world: World, clock: Clock, keys: KeyFolder, pipeline: str) -> None:
    """Clients choose their flow by it."""
    changed = change_world(world, {"/okta/acme/pipeline": pipeline})
    session = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys).browser().session()
    assert session.get("https://acme.okta.com/.well-known/okta-organization").json()["pipeline"] == pipeline
