"""Tags of calls as policies see them."""

from __future__ import annotations

import pytest

from sp_mock.accounts.managed_policies import Tags
from sp_mock.apis.tags import has_duplicate_keys, request_tag_keys, requested_tags, resource_tag_keys


def test_tags_of_a_call() -> None:
    """In the order of the call; a tag without a value has an empty one."""
    assert requested_tags({"Tags": [{"Key": "Team", "Value": "voice"}, {"Key": "Desk"}]}) == (
        ("Team", "voice"),
        ("Desk", ""),
    )
    assert requested_tags({}) == ()


@pytest.mark.parametrize(
    ("tags", "duplicate"), [((("a", "1"), ("A", "2")), True), ((("a", "1"), ("b", "1")), False), ((), False)]
)
def test_keys_that_differ_in_case_only_are_the_same(tags: Tags, duplicate: bool) -> None:
    """Values do not count."""
    assert has_duplicate_keys(tags) is duplicate


def test_condition_keys_of_tags() -> None:
    """Condition keys are lower-case; TagKeys holds the keys as they were sent, added and removed ones alike."""
    assert request_tag_keys((("Team", "Voice"),), removed=["Desk"]) == {
        "aws:requesttag/team": ("Voice",),
        "aws:tagkeys": ("Team", "Desk"),
    }
    assert request_tag_keys(()) == {}
    assert resource_tag_keys((("Team", "Voice"),)) == {
        "aws:resourcetag/team": ("Voice",),
        "iam:resourcetag/team": ("Voice",),
    }
