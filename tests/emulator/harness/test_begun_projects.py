"""What ``fedemu init`` writes, run by pytest: also in a folder of a project whose settings are elsewhere."""

from __future__ import annotations

import sys

import pytest

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers", "-W", "error")
pytest_plugins = ["pytester"]


def test_it_runs_where_it_is(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    """Two tests and three scenarios, in the world beside them and not in the built-in one."""
    monkeypatch.setenv("PYTHONPATH", str(pytestconfig.rootpath))
    pytester.makeini("[pytest]\n")
    assert pytester.run(sys.executable, "-m", "emulator", "init", "login").ret == 0
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=5)
    world = pytester.path / "login" / "world.yaml"
    world.write_text(world.read_text(encoding="utf-8").replace("hanako@", "haruko@"), encoding="utf-8")
    result = pytester.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=5)
    assert {line.partition(" ")[2].partition(" ")[0] for line in result.outlines if line.startswith("FAILED ")} == {
        "login/scenarios/login.fedemu.yaml::LOGIN-01",
        "login/scenarios/login.fedemu.yaml::LOGIN-02",
        "login/scenarios/login.fedemu.yaml::LOGIN-03",
        "login/test_login.py::test_another_audience_is_refused",
        "login/test_login.py::test_the_login_arrives",
    }
