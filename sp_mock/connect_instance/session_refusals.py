"""The refusals of a browser that opens an instance without a session, one for each cause."""

from __future__ import annotations

from urllib.parse import quote

from emulator.kernel.clock import instant
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import BROWSER, RELAY_STATE, Asked, Cause, PageAround, Sent, Setting, Tile
from sp_mock.accounts.model import Instance
from sp_mock.connect.federate_urls import federate_url
from sp_mock.connect_instance.sign_ins import InstanceSignIn
from sp_mock.connect_instance.visit import WITHOUT_COOKIES, Visit

_CONFIGURE_SAML = 'Amazon Connect Administrator Guide "configure-saml"'
_LOGIN_SETTINGS = ("ccpUrl", "loginUrl", "loginPopup")
_FRAMED = "The login page is in a frame, which it refuses: the browser came without a session. "
_LONGEST_SESSION = 720


def unapproved(visit: Visit, refusal: ConnectRefusal) -> ConnectRefusal:
    """Returns the refusal of a frame on a page that is not approved, where there is no session either."""
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


def login_page_in_frame(visit: Visit) -> ConnectRefusal:
    """Returns the refusal of a login page that is itself framed."""
    ccp = f"{visit.base_url}/ccp-v2"
    return _expired(
        f"{visit.around or 'The page'} shows the login page {visit.url} in a frame, which it always refuses.",
        where="the address in the frame",
        want=ccp,
        got=visit.url,
        fix=f"Set ccpUrl to {ccp}; the login belongs into loginUrl.",
        causes=(PageAround(visit.around, ("ccpUrl",)),),
    )


def other_instance(visit: Visit, sign_in: InstanceSignIn, other: Instance) -> ConnectRefusal:
    """Returns the refusal of a frame with another instance than the one that the person signed in to."""
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


def other_domain(visit: Visit, sign_in: InstanceSignIn) -> ConnectRefusal:
    """Returns the refusal of a page at one domain after a login at the other.

    Spec: Amazon Connect Administrator Guide "update-your-connect-domain"; amazon-connect-streams#670
    """
    instance, page = visit.instance, PageAround(visit.around, ("ccpUrl",))
    new = instance.base_urls[-1]
    here, shows = ("frame", "shows") if visit.framed else ("address", "is at")
    why = (
        f"The {here} has no session. The cause: the login of {sign_in.login} ended at {sign_in.base_url}, and the "
        f"{here} {shows} {visit.base_url}. The old domain and the new domain have cookies of their own."
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
        instance: The instance to lead to.
        destination: The page there; the old domain's prefix is removed.
    """
    path = destination.removeprefix("/connect") if f"{destination}/".startswith("/connect/") else destination
    query = f"destination={quote(path, safe='')}&new_domain=true" if path else "new_domain=true"
    return f"{federate_url(instance)}?{query}"


def same_site(visit: Visit, sign_in: InstanceSignIn | None = None) -> ConnectRefusal:
    """Returns the refusal where SameSite keeps the session's cookie out of frames."""
    value = visit.instance.cookie_same_site
    setting = Setting(visit.account, ("instances", visit.instance.instance_id, "cookie_same_site"))
    return _expired(
        f"The session cookie has SameSite={value}, which keeps it out of frames on other sites. {_who(visit, sign_in)}",
        where="the browser's cookies",
        want="cookie_same_site: None",
        got=f"cookie_same_site: {value}",
        fix="Set the instance's cookie_same_site to None, as Amazon Connect has it.",
        causes=(setting,),
    )


def blocked_cookies(visit: Visit, sign_in: InstanceSignIn | None = None) -> ConnectRefusal:
    """Returns the refusal where the browser sends no cookies from frames."""
    sure = "blocks" if visit.storage_access in WITHOUT_COOKIES else "seems to block"
    return _expired(
        f"The browser {sure} third-party cookies: it sends none from the frame in {visit.around or 'the page'}. "
        f"{_who(visit, sign_in)}",
        where="the browser's settings for cookies",
        want=f"third-party cookies allowed for {visit.base_url}",
        got="a request from a frame, without cookies",
        fix="Allow third-party cookies for the instance in the browser, or give initCCP "
        "storageAccess: {canRequest: true}, which asks the person for them.",
        causes=(Asked(BROWSER),),
    )


def _who(visit: Visit, sign_in: InstanceSignIn | None) -> str:
    if sign_in is None:
        return "Whether somebody is signed in makes no difference."
    return f"{sign_in.login} is signed in at {visit.base_url}, in a window."


def session_over(visit: Visit, sign_in: InstanceSignIn) -> ConnectRefusal:
    """Returns the refusal after a session has ended, by time or by logging out."""
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


def nobody(visit: Visit, *, somebody: bool) -> ConnectRefusal:
    """Returns the refusal of a frame in a browser in which nobody has signed in."""
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


def opened_by_page(visit: Visit) -> ConnectRefusal:
    """Returns the refusal of an address that another page opened in a window."""
    return _expired(
        f"{visit.around} opened {visit.url} in a window, and nobody is signed in there: without a loginUrl the login "
        "window of a custom CCP shows the CCP itself, which has no login of its own.",
        where="the address of the window",
        want=f"a loginUrl that leads to {federate_url(visit.instance)}",
        got=visit.url,
        fix="Give initCCP the link of the application's tile as loginUrl.",
        causes=(PageAround(visit.around, ("loginUrl", "loginPopup")), Tile(federate_url(visit.instance))),
    )


def opened_directly(visit: Visit) -> ConnectRefusal:
    """Returns the refusal of an address that a person opened."""
    return _expired(
        f"{visit.url} was opened directly, from a bookmark or by its address, and there is no session in this browser. "
        "With SAML, Amazon Connect has no login of its own: every login begins at the identity provider.",
        where="the browser's cookies",
        want=f"a login that leads to {federate_url(visit.instance)}",
        got=f"{visit.url} without a session",
        fix=_begin(visit.instance),
        causes=(Tile(federate_url(visit.instance)), Asked(BROWSER)),
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
