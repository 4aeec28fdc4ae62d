"""The difference of two worlds, applied to what runs: what calls made stays, and conflicts are reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from emulator.building.merging import Merged, apply_difference
from emulator.building.models import Models, build_models, rebuild_models
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from emulator.worldfile.text.yaml_data import Key
from idp.model import App, Assignment, Org, User
from sp_mock.accounts.model import Account, Role
from sp_mock.policies.documents import PolicyDocument
from tests.conftest import ACCOUNT, APP, NOW, ROLE_ARN, USER

APP_KEY: Key = ("okta", "acme", "apps", APP)
RELAY_STATE = f"/okta/acme/apps/{APP}/default_relay_state"
ASSIGNMENTS = f"/okta/acme/apps/{APP}/assignments"


def merged(
    federation: Federation, changes: dict[str, Any], *, running: Models | None = None, force: tuple[Key, ...] = ()
) -> Merged:
    """Applies changes of the world to what runs."""
    world = change_world(federation.world, changes)
    after = rebuild_models(
        world,
        before=federation.world,
        built=federation.built,
        clock=Clock(frozen_at=NOW),
        ids=Ids(),
        keys=federation.keys,
    )
    return apply_difference(federation.built, after, running or federation.running, world=world, force=force)


def with_app(federation: Federation, **changes: Any) -> Models:
    """Returns what runs with an app that a call has changed."""
    org = federation.running.orgs["acme"]
    return with_org(federation, apps={**org.apps, APP: replace(org.apps[APP], **changes)})


def with_org(federation: Federation, **changes: Any) -> Models:
    """Returns what runs with an org that a call has changed."""
    running = federation.running
    return Models({"acme": replace(running.orgs["acme"], **changes)}, running.accounts)


def with_role(federation: Federation, **changes: Any) -> Models:
    """Returns what runs with a role that a call has changed."""
    running = federation.running
    account = running.accounts[ACCOUNT]
    role = replace(account.roles[ROLE_ARN], **changes)
    return Models(running.orgs, {ACCOUNT: replace(account, roles={**account.roles, ROLE_ARN: role})})


def org_of(found: Merged) -> Org:
    """Returns the org afterwards."""
    return found.models.orgs["acme"]


def app_of(found: Merged) -> App:
    """Returns the app afterwards."""
    return org_of(found).apps[APP]


def role_of(found: Merged) -> Role:
    """Returns the role afterwards."""
    return account_of(found).roles[ROLE_ARN]


def account_of(found: Merged) -> Account:
    """Returns the account afterwards."""
    return found.models.accounts[ACCOUNT]


def test_where_nothing_was_called_the_new_value_is_taken(federation: Federation) -> None:
    """The rest stays the very objects that run."""
    found = merged(federation, {RELAY_STATE: "https://console.aws.amazon.com/"})
    assert app_of(found).default_relay_state == "https://console.aws.amazon.com/"
    assert org_of(found).users is federation.running.orgs["acme"].users
    assert account_of(found) is federation.running.accounts[ACCOUNT]
    assert (found.conflicts, found.forced) == ((), ())


def test_the_same_world_changes_nothing(federation: Federation) -> None:
    """Every org and account is the one that runs."""
    found = merged(federation, {})
    assert org_of(found) is federation.running.orgs["acme"]
    assert account_of(found) is federation.running.accounts[ACCOUNT]


def test_what_a_call_changed_elsewhere_stays(federation: Federation) -> None:
    """A change of the file and a change by API at different places both hold."""
    running = with_app(federation, session_duration_seconds=900)
    found = merged(federation, {RELAY_STATE: "https://console.aws.amazon.com/"}, running=running)
    assert app_of(found).session_duration_seconds == 900
    assert app_of(found).default_relay_state == "https://console.aws.amazon.com/"
    assert found.conflicts == ()


def test_a_place_that_both_changed_is_a_conflict(federation: Federation) -> None:
    """What runs stays, and the conflict tells the setting with both values."""
    running = with_app(federation, default_relay_state="https://by-call.example.com/")
    found = merged(federation, {RELAY_STATE: "https://by-file.example.com/"}, running=running)
    assert app_of(found).default_relay_state == "https://by-call.example.com/"
    (conflict,) = found.conflicts
    assert conflict.key == (*APP_KEY, "default_relay_state")
    assert (conflict.said, conflict.running) == ("https://by-file.example.com/", "https://by-call.example.com/")


def test_both_made_the_same_change(federation: Federation) -> None:
    """That is not a conflict."""
    running = with_app(federation, default_relay_state="https://both.example.com/")
    found = merged(federation, {RELAY_STATE: "https://both.example.com/"}, running=running)
    assert app_of(found) is running.orgs["acme"].apps[APP]
    assert found.conflicts == ()


def test_a_forced_place_becomes_what_the_world_says(federation: Federation) -> None:
    """Even where the world says what it said before, and only a call made it something else."""
    running = with_app(federation, default_relay_state="https://by-call.example.com/", session_duration_seconds=900)
    key: Key = (*APP_KEY, "default_relay_state")
    found = merged(federation, {}, running=running, force=(key,))
    assert app_of(found).default_relay_state == federation.running.orgs["acme"].apps[APP].default_relay_state
    assert app_of(found).session_duration_seconds == 900
    assert (found.conflicts, found.forced) == ((), (key,))


def test_a_forced_place_settles_a_conflict(federation: Federation) -> None:
    """The world's new value is taken, and its place is reported."""
    running = with_app(federation, default_relay_state="https://by-call.example.com/")
    key: Key = (*APP_KEY, "default_relay_state")
    found = merged(federation, {RELAY_STATE: "https://by-file.example.com/"}, running=running, force=(key,))
    assert app_of(found).default_relay_state == "https://by-file.example.com/"
    assert (found.conflicts, found.forced) == ((), (key,))


