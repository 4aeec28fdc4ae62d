"""From a role session to the page where the login ends: relay state, console, federation, the instance's page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from emulator.access.decision import Decision, Who
from emulator.arrival import End, shortfall
from emulator.browser import USER_AGENT, as_sent
from emulator.flow import Outcome
from emulator.kernel.client_connection import ClientConnection, KnownAddresses
from emulator.kernel.errors import ConnectRefusal, FlowError, Refusal
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import Facts, TraceNote
from emulator.network.hosts import Hosts, Site
from emulator.network.trace import NO_BODY, Exchange
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import Aws, Instance
from sp_mock.connect.asked_instance import AskedInstance
from sp_mock.connect.destination import HOME, read_federate_query, resolve_destination
from sp_mock.connect.federation import ConnectFederation
from sp_mock.connect_instance.page_access import CCP, TITLES, refuse_user
from sp_mock.connect_instance.page_addresses import no_page
from sp_mock.console.opened import opened_note
from sp_mock.endpoints import Endpoint
from sp_mock.principals.credentials import RoleSession
from sp_mock.signin.posted_login import Dropped, signed_in_note
from sp_mock.signin.relay_state import Landing, explained, landing

_FEDERATE = re.compile(r"/connect/federate/(?!arn:)([^/]+)")
_BY_ARN = "/connect/federate/arn:"
# The pages of an instance that serve an existing session, not a person who has just arrived.
_OTHER_PAGES = frozenset({"auth", "login", "logout", "api", "request-storage-access", "whitelisted-origins"})


class NotDecided(Exception):
    """A login whose result only a real login can show.

    Args:
        same: What the result depends on: logins with an equal value end alike.
    """

    def __init__(self, *same: str) -> None:
        super().__init__(*same)
        self.same = same


@dataclass(frozen=True, slots=True)
class Arrival:
    """How far a session got: the page, the notes on the way, the refusal, and as which user of which instance."""

    url: str
    notes: tuple[TraceNote, ...]
    refusal: Refusal | None = None
    instance_id: str = ""
    connect_user: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A role session that sign-in opened.

    Args:
        session: The session.
        issuer: Issuer of the assertion.
        relay_state: RelayState as it was posted.
        endpoint: Endpoint at which the browser signed in.
        dropped: The pairs that could not be used.
    """

    session: RoleSession
    issuer: str
    relay_state: str
    endpoint: Endpoint
    dropped: Dropped


