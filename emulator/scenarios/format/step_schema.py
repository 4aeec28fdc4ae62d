"""A step of a scenario: what is done or looked at, what must come of it, and what later steps take from it."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field, model_validator

from emulator.scenarios.format.expectation_schema import Expected
from emulator.scenarios.format.login_schema import FrameSettings, LoginSettings
from emulator.scenarios.format.values import CaptureName, ClockText, Span
from emulator.worldfile.schema.settings import IpAddress, Settings

ANONYMOUS: Final = "anonymous"
# What a step can do, exactly one of these; time may pass before it.
DEEDS: Final = ("login", "open", "frame", "call", "okta", "cloudtrail", "system_log", "event_hook")
OF_EVENTS: Final = frozenset({"cloudtrail", "system_log", "event_hook"})
OF_CALLS: Final = frozenset({"call", "okta"})


class ThenSettings(Settings):
    """Something that happens after the login: time passes, a page is opened or framed, or somebody logs in."""

    wait: Span | None = None
    """The time that passes, such as ``13h``; none unless given."""
    open: str | None = None
    """The URL that is opened in the same browser; none unless given."""
    frame: FrameSettings | None = None
    """The page that is opened in a frame, in the same browser; none unless given."""
    login: LoginSettings | None = None
    """Another login, in a new browser unless it says ``same_browser: true``."""


class CallSettings(Settings):
    """A call of an AWS API, as boto3 makes it."""

    service: Literal["cloudtrail", "connect", "iam", "sts"]
    """The service, by boto3's name of its client."""
    operation: str
    """The operation, such as ``GetCallerIdentity``."""
    parameters: dict[str, Any] = {}
    """The operation's parameters, as boto3 takes them; none unless given."""
    as_: str | None = Field(default=None, alias="as")
    """Whose credentials sign the call: a captured name, the login of somebody who came ``via: sts``, an IAM user with
    an access key, or ``anonymous``; those of the last login ``via: sts`` unless given."""
    region: str | None = None
    """The region that the client is for; ``us-east-1`` unless given, and for ``connect`` that of the world's first
    instance."""
    source_ip: IpAddress | None = None
    """The address that the call comes from; ``127.0.0.1`` unless given."""


class GroupMember(Settings):
    """A person and a group of the org."""

    user: str
    """The person's login."""
    group: str
    """The group's name."""


class AppAssignment(Settings):
    """A person or a group, and an app."""

    app: str
    """The app, by its name in the world."""
    user: str | None = None
    """The person's login; given in place of ``group``."""
    group: str | None = None
    """The group's name; given in place of ``user``."""
    profile: dict[str, Any] = {}
    """The assignment's profile, such as ``{role: …, samlRoles: […]}``; empty unless given."""

    @model_validator(mode="after")
    def one_of_two(self) -> AppAssignment:
        """Refuses both and neither."""
        if (self.user is None) == (self.group is None):
            raise ValueError("give either user or group")
        return self


class ManagementRequest(Settings):
    """A request to Okta's management API."""

    path: str
    """Path and query, such as ``/api/v1/groups?q=Agents``."""
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    """The method; ``GET`` unless given."""
    body: dict[str, Any] | None = None
    """What is sent as JSON; nothing unless given."""


class OktaSettings(Settings):
    """What an administrator does in an Okta org, through the management API."""

    deactivate: str | None = None
    """The login of the person who is deactivated; nobody unless given."""
    activate: str | None = None
    """The login of the person who is activated; nobody unless given."""
    suspend: str | None = None
    """The login of the person who is suspended; nobody unless given."""
    unsuspend: str | None = None
    """The login of the person whose suspension ends; nobody unless given."""
    unlock: str | None = None
    """The login of the person whose account is unlocked; nobody unless given."""
    delete: str | None = None
    """The login of the person who is deleted, once they are deactivated; nobody unless given."""
    add_to_group: GroupMember | None = None
    """Who is put into which group; nobody unless given."""
    remove_from_group: GroupMember | None = None
    """Who is taken out of which group; nobody unless given."""
    assign: AppAssignment | None = None
    """Who gets which app; nobody unless given."""
    unassign: AppAssignment | None = None
    """Who loses which app; nobody unless given."""
    request: ManagementRequest | None = None
    """Any other request to the management API; none unless given."""
    org: str | None = None
    """The org, by its name in the world; the only one unless given."""
    as_: str | None = Field(default=None, alias="as")
    """The login of the administrator, to whom one of the org's ``api_tokens`` belongs, or ``anonymous``; the owner of
    the first token unless given."""

    @property
    def change(self) -> str:
        """The name of the one thing that the request does."""
        return next(iter(self._changes))

    @property
    def _changes(self) -> list[str]:
        names = [name for name in type(self).model_fields if name not in {"org", "as_"}]
        return [name for name in names if getattr(self, name) is not None]

    @model_validator(mode="after")
    def one_change(self) -> OktaSettings:
        """Refuses several requests and none."""
        if len(self._changes) != 1:
            told = f"not {' and '.join(self._changes)}" if self._changes else "such as deactivate"
            raise ValueError(f"give one thing that is done, {told}")
        return self


class StepSettings(ThenSettings):
    """A step: something that is done or looked at, what must come of it, and what is taken from it."""

    clock: ClockText | None = None
    """What time it becomes: an instant such as ``2026-01-15T17:00:00Z``, or a step such as ``+13h`` or ``-5m``; it
    stays unless given."""
    faults: list[dict[str, Any]] = []
    """What goes wrong with the response of this step's login, such as ``{attribute: Role, remove: true}``; nothing
    unless given."""
    call: CallSettings | None = None
    """A call of an AWS API; none unless given."""
    okta: OktaSettings | None = None
    """What an administrator does in Okta; nothing unless given."""
    cloudtrail: dict[str, Any] | None = None
    """Fields of a CloudTrail record, such as ``{eventName: AssumeRoleWithSAML}``: an event that has them is to be
    there by now; not looked for unless given."""
    system_log: dict[str, Any] | None = None
    """Fields of an event of Okta's System Log, such as ``{eventType: user.session.start}``: one that has them is to be
    there by now; not looked for unless given."""
    event_hook: dict[str, Any] | None = None
    """Fields of an event that Okta delivers to an event hook, as in the System Log, and ``hook`` with the hook's name:
    a delivery that has them is to have been made by now; not looked for unless given."""
    expect: Expected | None = None
    """What must come of the step: ``arrives``, ``refused``, ``there``, ``absent``, or more of it; that it arrives,
    succeeds or is there, unless given."""
    capture: dict[CaptureName, str] = {}
    """Names for what later steps take from this one as ``{name}``: of a login ``role``, ``session_name``, ``lands_on``,
    ``saml_response`` or ``credentials``, of an answer or an event a JMESPath expression; nothing unless given."""

    @property
    def deed(self) -> str:
        """What the step does, by its key; empty where only time passes."""
        return next((name for name in DEEDS if getattr(self, name) is not None), "")

    @model_validator(mode="after")
    def one_deed(self) -> StepSettings:
        """Refuses a step that does nothing, or several things, whose order would not be visible."""
        deeds = [name for name in DEEDS if getattr(self, name) is not None]
        if len(deeds) > 1:
            raise ValueError(f"a step does one thing: make {' and '.join(deeds)} steps of their own")
        if not deeds and self.wait is None and self.clock is None:
            raise ValueError(f"the step does nothing: give one of wait, clock, {', '.join(DEEDS)}")
        if self.wait is not None and self.clock is not None:
            raise ValueError("give either wait or clock")
        return self
