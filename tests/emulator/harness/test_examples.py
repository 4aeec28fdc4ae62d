"""The examples of docs/pytest.md run as they stand, in one process and in two, and type-check."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.emulator.harness.conftest import ROOT, write_examples

# python3-saml, with which one of the examples reads assertions, uses functions that Python deprecates since 3.12.
OLD_TIMES = ("utcnow", "utcfromtimestamp")
PLUGIN: tuple[str, ...] = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers", "-W", "error")
PLUGIN = (
    *PLUGIN,
    *(part for name in OLD_TIMES for part in ("-W", f"ignore:datetime.datetime.{name}:DeprecationWarning")),
)
pytest_plugins = ["pytester"]


@pytest.mark.parametrize("processes", ["0", "2"])
def test_the_examples_of_the_page_run(project: pytest.Pytester, processes: str) -> None:
    """All their tests pass; the one that needs a browser is run in tests/browser."""
    files = write_examples(project.path)
    assert len(files) == 14
    result = project.runpytest_subprocess(*PLUGIN, "-n", processes, "--ignore=tests/test_desk.py")
    result.assert_outcomes(passed=14)


def test_the_types_of_the_page_are_right(project: pytest.Pytester) -> None:
    """mypy --strict takes the file as somebody's own code that uses an installed package."""
    pytest.importorskip("mypy", reason="make check installs mypy")
    write_examples(project.path)
    options = ["--strict", "--follow-imports", "silent", "--cache-dir", str(project.path / "cache")]
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-m", "mypy", *options, str(project.path / "tests" / "test_typed.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "Success: no issues found in 1 source file\n"
