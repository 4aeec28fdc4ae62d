"""Results of scenarios converted to JSON data and back, without loss, for a process that has the scenarios.

Only plain values are made from such data, by the types of the fields; nothing in it chooses which code runs. What
explanations are derived from is not included; ``Result`` is already without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

from emulator.arrival import Shortfall
from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.login_result import LoginResult
from emulator.inspection.verdicts import Finding, Inspection
from emulator.kernel.errors import TOLD_OF_REFUSALS, Refusal
from emulator.kernel.trace_notes import TraceNote
from emulator.network.trace import Body
from emulator.scenarios.results import Result
from emulator.scenarios.scenario_file import Scenario

if TYPE_CHECKING:
    from cattrs import Converter

# Fields that each value's plain form lacks.
_LEFT_BEHIND: Mapping[type, tuple[str, ...]] = {
    Result: ("scenario",),
    TraceNote: ("causes", "derivation", "dropped"),
    Diagnosis: ("causes", "settings", "changes"),
    Shortfall: ("causes",),
}


def result_as_data(result: Result) -> dict[str, Any]:
    """Returns a result as JSON data, without its scenario."""
    data: dict[str, Any] = _converter().unstructure(result)
    return data


def result_from_data(data: Any, scenario: Scenario) -> Result:
    """Returns the result of a scenario from the data that ``result_as_data`` made.

    Raises:
        ValueError: it is not such data, for example from another version.
    """
    from cattrs import BaseValidationError, transform_error

    try:
        result: Result = _converter().structure({**data, "scenario": scenario}, Result)
    except BaseValidationError as error:
        raise ValueError(transform_error(error)[0]) from None
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(str(error)) from None
    return result


def login_as_data(result: LoginResult) -> dict[str, Any]:
    """Returns the plain form of a login's result as JSON data."""
    data: dict[str, Any] = _converter().unstructure(result)
    return data


def login_from_data(data: Any) -> LoginResult:
    """Returns a login's result from the data that ``login_as_data`` made."""
    result: LoginResult = _converter().structure(data, LoginResult)
    return result


@cache
def _converter() -> Converter:
    from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override
    from cattrs.preconf.json import make_converter

    _resolve(Finding, Diagnosis=Diagnosis)
    _resolve(Result, Inspection=Inspection)
    converter = make_converter()
    converter.register_structure_hook_func(lambda kind: kind == (str | int), lambda value, _: value)
    converter.register_structure_hook(Scenario, lambda scenario, _: scenario)
    converter.register_unstructure_hook(Body, lambda body: body.text)
    converter.register_structure_hook(Body, lambda text, _: Body(text.encode()))
    converter.register_unstructure_hook_func(_is_refusal, _refusal_as_data)
    converter.register_structure_hook_func(_is_refusal, lambda data, _: _refusal_from_data(data))
    for kind, names in _LEFT_BEHIND.items():
        left: dict[str, Any] = {name: override(omit=True) for name in names}
        converter.register_unstructure_hook(kind, make_dict_unstructure_fn(kind, converter, **left))
        if kind is not Result:
            converter.register_structure_hook(kind, make_dict_structure_fn(kind, converter, **left))
    return converter


def _resolve(kind: type, **names: type) -> None:
    """Adds names for the types of a dataclass's fields that are imported for type checkers only."""
    hints = get_type_hints(kind, localns=names)
    for each in fields(kind):
        each.type = hints[each.name]


def _is_refusal(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Refusal)


def _refusal_as_data(refusal: Refusal) -> dict[str, Any]:
    return {"class": type(refusal).__name__, **{name: getattr(refusal, name) for name in TOLD_OF_REFUSALS}}


def _refusal_from_data(data: Any) -> Refusal:
    kinds = {kind.__name__: kind for kind in _with_subclasses(Refusal)}
    kind = kinds.get(data["class"], Refusal)
    # Not through its constructor: some kinds build their message from other values, which are not included.
    refusal = kind.__new__(kind, data["message"])
    vars(refusal).update({"causes": (), **{name: data[name] for name in TOLD_OF_REFUSALS}})
    return refusal


def _with_subclasses(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _with_subclasses(each)
