"""Why a browser comes to an instance's page without a session: what is wrong with the login, the browser or the page.

What the instance can know is the request, with its Referer and fetch metadata, and who signed in where before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from emulator.kernel.clock import instant
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import BROWSER, RELAY_STATE, Asked, Cause, PageAround, Sent, Setting, Tile
from sp_mock.accounts.model import Account, Instance
from sp_mock.connect.federation import federate_url
from sp_mock.connect_instance.sign_ins import InstanceSignIn

_CONFIGURE_SAML = 'Amazon Connect Administrator Guide "configure-saml"'
_LOGIN_SETTINGS = ("ccpUrl", "loginUrl", "loginPopup")
_FRAMED = "The login page is in a frame, which it refuses: the browser came without a session. "
_LONGEST_SESSION = 720


class History(Protocol):
    """Who signed in before."""

    def by(self, browser: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins of a browser, the latest first."""

    def to(self, instance_id: str) -> tuple[InstanceSignIn, ...]:
        """Returns the sign-ins to an instance whose sessions go on."""

    def goes_on(self, sign_in: InstanceSignIn) -> bool:
        """Returns whether the session of a sign-in goes on."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page of an instance that was asked for without a session.

    Args:
        account: The instance's, as it is now.
        instance: Which.
        base_url: At which of its domains.
        path: The page that was asked for first; empty where that was the login page.
        around: The origin of the page that framed or opened it; empty for none, or for a page of the instance's own.
        framed: Whether it is for a frame.
        browser: The User-Agent.
        storage_access: The Sec-Fetch-Storage-Access header: ``active`` where third-party cookies would have come.
        unapproved: The refusal of the frame by its origin, if there is one.
    """

    account: Account
    instance: Instance
    base_url: str
    path: str
    around: str
    framed: bool
    browser: str
    storage_access: str = ""
    unapproved: ConnectRefusal | None = None

    @property
    def url(self) -> str:
        """The address that was asked for."""
        return self.base_url + (self.path.removeprefix("/connect") or "/login")


def refuse_visit(visit: Visit, history: History, instances: tuple[Instance, ...]) -> ConnectRefusal:
    """Returns why there is no session.

    Args:
        visit: What was asked for.
        history: Who signed in before.
        instances: Every instance there is.

    Spec: amazon-connect-streams#210, #495, #670 and #1026
    Evidence: observed (the cookies, the domains, the frames), assumed (how it is told which of them it was)
    """
    if visit.framed and visit.unapproved is not None:
        return _unapproved(visit, visit.unapproved)
    if visit.framed and not visit.path:
        return _login_page_in_frame(visit)
    for sign_in in history.by(visit.browser):
        found = _after(visit, sign_in, instances, goes_on=history.goes_on(sign_in))
        if found is not None:
            return found
    if visit.framed:
        return _nobody(visit, somebody=bool(history.to(visit.instance.instance_id)))
    if visit.around:
        return _opened_by_page(visit)
    return _opened_directly(visit)


def _after(
    visit: Visit, sign_in: InstanceSignIn, instances: tuple[Instance, ...], *, goes_on: bool
) -> ConnectRefusal | None:
    """Returns why a browser that signed in before has no session here; None where that sign-in says nothing."""
    if sign_in.instance_id != visit.instance.instance_id:
        other = next((each for each in instances if each.instance_id == sign_in.instance_id), None)
        return _other_instance(visit, sign_in, other) if goes_on and visit.framed and other is not None else None
    if not goes_on:
        return _over(visit, sign_in)
    if sign_in.base_url != visit.base_url:
        return _other_domain(visit, sign_in)
    if not visit.framed:
        return None
    if visit.instance.cookie_same_site != "None":
        return _same_site(visit, sign_in)
    return None if visit.storage_access == "active" else _blocked(visit, sign_in)


def _unapproved(visit: Visit, refusal: ConnectRefusal) -> ConnectRefusal:
    host = visit.base_url.removeprefix("https://").partition("/")[0]
    return ConnectRefusal(
        f"Refused to display 'https://{host}/' in a frame because it set 'X-Frame-Options' to 'sameorigin'.",
        code=refusal.code,
        status=refusal.status,
        check="approved-origin",
        evidence="observed",
        explanation=f"{refusal.explanation} There is no session yet either, so that the frame shows the login page.",
        where=refusal.where,
        expected=refusal.expected,
        received=refusal.received,
        fix=refusal.fix,
        spec=refusal.spec,
        causes=refusal.causes,
    )


