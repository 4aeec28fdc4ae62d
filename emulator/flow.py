"""A login as a person makes it: dashboard, tile, form post, role, relay state, and where it ends."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from emulator.arrival import (
    End,
    Shortfall,
    is_named,
    no_page_there,
    no_such_page,
    not_opened,
    shortfall,
    unreachable,
)
from emulator.browser import Browser, Page
from emulator.kernel.errors import ConnectionLost, FlowError, HostNotEmulated, Refusal
from emulator.kernel.partitions import partition_of_arn
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import NO_FACTS, Facts
from emulator.login_target import LoginTarget
from emulator.network.trace import Exchange

_CREDENTIAL = re.compile(r"<(AccessKeyId|SecretAccessKey|SessionToken|Expiration)>([^<]*)</")
_CHOOSER_DATA = re.compile(r'<meta name="data" content="([A-Za-z0-9+/=]+)">')
STS_URL = "https://sts.amazonaws.com/"


@dataclass(frozen=True, slots=True)
class RolePair:
    """The ARNs of a role and of the SAML provider through which it is assumed."""

    role_arn: str
    provider_arn: str


def role_pairs(values: Iterable[str]) -> tuple[RolePair, ...]:
    """Reads values of the Role attribute: two ARNs each, in either order, with a comma between.

    A value that is not such a pair is left out.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    """
    pairs = []
    for value in values:
        arns = [arn.strip() for arn in value.split(",")]
        role, provider = (next((arn for arn in arns if kind in arn), "") for kind in (":role/", ":saml-provider/"))
        if len(arns) == 2 and role and provider:
            pairs.append(RolePair(role, provider))
    return tuple(pairs)


class Outcome(StrEnum):
    """How a login ended. A page that refuses is a refusal, whatever its HTTP status.

    ``ELSEWHERE``: nothing was refused, but it did not end where it should, or not with the role that was asked for.
    """

    ACCEPTED = "accepted"
    ELSEWHERE = "elsewhere"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long the person waits, by the federation's clock."""

    before_posting: timedelta = timedelta()
    before_role: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Login:
    """A login that has been made, refused or not.

    ``lands_on`` is the URL of the last page. ``facts`` come from the service that opened the role session.
    ``shortfall`` says why a login that was not refused ended elsewhere. ``remarks`` are decisions of the client itself.
    """

    user: str
    app: str
    outcome: Outcome
    lands_on: str
    page: Page
    refusal: Refusal | None
    facts: Facts
    exchanges: tuple[Exchange, ...]
    shortfall: Shortfall | None = None
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Login of {self.summary}>"

    @property
    def summary(self) -> str:
        """Who opened what and how it ended, in one line."""
        decided = self.refusal or self.shortfall
        check = f", check {decided.check}" if decided is not None else ""
        by = f" by {self.refusal.service}" if self.refusal is not None else ""
        return f"{self.user} in {self.app}: {self.outcome.value}{by} at {self.lands_on}{check}"

    @property
    def role(self) -> str:
        """The ARN of the role taken; empty when none was."""
        return self.facts.role or ""

    @property
    def session_name(self) -> str:
        """The name of the role session; empty when there is none."""
        return (self.facts.session or "").rpartition("/")[2]

    @property
    def saml_response(self) -> str:
        """The SAMLResponse that was posted, in base64; empty when none was posted."""
        return next((value for name, value in _fields(self.exchanges) if name in {"SAMLResponse", "SAMLAssertion"}), "")

    @property
    def notes(self) -> tuple[str, ...]:
        """What the services did differently from what was asked, for example a RelayState that was not followed."""
        return tuple(note.facts.note for e in self.exchanges for note in e.notes if note.facts.note is not None)


def log_in(
    federation: LoginTarget,
    *,
    user: str,
    app: str,
    relay_state: str | None = None,
    role: str | None = None,
    browser: Browser | None = None,
    pauses: Pauses = Pauses(),
    source_ip: str | None = None,
    lands_on: str = "",
    role_index: str | None = None,
) -> Login:
    """Logs a person in: dashboard, password, tile, and on to wherever the services lead.

    Args:
        user: Okta login.
        app: Name of the app, or ``org/app``.
        relay_state: Replaces the app's default relay state; None keeps it.
        role: Role to take when sign-in asks, by name or ARN.
        browser: Browser that may already be signed in; by default a new one.
        pauses: How long the person waits on the way.
        source_ip: Address that the requests come from; by default the person's own, or else this machine's.
        lands_on: URL where the login should end; by default what the relay state, or else the role, says.
        role_index: Value posted to the role chooser whatever it offers, as by somebody who edits the form.

    Raises:
        FlowError: the browser cannot continue, for example because a role has to be chosen.
        FederationError: the app does not exist.
    """
    browser = browser or federation.browser()
    browser.source_ip = source_ip or browser.source_ip
    before = len(browser.exchanges)
    try:
        page = _open_tile(federation, browser, user=user, app=app, relay_state=relay_state)
        if page.submits_itself:
            federation.clock.advance(pauses.before_posting)
            page = browser.submit(page.forms[0])
        choices = _role_choices(page)
        if choices and (role is None or role_index or any(is_named(role, arn) for arn in choices)):
            federation.clock.advance(pauses.before_role)
            page = _choose_role(browser, page, role_index or role)
    except ConnectionLost as error:
        return _login(user, app, _no_page(error), browser.exchanges[before:])
    except HostNotEmulated as error:
        login = _login(user, app, _no_page(error), browser.exchanges[before:])
        missing = unreachable(error.where, why=error.message, exchanges=login.exchanges)
        return replace(login, outcome=Outcome.ELSEWHERE, shortfall=missing)
    return _ended(_login(user, app, page, browser.exchanges[before:]), browser, lands_on=lands_on, role=role or "")


