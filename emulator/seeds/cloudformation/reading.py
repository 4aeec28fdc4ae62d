"""The state of reading a template: the account's part so far, what is left out, and what other files contain."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import cached_property, lru_cache
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.denials import mentioned
from emulator.seeds.cloudformation.files import has_resources
from emulator.seeds.cloudformation.resources import Resource, Template
from emulator.seeds.cloudformation.values import Unresolved, kind_of, within
from emulator.seeds.contents import SeedContents, SeedNote, SeedPart
from emulator.seeds.policy_documents import NOT_KNOWN, denies_everything
from emulator.seeds.seed_text import Seed
from emulator.worldfile.text.yaml_data import Key
from emulator.worldfile.text.yaml_file import key_text

IDENTITY_TYPES: Final = {"roles": "AWS::IAM::Role", "users": "AWS::IAM::User", "groups": "AWS::IAM::Group"}
"""The kinds of identities with policies, as a world file names them."""
_KINDS: Final = {**IDENTITY_TYPES, "connect": "AWS::Connect::Instance", "saml_providers": "AWS::IAM::SAMLProvider"}


class Elsewhere:
    """What the world file and the other seeds contain; ``data`` is that of the other seeds.

    Args:
        own: The world file's own settings of the account.
        templates: The other templates of the account.
        others: The account's other seeds, of any kind.
    """

    def __init__(self, own: Mapping[str, Any], templates: Sequence[Template], others: Sequence[Seed]) -> None:
        self._own = own
        self._templates = templates
        self._texts = [each.text.text for each in others]
        self._texts_of_answers = [each.text.text for each in others if not has_resources(each.text.data)]
        self.data = [each.text.data for each in others]

    def own(self, *key: str) -> Any:
        """Returns the world file's own value at a key of the account; None if it has none."""
        here: Any = self._own
        for part in key:
            here = here.get(part) if isinstance(here, dict) else None
        return here

    def has(self, kind: str, name: str) -> bool:
        """Returns whether another file may have something of a name; settling checks it for certain."""
        is_own = isinstance(self.own(kind), dict) and name in self.own(kind)
        if is_own or name in self._names[kind]:
            return True
        texts = [text for text in self._texts_of_answers if name in text]
        return bool(texts) and any(map(re.compile(rf"(?<![\w+=,.@-]){re.escape(name)}(?![\w+=,.@-])").search, texts))

    def depends_on_tags(self) -> bool:
        """Returns whether any decision may depend on the tags of a role or user."""
        return any("Tag/" in text for text in (*self._texts, str(self._own)))

    @cached_property
    def _names(self) -> Mapping[str, frozenset[str]]:
        return {kind: frozenset(self._names_of(kind, type_name)) for kind, type_name in _KINDS.items()}

    def _names_of(self, kind: str, type_name: str) -> Iterable[str]:
        for resource in (each for template in self._templates for each in template.of(type_name)):
            try:
                yield resource.template.references.id(resource.logical_id) if kind == "connect" else resource.name
            except Unresolved:
                continue

    @property
    def templates(self) -> Sequence[Template]:
        """The other templates of the account."""
        return self._templates


