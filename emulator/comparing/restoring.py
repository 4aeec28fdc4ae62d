"""Restores changed settings: where nothing else lets a login arrive again, their old values are tried.

That is right if the login arrives, nobody loses a login that they had before, and nobody gains one that they did not
have. It may take back what the change gave to somebody, which is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from emulator.access.decision import Decision
from emulator.access.remarks import counted
from emulator.access.table import Access, access_of
from emulator.building.comparison import reached
from emulator.building.differing import Difference
from emulator.building.places import world_key
from emulator.copies import changed_copy
from emulator.diagnosis.fix import WORLD, Fix
from emulator.federation import Federation
from emulator.fixes.attempt import Attempt
from emulator.fixes.candidate import REMOVED, Edit
from emulator.fixes.edits import said_edit
from emulator.fixes.trial import Journey, try_edits
from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Setting
from emulator.world import World
from emulator.worldfile.text.yaml_data import Key, value_at
from emulator.worldfile.text.yaml_file import APPENDED

PUT_BACK: Final = "Put back what was there before"


def restoring_fix(
    decision: Decision,
    differences: Sequence[Difference],
    *,
    before: World,
    after: Federation,
    then: Access,
    now: Access,
) -> Fix | None:
    """Returns the changes that put settings back, where that is right; None where it is not, or cannot be tried.

    Args:
        decision: The login that is lost.
        differences: What was changed that it depends on.
        before: The world before.
        after: A copy of the world after.
        then: What every login came to before.
        now: What every login comes to after.
    """
    edits = list(_edits(differences, before, after.world))
    if not edits:
        return None
    who = decision.who
    journey = Journey((Attempt(who.person, f"{who.org}/{who.app}", role=decision.role or None),), after.instants)
    trial = try_edits(after, journey, edits)
    if trial is None or trial.login is None or not trial.arrived or trial.login.lands_on != decision.place:
        return None
    fresh = changed_copy(after, trial.federation.world, at=journey.at, force=trial.changed)
    taken_back = _taken_back(then, now, access_of(fresh.federation))
    if taken_back is None:
        return None
    said = [said_edit(edit, after.world) for edit in edits]
    places = list(dict.fromkeys(each.place for each in said))
    return Fix(
        title=PUT_BACK,
        place=next((each for each in places if each != WORLD), WORLD),
        changes=tuple(each.value for each in said),
        tried=True,
        lands_on=trial.login.lands_on,
        warning=f"It takes back what the change gives: {counted(taken_back, 'login')}." if taken_back else "",
    )


def _taken_back(then: Access, now: Access, restored: Access) -> int | None:
    """Returns how many logins are taken back that the change gives.

    Returns:
        The number; None where somebody would lose a login that they had before too, or gain one that they had not.
    """
    had = then.entries
    gained, lost = now.gained_in(restored), now.lost_in(restored)
    if any(had.get(who, {}).get(role) != place for (who, role), place in gained.items()):
        return None
    if any(had.get(who, {}).get(role) == place for (who, role), place in lost.items()):
        return None
    return len(lost)


def _edits(differences: Sequence[Difference], before: World, after: World) -> Iterator[Edit]:
    """Yields the change that puts each setting back; of what one side has not, or what is secret, there is none."""
    for each in differences:
        if each.before is None or each.after is None or each.is_secret:
            continue
        try:
            was, becomes = _key(each.before, before), _key(each.after, after)
        except FederationError:
            continue
        value, depth = value_at(before.document.data, was)
        if depth < len(was):
            value = REMOVED
        now, known = value_at(after.document.data, becomes)
        if value is REMOVED and known < len(becomes):
            continue  # neither file says it
        if isinstance(value, str) and isinstance(now, str) and value == now:
            continue  # a file of that name says it
        if known == len(becomes) - 1 and isinstance(now, list) and isinstance(becomes[-1], int):
            becomes = (*becomes[:-1], APPENDED)
        yield Edit(becomes, value)


def _key(setting: Setting, world: World) -> Key:
    """Returns the world's key of a setting, into a document that the world has itself."""
    key = world_key(setting, world)
    if not setting.inside:
        return key
    document, depth = value_at(world.document.data, key)
    keys, missing = reached(document, setting.inside) if depth == len(key) else ((), setting.inside)
    return (*key, *keys, *missing)
