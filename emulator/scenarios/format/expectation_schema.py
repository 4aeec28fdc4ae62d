"""What must come of a login or of a step, in short or in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator

from emulator.scenarios.format.values import WholeNumber
from emulator.worldfile.schema.settings import Settings

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

Outcome = Literal["arrives", "accepted", "elsewhere", "refused", "stopped", "there", "absent"]
_OF_REFUSALS = frozenset({"service", "check", "code", "status", "message", "why", "setting"})


def _plain(outcome: str) -> str:
    return "accepted" if outcome == "arrives" else outcome


class Expectation(Settings):
    """What must come of a scenario or of a step; what is left out is not looked at."""

    outcome: Annotated[Outcome, AfterValidator(_plain)] | None = None
    """How it ends: ``arrives`` or ``accepted``, also of a call; ``elsewhere``, ``refused``, or ``stopped`` where the
    browser cannot go on; an event is ``there`` or ``absent``; ``accepted`` unless given, or any where a part of a
    refusal is."""
    lands_on: str | None = None
    """The URL of the page that the browser ends on; any unless given."""
    role: str | None = None
    """The ARN of the role that is assumed; any unless given."""
    session_name: str | None = None
    """The name of the role session, from ``RoleSessionName``; any unless given."""
    service: str | None = None
    """The service that refuses, such as ``AWS sign-in``, ``Amazon Connect`` or ``Okta``; any unless given."""
    check: str | None = None
    """The check that refuses, such as ``audience``, or that a login is elsewhere for, such as ``relay-state``; ``fedemu
    explain`` knows them; any unless given."""
    code: str | None = None
    """The error code of the refusal, such as ``InvalidIdentityToken``; any unless given."""
    status: WholeNumber | None = None
    """The HTTP status of the refusal; any unless given."""
    message: str | None = None
    """The words of the service that refuses, or why the browser cannot go on, exactly; any unless given."""
    why: str | None = None
    """The emulator's explanation of the refusal, exactly; any unless given."""
    setting: str | None = None
    """The key in the world of a setting that the refusal comes from, such as
    ``okta.acme.apps.amazon-connect.audience``; not looked at unless given."""
    page: str | None = None
    """Text that the last page shows; any unless given."""
    note: str | None = None
    """A note of the login, which says why something that was asked for was not done; not looked at unless given."""
    answer: dict[str, Any] | list[Any] | None = None
    """What the answer of a call holds: keys with their values, and of a list items that are in it, with whatever else;
    null means that a key is not there; not looked at unless given."""
    count: Annotated[WholeNumber, Field(ge=0)] | None = None
    """How many events there are, of those that the step asks for; at least one unless given."""
    oracle: Literal["documented", "observed", "spec", "assumed"] | None = None
    """How it is known that the real services do so: their documentation, an observation, a specification, or an
    assumption; not said unless given."""

    @model_validator(mode="before")
    @classmethod
    def arrives_unless_refused(cls, data: Any) -> Any:
        """Takes an expectation without an outcome and without a part of a refusal for one that it is accepted."""
        if not isinstance(data, dict) or "outcome" in data or _OF_REFUSALS & data.keys():
            return data
        return {"outcome": "accepted", **data}


def _in_full(given: Any) -> Any:
    return {"outcome": given} if isinstance(given, str) else given


class _OrOutcome:
    """Lets a JSON Schema have the outcome alone in the place of the mapping."""

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        short = {"enum": list(get_args(Outcome)), "description": "How it ends, and nothing else is looked at."}
        return {"anyOf": [short, handler(core_schema)]}


Expected = Annotated[Expectation, BeforeValidator(_in_full), _OrOutcome()]