@dataclass(slots=True)
class Reading:
    """The state of reading a template.

    Args:
        template: The template that is read.
        contents: The seed's contents so far.
        part: The account's part of the contents.
        elsewhere: The contents of the world file and the other seeds.
        created: The keys of the roles, users and groups that the template creates.
        excluded: The keys of what is left out because something that denies or restricts is not known.
        lost_policies: The ARNs of the managed policies of which nothing is known.
        unknown_denies: The managed policies with unknown denials, by ARN, and the reasons.
        members: Memberships: the group, the user, and the place in the template.
        failed: The logical ids of the resources that are left out.
    """

    template: Template
    contents: SeedContents
    part: SeedPart
    elsewhere: Elsewhere
    created: set[Key] = field(default_factory=set)
    excluded: set[Key] = field(default_factory=set)
    lost_policies: set[str] = field(default_factory=set)
    unknown_denies: dict[str, Unresolved] = field(default_factory=dict)
    members: list[tuple[str, str, Key]] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    _left_out: set[SeedNote] = field(default_factory=set)

    def each(self, kind: str, read: Callable[[Reading, Resource], None]) -> None:
        """Reads every resource of a type; an unknown value leaves out only the resource that has it."""
        for resource in self.template.of(kind):
            if resource.logical_id in self.failed:
                continue
            try:
                read(self, resource)
            except Unresolved as error:
                self.failed.add(resource.logical_id)
                self.leave_out(resource, error)

    def leave_out(self, resource: Resource, error: Unresolved) -> None:
        """Reports that a resource, or the property at ``error.inside``, is left out."""
        shown = f"{key_text(error.inside)}: " if error.inside else ""
        self.add_left_out(SeedNote(resource.what, f"{shown}{error.reason}", resource.place(*error.inside), error.fix))

    def add_left_out(self, note: SeedNote) -> None:
        """Reports something that is left out, but only once."""
        left_out = self.contents.left_out
        # Other code adds to the list too, and it may be long, so only the new part is added to the set.
        self._left_out.update(left_out[len(self._left_out) :])
        if note not in self._left_out:
            left_out.append(note)

    def add_note(self, resource: Resource, reason: str, *inside: str | int, fix: str = "") -> None:
        """Reports a difference between the world and the file."""
        self.contents.notes.append(SeedNote(resource.what, reason, resource.place(*inside), fix))

    def require_identity(self, kind: str, name: str) -> None:
        """Refuses to attach something to an identity that does not exist, as the world file's schema would.

        Raises:
            Unresolved: neither the template nor another file has it.
        """
        if (kind, name) not in self.created and not self.elsewhere.has(kind, name):
            raise Unresolved(f"no file contains the {kind[:-1]} {name[:80]}")

    def exclude_mentioned(self, written: Any) -> None:
        """Leaves out the roles, users and groups that unresolved template code refers to."""
        for kind, type_name in IDENTITY_TYPES.items():
            for each in mentioned(self.template, written, type_name):
                if each.logical_id not in self.failed:
                    self.exclude((kind, each.name))

    def exclude(self, *keys: Key) -> None:
        """Leaves identities out of the world, whatever else is read about them."""
        self.excluded.update(keys)

    def finish(self) -> None:
        """Removes what is left out, and adds users to their groups.

        If another file has a left-out identity too, it is denied everything: what the template denies it is not known.
        """
        for group, user, place in self.members:
            if ("groups", group) in self.excluded and ("users", user) not in self.excluded:
                self.exclude(("users", user))
                reason = f"its group {group}, which may deny it something, is left out"
                self.add_left_out(SeedNote(f"users.{user}", reason, place))
        for group, user, place in self.members:
            if not {("groups", group), ("users", user)} & self.excluded:
                self.part.append(("groups", group, "users"), user, place)
        for key in sorted(self.excluded, key=str):
            self.part.remove(key)
            kind, name = map(str, key[:2])
            if kind in IDENTITY_TYPES and self.elsewhere.has(kind, name):
                everywhere: Key = ("Resources",)
                self.part.put((*key, "inline_policies", NOT_KNOWN), denies_everything(), everywhere)
                reason = (
                    "another file contains it too, but it is unknown what the template denies it, so it is "
                    "denied everything here"
                )
                self.contents.notes.append(SeedNote(f"{kind}.{name}", reason, everywhere))


def required(resource: Resource, name: str) -> str:
    """Returns a property that must be a string.

    Raises:
        Unresolved: it is missing, not known, or not a string.
    """
    value = resource.text(name)
    if value is None:
        raise Unresolved("it is not set")
    return value


def fitting(form: Any, value: Any, what: str) -> Any:
    """Returns a value after checking that it has the form that a world requires.

    Args:
        form: The type of the setting in the world file's schema.
        value: The value to be checked.
        what: What the value should be, in words.

    Raises:
        Unresolved: it does not have that form.
    """
    try:
        return _adapter(form).validate_python(value)
    except ValidationError:
        shown = json.dumps(value[:80], ensure_ascii=False) if isinstance(value, str) else kind_of(value)
        raise Unresolved(f"{shown} is not a valid {what}") from None


def one_of(value: str, words: Sequence[str]) -> str:
    """Returns a value after checking that it is one of a few words.

    Raises:
        Unresolved: it is not one of them.
    """
    if value not in words:
        raise Unresolved(f"it is not one of {', '.join(words)}" if len(words) > 1 else f"it is not {words[0]}")
    return value


def known_items(reading: Reading, resource: Resource, name: str) -> list[tuple[int, Any]]:
    """Returns the items of a list; an unknown list is reported and treated as empty."""
    try:
        with within(name):
            return resource.items(name)
    except Unresolved as error:
        reading.leave_out(resource, error)
        return []


@lru_cache(maxsize=32)
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)
