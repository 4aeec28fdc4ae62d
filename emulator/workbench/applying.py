"""Whether a button can write a fix into the world file, and what to do where it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from emulator.diagnosis.fix import Fix
from emulator.fixes.writing import Files
from emulator.kernel.errors import FederationError
from emulator.kernel.records import dataclass
from emulator.workbench.words import Words
from emulator.workbench.workbench import Workbench
from emulator.world import DEFAULT_WORLD


@dataclass(frozen=True, slots=True)
class Applying:
    """What a page offers for a refused login.

    Args:
        fix: Fix that a button writes; None without a button.
        told: Notes on the button, or what to do instead; one per line.
    """

    fix: Fix | None = None
    told: tuple[str, ...] = ()


def applying(fixes: Sequence[Fix], here: Workbench, words: Words) -> Applying:
    """Returns what to offer for the fixes of a login; the first one that can be written is used.

    Args:
        fixes: Fixes, the best first; empty where none is known.
        here: The workbench that shows the login.
        words: Words in the reader's language.
    """
    written = next((each for each in fixes if each.is_written), None)
    if written is None:
        return Applying(told=tuple(_by_hand(fixes[0], words)) if fixes else ())
    file = here.federation.world.document.file
    if Path(file).resolve() == DEFAULT_WORLD.resolve():
        return Applying(told=(words("built_in_world"),))
    problem = _problem(written, Files(file))
    if problem:
        return Applying(told=(words("fix_not_writable", problem=problem),))
    if here.as_read is not None:
        return Applying(written, (words("fix_served_later"),))
    if here.federation.loaded_state is not None:
        return Applying(written, (words("fix_under_state", source=here.federation.loaded_state.source),))
    return Applying(written)


def _problem(fix: Fix, files: Files) -> str:
    """Returns what keeps a fix from being written; nothing is written to find out."""
    try:
        return files.change(fix.changes)
    except FederationError as error:
        return str(error)


def _by_hand(fix: Fix, words: Words) -> Iterator[str]:
    """Yields why no button writes a fix, and what to do; what to change and where is shown above."""
    if fix.call:
        yield words("fix_by_call")
    elif any(each.source for each in fix.changes):
        files = dict.fromkeys(each.location.file for each in fix.changes if each.source and each.location is not None)
        yield words("fix_in_source", sources=", ".join(dict.fromkeys(filter(None, (e.source for e in fix.changes)))))
        yield words("fix_make_again", files=", ".join(files))
    elif not fix.changes:
        yield words("fix_at_console")
    elif fix.warning:
        yield words("fix_gives_up")
    else:
        yield words("fix_not_tried")
