"""When a login that others make has ended, and with which result, judging by its exchanges alone."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from emulator.arrival import End, no_such_page, shortfall
from emulator.browser import Page
from emulator.flow import Login, Outcome
from emulator.kernel.trace_notes import NO_FACTS
from emulator.network.hosts import Hosts, Site
from emulator.network.trace import Exchange

_RESTING = frozenset({Site.CONSOLE, Site.CONNECT, Site.CUSTOM})
_NOT_PAGES = frozenset({"script", "style", "image", "font", "empty", "manifest", "audioworklet", "worker"})


def site_of(exchange: Exchange, hosts: Hosts) -> Site | None:
    """Returns the site that was asked."""
    return hosts.site(_host_in(exchange.url.partition("://")[2].partition("/")[0]))


@lru_cache(maxsize=256)
def _host_in(authority: str) -> str:
    """Returns the host of a URL's part before its path."""
    return (urlsplit(f"//{authority}").hostname or "").lower()


def message_field(exchange: Exchange) -> str:
    """Returns the SAML message in a request; empty without one."""
    return next((value for name, value in exchange.form if name in {"SAMLResponse", "SAMLAssertion"}), "")


def acs_of_own_app(exchange: Exchange, hosts: Hosts) -> str:
    """Returns the URL of a user's own app that an assertion is sent to.

    Its arrival cannot be seen if the user's own program answers there.
    """
    for note in exchange.notes:
        url = note.facts.acs_url if note.derivation is not None else None
        if url and hosts.site((urlsplit(url).hostname or "").lower()) in {None, Site.CUSTOM}:
            return url
    return ""


def is_end(exchanges: Sequence[Exchange], hosts: Hosts) -> bool:
    """Returns whether a login ends with the last of its exchanges."""
    last = exchanges[-1]
    if not _is_page(last) or last.location:
        return False
    if _refused_by(exchanges) is not None or acs_of_own_app(last, hosts):
        return True
    site = site_of(last, hosts)
    if message_field(last) and site in {Site.STS, Site.CUSTOM}:
        return True
    if site is Site.SIGN_IN and last.status >= 400:
        return True
    has_session = any(note.facts.session is not None and note.facts.role for each in exchanges for note in each.notes)
    return has_session and site in _RESTING and ".submit()" not in last.body


def login_of(exchanges: Sequence[Exchange], hosts: Hosts, *, user: str, app: str) -> Login:
    """Returns a login that ends with the last of its exchanges, as if it had been made here."""
    last, kept = exchanges[-1], tuple(exchanges)
    refused = _refused_by(exchanges)
    outside = acs_of_own_app(last, hosts)
    url, status = (outside, 0) if outside and refused is None else (last.url, last.status)
    page = Page(url, status, dict(last.response_headers), "" if outside else last.body)
    end = End(url, status, kept, hosts)
    outcome, missing = Outcome.ACCEPTED, None
    if refused is not None or status >= 400:
        outcome = Outcome.REFUSED
        missing = no_such_page(end) if refused is None else None
    elif not outside and site_of(last, hosts) is not Site.STS:
        missing = shortfall(end)
        outcome = Outcome.ELSEWHERE if missing is not None else outcome
    return Login(
        user=user,
        app=app,
        outcome=outcome,
        lands_on=url,
        page=page,
        refusal=refused.refusal if refused is not None else None,
        facts=end.session if end.session.role else NO_FACTS,
        exchanges=kept,
        shortfall=missing,
    )


def is_attempt(exchange: Exchange) -> bool:
    """Returns whether a refused login is tried again here, or was refused again."""
    return exchange.refusal is not None or _has_gone_on(exchange) or bool(message_field(exchange))


def is_file_of_page(exchange: Exchange) -> bool:
    """Returns whether the request was for a script, a style or a picture of a page, with no decision noted."""
    return not exchange.notes and not _is_page(exchange)


def _refused_by(exchanges: Sequence[Exchange]) -> Exchange | None:
    """Returns the exchange in which the login was refused; None where it has continued since, or was not refused."""
    for each in reversed(exchanges):
        if each.refusal is not None:
            return each
        if _has_gone_on(each):
            return None
    return None


def _has_gone_on(exchange: Exchange) -> bool:
    """Returns whether somebody was let in: at Okta, at AWS, or at the instance."""
    return any(
        note.derivation is not None or note.facts.session is not None or note.facts.instance is not None or note.person
        for note in exchange.notes
    )


def _is_page(exchange: Exchange) -> bool:
    """Returns whether an answer is one that a browser shows or a program acts on, and not a part of a page."""
    kind = next((value for name, value in exchange.request_headers if name.lower() == "sec-fetch-dest"), "")
    return kind not in _NOT_PAGES or bool(exchange.form)
