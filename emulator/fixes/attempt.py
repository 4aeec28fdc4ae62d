"""A login as it was asked for, with what came after it: whatever is needed to make it once more, somewhere else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import Login, Outcome, Pauses, assume_role, log_in, post_call, post_message, visit
from emulator.kernel.errors import FlowError

NO_PAUSES = Pauses()
SIGN_IN_URL = "https://signin.aws.amazon.com/saml"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login.

    Args:
        user: The Okta login.
        app: The app's name, or ``org/app``.
        relay_state: Replaces the app's default relay state; None keeps it.
        destination: Added to the app's default relay state, in the place of ``relay_state``; None adds nothing.
        role: The role that is asked for, by name or ARN; None for any.
        role_index: Posted to the role chooser whatever it offers.
        source_ip: The address that the requests come from; the person's own by default.
        lands_on: Where it should end; what the relay state, else the role says, by default.
        pauses: How long the person waits on the way.
        via: How the assertion is used.
        provider: ``PrincipalArn`` of a call of STS.
        duration_seconds: ``DurationSeconds`` of a call of STS.
        same_browser: Whether it is made in the browser of the step before.
    """

    user: str
    app: str
    relay_state: str | None = None
    destination: str | None = None
    role: str | None = None
    role_index: str | None = None
    source_ip: str | None = None
    lands_on: str = ""
    pauses: Pauses = NO_PAUSES
    via: Literal["browser", "sts"] = "browser"
    provider: str | None = None
    duration_seconds: int | None = None
    same_browser: bool = False


@dataclass(frozen=True, slots=True)
class Posted:
    """A message that came from outside, posted to AWS's sign-in page or given to STS as it was received.

    ``call`` are the parameters of the call of STS; none for a sign-in page. ``lands_on`` is where it should lead.
    """

    saml_response: str
    relay_state: str = ""
    url: str = SIGN_IN_URL
    role: str | None = None
    call: tuple[tuple[str, str], ...] = ()
    lands_on: str = ""


@dataclass(frozen=True, slots=True)
class Waited:
    """Time that passes."""

    length: timedelta


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that is opened in the browser of the login."""

    url: str


@dataclass(frozen=True, slots=True)
class Framed:
    """A page that another one shows in a frame, in the browser of the login."""

    url: str
    by: str
    within: str = ""
    sends_referer: bool = True
    third_party_cookies: bool = True


Step = Attempt | Posted | Waited | Opened | Framed


@dataclass(frozen=True, slots=True)
class Played:
    """What came of steps.

    Args:
        logins: What each login and page came to, in order.
        stopped: Why the browser could not go on; empty where it could.
        choices: The names of the roles that the role chooser offered where it stopped because none was asked for.
    """

    logins: tuple[Login, ...]
    stopped: str = ""
    choices: tuple[str, ...] = ()

    @property
    def login(self) -> Login | None:
        """What the last login or page came to; None where it did not come to one."""
        return self.logins[-1] if self.logins else None


def play_steps(steps: Sequence[Step], federation: Federation, *, to_the_end: bool = True) -> Played:
    """Makes steps one after the other.

    Args:
        steps: What is done.
        federation: Where.
        to_the_end: Goes on after a step that did not go well.
    """
    browser = federation.browser()
    logins: list[Login] = []
    try:
        for step in steps:
            login = logins[-1] if logins else None
            if not to_the_end and login is not None and login.outcome is not Outcome.ACCEPTED:
                break
            if isinstance(step, Waited):
                federation.clock.advance(step.length)
            elif isinstance(step, Opened):
                logins.append(visit(browser, step.url, before=login))
            elif isinstance(step, Framed):
                frame = browser.frame(
                    by=step.by,
                    within=step.within,
                    sends_referer=step.sends_referer,
                    third_party_cookies=step.third_party_cookies,
                )
                logins.append(visit(frame, step.url, before=login))
            elif isinstance(step, Posted):
                browser = federation.browser()
                logins.append(_post(step, browser))
            else:
                browser = browser if step.same_browser or login is None else federation.browser()
                logins.append(make_login(step, federation, browser))
    except FlowError as error:
        return Played(tuple(logins), str(error.message), tuple(filter(None, error.expected.split(", "))))
    return Played(tuple(logins))


def _post(step: Posted, browser: Browser) -> Login:
    if step.call:
        return post_call(browser, step.url, dict(step.call))
    return post_message(
        browser,
        step.url,
        saml_response=step.saml_response,
        relay_state=step.relay_state,
        role=step.role,
        lands_on=step.lands_on,
    )


def make_login(step: Attempt, federation: Federation, browser: Browser) -> Login:
    """Makes a login as it is asked for.

    Raises:
        FlowError: the browser cannot go on.
        FederationError: there is no such app.
    """
    if step.via == "sts":
        return assume_role(
            federation,
            user=step.user,
            app=step.app,
            role=step.role,
            provider=step.provider,
            duration_seconds=step.duration_seconds,
            pauses=step.pauses,
            source_ip=step.source_ip,
        )
    relay_state = step.relay_state
    if step.destination is not None:
        _, app = federation.find_app(step.app)
        relay_state = f"{app.default_relay_state}?destination={step.destination}"
    return log_in(
        federation,
        user=step.user,
        app=step.app,
        relay_state=relay_state,
        role=step.role,
        role_index=step.role_index,
        browser=browser,
        pauses=step.pauses,
        source_ip=step.source_ip,
        lands_on=step.lands_on,
    )
