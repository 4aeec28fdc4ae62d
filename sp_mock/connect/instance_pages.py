"""The pages of an Amazon Connect instance: ``{alias}.my.connect.aws``, or ``{alias}.awsapps.com/connect``.

POST /auth/sign-in                 federation tokens in; cookies out; on to the destination
GET  /home, /                      the instance's home
GET  /ccp-v2…, /agent-app-v2…      the Contact Control Panel, the agent workspace
GET  /api/agent                    the user's agent, as the CCP tells it to the page around it
PUT  /api/agent/state              another agent state
GET  /auth/refresh?landat=…        a new access token, or on to /login
GET  /auth/authorize               a new access token, for scripts: 200, or 401 when the session is over
GET  /login                        Session expired: a login begins at the identity provider
GET  /request-storage-access       asks the browser for third-party cookies, as the Streams API can have it do
GET  /whitelisted-origins          the approved origins
GET  /logout                       ends the session
"""

from __future__ import annotations

from urllib.parse import quote

from flask import jsonify, make_response, redirect, render_template, request
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from emulator.kernel.clock import Clock, instant
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.trace_notes import Decision, tell
from sp_mock.accounts.model import Aws
from sp_mock.connect import cookies
from sp_mock.connect.agents import Agents
from sp_mock.connect.destination import HOME, resolve_destination
from sp_mock.connect.federation import BAD_REQUEST, ConnectFederation, ConnectSession, federate_url, read_credentials
from sp_mock.connect.framing import Framing, decide_framing
from sp_mock.connect.instance_site import Entrance, WsgiApp, at_both_domains, the_entrance
from sp_mock.pages import CONNECT, is_framed, new_site, refusal_page

_CCP = "Contact Control Panel"
_PAGES = {"home": "Home", "ccp": _CCP, "ccp-v2": _CCP, "agent-app-v2": "Agent workspace"}


