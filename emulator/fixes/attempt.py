"""A login as it was asked for, with what followed: everything that is needed to repeat it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.flow import Login, Outcome, Pauses, assume_role, log_in, post_call, post_message, visit
from emulator.kernel.errors import FlowError
from emulator.kernel.records import dataclass

NO_PAUSES = Pauses()
SIGN_IN_URL = "https://signin.aws.amazon.com/saml"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A login.

    Args:
        user: Okta login.
        app: Name of the app, or ``org/app``.
        relay_state: Replaces the app's default relay state; None keeps it.
        destination: Added to the app's default relay state, as an alternative to ``relay_state``; None adds nothing.
        role: The role that is asked for, by name or ARN; None for any.
        role_index: Value posted to the role chooser whatever it offers.
        source_ip: Address that the requests come from; by default the person's own.
        lands_on: Where it should end; by default what the relay state, or else the role, says.
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
    """A message from outside, posted to AWS's sign-in page or passed to STS as it was received.

    ``call`` holds the parameters of the call of STS; none for the sign-in page. ``lands_on`` is where it should lead.
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
    """A page that is opened in the login's browser."""

    url: str


@dataclass(frozen=True, slots=True)
class Framed:
    """A page that another one shows in a frame, in the login's browser."""

    url: str
    by: str
    within: str = ""
    sends_referer: bool = True
    third_party_cookies: bool = True


Step = Attempt | Posted | Waited | Opened | Framed


@dataclass(frozen=True, slots=True)
class Played:
    """The results of steps.

    Args:
        logins: Results of the logins and pages, in order.
        stopped: Why the browser could not continue; empty where it could.
        choices: Names of the roles on the role chooser, where the login stopped because no role was asked for.
    """

    logins: tuple[Login, ...]
    stopped: str = ""
    choices: tuple[str, ...] = ()

    @property
    def login(self) -> Login | None:
        """The result of the last login or page, or None where there is none."""
        return self.logins[-1] if self.logins else None


def play_steps(steps: Sequence[Step], federation: Federation, *, to_the_end: bool = True) -> Played:
    """Runs steps one after the other.

    Args:
        to_the_end: Whether to continue after a step that failed.
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
        FlowError: the browser cannot continue.
        FederationError: the app does not exist.
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