class Arriving:
    """Follows a session to where it leads, as a browser would.

    Args:
        connect: Decides about federation.
        hosts: The emulated hosts.
        known_addresses: Addresses that people send their requests from.
    """

    def __init__(
        self, aws: Aws, connect: ConnectFederation, hosts: Hosts, *, known_addresses: KnownAddresses, now: datetime
    ) -> None:
        self.aws = aws
        self._connect = connect
        self.hosts = hosts
        self._known_addresses = known_addresses
        self._now = now

    def client(self, url: str) -> ClientConnection:
        """Returns how the browser's request for a URL reaches AWS."""
        parts = urlsplit(url)
        return ClientConnection(
            user_agent=USER_AGENT,
            is_secure=parts.scheme == "https",
            host=parts.netloc,
            known_addresses=self._known_addresses,
        )

    def follow(self, opened: Opened) -> Arrival:
        """Returns where a session leads.

        Raises:
            NotDecided: only a real login can show it.
        """
        session = opened.session
        open_to = self._open_to(session)
        goes_to = explained(
            landing(opened.relay_state, endpoint=opened.endpoint),
            opened.relay_state,
            instances=self.aws.instances,
            open_to=open_to,
        )
        note = signed_in_note(session, goes_to, relay_state=opened.relay_state, dropped=opened.dropped)
        return self._in_console(opened, goes_to, note, open_to)

    def _open_to(self, session: RoleSession) -> Callable[[], tuple[Instance, ...]]:
        return lambda: self._connect.instances_open_to(session)

    def _in_console(
        self, opened: Opened, goes_to: Landing, note: TraceNote, open_to: Callable[[], tuple[Instance, ...]]
    ) -> Arrival:
        url, session = sent(goes_to.url), opened.session
        parts = urlsplit(url)
        host, path = (parts.hostname or "").lower(), unquote(parts.path) or "/"
        at = Endpoint.of_host(host)
        is_console = self.hosts.site(host) is Site.CONSOLE and at.partition is opened.endpoint.partition
        if not is_console or parts.port or "//" in path or path.startswith(_BY_ARN):
            raise NotDecided(str(session.role_arn), url)
        federate = _FEDERATE.fullmatch(path)
        if federate is not None:
            asked = AskedInstance(federate[1], at.region_name, session.account_id, url)
            return self._in_instance(session, asked, note)
        opened_page = opened_note(
            session,
            issuer=opened.issuer,
            ends_at=session.expires_at,
            account=self.aws.account_label(session.account_id),
            url=url,
            path=path.lstrip("/"),
            instances=self.aws.instances,
            open_to=open_to,
        )
        return Arrival(url, (note, opened_page))

    def _in_instance(self, session: RoleSession, asked: AskedInstance, note: TraceNote) -> Arrival:
        url = asked.address
        query = read_federate_query(urlsplit(url).query)
        try:
            user, instance = self._connect.require_federation(session, asked, client=self.client(url))
            base_url = instance.base_urls[-1] if query.new_domain else instance.access_url
            account = self.aws.accounts.get(session.account_id)
            destination = resolve_destination(
                query.destination, instance, now=self._now, base_url=base_url, account=account
            )
        except ConnectRefusal as refusal:
            return Arrival(url, (note,), refusal)
        federated = TraceNote("AWS console", "federation allowed", Facts(instance=str(instance.arn)))
        arrival = self._on_page(sent(destination.url), base_url, instance, user, (note, federated))
        return replace(arrival, instance_id=instance.instance_id, connect_user=user.login)

    def _on_page(
        self, url: str, base_url: str, instance: Instance, user: ConnectUser, notes: tuple[TraceNote, ...]
    ) -> Arrival:
        if not f"{url}/".startswith(f"{base_url}/") or self.hosts.site(urlsplit(base_url).hostname or "") is None:
            raise NotDecided(url)
        path = unquote(urlsplit(url).path).removeprefix(urlsplit(base_url).path).removeprefix("/")
        first = path.partition("/")[0]
        if "//" in path or first in _OTHER_PAGES:
            raise NotDecided(url)
        if not path:
            return Arrival(base_url + HOME, notes)
        title = TITLES.get(first)
        if title is None:
            return Arrival(url, notes, no_page(path, base_url=base_url, known=tuple(TITLES), around=""))
        account = self.aws.accounts[instance.arn.account_id]
        return Arrival(url, notes, refuse_user(instance, user, account=account) if title == CCP else None)

    def judged(self, who: Who, role: str, arrival: Arrival) -> Decision:
        """Returns the decision about a login that reached AWS, according to its arrival."""
        if arrival.refusal is not None:
            return Decision(who, role, Outcome.REFUSED, arrival.url, arrival.refusal)
        missing = shortfall(End(arrival.url, 200, (exchange(arrival.url, arrival.notes),), self.hosts), role=role)
        outcome = Outcome.ACCEPTED if missing is None else Outcome.ELSEWHERE
        return Decision(
            who,
            role,
            outcome,
            arrival.url,
            shortfall=missing,
            instance_id=arrival.instance_id,
            connect_user=arrival.connect_user,
        )


def sent(url: str) -> str:
    """Returns a URL as a browser requests it.

    Raises:
        NotDecided: it is not the URL of a page.
    """
    try:
        return as_sent(url)
    except FlowError:
        raise NotDecided(url) from None


_NEVER = datetime.min.replace(tzinfo=UTC)


def exchange(url: str, notes: Sequence[TraceNote]) -> Exchange:
    """Returns the record of a request that was never made, with the notes it would have had."""
    return Exchange(_NEVER, 0.0, "GET", url, (), (), 200, (), NO_BODY, tuple(notes))