def instance_site(aws: Aws, federation: ConnectFederation, agents: Agents, *, clock: Clock) -> WsgiApp:
    """Builds the site that serves every instance by its host name."""
    site = new_site("connect", CONNECT)

    def the_session(entrance: Entrance) -> ConnectSession | None:
        return federation.session(cookies.access_token(entrance.instance), instance=entrance.instance)

    def the_framing(entrance: Entrance) -> Framing:
        return decide_framing(
            entrance.instance,
            host=request.host,
            referer=request.headers.get("Referer", ""),
            framed=is_framed(),
            now=clock.now(),
        )

    @site.post("/auth/sign-in")
    def sign_in() -> Response:
        entrance = the_entrance(aws)
        instance = entrance.instance
        tokens = read_credentials(request.form.get("credentials", ""))
        session = federation.session(tokens[0], instance=instance) if tokens else None
        if tokens is None or session is None:
            return refusal_page(_bad_credentials(malformed=tokens is None), brand=CONNECT)
        try:
            destination = resolve_destination(
                request.form.get("destination", ""), instance, now=clock.now(), base_url=entrance.base_url
            )
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        facts = {
            "user": session.user.login,
            "instance": instance.alias,
            "session ends": instant(session.session_ends_at),
            "goes to": destination.url,
        }
        tell(request.environ, Decision(CONNECT.service, f"{session.user.login} signed in to {instance.alias}", facts))
        response = redirect(destination.url, 302)
        cookies.set_access_token(response, instance, tokens[0])
        cookies.set_refresh_token(response, instance, tokens[1], prefix=entrance.prefix)
        return response

    @site.get("/auth/refresh")
    def refresh() -> Response:
        entrance = the_entrance(aws)
        instance = entrance.instance
        landat = request.args.get("landat", HOME)
        renewed = federation.refresh(cookies.refresh_token(instance), instance=instance)
        if renewed is None:
            return redirect(f"{entrance.base_url}/login?landat={quote(landat)}", 307)
        access_token, session = renewed
        try:
            destination = resolve_destination(landat, instance, now=clock.now(), base_url=entrance.base_url)
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        tell(request.environ, Decision(CONNECT.service, f"renewed the access token of {session.user.login}"))
        response = redirect(destination.url, 302)
        cookies.set_access_token(response, instance, access_token)
        return response

    @site.get("/auth/authorize")
    def authorize() -> Response:
        entrance = the_entrance(aws)
        renewed = federation.refresh(cookies.refresh_token(entrance.instance), instance=entrance.instance)
        if renewed is None:
            tell(request.environ, Decision(CONNECT.service, "the session is over", refusal=_session_expired()))
            return make_response(jsonify(message="The session is over."), 401)
        access_token, session = renewed
        tell(request.environ, Decision(CONNECT.service, f"renewed the access token of {session.user.login}"))
        response = jsonify(expires=instant(session.expires_at), sessionEnds=instant(session.session_ends_at))
        cookies.set_access_token(response, entrance.instance, access_token)
        return response

    @site.get("/login")
    def session_expired() -> Response:
        entrance = the_entrance(aws)
        refusal = _session_expired(_in_a_frame(entrance, federation) if is_framed() else "")
        summary = "Session expired: Amazon Connect has no login of its own, a login begins at the identity provider"
        tell(request.environ, Decision(CONNECT.service, summary, refusal=refusal))
        page = render_template(
            "session-expired.html",
            brand=CONNECT,
            instance=entrance.instance,
            federate_url=federate_url(entrance.instance),
        )
        response = make_response(page)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @site.get("/logout")
    def logout() -> Response:
        entrance = the_entrance(aws)
        instance = entrance.instance
        federation.end(access_token=cookies.access_token(instance), refresh_token=cookies.refresh_token(instance))
        tell(request.environ, Decision(CONNECT.service, "signed out; the identity provider's session goes on"))
        page = render_template("message.html", brand=CONNECT, title="Signed out", text="You have signed out.")
        response = make_response(page)
        cookies.forget_tokens(response, instance, prefix=entrance.prefix)
        response.headers["Content-Security-Policy"] = the_framing(entrance).policy
        return response

    @site.get("/request-storage-access")
    def request_storage_access() -> Response:
        entrance = the_entrance(aws)
        framing = the_framing(entrance)
        tell(request.environ, Decision(CONNECT.service, "asks for third-party cookies", refusal=framing.refusal))
        page = render_template("storage-access.html", brand=CONNECT, base_url=entrance.base_url)
        response = make_response(page)
        response.headers["Content-Security-Policy"] = framing.policy
        return response

    @site.get("/whitelisted-origins")
    def approved_origins() -> Response:
        entrance = the_entrance(aws)
        return jsonify(whitelistedOrigins=list(entrance.instance.origins_in_force(clock.now())))

    @site.get("/api/agent")
    def agent() -> Response:
        entrance = the_entrance(aws)
        session = the_session(entrance)
        if session is None:
            return make_response(jsonify(message="There is no session."), 401)
        return jsonify(agents.told(entrance.instance, session))

    @site.put("/api/agent/state")
    def agent_state() -> Response:
        entrance = the_entrance(aws)
        session = the_session(entrance)
        if session is None:
            return make_response(jsonify(message="There is no session."), 401)
        asked = request.get_json(silent=True)
        name = asked.get("name") if isinstance(asked, dict) else None
        if not isinstance(name, str) or not agents.change(entrance.instance, session, name):
            return make_response(jsonify(message="There is no such agent state."), 400)
        tell(request.environ, Decision(CONNECT.service, f"{session.user.login} is {name}"))
        return jsonify(agents.told(entrance.instance, session))

    @site.get("/")
    def root() -> Response:
        return redirect(the_entrance(aws).base_url + HOME, 302)

    @site.get("/<path:path>")
    def page(path: str) -> Response:
        entrance = the_entrance(aws)
        first = path.partition("/")[0]
        title = _PAGES.get(first)
        if title is None:
            raise NotFound(_no_page(path, entrance))
        session = the_session(entrance)
        if session is None:
            tell(request.environ, Decision(CONNECT.service, f"there is no session for /{path}"))
            asked = quote(request.full_path.rstrip("?"))
            return redirect(f"{entrance.base_url}/auth/refresh?landat={asked}", 302)
        framing = the_framing(entrance)
        may_open_ccp = session.emergency or entrance.instance.may_open_ccp(session.user)
        tell(request.environ, _opened(title, entrance, session, framing, may_open=may_open_ccp or title != _CCP))
        template = {_CCP: "ccp.html", _PAGES["agent-app-v2"]: "agent-workspace.html"}.get(title, "instance.html")
        body = render_template(
            template,
            brand=CONNECT,
            instance=entrance.instance,
            base_url=entrance.base_url,
            prefix=entrance.prefix,
            title=title,
            session=session,
            may_open_ccp=may_open_ccp,
        )
        response = make_response(body)
        response.headers["Content-Security-Policy"] = framing.policy
        return response

    return at_both_domains(site)


