"""The role chooser's generations, read as saml2aws and gimme-aws-creds read them."""

from __future__ import annotations

import base64
import json
from typing import Any

import lxml.html
import pytest

from emulator.browser import Page
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import APP, ROLE_ARN, TWO_ROLES_USER

SUPERVISOR_ARN = "arn:aws:iam::123456789012:role/ConnectSupervisor"
SIGN_IN_URL = "https://signin.aws.amazon.com/saml"
RELAY_STATE = "https://console.aws.amazon.com/ec2/home?q=<é>"


def _tree(text: str) -> Any:
    return lxml.html.fromstring(text)


def _page(world: World, keys: KeyFolder, generation: object) -> tuple[Page, str]:
    federation = Federation(change_world(world, {"/sign_in/role_chooser": generation}), keys=keys)
    saml_response = federation.identity_providers["acme"].mint(TWO_ROLES_USER, APP).saml_response
    fields = {"SAMLResponse": saml_response, "RelayState": RELAY_STATE}
    return federation.browser().post(SIGN_IN_URL, fields), saml_response


def _data(page: Any) -> dict[str, Any]:
    (content,) = page.xpath("//head/meta[@name='data']/@content")
    data: dict[str, Any] = json.loads(base64.b64decode(content))
    return data


@pytest.mark.parametrize("generation", ["combined", "legacy"])
def test_saml2aws_reads_the_legacy_markup(world: World, keys: KeyFolder, generation: str) -> None:
    """Each account is a child of the fieldset, with its name and a label for each role's ARN."""
    page = _tree(_page(world, keys, generation)[0].text)
    (account,) = page.xpath("//fieldset/div[@class='saml-account']")
    (name,) = account.xpath(".//div[@class='saml-account-name']")
    assert name.text_content() == "Account: acme (123456789012)"
    labels = [(label.get("for"), label.text_content()) for label in account.xpath(".//label")]
    assert labels == [(ROLE_ARN, "ConnectAgent"), (SUPERVISOR_ARN, "ConnectSupervisor")]


@pytest.mark.parametrize("generation", ["combined", "legacy"])
def test_gimme_aws_creds_reads_the_legacy_markup(world: World, keys: KeyFolder, generation: str) -> None:
    """From a role's label, two levels up, the first div in the first div is the account's name."""
    page = _tree(_page(world, keys, generation)[0].text)
    roles = page.xpath("//div[@class='saml-role']")
    assert [role.find("label").get("for") for role in roles] == [ROLE_ARN, SUPERVISOR_ARN]
    outer = roles[0].getparent().getparent()
    assert outer.find("div").find("div").text_content() == "Account: acme (123456789012)"


@pytest.mark.parametrize("generation", ["combined", "legacy"])
def test_the_legacy_form_posts_the_assertion_again_with_the_role(
    world: World, keys: KeyFolder, generation: str
) -> None:
    """The form carries everything; the radio buttons' values are the roles' ARNs."""
    answer, saml_response = _page(world, keys, generation)
    page = _tree(answer.text)
    (form,) = page.xpath("//form[@id='saml_form'][@name='saml_form'][@action='/saml'][@method='post']")
    hidden = {field.get("name"): field.get("value") for field in form.xpath(".//input[@type='hidden']")}
    assert (hidden["SAMLResponse"], hidden["RelayState"], hidden["name"]) == (saml_response, RELAY_STATE, "")
    assert form.xpath(".//input[@type='radio'][@name='roleIndex'][@class='saml-radio']/@id") == [
        ROLE_ARN,
        SUPERVISOR_ARN,
    ]
    assert page.xpath("//a[@id='signin_button'][@class]")
    assert page.xpath("//div[@id='main_error']")
    assert page.findtext(".//title") == "Amazon Web Services Sign-In"
    assert page.findtext(".//h1") == "Amazon Web Services Login"


