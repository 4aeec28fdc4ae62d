"""The format of a scenario file: a login, faults, and what must come of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, GetJsonSchemaHandler, model_validator

from emulator.kernel.clock import parse_span
from emulator.worldfile.settings import IpAddress, Settings


def _span(text: str) -> str:
    parse_span(text)
    return text


if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("the reason is empty: say in a few words why")
    return text


Span = Annotated[str, AfterValidator(_span)]
Reason = Annotated[str, AfterValidator(_reason)]


Outcome = Literal["arrives", "accepted", "elsewhere", "refused", "stopped"]
_OF_REFUSALS = frozenset({"service", "check", "code", "status", "message", "why", "setting"})


def _as_accepted(outcome: str) -> str:
    return "accepted" if outcome == "arrives" else outcome


class LoginSettings(Settings):
    """Who logs in to what, and how."""

    user: str
    """The login of the person in the Okta org."""
    app: str
    """The app that is opened, by its name in the world, or as ``org/app`` where several orgs have one of that name."""
    relay_state: str | None = None
    """The relay state that the login asks for; the app's default unless given."""
    destination: str | None = None
    """The path or URL that is added to the app's default relay state as ``?destination=``; given in place of
    ``relay_state``."""
    role: str | None = None
    """The role that is taken: in the role chooser, by name or ARN, or as ``RoleArn`` with ``via: sts``, where the
    assertion's first is taken unless given."""
    role_index: str | None = None
    """The ARN that is posted to the role chooser as ``roleIndex`` whatever it offers, as somebody does who changes the
    form by hand; none unless given."""
    lands_on: str = ""
    """The address at which the login should end, and is elsewhere otherwise; what the relay state, or else the role's
    instance says, unless given."""
    via: Literal["browser", "sts"] = "browser"
    """How the assertion is used: posted to AWS's sign-in page by a browser (the default), or given to
    ``AssumeRoleWithSAML``."""
    provider: str | None = None
    """The ``PrincipalArn`` that ``AssumeRoleWithSAML`` is called with; the app's identity provider ARN unless given."""
    duration_seconds: int | None = None
    """The ``DurationSeconds`` that ``AssumeRoleWithSAML`` is called with; none unless given."""
    same_browser: bool = False
    """Whether a login of ``then`` is made in the browser of the one before, and not in a new one, which is the
    default."""
    source_ip: IpAddress | None = None
    """The address that the login comes from, which policies see as ``aws:SourceIp``; the user's own unless given, else
    ``127.0.0.1``."""
    pause_before_posting: Span = "0s"
    """How long the browser waits before it posts the response to AWS, such as ``6m``; no time unless given."""
    pause_before_role: Span = "0s"
    """How long the person waits before they choose a role, such as ``6m``; no time unless given."""

    @model_validator(mode="after")
    def one_relay_state(self) -> LoginSettings:
        """Refuses two ways to say where to land."""
        if self.relay_state is not None and self.destination is not None:
            raise ValueError("give either relay_state or destination, which is added to the app's default relay state")
        return self


class FrameSettings(Settings):
    """A page that another page shows in an iframe."""

    url: str
    """The URL of the page in the frame."""
    by: str
    """The origin of the page around it, such as ``https://connect.example.com``."""
    within: str | None = None
    """The origin of a page that shows the page around it in a frame in turn; none unless given."""
    referer: bool = True
    """Whether the page around it sends its origin as Referer; with ``false`` its Referrer-Policy keeps it back;
    ``true`` unless given."""
    third_party_cookies: bool = True
    """Whether the browser sends the framed site its cookies; with ``false`` it blocks third-party cookies; ``true``
    unless given."""


class StepSettings(Settings):
    """Something that happens after the login: time passes, a page is opened or framed, or somebody logs in."""

    wait: Span | None = None
    """The time that passes, such as ``13h``; none unless given."""
    open: str | None = None
    """The URL that is opened in the same browser; none unless given."""
    frame: FrameSettings | None = None
    """The page that is opened in a frame, in the same browser; none unless given."""
    login: LoginSettings | None = None
    """Another login, in a new browser unless it says ``same_browser: true``."""


class Expectation(Settings):
    """What must come of a scenario; what is left out is not looked at."""

    outcome: Annotated[Outcome, AfterValidator(_as_accepted)] | None = None
    """How it ends: the person arrives (``arrives`` or ``accepted``), nobody refuses but they end elsewhere, a service
    refuses, or the browser cannot go on; ``accepted`` unless given, or any where a part of a refusal is expected."""
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
    status: int | None = None
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


class ScenarioSettings(Settings):
    """One scenario; a file holds one or several, separated by ``---``."""

    scenario: str
    """What happens, as a sentence."""
    id: str
    """A short name that no other scenario has, such as ``LOGIN-02``."""
    weight: Annotated[int, Field(ge=0, le=100)] | None = None
    """How often this is what people meet, from 0 (on purpose, such as a forged message) to 100, by which ``fedemu
    explain`` ranks causes; docs/scenarios.md says what the numbers mean; not ranked unless given."""
    extends: str | None = None
    """The id of an earlier scenario of the same file, whose world, changes, faults, login and steps are taken over;
    none unless given."""
    world: str | None = None
    """The world file, relative to this file; needed unless it is taken over."""
    skip: Reason | None = None
    """Why the scenario is not run; it is run unless given."""
    xfail: Reason | None = None
    """Why the scenario is not as expected, for now: it fails once it is; it has to be as expected unless given."""
    tags: list[str] = []
    """Words to choose scenarios by, with ``fedemu run --tag``; none unless given."""
    matrix: dict[str, list[str]] = {}
    """Names with lists of values: the scenario is run with each combination, and ``{name}`` in its texts becomes the
    value; none unless given."""
    changes: dict[str, Any] = {}
    """Changes to the world: JSON pointers such as ``/okta/acme/mfa`` with new values, where null takes a key out; none
    unless given."""
    faults: list[dict[str, Any]] = []
    """What goes wrong with the response of the first login, such as ``{attribute: Role, remove: true}``; nothing unless
    given."""
    login: LoginSettings | None = None
    """The login that the scenario begins with; none where it begins with a page."""
    then: list[StepSettings] = []
    """What happens after the login, in this order; nothing unless given."""
    expect: Expected
    """What must come of it: ``arrives``, ``refused``, ``elsewhere``, ``stopped``, or more of it."""
