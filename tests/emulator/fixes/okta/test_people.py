"""What is proposed for people, their groups and fields, and who has an app."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.fixes.candidate import REMOVED
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import ACCOUNT
from tests.emulator.fixes.okta.proposals import CUSTOM, HANAKO, MAPPED, OKTA_APP, ORG, first, proposed
from tests.emulator.fixes.trials import edits

ASSIGNMENT = f"{OKTA_APP}/assignments/0"


@pytest.mark.parametrize(
    ("status", "title", "warning"),
    [
        ("STAGED", "Activate hanako@example.com", ""),
        ("LOCKED_OUT", "Unlock hanako@example.com", ""),
        ("PASSWORD_EXPIRED", "Reset the password of hanako@example.com", ""),
        (
            "SUSPENDED",
            "Unsuspend hanako@example.com",
            "An administrator has suspended hanako@example.com: only where that was a mistake.",
        ),
        (
            "DEPROVISIONED",
            "Activate hanako@example.com",
            "An administrator has deactivated hanako@example.com: only where that was a mistake.",
        ),
    ],
)
def test_a_person_who_may_not_sign_in(status: str, title: str, warning: str, world: World, keys: KeyFolder) -> None:
    """Becomes active; what an administrator did on purpose is undone with a warning."""
    (candidate,) = proposed(world, keys, {f"{HANAKO}/status": status})
    assert edits(candidate) == {f"{HANAKO}/status": "ACTIVE"}
    assert (candidate.title, candidate.warning) == (title, warning)
    assert candidate.console == "Okta Admin Console > Directory > People > Status"


def test_no_second_factor_comes_with_a_warning(world: World, keys: KeyFolder) -> None:
    """Nothing else lets somebody in who gives none, and it says what is lost."""
    (candidate,) = proposed(world, keys, {f"{ORG}/mfa": "required"})
    assert edits(candidate) == {f"{ORG}/mfa": "off"}
    assert candidate.warning == "Nobody is asked for a second factor at sign-in any more."


def test_somebody_without_the_app(world: World, keys: KeyFolder) -> None:
    """Joins the group that has it, or gets it alone with the role that others have."""
    found = proposed(world, keys, {f"{HANAKO}/groups": []})
    assert edits(found[0]) == {f"{HANAKO}/groups/-": "Agents"}
    assert found[0].title == "Put hanako@example.com into the group Agents"
    assert found[0].console == "Okta Admin Console > Directory > People > hanako@example.com > Groups"
    alone = {"user": "hanako@example.com", "saml_user_roles": ["ConnectAgent"]}
    assert {f"{OKTA_APP}/assignments/-": alone} in [edits(each) for each in found]


def test_an_app_that_nobody_has(world: World, keys: KeyFolder) -> None:
    """Is assigned to the person alone: nobody else asked for it."""
    alone = {"user": "hanako@example.com", "saml_user_roles": ["ConnectAgent"]}
    assert first(world, keys, {f"{OKTA_APP}/assignments": []}) == {f"{OKTA_APP}/assignments/-": alone}


@pytest.mark.parametrize("written", ["ConnectAgnet", "connectagent", " ConnectAgent", "Connect-Agent"])
def test_a_role_that_is_misspelt(written: str, world: World, keys: KeyFolder) -> None:
    """Gets the name that the account has."""
    found = first(world, keys, {f"{ASSIGNMENT}/saml_user_roles": [written]})
    assert found == {f"{ASSIGNMENT}/saml_user_roles/0": "ConnectAgent"}


def test_an_assignment_without_roles(world: World, keys: KeyFolder) -> None:
    """Gets the role whose name is most like the group's."""
    changes: dict[str, Any] = {f"{ASSIGNMENT}/saml_user_roles": [], f"{ASSIGNMENT}/role": None}
    assert first(world, keys, changes) == {f"{ASSIGNMENT}/saml_user_roles": ["ConnectAgent"]}


