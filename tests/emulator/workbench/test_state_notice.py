"""A state that cannot be saved is on every page of the workbench, and the pages hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import requests

from emulator.federation import Federation
from emulator.running.start import Ports, serving
from emulator.workbench.workbench import KeptState

PROBLEM = "state.json cannot be written: No space left on device"
FAILING = KeptState(
    "state.json",
    saved_at=datetime(2026, 1, 15, 8, 59, tzinfo=UTC),
    problem=PROBLEM,
    fix="Make room on that disk.",
    failing_since=datetime(2026, 1, 15, 9, 0, 5, tzinfo=UTC),
)
TEXTS = {
    "en": f"The state has not been saved since 09:00:05 UTC: {PROBLEM}. Saving is retried until it succeeds. Make room",
    "ja": f"09:00:05 UTC から状態を保存できていません: {PROBLEM}。保存できるまで繰り返します。 Make room",
}


def _always(kept: KeptState) -> Callable[[], KeptState]:
    return lambda: kept


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_it_is_on_every_page(federation: Federation, language: str) -> None:
    """With the time, the reason and what to do; not where the state is saved."""
    with serving(federation, Ports(https=None, proxy=None)) as own, requests.Session() as plain:
        plain.trust_env = False
        plain.headers["Accept-Language"] = language
        for kept, is_shown in ((FAILING, True), (KeptState("state.json"), False)):
            own.workbench.kept_state = _always(kept)
            for path in ("/", "/workbench/world"):
                assert (TEXTS[language] in plain.get(f"{own.server.url}{path}", timeout=30).text) is is_shown


def test_pages_hear_of_it(federation: Federation) -> None:
    """As the control API answers it."""
    with serving(federation, Ports(https=None, proxy=None)) as own:
        subscription = own.workbench.events.subscribe()
        own.workbench.tell_state(FAILING)
        told = subscription.take().decode()
    assert told == (
        'event: state\ndata: {"file": "state.json", "saved_at": "2026-01-15T08:59:00.000Z", '
        f'"problem": "{PROBLEM}", "fix": "Make room on that disk.", '
        '"failing_since": "2026-01-15T09:00:05.000Z", "left_out": 0}\n\n'
    )
