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
from emulator.kernel.trace_notes import Facts, TraceNote, record
from sp_mock.accounts.model import Aws
from sp_mock.connect import cookies
from sp_mock.connect.agents import Agents
from sp_mock.connect.destination import HOME, resolve_destination
from sp_mock.connect.federation import BAD_REQUEST, ConnectFederation, ConnectSession, federate_url, read_credentials
from sp_mock.connect.framing import Framing, decide_framing
from sp_mock.connect.instance_site import InstanceSite, WsgiApp, at_both_domains, request_instance_site
from sp_mock.pages import CONNECT, is_framed, new_site, refusal_page

_CCP = "Contact Control Panel"
_PAGES = {"home": "Home", "ccp": _CCP, "ccp-v2": _CCP, "agent-app-v2": "Agent workspace"}


def connect_site(aws: Aws, federation: ConnectFederation, agents: Agents, *, clock: Clock) -> WsgiApp:
    """Builds the site that serves every instance by its host name."""
    site = new_site("connect", CONNECT)

    def the_session(instance_site: InstanceSite) -> ConnectSession | None:
        return federation.session(cookies.access_token(instance_site.instance), instance=instance_site.instance)

    def the_framing(instance_site: InstanceSite) -> Framing:
        return decide_framing(
            instance_site.instance,
            host=request.host,
            referer=request.headers.get("Referer", ""),
            framed=is_framed(),
            now=clock.now(),
        )

    @site.post("/auth/sign-in")
    def sign_in() -> Response:
        instance_site = request_instance_site(aws)
        instance = instance_site.instance
        tokens = read_credentials(request.form.get("credentials", ""))
        session = federation.session(tokens[0], instance=instance) if tokens else None
        if tokens is None or session is None:
            return refusal_page(_bad_credentials(malformed=tokens is None), brand=CONNECT)
        try:
            destination = resolve_destination(
                request.form.get("destination", ""), instance, now=clock.now(), base_url=instance_site.base_url
            )
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        facts = Facts(
            user=session.user.login,
            instance=instance.alias,
            session_ends=session.session_ends_at,
            goes_to=destination.url,
        )
        record(
            request.environ, TraceNote(CONNECT.service, f"{session.user.login} signed in to {instance.alias}", facts)
        )
        response = redirect(destination.url, 302)
        cookies.set_access_token(response, instance, tokens[0])
        cookies.set_refresh_token(response, instance, tokens[1], prefix=instance_site.prefix)
        return response

    @site.get("/auth/refresh")
    def refresh() -> Response:
        instance_site = request_instance_site(aws)
        instance = instance_site.instance
        landat = request.args.get("landat", HOME)
        renewed = federation.refresh(cookies.refresh_token(instance), instance=instance)
        if renewed is None:
            return redirect(f"{instance_site.base_url}/login?landat={quote(landat)}", 307)
        access_token, session = renewed
        try:
            destination = resolve_destination(landat, instance, now=clock.now(), base_url=instance_site.base_url)
        except ConnectRefusal as refusal:
            return refusal_page(refusal, brand=CONNECT)
        record(request.environ, TraceNote(CONNECT.service, f"renewed the access token of {session.user.login}"))
        response = redirect(destination.url, 302)
        cookies.set_access_token(response, instance, access_token)
        return response

    @site.get("/auth/authorize")
    def authorize() -> Response:
        instance_site = request_instance_site(aws)
        renewed = federation.refresh(cookies.refresh_token(instance_site.instance), instance=instance_site.instance)
        if renewed is None:
            record(request.environ, TraceNote(CONNECT.service, "the session is over", refusal=_session_expired()))
            return make_response(jsonify(message="The session is over."), 401)
        access_token, session = renewed
        record(request.environ, TraceNote(CONNECT.service, f"renewed the access token of {session.user.login}"))
        response = jsonify(expires=instant(session.expires_at), sessionEnds=instant(session.session_ends_at))
        cookies.set_access_token(response, instance_site.instance, access_token)
        return response

    @site.get("/login")
    def session_expired() -> Response:
        instance_site = request_instance_site(aws)
        refusal = _session_expired(_in_a_frame(instance_site, federation) if is_framed() else "")
        summary = "Session expired: Amazon Connect has no login of its own, a login begins at the identity provider"
        record(request.environ, TraceNote(CONNECT.service, summary, refusal=refusal))
        page = render_template(
            "session-expired.html",
            brand=CONNECT,
            instance=instance_site.instance,
            federate_url=federate_url(instance_site.instance),
        )
        response = make_response(page)
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        return response

    @site.get("/logout")
    def logout() -> Response:
        instance_site = request_instance_site(aws)
        instance = instance_site.instance
        federation.end(access_token=cookies.access_token(instance), refresh_token=cookies.refresh_token(instance))
        record(request.environ, TraceNote(CONNECT.service, "signed out; the identity provider's session goes on"))
        page = render_template("message.html", brand=CONNECT, title="Signed out", text="You have signed out.")
        response = make_response(page)
        cookies.forget_tokens(response, instance, prefix=instance_site.prefix)
        response.headers["Content-Security-Policy"] = the_framing(instance_site).policy
        return response

    @site.get("/request-storage-access")
    def request_storage_access() -> Response:
        instance_site = request_instance_site(aws)
        framing = the_framing(instance_site)
        record(request.environ, TraceNote(CONNECT.service, "asks for third-party cookies", refusal=framing.refusal))
        page = render_template("storage-access.html", brand=CONNECT, base_url=instance_site.base_url)
        response = make_response(page)
        response.headers["Content-Security-Policy"] = framing.policy
        return response

    @site.get("/whitelisted-origins")
    def approved_origins() -> Response:
        instance_site = request_instance_site(aws)
        return jsonify(whitelistedOrigins=list(instance_site.instance.origins_in_force(clock.now())))

    @site.get("/api/agent")
    def agent() -> Response:
        instance_site = request_instance_site(aws)
        session = the_session(instance_site)
        if session is None:
            return make_response(jsonify(message="There is no session."), 401)
        return jsonify(agents.told(instance_site.instance, session))

    @site.put("/api/agent/state")
    def agent_state() -> Response:
        instance_site = request_instance_site(aws)
        session = the_session(instance_site)
        if session is None:
            return make_response(jsonify(message="There is no session."), 401)
        asked = request.get_json(silent=True)
        name = asked.get("name") if isinstance(asked, dict) else None
        if not isinstance(name, str) or not agents.change(instance_site.instance, session, name):
            return make_response(jsonify(message="There is no such agent state."), 400)
        record(request.environ, TraceNote(CONNECT.service, f"{session.user.login} is {name}"))
        return jsonify(agents.told(instance_site.instance, session))

    @site.get("/")
    def root() -> Response:
        return redirect(request_instance_site(aws).base_url + HOME, 302)

    @site.get("/<path:path>")
    def page(path: str) -> Response:
        instance_site = request_instance_site(aws)
        first = path.partition("/")[0]
        title = _PAGES.get(first)
        if title is None:
            raise NotFound(_no_page(path, instance_site))
        session = the_session(instance_site)
        if session is None:
            record(request.environ, TraceNote(CONNECT.service, f"there is no session for /{path}"))
            asked = quote(request.full_path.rstrip("?"))
            return redirect(f"{instance_site.base_url}/auth/refresh?landat={asked}", 302)
        framing = the_framing(instance_site)
        may_open_ccp = session.emergency or instance_site.instance.may_open_ccp(session.user)
        record(request.environ, _opened(title, instance_site, session, framing, may_open=may_open_ccp or title != _CCP))
        template = {_CCP: "ccp.html", _PAGES["agent-app-v2"]: "agent-workspace.html"}.get(title, "instance.html")
        body = render_template(
            template,
            brand=CONNECT,
            instance=instance_site.instance,
            base_url=instance_site.base_url,
            prefix=instance_site.prefix,
            title=title,
            session=session,
            may_open_ccp=may_open_ccp,
        )
        response = make_response(body)
        response.headers["Content-Security-Policy"] = framing.policy
        return response

    return at_both_domains(site)


