"""How a person logs in, and how a page shows another in a frame."""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from emulator.scenarios.format.values import Span, WholeNumber
from emulator.worldfile.schema.settings import IpAddress, Settings


class LoginOptions(Settings):
    """How somebody logs in."""

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
    duration_seconds: WholeNumber | None = None
    """The ``DurationSeconds`` that ``AssumeRoleWithSAML`` is called with; none unless given."""
    same_browser: bool = False
    """Whether a later login is made in the browser of the one before, and not in a new one, which is the default."""
    source_ip: IpAddress | None = None
    """The address that the login comes from, which policies see as ``aws:SourceIp``; the user's own unless given, else
    ``127.0.0.1``."""
    refused_by: Literal["mfa", "sign-on-policy", "locked-out"] | None = None
    """What Okta refuses the person with when they sign in, though no setting of the world does; nothing unless
    given."""
    pause_before_posting: Span = "0s"
    """How long the browser waits before it posts the response to AWS, such as ``6m``; no time unless given."""
    pause_before_role: Span = "0s"
    """How long the person waits before they choose a role, such as ``6m``; no time unless given."""

    @model_validator(mode="after")
    def one_relay_state(self) -> LoginOptions:
        """Refuses two ways to say where to land."""
        if self.relay_state is not None and self.destination is not None:
            raise ValueError("give either relay_state or destination, which is added to the app's default relay state")
        return self


class LoginSettings(LoginOptions):
    """Who logs in to what, and how."""

    user: str
    """The login of the person in the Okta org."""
    app: str
    """The app that is opened, by its name in the world, or as ``org/app`` where several orgs have one of that name."""


class LoginDefaults(LoginOptions):
    """What logins have in common, where they do not say it."""

    user: str | None = None
    """The login of the person in the Okta org; each login says it unless given."""
    app: str | None = None
    """The app that is opened, by its name in the world or as ``org/app``; each login says it unless given."""


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
