"""Which settings differ between two federations, among everything that was built from their worlds.

Policies are compared inside, so that one condition differs and not the whole document. Derived values (an id, an
instant) do not count as differences.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from emulator.building.comparison import NOTHING, identity_of, is_same
from emulator.building.models import Models
from emulator.building.places import UNSAYABLE
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from idp.model import Assignment, Org
from sp_mock.accounts.managed_policies import ManagedPolicy
from sp_mock.accounts.model import Account
from sp_mock.accounts.provider_metadata import ProviderMetadata
from sp_mock.arn import Arn
from sp_mock.policies.documents import PolicyDocument

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A setting that differs between two federations.

    Args:
        before: The setting in the first; None where it lacks even the org or account.
        after: The setting in the second, likewise.
        old: Value in the first as plain data; None for nothing.
        new: Value in the second.
        element: Name of a list's member, where the setting is one: ``group Agents``.
        is_secret: Whether neither value may be shown.
        is_new: Whether the first has nothing there.
        is_gone: Whether the second has nothing there.
    """

    before: Setting | None
    after: Setting | None
    old: Any = None
    new: Any = None
    element: str = ""
    is_secret: bool = False
    is_new: bool = False
    is_gone: bool = False

    @property
    def keys(self) -> Path:
        """The keys that lead to it from the org or account, including those inside a document."""
        setting = self.after or self.before
        return (*setting.path, *setting.inside) if setting is not None else ()


def differing(before: Models, after: Models) -> Iterator[Difference]:
    """Yields every setting that differs, in the models' order."""
    for old, new in ((before.orgs, after.orgs), (before.accounts, after.accounts)):
        mine: Mapping[str, Org | Account] = old
        theirs: Mapping[str, Org | Account] = new
        for name in dict.fromkeys((*mine, *theirs)):
            yield from _Owners(mine.get(name), theirs.get(name)).differences()


@dataclass(frozen=True, slots=True)
class _At:
    """The same place in both owners; its index in a list may differ."""

    old: Path = ()
    new: Path = ()
    element: str = ""
    is_secret: bool = False

    def inside(self, old: str | int, new: str | int, *, element: str = "", is_secret: bool = False) -> _At:
        return _At((*self.old, old), (*self.new, new), element, self.is_secret or is_secret)


