"""Why the org issues nothing: the app is not the person's, or a setting comes to nothing for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from emulator.flow import log_in
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Setting
from emulator.network.data_folder.keys import KeyFolder
from idp.model import App, Assignment, Org, User
from idp.saml.claims import claims_for
from tests.idp.harbour import INES, JON, KAYA, harbour, harbour_org

PEOPLE = "app > Assignments > Assign to People"
MEMBERS = "Directory > Groups > group > Assign people"


def _refused(org: Org, app: App, user: User) -> OktaRefusal:
    with pytest.raises(OktaRefusal) as caught:
        claims_for(org, app, user)
    return caught.value


def _paths(refusal: OktaRefusal) -> list[str]:
    return ["/".join(map(str, each.path)) for each in refusal.causes if isinstance(each, Setting)]


NOT_ASSIGNED: tuple[tuple[tuple[Assignment, ...], str, str, list[str], str], ...] = (
    (
        (Assignment(user=INES, saml_user_roles=("Operator",)),),
        KAYA,
        f"The app Direct is assigned neither to {KAYA} nor to a group of theirs.",
        ["apps/direct/assignments"],
        f"Add {{user: {KAYA}, saml_user_roles: [Operator]}} to the assignments of the app direct ({PEOPLE}).",
    ),
    (
        (),
        KAYA,
        f"The app Direct is assigned neither to {KAYA} nor to a group of theirs.",
        ["apps/direct/assignments"],
        f"Add {{user: {KAYA}}} to the assignments of the app direct ({PEOPLE}).",
    ),
    (
        (Assignment(group="Officers", role="Captain"),),
        KAYA,
        f"The app Direct is assigned neither to {KAYA} nor to a group of theirs.",
        [f"users/{KAYA}/groups", "apps/direct/assignments"],
        f"Add {KAYA} to the group Officers (users.{KAYA}.groups; {MEMBERS}).",
    ),
    (
        (Assignment(user="ines@harbor.example", role="Operator"),),
        INES,
        f"The app Direct is assigned to ines@harbor.example, whom the org does not have, and not to {INES}: harbor in "
        "place of harbour.",
        ["apps/direct/assignments/0/user"],
        f"Set assignments[0].user: {INES} (app > Assignments).",
    ),
    (
        (Assignment(user="Ines@harbour.example", role="Operator"),),
        INES,
        f"The app Direct is assigned to Ines@harbour.example, whom the org does not have, and not to {INES}: Ines in "
        "place of ines, only the case differs.",
        ["apps/direct/assignments/0/user"],
        f"Set assignments[0].user: {INES} (app > Assignments).",
    ),
    (
        (Assignment(group="crew", role="Deckhand"),),
        JON,
        f"The app Direct is assigned to the group crew, and {JON} is in Crew: Crew in place of crew, only the case "
        "differs.",
        ["apps/direct/assignments/0/group", f"users/{JON}/groups/0"],
        "Set assignments[0].group: Crew (app > Assignments).",
    ),
)


@pytest.mark.parametrize("row", NOT_ASSIGNED, ids=lambda row: row[3][0] + " " + row[4][:20])
def test_an_app_that_is_not_the_persons(keys: KeyFolder, row: tuple[Any, ...]) -> None:
    """The assignment or the membership that is missing or misspelt is named, and what would give them the app."""
    assignments, login, why, causes, fix = row
    org = harbour_org({}, keys=keys)
    refusal = _refused(org, replace(org.apps["direct"], assignments=assignments), org.users[login])
    assert (refusal.check, refusal.explanation, refusal.fix) == ("app-assignment", why, fix)
    assert _paths(refusal) == causes


def test_a_group_that_others_have_is_misspelt_by_the_person(keys: KeyFolder) -> None:
    """Where the assigned group has other members, the person's own is the wrong one."""
    org = harbour_org({f"users/{JON}/groups": ["Crew "]}, keys=keys)
    refusal = _refused(org, org.apps["direct"], org.users[JON])
    assert refusal.explanation == (
        f"The app Direct is assigned to the group Crew, and {JON} is in Crew␣: there is a blank after it: Crew␣."
    )
    assert _paths(refusal) == [f"users/{JON}/groups/0", "apps/direct/assignments/1/group"]
    assert refusal.fix == f"Write Crew in place of Crew␣ in the groups of {JON} (users.{JON}.groups)."


