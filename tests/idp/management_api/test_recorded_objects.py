"""Users, groups, apps, assignments and keys have the fields and links of recordings, and instants in whole seconds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import APP, USER

API = "https://acme.okta.com/api/v1"
HEADERS = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
GROUPS = {"Agents": {}, "Supervisors": {}, "Sales": {"source": "active_directory"}}
WIKI = {
    "label": "Wiki",
    "signOnMode": "SAML_2_0",
    "settings": {"signOn": {"ssoAcsUrl": "https://wiki.example.com/acs", "audience": "https://wiki.example.com"}},
}


@pytest.fixture
def federation(world: World, clock: Clock, keys: KeyFolder) -> Federation:
    """Returns the built-in world, made between two seconds, with a group of Active Directory."""
    clock.advance(timedelta(milliseconds=678))
    changed = change_world(world, {"/okta/acme/groups": GROUPS})
    return Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)


def _get(federation: Federation, path: str, method: str = "GET", body: Any = None) -> Any:
    answer = federation.browser().session().request(method, f"{API}{path}", json=body, headers=HEADERS)
    assert answer.status_code < 300, answer.text
    return answer.json()


def _instants(data: Any) -> Iterator[str]:
    if isinstance(data, str) and re.match(r"\d{4}-\d\d-\d\dT", data):
        yield data
    for each in data.values() if isinstance(data, Mapping) else data if isinstance(data, list) else ():
        yield from _instants(each)


def _app(federation: Federation) -> dict[str, Any]:
    return dict(_get(federation, "/apps")[0])


def test_a_custom_app(federation: Federation) -> None:
    """Exactly the fields of a recording of 2025, with those that came later that year."""
    app = _get(federation, "/apps", "POST", WIKI)
    assert list(app) == [
        *("id", "orn", "name", "label", "status", "lastUpdated", "created", "accessibility", "visibility", "features"),
        *("signOnMode", "credentials", "universalLogout", "settings", "_links"),
    ]
    assert re.fullmatch(rf"orn:okta:idp:00o\w{{17}}:apps:{app['name']}:{app['id']}", app["orn"])
    link = f"{app['name']}_link"
    assert app["visibility"] == {
        "autoLaunch": False,
        "autoSubmitToolbar": False,
        "hide": {"iOS": False, "web": False},
        "appLinks": {link: True},
    }
    settings = app["settings"]
    assert set(settings) == {
        *("app", "notifications", "manualProvisioning", "implicitAssignment", "emOptInStatus", "notes", "signOn"),
    }
    assert settings["notes"] == {"admin": None, "enduser": None}
    assert set(settings["signOn"]) == {
        *("defaultRelayState", "ssoAcsUrl", "idpIssuer", "audience", "recipient", "destination"),
        *("subjectNameIdTemplate", "subjectNameIdFormat", "responseSigned", "assertionSigned", "signatureAlgorithm"),
        *("digestAlgorithm", "honorForceAuthn", "authnContextClassRef", "spIssuer", "requestCompressed"),
        *("attributeStatements", "inlineHooks", "assertionEncryption", "allowMultipleAcsEndpoints", "acsEndpoints"),
        *("samlSignedRequestEnabled", "slo"),
    }
    assert settings["signOn"]["idpIssuer"] == "http://www.okta.com/${org.externalKey}"
    assert settings["signOn"]["subjectNameIdFormat"] == "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
    here = f"{API}/apps/{app['id']}"
    links = app["_links"]
    assert set(links) == {
        *("help", "metadata", "uploadLogo", "appLinks", "profileEnrollment", "policies", "groups", "logo"),
        *("accessPolicy", "users", "deactivate"),
    }
    assert links["help"]["href"] == (
        f"https://acme-admin.okta.com/app/{app['name']}/{app['id']}/setup/help/SAML_2_0/instructions"
    )
    assert links["deactivate"] == {"href": f"{here}/lifecycle/deactivate"}
    assert links["policies"] == {"href": f"{here}/policies", "hints": {"allow": ["PUT"]}}
    assert links["appLinks"][0]["name"] == link
    assert list(_instants(app)) == ["2026-01-15T09:00:00.000Z"] * 2


def test_the_aws_app(federation: Federation) -> None:
    """Its link is called login, and its sign-on settings are overrides."""
    app = _app(federation)
    assert app["visibility"]["appLinks"] == {"login": True}
    assert app["_links"]["appLinks"][0]["name"] == "login"
    assert set(app["settings"]["signOn"]) == {
        *("defaultRelayState", "ssoAcsUrlOverride", "audienceOverride", "recipientOverride"),
    }


def test_a_classic_org_has_no_policies_of_identity_engine(world: World, keys: KeyFolder) -> None:
    """As in the recordings of such an org; an inactive app can be activated."""
    federation = Federation(change_world(world, {"/okta/acme/pipeline": "v1"}), keys=keys)
    app = _app(federation)
    assert {"policies", "accessPolicy", "profileEnrollment"} & set(app["_links"]) == set()
    federation.browser().session().post(f"{API}/apps/{app['id']}/lifecycle/deactivate", headers=HEADERS)
    links = _app(federation)["_links"]
    assert (links["activate"]["href"], "deactivate" in links) == (f"{API}/apps/{app['id']}/lifecycle/activate", False)


USER_LINKS = {
    "ACTIVE": {
        *("suspend", "resetPassword", "resetFactors", "forgotPassword", "expirePassword", "changeRecoveryQuestion"),
        *("changePassword", "deactivate"),
    },
    "STAGED": {"activate", "deactivate"},
    "SUSPENDED": {"unsuspend", "resetFactors", "deactivate"},
    "LOCKED_OUT": {"unlock", "resetPassword", "resetFactors", "deactivate"},
    "DEPROVISIONED": {"activate", "delete"},
}


@pytest.mark.parametrize(("status", "operations"), USER_LINKS.items())
def test_a_user(world: World, keys: KeyFolder, status: str, operations: set[str]) -> None:
    """What can be done next follows from the status; schema, type and self are always there."""
    federation = Federation(change_world(world, {f"/okta/acme/users/{USER}/status": status}), keys=keys)
    user = _get(federation, f"/users/{USER}")
    assert list(user) == [
        *("id", "status", "created", "activated", "statusChanged", "lastLogin", "lastUpdated", "passwordChanged"),
        *("realmId", "type", "profile", "credentials", "_links"),
    ]
    assert set(user["_links"]) == {*operations, "schema", "type", "self"}
    here = f"{API}/users/{user['id']}"
    assert user["_links"]["type"]["href"] == f"{API}/meta/types/user/{user['type']['id']}"
    if "suspend" in operations:
        assert user["_links"]["suspend"] == {"href": f"{here}/lifecycle/suspend", "method": "POST"}
        assert user["_links"]["changePassword"] == {"href": f"{here}/credentials/change_password", "method": "POST"}
    assert re.fullmatch(r"guo\w{17}", user["realmId"])


def test_a_user_without_password(federation: Federation) -> None:
    """The links of a recording of 2023."""
    profile = {"login": "a@example.com", "email": "a@example.com", "firstName": "A", "lastName": "B"}
    user = _get(federation, "/users", "POST", {"profile": profile})
    assert (user["status"], user["passwordChanged"]) == ("PROVISIONED", None)
    assert set(user["_links"]) == {
        *("suspend", "schema", "resetPassword", "reactivate", "self", "resetFactors", "type", "deactivate"),
    }
    assert set(_instants(user)) == {"2026-01-15T09:00:00.000Z"}


def test_users_in_a_list_have_a_link_to_themselves(federation: Federation) -> None:
    """It is the only link that they have."""
    for user in _get(federation, "/users"):
        assert user["_links"] == {"self": {"href": f"{API}/users/{user['id']}"}}


def test_groups(federation: Federation) -> None:
    """Two pictures, members and apps; a group of a directory names its source."""
    groups = {group["profile"]["name"]: group for group in _get(federation, "/groups")}
    agents = groups["Agents"]
    assert list(agents) == [
        *("id", "created", "lastUpdated", "lastMembershipUpdated", "objectClass", "type", "profile", "_links"),
    ]
    assert set(agents["_links"]) == {"logo", "users", "apps"}
    assert [picture["name"] for picture in agents["_links"]["logo"]] == ["medium", "large"]
    assert set(groups["Sales"]["_links"]) == {"logo", "users", "apps", "source"}
    assert set(_instants(list(groups.values()))) == {"2026-01-15T09:00:00.000Z"}


def test_assignments(federation: Federation) -> None:
    """Of a group with its priority, and of a user with their name in the app."""
    app_id = _app(federation)["id"]
    (group,) = _get(federation, "/groups?q=Agents")
    held = _get(federation, f"/apps/{app_id}/groups/{group['id']}")
    assert list(held) == ["id", "lastUpdated", "priority", "profile", "_links"]
    assert held["priority"] == 1
    here = f"{API}/apps/{app_id}"
    assert held["_links"] == {
        "app": {"href": here},
        "self": {"href": f"{here}/groups/{group['id']}"},
        "group": {"href": f"{API}/groups/{group['id']}"},
    }
    user = _get(federation, f"/users/{USER}")
    assigned = _get(federation, f"/apps/{app_id}/users", "POST", {"id": user["id"]})
    assert assigned["credentials"] == {"userName": USER}
    assert assigned["_links"] == {"app": {"href": here}, "user": {"href": f"{API}/users/{user['id']}"}}


def test_keys(federation: Federation) -> None:
    """Modulus, exponent and thumbprint beside the certificate."""
    (key,) = _get(federation, f"/apps/{_app(federation)['id']}/credentials/keys")
    assert list(key) == [
        *("kty", "created", "lastUpdated", "expiresAt", "kid", "use", "x5c", "x5t#S256", "e", "n"),
    ]
    assert (key["kty"], key["use"], key["e"], len(key["x5t#S256"]), len(key["n"])) == ("RSA", "sig", "AQAB", 43, 342)


def test_the_organization(federation: Federation) -> None:
    """The id in an app's orn is the org's."""
    answer = federation.browser().session().get("https://acme.okta.com/.well-known/okta-organization").json()
    assert answer["id"] in _app(federation)["orn"]
    assert (answer["pipeline"], answer["_links"]) == ("idx", {"organization": {"href": "https://acme.okta.com"}})
    assert federation.identity_providers["acme"].org.apps[APP].is_aws


def test_too_many_calls(world: World, clock: Clock, keys: KeyFolder) -> None:
    """429 with the headers that say when to go on, one event, and another minute."""
    changed = change_world(world, {"/okta/acme/rate_limit": 3})
    federation = Federation(changed, clock=clock, ids=Ids(seed=7), keys=keys)
    session = federation.browser().session()

    def ask(path: str) -> tuple[Any, ...]:
        answer = session.get(f"{API}{path}", headers=HEADERS)
        limits = [answer.headers.get(f"X-Rate-Limit-{name}") for name in ("Limit", "Remaining", "Reset")]
        return (answer.status_code, *limits)

    end = str(int(clock.now().timestamp()) + 60)
    assert [ask("/users") for _ in range(4)] == [
        (200, "3", "2", end),
        (200, "3", "1", end),
        (200, "3", "0", end),
        (429, "3", "0", end),
    ]
    assert session.get(f"{API}/users/me", headers=HEADERS).json() == {
        "errorCode": "E0000047",
        "errorSummary": "API call exceeded rate limit due to too many requests.",
        "errorLink": "E0000047",
        "errorId": session.get(f"{API}/users/me", headers=HEADERS).json()["errorId"],
        "errorCauses": [],
    }
    assert ask("/groups")[0] == 200
    clock.advance(timedelta(minutes=1))
    assert ask("/users")[0] == 200
    events = [each["eventType"] for each in federation.identity_providers["acme"].system_log.events]
    assert events.count("system.org.rate_limit.violation") == 1


def test_without_a_limit_nothing_is_counted(federation: Federation) -> None:
    """No headers, and any number of calls."""
    session = federation.browser().session()
    answers = [session.get(f"{API}/users/me", headers=HEADERS) for _ in range(30)]
    assert {answer.status_code for answer in answers} == {200}
    assert "X-Rate-Limit-Limit" not in answers[0].headers
