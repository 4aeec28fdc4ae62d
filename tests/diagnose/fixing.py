"""Which proposed change restores the login of a mutant: each is applied to a copy and the same journey made again.

python -m tests.diagnose --fixes              every mutant, by kind
python -m tests.diagnose --fixes --misses     only those that are not restored well
python -m tests.diagnose --fixes --side okta  those whose mistake is set in Okta (or in aws)
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.fixes.candidate import APPENDED, REMOVED, Candidate, Edit, Finding
from emulator.fixes.candidates import candidates_of
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, FileError, FlowError, WorldError
from emulator.network.keys import KeyFolder
from emulator.world import World, load_world, read_world
from emulator.worldfile.yaml_data import Key
from emulator.worldfile.yaml_file import YamlDocument, key_text, read_documents
from tests.diagnose.judging import Bench
from tests.diagnose.mutants import Journey, Mutant, MutantFile, key_of
from tests.diagnose.mutating import write
from tests.diagnose.playing import START, arrives, made, play

_SIDES = ("okta_candidates", "aws_candidates")
_MOST_TRIED = 8
# Who gets where: by org, person and app the outcome, the last page, the session's name and the roles that were sent.
Access = Mapping[tuple[str, str, str], tuple[str, ...]]


class Verdict(StrEnum):
    """What came of the changes that were proposed for a mutant."""

    RESTORED = "restored"
    ELSEWHERE = "restored, by a change of another setting"
    OTHERS = "restored, and the access of others is another"
    NOT_RESTORED = "not restored"
    NOT_HERE = "no setting of the world is behind it"
    HARMLESS = "harmless"


@dataclass(frozen=True, slots=True)
class Fixed:
    """What came of the changes that were proposed for one mutant.

    Args:
        mutant: Which.
        blames: What is to be blamed, as keys are written.
        says: What was said of the mistake.
        verdict: What came of it.
        candidate: The first that restored the login.
        tried: How many were tried, with that one.
        proposed: Every title, for a person.
        differing: Whose access is another than before the mutation.
    """

    mutant: Mutant
    blames: tuple[str, ...]
    says: str
    verdict: Verdict
    candidate: Candidate | None = None
    tried: int = 0
    proposed: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()


def side_of(blames: Sequence[str]) -> str:
    """Returns whose mistake something is that is blamed: ``okta``, ``aws``, or nothing where no setting is."""
    return next((side for blame in blames for side in ("okta", "aws") if blame.startswith(f"{side}.")), "")


class FixBench:
    """Tries what is proposed for mutants.

    Args:
        folder: A prepared folder that worlds are written to.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys = KeyFolder(folder / "keys")
        self._bench = Bench(folder)
        self._access: dict[str, Access] = {}

    def judge(self, file: MutantFile, mutant: Mutant) -> Fixed:
        """Makes a mutant's journey, and again with each change that is proposed until one restores the login."""
        blames = file.blames(mutant)
        if mutant.harmless:
            return Fixed(mutant, blames, "", Verdict.HARMLESS)
        journey = file.journey(mutant)
        wanted = self._bench.wanted(file, journey)
        path = write(self._folder, file, mutant)
        lands_on = wanted.lands_on if journey.works else ""
        try:
            document, says, candidates = self._proposed(path, journey, lands_on)
        except FileError as error:
            return Fixed(mutant, blames, str(error.problems[0]), _unrestored(blames))
        titles = tuple(f"{each.title}: {_told(each)}" for each in candidates)
        for tried, candidate in enumerate(candidates[:_MOST_TRIED], start=1):
            changed = apply(document, candidate.edits)
            if changed is None:
                continue
            end = play(changed, journey, self._keys, lands_on=lands_on)
            if not (end.came_to(wanted, journey) if journey.works else arrives(end, journey)):
                continue
            verdict, differing = self._well(file, mutant, candidate, changed)
            return Fixed(mutant, blames, says, verdict, candidate, tried, titles, differing)
        return Fixed(mutant, blames, says, _unrestored(blames), tried=len(candidates), proposed=titles)

    def _proposed(self, path: Path, journey: Journey, lands_on: str) -> tuple[YamlDocument, str, list[Candidate]]:
        """Returns a world's document, what is said of its login, and what is proposed for it."""
        (document,) = read_documents(path, error=WorldError)
        try:
            world = load_world(path)
            federation = self._federation(world)
        except FileError as error:
            said = " / ".join(problem.message for problem in error.problems)
            functions = _functions("propose_for_problem")
            found = (each for propose in functions for problem in error.problems for each in propose(problem, document))
            return document, said, _in_order(found)
        try:
            login = made(federation, journey, lands_on=lands_on)
        except FlowError as error:
            return document, error.message, []
        told = diagnosis_of(login, federation)
        if told is None:
            return document, "nothing was said", []
        asked = journey.login.role if journey.login is not None else None
        finding = Finding(world, told, login, role=asked or "", lands_on=lands_on)
        return document, f"[{told.check}] {told.cause or told.why}", candidates_of(finding, federation)

    def _well(
        self, file: MutantFile, mutant: Mutant, candidate: Candidate, world: World
    ) -> tuple[Verdict, tuple[str, ...]]:
        """Returns whether a change that restores a login is a good one, and whose access is another after it."""
        mutated = [key_of(pointer) for pointer in file.changes(mutant)]
        blamed = [key_of(file.pointer(text)) for text in mutant.blames if text.startswith(("/", "{"))]
        right = [*mutated, *blamed]
        if not _is_about_all(candidate.edits, right):
            return Verdict.ELSEWHERE, ()
        login = file.journey(mutant).login
        # Whose login is restored may have another way to it now; nobody else's may be another.
        differing = tuple(_differing(self._before(file), self._of(world), besides=login.user if login else ""))
        return (Verdict.OTHERS if differing else Verdict.RESTORED), differing

    def _before(self, file: MutantFile) -> Access:
        if file.world not in self._access:
            self._access[file.world] = self._of(load_world(write(self._folder, file, None)))
        return self._access[file.world]

    def _federation(self, world: World) -> Federation:
        return Federation(world, clock=Clock(frozen_at=START), ids=Ids(seed=1), keys=self._keys)

    def _of(self, world: World) -> Access:
        """Returns who gets where, by a login of everybody into every app."""
        found: dict[tuple[str, str, str], tuple[str, ...]] = {}
        for org, settings in world.settings.okta.items():
            for user in settings.users:
                for app in settings.apps:
                    found[org, user, app] = _access(self._federation(world), user, app)
        return found


