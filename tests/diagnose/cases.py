"""Judges folders of recorded cases by what the command line prints, as a person reads it.

A folder has ``expected.yaml`` and either a ``world.yaml`` of its own, or a ``case.yaml`` with changes to the
``base.yaml`` beside it. Its first explanation has to name the cause, and the line of the setting, in words that
``expected.yaml`` lists.
"""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from tests.diagnose.commands import Printed, add_provider_acs, own_home, run_command, run_steps
from tests.diagnose.mutating import Plain, change

_PLACE = re.compile(r"^\s*(?:from|and)\s+(.*)$", re.MULTILINE)
_FIX = re.compile(r"^\s*(?:fix(?: \(tried\))?|set in)\s+(.*)$", re.MULTILINE)
_STREAMS = Path(__file__).parents[2] / ".venv" / "clients" / "node_modules" / "amazon-connect-streams" / "release"


@dataclass(slots=True)
class Case:
    """A case, and its result: each question with its answer, and with what is missing where it is no."""

    name: str
    answers: dict[str, tuple[bool, str]] = field(default_factory=dict)
    block: str = ""

    def ask(self, question: str, *, missing: Sequence[object]) -> None:
        """Answers a question: yes where nothing is missing."""
        self.answers[question] = (not missing, "; ".join(map(str, missing)))

    @property
    def good(self) -> bool:
        """Whether every answer is yes."""
        return all(answer for answer, _ in self.answers.values())


def judge_cases(folder: Path, *, only: str = "", jobs: int = 1) -> int:
    """Judges every case below a folder and prints what came of each; 1 where one is not as expected."""
    folders = [path.parent for path in sorted(folder.rglob("expected.yaml")) if only in str(path.parent)]
    judge = partial(_judge, root=folder)
    if jobs == 1:
        cases = list(map(judge, folders))
    else:
        with ProcessPoolExecutor(jobs) as pool:
            cases = list(pool.map(judge, folders))
    for case in cases:
        words = (f"{question} {'yes' if answer else 'NO'}" for question, (answer, _) in case.answers.items())
        print(f"{case.name:<46} {'  '.join(words)}")
        for question, (answer, missing) in case.answers.items():
            if not answer:
                print(f"    {question}: {missing}")
        if only or not case.good:
            print("".join(f"    | {line}\n" for line in case.block.splitlines()), end="")
    for question in dict.fromkeys(question for case in cases for question in case.answers):
        asked = [case.answers[question][0] for case in cases if question in case.answers]
        print(f"{question:<12} {sum(asked)} of {len(asked)}")
    return 0 if cases and all(case.good for case in cases) else 1


