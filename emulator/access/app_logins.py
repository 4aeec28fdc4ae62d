"""Decides the logins of one app: each assigned person with each role of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol
from urllib.parse import urlsplit

from emulator.access.arriving import Arriving, NotDecided, Opened, exchange, sent
from emulator.access.assigned import assigned_people
from emulator.access.decision import Decision, Who
from emulator.access.messages import AppMessages
from emulator.access.trust_asked import TrustAsked
from emulator.arrival import End, shortfall
from emulator.flow import Outcome
from emulator.kernel.errors import AwsRefusal, FederationError, OktaRefusal
from emulator.network.hosts import Site
from idp.model import App, User
from idp.provider import IdentityProvider
from idp.saml.claims import Claims, claims_for
from idp.signon.sign_in_refusals import waiting_note
from idp.signon.sign_in_rules import is_shown_as_locked, refuse_password, step_after_password, step_before_app
from idp.signon.transaction import Transaction
from sp_mock.assertion.login_request import role_pair, role_pairs
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse
from sp_mock.endpoints import Endpoint
from sp_mock.signin.acs_urls import provider_with_id
from sp_mock.signin.console_sessions import BrowserContext
from sp_mock.signin.posted_login import PostedLogin, RoleChoice, VerifiedLogin
from sp_mock.sts.assume_role_with_saml import role_session

_SIGN_IN_PATH = re.compile(r"/saml(?:/acs/([^/]+))?")
_PLAIN = re.compile(r"[ -~]*")


class InEarnest(Protocol):
    """Decides a login by really making it, or another one that has to end alike."""

    def __call__(self, who: Who, role: str, same: tuple[str, ...]) -> Decision:
        """Returns the decision."""


class AppLogins:
    """The logins of an app.

    Args:
        provider: Identity provider of the app.
        arriving: Follows a session to where it leads.
        now: The instant, by AWS's clock.
        idp_now: The instant, by the identity provider's clock.
        in_earnest: Decides what cannot be decided here.
    """

    def __init__(
        self,
        provider: IdentityProvider,
        app: App,
        arriving: Arriving,
        *,
        now: datetime,
        idp_now: datetime,
        in_earnest: InEarnest,
    ) -> None:
        self._provider = provider
        self._org = provider.org
        self._app = app
        self._arriving = arriving
        self._now = now
        self._in_earnest = in_earnest
        self._trust = TrustAsked()
        self._no_provider: AwsRefusal | None = None
        self._browser = self._browser_at_sign_in()
        acs_provider = self._browser.acs_provider_arn if self._browser is not None else None
        addressed_to = arriving.aws.saml_provider(acs_provider) if acs_provider else None
        self._messages = AppMessages(app, issued_at=idp_now, addressed_to=addressed_to)

    def decisions(self) -> Iterator[Decision]:
        """Yields the decision about each assigned person and role, in the org's order."""
        for user, theirs in assigned_people(self._org, self._app):
            yield from self._of(user, theirs)

    def _of(self, user: User, app: App) -> Iterator[Decision]:
        who = Who(self._org.name, self._app.name, user.login)
        claims = self._at_okta(who, user, app)
        if isinstance(claims, Decision):
            yield claims
        elif self._provider.faults.of(self._app.name, user.login) or self._browser is None:
            roles = [pair.role_arn for pair in map(role_pair, claims.values("Role")) if pair is not None]
            is_one = self._browser is None
            for role in dict.fromkeys(roles or [""]):
                same = (self._org.name, self._app.name, str(bool(role))) if is_one else ()
                yield self._in_earnest(who, role, same)
        else:
            yield from self._at_sign_in(who, claims, self._browser)

    def _at_okta(self, who: Who, user: User, theirs: App) -> Decision | Claims:
        """Returns the message that Okta issues about a person, or how their login ends at Okta."""
        org, app = self._org, self._app
        at = f"{org.base_url}/login/login.htm"
        if is_shown_as_locked(org, user):
            return self._waiting(who, user, "LOCKED_OUT", None)
        refusal = refuse_password(org, user, user.login, user.password)
        if refusal is not None:
            return Decision(who, "", Outcome.REFUSED, at, refusal)
        for step, asking in ((step_after_password(org, user), None), (step_before_app(app, user, has_mfa=False), app)):
            if step:
                return self._waiting(who, user, step, asking)
        try:
            return claims_for(org, theirs, user)
        except (OktaRefusal, FederationError):
            # A mistake is reported for the app as it is, with each assignment at its place.
            return self._refused_at_okta(who, user)

    def _refused_at_okta(self, who: Who, user: User) -> Decision | Claims:
        org, app = self._org, self._app
        try:
            return claims_for(org, app, user)
        except OktaRefusal as denied:
            return Decision(who, "", Outcome.REFUSED, org.embed_link(app), denied)
        except FederationError as error:
            return Decision(who, "", Outcome.REFUSED, org.embed_link(app), problem=error.message)

    def _waiting(self, who: Who, user: User, step: str, app: App | None) -> Decision:
        at = f"{self._org.base_url}/login/login.htm"
        transaction = Transaction("", user.user_id, step, self._now, app=app.name if app is not None else "")
        note = waiting_note(self._org, app, user, transaction)
        missing = shortfall(End(at, 200, (exchange(at, (note,)),), self._arriving.hosts))
        return Decision(who, "", Outcome.ELSEWHERE, at, shortfall=missing)

    def _browser_at_sign_in(self) -> BrowserContext | None:
        """Returns the browser that posts to AWS sign-in, or None where the app posts somewhere else."""
        try:
            url = sent(self._app.acs_url)
        except NotDecided:
            return None
        parts = urlsplit(url)
        host, path = (parts.hostname or "").lower(), _SIGN_IN_PATH.fullmatch(parts.path)
        usual = (
            path is not None and not parts.query and not parts.port and _PLAIN.fullmatch(self._app.default_relay_state)
        )
        if path is None or not usual or self._arriving.hosts.site(host) is not Site.SIGN_IN:
            return None
        acs_provider = None
        if path[1] is not None:
            try:
                acs_provider = provider_with_id(path[1], self._arriving.aws)
            except AwsRefusal as refusal:
                self._no_provider = refusal
        return BrowserContext(
            endpoint=Endpoint.of_host(host), acs_provider_arn=acs_provider, client=self._arriving.client(url)
        )

    def _at_sign_in(self, who: Who, claims: Claims, browser: BrowserContext) -> Iterator[Decision]:
        message, verify = self._messages.received(claims)
        roles = _roles(message)
        posted = PostedLogin(message, self._arriving.aws, self._now, browser, verify)
        try:
            if self._no_provider is not None:
                raise self._no_provider
            login = posted.login(None)
        except AwsRefusal as refusal:
            yield from (self._refused(who, role, refusal) for role in roles)
            return
        if isinstance(login, VerifiedLogin):
            yield from self._with_session(who, roles, login)
            return
        offered = {pair.role_arn for *_, pairs in login.accounts for pair in pairs}
        for role in roles:
            if role in offered:
                yield from self._chosen(who, role, posted)
            else:
                yield self._not_offered(who, role, login)

    def _chosen(self, who: Who, role: str, posted: PostedLogin) -> Iterator[Decision]:
        try:
            login = posted.verified(role_arn=role)
        except AwsRefusal as refusal:
            yield self._refused(who, role, refusal)
            return
        yield from self._with_session(who, [role], login)

    def _with_session(self, who: Who, roles: Sequence[str], login: VerifiedLogin) -> Iterator[Decision]:
        """Yields how a login ends with the session that it leads to, whichever role was asked for."""
        try:
            session = role_session(login.assertion, login.request, console=True, trust=self._trust)
        except AwsRefusal as refusal:
            yield from (self._refused(who, role, refusal) for role in roles)
            return
        opened = Opened(
            session,
            issuer=login.assertion.values.issuer or "",
            relay_state=self._app.default_relay_state,
            endpoint=(self._browser or BrowserContext()).endpoint,
            dropped=login.dropped,
        )
        try:
            arrival = self._arriving.follow(opened)
            yield from (self._arriving.judged(who, role, arrival) for role in roles)
        except NotDecided as unknown:
            same = (self._org.name, self._app.name, *unknown.same)
            yield from (self._in_earnest(who, role, (*same, role)) for role in roles)

    def _not_offered(self, who: Who, role: str, choice: RoleChoice) -> Decision:
        at = self._app.acs_url
        end = End(at, 200, (exchange(at, (choice.note,)),), self._arriving.hosts)
        return Decision(who, role, Outcome.ELSEWHERE, at, shortfall=shortfall(end, role=role))

    def _refused(self, who: Who, role: str, refusal: AwsRefusal) -> Decision:
        return Decision(who, role, Outcome.REFUSED, self._app.acs_url, refusal)


def _roles(message: ReceivedMessage) -> list[str]:
    """Returns the ARNs of a message's roles; one empty text where it has none."""
    pairs = role_pairs(message.unverified) if isinstance(message, ReceivedResponse) else ()
    return list(dict.fromkeys(pair.role_arn for pair in pairs)) or [""]
