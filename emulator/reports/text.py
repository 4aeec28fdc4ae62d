"""What a person reads: a refusal's block, a login's steps. Plain text; the command line adds the colour."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.diagnosis.origins import LoginContext, origin
from emulator.diagnosis.xml_layout import line_of
from emulator.flow import Login, Outcome, assertion_xml, role_pairs, step_name
from emulator.kernel.errors import FederationError, FileError, Refusal
from emulator.network.hosts import Hosts
from emulator.network.trace import Exchange
from emulator.world import World

_SHOWN_FACTS = (
    "issuer",
    "name_id",
    "roles",
    "session_name",
    "acs_url",
    "role",
    "session",
    "session_ends",
    "user_id",
    "user",
    "relay_state",
    "destination",
    "goes_to",
    "note",
)


def refusal_block(refusal: Refusal, *, place: str = "", came_from: str = "") -> str:
    """Returns the block that tells a refusal: what was said, why, where, from which setting, and the fix.

    Args:
        refusal: What to tell.
        place: Where, when it is known better than ``refusal.where``: with a line number.
        came_from: The setting or the planted fault behind it.
    """
    said = refusal.message + ("" if refusal.evidence != "assumed" else "   (the emulator's wording)")
    lines = [f"{refusal.service} refused: {refusal.code} ({refusal.status}), check {refusal.check}", f"  said   {said}"]
    rows = [
        ("why", refusal.explanation),
        ("want", refusal.expected),
        ("got", refusal.received),
        ("where", place or refusal.where),
        ("from", came_from),
        ("fix", refusal.fix),
        ("spec", refusal.spec),
    ]
    lines += [f"  {name:<6} {value}" for name, value in rows if value]
    return "\n".join(lines)


def place_in_assertion(refusal: Refusal, xml: bytes) -> str:
    """Returns a refusal's path with the line on which it stands in the laid-out message."""
    if not refusal.where.startswith("/") or not xml:
        return refusal.where
    line = line_of(xml, refusal.where)
    return f"assertion {refusal.where}:{line}" if line else f"assertion {refusal.where}"


def origin_of(refusal: Refusal, world: World, login: Login, *, org: str, app: str, faults: tuple[str, ...] = ()) -> str:
    """Returns the origin of a refusal: the faults put into the login, or else the line of the world."""
    if faults:
        return "planted fault " + ", ".join(faults)
    role = login.role or _role_asked_for(refusal, login)
    location = origin(refusal, world, LoginContext(org, app, user=login.user, role_arn=role))
    return str(location) if location else ""


def _role_asked_for(refusal: Refusal, login: Login) -> str:
    if ":role/" in refusal.received:
        return refusal.received
    values = (value for e in login.exchanges for note in e.notes for value in note.facts.roles or ())
    return next((pair.role_arn for pair in role_pairs(values)), "")


def login_lines(login: Login, hosts: Hosts) -> Iterator[str]:
    """Yields a login as numbered steps."""
    for number, exchange in enumerate(login.exchanges, 1):
        yield from exchange_lines(exchange, hosts, number=number)
    verdict = "Arrived at" if login.outcome is Outcome.ACCEPTED else "Stopped at"
    yield f"{verdict} {login.lands_on}"


def exchange_lines(exchange: Exchange, hosts: Hosts, *, number: int) -> Iterator[str]:
    """Yields one exchange: the step, the request, and what was decided."""
    name = step_name(exchange, hosts)
    yield f"{number:>2}. {name:<22} {exchange.method} {_short(exchange.url)}  -> {exchange.status}"
    for note in exchange.notes:
        yield f"      {note.service}: {note.summary}"
        facts = note.facts.as_json()
        for fact in (name for name in _SHOWN_FACTS if name in facts):
            values = facts[fact] if isinstance(facts[fact], list) else [facts[fact]]
            for line, value in enumerate(values or [""]):
                yield f"        {'' if line else fact:<13} {value or '(none)'}"


def _short(url: str, *, limit: int = 110) -> str:
    return url if len(url) <= limit else url[: limit - 1] + "…"


def error_text(error: FederationError) -> str:
    """Returns any error of ours as a person reads it."""
    if isinstance(error, FileError):
        return str(error)
    if isinstance(error, Refusal):
        return refusal_block(error)
    rows = [
        ("why", error.explanation),
        ("want", error.expected),
        ("got", error.received),
        ("where", error.where),
        ("fix", error.fix),
    ]
    return "\n".join([error.message, *(f"  {name:<6} {value}" for name, value in rows if value)])


def refusal_of(login: Login, world: World, *, org: str, app: str, faults: tuple[str, ...] = ()) -> str:
    """Returns the block of a login's refusal; empty when it was accepted."""
    if login.refusal is None:
        return ""
    return refusal_block(
        login.refusal,
        place=place_in_assertion(login.refusal, assertion_xml(login)),
        came_from=origin_of(login.refusal, world, login, org=org, app=app, faults=faults),
    )
