"""``Fn::ForEach``: parts of a template that are written once and stand for several.

Spec: AWS CloudFormation User Guide, "Fn::ForEach"
Evidence: documented
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, Final

from emulator.kernel.records import dataclass
from emulator.seeds.cloudformation.values import Unresolved, text_of
from emulator.worldfile.text.yaml_data import Key

FOR_EACH: Final = "Fn::ForEach::"
_MOST: Final = 2_000
_NOT_ALPHANUMERIC = re.compile(r"[^A-Za-z0-9]+", re.ASCII)


@dataclass(slots=True)
class Unrolled:
    """A mapping of a template with its loops written out.

    Args:
        items: What is in it.
        origins: By keys that a loop has made, the keys that lead to what the loop repeats.
        unknown: The loops whose collections are not known, with the reasons.
    """

    items: dict[str, Any] = field(default_factory=dict)
    origins: dict[str, Key] = field(default_factory=dict)
    unknown: dict[str, Unresolved] = field(default_factory=dict)


def unrolled(section: Mapping[Any, Any], resolve: Callable[[Any], Any]) -> Unrolled:
    """Returns a mapping of a template, such as its resources, with loops written out at every depth.

    Args:
        section: The mapping, as it is written.
        resolve: Fills in the functions of a loop's collection.
    """
    result = Unrolled()
    for name, value in section.items():
        try:
            if str(name).startswith(FOR_EACH):
                _Loops(resolve, result).repeat((str(name),), value)
            else:
                result.items[str(name)] = written_out(value, resolve)
        except Unresolved as error:
            if str(name).startswith(FOR_EACH):
                result.unknown[str(name)] = error
            else:
                result.items[str(name)] = value  # the reader of what contains the loop meets the reason again
    return result


def as_written(section: Mapping[Any, Any], _resolve: Callable[[Any], Any]) -> Unrolled:
    """Returns a mapping of a template that has no loops, as ``unrolled`` returns it."""
    return Unrolled({str(name): value for name, value in section.items()})


def written_out(value: Any, resolve: Callable[[Any], Any]) -> Any:
    """Returns a value with the loops inside it written out; the value itself where there are none.

    Raises:
        Unresolved: a loop's collection is not known.
    """
    if isinstance(value, list):
        return [written_out(each, resolve) for each in value]
    if not isinstance(value, dict):
        return value
    if not any(str(name).startswith(FOR_EACH) for name in value):
        return {name: written_out(each, resolve) for name, each in value.items()}
    inside = unrolled(value, resolve)
    for error in inside.unknown.values():
        raise error
    return inside.items


class _Loops:
    """Writes loops out into a result."""

    def __init__(self, resolve: Callable[[Any], Any], result: Unrolled) -> None:
        self._resolve = resolve
        self._result = result

    def repeat(self, place: Key, loop: Any) -> None:
        """Writes a loop out.

        Args:
            place: The keys that lead to it.
            loop: The name of what varies, its values, and what is repeated.
        """
        if not isinstance(loop, list) or len(loop) != 3 or not isinstance(loop[2], dict):
            raise Unresolved("it is not a list of a name, a collection and what is repeated")
        variable, collection, body = loop
        values = self._resolve(collection)
        if not isinstance(values, list):
            raise Unresolved("its collection is not a list")
        for value in map(text_of, values):
            for name, inside in body.items():
                self._put((*place, 2, str(name)), str(name), inside, (text_of(variable), value))

    def _put(self, origin: Key, name: str, inside: Any, variable: tuple[str, str]) -> None:
        made, repeated = _substituted(name, *variable), _substituted(inside, *variable)
        if made.startswith(FOR_EACH):
            self.repeat(origin, repeated)
            return
        if len(self._result.items) >= _MOST:
            raise Unresolved(f"its loops make more than {_MOST}")
        self._result.items[made] = written_out(repeated, self._resolve)
        self._result.origins[made] = origin


def _substituted(value: Any, name: str, instead: str) -> Any:
    """Returns a value with a loop's variable filled in, as text and where ``Ref`` asks for it."""
    if isinstance(value, str):
        bare = _NOT_ALPHANUMERIC.sub("", instead)
        return value.replace(f"${{{name}}}", instead).replace(f"&{{{name}}}", bare)
    if isinstance(value, list):
        return [_substituted(each, name, instead) for each in value]
    if not isinstance(value, dict):
        return value
    if value == {"Ref": name}:
        return instead
    return {_substituted(str(key), name, instead): _substituted(each, name, instead) for key, each in value.items()}
