"""A world begun from files, tried with something in the place of each TODO: who would log in, and how that ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.access.table import access_of
from emulator.federation import Federation
from emulator.kernel.errors import Problem, WorldError
from emulator.scenarios.drafts import PersonKind, kinds_of
from emulator.seeds.drafts.draft import WorldDraft
from emulator.seeds.drafts.facts import Facts, facts_of
from emulator.seeds.drafts.inputs import read_inputs
from emulator.seeds.drafts.world_draft import PERSON, draft_world
from emulator.seeds.settling.things import mapping
from emulator.world import World, parse_world
from emulator.worldfile.todos import TODO, todos_in
from emulator.worldfile.world_schema import WorldSettings
from emulator.worldfile.world_text import Comments, world_text
from emulator.worldfile.yaml_file import parse_documents

_MOST_USERS = 200


@dataclass(frozen=True, slots=True)
class Begun:
    """A world that is about to be written.

    Args:
        draft: What is written.
        world: The same with something in the place of each TODO.
        todos: What somebody has to fill in, each at its line.
        kinds: The kinds of people.
        more_kinds: How many more kinds there are.
        passed_over: Files of a folder that are not read.
    """

    draft: WorldDraft
    world: World
    todos: tuple[Problem, ...]
    kinds: tuple[PersonKind, ...]
    more_kinds: int
    passed_over: tuple[Problem, ...]

    @property
    def stand_ins(self) -> Mapping[str, str]:
        """What is to be filled in, by what stands in for it."""
        return {todo.stand_in: str(todo) for todo in self.draft.todos}


def begin_world(files: Sequence[Path], folder: Path) -> Begun:
    """Begins a world from files; nothing is written.

    Args:
        files: Files, folders with files, and patterns.
        folder: Where the world is to be.

    Raises:
        FileError: a file cannot be read, or is of no kind that is.
        WorldError: what they say makes no world, such as a policy that IAM would refuse.
    """
    inputs = read_inputs(files, folder)
    facts = facts_of(inputs, folder)
    draft = draft_world(inputs, facts)
    file = str(folder / "world.yaml")
    federation = Federation(_tried(draft, file))
    if _add_users(draft, facts, federation):
        federation = Federation(_tried(draft, file))
    (document,) = parse_documents(draft.text, file=file, error=WorldError)
    kinds, more = kinds_of(federation)
    todos = tuple(todos_in(document, WorldSettings))
    return Begun(draft, federation.world, todos, tuple(kinds), more, inputs.passed_over)


def _tried(draft: WorldDraft, file: str) -> World:
    return parse_world(world_text(draft.stand_in, Comments(beside=draft.beside, above=draft.above)), file=file)


def _add_users(draft: WorldDraft, facts: Facts, federation: Federation) -> bool:
    """Makes everybody who comes to an instance its user, where no file says who is; returns whether somebody was."""
    unknown = [each for each in facts.instances if not each.users]
    if len(unknown) != 1:
        return False
    (instance,) = unknown
    mine = {instance.account_id, TODO}
    account = next((key for key in draft.data["aws"] if key in mine), instance.account_id)
    key = ("aws", account, "connect", instance.instance_id, "users")
    had = len(mapping(draft.data, *key))
    for login in list(dict.fromkeys(_refused_users(federation)))[:_MOST_USERS]:
        if login != PERSON:
            draft.put((*key, login), {})
    if len(mapping(draft.data, *key)) == had:
        return False
    draft.made.append(f"the users of the Amazon Connect instance {instance.instance_id}")
    draft.above[key] = "No file says who the instance's users are: these are the people who come to it."
    return True


def _refused_users(federation: Federation) -> Iterator[str]:
    for each in access_of(federation).failing:
        if each.refusal is not None and each.refusal.check == "connect-user":
            yield each.refusal.received
