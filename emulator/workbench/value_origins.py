"""Where each value of an assertion comes from: the reason, and the settings behind it with their lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from emulator.diagnosis.origins import origin_of
from emulator.federation import Federation
from emulator.journeys.journey import Journey, SeenLogin
from emulator.kernel.explanations import RELAY_STATE, Sent, Setting
from emulator.kernel.records import dataclass

_ASSERTION = "/Response/Assertion"
PLACES: Final[Mapping[str, str]] = {
    "Issuer": f"{_ASSERTION}/Issuer",
    "NameID": f"{_ASSERTION}/Subject/NameID",
    "Destination": "/Response/@Destination",
    "Audience": f"{_ASSERTION}/Conditions/AudienceRestriction/Audience",
    "RelayState": RELAY_STATE,
}


@dataclass(frozen=True, slots=True)
class ValueOrigin:
    """A value that was sent.

    Args:
        name: Name of the value.
        values: The value, or several.
        why: Where it comes from, in a sentence; empty where nobody of this federation sent it.
        origins: Settings behind it.
    """

    name: str
    values: tuple[str, ...]
    why: str
    origins: tuple[str, ...]


def value_origins(journey: Journey, seen: SeenLogin, federation: Federation) -> Iterator[ValueOrigin]:
    """Yields the values of the assertion that a login posted, in order of importance."""
    assertion = seen.assertion
    if assertion is None:
        return
    record = next(
        (
            note.derivation
            for exchange in journey.exchanges
            for note in exchange.notes
            if note.derivation is not None and note.derivation.saml_response == assertion.saml_response
        ),
        None,
    )
    said = {
        "Issuer": assertion.issuer,
        "NameID": assertion.name_id,
        "Destination": assertion.posted_to,
        "Audience": assertion.audience,
        "RelayState": assertion.relay_state,
    }
    values: list[tuple[str, str, tuple[str, ...]]] = []
    values += [(name, PLACES[name], (value,)) for name, value in said.items() if value]
    for name, texts in assertion.attributes.items():
        values.append((name, f"{_ASSERTION}/AttributeStatement/Attribute[@Name='{name}']/AttributeValue", texts))
    for name, place, texts in values:
        told = record.explain(Sent(place)) if record is not None else None
        settings = [each for each in told.causes if isinstance(each, Setting)] if told is not None else []
        origins = tuple(str(origin_of(each, federation)) for each in settings)
        yield ValueOrigin(name, texts, told.why if told is not None else "", origins)
