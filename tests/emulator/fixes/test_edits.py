"""Changes of a world's data: applied, and found again in the file that says what they change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.fixes.candidate import REMOVED, Edit
from emulator.fixes.edits import CannotApply, changed_world, said_edit
from emulator.world import DEFAULT_WORLD, World, load_world
from emulator.worldfile.text.yaml_data import Key, value_at
from tests.conftest import ACCOUNT, APP, USER

TEXT = DEFAULT_WORLD.read_text(encoding="utf-8")
GROUPS: Key = ("okta", "acme", "users", USER, "groups")
TRUST: Key = ("aws", ACCOUNT, "roles", "ConnectAgent", "trust")
AUDIENCE: Key = (*TRUST, "Statement", 0, "Condition", "StringEquals", "SAML:aud")
RIGHT = "https://signin.aws.amazon.com/saml"


@pytest.mark.parametrize(
    ("edit", "key", "value"),
    [
        (Edit((*GROUPS, "-"), "Supervisors"), GROUPS, ["Agents", "Supervisors"]),
        (Edit((*GROUPS, 0), REMOVED), GROUPS, []),
        (Edit((*GROUPS, 0), "Supervisors"), GROUPS, ["Supervisors"]),
        (
            Edit(("okta", "acme", "users", USER, "profile", "upn"), "h@x"),
            ("okta", "acme", "users", USER, "profile"),
            {"upn": "h@x"},
        ),
        (Edit(AUDIENCE, "x"), AUDIENCE, "x"),
    ],
)
def test_an_edit_changes_one_value(world: World, edit: Edit, key: Key, value: object) -> None:
    """The world that it is made from stays as it is."""
    before = json.dumps(world.document.data)
    assert value_at(changed_world(world, (edit,)).document.data, key) == (value, len(key))
    assert json.dumps(world.document.data) == before


def test_a_key_is_taken_out(world: World) -> None:
    """What is around it stays."""
    made = changed_world(world, (Edit(("okta", "acme", "users", "mika@example.com", "last_name"), REMOVED),))
    assert made.document.data["okta"]["acme"]["users"]["mika@example.com"] == {
        "first_name": "Mika",
        "password": "paper-crane",
    }


@pytest.mark.parametrize("key", [(*GROUPS, 7), (*GROUPS, 0, "x", "y"), (*AUDIENCE, "x"), ("okta", "-")])
def test_what_leads_nowhere_cannot_be_applied(world: World, key: Key) -> None:
    """Such a candidate is rejected."""
    with pytest.raises(CannotApply):
        changed_world(world, (Edit(key, "x"),))


def test_a_value_that_is_there_has_its_line_and_an_appended_one_that_of_the_list(world: World) -> None:
    """The pointer is into the world's file."""
    said = said_edit(Edit((*GROUPS, "-"), "Supervisors"), world)
    assert (said.place, said.value.pointer, said.value.old) == ("world", f"/okta/acme/users/{USER}/groups/-", None)
    assert said.value.location is not None
    assert (said.value.location.line, said.value.location.key) == (9, f"okta.acme.users.{USER}.groups")
    said = said_edit(Edit(("okta", "acme", "apps", APP, "join_all_roles"), REMOVED), world)
    assert (said.value.value, said.value.old) == (None, True)


def test_a_password_is_a_secret(world: World) -> None:
    """What the schema does not show is not shown."""
    assert said_edit(Edit(("okta", "acme", "users", USER, "password"), "x"), world).value.is_secret
    assert not said_edit(Edit(("okta", "acme", "users", USER, "email"), "x"), world).value.is_secret


def in_files(folder: Path) -> World:
    """Returns a world whose two roles have one file as their trust policy."""
    head, _, rest = TEXT.partition("        trust: &trust\n")
    document = load_world(DEFAULT_WORLD).document.data["aws"][ACCOUNT]["roles"]["ConnectAgent"]["trust"]
    (folder / "trust.json").write_text(json.dumps(document, indent=2), encoding="utf-8")
    after = rest[rest.index("      ConnectSupervisor:") :].replace("trust: *trust", "trust: trust.json")
    (folder / "world.yaml").write_text(f"{head}        trust: trust.json\n{after}", encoding="utf-8")
    return load_world(folder / "world.yaml")


def test_a_policy_file_is_changed_for_everything_that_names_it(tmp_path: Path) -> None:
    """A trial is of the file as it will be."""
    made = changed_world(in_files(tmp_path), (Edit(AUDIENCE, "x"),))
    other = (*AUDIENCE[:3], "ConnectSupervisor", *AUDIENCE[4:])
    assert value_at(made.document.data, AUDIENCE) == ("x", len(AUDIENCE))
    assert value_at(made.document.data, other) == ("x", len(other))


def test_what_is_in_a_policy_file_is_changed_there(tmp_path: Path) -> None:
    """The place is the file, and the pointer leads into it."""
    said = said_edit(Edit(AUDIENCE, "x"), in_files(tmp_path))
    assert (said.place, said.value.old) == (f"seed:{tmp_path / 'trust.json'}", RIGHT)
    assert said.value.pointer == "/Statement/0/Condition/StringEquals/SAML:aud"
    assert said.value.location is not None
    assert (said.value.location.file, said.value.location.line) == (str(tmp_path / "trust.json"), 12)
