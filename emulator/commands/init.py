"""``fedemu init``: a new project with a commented world, scenarios and tests."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emulator.commands.git_ignored import complete_git_ignore
from emulator.commands.options import next_step, repeated, say
from emulator.commands.schema import KINDS, modeline, schema_file, schema_text

if TYPE_CHECKING:
    from emulator.scenarios.starting import Begun
    from emulator.seeds.drafts.draft import MadeFile

_SCENARIOS = Path("scenarios") / "login.fedemu.yaml"
_SCENARIO = f"""\
# {modeline("scenario", "../schemas")}
# A login that arrives, one that must not, and what AWS recorded. Run with: fedemu run scenarios
scenario: The Okta tile opens the CCP
id: LOGIN-01
world: ../world.yaml
login: {{user: hanako@example.com, app: amazon-connect, destination: /ccp-v2}}
expect: arrives
---
# {modeline("scenario", "../schemas")}
scenario: A space in RoleSessionName is refused
id: LOGIN-02
extends: LOGIN-01
faults: [{{attribute: RoleSessionName, set: hanako sato}}]
expect:
  check: role-session-name
  code: InvalidIdentityToken
  message: RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{{2,64}}
---
# {modeline("scenario", "../schemas")}
scenario: The agent's credentials are the agent's, and CloudTrail has the login
id: LOGIN-03
world: ../world.yaml
steps:
  - login: {{user: hanako@example.com, app: amazon-connect, via: sts}}
    expect: {{role: "arn:aws:iam::123456789012:role/ConnectAgent"}}
  - call: {{service: sts, operation: GetCallerIdentity}}
    expect: {{answer: {{Account: "123456789012"}}}}
  - cloudtrail: {{eventName: AssumeRoleWithSAML, errorCode: null}}
"""

_TESTS = '''\
"""Logins as tests. pytest runs these and the scenarios in scenarios/login.fedemu.yaml."""

import pytest

pytestmark = pytest.mark.world("world.yaml")
'''

# Where GitHub looks for jobs, and where editors are sent for the schemas.
WORKFLOW = Path(".github", "workflows", "login.yaml")
SCHEMAS = Path("schemas")
_HOME = "https://acme.my.connect.aws/home"
_ROLE = "arn:aws:iam::123456789012:role/ConnectAgent"
_REFUSED = """

@pytest.mark.world(changes={"/okta/acme/apps/amazon-connect/audience": "urn:example:another"})
def test_another_audience_is_refused(login):
    result = login("hanako@example.com", "amazon-connect")
    assert result.login.refusal.check == "audience"
"""

_TO_FILL_IN = """

@pytest.mark.skip(reason="TODO: a person and an app of world.yaml")
def test_the_login_arrives(login):
    login("TODO", "TODO", must_arrive=True)
"""

_WORKFLOW = """\
# GitHub Actions runs this if it is at the top of the repository.
name: login
on: [push, pull_request]
jobs:
  login:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with: {python-version: "3.12"}
      - run: pip install ./fedemu   # a checkout or a wheel of fedemu
      - run: fedemu check world.yaml
      - run: fedemu run scenarios --junit login.xml --html login.html   # failures are annotations too
      - uses: actions/upload-artifact@v4
        if: always()
        with: {name: login, path: "login.*", if-no-files-found: ignore}
      # what each failed login sent and received, and why: fedemu inspect reads it
      - uses: actions/upload-artifact@v4
        if: failure()
        with: {name: login-traces, path: .fedemu/traces, include-hidden-files: true, if-no-files-found: ignore}
