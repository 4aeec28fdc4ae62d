"""What has been read of a template so far: the account's part, what is left out, and what other files have."""

from __future__ import annotations

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

HOLDERS: Final = {"roles": "AWS::IAM::Role", "users": "AWS::IAM::User", "groups": "AWS::IAM::Group"}
"""The types of what holds policies, by the world's words."""
_KINDS: Final = {**HOLDERS, "connect": "AWS::Connect::Instance", "saml_providers": "AWS::IAM::SAMLProvider"}


class Elsewhere:
    """What the world itself and its other seeds have; ``data`` is that of the other seeds.

    Args:
        own: What the world says of the account.
        templates: The other templates of the account.
        others: The other seeds of the account, of whatever kind.
    """

    def __init__(self, own: Mapping[str, Any], templates: Sequence[Template], others: Sequence[Seed]) -> None:
        self._own = own
        self._templates = templates
        self._texts = [each.text.text for each in others]
        self._texts_of_answers = [each.text.text for each in others if not has_resources(each.text.data)]
        self.data = [each.text.data for each in others]

    def own(self, *key: str) -> Any:
        """Returns what the world itself has at a key of the account; None where it has nothing."""
        here: Any = self._own
        for part in key:
            here = here.get(part) if isinstance(here, dict) else None
        return here

    def has(self, kind: str, name: str) -> bool:
        """Returns whether something may be there by a name: settling decides for certain."""
        is_own = isinstance(self.own(kind), dict) and name in self.own(kind)
        if is_own or name in self._names[kind]:
            return True
        texts = [text for text in self._texts_of_answers if name in text]
        return bool(texts) and any(map(re.compile(rf"(?<![\w+=,.@-]){re.escape(name)}(?![\w+=,.@-])").search, texts))

    def speaks_of_tags(self) -> bool:
        """Returns whether anything may be decided by the tags of a role or a user."""
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
    """What has been read of a template so far.

    Args:
        template: The template.
        contents: What the seed says.
        part: The account's part of it.
        elsewhere: What other files have.
        made: The roles, users and groups that the template makes, by their keys.
        withheld: What is not in the world as long as something that denies or narrows is not known, by its key.
        lost_policies: The managed policies of which nothing is known, by their ARNs.
        unknown_denies: The managed policies that deny something unknown, by their ARNs.
        members: Groups, their users, and where the template says that they are.
        failed: The resources that are left out, by their logical ids.
    """

    template: Template
    contents: SeedContents
    part: SeedPart
    elsewhere: Elsewhere
    made: set[Key] = field(default_factory=set)
    withheld: set[Key] = field(default_factory=set)
    lost_policies: set[str] = field(default_factory=set)
    unknown_denies: dict[str, Unresolved] = field(default_factory=dict)
    members: list[tuple[str, str, Key]] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    _left_out: set[SeedNote] = field(default_factory=set)

    def each(self, kind: str, read: Callable[[Reading, Resource], None]) -> None:
        """Reads every resource of a type; what is not known leaves one out, and not the others."""
        for resource in self.template.of(kind):
            if resource.logical_id in self.failed:
                continue
            try:
                read(self, resource)
            except Unresolved as error:
                self.failed.add(resource.logical_id)
                self.leave_out(resource, error)

    def leave_out(self, resource: Resource, error: Unresolved) -> None:
        """Reports that a resource, or what is at ``error.inside`` of it, is left out."""
        shown = f"{key_text(error.inside)}: " if error.inside else ""
        self.note(SeedNote(resource.what, f"{shown}{error.reason}", resource.place(*error.inside), error.fix))

    def note(self, note: SeedNote) -> None:
        """Reports something that is left out, once."""
        left_out = self.contents.left_out
        # Others add to the list as well; it may be long.
        self._left_out.update(left_out[len(self._left_out) :])
        if note not in self._left_out:
            left_out.append(note)

    def tell(self, resource: Resource, reason: str, *inside: str | int, fix: str = "") -> None:
        """Reports what differs between the world and the file."""
        self.contents.told.append(SeedNote(resource.what, reason, resource.place(*inside), fix))

    def require_holder(self, kind: str, name: str) -> None:
        """Refuses to give something to a holder that nobody makes, which a world would refuse.

        Raises:
            Unresolved: neither the template nor another file makes it.
        """
        if (kind, name) not in self.made and not self.elsewhere.has(kind, name):
            raise Unresolved(f"no file makes the {kind[:-1]} {name[:80]}")

    def withhold_mentioned(self, written: Any) -> None:
        """Leaves out the roles, users and groups that something refers to, as it is written."""
        for kind, type_name in HOLDERS.items():
            for each in mentioned(self.template, written, type_name):
                if each.logical_id not in self.failed:
                    self.withhold((kind, each.name))

    def withhold(self, *keys: Key) -> None:
        """Leaves holders of policies out, whatever else is read of them."""
        self.withheld.update(keys)

    def finish(self) -> None:
        """Takes out what is withheld, and puts users into their groups.

        A holder that another file makes too is denied everything: what the template denies it is not known.
        """
        for group, user, place in self.members:
            if ("groups", group) in self.withheld and ("users", user) not in self.withheld:
                self.withhold(("users", user))
                reason = f"its group {group} is left out, which may deny it something"
                self.note(SeedNote(f"users.{user}", reason, place))
        for group, user, place in self.members:
            if not {("groups", group), ("users", user)} & self.withheld:
                self.part.append(("groups", group, "users"), user, place)
        for key in sorted(self.withheld, key=str):
            self.part.remove(key)
            kind, name = map(str, key[:2])
            if kind in HOLDERS and self.elsewhere.has(kind, name):
                everywhere: Key = ("Resources",)
                self.part.put((*key, "inline_policies", NOT_KNOWN), denies_everything(), everywhere)
                reason = "another file has it, and what the template denies it is not known: it is denied everything"
                self.contents.told.append(SeedNote(f"{kind}.{name}", reason, everywhere))


def required(resource: Resource, name: str) -> str:
    """Returns a property that has to be there.

    Raises:
        Unresolved: it is not there, not known, or no text.
    """
    value = resource.text(name)
    if value is None:
        raise Unresolved("it is not given")
    return value


def fitting(form: Any, value: Any, what: str) -> Any:
    """Returns a value that has the form which a world asks for.

    Args:
        form: The type of the world's setting.
        value: The value.
        what: What it should be, for a person.

    Raises:
        Unresolved: it has not.
    """
    try:
        return _adapter(form).validate_python(value)
    except ValidationError:
        shown = value[:80] if isinstance(value, str) else kind_of(value)
        raise Unresolved(f"{shown} is no {what}") from None


def one_of(value: str, words: Sequence[str]) -> str:
    """Returns a value that has to be one of a few words.

    Raises:
        Unresolved: it is none of them.
    """
    if value not in words:
        raise Unresolved(f"it is none of {', '.join(words)}")
    return value


def known_items(reading: Reading, resource: Resource, name: str) -> list[tuple[int, Any]]:
    """Returns a list's items; a list that is not known is reported, and treated as empty."""
    try:
        with within(name):
            return resource.items(name)
    except Unresolved as error:
        reading.leave_out(resource, error)
        return []


@lru_cache(maxsize=32)
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)