def _judge(folder: Path, *, root: Path) -> Case:
    case = Case(str(folder.relative_to(root)) if folder != root else folder.name)
    expected = yaml.safe_load((folder / "expected.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as name, own_home(Path(name, "home")):
        work = Path(name, "case")
        shutil.copytree(folder, work)
        try:
            if (folder / "case.yaml").exists():
                _judge_changes(case, expected, folder, work)
            else:
                _judge_world(case, expected, work)
        except Exception as error:  # noqa: BLE001  one case that cannot be run leaves the others alone
            case.ask("ran", missing=[f"{type(error).__name__}: {error}"])
    return case


def _judge_check(case: Case, expected: Mapping[str, Any], work: Path) -> None:
    """Whether ``fedemu check`` finds a case that says so, and lets one pass that works."""
    works = bool(expected.get("works"))
    if not (works or expected.get("check") or expected.get("static")) or not (work / "world.yaml").exists():
        return
    status = run_command(["check", "world.yaml", "--no-fixes"], work).status
    case.ask("checked", missing=[] if (status == 0) is works else [f"the exit code of check is {status}"])


def _judge_world(case: Case, expected: Mapping[str, Any], work: Path) -> None:
    """Judges a case that has a world of its own."""
    _judge_check(case, expected, work)
    printed = _run(expected["run"], work)
    case.block = printed.block or printed.text
    case.ask("reproduced", missing=list(_not_reproduced(printed, expected["reproduces"])))
    if expected.get("works"):
        return
    case.ask("named", missing=_missing(expected.get("names", []), printed.block))
    if expected.get("place"):
        case.ask("place", missing=_missing([[expected["place"]]], _places(printed)))
    if expected.get("fix_words"):
        case.ask("fix", missing=_missing(expected["fix_words"], "\n".join(_FIX.findall(printed.block))))
    if "login" in expected["run"]:
        user, app, *options = expected["run"]["login"]
        case.ask("fixed", missing=list(_not_fixed(work, user, app, options)))
    if expected.get("repair"):
        case.ask("repaired", missing=list(_not_repaired(expected, work)))


def _run(run: Mapping[str, Any], work: Path, *, environment: Mapping[str, str] | None = None) -> Printed:
    """Runs what a case says: a login, an inspection, or a program in the emulated internet."""
    if "login" in run:
        return run_command(["login", *run["login"], "--world", "world.yaml"], work)
    if "inspect" in run:
        return run_command(["inspect", *run["inspect"]], work)
    return run_steps(work, run["api"], environment or {})


def _not_reproduced(printed: Printed, wanted: Mapping[str, Any]) -> Iterator[str]:
    outcome = "accepted" if printed.status == 0 else "refused"
    if wanted["outcome"] not in {outcome, "any"}:
        yield f"it was {outcome}"
    yield from (f"{words!r} was not said" for words in wanted["words"] if words not in printed.text)


def _not_repaired(expected: Mapping[str, Any], work: Path) -> Iterator[str]:
    """Yields what is wrong after the true repair."""
    repair = expected["repair"]
    path = work / "world.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    if repair.get("acs_of_provider"):
        add_provider_acs(path, data, repair["acs_of_provider"])
    path.write_text(_as_yaml(change(data, repair.get("changes", {}))), encoding="utf-8")
    printed = _run(repair.get("run", expected["run"]), work, environment=repair.get("env"))
    if printed.status != 0:
        yield f"the repaired login ends so: {printed.block or printed.text[-300:]}"
    yield from (f"{words!r} was not said" for words in repair.get("words", []) if words not in printed.text)


def _judge_changes(case: Case, expected: Mapping[str, Any], folder: Path, work: Path) -> None:
    """Judges a case that changes the world beside it."""
    settings = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    base = yaml.safe_load((folder.parent / f"{settings.get('world', 'base')}.yaml").read_text(encoding="utf-8"))
    changes = dict(settings.get("changes") or {})
    if "/pages" in changes:
        pages = folder.parent / "pages"
        real = {"PAGES": str(pages), "STREAMS": str(_STREAMS if _STREAMS.is_dir() else pages)}
        changes["/pages"] = {at: [real.get(name, name) for name in names] for at, names in changes["/pages"].items()}
    (work / "world.yaml").write_text(_as_yaml(change(base, changes)), encoding="utf-8")
    _judge_check(case, expected, work)
    printed = _make(settings, work)
    case.block = printed.block or printed.text
    case.ask("reproduced", missing=[] if printed.status == 1 else [f"the exit code is {printed.status}"])
    case.ask("named", missing=_missing([[words] for words in expected.get("cause_words", [])], printed.block))
    unknown = [] if expected.get("production_known", "").startswith("wording") else expected.get("production_words", [])
    case.ask("said", missing=_missing([[words] for words in unknown], printed.text))
    login = settings.get("login")
    if login and not settings.get("then") and not settings.get("frame"):
        case.ask("fixed", missing=list(_not_fixed(work, login["user"], login["app"], _options(login))))
    if expected.get("must_not"):
        found = re.search(expected["must_not"], printed.block, re.IGNORECASE)
        case.ask("silent", missing=[expected["must_not"]] if found else [])
    if expected.get("place"):
        case.ask("place", missing=_missing([[expected["place"]]], _places(printed)))
    elif settings.get("changes"):
        named = [_last_words(pointer) for pointer in settings["changes"] if pointer != "/pages"]
        case.ask("place", missing=_missing([named], _places(printed)))


def _not_fixed(work: Path, user: str, app: str, options: Sequence[str]) -> Iterator[str]:
    """Yields what is wrong after ``fedemu fix`` wrote what it tried into a copy of the world."""
    copied = work / "fixed.yaml"
    shutil.copyfile(work / "world.yaml", copied)  # without its mode, which may be read-only
    chosen = [*options, "--allow-warnings", "--user", user, "--app", app]
    tried = run_command(["fix", copied.name, *chosen], work)
    printed = run_command(["login", user, app, *options, "--world", copied.name], work)
    if printed.status != 0:
        yield f"fedemu fix ended with {tried.status}, and the login then so: {printed.block or printed.text[-300:]}"


def _make(settings: Mapping[str, Any], work: Path) -> Printed:
    """Makes a case's login, or runs it as a scenario where it has more than a login."""
    login = settings.get("login")
    steps = list(settings.get("then") or [])
    if settings.get("frame"):
        steps.append({"frame": settings["frame"]})
    if login and not steps:
        options = _options(login)
        return run_command(["login", login["user"], login["app"], *options, "--world", "world.yaml"], work)
    scenario: dict[str, Any] = {"scenario": "A case", "id": "CASE", "world": "world.yaml", "then": steps}
    if login:
        scenario["login"] = login
    scenario["expect"] = {"outcome": "accepted", "oracle": "documented"}
    (work / "scenario.yaml").write_text(_as_yaml(scenario), encoding="utf-8")
    return run_command(["run", "-v", "scenario.yaml"], work)


def _options(login: Mapping[str, Any]) -> list[str]:
    given = {name: value for name, value in login.items() if name not in {"user", "app"}}
    return [part for name, value in given.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def _places(printed: Printed) -> str:
    """Returns the places that are named: of a bad file the line that begins its problem."""
    if printed.is_bad_file:
        return printed.block.partition("\n")[0]
    return "\n".join(_PLACE.findall(printed.block))


def _last_words(pointer: str) -> str:
    """Returns the pattern of what a pointer leads to: the last part of it that is not an index."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")]
    return re.escape(next(part for part in reversed(parts) if not part.isdigit()))


def _missing(groups: Sequence[Sequence[str]], text: str) -> list[str]:
    """Returns the groups of which no alternative is in a text."""
    return [" | ".join(group) for group in groups if not any(_is_in(pattern, text) for pattern in group)]


def _is_in(pattern: str, text: str) -> bool:
    """Whether a pattern is in a text: with ``=`` in front it is the word to the letter, else case does not count."""
    if pattern.startswith("="):
        return pattern[1:] in text
    if pattern.lower() in text.lower():
        return True
    try:
        return re.search(pattern, text, re.IGNORECASE) is not None
    except re.error:
        return False


def _as_yaml(data: object) -> str:
    return yaml.dump(copy.deepcopy(data), Dumper=Plain, sort_keys=False, allow_unicode=True, width=1000)