"""


@click.command()
@click.argument("paths", nargs=-1, metavar="[FOLDER]", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "is_from_files",
    is_flag=True,
    help="Start from your own files: FILE… [FOLDER]. Files, folders and patterns; FOLDER is created. Default: here.",
)
@click.option("--verbose", "-v", is_flag=True, help="List everything that was left out of the files.")
def command(paths: tuple[Path, ...], is_from_files: bool, verbose: bool) -> int:
    """Write a new project: world, scenarios, tests, CI job.

    With --from, the world starts from templates, Terraform's JSON, the AWS CLI's output, Okta's exports and metadata.
    JSON Schemas for editors are written too. Default for FOLDER: here.

    Exit codes: 0; 2 if a file exists already or cannot be used. Nothing is overwritten, and then nothing is written. A
    .gitignore that exists is kept, and what it lacks is added.
    """
    if is_from_files:
        return _from_files(paths, verbose=verbose)
    if len(paths) > 1:
        raise click.UsageError("Give one folder; files to start from come after --from.")
    from emulator.world import DEFAULT_WORLD

    folder = paths[0] if paths else Path()
    world = f"# {modeline('world', 'schemas')}\n{DEFAULT_WORLD.read_text(encoding='utf-8')}"
    tests = _tests("hanako@example.com", "amazon-connect", lands_on=_HOME, role=_ROLE) + _REFUSED
    _write(folder, world, _SCENARIO, tests)
    enter = f"{shlex.join(['cd', str(folder)])} && " if paths and folder.resolve() != Path.cwd() else ""
    next_step(f"{enter}fedemu check && fedemu run scenarios")
    return 0


def _tests_of(begun: Begun) -> str:
    """Returns the test file: the login of the first kind of people who arrive, or a template to fill in."""
    kind = next((kind for kind in begun.kinds if kind.arrives), None)
    if begun.todos or kind is None or kind.result is None:
        return _TESTS + _TO_FILL_IN
    login = kind.result.login
    chosen = kind.role_name if kind.chooses else ""
    return _tests(login.user, f"{kind.org}/{kind.app}", chosen=chosen, lands_on=login.lands_on, role=login.role)


def _tests(user: str, app: str, *, lands_on: str, role: str, chosen: str = "") -> str:
    """Returns a test file whose first login arrives.

    Args:
        user: The login of the person.
        app: The name of the app, or ``org/app``.
        lands_on: The address where the login arrives.
        role: The ARN of its role; empty if it has none.
        chosen: The name of the role to choose; empty if there is no choice.
    """
    arguments = f"{json.dumps(user)}, {json.dumps(app)}" + (f", role={json.dumps(chosen)}" if chosen else "")
    expected = f"    assert result.login.role == {json.dumps(role)}\n" if role else ""
    return (
        f"{_TESTS}\n\n"
        "def test_the_login_arrives(login):\n"
        f"    result = login({arguments}, must_arrive=True)\n"
        f"    assert result.login.lands_on == {json.dumps(lands_on)}\n"
        f"{expected}"
    )


def _write(folder: Path, world: str, scenarios: str, tests: str, made: Sequence[MadeFile] = ()) -> None:
    """Writes the files of a project; none of them may exist."""
    from emulator.kernel.errors import FileError, Location, Problem

    files = {
        folder / "world.yaml": world,
        folder / _SCENARIOS: scenarios,
        folder / "test_login.py": tests,
        folder / WORKFLOW: _WORKFLOW,
        **{folder / SCHEMAS / schema_file(kind): schema_text(kind) for kind in KINDS},
        **{folder / each: each.text for each in made},
    }
    # A link that leads nowhere yet would be written through.
    existing = [path for path in files if path.is_symlink() or path.exists()]
    if existing:
        raise FileError([Problem(Location(str(path)), "exists already", "a folder without it") for path in existing])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignored = complete_git_ignore(folder)
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            # A private key is its owner's alone from the first byte on.
            path.touch(mode=0o600 if path.suffix == ".key" else 0o666)
            path.write_text(text, encoding="utf-8")
            say(f"wrote {path}")
        if ignored:
            say(ignored)
    except OSError as error:
        problem = Problem(Location(str(error.filename or folder)), f"cannot be written: {error.strerror}")
        raise FileError([problem]) from None


def _from_files(paths: tuple[Path, ...], *, verbose: bool) -> int:
    """Starts a world from files, and prints what was taken, what must be filled in, and how its logins end."""
    from emulator.scenarios.drafts import scenarios_text
    from emulator.scenarios.starting import begin_world

    files, folder = _files_and_folder(paths)
    begun = begin_world(files, folder)
    schema = modeline("scenario", "../schemas")
    scenarios = scenarios_text(begun.kinds, world="../world.yaml", todos=begun.placeholders, header=schema)
    _write(folder, begun.draft.text, scenarios, _tests_of(begun), begun.draft.files)
    _tell(begun, verbose=verbose)
    world_file = folder / "world.yaml"
    if begun.todos:
        asking = f"{world_file} and {folder / _SCENARIOS}" if "user: TODO" in scenarios else world_file
        next_step(f"fill in the TODOs of {asking}, then " + repeated("check", world_file))
    else:
        next_step(repeated("check", world_file) + " && " + repeated("run", folder / "scenarios"))
    return 0


def _files_and_folder(paths: tuple[Path, ...]) -> tuple[list[Path], Path]:
    """Returns the files to start from, and the folder to write to: the last argument, if it is not a file."""
    if not paths:
        raise click.UsageError("--from needs files: fedemu init --from FILE… [FOLDER]")
    *files, last = paths
    is_folder = last.is_dir() or (not last.exists() and not last.suffix and not set("*?[") & set(last.name))
    return (files, last) if files and is_folder else ([*paths], Path())


def _tell(begun: Begun, *, verbose: bool) -> None:
    from emulator.access.remarks import counted, few
    from emulator.reports.seed_text import seed_lines

    say()
    for line in seed_lines(begun.world.seeds, all_of_it=verbose, all_with="fedemu check -v"):
        say(line)
    for problem in begun.passed_over:
        say(f"{problem.location.file}: not read: {problem.message}")
    if begun.draft.made:
        made = list(dict.fromkeys(begun.draft.made))
        say(f"generated, because no file contains {'it' if len(made) == 1 else 'them'}: {few(made)}")
    if begun.todos:
        say()
        say(f"{counted(len(begun.todos), 'TODO')} to fill in:", fg="yellow")
        for problem in begun.todos:
            say(f"  {problem.location}")
            say(f"    {problem.message.partition(': ')[2]}")
        return
    failing = [kind for kind in begun.kinds if not kind.arrives]
    say()
    arriving = len(begun.kinds) - len(failing)
    say(f"{counted(len(begun.kinds), 'scenario')}, of which {arriving} {'arrives' if arriving == 1 else 'arrive'} now")
    for kind in failing:
        say(f"  {kind.people[0]} in {kind.org}/{kind.app}{f' as {kind.role_name}' if kind.role else ''}", fg="yellow")
        say(f"    {kind.cause}")
    if begun.more_kinds:
        say(f"  and {begun.more_kinds:,} more kinds of people, without a scenario; fedemu check lists all")
