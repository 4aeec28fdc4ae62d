"""Which changes let a login arrive: each candidate is tried on a copy, and several mistakes are fixed in turn.

A change counts as *tried* when the same login reaches the wanted place with it, nobody else loses a login, and nobody
gains what was not asked for (``emulator.fixes.guard``). When a candidate gets the login further, to another mistake,
the search continues from there: up to three changes, which together are the fix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from emulator.access.table import Access, access_of
from emulator.building.places import world_key
from emulator.copies import changed_copy, copied
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.fix import API, WORLD, Fix
from emulator.diagnosis.login_result import LoginResult
from emulator.diagnosis.origins import OriginKind
from emulator.federation import Federation
from emulator.fixes.attempt import Attempt
from emulator.fixes.calls import call_for
from emulator.fixes.candidate import Candidate, Finding
from emulator.fixes.candidates import candidates_of
from emulator.fixes.edits import said_edit
from emulator.fixes.guard import Gain, objection
from emulator.fixes.trial import Journey, Trial, stage_of, try_edits
from emulator.kernel.explanations import BROWSER, Asked
from emulator.kernel.records import dataclass
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import without_appending

MOST_CANDIDATES = 8
MOST_CHANGES = 3
MOST_TRIALS = 24
_NOT_HERE = frozenset({OriginKind.OUTSIDE, OriginKind.CHANGED})


@dataclass(frozen=True, slots=True)
class Found:
    """Changes that let a login arrive, or get it further.

    Args:
        trial: The login with them.
        candidates: The candidates that they consist of.
    """

    trial: Trial
    candidates: tuple[Candidate, ...]


def tried_fixes(
    diagnosis: Diagnosis | None, federation: Federation, journey: Journey, *, known: Access | None = None
) -> tuple[Fix, ...]:
    """Returns the first fix found that lets a failed login arrive; the running federation is not touched.

    Failures that no setting of this world causes are not tried, and the result says so.

    Args:
        diagnosis: Why it failed; None for a login that arrived.
        federation: Federation in which it was made.
        journey: What was done.
        known: Result of every login there, where these have been decided.
    """
    if diagnosis is None:
        return ()
    untried = _not_tried(diagnosis)
    if untried is not None:
        return (untried,) if untried.title else ()
    found = found_changes(diagnosis, federation, journey, known=known)
    return () if found is None else (fix_of(found, federation),)


def found_changes(
    diagnosis: Diagnosis, federation: Federation, journey: Journey, *, known: Access | None = None
) -> Found | None:
    """Returns the first changes that let a login arrive and are right for everybody, or None.

    Args:
        diagnosis: Why it failed.
        federation: Federation in which it was made.
        journey: What was done.
        known: Result of every login there, where these have been decided.
    """
    return _Search(federation, journey, diagnosis, known).found()


def with_fixes(
    result: LoginResult, federation: Federation, journey: Journey, *, known: Access | None = None
) -> LoginResult:
    """Returns the result of a login with the fixes that let it arrive; the arguments are those of ``tried_fixes``."""
    fixes = tried_fixes(result.diagnosis, federation, journey, known=known)
    return result.with_fixes(fixes) if fixes else result


def _not_tried(diagnosis: Diagnosis) -> Fix | None:
    """Returns what cannot be tried here, with what the explanation says to do; None where something can be tried."""
    if diagnosis.is_unknown:
        return Fix(diagnosis.fix)
    origin = diagnosis.origins[0] if diagnosis.origins else None
    kind = origin.kind if origin is not None else None
    is_browsers = Asked(BROWSER) in diagnosis.causes and not diagnosis.settings
    # A scenario's change of the world has a line, and a policy of AWS's own can be replaced.
    is_elsewhere = kind in _NOT_HERE and not diagnosis.settings and (origin is None or origin.location is None)
    if kind is not OriginKind.FAULT and not is_elsewhere and not is_browsers:
        return None
    is_planted = kind is OriginKind.FAULT
    return Fix("" if is_planted else diagnosis.fix)


@dataclass(slots=True)
class _Search:
    """The search for one login."""

    original: Federation
    journey: Journey
    diagnosis: Diagnosis
    _before: Access | None = field(default=None)
    _ended: str = field(default="")
    _trials: int = field(default=0)

    def found(self) -> Found | None:
        """Returns what was found."""
        first = try_edits(self.original, self.journey, ())
        if first is None or first.login is None or first.arrived:
            # It does not recur: nothing that could be tried is behind it.
            return None
        self._ended = first.login.lands_on
        found = self._from(Found(first, ()), first.diagnosis or self.diagnosis)
        return None if found is None else self._without_what_is_not_needed(found)

    def _without_what_is_not_needed(self, found: Found) -> Found:
        """Returns the changes without intermediate ones that the last one makes unnecessary."""
        for candidate in found.candidates[:-1]:
            fewer = tuple(each for each in found.candidates if each is not candidate)
            trial = try_edits(self.original, self.journey, [edit for each in fewer for edit in each.edits])
            if trial is not None and trial.arrived and self._is_right(Found(trial, fewer)):
                found = Found(trial, fewer)
        return found

    def _from(self, here: Found, diagnosis: Diagnosis) -> Found | None:
        """Continues from changes that were made already."""
        proposed = self._candidates(here, diagnosis)
        for warned in (False, True):
            further: list[tuple[int, Found, Diagnosis]] = []
            for candidate in (each for each in proposed if bool(each.warning) is warned):
                if self._trials >= MOST_TRIALS:
                    return None
                self._trials += 1
                trial = try_edits(self.original, self.journey, (*here.trial.edits, *candidate.edits))
                if trial is None or trial.login is None:
                    continue
                found = Found(trial, (*here.candidates, candidate))
                if trial.arrived:
                    if self._is_right(found):
                        return found
                    continue
                new = trial.diagnosis
                if new is not None and self._is_further(trial, here.trial, new, diagnosis):
                    further.append((stage_of(trial.login, trial.federation), found, new))
            if further and len(here.candidates) + 1 < MOST_CHANGES:
                _, best, new = max(further, key=lambda each: each[0])
                found_later = self._from(best, new)
                if found_later is not None:
                    return found_later
        return None

    def _candidates(self, here: Found, diagnosis: Diagnosis) -> Sequence[Candidate]:
        login, federation = here.trial.login, here.trial.federation
        asked = self.journey.last
        if login is None:
            return ()
        finding = Finding(
            federation.world,
            diagnosis,
            login,
            role=(asked.role if asked is not None else None) or "",
            lands_on=asked.lands_on if asked is not None else "",
        )
        return candidates_of(finding, federation)[:MOST_CANDIDATES]

    def _is_further(self, trial: Trial, before: Trial, new: Diagnosis, old: Diagnosis) -> bool:
        """Returns whether a login got past what stopped it: at least as far, and stopped by something else."""
        if trial.login is None or before.login is None:
            return False
        stages = (stage_of(each, trial.federation) for each in (before.login, trial.login))
        if next(stages) > next(stages) or (new.check, new.why, new.cause) == (old.check, old.why, old.cause):
            return False
        # What was just changed must not be the next thing that is wrong.
        made = trial.edits[len(before.edits) :]
        blamed = [world_key(each, trial.federation.world) for each in new.settings[:2]]
        return not any(_is_related(edit.key, blamed) for edit in made)

    def _is_right(self, found: Found) -> bool:
        """Returns whether everybody else keeps what they have, and nobody gains what was not asked for."""
        login, asked = found.trial.login, self.journey.last
        if login is None:
            return False
        if self._before is None:
            self._before = access_of(copied(self.original, at=self.journey.at))
        gain = Gain(
            user=login.user,
            app=asked.app if isinstance(asked, Attempt) else "",
            role=login.role,
            check=self.diagnosis.check,
            ended=self._ended,
            lands_on=login.lands_on,
        )
        grants = [each for candidate in found.candidates for each in candidate.grants]
        # The trial's own copy has recorded the login, and its clock may have moved.
        fresh = changed_copy(self.original, found.trial.federation.world, at=self.journey.at, force=found.trial.changed)
        after = access_of(fresh.federation)
        return not objection(self._before, after, gain=gain, edits=found.trial.edits, grants=grants)


def fix_of(found: Found, original: Federation) -> Fix:
    """Returns the changes that were found, ready to show.

    Args:
        found: The changes.
        original: Federation in which the login failed.
    """
    edits, world = found.trial.edits, original.world
    calls: list[str] = []
    said = []
    for edit in edits:
        if _is_related(edit.key, found.trial.copy.merged.forced):
            calls.append(call_for(edit, original))
        else:
            said.append(said_edit(edit, world))
    places = tuple(dict.fromkeys(each.place for each in said))
    login = found.trial.login
    return Fix(
        title="; ".join(dict.fromkeys(each.title for each in found.candidates)),
        place=next((each for each in places if each != WORLD), WORLD) if places else API,
        changes=tuple(each.value for each in said),
        call="\n".join(calls),
        tried=True,
        lands_on=login.lands_on if login is not None else "",
        warning=" ".join(filter(None, (each.warning for each in found.candidates))),
        console="\n".join(filter(None, (each.console for each in found.candidates))),
    )


def _is_related(key: Key, places: Sequence[Key]) -> bool:
    """Returns whether one of the places is inside or around what an edit changes."""
    plain = without_appending(key)
    return any(each[: len(plain)] == plain or plain[: len(each)] == each for each in places)