def post_message(
    browser: Browser, url: str, *, saml_response: str, relay_state: str, role: str | None = None, lands_on: str = ""
) -> Login:
    """Posts a message to a sign-in page as it was received, and returns the result.

    Args:
        url: URL to post to.
        saml_response: The form field.
        relay_state: The other form field.
        role: Role to take when sign-in asks, by name or ARN.
        lands_on: As in ``log_in``.

    Raises:
        FlowError: as ``log_in`` raises.
    """
    try:
        page = browser.post(url, {"SAMLResponse": saml_response, "RelayState": relay_state})
        choices = _role_choices(page)
        if choices and (role is None or any(is_named(role, arn) for arn in choices)):
            page = _choose_role(browser, page, role)
    except ConnectionLost as error:
        return _login("", "", _no_page(error), browser.exchanges)
    except HostNotEmulated as error:
        login = _login("", "", _no_page(error), browser.exchanges)
        missing = unreachable(error.where, why=error.message, exchanges=login.exchanges)
        return replace(login, outcome=Outcome.ELSEWHERE, shortfall=missing)
    return _ended(_login("", "", page, browser.exchanges), browser, role=role or "", lands_on=lands_on)


def _ended(login: Login, browser: Browser, *, lands_on: str = "", role: str = "") -> Login:
    """Returns a login with its shortfall, where it did not end where it should."""
    end = End(login.page.url, login.page.status, login.exchanges, browser.hosts)
    if login.outcome is Outcome.REFUSED:
        return login if login.refusal is not None else replace(login, shortfall=no_such_page(end))
    found = shortfall(end, lands_on=lands_on, role=role)
    return login if found is None else replace(login, outcome=Outcome.ELSEWHERE, shortfall=found)


def assume_role(
    federation: LoginTarget,
    *,
    user: str,
    app: str,
    role: str | None = None,
    provider: str | None = None,
    duration_seconds: int | None = None,
    pauses: Pauses = Pauses(),
    source_ip: str | None = None,
) -> Login:
    """Gets an assertion from the tile and passes it to STS, as command-line clients do.

    Args:
        user: Okta login.
        app: Name of the app, or ``org/app``.
        role: RoleArn, or the name of one of the person's roles; by default their first role.
        provider: PrincipalArn; by default the provider of the role, or else the app's identity provider ARN.
        duration_seconds: DurationSeconds; none by default.
        pauses: How long the client waits on the way.
        source_ip: Address that the requests come from; by default the person's own, or else this machine's.
    """
    browser = federation.browser()
    browser.source_ip = source_ip or ""
    pairs = role_pairs(federation.role_values(app, user=user))
    pair = _asked_for(pairs, role, federation.tile(app, user=user).identity_provider_arn)
    try:
        page = _open_tile(federation, browser, user=user, app=app, relay_state=None)
        if page.submits_itself:
            federation.clock.advance(pauses.before_posting)
            saml_response = page.forms[0].fields.get("SAMLResponse", "")
            parameters = {
                "Action": "AssumeRoleWithSAML",
                "Version": "2011-06-15",
                "RoleArn": pair.role_arn,
                "PrincipalArn": pair.provider_arn if provider is None else provider,
                "SAMLAssertion": saml_response,
            }
            if duration_seconds is not None:
                parameters["DurationSeconds"] = str(duration_seconds)
            # A role of GovCloud or China is known only to its partition's endpoint.
            page = browser.post(f"https://{partition_of_arn(pair.role_arn).sts_host}/", parameters)
    except ConnectionLost as error:
        page = _no_page(error)
    login = _login(user, app, page, browser.exchanges)
    if role is None and len(pairs) > 1:
        taken = f"no role was asked for, so the client took the first of {len(pairs)}, {pair.role_arn}"
        return replace(login, remarks=(taken,))
    return login


def post_call(browser: Browser, url: str, parameters: Mapping[str, str]) -> Login:
    """Makes a call of STS as it was received, and returns the result."""
    try:
        page = browser.post(url, parameters)
    except ConnectionLost as error:
        page = _no_page(error)
    return _login("", "", page, browser.exchanges)