def test_the_legacy_page_has_no_data_and_its_picture_is_there(world: World, keys: KeyFolder) -> None:
    """Before 2023 there was no data meta; the arrow is a PNG."""
    federation = Federation(change_world(world, {"/sign_in/role_chooser": "legacy"}), keys=keys)
    saml_response = federation.identity_providers["acme"].mint(TWO_ROLES_USER, APP).saml_response
    browser = federation.browser()
    page = _tree(browser.post(SIGN_IN_URL, {"SAMLResponse": saml_response}).text)
    assert not page.xpath("//meta[@name='data']")
    assert page.xpath("//img[@id='image0']/@src") == ["/static/image/down.png"]
    picture = browser.open("https://signin.aws.amazon.com/static/image/down.png")
    assert (picture.status, picture.headers["Content-Type"]) == (200, "image/png")


@pytest.mark.parametrize("generation", ["combined", "2023"])
def test_gimme_aws_creds_reads_the_data_meta(world: World, keys: KeyFolder, generation: str) -> None:
    """The roles are listed by account, beside everything that is posted again."""
    answer, saml_response = _page(world, keys, generation)
    data = _data(_tree(answer.text))
    assert data == {
        "invalid_accounts": {},
        "RelayState": RELAY_STATE,
        "name": None,
        "roles_accounts": {"acme (123456789012)": [ROLE_ARN, SUPERVISOR_ARN]},
        "foreign_accounts": {},
        "region": "IAD",
        "portal": None,
        "SAMLResponse": saml_response,
        "problems": "{}",
        "policy": None,
    }


def test_the_page_since_2023_has_its_own_markup_only(world: World, keys: KeyFolder) -> None:
    """Links with ids and test ids instead of a form; nothing of the fieldset is left."""
    page = _tree(_page(world, keys, 2023)[0].text)
    assert not page.xpath("//form | //fieldset | //label | //div[contains(@class, 'saml-account')]")
    assert page.xpath("//div[@id='root']/div[@id='__next']//div[@id='saml_form']")
    assert page.xpath("//h2//*[text()='AWS account access']")
    assert page.xpath("//*[@data-testid='roles-count']/text()") == ["(2)"]
    assert page.xpath("//input/@placeholder") == ["Find roles by account name, ID, or service"]
    assert {"csrf_token", "session_id", "anchor", "panorama"} <= set(page.xpath("//meta/@name"))
    (account,) = page.xpath("//ul[starts-with(@class, 'saml-form_custom_list__')]/li")
    (name,) = account.xpath(".//div[starts-with(@class, 'saml-form_account_name_div__')]")
    (number,) = account.xpath(".//div[starts-with(@class, 'saml-form_account_id_div__')]")
    assert (name.text_content(), number.text_content()) == ("acme ", "1234-5678-9012")
    links = account.xpath(".//a[starts-with(@class, 'saml-form_role_text__')][@role='button']")
    assert [link.text for link in links] == ["ConnectAgent", "ConnectSupervisor"]
    assert dict(links[0].attrib) == {
        "class": "saml-form_role_text__fedemu",
        "id": ROLE_ARN,
        "data-testid": "roleLink-arn:aws:iam::123456789012:role",
        "role": "button",
        "aria-label": "Account ID 1234-5678-9012 Role Name ConnectAgent",
        "tabindex": "0",
    }


@pytest.mark.parametrize("generation", ["combined", "legacy", "2023"])
def test_a_role_is_taken_on_every_page(world: World, keys: KeyFolder, generation: str) -> None:
    """Whatever the page, the browser in process picks the role and arrives where RelayState leads."""
    federation = Federation(change_world(world, {"/sign_in/role_chooser": generation}), keys=keys)
    login = log_in(federation, user=TWO_ROLES_USER, app=APP, role="ConnectSupervisor")
    assert (login.role, login.lands_on) == (SUPERVISOR_ARN, "https://acme.my.connect.aws/home")


def test_another_generation_is_a_mistake_in_the_world(world: World) -> None:
    """The problem names all three."""
    with pytest.raises(WorldError, match="'combined', 'legacy' or '2023'"):
        change_world(world, {"/sign_in/role_chooser": "nextjs"})