def _login_page_in_frame(visit: Visit) -> ConnectRefusal:
    ccp = f"{visit.base_url}/ccp-v2"
    return _expired(
        f"{visit.around or 'The page'} shows the login page {visit.url} in a frame, which it always refuses.",
        where="the address in the frame",
        want=ccp,
        got=visit.url,
        fix=f"Set ccpUrl to {ccp}; the login belongs into loginUrl.",
        causes=(PageAround(visit.around, ("ccpUrl",)),),
    )


def _other_instance(visit: Visit, sign_in: InstanceSignIn, other: Instance) -> ConnectRefusal:
    shown, right = visit.instance.alias, f"{sign_in.base_url}/ccp-v2"
    return _expired(
        f"{sign_in.login} signed in to the instance {other.alias}, and the page frames another one, {shown}.",
        where="the address in the frame",
        want=right,
        got=visit.url,
        fix=f"Set ccpUrl to {right}. To use {shown}, begin at a tile that leads to {federate_url(visit.instance)}.",
        causes=(
            PageAround(visit.around, ("ccpUrl",)),
            Sent(RELAY_STATE, (federate_url(visit.instance),)),
        ),
    )


def _other_domain(visit: Visit, sign_in: InstanceSignIn) -> ConnectRefusal:
    """Returns the refusal of a page at one domain after a login at the other.

    Spec: Amazon Connect Administrator Guide "update-your-connect-domain"; amazon-connect-streams#670
    """
    instance, page = visit.instance, PageAround(visit.around, ("ccpUrl",))
    new = instance.base_urls[-1]
    shows = "the frame shows" if visit.framed else "the address is at"
    why = (
        f"The login of {sign_in.login} ended at {sign_in.base_url}, {shows} {visit.base_url}: old domain and new "
        "domain have cookies of their own, and a session of one does not count at the other."
    )
    if visit.base_url == new:
        wanted = relay_state_of(instance, sign_in.destination)
        relay_state: Cause = Sent(RELAY_STATE, (wanted,))
        return _expired(
            why,
            where="the host of the address",
            want=f"a login that ends at {new}: relay state {wanted}",
            got=f"a login that ended at {sign_in.base_url}",
            fix=f"Set the relay state to {wanted}.",
            causes=(relay_state, page) if visit.framed else (relay_state,),
        )
    path = "/ccp-v2" if visit.framed else visit.path.removeprefix("/connect")
    return _expired(
        why,
        where="the host of the address",
        want=f"{new}{path}",
        got=visit.url,
        fix=f"Set ccpUrl to {new}{path}." if visit.framed else f"Open {new}{path}.",
        causes=(page, Sent(RELAY_STATE, (federate_url(instance),))) if visit.framed else (),
    )


def relay_state_of(instance: Instance, destination: str) -> str:
    """Returns the relay state that leads to an instance's new domain.

    Args:
        instance: Where.
        destination: The page there; the old domain's prefix is taken off.
    """
    path = destination.removeprefix("/connect") if f"{destination}/".startswith("/connect/") else destination
    query = f"destination={quote(path, safe='')}&new_domain=true" if path else "new_domain=true"
    return f"{federate_url(instance)}?{query}"


def _same_site(visit: Visit, sign_in: InstanceSignIn) -> ConnectRefusal:
    value = visit.instance.cookie_same_site
    setting = Setting(visit.account, ("instances", visit.instance.instance_id, "cookie_same_site"))
    return _expired(
        f"{sign_in.login} is signed in, but the session cookie has SameSite={value}, which keeps it out of frames on "
        "other sites.",
        where="the browser's cookies",
        want="cookie_same_site: None",
        got=f"cookie_same_site: {value}",
        fix="Set the instance's cookie_same_site to None, as Amazon Connect has it.",
        causes=(setting,),
    )


