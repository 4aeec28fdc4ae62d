"""What is proposed for an Amazon Connect instance, its users and their profiles."""

from __future__ import annotations

from typing import Any

from emulator.fixes.candidate import REMOVED
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import INSTANCE_ID
from tests.emulator.fixes.aws.proposals import CCP, IAM, INSTANCE, OKTA_APP, POLICY, plain, proposed, warned
from tests.emulator.fixes.trials import edits

USERS = f"{INSTANCE}/users"
HANAKO = f"{USERS}/hanako@example.com"
SECOND = "A user cannot be renamed: this makes another, and what is recorded stays with the one that there is."
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"


def test_a_missing_user_is_added_with_the_profile_of_others(world: World, keys: KeyFolder) -> None:
    """With the names that the directory has, and a profile of agents."""
    (candidate,) = proposed(world, keys, {HANAKO: None})
    assert edits(candidate) == {HANAKO: {"first_name": "Hanako", "last_name": "Sato"}}
    assert candidate.title == "Add the user hanako@example.com to acme"
    assert candidate.console == "Amazon Connect admin website > Users > User management"
    desk: dict[str, Any] = {
        HANAKO: None,
        f"{INSTANCE}/security_profiles": {"DeskAgent": {}},
        f"{USERS}/mika@example.com": {"security_profiles": ["DeskAgent"]},
    }
    (candidate,) = proposed(world, keys, desk)
    assert edits(candidate)[HANAKO]["security_profiles"] == ["DeskAgent"]


def test_a_user_that_is_nobodys_is_made_anew(world: World, keys: KeyFolder) -> None:
    """A misspelt login that no person has is replaced; that comes before another user."""
    changes = {USERS: {"hanaco@example.com": {"first_name": "Hanako"}}}
    assert plain(proposed(world, keys, changes)) == [
        {f"{USERS}/hanaco@example.com": REMOVED, HANAKO: {"first_name": "Hanako"}},
        {HANAKO: {"first_name": "Hanako", "last_name": "Sato"}},
    ]


def test_a_wrong_name_makes_no_second_user_unwarned(world: World, keys: KeyFolder) -> None:
    """Where the identity provider sends another form of the name, a user of that name is a second agent."""
    candidates = proposed(world, keys, {f"{OKTA_APP}/username_format": "email_prefix"})
    assert plain(candidates) == []
    assert warned(candidates) == [({f"{USERS}/hanako": {"first_name": "Hanako", "last_name": "Sato"}}, SECOND)]


def test_a_profile_that_may_not_open_the_ccp(world: World, keys: KeyFolder) -> None:
    """The user's own profile comes first, then the one that agents have."""
    changes = {
        f"{INSTANCE}/security_profiles": {"Desk": {"access_ccp": False}},
        f"{HANAKO}/security_profiles": ["Desk"],
    }
    assert plain(
        proposed(world, keys, {**changes, f"{OKTA_APP}/default_relay_state": f"{FEDERATE}?destination=%2Fccp-v2"})
    ) == [
        {f"{INSTANCE}/security_profiles/Desk/access_ccp": True},
        {f"{HANAKO}/security_profiles/-": "Agent"},
    ]


def test_a_user_without_profiles(world: World, keys: KeyFolder) -> None:
    """Gets the one of an agent."""
    changes = {
        f"{HANAKO}/security_profiles": [],
        f"{OKTA_APP}/default_relay_state": f"{FEDERATE}?destination=%2Fccp-v2",
    }
    assert plain(proposed(world, keys, changes)) == [{f"{HANAKO}/security_profiles/-": "Agent"}]


def test_identity_management(world: World, keys: KeyFolder) -> None:
    """An instance with users of its own is to have SAML, which is decided when it is made."""
    found = proposed(world, keys, {f"{INSTANCE}/identity_management": "CONNECT_MANAGED"})
    assert [(edits(each), each.warning) for each in found] == [
        (
            {f"{INSTANCE}/identity_management": "SAML"},
            "An instance keeps what it is made with: this makes another.",
        )
    ]


def test_an_origin_is_added_and_may_replace_the_one_that_is_nearly_it(world: World, keys: KeyFolder) -> None:
    """Others keep theirs, unless that was a slip of the pen."""
    page, origins = "https://desk.example.com", f"{INSTANCE}/approved_origins"
    assert plain(proposed(world, keys, {origins: None}, frame_by=page)) == [{origins: [page]}]
    changes = {origins: ["https://desk.example.com:8443"]}
    (first, second) = proposed(world, keys, changes, frame_by=page)
    assert (edits(first), edits(second)) == ({f"{origins}/-": page}, {f"{origins}/0": page})
    assert first.console == "Amazon Connect console > Instances > acme > Approved origins"


def test_an_origin_that_waits(world: World, keys: KeyFolder) -> None:
    """The emulator's own delay can be switched off."""
    changes = {f"{INSTANCE}/origin_propagation_delay": 600}
    candidates = proposed(world, keys, changes, frame_by="https://connect.example.com")
    assert plain(candidates) == [{f"{INSTANCE}/origin_propagation_delay": 0}]


def test_cookies_that_stay_out_of_frames(world: World, keys: KeyFolder) -> None:
    """Amazon Connect sets them for frames."""
    changes = {f"{INSTANCE}/cookie_same_site": "Lax"}
    candidates = proposed(world, keys, changes, frame_by="https://connect.example.com")
    assert plain(candidates) == [{f"{INSTANCE}/cookie_same_site": "None"}]


def test_the_access_url_that_was_opened(world: World, keys: KeyFolder) -> None:
    """An instance whose alias is another gets the one of the address."""
    changes = {f"{INSTANCE}/alias": "acme-desk"}
    candidates = proposed(world, keys, changes, frame_by="https://connect.example.com")
    assert plain(candidates) == [{f"{INSTANCE}/alias": "acme"}]


def test_the_domain_that_was_expected(world: World, keys: KeyFolder) -> None:
    """A login that is to end at the old domain needs an instance that has it."""
    lands_on = "https://acme.awsapps.com/connect/home"
    assert plain(proposed(world, keys, {}, lands_on=lands_on)) == [{f"{INSTANCE}/domain": "awsapps.com"}]


def test_the_region_where_the_policies_have_the_instance(world: World, keys: KeyFolder) -> None:
    """The region of the instance is at fault only where relay state and policies agree about another."""
    assert plain(proposed(world, keys, {f"{INSTANCE}/region": "eu-west-1"})) == [
        {f"{INSTANCE}/region": "ap-northeast-1"}
    ]
    assert proposed(world, keys, {f"{INSTANCE}/region": "eu-west-1", f"{POLICY}/Resource": "*"}) == []


def test_an_instance_that_a_policy_names_and_nobody_has(world: World, keys: KeyFolder) -> None:
    """It is made as the policy and the wanted address have it, with the one who logs in as its user."""
    ((made, warning),) = warned(proposed(world, keys, {f"{IAM}/connect": {}}, lands_on=CCP))
    assert made == {
        f"{IAM}/connect/{INSTANCE_ID}": {
            "alias": "acme",
            "region": "ap-northeast-1",
            "users": {"hanako@example.com": {}},
        }
    }
    assert warning == "An instance keeps what it is made with: this makes another."
