"""A recorded login on the workbench: a row, and commands that repeat its requests."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from emulator.federation import Federation
from emulator.journeys.ending import is_file_of_page
from emulator.journeys.journeys import Journeys
from emulator.kernel.records import dataclass
from emulator.network.trace import Exchange

_MOST_OTHERS = 30
_MOST_CHARACTERS = 500_000
_OF_ADDRESSES = "%/:?&=+,;@!$()*~#[]{}"


@dataclass(frozen=True, slots=True)
class LoginRow:
    """A login in the list.

    Args:
        number: Number of the login.
        at: When it began.
        user: Login of the person; empty where nobody of this federation was named.
        app: App, as ``org/app``.
        role: Name of the assumed role.
        outcome: Outcome so far.
        where: Where it ended, or is by now.
        why: Why it did not arrive: the service's words, or another obstacle.
        check: Name of the check that failed.
        explained: What the service found.
        is_assumed: Whether the service's words are the emulator's own.
    """

    number: int
    at: datetime
    user: str
    app: str
    role: str
    outcome: str
    where: str
    why: str = ""
    check: str = ""
    explained: str = ""
    is_assumed: bool = False

    @property
    def text(self) -> str:
        """All text that is searched."""
        return " ".join(
            (self.user, self.app, self.role, self.outcome, self.where, self.why, self.check, self.explained)
        )


def login_rows(journeys: Journeys) -> Iterator[LoginRow]:
    """Yields the recorded logins, the newest first."""
    for journey in reversed(journeys.all()):
        login = journey.login
        # Also for a login that has arrived: what was refused afterwards, such as a framed page.
        refusal = next((each.refusal for each in reversed(journey.exchanges) if each.refusal is not None), None)
        shortfall = login.shortfall if login is not None else None
        why, check, explained = "", "", ""
        if refusal is not None:
            why, check, explained = refusal.message, refusal.check, refusal.explanation
        elif shortfall is not None:
            why, check = shortfall.why, shortfall.check
        yield LoginRow(
            journey.number,
            journey.started_at,
            journey.user,
            journey.app,
            journey.role.rpartition("/")[2],
            journey.outcome,
            login.lands_on if login is not None else journey.is_at,
            why,
            check,
            explained,
            is_assumed=refusal is not None and refusal.evidence == "assumed",
        )


def other_exchanges(journeys: Journeys, federation: Federation) -> list[Exchange]:
    """Returns the last requests that belong to no login, such as API calls, the newest first."""
    in_logins = {id(exchange) for journey in journeys.all() for exchange in journey.exchanges}
    others = (each for each in reversed(federation.gateway.exchanges) if id(each) not in in_logins)
    return list(islice((each for each in others if not is_file_of_page(each)), _MOST_OTHERS))


def curl_commands(exchanges: Sequence[Exchange]) -> list[str]:
    """Returns a command for each request; values removed as secrets are removed here as well.

    A command is either complete or left out, because half of one would leave a quotation mark open.
    """
    commands, left = [], _MOST_CHARACTERS
    for exchange in exchanges:
        command = _curl(exchange)
        if len(command) > left:
            commands.append(f"# a {exchange.method} of {len(command):,} characters, too long to be shown")
            continue
        left -= len(command)
        commands.append(command)
    return commands


def _curl(exchange: Exchange) -> str:
    url = quote(exchange.url, safe=_OF_ADDRESSES)
    parts = ["curl"]
    if exchange.method == "HEAD":
        parts.append("--head")
    elif exchange.method != ("POST" if exchange.form else "GET"):
        parts += ["-X", exchange.method]
    if any(each in url for each in "[]{}"):
        parts.append("--globoff")
    parts.append(url)
    for name, value in exchange.form:
        # curl sends the part before the = unchanged.
        parts += ["--data-urlencode", f"{quote(name, safe='')}={value}"]
    return shlex.join(parts)