def _access(federation: Federation, user: str, app: str) -> tuple[str, ...]:
    try:
        login = log_in(federation, user=user, app=app)
    except FederationError as error:
        return ("stopped", error.message)
    notes = [note.facts for exchange in login.exchanges for note in exchange.notes]
    offered = next((facts.offered_roles for facts in notes if facts.offered_roles), None) or {}
    roles = sorted(arn for arns in offered.values() for arn in arns) or [login.role]
    return (login.outcome.value, login.lands_on if login.role else "", login.session_name, *roles)


def apply(document: YamlDocument, edits: Sequence[Edit]) -> World | None:
    """Returns a world with changes applied to a copy of its data; None where the world cannot be used then."""
    data = copy.deepcopy(document.data)
    try:
        for edit in edits:
            _put(data, edit.key, copy.deepcopy(edit.value))
        return read_world(YamlDocument(document.file, data, document.lines, document.others))
    except (FileError, LookupError, TypeError):
        return None


def _put(data: Any, key: Key, value: Any) -> None:
    *parents, last = key
    node = data
    for part in parents:
        node = node[int(part)] if isinstance(node, list) else node.setdefault(part, {})
    if isinstance(node, list) and last == APPENDED:
        node.append(value)
    elif value is REMOVED:
        del node[last if isinstance(node, dict) else int(last)]
    elif isinstance(node, list):
        node[int(last)] = value
    else:
        node[last] = value


