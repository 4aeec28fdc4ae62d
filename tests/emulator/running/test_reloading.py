"""A world that is saved while it is served."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.kernel.clock import Clock
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.reloading import reload_world, saved_world
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import ACCOUNT, APP, ROLE_ARN, USER

TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")


@pytest.fixture
def world_file(tmp_path: Path) -> Path:
    """Returns a copy of the built-in world."""
    file = tmp_path / "world.yaml"
    file.write_text(TEXT, encoding="utf-8")
    return file


@pytest.fixture
def served(world_file: Path, keys: KeyFolder) -> Federation:
    """Returns a federation of it."""
    return Federation(load_world(world_file), clock=Clock(frozen_at=START), keys=keys)


def _save(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_what_was_saved_is_served(served: Federation, world_file: Path) -> None:
    """The next login meets the new audience; the one before did not."""
    assert log_in(served, user=USER, app=APP).outcome is Outcome.ACCEPTED
    _save(world_file, "label: Amazon Connect SAML", "label: Amazon Connect SAML\n        audience: urn:example:app")
    reloaded = reload_world(served)
    assert [".".join(map(str, key)) for key in reloaded.changed] == ["okta.acme.apps.amazon-connect.audience"]
    assert reloaded.sentences == (f"{world_file} was saved with 1 changed setting",)
    refusal = log_in(served, user=USER, app=APP).refusal
    assert refusal is not None
    assert refusal.check == "audience"


def test_a_session_goes_on(served: Federation, world_file: Path) -> None:
    """Somebody who is signed in at Okta stays so."""
    browser = served.browser()
    log_in(served, user=USER, app=APP, browser=browser)
    _save(world_file, "label: Amazon Connect SAML", "label: Another label")
    reload_world(served)
    page = browser.open("https://acme.okta.com/app/UserHome")
    assert "Another label" in page.text
    assert page.forms == ()


def test_a_broken_world_changes_nothing(served: Federation, world_file: Path) -> None:
    """The old one goes on being served."""
    before = served.world
    world_file.write_text("version: 1\nokta: [", encoding="utf-8")
    with pytest.raises(WorldError):
        reload_world(served)
    assert served.world is before
    assert log_in(served, user=USER, app=APP).outcome is Outcome.ACCEPTED


def test_what_a_call_has_made_stays_and_a_conflict_is_told(served: Federation, world_file: Path) -> None:
    """A label that an administrator has changed stays where the world changes it, too; the rest is taken."""
    provider = served.identity_providers["acme"]
    app = provider.org.apps[APP]
    apps = {**provider.org.apps, APP: replace(app, label="Set by a call")}
    provider.directory.replace(replace(provider.org, apps=apps))
    _save(world_file, "label: Amazon Connect SAML", "label: Set by the world\n        audience: urn:example:app")
    reloaded = reload_world(served)
    running = provider.org.apps[APP]
    assert (running.label, running.audience) == ("Set by a call", "urn:example:app")
    assert reloaded.sentences == (
        f"{world_file} was saved with 2 changed settings",
        "okta.acme.apps.amazon-connect.label stays as a call has set it: the world has another value now, and so had "
        "the call",
    )


def _called(served: Federation, **changes: Any) -> None:
    """Has the account be as calls have made it."""
    served.aws.replace([replace(served.aws.accounts[ACCOUNT], **changes)])


def _without(text: str, begins: str, ends: str) -> str:
    """Returns a text without what is from one part to another."""
    start = text.index(begins)
    return text[:start] + text[text.index(ends, start) :]


def test_what_a_call_has_made_keeps_what_it_needs(served: Federation, world_file: Path) -> None:
    """IAM deletes no policy that is attached: it stays, and that is reported; no role of the world has it."""
    account = served.aws.accounts[ACCOUNT]
    made = replace(account.roles[ROLE_ARN], arn=replace(account.roles[ROLE_ARN].arn, resource="role/Made"))
    _called(served, roles={**account.roles, str(made.arn): made})
    text = _without(TEXT, "      connect-login: ", "    users:\n      okta-int").replace("[connect-login]", "[]")
    world_file.write_text(text, encoding="utf-8")
    reloaded = reload_world(served)
    assert reloaded.sentences[1:] == (
        f"aws.{ACCOUNT}.policies.connect-login stays, though the world has it no more: what a call has made needs it",
    )
    account = served.aws.accounts[ACCOUNT]
    (arn,) = account.roles[str(made.arn)].attached_policies
    assert arn in account.policies
    assert account.roles[ROLE_ARN].attached_policies == ()
    _called(served, roles={arn: role for arn, role in account.roles.items() if role.name != "Made"})
    world_file.write_text(f"{text}# saved again\n", encoding="utf-8")
    assert reload_world(served, earlier=reloaded.conflicts).unsettled == reloaded.conflicts


def test_a_profile_of_a_user_that_a_call_has_made_stays(served: Federation, world_file: Path) -> None:
    """Amazon Connect deletes none that a user has."""
    _save(
        world_file,
        "        users:\n          hanako",
        "        security_profiles: {Own: {}}\n        users:\n          hanako",
    )
    reload_world(served)
    account = served.aws.accounts[ACCOUNT]
    ((instance_id, instance),) = account.instances.items()
    user = replace(instance.users[USER], login="made", security_profiles=("Own",))
    _called(served, instances={instance_id: replace(instance, users={**instance.users, "made": user})})
    _save(world_file, "{Own: {}}", "{Another: {}}")
    (conflict,) = reload_world(served).conflicts
    assert (conflict.key[:4], conflict.is_needed) == (("aws", ACCOUNT, "connect", instance_id), True)
    names = [each.name for each in served.aws.accounts[ACCOUNT].instances[instance_id].security_profiles]
    assert {"Agent", "Another", "Own"} <= set(names)


def test_an_account_that_stayed_takes_what_it_lacks(served: Federation, world_file: Path) -> None:
    """The world loses its SAML provider, then the account, and has both again: what a call has made stays all along."""
    account = served.aws.accounts[ACCOUNT]
    role = replace(account.roles[ROLE_ARN], max_session_duration_seconds=7200)
    _called(served, roles={**account.roles, ROLE_ARN: role})
    world_file.write_text(_without(TEXT, "    saml_providers:", "    policies:\n"), encoding="utf-8")
    reload_world(served)
    world_file.write_text(TEXT[: TEXT.index("aws:\n", TEXT.index("api_tokens"))], encoding="utf-8")
    (conflict,) = reload_world(served).conflicts
    assert conflict.key == ("aws", ACCOUNT)
    world_file.write_text(TEXT, encoding="utf-8")
    again = reload_world(served, earlier=[conflict])
    assert [each.key for each in again.conflicts] == [("aws", ACCOUNT, "roles", "ConnectAgent")]
    assert again.unsettled == ()
    assert served.aws.accounts[ACCOUNT].roles[ROLE_ARN].max_session_duration_seconds == 7200
    assert log_in(served, user=USER, app=APP).outcome is Outcome.ACCEPTED


def test_a_conflict_is_told_until_it_is_settled(served: Federation, world_file: Path) -> None:
    """At every save, whatever else it is about; until the world says what runs, or a call sets what the world says."""
    account = served.aws.accounts[ACCOUNT]
    role = replace(account.roles[ROLE_ARN], max_session_duration_seconds=7200)
    _called(served, roles={**account.roles, ROLE_ARN: role})
    _save(world_file, "max_session_duration: 3600", "max_session_duration: 5400")
    first = reload_world(served)
    key = f"aws.{ACCOUNT}.roles.ConnectAgent.max_session_duration"
    assert first.sentences[1:] == (
        f"{key} stays as a call has set it: the world has another value now, and so had the call",
    )
    _save(world_file, "label: Amazon Connect SAML", "label: x")
    second = reload_world(served, earlier=first.conflicts)
    assert second.sentences[1:] == (f"{key} still stays as a call has set it",)
    assert saved_world(second).conflicts == (key,)
    _save(world_file, "max_session_duration: 5400", "max_session_duration: 7200")
    assert reload_world(served, earlier=second.unsettled).sentences[1:] == ()


def test_an_org_comes_and_goes(served: Federation, world_file: Path) -> None:
    """A new org answers at its host, one that is gone does not, and one that is back has its sessions still."""
    other = "okta:\n  other:\n    users: {taro@example.com: {first_name: Taro, last_name: Ito, password: secret}}\n"
    text = world_file.read_text(encoding="utf-8")
    world_file.write_text(text.replace("okta:\n", other, 1), encoding="utf-8")
    reload_world(served)
    browser = served.browser()
    page = browser.open("https://other.okta.com/app/UserHome")
    browser.submit(page.forms[0], {"username": "taro@example.com", "password": "secret"})
    world_file.write_text(text, encoding="utf-8")
    reload_world(served)
    assert served.hosts.site("other.okta.com") is None
    world_file.write_text(text.replace("okta:\n", other, 1), encoding="utf-8")
    reload_world(served)
    assert "Taro" in browser.open("https://other.okta.com/app/UserHome").visible_text


def test_settings_beside_orgs_and_accounts_are_taken(served: Federation, world_file: Path) -> None:
    """The kind of role chooser, for one."""
    _save(world_file, "version: 1\n", "version: 1\nsign_in: {role_chooser: legacy}\n")
    reload_world(served)
    assert served.world.settings.sign_in.role_chooser == "legacy"
    assert served.aws_services.sign_in.settings.role_chooser == "legacy"


def test_pages_that_a_world_begins_to_name_are_served(served: Federation, world_file: Path) -> None:
    """The site of custom pages is made anew."""
    page = world_file.parent / "pages" / "index.html"
    page.parent.mkdir()
    page.write_text("before", encoding="utf-8")
    _save(world_file, "version: 1\n", "version: 1\npages: {https://ccp.example.com: [pages]}\n")
    reload_world(served)
    assert served.browser().open("https://ccp.example.com/").text == "before"
    page.write_text("after", encoding="utf-8")
    assert served.browser().open("https://ccp.example.com/").text == "after"