def test_an_app_that_is_not_active_is_nobodys(keys: KeyFolder) -> None:
    """Its status is at fault, whoever it is assigned to."""
    org = harbour_org({}, keys=keys)
    refusal = _refused(org, replace(org.apps["direct"], status="INACTIVE"), org.users[INES])
    assert refusal.explanation == "The app Direct is INACTIVE; an app that is not active is nobody's."
    assert _paths(refusal) == ["apps/direct/status"]
    assert refusal.fix == "Activate the app direct (Applications > Direct > Active)."


UNUSABLE: tuple[tuple[dict[str, Any], str, str, str, list[str], str], ...] = (
    (
        {"apps/direct/username_format": "user.costCenter"},
        "direct",
        f"The application username format of Direct comes to no name for {INES}.",
        f"The application username format of Direct cannot be worked out for {INES}, so nothing is issued: it is "
        "user.costCenter.",
        ["apps/direct/username_format", f"users/{INES}/profile/costCenter"],
        "Set username_format: okta_username (app > Sign On > Application username format: Okta username).",
    ),
    (
        {"apps/custom/saml/attributes/1/values": ["user.department ? 1 : 2"]},
        "custom",
        "The expression has 'Quay' where true or false belongs.",
        "The attribute statement https://aws.amazon.com/SAML/Attributes/RoleSessionName of Custom cannot be worked out "
        f"for {INES}, so nothing is issued: it is user.department ? 1 : 2.",
        ["apps/custom/attributes/1/expressions"],
        f"Let saml.attributes[1].values come to a text for {INES} (app > General > SAML Settings > Attribute "
        "Statements).",
    ),
    (
        {"apps/custom/saml/name_id": "user.department AND true"},
        "custom",
        "The expression has 'Quay' where true or false belongs.",
        f"The expression of NameID of Custom cannot be worked out for {INES}, so nothing is issued: it is "
        "user.department AND true.",
        ["apps/custom/style/name_id"],
        "Set saml.name_id: user.email (app > General > SAML Settings > Application username > Custom).",
    ),
)


@pytest.mark.parametrize("row", UNUSABLE, ids=lambda row: row[4][0])
def test_a_setting_that_comes_to_nothing(keys: KeyFolder, row: tuple[Any, ...]) -> None:
    """The login stops at Okta with a refusal of its own, which names the setting and the person's field."""
    changes, app, message, why, causes, fix = row
    login = log_in(harbour(changes, keys=keys), user=INES, app=app)
    refusal = login.refusal
    assert isinstance(refusal, OktaRefusal)
    assert (refusal.check, refusal.status, refusal.message) == ("okta-claims", 400, message)
    assert (refusal.explanation, refusal.fix) == (why, fix)
    assert _paths(refusal) == causes
    assert message in login.page.visible_text


def test_roles_that_cannot_be_made(keys: KeyFolder) -> None:
    """An Identity Provider ARN that is none, and a filter that does not compile, as an API call can set them."""
    org = harbour_org({}, keys=keys)
    no_arn = _refused(org, replace(org.apps["direct"], identity_provider_arn="harbour"), org.users[INES])
    assert no_arn.message == "The Identity Provider ARN of Direct is no ARN."
    assert no_arn.fix == (
        "Set identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta "
        "(app > Sign On > Identity Provider ARN)."
    )
    assert _paths(no_arn) == ["apps/direct/identity_provider_arn"]
    no_filter = _refused(org, replace(org.apps["mapped"], group_filter="aws("), org.users[INES])
    assert no_filter.message == "The group filter does not compile: missing ), unterminated subpattern at position 3."
    assert _paths(no_filter) == ["apps/mapped/group_filter"]
