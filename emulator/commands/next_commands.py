"""The command that helps next, as it is typed: with the names of the user's own world, so that it works."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from emulator.commands.options import is_built_in, repeated, world_path

if TYPE_CHECKING:
    from emulator.access.decision import Decision


def after_good_world(decisions: Iterable[Decision], world_file: Path | None) -> str:
    """Returns the command for a world without mistakes: the demo for the built-in one, otherwise a login that arrives.

    Args:
        decisions: The logins of the world, as they end now.
        world_file: The world file that was given; None for the default.
    """
    if is_built_in(world_file):
        return "fedemu demo"
    file = world_path(world_file)
    known = tuple(decisions)
    arriving = (each for each in known if each.arrives)
    first = next(arriving, None)
    if first is None:
        return repeated("up", world=file)
    has_choice = sum(each.who == first.who for each in known) > 1
    app = f"{first.who.org}/{first.who.app}"
    return repeated("login", first.who.person, app, world=file, role=first.role if has_choice else "")