@dataclass(frozen=True, slots=True)
class _Owners:
    """An org or account, as it is in both federations; None in one that lacks it."""

    before: Org | Account | None
    after: Org | Account | None

    def differences(self) -> Iterator[Difference]:
        if self.before is None or self.after is None:
            yield self._of(_At(), self.before or NOTHING, self.after or NOTHING)
        else:
            yield from self._attributes(self.before, self.after, _At())

    def _value(self, old: Any, new: Any, at: _At) -> Iterator[Difference]:
        if old is new or is_same(old, new):
            return
        if isinstance(old, ManagedPolicy) and isinstance(new, ManagedPolicy):
            old, new = old.document, new.document
        if isinstance(old, PolicyDocument) and isinstance(new, PolicyDocument):
            yield from self._document(json.loads(old.text), json.loads(new.text), at, ())
        elif type(old) is not type(new) or isinstance(old, Arn | ProviderMetadata):
            yield self._of(at, old, new)
        elif is_dataclass(old):
            yield from self._attributes(old, new, at)
        elif isinstance(old, Mapping) and not at.is_secret:
            for key in dict.fromkeys((*old, *new)):
                yield from self._value(old.get(key, NOTHING), new.get(key, NOTHING), at.inside(key, key))
        elif isinstance(old, tuple) and any(map(_is_thing, (*old, *new))):
            yield from self._elements(old, new, at)
        else:
            yield self._of(at, old, new)

    def _attributes(self, old: Any, new: Any, at: _At) -> Iterator[Difference]:
        unsayable = UNSAYABLE.get(type(old), {})
        for each in fields(old):
            if each.name.endswith("_at") or each.name in unsayable:
                continue
            one, other = (_some(getattr(model, each.name)) for model in (old, new))
            yield from self._value(one, other, at.inside(each.name, each.name, is_secret=not each.repr))

    def _elements(self, old: tuple[Any, ...], new: tuple[Any, ...], at: _At) -> Iterator[Difference]:
        """Members of a list that have their own settings are matched by their identity."""
        mine, theirs = ({identity_of(each): (n, each) for n, each in enumerate(model)} for model in (old, new))
        if len(mine) < len(old) or len(theirs) < len(new):
            yield self._of(at, old, new)
            return
        for name in dict.fromkeys((*mine, *theirs)):
            (here, one), (there, other) = mine.get(name, (len(old), NOTHING)), theirs.get(name, (len(new), NOTHING))
            element = _element(one if other is NOTHING else other)
            yield from self._value(one, other, at.inside(here, there, element=element))

    def _document(self, old: Any, new: Any, at: _At, inside: Path) -> Iterator[Difference]:
        """A policy: a single value equals a list of one, and statements are matched by Sid."""
        if inside == ("Statement",):
            yield from self._statements(_listed(old), _listed(new), at)
        elif isinstance(old, dict) and isinstance(new, dict):
            for key in dict.fromkeys((*old, *new)):
                yield from self._document(old.get(key, NOTHING), new.get(key, NOTHING), at, (*inside, key))
        elif old is NOTHING or new is NOTHING or _listed(old) != _listed(new):
            yield self._of(at, old, new, inside, inside)

    def _statements(self, old: list[Any], new: list[Any], at: _At) -> Iterator[Difference]:
        mine, theirs = _by_sid(old), _by_sid(new)
        for name in dict.fromkeys((*mine, *theirs)):
            here, there = mine.get(name, len(old)), theirs.get(name, len(new))
            one = old[here] if here < len(old) else NOTHING
            other = new[there] if there < len(new) else NOTHING
            if NOTHING in (one, other):
                yield self._of(at, one, other, ("Statement", here), ("Statement", there))
                continue
            for each in self._document(one, other, at, ()):
                yield self._moved(each, ("Statement", here), ("Statement", there))

    def _moved(self, each: Difference, old: Path, new: Path) -> Difference:
        before, after = each.before, each.after
        return Difference(
            Setting(before.owner, before.path, (*old, *before.inside)) if before is not None else None,
            Setting(after.owner, after.path, (*new, *after.inside)) if after is not None else None,
            each.old,
            each.new,
            each.element,
            each.is_secret,
            each.is_new,
            each.is_gone,
        )

    def _of(self, at: _At, old: Any, new: Any, old_inside: Path = (), new_inside: Path = ()) -> Difference:
        return Difference(
            Setting(self.before, at.old, old_inside) if self.before is not None else None,
            Setting(self.after, at.new, new_inside) if self.after is not None else None,
            None if at.is_secret else _plain(old),
            None if at.is_secret else _plain(new),
            at.element,
            at.is_secret,
            old is NOTHING,
            new is NOTHING,
        )


def _is_thing(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, type)


def _element(value: Any) -> str:
    if isinstance(value, Assignment):
        return f"group {value.group}" if value.group else f"person {value.user}"
    name = identity_of(value)
    return name if isinstance(name, str) and name != repr(value) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _by_sid(statements: list[Any]) -> dict[object, int]:
    named: dict[object, int] = {}
    for index, each in enumerate(statements):
        sid = each.get("Sid") if isinstance(each, dict) else None
        named[sid if isinstance(sid, str) and sid not in named else index] = index
    return named


def _some(value: Any) -> Any:
    return NOTHING if value is None else value


def _plain(value: Any) -> Any:
    """Returns a value as plain data that may be shown; None for a missing value or one with its own settings."""
    if value is NOTHING or value is None:
        return None
    if isinstance(value, ProviderMetadata):
        certificates = ", ".join(hashlib.sha256(each.der).hexdigest()[:16] for each in value.certificates)
        return f"metadata of {value.entity_id}, certificate SHA-256 {certificates}…"
    if isinstance(value, bytes):
        return f"SHA-256 {hashlib.sha256(value).hexdigest()[:16]}…"
    if isinstance(value, Arn):
        return str(value)
    if isinstance(value, tuple | list | frozenset):
        if any(map(_is_thing, value)):
            return None
        return [_plain(each) for each in (sorted(value, key=str) if isinstance(value, frozenset) else value)]
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return value if isinstance(value, str | int | float | bool) else None
