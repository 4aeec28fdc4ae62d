"""Which checks have a setting behind them: each is in the table of origins, or among those without one."""

from __future__ import annotations

from emulator.diagnosis.check_texts import read_check_texts
from emulator.diagnosis.origins import _CANDIDATES
from sp_mock.assertion.checks import CHECKS

# The message was changed on its way or came too late, or several settings make the value together.
WITHOUT_A_SETTING = {
    "base64",
    "response",
    "status",
    "redeemed-in-time",
    "time-window",
    "source-identity",
    "session-tags",
    "name-id",
    "version",
    "instants",
    "session-end",
}


def test_every_check_of_the_assertion_has_an_origin_or_is_known_to_have_none() -> None:
    """A new check is put into one of the two."""
    checks = {check.name for check in CHECKS}
    assert checks - _CANDIDATES.keys() - WITHOUT_A_SETTING == set(), "which setting is behind them, if any?"
    assert WITHOUT_A_SETTING - checks == set(), "they are not in CHECKS"
    assert WITHOUT_A_SETTING & _CANDIDATES.keys() == set(), "they have a setting"


def test_no_origin_is_kept_of_a_check_that_is_gone() -> None:
    """Each name in the table is a check's that refusals name."""
    assert _CANDIDATES.keys() <= read_check_texts().keys()
