"""Whether the fix that is tried for a mutant restores its login, by the setting that was mutated and for nobody else.

python -m tests.diagnose --fixes              every mutant, by kind
python -m tests.diagnose --fixes --misses     only those that are not restored well
python -m tests.diagnose --fixes --side okta  those whose mistake is set in Okta (or in aws)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.fixes.bad_files.repairing import propose_for_problem, repaired
from emulator.fixes.candidate import REMOVED, Candidate, Edit, Finding
from emulator.fixes.candidates import candidates_of
from emulator.fixes.edits import changed_world
from emulator.fixes.trial import Journey as Trials
from emulator.fixes.trying import tried_fixes
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import FederationError, FileError, FlowError, WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.steps import steps_of
from emulator.world import World, load_world
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text, read_documents
from tests.diagnose.judging import Bench
from tests.diagnose.mutants import Journey, Mutant, MutantFile, key_of
from tests.diagnose.mutating import write
from tests.diagnose.playing import START, arrives, logged_in, made, play

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
    """The result of the changes that were proposed for one mutant.

    Args:
        mutant: The world with one setting broken.
        blames: What is to be blamed, as keys are written.
        says: What was said of the mistake.
        verdict: The result.
        candidate: What restored the login.
        proposed: Every title, for a person.
        differing: Whose access is another than before the mutation.
    """

    mutant: Mutant
    blames: tuple[str, ...]
    says: str
    verdict: Verdict
    candidate: Candidate | None = None
    proposed: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found for one mutant: what was said of it, what lets it arrive, the world then, everything proposed."""

    says: str
    candidate: Candidate | None = None
    world: World | None = None
    proposed: tuple[str, ...] = ()


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
        """Makes a mutant's journey, and looks for what lets it arrive."""
        blames = file.blames(mutant)
        if mutant.harmless:
            return Fixed(mutant, blames, "", Verdict.HARMLESS)
        journey = file.journey(mutant)
        wanted = self._bench.wanted(file, journey)
        path = write(self._folder, file, mutant)
        lands_on = wanted.lands_on if journey.works else ""
        try:
            federation = self._federation(load_world(path))
        except FileError as error:
            found = self._by_file(path, error, journey, lands_on)
        else:
            found = self._by_login(federation, journey, lands_on)
        if found.candidate is None or found.world is None:
            verdict: Verdict = _unrestored(blames)
            return Fixed(mutant, blames, found.says, verdict, proposed=found.proposed)
        end = play(found.world, journey, self._keys, lands_on=lands_on)
        if not (end.came_to(wanted, journey) if journey.works else arrives(end, journey)):
            return Fixed(mutant, blames, found.says, _unrestored(blames), found.candidate, found.proposed)
        verdict, differing = self._well(file, mutant, found.candidate, found.world)
        return Fixed(mutant, blames, found.says, verdict, found.candidate, found.proposed, differing)

    def _by_login(self, federation: Federation, journey: Journey, lands_on: str) -> _Found:
        """Returns what the login in a world comes to, with the fix that was tried for it."""
        began = federation.instants
        try:
            login = made(federation, journey, lands_on=lands_on)
        except FlowError as error:
            return _Found(error.message)
        told = diagnosis_of(login, federation)
        if told is None:
            return _Found("nothing was said")
        says = f"[{told.check}] {told.cause or told.why}"
        asked = journey.login.role if journey.login is not None else None
        finding = Finding(federation.world, told, login, role=asked or "", lands_on=lands_on)
        titles = tuple(f"{each.title}: {_told(each)}" for each in candidates_of(finding, federation))
        steps = tuple(steps_of(logged_in(journey, lands_on), journey.then))
        fix = next((each for each in tried_fixes(told, federation, Trials(steps, began)) if each.tried), None)
        if fix is None:
            return _Found(says, proposed=titles)
        edits = tuple(Edit(each.key, REMOVED if each.value is None else each.value) for each in fix.changes)
        candidate = Candidate(fix.title, edits, fix.console, fix.warning)
        return _Found(says, candidate, changed_world(federation.world, edits), titles)

    def _by_file(self, path: Path, error: FileError, journey: Journey, lands_on: str) -> _Found:
        """Returns what a file that cannot be used comes to: what was meant in it, then the login in it."""
        said = " / ".join(problem.message for problem in error.problems)
        try:
            fixed = repaired(path, error)
        except FileError:
            return _Found(said, proposed=tuple(_proposed(path, error)))
        made = _together(each.candidate for each in fixed.repairs)
        later = self._by_login(self._federation(fixed.world), journey, lands_on)
        if later.candidate is None:
            return _Found(said, made, fixed.world)
        return _Found(said, _together((made, later.candidate)), later.world)

    def _well(
        self, file: MutantFile, mutant: Mutant, candidate: Candidate, world: World
    ) -> tuple[Verdict, tuple[str, ...]]:
        """Returns whether a change that restores a login is a good one, and whose access is another after it."""
        mutated = [key_of(pointer) for pointer in file.changes(mutant)]
        blamed = [key_of(file.pointer(text)) for text in mutant.blames if text.startswith(("/", "{"))]
        right = [*mutated, *blamed]
        if not is_about_all(candidate.edits, right):
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


def _together(candidates: Iterable[Candidate]) -> Candidate:
    """Returns changes as one."""
    made = tuple(candidates)
    edits = tuple(edit for each in made for edit in each.edits)
    return Candidate("; ".join(each.title for each in made), edits)


def _proposed(path: Path, error: FileError) -> Iterator[str]:
    """Yields what is proposed for a file that stays what it is, for a person."""
    try:
        (document,) = read_documents(path, error=WorldError)
    except WorldError:
        return
    for problem in error.problems:
        yield from (f"{each.title}: {_told(each)}" for each in propose_for_problem(problem, document))


def is_about_all(edits: Sequence[Edit], right: Sequence[Key]) -> bool:
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


def _unrestored(blames: Sequence[str]) -> Verdict:
    """Nothing of a world has to change where the first that is blamed is not a setting of it."""
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
    print(f"{result.mutant.id} ({result.mutant.kind}): {result.verdict.value}")
    print(f"    said      {result.says}")
    print(f"    blamed    {' or '.join(result.blames)}")
    if result.candidate is not None:
        print(f"    changed   {_told(result.candidate)}")
    elif result.proposed:
        print("".join(f"    proposed  {each}\n" for each in result.proposed[:8]), end="")
    for each in result.differing[:4]:
        print(f"    access    {each}")
