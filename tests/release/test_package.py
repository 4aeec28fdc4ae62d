"""The package: which files it holds, what it says of itself, and what its dependencies may be."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.release import lower_bounds, wheel

PROJECT = wheel.settings()["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
REQUIREMENTS: list[str] = [*PROJECT["dependencies"], *(each for extra in EXTRAS.values() for each in extra)]
DEVELOPMENT = (wheel.ROOT / "docs" / "development.md").read_text(encoding="utf-8")


def test_every_file_of_a_package_is_in_the_wheel() -> None:
    """A template, a style sheet or a YAML file that no pattern of pyproject.toml matches would be missing."""
    assert wheel.files_of_the_packages() - wheel.packed_files() == set()
    assert wheel.packed_files() - wheel.files_of_the_packages() == set()


@pytest.mark.parametrize("name", wheel.PACKAGES)
def test_each_package_says_that_it_is_typed(name: str) -> None:
    """Type checkers read the annotations of a package that holds py.typed, and no others."""
    assert f"{name}/py.typed" in wheel.packed_files()


def test_nothing_but_the_packages_is_in_the_wheel() -> None:
    """Tests and documents stay in the repository."""
    assert {name.split("/")[0] for name in wheel.packed_files()} == set(wheel.PACKAGES)


def _write_wheel(path: Path, *, version: str, without: str = "", added: str = "") -> Path:
    """Writes a wheel with the files that belong in one, and empty contents."""
    information = f"fedemu-{version}.dist-info"
    metadata = {
        "Version": version,
        "Summary": PROJECT["description"],
        "License-Expression": PROJECT["license"],
        "Requires-Python": PROJECT["requires-python"],
    }
    points = (
        "[console_scripts]\nfedemu = emulator.cli:main\n[pytest11]\nemulator.pytest_plugin = emulator.pytest_plugin\n"
    )
    with zipfile.ZipFile(path, "w") as archive:
        for name in sorted({*wheel.files_of_the_packages(), added} - {without, ""}):
            archive.writestr(name, "")
        archive.writestr(f"{information}/METADATA", "".join(f"{key}: {value}\n" for key, value in metadata.items()))
        archive.writestr(f"{information}/entry_points.txt", points)
        archive.writestr(f"{information}/licenses/LICENSE", "")
    return path


def test_what_is_wrong_with_a_wheel_is_found(tmp_path: Path) -> None:
    """A file that is missing, one that is not ours, and another version."""
    good = _write_wheel(tmp_path / "good.whl", version=PROJECT["version"])
    assert list(wheel.faults(good)) == []
    bad = _write_wheel(tmp_path / "bad.whl", version="0.0.9", without="idp/py.typed", added="tests/conftest.py")
    assert list(wheel.faults(bad)) == [
        "missing: idp/py.typed",
        "not one of ours: tests/conftest.py",
        f"Version is 0.0.9, not {PROJECT['version']}",
    ]


def test_the_licence_is_the_one_that_the_package_names() -> None:
    """LICENSE is the text of the licence in pyproject.toml."""
    assert (wheel.ROOT / "LICENSE").read_text(encoding="utf-8").startswith(f"{PROJECT['license']} License\n")


def test_the_changelog_begins_with_this_version() -> None:
    """Whoever upgrades finds what is new first."""
    versions = re.findall(r"^## \[([^]]+)\]", (wheel.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert versions == [PROJECT["version"], "0.1.0"]


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_every_dependency_has_a_lower_bound_and_a_reason(requirement: str) -> None:
    """The bound is what make lower-bounds installs; the reason is a line of docs/development.md."""
    name = lower_bounds.name_of(requirement)
    assert lower_bounds.lowest(requirement).startswith(f"{name}==")
    assert re.search(rf"^- `{re.escape(name)}`: \S", DEVELOPMENT, re.MULTILINE), f"{name} has no line"


def test_no_line_is_left_of_a_dependency_that_is_gone() -> None:
    """The section about dependencies has a line for each of pyproject.toml, and no other."""
    section = DEVELOPMENT[DEVELOPMENT.index("## Dependencies") :].split("\n## ")[0]
    lines = re.findall(r"^- `([\w.-]+)`: ", section, re.MULTILINE)
    assert sorted(lines) == sorted({lower_bounds.name_of(each) for each in REQUIREMENTS})


def test_a_dependency_without_a_lower_bound_is_refused() -> None:
    """It would never be tested at its oldest version."""
    with pytest.raises(ValueError, match=re.escape("pyproject.toml: attrs<30 has no lower bound")):
        lower_bounds.lowest("attrs<30")
    assert lower_bounds.lowest("moto[server]>=5") == "moto==5"