def test_roles_that_are_not_joined(world: World, keys: KeyFolder) -> None:
    """Join all roles is turned on, for a person who asked for the other role."""
    changes = {f"{OKTA_APP}/join_all_roles": False}
    candidate = proposed(world, keys, changes, user="taro@example.com", role="ConnectSupervisor")[0]
    assert edits(candidate) == {f"{OKTA_APP}/join_all_roles": True}
    assert candidate.title == "Turn on Join all roles"


def test_a_name_that_is_written_in_another_form(world: World, keys: KeyFolder) -> None:
    """The format that gives the name of the Amazon Connect user."""
    found = first(world, keys, {f"{OKTA_APP}/username_format": "email_prefix"})
    assert found == {f"{OKTA_APP}/username_format": "okta_username"}


def test_a_field_as_others_have_it(world: World, keys: KeyFolder) -> None:
    """A field that everybody else has as their login is the person's login, too."""
    changes = {
        **CUSTOM,
        f"{OKTA_APP}/saml/attributes/1/values": ["user.upn"],
        f"{ORG}/users/taro@example.com/profile": {"upn": "taro@example.com"},
        f"{ORG}/users/mika@example.com/profile": {"upn": "mika@example.com"},
    }
    assert first(world, keys, changes) == {f"{HANAKO}/profile/upn": "hanako@example.com"}


def test_a_field_under_a_misspelt_name(world: World, keys: KeyFolder) -> None:
    """Is renamed with its value."""
    changes = {
        **CUSTOM,
        f"{OKTA_APP}/saml/attributes/1/values": ["user.userPrincipal"],
        f"{HANAKO}/profile": {"userprincipal": "hanako@example.com"},
        f"{ORG}/users/taro@example.com/profile": {"userPrincipal": "taro"},
        f"{ORG}/users/mika@example.com/profile": {"userPrincipal": "mika"},
    }
    renamed = {f"{HANAKO}/profile/userPrincipal": "hanako@example.com", f"{HANAKO}/profile/userprincipal": REMOVED}
    assert renamed in [edits(each) for each in proposed(world, keys, changes)]


def test_a_login_in_another_case(world: World, keys: KeyFolder) -> None:
    """The person whom the org has so gets the login that is typed."""
    changes = {HANAKO: None, f"{ORG}/users/Hanako@example.com": {"groups": ["Agents"]}}
    (candidate,) = proposed(world, keys, changes)
    assert edits(candidate) == {HANAKO: {"groups": ["Agents"]}, f"{ORG}/users/Hanako@example.com": REMOVED}
    assert candidate.title == "Rename Hanako@example.com to hanako@example.com"


@pytest.mark.parametrize(
    ("misspelt", "right"),
    [
        (f"aws#prod#ConnectAgents#{ACCOUNT}", f"aws#prod#ConnectAgent#{ACCOUNT}"),
        ("aws#prod#ConnectAgent#12345678901", f"aws#prod#ConnectAgent#{ACCOUNT}"),
    ],
)
def test_a_group_with_a_misspelt_role_or_account_is_renamed(
    misspelt: str, right: str, world: World, keys: KeyFolder
) -> None:
    """Nobody is moved into another account's group for it, or into one beside it."""
    other = "aws#test#ConnectAgent#999999999999"
    groups: dict[str, dict[str, object]] = {misspelt: {}, other: {}, "Agents": {}, "Supervisors": {}}
    changes = {**MAPPED, f"{ORG}/groups": groups, f"{HANAKO}/groups": [misspelt, "Agents"]}
    found = proposed(world, keys, changes)
    assert [edits(each) for each in found if f"{ORG}/groups/{right}" in edits(each)] == [
        {f"{ORG}/groups/{right}": {}, f"{ORG}/groups/{misspelt}": REMOVED, f"{HANAKO}/groups/0": right}
    ]
    assert f"Rename the group {misspelt} to {right}" in [each.title for each in found]
    assert not [each.title for each in found if other in each.title]
