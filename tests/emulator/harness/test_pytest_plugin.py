"""The plugin's fixtures and traces, in projects of their own, and the examples of docs/pytest.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
ROOT = Path(__file__).parents[3]
pytest_plugins = ["pytester"]

REFUSED = """
import pytest

@pytest.mark.world(changes={"/okta/acme/apps/amazon-connect/audience": "urn:example:app"})
def test_refused(login):
    login("hanako@example.com", "amazon-connect", must_arrive=True)
"""
ARRIVES = """
def test_arrives(login):
    login("hanako@example.com", "amazon-connect", must_arrive=True)
"""


def test_a_failed_login_shows_its_steps_and_the_block(project: pytest.Pytester) -> None:
    """The message is the block; beneath the failure are the hops and where the traces are."""
    project.makepyfile(REFUSED)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E *ExpectationFailed: hanako@example.com does not arrive in amazon-connect",
            "E       AWS sign-in refused: InvalidIdentityToken (400), check audience",
            "-* fedemu: what happened -*",
            " 5. Present the assertion  POST https://signin.aws.amazon.com/saml  -> 400",
            "-* fedemu: traces -*",
        ]
    )


def test_what_a_program_was_refused_reaches_the_test(project: pytest.Pytester) -> None:
    """A request through a socket is listed with its refusal; the environment is not printed."""
    project.makepyfile(
        """
        import urllib.request

        def test_program(emulator_server, real_names):
            assert real_names["HTTPS_PROXY"] == emulator_server.running.proxy
            direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            direct.open(emulator_server.server.url + "/saml", b"SAMLResponse=nothing")
        """
    )
    result = project.runpytest_subprocess(*PLUGIN, "-vv")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["real_names = <* environment variables>", "-* fedemu: what happened -*", "AWS sign-in refused: *check *"]
    )


@pytest.mark.parametrize(
    ("option", "kept"),
    [
        ([], ["refused.har", "refused.json"]),
        (["--fedemu-traces=always"], ["arrives.har", "arrives.json", "refused.har", "refused.json"]),
        (["--fedemu-traces=off"], []),
    ],
)
def test_traces_are_kept_as_asked(project: pytest.Pytester, option: list[str], kept: list[str]) -> None:
    """They are readable by nobody else, and ignored by git."""
    project.makepyfile(REFUSED + ARRIVES)
    project.runpytest_subprocess(*PLUGIN, *option).assert_outcomes(passed=1, failed=1)
    folder = project.path / ".fedemu" / "traces"
    files = sorted(folder.iterdir()) if folder.exists() else []
    assert [re.sub(r".*test_(\w+)-\w+", r"\1", file.name) for file in files] == kept
    assert {file.stat().st_mode & 0o777 for file in files} <= {0o600}
    ignored = [path.read_text(encoding="utf-8") for path in project.path.glob(".fedemu/.gitignore")]
    assert ignored == (["*\n"] if kept else [])
    for file in files:
        data = json.loads(file.read_text(encoding="utf-8"))
        assert len(data["log"]["entries"] if file.suffix == ".har" else data["steps"]) >= 5


def test_traces_are_not_kept_through_a_link(project: pytest.Pytester) -> None:
    """The failure is reported all the same, with why there is no trace."""
    target = project.mkdir("elsewhere")
    (project.path / ".fedemu").symlink_to(target)
    project.makepyfile(REFUSED)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["the trace cannot be kept in *: *.fedemu is a link"])
    assert list(target.iterdir()) == []


def test_worlds_and_changes_of_markers(project: pytest.Pytester) -> None:
    """A path is relative to the test's file, the nearest one is taken, and changes are added up."""
    world = (project.path / "world.yaml").read_text(encoding="utf-8")
    (project.path / "tests").mkdir()
    (project.path / "tests" / "other.yaml").write_text(world.replace("acme.okta", "other.okta"), encoding="utf-8")
    (project.path / "tests" / "test_worlds.py").write_text(
        """
import pytest

APP = "/okta/acme/apps/amazon-connect"
pytestmark = pytest.mark.world("other.yaml", changes={f"{APP}/audience": "urn:module"})

@pytest.mark.world(changes={f"{APP}/session_duration": 7200})
def test_changed(federation):
    assert federation.world.document.file.endswith("tests/other.yaml")
    app = federation.world.settings.okta["acme"].apps["amazon-connect"]
    assert (app.audience, app.session_duration) == ("urn:module", 7200)

@pytest.mark.world("none.yaml")
def test_no_file(federation):
    pass

@pytest.mark.world(changes={"/version/of/nothing": 1})
def test_no_pointer(federation):
    pass

@pytest.mark.world(changes={"okta/acme/mfa": "never"})
def test_no_slash(federation):
    pass

@pytest.mark.world(changes="/okta")
def test_no_changes(federation):
    pass

@pytest.mark.world(7)
def test_no_path(federation):
    pass
""",
        encoding="utf-8",
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(passed=1, errors=5)
    assert result.outlines.count("@pytest.mark.world takes a path and changes={pointer: value}") == 2
    result.stdout.fnmatch_lines_random(
        [
            "*tests/none.yaml*",
            "@pytest.mark.world: a pointer of changes leads nowhere: '/version/of/nothing'",
            "@pytest.mark.world: 'okta/acme/mfa' is no JSON pointer; want a text that begins with a slash: "
            "/okta/acme/mfa",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_fixtures_of_a_project_go_before(project: pytest.Pytester) -> None:
    """A conftest's own federation is the one that login uses."""
    project.makeconftest(
        """
        import pytest
        from emulator.federation import Federation
        from emulator.world import load_world, DEFAULT_WORLD

        @pytest.fixture
        def federation(clock):
            return Federation(load_world(DEFAULT_WORLD), clock=clock)
        """
    )
    project.makepyfile(
        """
        def test_own(federation, login, clock):
            assert federation.clock is clock
            login("hanako@example.com", "amazon-connect", must_arrive=True)
            assert federation.gateway.exchanges

        def test_seen(federation):
            assert federation.browser().open("https://acme.okta.com/app/UserHome").status == 404
        """
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "-* fedemu: what happened -*",
            " 1. Okta dashboard         GET https://acme.okta.com/app/UserHome  -> 200",
            "-* fedemu: traces -*",
        ]
    )


@pytest.mark.parametrize(("plugin", "whose"), [("playwright", "theirs"), ("another", "ours")])
def test_the_browser_of_pytest_playwright_stays(project: pytest.Pytester, plugin: str, whose: str) -> None:
    """Its other fixtures ask for that browser by the same name."""
    project.makepyfile(
        theirs='import pytest\n\n@pytest.fixture(scope="session")\ndef browser():\n    return "theirs"\n',
        test_browser='def test_browser(browser):\n    print("BROWSER", browser if browser == "theirs" else "ours")\n',
    )
    project.syspathinsert()
    (project.path / "x-1.dist-info").mkdir()
    (project.path / "x-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: x\nVersion: 1\n")
    points = f"[pytest11]\n{plugin} = theirs\n" if plugin == "playwright" else ""
    (project.path / "x-1.dist-info" / "entry_points.txt").write_text(points)
    result = project.runpytest_subprocess(*PLUGIN, "-s")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*BROWSER {whose}*"])


def test_an_entry_point_and_an_option_load_it_once(project: pytest.Pytester) -> None:
    """The entry point has the name of the module, by which pytest knows that it has it."""
    declared = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (point,) = re.findall(r'^"(emulator\.pytest_plugin)" = "emulator\.pytest_plugin"$', declared, re.MULTILINE)
    (project.path / "x-1.dist-info").mkdir()
    (project.path / "x-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: x\nVersion: 1\n")
    (project.path / "x-1.dist-info" / "entry_points.txt").write_text(f"[pytest11]\n{point} = emulator.pytest_plugin\n")
    project.makepyfile(ARRIVES)
    project.syspathinsert()
    project.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_nothing_of_ours_is_imported_at_the_start() -> None:
    """Whoever has fedemu installed and tests something else does not wait for it."""
    code = (
        "import sys, emulator.pytest_plugin\n"
        "print(*[name for name in sys.modules if name.partition('.')[0] in ('emulator', 'idp', 'sp_mock')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "emulator emulator.pytest_plugin\n"


def test_what_real_aws_would_take_is_not_kept(project: pytest.Pytester) -> None:
    """With the identity provider alone an assertion is a credential: no trace is written, and the failure says so."""
    project.makeconftest(
        "import pytest\n"
        "from emulator.federation import Federation\n"
        "from emulator.world import DEFAULT_WORLD, load_world\n\n"
        "@pytest.fixture\n"
        "def federation():\n"
        "    return Federation(load_world(DEFAULT_WORLD), only='idp')\n"
    )
    project.makepyfile(ARRIVES)
    result = project.runpytest_subprocess(*PLUGIN)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["none is kept: with only='idp' an assertion is a credential of the real AWS"])
    assert not (project.path / ".fedemu").exists()
