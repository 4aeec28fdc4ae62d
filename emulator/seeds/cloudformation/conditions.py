"""Evaluates a template's conditions.

Spec: AWS CloudFormation User Guide, "Condition functions"
Evidence: documented
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from emulator.seeds.cloudformation.values import Unresolved, text_of

_EXPECTED = "Fn::Equals, Fn::Not, Fn::And, Fn::Or or Condition"


class Conditions:
    """The conditions of a template, each evaluated once.

    Args:
        conditions: The template's ``Conditions`` section.
        resolve: Resolves the functions in a value.
    """

    def __init__(self, conditions: Any, resolve: Callable[[Any], Any]) -> None:
        self._conditions: Mapping[str, Any] = conditions if isinstance(conditions, dict) else {}
        self._resolve = resolve
        self._decided: dict[str, bool | Unresolved] = {}

    def holds(self, condition: Any) -> bool:
        """Returns whether a condition, given by name or written out, is true.

        Raises:
            Unresolved: it depends on a value that is not known here.
        """
        if not isinstance(condition, str):
            return self._written_out(condition)
        if condition not in self._decided:
            # Seen only if the condition is asked for again while it is being evaluated, which means a cycle.
            self._decided[condition] = Unresolved(f"the condition {condition} refers to itself")
            self._decided[condition] = self._named(condition)
        decided = self._decided[condition]
        if isinstance(decided, Unresolved):
            raise decided
        return decided

    def _named(self, name: str) -> bool | Unresolved:
        if name not in self._conditions:
            return Unresolved(f"the template has no condition {name}")
        try:
            return self._written_out(self._conditions[name])
        except Unresolved as error:
            return error

    def _written_out(self, condition: Any) -> bool:
        if not isinstance(condition, dict) or len(condition) != 1:
            raise Unresolved(f"a condition is not one of {_EXPECTED}")
        ((name, argument),) = condition.items()
        if name == "Condition":
            return self.holds(argument if isinstance(argument, str) else "")
        arguments = argument if isinstance(argument, list) else [argument]
        if name == "Fn::Equals" and len(arguments) == 2:
            first, second = (self._resolve(each) for each in arguments)
            return bool(_comparable(first) == _comparable(second))
        if name == "Fn::Not" and len(arguments) == 1:
            return not self.holds(arguments[0])
        if name in {"Fn::And", "Fn::Or"} and arguments:
            return self._several(arguments, decisive=name == "Fn::Or")
        raise Unresolved(f"a condition is not one of {_EXPECTED}")

    def _several(self, conditions: list[Any], *, decisive: bool) -> bool:
        """Returns the result of ``Fn::And`` or ``Fn::Or``; one operand may be unknown if another decides the result."""
        unknown: Unresolved | None = None
        for each in conditions:
            try:
                if self.holds(each) is decisive:
                    return decisive
            except Unresolved as error:
                unknown = error
        if unknown is not None:
            raise unknown
        return not decisive


def _comparable(value: Any) -> Any:
    """Returns a value as CloudFormation compares it: numbers and booleans as strings."""
    if isinstance(value, list):
        return [_comparable(each) for each in value]
    if isinstance(value, dict):
        return {key: _comparable(each) for key, each in value.items()}
    return text_of(value) if isinstance(value, (bool, int, float)) else value