def _is_about_all(edits: Sequence[Edit], right: Sequence[Key]) -> bool:
    """Whether every edit is of a setting that is wrong, or of one beside it that it was mistaken for."""
    about = [edit.key for edit in edits if any(_is_about(edit.key, key) for key in right)]
    return all(edit.key in about or any(edit.key[:-1] == key[:-1] for key in about) for edit in edits)


def _is_about(edited: Key, key: Key) -> bool:
    """Whether an edit is of a setting, of what holds it, or of a part of it."""
    shorter = min(len(edited), len(key))
    return edited[:shorter] == key[:shorter] and len(key) - len(edited) <= 1


def _differing(before: Access, after: Access, *, besides: str) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if key[1] != besides and before.get(key) != after.get(key):
            yield f"{' '.join(key)}: {before.get(key)} -> {after.get(key)}"


def _in_order(candidates: Iterator[Candidate]) -> list[Candidate]:
    """Returns candidates, those that give something up last."""
    return sorted(candidates, key=lambda each: bool(each.warning))


@cache
def _functions(name: str) -> tuple[Callable[..., Iterator[Candidate]], ...]:
    """Returns the functions of a name that there are on either side."""
    modules = (f"emulator.fixes.{side}" for side in _SIDES)
    there = (importlib.import_module(each) for each in modules if importlib.util.find_spec(each) is not None)
    return tuple(getattr(module, name) for module in there if hasattr(module, name))


def _unrestored(blames: Sequence[str]) -> Verdict:
    """Nothing of a world has to change where the first that is blamed is no setting of it."""
    return Verdict.NOT_HERE if blames[0].startswith(("asked:", "outside:", "page:", "line:")) else Verdict.NOT_RESTORED


def _told(candidate: Candidate) -> str:
    return "; ".join(f"{key_text(edit.key)} = {edit.value!r}" for edit in candidate.edits)


def report(results: Sequence[Fixed], *, misses_only: bool, whole: bool) -> None:
    """Prints what was not restored well, and figures by kind unless only the misses are wanted."""
    for result in results:
        if whole or result.verdict not in {Verdict.RESTORED, Verdict.HARMLESS, Verdict.NOT_HERE}:
            _print(result)
    if misses_only or whole:
        return
    for title, choose in (
        *((kind, _of_kind(kind)) for kind in sorted({result.mutant.kind for result in results})),
        *((f"set in {side}", _of_side(side)) for side in ("okta", "aws")),
        ("together", lambda _: True),
    ):
        restored, stopping = count([result for result in results if choose(result)])
        share = f"{restored / stopping:.1%}" if stopping else "-"
        print(f"{title:<16} {restored:>4} of {stopping:>4} {share:>6}")


def _of_kind(kind: str) -> Callable[[Fixed], bool]:
    return lambda result: result.mutant.kind == kind


def _of_side(side: str) -> Callable[[Fixed], bool]:
    return lambda result: side_of(result.blames) == side


def count(results: Sequence[Fixed]) -> tuple[int, int]:
    """Returns how many are restored well, and how many a setting of the world is behind."""
    behind = [each for each in results if each.verdict not in {Verdict.HARMLESS, Verdict.NOT_HERE}]
    return sum(each.verdict is Verdict.RESTORED for each in behind), len(behind)


def _print(result: Fixed) -> None:
    print(f"{result.mutant.id} ({result.mutant.kind}): {result.verdict.value}, {result.tried} tried")
    print(f"    said      {result.says}")
    print(f"    blamed    {' or '.join(result.blames)}")
    if result.candidate is not None:
        print(f"    changed   {_told(result.candidate)}")
    elif result.proposed:
        print("".join(f"    proposed  {each}\n" for each in result.proposed[:8]), end="")
    for each in result.differing[:4]:
        print(f"    access    {each}")
