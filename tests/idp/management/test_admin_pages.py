"""The administrator's page: settings, the API integration against AWS's side, and the preview of an assertion."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.browser import Browser, Page
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, ROLE_ARN, TWO_ROLES_USER, USER

ADMINISTRATOR = "mika@example.com"


def _page(federation: Federation) -> str:
    app = federation.identity_providers["acme"].org.apps[APP]
    return f"https://acme.okta.com/admin/app/amazon_aws/instance/{app.app_id}/"


def _sign_in(federation: Federation, login: str = ADMINISTRATOR) -> Browser:
    browser = federation.browser()
    page = browser.open("https://acme.okta.com/app/UserHome")
    password = federation.identity_providers["acme"].org.users[login].password
    browser.submit(page.forms[0], {"username": login, "password": password})
    return browser


def _press(federation: Federation, button: str) -> Page:
    browser = _sign_in(federation)
    page = browser.open(_page(federation))
    (form,) = [each for each in page.forms if each.action.endswith(f"/{button}")]
    return browser.submit(form)


def test_the_access_key_is_tried(federation: Federation) -> None:
    """Two signed calls to IAM, noted in the trace, and Okta's sentence."""
    page = _press(federation, "test")
    assert "Amazon Connect SAML was verified successfully" in page.visible_text
    calls = [e for e in federation.gateway.exchanges if e.url == "https://iam.amazonaws.com/"]
    assert [dict(call.form)["Action"] for call in calls] == ["ListRoles", "ListAccountAliases"]
    assert "(redacted)" in dict(calls[0].request_headers)["Authorization"]


def _changed(world: World, clock: Clock, keys: KeyFolder, changes: dict[str, Any]) -> Federation:
    return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)


AT = f"/okta/acme/apps/{APP}/provisioning"
FAILURES: list[tuple[str, dict[str, Any], str]] = [
    (
        "wrong secret",
        {f"{AT}/secret_key": "x" * 40},
        "The request signature we calculated does not match the signature you provided.",
    ),
    (
        "unknown key",
        {f"{AT}/access_key": "AKIAAAAAAAAAAAAAAAAA"},
        "The security token included in the request is invalid.",
    ),
    (
        "no policy",
        {f"/aws/{ACCOUNT}/users/okta-integration/policies": []},
        "User: arn:aws:iam::123456789012:user/okta-integration is not authorized to perform: "
        "iam:ListRoles on resource: arn:aws:iam::123456789012:role/ because no identity-based policy allows the "
        "iam:ListRoles action",
    ),
]


@pytest.mark.parametrize(("changes", "words"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_what_aws_refuses_is_told(
    world: World, clock: Clock, keys: KeyFolder, changes: dict[str, Any], words: str
) -> None:
    """Okta's sentence, and AWS's own words below it."""
    text = _press(_changed(world, clock, keys, changes), "test").visible_text
    assert "Cannot connect. Please ensure all details are set correctly." in text
    assert f"AWS: {words}" in text


def test_a_refresh_that_aws_refuses(world: World, clock: Clock, keys: KeyFolder) -> None:
    """AWS's words are in the sentence."""
    changed = _changed(world, clock, keys, {f"{AT}/access_key": "AKIAAAAAAAAAAAAAAAAA"})
    words = "Error authenticating: The security token included in the request is invalid."
    text = _press(changed, "refresh").visible_text
    assert words in text
    assert "AWS: " not in text


def test_the_roles_that_are_found_feed_the_assignments(federation: Federation) -> None:
    """After a refresh an assignment names one of them, or is refused."""
    page = _press(federation, "refresh")
    assert "2 roles were found" in page.visible_text
    provider = federation.identity_providers["acme"]
    provisioning = provider.org.apps[APP].provisioning
    assert provisioning is not None
    assert provisioning.roles == ("ConnectAgent", "ConnectSupervisor")
    session = federation.browser().session()
    header = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
    url = f"https://acme.okta.com/api/v1/apps/{provider.org.apps[APP].app_id}/users"
    user = provider.org.users[ADMINISTRATOR]
    answer = session.post(url, json={"id": user.user_id, "profile": {"role": "Nobody"}}, headers=header)
    assert answer.status_code == 400
    assert answer.json()["errorCauses"] == [{"errorSummary": "role: Nobody is not one of the roles that were found"}]
    session.post(url, json={"id": user.user_id, "profile": {"role": "ConnectAgent"}}, headers=header)
    assert provider.role_values(provider.org.apps[APP], ADMINISTRATOR)[0].endswith(f",{ROLE_ARN}")


def test_roles_of_connected_accounts(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Okta assumes its role there; names carry the account's alias, and lead to that account's role and provider."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    reads = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["iam:ListRoles", "iam:ListAccountAliases"], "Resource": "*"}],
    }
    goes = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Resource": "arn:aws:iam::*:role/Okta-Idp-cross-account-role",
            }
        ],
    }
    federation = _changed(
        world,
        clock,
        keys,
        {
            f"{AT}/connected_accounts": ["222222222222"],
            f"/aws/{ACCOUNT}/policies/okta-goes-on": goes,
            f"/aws/{ACCOUNT}/users/okta-integration/policies": ["okta-read-roles", "okta-goes-on"],
            "/aws/222222222222": {
                "alias": "branch",
                "policies": {"reads": reads},
                "roles": {"Okta-Idp-cross-account-role": {"trust": trust, "policies": ["reads"]}},
            },
        },
    )
    page = _press(federation, "refresh")
    assert "3 roles were found" in page.visible_text
    provider = federation.identity_providers["acme"]
    provisioning = provider.org.apps[APP].provisioning
    assert provisioning is not None
    assert provisioning.roles == (
        "[acme] -- ConnectAgent",
        "[acme] -- ConnectSupervisor",
        "[branch] -- Okta-Idp-cross-account-role",
    )
    app_id = provider.org.apps[APP].app_id
    federation.browser().session().post(
        f"https://acme.okta.com/api/v1/apps/{app_id}/users",
        json={
            "id": provider.org.users[ADMINISTRATOR].user_id,
            "profile": {"samlRoles": ["[branch] -- Okta-Idp-cross-account-role", "[acme] -- ConnectAgent"]},
        },
        headers={"Authorization": "SSWS 00-example-token-of-the-built-in-world"},
    )
    assert provider.role_values(provider.org.apps[APP], ADMINISTRATOR) == (
        "arn:aws:iam::222222222222:saml-provider/okta,arn:aws:iam::222222222222:role/Okta-Idp-cross-account-role",
        f"arn:aws:iam::{ACCOUNT}:saml-provider/okta,{ROLE_ARN}",
    )


