"""The format of a scenario file: logins and other steps, faults, and what must come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import Field, GetJsonSchemaHandler, TypeAdapter, ValidationError, model_validator

from emulator.scenarios.format.expectation_schema import Expectation, Expected
from emulator.scenarios.format.login_schema import LoginSettings
from emulator.scenarios.format.step_schema import OF_EVENTS, StepSettings, ThenSettings
from emulator.scenarios.format.values import Reason
from emulator.worldfile.schema.settings import Settings

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["Expectation", "LoginSettings", "ScenarioSettings", "StepSettings", "ThenSettings"]
_EXPECTED: Final[TypeAdapter[Expectation]] = TypeAdapter(Expected)


class ScenarioSettings(Settings):
    """One scenario; a file holds one or several, separated by ``---``."""

    scenario: str
    """What happens, as a sentence."""
    id: str
    """A short name that no other scenario of the file has, such as ``LOGIN-02``; made of the sentence unless given."""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """How often this is what people meet, from 0 (on purpose, such as a forged message) to 100, by which ``fedemu
    explain`` ranks causes; docs/scenarios.md says what the numbers mean; not ranked unless given."""
    extends: str | None = None
    """The id of an earlier scenario of the same file, whose world, changes, faults, login and steps are taken over;
    none unless given."""
    world: str | None = None
    """The world file, relative to this file; that of ``defaults.yaml`` unless given, else the nearest ``world.yaml`` in
    this folder or above it."""
    skip: Reason | None = None
    """Why the scenario is not run; it is run unless given."""
    xfail: Reason | None = None
    """Why the scenario is not as expected, for now: it fails once it is; it has to be as expected unless given."""
    tags: list[str] = []
    """Words to choose scenarios by, with ``fedemu run --tag``; none unless given."""
    matrix: dict[str, list[str]] = {}
    """Names with lists of values: the scenario is run with each combination, and ``{name}`` in its texts becomes the
    value; none unless given."""
    rows: str | None = None
    """A CSV or JSON file, relative to this file: the scenario is run with each of its rows, and ``{column}`` in its
    texts becomes the value; none unless given."""
    changes: dict[str, Any] = {}
    """Changes to the world: JSON pointers such as ``/okta/acme/mfa`` with new values, where null takes a key out; none
    unless given."""
    faults: list[dict[str, Any]] = []
    """What goes wrong with the response of the first login, such as ``{attribute: Role, remove: true}``; nothing unless
    given."""
    login: LoginSettings | None = None
    """The login that the scenario begins with; none where it begins with a page, or has steps."""
    then: list[ThenSettings] = []
    """What happens after the login, in this order, and is not looked at but for the last; nothing unless given."""
    steps: list[StepSettings] = []
    """What is done and looked at, in this order, each with what must come of it; given in place of ``login``."""
    expect: Expected
    """What must come of it, or of the last of its steps: ``arrives``, ``refused``, ``elsewhere``, ``stopped``, or
    more of it; needed unless there are steps."""

    @model_validator(mode="before")
    @classmethod
    def expects_of_the_last_step(cls, data: Any) -> Any:
        """Uses the expectation of the last step for a scenario with steps and none of its own."""
        if not isinstance(data, dict) or "expect" in data or not isinstance(data.get("steps"), list):
            return data
        last: dict[str, Any] = next((step for step in reversed(data["steps"]) if _has_outcome(step)), {})
        expected = last.get("expect", "arrives")
        # A mistake is reported once, where it was written: in the step.
        return {**data, "expect": expected if _is_expectation(expected) else "arrives"}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Marks what may be left out: the id, and the expectation of a scenario with steps."""
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        found = handler.resolve_ref_schema(schema)
        found["required"] = ["scenario"]
        found["anyOf"] = [{"required": [name]} for name in ("expect", "steps", "extends")]
        return schema


def _is_expectation(written: Any) -> bool:
    try:
        _EXPECTED.validate_python(written)
    except ValidationError:
        return False
    return True


def _has_outcome(step: Any) -> bool:
    """Returns whether a step, as written, has a result that may be a refusal."""
    return isinstance(step, dict) and not OF_EVENTS & step.keys() and bool(step.keys() - {"wait", "clock"})
