"""Our packages have plain names: another one of the same name is found before anything obscure is said."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emulator import pytest_plugin
from emulator.kernel.errors import EnvironmentProblem
from emulator.running.package_names import OWN_FOLDER, foreign_packages, hiding_names, require_own_packages


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns a package called scenarios that is imported before ours."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "__init__.py").touch()
    monkeypatch.delitem(sys.modules, "scenarios", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path / "scenarios" / "__init__.py"


def test_our_own_packages_are_no_mistake() -> None:
    """Nothing is foreign here, and our own folder hides nothing."""
    assert list(foreign_packages()) == []
    assert hiding_names(OWN_FOLDER) == []
    require_own_packages()


def test_a_package_of_another_distribution_is_named(foreign: Path) -> None:
    """Whichever comes first is imported, and then nothing of ours works."""
    assert list(foreign_packages()) == [f"scenarios is imported from {foreign}"]
    with pytest.raises(EnvironmentProblem) as caught:
        require_own_packages()
    assert caught.value.message == (
        f"Another package has a name that fedemu needs: scenarios is imported from {foreign}"
    )
    assert caught.value.expected == str(OWN_FOLDER)


def test_a_package_or_module_in_a_folder_hides_ours_and_a_mere_folder_does_not(tmp_path: Path) -> None:
    """The scenarios folder that fedemu init writes is not imported by anybody."""
    (tmp_path / "scenarios").mkdir()
    assert hiding_names(tmp_path) == []
    (tmp_path / "idp").mkdir()
    (tmp_path / "idp" / "__init__.py").touch()
    (tmp_path / "emulator.py").touch()
    assert hiding_names(tmp_path) == ["emulator.py", "idp"]


@pytest.mark.usefixtures("foreign")
def test_the_pytest_plugin_names_the_foreign_package() -> None:
    """A test with one of our fixtures and a scenario file fail so; other tests do not look."""
    words = "^Another package has a name that fedemu needs: scenarios is imported from "
    with pytest.raises(pytest.fail.Exception, match=words):
        pytest_plugin.pytest_collect_file(Path("login.fedemu.yaml"), None)  # type: ignore[arg-type]  # not looked at
    item: Any = SimpleNamespace(fixturenames=["federation", "clock"])
    with pytest.raises(pytest.fail.Exception, match=words):
        next(pytest_plugin.pytest_runtest_setup(item))
    next(pytest_plugin.pytest_runtest_setup(SimpleNamespace(fixturenames=["tmp_path"])))  # type: ignore[arg-type]
