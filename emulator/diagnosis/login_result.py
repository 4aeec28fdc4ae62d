"""The result of a login, explained: the one value behind the terminal, JSON, traces and every report.

``docs/result.md`` describes the JSON of format 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from emulator.diagnosis.asked import asked_by_person
from emulator.diagnosis.diagnosis import NO_OPTIONS, Diagnosis, Evidence, diagnose, diagnose_shortfall, explain_note
from emulator.diagnosis.fix import Fix
from emulator.diagnosis.origins import Origin
from emulator.diagnosis.steps import step_name
from emulator.flow import Login, assertion_xml
from emulator.kernel.explanations import BROWSER, ROLE_ASKED_FOR, Asked, Cause, Sent
from emulator.kernel.records import dataclass
from emulator.kernel.version import version
from emulator.network.trace import Exchange

if TYPE_CHECKING:
    from emulator.federation import Federation

FORMAT = 2


@dataclass(frozen=True, slots=True)
class LoginResult:
    """A login with its explanations.

    Args:
        step_names: What each of its exchanges is in the journey.
        diagnosis: Why it was refused or ended elsewhere; None when it arrived.
        notes: What differs from what was asked for or configured, though nothing was refused.
        step: Step of a scenario, such as ``steps[1].call``; empty outside scenarios.
    """

    login: Login
    step_names: tuple[str, ...]
    diagnosis: Diagnosis | None
    notes: tuple[Diagnosis, ...] = ()
    step: str = ""

    def __repr__(self) -> str:
        return f"<LoginResult of {self.login.summary}>"

    @property
    def steps(self) -> Iterator[tuple[str, Exchange]]:
        """Every exchange with what it is in the journey."""
        return zip(self.step_names, self.login.exchanges, strict=True)

    @property
    def plain(self) -> LoginResult:
        """The result as data alone, as another process can have it: without what explanations are derived from."""
        return LoginResult(
            _plain_login(self.login),
            self.step_names,
            self.diagnosis.plain if self.diagnosis is not None else None,
            tuple(note.plain for note in self.notes),
            self.step,
        )

    def with_fixes(self, fixes: tuple[Fix, ...]) -> LoginResult:
        """Returns the result with the fixes that were tried."""
        return self if self.diagnosis is None else replace(self, diagnosis=replace(self.diagnosis, fixes=fixes))

    def as_json(self) -> dict[str, Any]:
        """The result as JSON data of format 2, with every exchange as a step."""
        login = self.login
        data: dict[str, Any] = {
            "format": FORMAT,
            **({"step": self.step} if self.step else {}),
            "version": version(),
            "user": login.user,
            "app": login.app,
            "outcome": login.outcome.value,
            "lands_on": login.lands_on,
            "role": login.role,
            "session_name": login.session_name,
        }
        if self.diagnosis is not None:
            data["refusal" if self.diagnosis.refusal is not None else "elsewhere"] = self.diagnosis.as_json()
        data["notes"] = [note.as_json() for note in self.notes]
        data["steps"] = [{"step": name, **each.as_json()} for name, each in self.steps]
        return data


def result_of(
    login: Login,
    federation: Federation,
    *,
    options: Mapping[str, Origin] = NO_OPTIONS,
    before: Sequence[Exchange] = (),
) -> LoginResult:
    """Explains a login.

    Args:
        federation: Federation in which it was made.
        options: Where requested values come from, by name.
        before: Earlier exchanges, in which the message may have been issued.
    """
    evidence = Evidence(
        federation,
        exchanges=(*before, *login.exchanges),
        saml_response=login.saml_response,
        xml=assertion_xml(login),
        options={**asked_by_person(federation, user=login.user, app=login.app), **options},
    )
    diagnosis = None
    if login.refusal is not None:
        diagnosis = diagnose(login.refusal, evidence)
    elif login.shortfall is not None:
        diagnosis = diagnose_shortfall(login.shortfall, evidence)
    # The cause of the whole outcome is not repeated.
    told = login.shortfall.causes if login.shortfall is not None else ()
    notes = tuple(
        explain_note(text, causes, evidence)
        for text, causes in _noted(login)
        if not told or not _are_same(causes, told)
    )
    names = tuple(step_name(each, federation.hosts) for each in login.exchanges)
    return LoginResult(login, names, diagnosis, notes)


def _plain_login(login: Login) -> Login:
    return replace(
        login,
        page=replace(login.page),  # parsed again by each user, because a parsed document belongs to its process
        exchanges=tuple(each.plain for each in login.exchanges),
        refusal=login.refusal.plain if login.refusal is not None else None,
        shortfall=replace(login.shortfall, causes=()) if login.shortfall is not None else None,
    )


def _are_same(causes: Sequence[Cause], told: Sequence[Cause]) -> bool:
    """Returns whether two explanations blame the same place of the message, or the same setting."""
    places = [each.place for each in told if isinstance(each, Sent)]
    return any(each in told or (isinstance(each, Sent) and each.place in places) for each in causes)


def _noted(login: Login) -> Iterator[tuple[str, tuple[Cause, ...]]]:
    """Yields what differs from what was asked for or configured, with its causes."""
    notes = [note for each in login.exchanges for note in each.notes]
    records = (note.derivation for note in notes if note.derivation is not None)
    other = next((record.person for record in records if record.person not in {"", login.user}), "")
    if other and login.user:
        text = f"the browser had a session of {other} at Okta, so that the login is theirs and not of {login.user}"
        yield text, (Asked(BROWSER),)
    for remark in login.remarks:
        yield remark, (Asked(ROLE_ASKED_FOR),)
    yield from ((note.facts.note, note.causes) for note in notes if note.facts.note is not None)


def diagnosis_of(
    login: Login, federation: Federation, *, options: Mapping[str, Origin] = NO_OPTIONS
) -> Diagnosis | None:
    """Explains why a login was refused or ended elsewhere; None when it arrived."""
    return result_of(login, federation, options=options).diagnosis