def credentials_in(page: Page) -> dict[str, str]:
    """Returns the credentials in an answer of STS, by their names there; empty when it refused."""
    return {match[1]: html.unescape(match[2]) for match in _CREDENTIAL.finditer(page.text)}


def visit(browser: Browser, url: str, *, before: Login | None = None) -> Login:
    """Opens a URL in a browser that may be signed in, and returns the result."""
    seen = len(browser.exchanges)
    user, app = (before.user, before.app) if before else ("", "")
    try:
        page = browser.open(url)
    except ConnectionLost as error:
        return _login(user, app, _no_page(error), browser.exchanges[seen:])
    except HostNotEmulated as error:
        login = _login(user, app, _no_page(error), browser.exchanges[seen:])
        missing = not_opened(error.where, why=error.message, opened=url)
        return replace(login, outcome=Outcome.ELSEWHERE, refusal=None, shortfall=missing)
    login = _login(user, app, page, browser.exchanges[seen:])
    if login.outcome is not Outcome.REFUSED or login.refusal is not None:
        return login
    return replace(login, shortfall=no_page_there(End(page.url, page.status, login.exchanges, browser.hosts)))


def _open_tile(federation: LoginTarget, browser: Browser, *, user: str, app: str, relay_state: str | None) -> Page:
    tile = federation.tile(app, user=user)
    page = browser.look(tile.dashboard)
    if page.forms and "password" in page.text:
        page = browser.submit(page.forms[0], {"username": user, "password": tile.password})
        if browser.exchanges[-1].refusal is not None:
            return page
    return browser.look(tile.link if relay_state is None else f"{tile.link}?RelayState={quote(relay_state, safe='')}")


def _no_page(error: FlowError) -> Page:
    """Returns what a browser shows for a URL without an answer."""
    return Page(error.where, 0, {}, "")


def _asked_for(pairs: Sequence[RolePair], role: str | None, default_provider: str) -> RolePair:
    """Returns the person's pair for a role, by its ARN or name; a role that they do not have is returned as it is."""
    if role is None:
        return pairs[0] if pairs else RolePair("arn:aws:iam::000000000000:role/none", default_provider)
    known = next((pair for pair in pairs if role in {pair.role_arn, pair.role_arn.rpartition("/")[2]}), None)
    return known or RolePair(role, default_provider)


def _choose_role(browser: Browser, page: Page, role: str | None) -> Page:
    choices = _role_choices(page)
    wanted = role or ""
    chosen = next((arn for arn in choices if is_named(wanted, arn)), wanted)
    if not wanted:
        names = ", ".join(arn.rpartition("/")[2] for arn in choices)
        raise FlowError(
            "AWS sign-in asks which role to take",
            explanation="The assertion has several usable roles and none was chosen.",
            expected=names,
            fix=f"Choose one with --role {choices[0].rpartition('/')[2]}.",
        )
    form = next((form for form in page.forms if form.element_id == "saml_form"), None)
    if form is not None:
        return browser.submit(form, {"roleIndex": chosen})
    data = _chooser_data(page)
    fields = {name: data.get(name) or "" for name in ("RelayState", "SAMLResponse", "name", "portal")}
    return browser.post(page.url, {**fields, "roleIndex": chosen})


def _role_choices(page: Page) -> tuple[str, ...]:
    """Reads the roles on a role chooser: radio buttons, or the data of the page's script, which is used since 2023."""
    if any(form.element_id == "saml_form" for form in page.forms):
        marker = 'name="roleIndex" value="'
        return tuple(part.split('"', 1)[0] for part in page.text.split(marker)[1:])
    return tuple(arn for arns in _chooser_data(page).get("roles_accounts", {}).values() for arn in arns)


def _chooser_data(page: Page) -> dict[str, Any]:
    match = _CHOOSER_DATA.search(page.text)
    data: dict[str, Any] = json.loads(base64.b64decode(match[1])) if match else {}
    return data


def _login(user: str, app: str, page: Page, exchanges: Sequence[Exchange]) -> Login:
    refusal = next((e.refusal for e in reversed(exchanges) if e.refusal is not None), None)
    opened = (note.facts for exchange in exchanges for note in exchange.notes if note.facts.session is not None)
    facts = next((facts for facts in opened if facts.role is not None), NO_FACTS)
    refused = refusal is not None or page.status >= 400
    return Login(
        user=user,
        app=app,
        outcome=Outcome.REFUSED if refused else Outcome.ACCEPTED,
        lands_on=page.url,
        page=page,
        refusal=refusal,
        facts=facts,
        exchanges=tuple(exchanges),
    )


def _fields(exchanges: Sequence[Exchange]) -> Iterator[tuple[str, str]]:
    for exchange in reversed(exchanges):
        yield from exchange.form


def assertion_xml(login: Login) -> bytes:
    """Returns the XML of the SAMLResponse that was posted; empty when there is none or it is not base64."""
    try:
        return base64.b64decode(login.saml_response, validate=True)
    except (binascii.Error, ValueError):
        return b""
