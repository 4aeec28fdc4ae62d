"""A recorded login on the workbench: a row, commands that repeat its requests, a scenario."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml

from emulator.federation import Federation
from emulator.flow import Login
from emulator.journeys.journey import SeenLogin
from emulator.journeys.journeys import Journeys
from emulator.network.hosts import Site
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
        why: Why it did not arrive: the service's words, marked if they are the emulator's, or another obstacle.
        check: Name of the check that failed.
        explained: What the service found.
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
            assumed = " (the emulator's wording)" if refusal.evidence == "assumed" else ""
            why, check, explained = f"{refusal.message}{assumed}", refusal.check, refusal.explanation
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
        )


def other_exchanges(journeys: Journeys, federation: Federation) -> list[Exchange]:
    """Returns the last requests that belong to no login, such as API calls, the newest first."""
    in_logins = {id(exchange) for journey in journeys.all() for exchange in journey.exchanges}
    others = [each for each in reversed(federation.gateway.exchanges) if id(each) not in in_logins]
    return others[:_MOST_OTHERS]


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


def scenario_of(seen: SeenLogin, federation: Federation) -> str:
    """Returns a scenario file with the login and its result; empty where nobody of this federation logged in."""
    login = seen.result.login
    if not seen.user or not seen.app:
        return ""
    asked: dict[str, Any] = {"user": seen.user, "app": seen.app}
    is_at_sts = federation.hosts.site(urlsplit(seen.posted_to).hostname or "") is Site.STS
    if is_at_sts:
        asked |= _asked_at_sts(login)
    else:
        if seen.assertion is not None and seen.assertion.relay_state:
            asked["relay_state"] = seen.assertion.relay_state
        if seen.role:
            asked["role"] = seen.role
    expect: dict[str, Any] = {"outcome": seen.outcome, "lands_on": "" if is_at_sts else seen.lands_on}
    if seen.outcome == "accepted" and seen.role:
        expect |= {"role": seen.role, "session_name": login.session_name}
    if login.refusal is not None:
        expect["lands_on"] = ""
        refusal = login.refusal
        expect |= {"service": refusal.service, "check": refusal.check, "code": refusal.code, "message": refusal.message}
    elif seen.check:
        expect["check"] = seen.check
    document = {
        "scenario": f"{seen.user} opens {seen.app}",
        "world": str(Path(federation.world.document.file).absolute()),
        "login": asked,
        "expect": {name: str(value) for name, value in expect.items() if value},
    }
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _asked_at_sts(login: Login) -> Mapping[str, Any]:
    """Returns the parameters of AssumeRoleWithSAML, in the words of a scenario's login."""
    form = next((dict(each.form) for each in reversed(login.exchanges) if each.form), {})
    duration = form.get("DurationSeconds", "")
    asked = {
        "via": "sts",
        "role": form.get("RoleArn", ""),
        "provider": form.get("PrincipalArn", ""),
        "duration_seconds": int(duration) if duration.isascii() and duration.isdigit() and len(duration) < 10 else 0,
    }
    return {name: value for name, value in asked.items() if value}