def _opened(title: str, entrance: Entrance, session: ConnectSession, framing: Framing, *, may_open: bool) -> Decision:
    facts = {
        "user": session.user.login,
        "instance": entrance.instance.alias,
        "session ends": instant(session.session_ends_at),
        "who may frame it": framing.ancestors,
    }
    if session.emergency:
        facts["came by"] = "emergency access"
    if not may_open:
        return Decision(CONNECT.service, f"{title}: access denied", facts, _no_access(session))
    if framing.refusal is not None:
        return Decision(CONNECT.service, f"{title}: the browser will refuse to frame it", facts, framing.refusal)
    return Decision(CONNECT.service, f"{title} open for {session.user.login}", facts)


def _no_page(path: str, entrance: Entrance) -> str:
    if path == "connect" or path.startswith("connect/"):
        return f"The prefix /connect belongs to the old domain; here the page is {entrance.base_url}/{path[8:]}."
    return f"Amazon Connect has no page /{path}, or the emulator does not offer it."


def _in_a_frame(entrance: Entrance, federation: ConnectFederation) -> str:
    """Returns why the login page is in a frame: the embedding page's origin is not the cause."""
    instance = entrance.instance
    words = "The login page is in a frame, which it refuses: the browser came without a session. "
    if not federation.is_anybody_signed_in(instance):
        return words + "Nobody is signed in to the instance; its approved origins are not the cause."
    causes = ["the browser blocks third-party cookies"]
    if instance.cookie_same_site != "None":
        causes.insert(0, f"the session cookie has SameSite={instance.cookie_same_site}, which keeps it out of frames")
    if len(instance.base_urls) > 1:
        other = next(url for url in instance.base_urls if url != entrance.base_url)
        causes.append(f"the login was at {other}, which has cookies of its own")
    return words + f"Somebody is signed in to the instance, so that the cause may be: {'; or '.join(causes)}."


def _session_expired(why: str = "") -> ConnectRefusal:
    return ConnectRefusal(
        "Session expired",
        code="SessionExpired",
        status=200,
        check="connect-session",
        explanation=why
        or "The page was opened without a running session: by its address, or more than 12 hours after login.",
        where="the browser's cookies",
        fix="Begin at the identity provider: open the application's tile.",
        spec='Amazon Connect Administrator Guide "configure-saml"',
    )


def _no_access(session: ConnectSession) -> ConnectRefusal:
    profiles = ", ".join(session.user.security_profiles)
    return ConnectRefusal(
        "Access denied",
        code="AccessDenied",
        status=200,
        check="security-profile",
        evidence="assumed",
        explanation=f"None of the security profiles of {session.user.login} allows the Contact Control Panel.",
        where=f"security profiles {profiles}",
        expected="a security profile with access to the Contact Control Panel",
        received=profiles,
        fix="Give the user another security profile, or the profile the permission.",
        spec='Amazon Connect Administrator Guide "configure-saml"',
    )


def _bad_credentials(*, malformed: bool) -> ConnectRefusal:
    return ConnectRefusal(
        BAD_REQUEST,
        code="InvalidRequestException",
        status=400,
        check="federation-credentials",
        evidence="assumed",
        explanation="The field credentials is not the JSON that the federate page posts."
        if malformed
        else "The access token in credentials is unknown, expired, or another instance's.",
        where="form field credentials",
        fix="Open the federate URL again; it makes new tokens.",
        spec='Amazon Connect Administrator Guide "troubleshoot-saml"',
    )
