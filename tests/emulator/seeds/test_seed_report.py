"""What a world has taken from a file is counted in the words of its reports."""

from __future__ import annotations

from emulator.seeds.seed_report import things_in


def test_what_a_file_adds_to_others_things_is_counted_as_that() -> None:
    """Assignments of an app and members of a group are no apps and no people."""
    assignments = [{"user": "ada@example.com"}, {"user": "rin@example.com"}]
    assert things_in("okta", {"apps": {"desk": {"assignments": assignments}}}) == {"assignments": 2}
    assert things_in("okta", {"apps": {"desk": {"label": "Desk", "assignments": assignments}}}) == {
        "apps": 1,
        "assignments": 2,
    }
    members = {"ada@example.com": {"groups": ["Desk"]}, "rin@example.com": {"groups": ["Desk", "Lead"]}}
    assert things_in("okta", {"users": members}) == {"memberships": 3}
    assert things_in("okta", {"users": {"ada@example.com": {"first_name": "Ada"}, "rin@example.com": {}}}) == {
        "people": 2
    }
    assert things_in("aws", {"users": {"okta": {}}, "alias": "acme"}) == {"users": 1, "alias": 1}
