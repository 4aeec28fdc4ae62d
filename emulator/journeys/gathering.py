"""Which login an exchange belongs to: by the cookies and other secrets that an answer sets and the next request has.

    Okta's session cookie, state tokens and session tokens
      → the digest of the assertion that was issued, and posted
      → the session that it opened at AWS, the federation tokens, the instance's cookies

Everything is bounded: logins, their exchanges, and the secrets' digests that are remembered.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import field
from itertools import chain

from emulator.flow import Login, Outcome
from emulator.journeys.assertion import SeenMessage
from emulator.journeys.ending import is_attempt, is_end, is_file_of_page, login_of, message_field, site_of
from emulator.journeys.journey import Journey
from emulator.kernel.explanations import message_digest
from emulator.kernel.records import dataclass
from emulator.network.forms import first_values
from emulator.network.hosts import Hosts, Site
from emulator.network.trace import Exchange

MOST_JOURNEYS = 200
MOST_EXCHANGES = 60
MOST_BYTES = 16_000_000
_OWN_BYTES = 2_000
_MOST_KEYS = 20_000
_MOST_CONNECTIONS = 200
_LONGEST_PAGE = 20_000
_MOST_BEFORE = 3
# The first are enough for Okta's Responses, and most others.
_HEADS_CHARACTERS = (800, 4_000)
_RESPONSE_ID = re.compile(rb"<(?:\w+:)?Response\b[^>]*?\sID=[\"']([^\"']+)[\"']")


@dataclass(slots=True)
class _Gathered:
    """A login in progress."""

    number: int
    exchanges: list[Exchange] = field(default_factory=list)
    user: str = ""
    app: str = ""
    left_out: int = 0
    is_app_decided: bool = False
    size: int = 0
    login: Login | None = None
    message: SeenMessage | None = None

    def as_journey(self) -> Journey:
        """Returns its current state."""
        return Journey(
            number=self.number,
            started_at=self.exchanges[0].started_at,
            user=self.user,
            app=self.app,
            outcome=self.login.outcome.value if self.login is not None else "unfinished",
            exchanges=tuple(self.exchanges),
            left_out=self.left_out,
            login=self.login,
            message=self.message,
        )


class Gathering:
    """Assigns exchanges to logins, one after the other. It is not thread-safe: the caller holds a lock.

    Args:
        hosts: The emulated hosts.
    """

    def __init__(self, hosts: Hosts) -> None:
        self._hosts = hosts
        self._gathered: OrderedDict[int, _Gathered] = OrderedDict()
        self._by_key: OrderedDict[str, int] = OrderedDict()
        self._on_connection: OrderedDict[str, list[Exchange]] = OrderedDict()
        self._numbered = 0
        self._size = 0

    @property
    def last(self) -> int:
        """The number of the login that began last."""
        return self._numbered

    def all(self) -> Iterator[Journey]:
        """Yields the logins that are kept, in the order of their numbers."""
        return (each.as_journey() for each in self._gathered.values())

    def holding(self, exchange: Exchange) -> Journey | None:
        """Returns the login that an exchange was assigned to; None where it belongs to none, or is not kept."""
        found = (each for each in reversed(self._gathered.values()) if any(one is exchange for one in each.exchanges))
        return next((each.as_journey() for each in found), None)

    def forget(self) -> None:
        """Removes every login; numbers continue."""
        self._gathered.clear()
        self._by_key.clear()
        self._on_connection.clear()
        self._size = 0

    def take(self, exchange: Exchange, *, anew: bool = False) -> bool:
        """Assigns an exchange to its login; returns whether it belongs to one.

        Args:
            anew: Whether it begins a new login, whatever it is about.
        """
        if site_of(exchange, self._hosts) is None or is_file_of_page(exchange):
            return False
        own = tuple(_keys_of(exchange))
        gathered = self._found(own) or self._found(exchange.handed_on) or self._found(exchange.shown)
        person = person_in(exchange)
        if gathered is None and not person and not message_field(exchange):
            self._wait_on_connection(exchange)
            return False
        if anew:
            gathered = self._begin(exchange)
        elif gathered is None:
            gathered = self._tried_before(exchange, person) or self._begin(exchange)
        elif gathered.is_app_decided and person:
            # Somebody signs in or opens an app again, in a browser whose login had come to an app.
            gathered = self._begin(exchange)
        before = gathered.size
        _add(gathered, exchange, self._hosts)
        self._remember(exchange, (*own, *exchange.handed_on, _of_connection(exchange, person)), gathered)
        self._size += gathered.size - before
        while len(self._gathered) > MOST_JOURNEYS or (self._size > MOST_BYTES and len(self._gathered) > 1):
            self._size -= self._gathered.popitem(last=False)[1].size
        return True

    def _found(self, keys: Iterable[str]) -> _Gathered | None:
        numbers = [self._by_key[key] for key in keys if key in self._by_key]
        return self._gathered.get(max(numbers)) if numbers else None

    def _tried_before(self, exchange: Exchange, person: str) -> _Gathered | None:
        """Returns the login that the same person began on the same connection, if it has not reached an app."""
        tried = self._found([_of_connection(exchange, person)])
        return tried if tried is not None and not tried.is_app_decided else None

    def _begin(self, exchange: Exchange) -> _Gathered:
        self._numbered += 1
        before = self._on_connection.pop(exchange.connection, [])
        gathered = _Gathered(self._numbered, before, size=sum(map(_size_of, before)))
        self._size += gathered.size
        self._gathered[gathered.number] = gathered
        return gathered

    def _wait_on_connection(self, exchange: Exchange) -> None:
        """Keeps what preceded a login on the same connection, such as the page that asks for the password."""
        is_page = site_of(exchange, self._hosts) is Site.OKTA and exchange.content.size <= _LONGEST_PAGE
        if not exchange.connection or not is_page:
            return
        waiting = self._on_connection.setdefault(exchange.connection, [])
        waiting.append(exchange)
        del waiting[:-_MOST_BEFORE]
        self._on_connection.move_to_end(exchange.connection)
        while len(self._on_connection) > _MOST_CONNECTIONS:
            self._on_connection.popitem(last=False)

    def _remember(self, exchange: Exchange, keys: Iterable[str], gathered: _Gathered) -> None:
        # A cookie that no answer set may not be specific to a browser: aws-userInfo is the same in all of them.
        known = (key for key in exchange.shown if key in self._by_key)
        for key in (*filter(None, keys), *known):
            self._by_key[key] = gathered.number
            self._by_key.move_to_end(key)
        while len(self._by_key) > _MOST_KEYS:
            self._by_key.popitem(last=False)


def person_in(exchange: Exchange) -> str:
    """Returns the Okta login of the person in an exchange; empty where it names nobody."""
    return next((note.person for note in reversed(exchange.notes) if note.person), "")


def _of_connection(exchange: Exchange, person: str) -> str:
    return f"{exchange.connection} {person}" if exchange.connection and person else ""


def _keys_of(exchange: Exchange) -> Iterator[str]:
    """Yields the digests of the messages in an exchange; for one that was changed on the way, its ID."""
    if exchange.digest:
        yield exchange.digest
    issued = (note.derivation.saml_response for note in exchange.notes if note.derivation is not None)
    for message in filter(None, (*issued, message_field(exchange))):
        yield message_digest(message)
        named = _response_id(message)
        if named:
            yield f"id {named}"


def _response_id(saml_response: str) -> str:
    """Returns the ID of a Response from the beginning of a form field, by searching it and not by parsing."""
    for characters in _HEADS_CHARACTERS:
        try:
            head = base64.b64decode(saml_response[:characters])
        except (binascii.Error, ValueError):
            continue
        found = _RESPONSE_ID.search(head)
        if found:
            return found[1].decode("utf-8", "replace")
    return ""


def _add(gathered: _Gathered, exchange: Exchange, hosts: Hosts) -> None:
    if len(gathered.exchanges) >= MOST_EXCHANGES or gathered.size >= MOST_BYTES:
        gathered.left_out += 1
        return
    gathered.exchanges.append(exchange)
    gathered.size += _size_of(exchange)
    gathered.user = person_in(exchange) or gathered.user
    gathered.app = next((note.app for note in exchange.notes if note.app), "") or gathered.app
    gathered.is_app_decided = gathered.is_app_decided or _decides_app(exchange)
    gathered.message = _message_in(exchange) or gathered.message
    is_settled = gathered.login is not None and gathered.login.outcome is not Outcome.REFUSED
    # An assertion for a user's own app ends the login when it is issued, and again when its arrival is seen.
    is_settled = is_settled and not (message_field(exchange) and site_of(exchange, hosts) is Site.CUSTOM)
    is_tried_again = gathered.login is None or is_attempt(exchange)
    if not is_settled and is_tried_again and is_end(gathered.exchanges, hosts):
        gathered.login = login_of(gathered.exchanges, hosts, user=gathered.user, app=gathered.app)


def _size_of(exchange: Exchange) -> int:
    """Returns about how many bytes an exchange takes: a base size, and every text that a client can make long."""
    pairs = (*exchange.form, *exchange.request_headers, *exchange.response_headers)
    texts = sum(map(len, chain.from_iterable(pairs)))
    return _OWN_BYTES + len(exchange.url) + exchange.content.size + texts


def _decides_app(exchange: Exchange) -> bool:
    """Returns whether an app was opened or refused here, or a message posted that was not issued here."""
    return bool(message_field(exchange)) or any(
        note.derivation is not None or (note.app and note.refusal is not None) for note in exchange.notes
    )


def _message_in(exchange: Exchange) -> SeenMessage | None:
    """Returns the message that was posted or issued in an exchange, or None."""
    posted = message_field(exchange)
    if posted:
        return SeenMessage(posted, exchange.url, first_values(exchange.form).get("RelayState", ""))
    issued = next((note for note in exchange.notes if note.derivation is not None), None)
    if issued is None or issued.derivation is None:
        return None
    return SeenMessage(issued.derivation.saml_response, issued.facts.acs_url or "", issued.facts.relay_state or "")
