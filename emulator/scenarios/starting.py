"""A new world made from files, tried with a placeholder for each TODO: who would log in, with which outcome."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from emulator.access.table import access_of
from emulator.federation import Federation
from emulator.kernel.errors import Problem, WorldError
from emulator.kernel.records import dataclass
from emulator.scenarios.drafts import PersonKind, kinds_of
from emulator.scenarios.made_keys import add_keys
from emulator.seeds.drafts.draft import Todo, WorldDraft
from emulator.seeds.drafts.facts import Facts, facts_of
from emulator.seeds.drafts.inputs import read_inputs
from emulator.seeds.drafts.world_draft import draft_world
from emulator.world import World, parse_world
from emulator.worldfile.schema.world_schema import WorldSettings
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import parse_documents
from emulator.worldfile.todos import todos_in
from emulator.worldfile.world_text import Comments, world_text

_NAMED = re.compile(r"The instance (\S+) has no user")


@dataclass(frozen=True, slots=True)
class Begun:
    """A world that is about to be written.

    Args:
        draft: The text to write.
        world: The same world with a placeholder for each TODO.
        todos: What somebody has to fill in, each at its line.
        kinds: Kinds of people.
        more_kinds: Number of further kinds.
        passed_over: Files of a folder that were skipped.
    """

    draft: WorldDraft
    world: World
    todos: tuple[Problem, ...]
    kinds: tuple[PersonKind, ...]
    more_kinds: int
    passed_over: tuple[Problem, ...]

    @property
    def placeholders(self) -> Mapping[str, str]:
        """What is to be filled in, by its placeholder."""
        return {todo.placeholder: str(todo) for todo in self.draft.todos}


def begin_world(files: Sequence[Path], folder: Path) -> Begun:
    """Makes a world from files, without writing anything.

    Args:
        files: Files, folders with files, and patterns.
        folder: Folder in which the world will be.

    Raises:
        FileError: a file cannot be read, or is of an unknown kind.
        WorldError: they do not make a valid world, for example because of a policy that IAM would refuse.
    """
    inputs = read_inputs(files, folder)
    facts = facts_of(inputs, folder)
    draft = draft_world(inputs, facts)
    file = str(folder / "world.yaml")
    federation = Federation(_tried(draft, file))
    if add_keys(draft, federation):
        federation = Federation(_tried(draft, file))
    if _add_users(draft, facts, federation):
        federation = Federation(_tried(draft, file))
    (document,) = parse_documents(draft.text, file=file, error=WorldError)
    kinds, more = kinds_of(federation)
    todos = tuple(todos_in(document, WorldSettings))
    return Begun(draft, federation.world, todos, tuple(kinds), more, inputs.passed_over)


def _tried(draft: WorldDraft, file: str) -> World:
    return parse_world(
        world_text(draft.data_with_placeholders, Comments(beside=draft.trailing, above=draft.above)), file=file
    )


def _add_users(draft: WorldDraft, facts: Facts, federation: Federation) -> bool:
    """Adds a user for everybody who reaches an instance, if no file names its users; returns whether any was added."""
    unknown = {each.instance_id for each in facts.instances if not each.users}
    accounts = {account.placeholder if isinstance(account, Todo) else account: account for account in draft.data["aws"]}
    aliases = {
        instance.alias: ("aws", accounts[account_id], "connect", instance_id, "users")
        for account_id, account in federation.world.settings.aws.items()
        for instance_id, instance in account.connect.items()
        if instance_id in unknown
    }
    people = {todo.placeholder for todo in draft.todos}
    added: set[Key] = set()
    for alias, login in dict.fromkeys(_refused_users(federation)):
        key = aliases.get(alias)
        if key is not None and login not in people:
            draft.put((*key, login), {})
            added.add(key)
            draft.above[key] = "No file contains the instance's users: these are the people whose logins reach it."
    draft.made += [f"the users of the Amazon Connect instance {key[3]}" for key in sorted(added, key=str)]
    return bool(added)


def _refused_users(federation: Federation) -> Iterator[tuple[str, str]]:
    """Yields who reaches an instance without such a user: its alias, and their login."""
    for each in access_of(federation).failing:
        if each.refusal is not None and each.refusal.check == "connect-user":
            named = _NAMED.search(each.refusal.explanation)
            if named is not None:
                yield named[1], each.refusal.received
