"""What is proposed for a message's addresses, attributes, duration, signatures and encryption."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.fixes.candidate import REMOVED
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.emulator.fixes.okta.proposals import ATTRIBUTES, CUSTOM, OKTA_APP, ROLE_VALUE, first, proposed
from tests.emulator.fixes.trials import edits

SIGN_IN = "https://signin.aws.amazon.com/saml"
SAML = f"{OKTA_APP}/saml"


@pytest.mark.parametrize(
    "written",
    ["http://signin.aws.amazon.com/saml", "https://signin.aws.amazon.com/SAML", "https://sigin.aws.amazon.com/saml"],
)
def test_where_the_response_is_posted(written: str, world: World, keys: KeyFolder) -> None:
    """The sign-in URL is proposed in its place."""
    assert first(world, keys, {f"{OKTA_APP}/acs_url": written}) == {f"{OKTA_APP}/acs_url": SIGN_IN}


def test_the_region_of_a_sign_in_url_is_kept(world: World, keys: KeyFolder) -> None:
    """What is too much in the path is taken away, and the host is left as it was chosen."""
    regional = "https://ap-northeast-1.signin.aws.amazon.com/saml"
    assert first(world, keys, {f"{OKTA_APP}/acs_url": f"{regional}/acs"}) == {f"{OKTA_APP}/acs_url": regional}


@pytest.mark.parametrize("name", ["recipient", "destination"])
def test_recipient_and_destination(name: str, world: World, keys: KeyFolder) -> None:
    """The sign-in URL, too; without one they are the ACS URL."""
    found = [edits(each) for each in proposed(world, keys, {**CUSTOM, f"{SAML}/{name}": f"{SIGN_IN}/"})]
    assert found[0] == {f"{SAML}/{name}": SIGN_IN}
    assert {f"{SAML}/{name}": REMOVED} in found


@pytest.mark.parametrize("written", ["urn:amazon:webservices ", "urn:amazon:WebServices", ""])
def test_the_audience(written: str, world: World, keys: KeyFolder) -> None:
    """AWS's own value is proposed in its place."""
    found = first(world, keys, {f"{OKTA_APP}/audience": written})
    assert found == {f"{OKTA_APP}/audience": "urn:amazon:webservices"}


@pytest.mark.parametrize(("written", "right"), [(43_201, 43_200), (15, 900), (2, 7200), (0, 900)])
def test_the_session_duration(written: int, right: int, world: World, keys: KeyFolder) -> None:
    """The nearest that AWS takes; small numbers were minutes or hours."""
    assert first(world, keys, {f"{OKTA_APP}/session_duration": written}) == {f"{OKTA_APP}/session_duration": right}


@pytest.mark.parametrize(
    ("index", "name"),
    [
        (0, f"{ATTRIBUTES}Roles"),
        (0, "https://aws.amazon.com/SAML/Attribute/Role"),
        (0, "Role"),
        (0, ""),
        (0, f"{ATTRIBUTES}RoleSessionName"),
        (1, f"{ATTRIBUTES}RoleSesionName"),
        (1, "session"),
    ],
)
def test_an_attribute_under_another_name(index: int, name: str, world: World, keys: KeyFolder) -> None:
    """Gets the name that its value is for."""
    right = f"{ATTRIBUTES}{('Role', 'RoleSessionName')[index]}"
    found = first(world, keys, {**CUSTOM, f"{SAML}/attributes/{index}/name": name})
    assert found == {f"{SAML}/attributes/{index}/name": right}


def test_an_attribute_that_is_not_sent(world: World, keys: KeyFolder) -> None:
    """Is added with the role that trusts the app's provider."""
    attributes: list[Any] = CUSTOM[SAML]["attributes"]
    candidate = proposed(world, keys, {**CUSTOM, f"{SAML}/attributes": attributes[1:]}, role="ConnectAgent")[0]
    (added,) = edits(candidate).values()
    assert added["name"] == f"{ATTRIBUTES}Role"
    assert set(added["values"][0].strip('"').split(",")) == set(ROLE_VALUE.strip('"').split(","))
    assert candidate.title == "Add the attribute Role"


@pytest.mark.parametrize(
    ("written", "right"),
    [
        (ROLE_VALUE.replace("Agent", "Agnet"), ROLE_VALUE),
        (ROLE_VALUE.replace("123456789012", "123456789021"), ROLE_VALUE),
        (ROLE_VALUE.partition(",")[0] + '"', ROLE_VALUE),
        (ROLE_VALUE.replace("/okta", "/Okta"), ROLE_VALUE),
    ],
)
def test_a_role_s_value(written: str, right: str, world: World, keys: KeyFolder) -> None:
    """The role and the provider that are nearest."""
    assert {f"{SAML}/attributes/0/values/0": right} in [
        edits(each) for each in proposed(world, keys, {**CUSTOM, f"{SAML}/attributes/0/values/0": written})
    ][:2]


def test_names_of_groups_are_no_roles(world: World, keys: KeyFolder) -> None:
    """A statement that sends groups as roles gets a value."""
    statement = {"name": f"{ATTRIBUTES}Role", "groups": {"starts_with": "arn:"}}
    found = first(world, keys, {**CUSTOM, f"{SAML}/attributes/0": statement}, role="ConnectAgent")
    (changed,) = found.values()
    assert list(found) == [f"{SAML}/attributes/0"]
    assert changed["name"] == f"{ATTRIBUTES}Role"
    assert "groups" not in changed


def test_signatures(world: World, keys: KeyFolder) -> None:
    """What is not signed is signed, and not with SHA-1."""
    assert first(world, keys, {**CUSTOM, f"{SAML}/signed": []}) == {f"{SAML}/signed": ["Response", "Assertion"]}
    found = first(world, keys, {**CUSTOM, f"{SAML}/signature_algorithm": "RSA_SHA1"})
    assert found == {f"{SAML}/signature_algorithm": "RSA_SHA256"}


def test_the_kind_of_an_app(world: World, keys: KeyFolder) -> None:
    """An app with a provider and without attributes is AWS's own."""
    changes = {f"{OKTA_APP}/catalog": "custom_saml", f"{OKTA_APP}/acs_url": SIGN_IN}
    found = [edits(each) for each in proposed(world, keys, changes)]
    assert {f"{OKTA_APP}/catalog": "amazon_aws"} in found
