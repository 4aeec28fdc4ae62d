"""Fixes for logins that a running emulator refused: tried once for each cause, outside the request.

Code that shows a refusal asks for its fixes and gets the known ones. If there are none yet, they are searched for in a
separate thread and are available the next time.
"""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from emulator.diagnosis.diagnosis import Diagnosis
from emulator.diagnosis.fix import Fix
from emulator.diagnosis.live import message_in, posted_fields
from emulator.federation import Federation, Instants
from emulator.fixes.attempt import Attempt, Framed, Opened, Posted, Step
from emulator.fixes.trial import Journey, try_edits
from emulator.fixes.trying import tried_fixes
from emulator.kernel.errors import FederationError
from emulator.kernel.explanations import Derivation, message_digest
from emulator.kernel.framed_pages import origin_of
from emulator.kernel.records import dataclass
from emulator.kernel.trace_notes import DIGEST_KEY
from emulator.network.forms import first_values
from emulator.network.hosts import Site
from emulator.network.trace import Exchange

_MOST_KEPT = 200
_MOST_WAITING = 50
_Cause = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a refused request.

    Args:
        url: URL of the request.
        form: Fields that it posted.
        digest: Digest of the message behind its session.
        framed_by: Origin of the page around it; empty where it is not framed.
        at: When it arrived.
    """

    url: str
    form: Mapping[str, str]
    digest: str
    framed_by: str
    at: Instants

    @classmethod
    def of_exchange(cls, exchange: Exchange, federation: Federation) -> Seen:
        """Reads an exchange."""
        headers = {name.lower(): value for name, value in exchange.request_headers}
        is_one_clock = federation.idp_clock is federation.clock
        ahead = timedelta() if is_one_clock else federation.idp_clock.now() - federation.clock.now()
        at = Instants(exchange.started_at, exchange.started_at + ahead)
        framed_by = origin_of(headers.get("referer", "")) if headers.get("sec-fetch-dest") == "iframe" else ""
        return cls(exchange.url, first_values(exchange.form), exchange.digest, framed_by, at)

    @classmethod
    def of_request(cls, environ: Mapping[str, Any], federation: Federation) -> Seen:
        """Reads a request that is being answered."""
        query = environ.get("QUERY_STRING", "")
        path = f"{environ.get('PATH_INFO', '/')}{'?' if query else ''}{query}"
        in_frame = environ.get("HTTP_SEC_FETCH_DEST") == "iframe"
        return cls(
            f"https://{environ.get('HTTP_HOST', '')}{path}",
            posted_fields(environ)[1],
            environ.get(DIGEST_KEY, ""),
            origin_of(environ.get("HTTP_REFERER", "")) if in_frame else "",
            federation.instants,
        )


class LiveFixes:
    """The fixes of a running federation."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._lock = threading.Lock()
        self._known: OrderedDict[_Cause, tuple[tuple[object, ...], tuple[Fix, ...]]] = OrderedDict()
        self._arriving: set[_Cause] = set()
        self._asked: set[_Cause] = set()
        self._waiting: queue.Queue[tuple[Diagnosis, Seen]] = queue.Queue(maxsize=_MOST_WAITING)
        self._worker: threading.Thread | None = None

    def added(self, diagnosis: Diagnosis, seen: Seen) -> Diagnosis:
        """Returns an explanation with the known fixes; if there are none, a search is started."""
        cause = _cause(diagnosis)
        with self._lock:
            known = self._known.get(cause)
            if known is not None and _are_same(known[0], self._owners()):
                return replace(diagnosis, fixes=known[1])
            if cause not in self._asked and not self._waiting.full():
                self._asked.add(cause)
                self._start_worker()
                self._waiting.put((diagnosis, seen))
        return diagnosis

    def found(self, diagnosis: Diagnosis, seen: Seen) -> Diagnosis:
        """Returns an explanation with its fixes, searching for them now if necessary; too slow for a request."""
        with self._lock:
            known = self._known.get(_cause(diagnosis))
        if known is None or not _are_same(known[0], self._owners()):
            return replace(diagnosis, fixes=self._look(diagnosis, seen))
        return replace(diagnosis, fixes=known[1])

    def has_looked(self, diagnosis: Diagnosis) -> bool:
        """Returns whether fixes were looked for, whatever was found, and those of now."""
        with self._lock:
            known = self._known.get(_cause(diagnosis))
            return known is not None and _are_same(known[0], self._owners())

    def arrives_now(self, diagnosis: Diagnosis) -> bool:
        """Returns whether the same login was tried again and arrives, because what refused it was changed since."""
        with self._lock:
            return _cause(diagnosis) in self._arriving

    def wait(self) -> None:
        """Waits until every requested search is done."""
        self._waiting.join()

    def _owners(self) -> tuple[object, ...]:
        """Returns the current orgs and accounts, for which the fixes are valid."""
        running = self._federation.running
        return (*running.orgs.values(), *running.accounts.values())

    def _start_worker(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="fixes", daemon=True)
            self._worker.start()

    def _work(self) -> None:
        while True:
            diagnosis, seen = self._waiting.get()
            try:
                self._look(diagnosis, seen)
            except Exception as error:  # noqa: BLE001  one login that cannot be made again leaves the others their fixes
                self._federation.failures.tell("looking for what would let a login arrive", error)
                self._keep(diagnosis, self._owners(), ())
            finally:
                with self._lock:
                    self._asked.discard(_cause(diagnosis))
                self._waiting.task_done()

    def _look(self, diagnosis: Diagnosis, seen: Seen) -> tuple[Fix, ...]:
        owners = self._owners()
        try:
            journey = self._journey(diagnosis, seen)
            fixes = tried_fixes(diagnosis, self._federation, journey) if journey is not None else ()
        except FederationError:
            fixes = ()
        self._keep(diagnosis, owners, fixes)
        return fixes

    def _keep(self, diagnosis: Diagnosis, owners: tuple[object, ...], fixes: tuple[Fix, ...]) -> None:
        with self._lock:
            self._known[_cause(diagnosis)] = (owners, fixes)
            while len(self._known) > _MOST_KEPT:
                cause, _ = self._known.popitem(last=False)
                self._arriving.discard(cause)

    def _journey(self, diagnosis: Diagnosis, seen: Seen) -> Journey | None:
        """Returns what has to be repeated for the same refusal, or None if it cannot recur."""
        with self._lock:
            self._arriving.discard(_cause(diagnosis))
        for steps in self._steps(diagnosis, seen):
            journey = Journey(steps, seen.at)
            trial = try_edits(self._federation, journey, ())
            if trial is not None and trial.diagnosis is not None and trial.diagnosis.check == diagnosis.check:
                return journey
            if trial is not None and trial.arrived:
                with self._lock:
                    self._arriving.add(_cause(diagnosis))
        return None

    def _steps(self, diagnosis: Diagnosis, seen: Seen) -> Iterator[tuple[Step, ...]]:
        message = message_in(seen.form.items())
        login = self._login(diagnosis, seen, message)
        if login is None:
            return
        yield (login,)
        if self._is_of_connect(seen):
            yield (login, Framed(seen.url, by=seen.framed_by) if seen.framed_by else Opened(seen.url))

    def _login(self, diagnosis: Diagnosis, seen: Seen, message: str) -> Attempt | Posted | None:
        digest = message_digest(message) if message else seen.digest
        record = self._record(digest)
        if record is None and not digest and self._is_of_connect(seen):
            # An instance does not know which message opened its session: the last login led there.
            record = next(self._records(), None)
        role = seen.form.get("roleIndex") or seen.form.get("RoleArn") or self._role_taken(digest)
        if record is not None and record.sent_by and record.person:
            is_call = "SAMLAssertion" in seen.form
            return Attempt(
                record.person,
                record.sent_by,
                relay_state=record.asked_relay_state,
                role=role or None,
                via="sts" if is_call else "browser",
                provider=seen.form.get("PrincipalArn") if is_call else None,
            )
        if message:
            call = tuple(seen.form.items()) if "SAMLAssertion" in seen.form else ()
            return Posted(message, seen.form.get("RelayState", ""), url=seen.url, role=role or None, call=call)
        return _at_okta(diagnosis)

    def _record(self, digest: str) -> Derivation | None:
        return next((record for record in self._records() if digest and record.digest == digest), None)

    def _records(self) -> Iterator[Derivation]:
        """Yields the messages that the identity providers sent, the last first."""
        for each in reversed(self._federation.gateway.exchanges):
            yield from (note.derivation for note in each.notes if note.derivation is not None)

    def _is_of_connect(self, seen: Seen) -> bool:
        return self._federation.hosts.site((urlsplit(seen.url).hostname or "").lower()) is Site.CONNECT

    def _role_taken(self, digest: str) -> str:
        """Returns the role of the session that a message opened."""
        for each in reversed(self._federation.gateway.exchanges) if digest else ():
            message = message_in(each.form)
            if message and message_digest(message) == digest:
                return next((note.facts.role for note in each.notes if note.facts.role), "")
        return ""


def _at_okta(diagnosis: Diagnosis) -> Attempt | None:
    """Returns the login of the person and app that an identity provider refused."""
    named: dict[str, str] = {}
    for setting in diagnosis.settings:
        if len(setting.path) > 1 and setting.path[0] in {"users", "apps"}:
            named.setdefault(str(setting.path[0]), str(setting.path[1]))
    org = next((getattr(setting.owner, "name", "") for setting in diagnosis.settings), "")
    if len(named) == 2 and org:
        return Attempt(named["users"], f"{org}/{named['apps']}")
    return None


def _cause(diagnosis: Diagnosis) -> _Cause:
    return (diagnosis.check, diagnosis.why, diagnosis.cause, *map(str, diagnosis.origins))


def _are_same(some: tuple[object, ...], others: tuple[object, ...]) -> bool:
    return len(some) == len(others) and all(one is other for one, other in zip(some, others, strict=True))
