"""The tests of a module are at the module's own path: ``idp/saml/roles.py`` has ``tests/idp/saml/test_roles.py``.

Tests that need several modules of one room are beside that room's tests and are listed here with the reason. Tests
that cross rooms are in folders of their own, such as ``tests/flows``.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("emulator", "idp", "sp_mock")
# By reason: the paths that their modules would have.
EXCEPTIONS = {
    "An option of a verb, or every verb with the same files.": [
        "emulator/commands/explain_setup.py",
        "emulator/commands/hostile_files.py",
        "emulator/commands/next_steps.py",
    ],
    "Locust as a process of its own, which the folder's fixtures start.": [
        "emulator/load/load.py",
        "emulator/load/page.py",
    ],
    "The pytest plugin in projects of its own, which the folder's fixtures make.": [
        "emulator/harness/begun_projects.py",
        "emulator/harness/examples.py",
        "emulator/harness/pytest_plugin.py",
        "emulator/harness/ways_to_run.py",
        "emulator/harness/what_failures_show.py",
    ],
    "Files as products, tools and services really write them, read by the whole room.": [
        "emulator/inspection/vendor_responses.py",
        "emulator/seeds/aws_answers/recorded_answers.py",
        "emulator/seeds/cloudformation/stacks.py",
        "emulator/seeds/okta_answers/round_trip.py",
        "emulator/seeds/terraform/plans.py",
        "emulator/seeds/terraform/states.py",
        "idp/management_api/recorded_objects.py",
        "sp_mock/iam/recorded_answers.py",
    ],
    "What nobody may send, read or show, tried on everything in the room.": [
        "emulator/reconstruction/secrets.py",
        "emulator/running/hostile_requests.py",
        "emulator/running/state/hostile_states.py",
        "emulator/seeds/other_files/refusals.py",
        "emulator/seeds/terraform/malformed.py",
        "emulator/workbench/hostile_words.py",
        "sp_mock/assertion/mistakes/encodings.py",
    ],
    "Settings that were changed, which the diagnosis, the candidates and their trial decide together.": [
        "emulator/diagnosis/running_changes.py",
        "emulator/fixes/aws/connect.py",
        "emulator/fixes/aws/providers_and_roles.py",
        "emulator/fixes/aws/settings.py",
        "emulator/fixes/okta/messages.py",
        "idp/saml/blame.py",
    ],
    "The same result in several formats, or the same world on several pages.": [
        "emulator/reports/compare/compare_reports.py",
        "emulator/reports/run/run_reports.py",
        "emulator/workbench/large.py",
        "emulator/workbench/one_side.py",
        "emulator/workbench/people_and_faults.py",
        "emulator/workbench/state_notice.py",
        "sp_mock/connect_instance/instance_pages.py",
        "sp_mock/sites.py",
    ],
    "A promise of the whole room, such as that a message is read once.": [
        "emulator/seeds/sources.py",
        "emulator/worldfile/large_worlds.py",
        "sp_mock/apis/pagination.py",
        "sp_mock/assertion/read_once.py",
        "sp_mock/assertion/types.py",
        "sp_mock/iam/set_ups.py",
    ],
    "A protocol, from its request to its answer.": [
        "idp/oauth/logout.py",
        "idp/sso/custom_saml.py",
    ],
}


def _unmirrored() -> list[str]:
    """Returns the paths of the modules and packages that test modules would mirror, and that do not exist."""
    tests = (path for package in PACKAGES for path in (ROOT / "tests" / package).rglob("test_*.py"))
    mirrored = (path.relative_to(ROOT / "tests").with_name(path.name.removeprefix("test_")) for path in tests)
    return sorted(
        str(each) for each in mirrored if not (ROOT / each).is_file() and not (ROOT / each.with_suffix("")).is_dir()
    )


def test_every_test_module_mirrors_a_module() -> None:
    """What is not at a module's path is listed with a reason, and what is listed is there and needed."""
    assert _unmirrored() == sorted(path for paths in EXCEPTIONS.values() for path in paths)
