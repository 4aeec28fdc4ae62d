"""Application user names: Okta's formats, expressions, and the management API's templates."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.expressions import ExpressionError
from idp.saml.usernames import application_username
from tests.conftest import APP, USER

FORMATS = {
    "okta_username": "hanako@example.com",
    "okta_username_prefix": "hanako",
    "email": "h.sato@example.org",
    "email_prefix": "h.sato",
    'String.substringBefore(user.email, "@") + "-" + user.department': "h.sato-support",
    "user.firstName": "Hanako",
    'String.toLowerCase(source.firstName) + "." + String.toLowerCase(source.lastName)': "hanako.sato",
    '${fn:substringBefore(source.email, "@")}': "h.sato",
    "${source.login}": "hanako@example.com",
    "${fn:toUpperCase(user.lastName)}": "SATO",
    'isMemberOfGroupName("Agents") ? "agent-" + user.lastName : user.login': "agent-Sato",
    'org.subDomain + "." + app.name': "acme.amazon_aws",
}


def _with_format(world: World, username_format: str) -> World:
    return change_world(
        world,
        {
            f"/okta/acme/apps/{APP}/username_format": username_format,
            f"/okta/acme/users/{USER}/email": "h.sato@example.org",
            f"/okta/acme/users/{USER}/profile": {"department": "support"},
        },
    )


@pytest.mark.parametrize(("username_format", "name"), FORMATS.items())
def test_the_name_in_an_assertion(world: World, keys: KeyFolder, username_format: str, name: str) -> None:
    """It is the NameID and AWS's RoleSessionName."""
    federation = Federation(_with_format(world, username_format), keys=keys)
    claims = federation.identity_providers["acme"].mint(USER, APP).claims
    assert (claims.name_id, claims.values("RoleSessionName")) == (name, (name,))


@pytest.mark.parametrize("username_format", ["user.costCenter", '""', "${source.nickName}"])
def test_a_name_that_comes_to_nothing(world: World, keys: KeyFolder, username_format: str) -> None:
    """Nothing is issued, and the page says why."""
    federation = Federation(_with_format(world, username_format), keys=keys)
    org = federation.identity_providers["acme"].org
    words = f"the application username format of {org.apps[APP].label} comes to no name for {USER}"
    with pytest.raises(ExpressionError, match=f"^{re.escape(words)}$") as caught:
        application_username(org, org.apps[APP], org.users[USER])
    assert caught.value.received == username_format
    login = log_in(federation, user=USER, app=APP)
    assert login.outcome.value == "refused"
    assert f"T{words[1:]}." in login.page.visible_text


@pytest.mark.parametrize(
    "username_format", ["String.substringBefore(user.email", "user", "custom format", "${fn:x(1)}"]
)
def test_a_format_that_cannot_be_read_is_a_problem_of_its_line(
    world: World, keys: KeyFolder, username_format: str
) -> None:
    """The world is refused with the setting and what is wrong in it."""
    with pytest.raises(WorldError, match="the expression cannot be read: "):
        Federation(_with_format(world, username_format), keys=keys)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("emal_prefix", "email_prefix"),
        ("Okta username prefix", "okta_username_prefix"),
        ("Email", "email"),
        ("user", ""),
    ],
)
def test_a_misspelt_format_names_the_formats(world: World, keys: KeyFolder, written: str, meant: str) -> None:
    """Also as Okta's console writes them."""
    with pytest.raises(WorldError) as caught:
        Federation(_with_format(world, written), keys=keys)
    assert caught.value.problems[0].did_you_mean == meant
    assert caught.value.problems[0].expected.startswith("okta_username, okta_username_prefix, email, email_prefix, or")


def test_the_management_api_takes_templates(federation: Federation) -> None:
    """A built-in one is a name, any other is CUSTOM; what cannot be read is refused."""
    session = federation.browser().session()
    url = "https://acme.okta.com/api/v1/apps"
    header = {"Authorization": "SSWS 00-example-token-of-the-built-in-world"}
    app = session.get(url, headers=header).json()[0]

    def put(template: str) -> tuple[int, dict[str, str]]:
        body = {**app, "credentials": {"userNameTemplate": {"template": template, "type": "CUSTOM"}}}
        answer = session.put(f"{url}/{app['id']}", json=body, headers=header)
        data = answer.json()
        if answer.status_code != 200:
            return answer.status_code, data["errorCauses"][0]
        return answer.status_code, data["credentials"]["userNameTemplate"]

    assert put("${source.email}") == (200, {"template": "${source.email}", "type": "BUILT_IN"})
    assert federation.identity_providers["acme"].org.apps[APP].username_format == "email"
    custom = 'String.substringBefore(user.login, "@")'
    assert put(custom) == (200, {"template": custom, "type": "CUSTOM"})
    assert federation.identity_providers["acme"].mint(USER, APP).claims.name_id == "hanako"
    status, cause = put("String.nothing(")
    assert status == 400
    assert cause["errorSummary"].startswith("template: the expression cannot be read: ")


def test_the_name_of_an_attribute_statement(world: World, clock: Clock, keys: KeyFolder) -> None:
    """``appuser.userName`` is the same name."""
    federation = Federation(_with_format(world, "email_prefix"), clock=clock, ids=Ids(seed=7), keys=keys)
    org = federation.identity_providers["acme"].org
    assert application_username(org, replace(org.apps[APP], username_format="email"), org.users[USER]) == (
        "h.sato@example.org"
    )
    assert application_username(org, org.apps[APP], org.users[USER]) == "h.sato"
