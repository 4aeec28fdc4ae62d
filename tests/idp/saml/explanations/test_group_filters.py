"""Where a group filter stops in a group's name, and filters that would fit it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.saml.explanations.group_filters import filled_in, repaired, where_it_stops
from idp.saml.roles import compile_group_filter

OFFICIAL = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$"
PATTERN = "arn:aws:iam::${accountid}:saml-provider/o,arn:aws:iam::${accountid}:role/${role}"
ACCOUNT = "210987654321"


@pytest.mark.parametrize(
    ("group", "words"),
    [
        (f"aws#port#Has.Dot#{ACCOUNT}", r"the filter stops at the '.', which [\w\-]+ in the filter does not take"),
        (f"AWS#port#Pilot#{ACCOUNT}", "the filter would fit but for the case of its letters"),
        (f"x aws#port#Pilot#{ACCOUNT}", "the filter begins with ^, and the name has x  before it"),
        (f"aws/port/Pilot/{ACCOUNT}", "the filter has # where the name has /"),
        (
            "aws#port#Pilot",
            r"the filter fits aws#port#Pilot and wants more, as it goes on with \#(?{{accountid}}\d+)$",
        ),
        ("Everyone", "nothing of the filter fits"),
    ],
)
def test_where_a_filter_stops(group: str, words: str) -> None:
    """The character, the case, the anchor or the separator is named, else how far it fits."""
    assert str(where_it_stops(OFFICIAL, group)) == words


@pytest.mark.parametrize(
    ("present", "group", "better", "is_near"),
    [
        (OFFICIAL, f"aws#p#a.b#{ACCOUNT}", r"^aws\#\S+\#(?{{role}}[\w+=,.@\-]+)\#(?{{accountid}}\d+)$", True),
        (OFFICIAL, f"aws/p/a.b/{ACCOUNT}", r"^aws/\S+/(?{{role}}[\w+=,.@\-]+)/(?{{accountid}}\d+)$", True),
        ("^Admins$", f"{ACCOUNT}:Pilot", r"^(?{{accountid}}\d+):(?{{role}}[\w+=,.@\-]+)$", False),
        ("^Admins$", f"aws_{ACCOUNT}_Pilot", r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)", False),
        (OFFICIAL, "Everyone", "", False),
    ],
)
def test_a_filter_that_would_fit(present: str, group: str, better: str, is_near: bool) -> None:
    """The present one with up to two changes, else one of Okta's guides, else one made from the name."""
    assert repaired(present, (group,), pattern=PATTERN) == (better, is_near)


@given(
    st.lists(st.text("aws#_-:./ 0123456789RoleX", max_size=40), max_size=4),
    st.sampled_from([OFFICIAL, "", "^$", r"(a|b)_(?{{role}}[^_]+)", r"aws_(?{{accountid}}\d+)_(?{{role}}.+)"]),
)
def test_every_repaired_filter_gives_a_role(groups: list[str], present: str) -> None:
    """Whatever the names are, nothing fails, and what is proposed fits at least one of them with account and role."""
    for group in groups:
        assert str(where_it_stops(present, group))
    better, _ = repaired(present, groups, pattern=PATTERN)
    if better:
        found = [match.groupdict() for group in groups if (match := compile_group_filter(better).search(group))]
        assert any(re.fullmatch(r"arn:aws:iam::\d{12}:.*:role/.+", filled_in(PATTERN, each)) for each in found)
