"""What a person reads: a refusal's block, a login's steps. Plain text; the command line adds the colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from emulator.diagnosis.diagnosis import NO_OPTIONS, Diagnosis, diagnosis_of
from emulator.diagnosis.origins import Origin
from emulator.federation import Federation
from emulator.flow import Login, Outcome, step_name
from emulator.kernel.errors import FederationError, FileError, Refusal
from emulator.network.hosts import Hosts
from emulator.network.trace import Exchange

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


def refusal_block(refusal: Refusal, *, place: str = "") -> str:
    """Returns the block of a refusal that nothing more is known of.

    Args:
        refusal: What to tell.
        place: Where, when it is known better than ``refusal.where``: with a line number.
    """
    return diagnosis_block(
        Diagnosis(
            refusal,
            refusal.explanation,
            want=refusal.expected,
            got=refusal.received,
            where=place or refusal.where,
            fix=refusal.fix,
        )
    )


def diagnosis_block(diagnosis: Diagnosis) -> str:
    """Returns the block that tells a refusal: what was said, why, what made it so, from which setting, and the fix."""
    refusal = diagnosis.refusal
    said = refusal.message + ("" if refusal.evidence != "assumed" else "   (the emulator's wording)")
    lines = [f"{refusal.service} refused: {refusal.code} ({refusal.status}), check {refusal.check}", f"  said   {said}"]
    rows = [
        ("why", diagnosis.why),
        ("cause", diagnosis.cause),
        ("want", diagnosis.want),
        ("got", diagnosis.got),
        ("where", diagnosis.where),
        *(("from" if index == 0 else "and", str(origin)) for index, origin in enumerate(diagnosis.origins)),
        ("fix", diagnosis.fix),
        ("spec", refusal.spec),
    ]
    lines += [f"  {name:<6} {value}" for name, value in rows if value]
    return "\n".join(lines)


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


def refusal_of(login: Login, federation: Federation, *, options: Mapping[str, Origin] = NO_OPTIONS) -> str:
    """Returns the block of a login's refusal; empty when it was accepted.

    Args:
        login: The login.
        federation: Where it was made.
        options: Where what was asked for comes from, by its name.
    """
    diagnosis = diagnosis_of(login, federation, options=options)
    return diagnosis_block(diagnosis) if diagnosis is not None else ""
