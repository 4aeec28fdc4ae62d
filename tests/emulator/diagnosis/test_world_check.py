"""What is said of a world without being asked: its logins in groups, and settings that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.diagnosis.custom_ccp.page_remarks import page_remarks
from emulator.diagnosis.setting_checks import contradictions
from emulator.diagnosis.world_check import check_world
from emulator.federation import Federation
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import DEFAULT_WORLD, World, change_world, load_world, parse_world

FEDERATE = "https://console.amazonaws-us-gov.com/connect/federate/33333333-90ab-cdef-1234-567890abcdef"


@pytest.mark.parametrize(
    ("destination", "problems"),
    [
        ("https%3A%2F%2Fagency.govcloud.connect.aws%2Fccp-v2", []),
        ("https%3A%2F%2Fagency.example.com", ["the destination's origin https://agency.example.com is not approved"]),
        (
            "https%3A%2F%2Fagency.example.com&destination=%2Fccp-v2",
            ["the destination's origin https://agency.example.com is not approved"],
        ),
    ],
)
def test_an_instance_in_govcloud_is_approved_at_its_own_domain(
    keys: KeyFolder, destination: str, problems: list[str]
) -> None:
    """Every partition has its domain of Amazon Connect."""
    changes = {"/okta/acme/apps/govcloud/default_relay_state": f"{FEDERATE}?destination={destination}"}
    world = change_world(load_world(DEFAULT_WORLD.parent / "partitions.yaml"), changes)
    assert [problem.message for problem in contradictions(Federation(world, keys=keys))] == problems


FOUR_PEOPLE = """
version: 1
okta:
  acme:
    groups: [Agents, Leads]
    users:
      ada@example.org: {groups: [Agents]}
      ben@example.org: {groups: [Agents]}
      "cleo park@example.org": {groups: [Agents]}
      dan@example.org: {groups: [Leads], status: SUSPENDED}
    apps:
      desk:
        catalog: amazon_aws
        identity_provider_arn: arn:aws:iam::111122223333:saml-provider/okta
        assignments: [{group: Agents, role: Agent}, {group: Leads, role: Lead}]
aws:
  "111122223333":
    saml_providers: {okta: {metadata: {okta_app: acme/desk}}}
    roles:
      Agent: &role
        trust:
          Version: "2012-10-17"
          Statement:
            Effect: Allow
            Principal: {Federated: "arn:aws:iam::111122223333:saml-provider/okta"}
            Action: sts:AssumeRoleWithSAML
      Lead: *role
"""


def _groups(world: World, keys: KeyFolder) -> list[tuple[str, tuple[str, ...]]]:
    found = check_world(Federation(world, keys=keys))
    return [(group.first.check, group.people) for group in (*found.arriving, *found.failing)]


def test_logins_that_end_alike_are_told_together(keys: KeyFolder) -> None:
    """Those that arrive by their place, those that do not by what stops them; one of each is made, and ends so."""
    world = parse_world(FOUR_PEOPLE)
    assert _groups(world, keys) == [
        ("", ("ada@example.org", "ben@example.org")),
        ("role-session-name", ("cleo park@example.org",)),
        ("okta-sign-in", ("dan@example.org",)),
    ]
    found = check_world(Federation(world, keys=keys))
    assert all(group.is_as_decided for group in (*found.arriving, *found.failing))
    assert (found.stops_somebody, found.failing_logins) == (True, 2)


def test_names_do_not_tell_groups_apart(keys: KeyFolder) -> None:
    """The same mistake of each role's trust policy is one group of all its people and roles."""
    provider = "arn:aws:iam::111122223333:saml-provider/oktta"
    statement = "/aws/111122223333/roles/{}/trust/Statement/Principal/Federated"
    changes = {statement.format("Agent"): provider, statement.format("Lead"): provider}
    changes["/okta/acme/users/dan@example.org/status"] = "ACTIVE"
    groups = _groups(change_world(parse_world(FOUR_PEOPLE), changes), keys)
    assert groups == [
        ("trust-policy", ("ada@example.org", "ben@example.org", "dan@example.org")),
        ("role-session-name", ("cleo park@example.org",)),
    ]


def test_very_many_groups_are_told_by_the_services_words(keys: KeyFolder) -> None:
    """Where everybody's name is wrong in a way of its own, there are not as many blocks as people."""
    strange = "!#%&/()?*;:<>"
    users = {f"agent{character}{number}": {"groups": ["Agents"]} for number, character in enumerate(strange)}
    groups = _groups(change_world(parse_world(FOUR_PEOPLE), {"/okta/acme/users": users}), keys)
    assert groups == [("role-session-name", tuple(users))]


def test_a_page_that_shows_an_instance_needs_its_approval(keys: KeyFolder, tmp_path: Path) -> None:
    """And cookies that come along into a frame on another site."""
    (tmp_path / "ccp.html").write_text('<iframe src="https://acme.my.connect.aws/ccp-v2"></iframe>', encoding="utf-8")
    crm = "https://crm.example.com"
    instance = "/aws/123456789012/connect/12345678-90ab-cdef-1234-567890abcdef"
    changes = {f"/pages/{crm.replace('/', '~1')}": [str(tmp_path)], f"{instance}/cookie_same_site": "Lax"}
    federation = Federation(change_world(load_world(DEFAULT_WORLD), changes), keys=keys)
    assert [(remark.rule, remark.problem.message) for remark in page_remarks(federation)] == [
        (
            "custom-page",
            f"the page {crm} shows the instance acme, which does not approve that origin",
        ),
        (
            "custom-page",
            f"the page {crm} shows the instance acme, whose session cookies have SameSite=Lax, which keeps them out of "
            "frames on other sites",
        ),
    ]
    assert check_world(federation).stops_somebody