def _blocked(visit: Visit, sign_in: InstanceSignIn) -> ConnectRefusal:
    sure = "blocks" if visit.storage_access in {"none", "inactive"} else "seems to block"
    return _expired(
        f"{sign_in.login} is signed in at {visit.base_url}, but the browser {sure} third-party cookies: it sent none "
        f"from the frame in {visit.around or 'the page'}.",
        where="the browser's settings for cookies",
        want=f"third-party cookies allowed for {visit.base_url}",
        got="a request from a frame, without cookies",
        fix="Allow third-party cookies for the instance in the browser, or give initCCP "
        "storageAccess: {canRequest: true}, which asks the person for them.",
        causes=(Asked(BROWSER),),
    )


def _over(visit: Visit, sign_in: InstanceSignIn) -> ConnectRefusal:
    profile = visit.instance.authentication_profile
    if sign_in.signed_out:
        why = f"{sign_in.login} has logged out of {visit.instance.alias}."
    else:
        minutes = profile.max_session_minutes
        why = (
            f"The session of {sign_in.login} began at {instant(sign_in.began_at)} and is over after {minutes} minutes, "
            "as the instance's authentication profile has it."
        )
    setting = Setting(visit.account, ("instances", visit.instance.instance_id, "authentication_profile"))
    shortened = profile.max_session_minutes < _LONGEST_SESSION and not sign_in.signed_out
    return _expired(
        why,
        where="the browser's cookies",
        want=f"a login that leads to {federate_url(visit.instance)}",
        got=f"{visit.url} without a session",
        fix=_begin(visit.instance),
        causes=(Tile(federate_url(visit.instance)), *((setting,) if shortened else ())),
    )


def _nobody(visit: Visit, *, somebody: bool) -> ConnectRefusal:
    who = (
        "Somebody is signed in to the instance, but not in this browser"
        if somebody
        else "Nobody is signed in to the instance"
    )
    return _expired(
        f"{_FRAMED}{who}; its approved origins are not the cause.",
        where="the browser's cookies",
        want=f"a login that leads to {federate_url(visit.instance)}",
        got=f"{visit.url} in a frame of {visit.around or 'a page'}, without a session",
        fix=_begin(visit.instance),
        causes=(PageAround(visit.around, _LOGIN_SETTINGS), Tile(federate_url(visit.instance))),
    )


def _opened_by_page(visit: Visit) -> ConnectRefusal:
    return _expired(
        f"{visit.around} opened {visit.url} in a window, and nobody is signed in there: without a loginUrl the login "
        "window of a custom CCP shows the CCP itself, which has no login of its own.",
        where="the address of the window",
        want=f"a loginUrl that leads to {federate_url(visit.instance)}",
        got=visit.url,
        fix="Give initCCP the link of the application's tile as loginUrl.",
        causes=(PageAround(visit.around, ("loginUrl", "loginPopup")), Tile(federate_url(visit.instance))),
    )


def _opened_directly(visit: Visit) -> ConnectRefusal:
    return _expired(
        f"{visit.url} was opened directly, from a bookmark or by its address, and there is no session in this browser. "
        "With SAML, Amazon Connect has no login of its own: every login begins at the identity provider.",
        where="the browser's cookies",
        want=f"a login that leads to {federate_url(visit.instance)}",
        got=f"{visit.url} without a session",
        fix=_begin(visit.instance),
        causes=(Tile(federate_url(visit.instance)),),
    )


def no_session_for_script(instance: Instance) -> ConnectRefusal:
    """Returns the refusal of a script that asks for a new access token."""
    return _expired(
        "The session is over, or there was none: no refresh token came that still counts.",
        where="the browser's cookies",
        want=f"a login that leads to {federate_url(instance)}",
        got="no running session",
        fix=_begin(instance),
        causes=(Tile(federate_url(instance)),),
    )


def _begin(instance: Instance) -> str:
    return (
        f"Begin at the identity provider: open the application's tile, whose relay state is {federate_url(instance)}."
    )


def _expired(why: str, *, where: str, want: str, got: str, fix: str, causes: tuple[Cause, ...]) -> ConnectRefusal:
    return ConnectRefusal(
        "Session expired",
        code="SessionExpired",
        status=200,
        check="connect-session",
        explanation=why,
        where=where,
        expected=want,
        received=got,
        fix=fix,
        spec=_CONFIGURE_SAML,
        causes=causes,
    )