def _opened(
    title: str, instance_site: InstanceSite, session: ConnectSession, framing: Framing, *, may_open: bool
) -> TraceNote:
    facts = Facts(
        user=session.user.login,
        instance=instance_site.instance.alias,
        session_ends=session.session_ends_at,
        frame_ancestors=framing.ancestors,
        emergency_access=session.emergency or None,
    )
    if not may_open:
        return TraceNote(CONNECT.service, f"{title}: access denied", facts, _no_access(session))
    if framing.refusal is not None:
        return TraceNote(CONNECT.service, f"{title}: the browser will refuse to frame it", facts, framing.refusal)
    return TraceNote(CONNECT.service, f"{title} open for {session.user.login}", facts)


def _no_page(path: str, instance_site: InstanceSite) -> str:
    if path == "connect" or path.startswith("connect/"):
        return f"The prefix /connect belongs to the old domain; here the page is {instance_site.base_url}/{path[8:]}."
    return f"Amazon Connect has no page /{path}, or the emulator does not offer it."


def _in_a_frame(instance_site: InstanceSite, federation: ConnectFederation) -> str:
    """Returns why the login page is in a frame: the embedding page's origin is not the cause."""
    instance = instance_site.instance
    words = "The login page is in a frame, which it refuses: the browser came without a session. "
    if not federation.is_anybody_signed_in(instance):
        return words + "Nobody is signed in to the instance; its approved origins are not the cause."
    causes = ["the browser blocks third-party cookies"]
    if instance.cookie_same_site != "None":
        causes.insert(0, f"the session cookie has SameSite={instance.cookie_same_site}, which keeps it out of frames")
    if len(instance.base_urls) > 1:
        other = next(url for url in instance.base_urls if url != instance_site.base_url)
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
