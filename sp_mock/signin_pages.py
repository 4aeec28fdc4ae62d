"""The sign-in site, ``signin.aws.amazon.com`` and its regional hosts.

POST /saml                       a SAMLResponse with RelayState, and roleIndex when a role was chosen
GET  /saml                       the same page's complaint: there is no SAML response
GET  /oauth                      where the console sends a browser without a session; Action=logout signs out
GET  /static/saml-metadata.xml   AWS's metadata as a service provider
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

from flask import Flask, Response, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from emulator.clock import Clock, Ids, instant
from emulator.decision import Decision, tell
from emulator.errors import AwsRefusal, InvalidSamlResponse
from sp_mock.pages import SIGN_IN, new_site, refusal_page
from sp_mock.presentation import INVALID_SAML_RESPONSE, Front
from sp_mock.sign_in_sentence import sign_in_sentence
from sp_mock.signin import ConsoleSession, RoleChoice, SignedIn, SignIn

SESSION_COOKIE = "aws-creds"
USER_COOKIE = "aws-userInfo"
LOGOUT_URL = "https://signin.aws.amazon.com/oauth?Action=logout"
_COOKIE_DOMAINS = ("aws.amazon.com", "amazonaws-us-gov.com", "amazonaws.cn")


def sign_in_site(sign_in: SignIn, *, clock: Clock, ids: Ids) -> Flask:
    """Builds the site."""
    site = new_site("signin", SIGN_IN)

    @site.post("/saml")
    def saml() -> AnyResponse:
        saml_response = request.form.get("SAMLResponse", "")
        relay_state = request.form.get("RelayState", "")
        try:
            if not saml_response:
                raise _no_response()
            outcome = sign_in.submit(
                saml_response, relay_state=relay_state, role_index=request.form.get("roleIndex") or None
            )
        except AwsRefusal as refusal:
            sentence = sign_in_sentence(refusal, request_id=ids.uuid())
            return refusal_page(refusal, brand=SIGN_IN, sentence=sentence, logout_url=LOGOUT_URL)
        if isinstance(outcome, RoleChoice):
            return _role_chooser(outcome, saml_response=saml_response, relay_state=relay_state, ids=ids)
        return _signed_in(outcome, relay_state=relay_state)

    @site.get("/saml")
    def nothing_posted() -> Response:
        return refusal_page(_no_response(), brand=SIGN_IN, logout_url=LOGOUT_URL)

    @site.get("/oauth")
    def oauth() -> Response:
        if request.args.get("Action") == "logout":
            sign_in.sessions.drop(request.cookies.get(SESSION_COOKIE))
            tell(request.environ, Decision(SIGN_IN.service, "signed out"))
            response = make_response(
                render_template("message.html", brand=SIGN_IN, title="Signed out", text="You have been signed out.")
            )
            for name in (SESSION_COOKIE, USER_COOKIE):
                response.delete_cookie(name, domain=_cookie_domain(), secure=True)
            return response
        tell(request.environ, Decision(SIGN_IN.service, "there is no console session; a user has to sign in first"))
        text = "There is no session. Open the application's tile at your identity provider to sign in."
        return make_response(render_template("message.html", brand=SIGN_IN, title="Sign in", text=text))

    @site.get("/static/saml-metadata.xml")
    def saml_metadata() -> Response:
        valid_until = clock.now().replace(month=1, day=1)
        valid_until = valid_until.replace(year=valid_until.year + 2)
        response = make_response(render_template("saml-metadata.xml", valid_until=instant(valid_until)))
        response.mimetype = "application/xml"
        return response

    return site


def _no_response() -> InvalidSamlResponse:
    return InvalidSamlResponse(
        INVALID_SAML_RESPONSE,
        service=Front.SIGN_IN,
        check="base64",
        explanation="The request has no form field SAMLResponse.",
        where="form field SAMLResponse",
        fix="Post the identity provider's form to this URL; it cannot be opened by itself.",
        spec="SAML Bindings §3.5.4",
    )


def _signed_in(outcome: SignedIn, *, relay_state: str) -> AnyResponse:
    session, landing = outcome.session.role_session, outcome.landing
    facts = {
        "role": str(session.role_arn),
        "session": session.arn,
        "session ends": instant(session.expires_at),
        "RelayState": relay_state or "(none)",
        "goes to": landing.url,
    }
    if landing.note:
        facts["note"] = landing.note
    tell(
        request.environ,
        Decision(SIGN_IN.service, f"signed in as {session.role_arn.name}/{session.session_name}", facts),
    )
    response = redirect(landing.url, 302)
    user_info = quote(json.dumps(_user_info(outcome.session)))
    domain = _cookie_domain()
    response.set_cookie(SESSION_COOKIE, outcome.cookie, domain=domain, secure=True, httponly=True, samesite="None")
    response.set_cookie(USER_COOKIE, user_info, domain=domain, secure=True, samesite="None")
    return response


def _user_info(session: ConsoleSession) -> dict[str, str]:
    role = session.role_session
    return {
        "arn": role.arn,
        "alias": role.role_arn.account_id,
        "username": quote(f"assumed-role/{role.role_arn.name}/{role.session_name}", safe=""),
        "keybase": "",
        "issuer": session.issuer,
        "signinType": "PUBLIC",
    }


def _cookie_domain() -> str | None:
    host = request.host.partition(":")[0]
    return next((domain for domain in _COOKIE_DOMAINS if host.endswith(f".{domain}")), None)


def _role_chooser(choice: RoleChoice, *, saml_response: str, relay_state: str, ids: Ids) -> Response:
    facts = {label: ", ".join(pair.role_arn for pair in pairs) for _, label, pairs in choice.accounts}
    facts |= {f"left out {pair.role_arn}": refusal.message for pair, refusal in choice.dropped}
    count = sum(len(pairs) for *_, pairs in choice.accounts)
    tell(request.environ, Decision(SIGN_IN.service, f"asks which of {count} roles to take", facts))
    data = {
        "invalid_accounts": {pair.account_id: refusal.message for pair, refusal in choice.dropped},
        "RelayState": relay_state,
        "name": "",
        "roles_accounts": {label: [pair.role_arn for pair in pairs] for _, label, pairs in choice.accounts},
        "foreign_accounts": {},
        "region": "IAD",
        "portal": "",
        "SAMLResponse": saml_response,
        "problems": "{}",
        "policy": "",
    }
    page = render_template(
        "role-chooser.html",
        brand=SIGN_IN,
        accounts=choice.accounts,
        saml_response=saml_response,
        relay_state=relay_state,
        data=base64.b64encode(json.dumps(data).encode()).decode(),
        csrf_token=ids.token(24),
        session_id=ids.token(24),
    )
    return make_response(page)
