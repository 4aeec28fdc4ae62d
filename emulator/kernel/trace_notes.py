"""What a service decided while it answered a request, noted for the trace.

A service writes its notes into the WSGI environment of the request, and the gateway collects them; the real services do
not publish theirs. The gateway in turn stores the original Host header and scheme under ``ASKED_HOST_KEY`` and
``ASKED_SCHEME_KEY``, because signatures of requests cover the host, which may be an alias. A service that answers
within a session stores the digest of the message that opened it under ``DIGEST_KEY``. A deliberate delay is stored
under ``DELAY_KEY``; the transport waits, not the service. ``HANDLES_KEY`` holds digests of the secrets passed on in
forms, links and answers of APIs, by which the requests of one browser are found; cookies the gateway sees by itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, MutableMapping
from dataclasses import field, fields
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.clock import instant
from emulator.kernel.errors import Refusal
from emulator.kernel.explanations import Cause, Derivation, Planted
from emulator.kernel.records import dataclass

ENVIRON_KEY = "fedemu.notes"
DIGEST_KEY = "fedemu.digest"
ASKED_HOST_KEY = "fedemu.host"
ASKED_SCHEME_KEY = "fedemu.scheme"
DELAY_KEY = "fedemu.delay"
HANDLES_KEY = "fedemu.handles"
NONE = "(none)"
OWN_SERVICE = "fedemu"
FAILED = "failed: "
"""Prefix of the note that reports an unexpected exception."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts behind a decision. Each has one name here, in the trace's JSON and in the terminal.

    A fact that was not involved is None; a text that was involved and empty is shown as ``(none)``.

    Args:
        issuer: Issuer of the assertion, or of a broker's login.
        name_id: NameID of the assertion.
        roles: Values of its Role attribute.
        session_name: Its RoleSessionName.
        attributes: Names of a custom app's attributes.
        acs_url: URL to which it is posted.
        issued_at: Its IssueInstant.
        subject: Subject in the answer of AssumeRoleWithSAML.
        audience: Audience in the answer of AssumeRoleWithSAML.
        role: ARN of the role taken.
        session: ARN of the session opened.
        session_ends: When the session ends.
        caller: ARN of the caller.
        user_id: ``aws:userid`` of the caller.
        account: Label of the account.
        source_identity: Source identity of the session.
        tags: Tags of the session, by key.
        offered_roles: ARNs on the role chooser, by account label.
        dropped_roles: ARNs that are not on it, each with the refusal's message.
        instance: The Amazon Connect instance.
        user: Login of its user.
        emergency_access: How the user came in, where not as a federated user.
        frame_ancestors: Pages that may frame the page.
        relay_state: RelayState as it was posted.
        destination: Destination as the federate URL has it.
        goes_to: URL to which the browser is sent.
        note: Remark on a request that succeeded, but not exactly as asked.
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
        """Returns the facts that were involved as JSON data."""
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
    """One decision of a service.

    Args:
        service: The service: ``Okta``, ``AWS sign-in``, ``AWS console``, ``Amazon Connect``.
        summary: One line for a person.
        facts: Facts behind the decision.
        refusal: The refusal, if the service refused.
        causes: Causes of what ``facts.note`` says, where nothing was refused.
        derivation: Record of the message that was sent, or of the one that was received.
        dropped: Refusals of what was left out of the answer, by ARN.
        person: Okta login of the person concerned, where somebody signs in or opens an app.
        app: App that is opened, as ``org/app``.
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
        """The decision, without the records that explanations are derived from."""
        refusal = self.refusal.plain if self.refusal is not None else None
        return TraceNote(self.service, self.summary, self.facts, refusal, person=self.person, app=self.app)


def record(environ: MutableMapping[str, Any], note: TraceNote) -> None:
    """Adds a note to the record of the current request, and first what somebody planted, if it results from that."""
    notes: list[TraceNote] = environ.setdefault(ENVIRON_KEY, [])
    causes = note.causes or (note.refusal.causes if note.refusal is not None else ())
    if note.service != OWN_SERVICE:
        notes.extend(TraceNote(OWN_SERVICE, each.text) for each in causes if isinstance(each, Planted))
    notes.append(note)


def delay_answer(environ: MutableMapping[str, Any], length: timedelta) -> None:
    """Delays the answer to the current request, in addition to other delays."""
    environ[DELAY_KEY] = delay_of(environ) + length


def delay_of(environ: Mapping[str, Any]) -> timedelta:
    """Returns the delay of the answer to a request."""
    delay: timedelta = environ.get(DELAY_KEY, timedelta())
    return delay


def link(environ: MutableMapping[str, Any], *secrets: str) -> None:
    """Records that the client of the current request has one of these secrets."""
    environ.setdefault(HANDLES_KEY, []).extend(handle_of(each) for each in secrets if each)


def handle_of(secret: str) -> str:
    """Returns the digest that identifies a secret without revealing it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:24]
