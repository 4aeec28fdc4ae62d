"""What a service decided while it answered a request, noted for whoever keeps the trace.

A service writes its notes into the WSGI environment of the request; the gateway collects them. The real services keep
theirs to themselves. The gateway in turn leaves the Host header and the scheme of the request as it came under
``ASKED_HOST_KEY`` and ``ASKED_SCHEME_KEY``: signatures of requests cover the host, and it may be an alias. A service
that answers in a session leaves the digest of the message that opened it under ``DIGEST_KEY``. An answer that is to be
slow on purpose has the length under ``DELAY_KEY``; whoever carries it to the client waits, and not the service. By the
digests under ``HANDLES_KEY`` the requests of one browser are found: those of the secrets that are handed on in forms,
links and answers of APIs. Cookies the gateway sees by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import Cause, Derivation, Planted

ENVIRON_KEY = "fedemu.notes"
DIGEST_KEY = "fedemu.digest"
ASKED_HOST_KEY = "fedemu.host"
ASKED_SCHEME_KEY = "fedemu.scheme"
DELAY_KEY = "fedemu.delay"
HANDLES_KEY = "fedemu.handles"
NONE = "(none)"
OWN_SERVICE = "fedemu"
FAILED = "failed: "
"""What a note begins with that says which exception nobody expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a decision was made of. Each fact has one name here, in the trace's JSON and in the terminal.

    A fact that took no part is None; a text that took part and was empty is shown as ``(none)``.

    Args:
        issuer: Of the assertion, or of a broker's login.
        name_id: The assertion's NameID.
        roles: The values of its Role attribute.
        session_name: Its RoleSessionName.
        attributes: The names of a custom app's attributes.
        acs_url: Where it is posted.
        issued_at: Its IssueInstant.
        subject: As AssumeRoleWithSAML answers it.
        audience: As AssumeRoleWithSAML answers it.
        role: The ARN of the role taken.
        session: The ARN of the session opened.
        session_ends: When it is over.
        caller: The ARN of who called.
        user_id: The caller's ``aws:userid``.
        account: The account's label.
        source_identity: The session's.
        tags: The session's, by key.
        offered_roles: The ARNs on the role chooser, by the account's label.
        dropped_roles: The ARNs that are not on it, each with the refusal's words.
        instance: The Amazon Connect instance.
        user: The login of its user.
        emergency_access: How the user came in, where it was not as a federated user.
        frame_ancestors: Which pages may frame the page.
        relay_state: As it was posted.
        destination: As the federate URL has it.
        goes_to: Where the browser is sent.
        note: What was done with what was asked, where it was not simply done.
    """

    issuer: str | None = None
    name_id: str | None = None
    roles: tuple[str, ...] | None = None
    session_name: str | None = None
    attributes: tuple[str, ...] | None = None
    acs_url: str | None = None
    issued_at: datetime | None = None
    subject: str | None = None
    audience: str | None = None
    role: str | None = None
    session: str | None = None
    session_ends: datetime | None = None
    caller: str | None = None
    user_id: str | None = None
    account: str | None = None
    source_identity: str | None = None
    tags: Mapping[str, str] | None = None
    offered_roles: Mapping[str, tuple[str, ...]] | None = None
    dropped_roles: Mapping[str, str] | None = None
    instance: str | None = None
    user: str | None = None
    emergency_access: bool | None = None
    frame_ancestors: str | None = None
    relay_state: str | None = None
    destination: str | None = None
    goes_to: str | None = None
    note: str | None = None

    def __repr__(self) -> str:
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        return f"Facts({', '.join(f'{name}={value!r}' for name, value in known.items() if value is not None)})"

    def as_json(self) -> dict[str, Any]:
        """Returns the facts that took part as JSON data."""
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: _as_json(value) for name, value in known.items() if value is not None}


NO_FACTS = Facts()


def _as_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return {name: _as_json(each) for name, each in value.items()}
    return value


@dataclass(frozen=True, slots=True)
class TraceNote:
    """One thing a service decided.

    Args:
        service: Who decided: ``Okta``, ``AWS sign-in``, ``AWS console``, ``Amazon Connect``.
        summary: One line for a person.
        facts: What the decision was made of.
        refusal: The refusal, when the answer was no.
        causes: What made it so where nothing was refused but not simply done, as ``facts.note`` says.
        derivation: The record of the message that was sent, or of the one that was received.
        dropped: The refusals of what was left out of the answer, by ARN.
        person: The login at Okta of whom it is about, where it is about somebody who signs in or opens an app.
        app: The app that is opened, as ``org/app``.
    """

    service: str
    summary: str
    facts: Facts = NO_FACTS
    refusal: Refusal | None = None
    causes: tuple[Cause, ...] = ()
    derivation: Derivation | None = None
    dropped: Mapping[str, Refusal] = field(default_factory=dict)
    person: str = ""
    app: str = ""

    def __repr__(self) -> str:
        return f"<TraceNote of {self.service}: {self.summary}>"

    @property
    def plain(self) -> TraceNote:
        """What was decided, without the records that explanations are worked out from."""
        refusal = self.refusal.plain if self.refusal is not None else None
        return TraceNote(self.service, self.summary, self.facts, refusal, person=self.person, app=self.app)


def record(environ: MutableMapping[str, Any], note: TraceNote) -> None:
    """Adds a note to the record of the current request, and before it what somebody planted that it comes from."""
    notes: list[TraceNote] = environ.setdefault(ENVIRON_KEY, [])
    causes = note.causes or (note.refusal.causes if note.refusal is not None else ())
    if note.service != OWN_SERVICE:
        notes.extend(TraceNote(OWN_SERVICE, each.text) for each in causes if isinstance(each, Planted))
    notes.append(note)


def delay_answer(environ: MutableMapping[str, Any], length: timedelta) -> None:
    """Has the answer to the current request arrive later, beside what others have asked for."""
    environ[DELAY_KEY] = delay_of(environ) + length


def delay_of(environ: Mapping[str, Any]) -> timedelta:
    """Returns how much later the answer to a request is to arrive."""
    delay: timedelta = environ.get(DELAY_KEY, timedelta())
    return delay


def link(environ: MutableMapping[str, Any], *secrets: str) -> None:
    """Says that whoever has one of these secrets is the client of the current request."""
    environ.setdefault(HANDLES_KEY, []).extend(handle_of(each) for each in secrets if each)


def handle_of(secret: str) -> str:
    """Returns the digest by which a secret is known to whoever must not have it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:24]