def test_a_document_is_forced_where_a_part_of_it_is(federation: Federation) -> None:
    """A trust policy is never put together from two."""
    other = PolicyDocument.parse(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
        },
        kind="trust",
    )
    running = with_role(federation, trust=other, max_session_duration_seconds=7200)
    key: Key = ("aws", ACCOUNT, "roles", "ConnectAgent", "trust", "Statement", 0, "Condition")
    found = merged(federation, {}, running=running, force=(key,))
    assert role_of(found).trust == federation.running.accounts[ACCOUNT].roles[ROLE_ARN].trust
    assert role_of(found).max_session_duration_seconds == 7200
    assert found.forced == (key[:5],)


def test_lists_are_merged_by_what_names_their_elements(federation: Federation) -> None:
    """An assignment that a call added stays, beside one that the file adds and one that it changes."""
    app = federation.running.orgs["acme"].apps[APP]
    running = with_app(
        federation, assignments=(*app.assignments, Assignment(user="mika@example.com", role="ConnectAgent"))
    )
    given: Any = federation.world.document.data["okta"]["acme"]["apps"][APP]["assignments"]
    changed = [{**given[0], "role": "ConnectSupervisor"}, given[1], {"user": USER, "role": "ConnectAgent"}]
    found = merged(federation, {ASSIGNMENTS: changed}, running=running)
    assert [(each.user or each.group, each.role) for each in app_of(found).assignments] == [
        ("Agents", "ConnectSupervisor"),
        ("Supervisors", "ConnectSupervisor"),
        (USER, "ConnectAgent"),
        ("mika@example.com", "ConnectAgent"),
    ]
    assert found.conflicts == ()


def test_what_calls_made_and_what_they_deleted_stays(federation: Federation) -> None:
    """A person made by API is kept, and one that was deleted does not come back with another change of the file."""
    users = dict(federation.running.orgs["acme"].users)
    del users["mika@example.com"]
    users["new@example.com"] = User("00u1", "new@example.com")
    found = merged(
        federation, {f"/okta/acme/users/{USER}/first_name": "Hana"}, running=with_org(federation, users=users)
    )
    assert list(org_of(found).users) == [USER, "taro@example.com", "new@example.com"]
    assert org_of(found).users[USER].first_name == "Hana"
    assert found.conflicts == ()


def test_what_the_file_removes_goes_unless_a_call_changed_it(federation: Federation) -> None:
    """A person whom nobody touched goes; one whom a call changed stays, and that is reported."""
    assert (
        "mika@example.com"
        not in org_of(
            merged(federation, {"/okta/acme/users/mika@example.com": None, "/okta/acme/api_tokens": {}})
        ).users
    )
    users = dict(federation.running.orgs["acme"].users)
    users["mika@example.com"] = replace(users["mika@example.com"], last_name="Mori-Abe")
    changes: dict[str, Any] = {"/okta/acme/users/mika@example.com": None, "/okta/acme/api_tokens": {}}
    found = merged(federation, changes, running=with_org(federation, users=users))
    assert org_of(found).users["mika@example.com"].last_name == "Mori-Abe"
    assert [each.key for each in found.conflicts] == [("okta", "acme", "users", "mika@example.com")]
    assert found.conflicts[0].said is None


def test_a_new_build_at_another_instant_changes_no_instant(federation: Federation, keys: KeyFolder) -> None:
    """When something was made is what runs; the world says nothing of it."""
    later = build_models(federation.world, clock=Clock(frozen_at=NOW + timedelta(days=1)), ids=Ids(), keys=keys)
    found = apply_difference(federation.built, later, federation.running, world=federation.world)
    assert org_of(found) is federation.running.orgs["acme"]
    assert account_of(found) is federation.running.accounts[ACCOUNT]


def test_only_what_differs_is_built_again(world: World, federation: Federation) -> None:
    """The other app, the people, and the account whose provider has the app's metadata stay."""
    changed = change_world(world, {RELAY_STATE: "https://console.aws.amazon.com/"})
    after = rebuild_models(
        changed, before=world, built=federation.built, clock=Clock(frozen_at=NOW), ids=Ids(), keys=federation.keys
    )
    assert after.orgs["acme"].users[USER] is federation.built.orgs["acme"].users[USER]
    assert after.orgs["acme"].apps[APP] is not federation.built.orgs["acme"].apps[APP]
    assert after.accounts[ACCOUNT] is federation.built.accounts[ACCOUNT]


def test_an_account_is_built_again_for_another_metadata_of_its_app(world: World, federation: Federation) -> None:
    """A provider that is made from an app's metadata follows the app."""
    changed = change_world(world, {f"/okta/acme/apps/{APP}/saml": {"issuer": "https://idp.example.com/"}})
    after = rebuild_models(
        changed, before=world, built=federation.built, clock=Clock(frozen_at=NOW), ids=Ids(), keys=federation.keys
    )
    (provider,) = after.accounts[ACCOUNT].saml_providers.values()
    assert provider.metadata.entity_id == "https://idp.example.com/"
