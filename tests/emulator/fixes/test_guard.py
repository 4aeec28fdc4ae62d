"""What a change does to everybody's logins: which gains are right, and that nothing is lost."""

from __future__ import annotations

import pytest

from emulator.access.decision import Decision, Who
from emulator.access.table import Access
from emulator.fixes.candidate import Edit
from emulator.fixes.guard import Gain, objection
from emulator.flow import Outcome
from emulator.kernel.errors import AwsRefusal
from emulator.worldfile.text.yaml_data import Key

HOME = "https://acme.my.connect.aws/home"
CONSOLE = "https://console.aws.amazon.com/console/home"
WRONG = "https://console.aws.amazon.com/connect/federate/other"
ROLE, OTHER = (f"arn:aws:iam::123456789012:role/{name}" for name in ("Agent", "Lead"))
APP_SETTING: Key = ("okta", "acme", "apps", "connect", "default_relay_state")
ROLES_OF_GROUP: Key = ("okta", "acme", "apps", "connect", "assignments", 0, "saml_user_roles")
ASSIGNMENT: Key = ("okta", "acme", "apps", "connect", "assignments", "-")
GROUPS: Key = ("okta", "acme", "users", "a@example.com", "groups", "-")
TRUST: Key = ("aws", "123456789012", "roles", "Agent", "trust")
ALIAS: Key = ("aws", "123456789012", "connect", "id", "alias")


def who(name: str) -> Who:
    """Returns a person with the app."""
    return Who("acme", "connect", f"{name}@example.com")


def arrives(name: str, role: str = ROLE, place: str = HOME) -> Decision:
    """Returns a login that arrives."""
    return Decision(who(name), role, Outcome.ACCEPTED, place)


def fails(name: str, role: str = ROLE, check: str = "trust-policy") -> Decision:
    """Returns a login that is refused."""
    refusal = AwsRefusal("no", service="AWS sign-in", code="AccessDenied", status=403, check=check)
    return Decision(who(name), role, Outcome.REFUSED, refusal=refusal)


GAIN = Gain("a@example.com", "connect", ROLE, "trust-policy", ended=WRONG, lands_on=HOME)

CASES: list[tuple[str, list[Decision], list[Decision], Key, str]] = [
    ("the login itself", [fails("a")], [arrives("a")], TRUST, ""),
    ("a login of nobody before", [], [arrives("a")], ASSIGNMENT, ""),
    (
        "another role of the person",
        [fails("a")],
        [arrives("a"), arrives("a", OTHER)],
        TRUST,
        f"a@example.com would gain {OTHER} at {HOME}",
    ),
    ("all of a role that nobody could take", [fails("a"), fails("b")], [arrives("a"), arrives("b")], TRUST, ""),
    (
        "one whom a policy kept out while it let others in",
        [fails("a"), fails("b"), arrives("c")],
        [arrives("a"), arrives("b"), arrives("c")],
        TRUST,
        f"b@example.com would gain {ROLE} at {HOME}",
    ),
    (
        "people of an app arrive as they were assigned",
        [fails("a"), fails("b", OTHER), arrives("c")],
        [arrives("a"), arrives("b", OTHER), arrives("c")],
        APP_SETTING,
        "",
    ),
    (
        "people who had no role get those of the app's settings",
        [fails("a", ""), fails("b", "")],
        [arrives("a"), arrives("b", OTHER)],
        APP_SETTING,
        "",
    ),
    (
        "a role of another name in its place",
        [fails("a", "x"), fails("b", "x")],
        [arrives("a"), arrives("b")],
        ROLES_OF_GROUP,
        "",
    ),
    (
        "a role that a group is given, to one who had another",
        [fails("a", "x"), arrives("b", OTHER)],
        [arrives("a"), arrives("b", OTHER), arrives("b")],
        ROLES_OF_GROUP,
        f"b@example.com would gain {ROLE} at {HOME}",
    ),
    (
        "an assignment of more people",
        [fails("a", "")],
        [arrives("a"), arrives("b")],
        ASSIGNMENT,
        f"b@example.com would gain {ROLE} at {HOME}",
    ),
    (
        "a group of others",
        [fails("a", ""), fails("b", "")],
        [arrives("a"), arrives("b", OTHER)],
        GROUPS,
        f"b@example.com would gain {OTHER} at {HOME}",
    ),
    (
        "a login that is lost",
        [fails("a"), arrives("b")],
        [arrives("a"), fails("b")],
        APP_SETTING,
        f"b@example.com would lose {ROLE} at {HOME}",
    ),
    (
        "a login that is elsewhere",
        [fails("a"), arrives("b")],
        [arrives("a"), arrives("b", place=CONSOLE)],
        APP_SETTING,
        f"b@example.com would lose {ROLE} at {HOME}",
    ),
    (
        "logins that ended as wrongly move along",
        [fails("a"), arrives("b", place=WRONG)],
        [arrives("a"), arrives("b")],
        APP_SETTING,
        "",
    ),
    (
        "an instance under another name",
        [fails("a"), arrives("b", place="https://old.my.connect.aws/home")],
        [arrives("a"), arrives("b")],
        ALIAS,
        "",
    ),
]


@pytest.mark.parametrize(("before", "after", "key", "said"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
def test_who_may_gain_what(before: list[Decision], after: list[Decision], key: Key, said: str) -> None:
    """The reason names the person, the role and the place."""
    assert objection(Access(tuple(before)), Access(tuple(after)), gain=GAIN, edits=(Edit(key, "x"),)) == said


def test_what_is_granted_was_asked_for() -> None:
    """A candidate says what it gives beyond the login."""
    before, after = Access((fails("a"),)), Access((arrives("a"), arrives("b", OTHER)))
    edits = (Edit(TRUST, "x"),)
    assert objection(before, after, gain=GAIN, edits=edits) == f"b@example.com would gain {OTHER} at {HOME}"
    assert objection(before, after, gain=GAIN, edits=edits, grants=(OTHER,)) == ""