def test_a_preview_shows_what_aws_will_get(federation: Federation) -> None:
    """Roles, session name and duration of a person, without a signature; nobody else's problem is hidden."""
    browser = _sign_in(federation)
    page = browser.open(f"{_page(federation)}?preview={TWO_ROLES_USER}")
    assert "saml-provider/okta,arn:aws:iam::123456789012:role/ConnectSupervisor" in page.visible_text
    assert "Signature" not in page.visible_text
    assert "you are not assigned this app" in browser.open(f"{_page(federation)}?preview={ADMINISTRATOR}").visible_text
    assert "This org has no user <b>." in browser.open(f"{_page(federation)}?preview=<b>").visible_text


def test_who_may_see_it(federation: Federation) -> None:
    """Everybody who is signed in, and the page says that Okta's is for administrators; no other site's form."""
    assert "Sign In" in federation.browser().open(_page(federation)).visible_text
    page = _sign_in(federation, USER).open(_page(federation))
    assert page.status == 200
    told = "Says fedemu: Okta shows this page to administrators; here everybody who is signed in may see it."
    assert told in page.visible_text
    browser = _sign_in(federation)
    answer = browser.session().post(_page(federation) + "test", headers={"Origin": "https://evil.example.com"})
    assert answer.status_code == 403
    assert not [e for e in federation.gateway.exchanges if e.url == "https://iam.amazonaws.com/"]
    assert browser.open(_page(federation).replace("amazon_aws", "other")).status == 404


def test_the_secret_is_told_nowhere(federation: Federation) -> None:
    """Neither page, nor API, nor trace, nor repr has it."""
    page = _press(federation, "refresh")
    provider = federation.identity_providers["acme"]
    told = page.text + repr(provider.org) + json.dumps([e.as_json() for e in federation.gateway.exchanges])
    assert "je7MtGbClwBF" not in told


def test_a_custom_app_has_a_page_too(world: World, clock: Clock, keys: KeyFolder) -> None:
    """Its service provider and statements instead of AWS's settings; the preview shows its attributes."""
    wiki = {
        "catalog": "custom_saml",
        "label": "Wiki",
        "acs_url": "https://wiki.example.com/acs",
        "audience": "https://wiki.example.com",
        "assignments": [{"user": USER}],
        "saml": {"attributes": [{"name": "team", "values": ["user.firstName"]}]},
    }
    federation = _changed(world, clock, keys, {"/okta/acme/apps/wiki": wiki})
    app = federation.identity_providers["acme"].org.apps["wiki"]
    url = f"https://acme.okta.com/admin/app/{app.catalog}/instance/{app.app_id}/"
    page = _sign_in(federation).open(f"{url}?preview={USER}")
    assert "https://wiki.example.com/acs" in page.visible_text
    assert "AWS Environment" not in page.visible_text
    assert 'Name="team"' in page.visible_text
