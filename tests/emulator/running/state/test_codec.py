"""What a state's text may say: instants, numbers, ARNs of their own form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from cattrs import BaseValidationError

from emulator.running.state.codec import mistakes_of, state_converter
from sp_mock.accounts.connect_resources import InstanceTiming
from sp_mock.accounts.model import AccessKey, SamlProvider

KEY = {"access_key_id": "AKIA", "secret_access_key": "x", "created_at": "2026-01-15T09:00:00+00:00"}

MISTAKES: list[tuple[Any, dict[str, Any], str]] = [
    (
        AccessKey,
        {**KEY, "created_at": "2026-01-15T09:00:00"},
        "'2026-01-15T09:00:00' is not an instant with a zone, such",
    ),
    (AccessKey, {**KEY, "created_at": "9999-12-31T23:59:59+00:00"}, "'9999-12-31T23:59:59+00:00' is not an instant"),
    (AccessKey, {**KEY, "created_at": "0001-01-01T00:00:00+00:00"}, "'0001-01-01T00:00:00+00:00' is not an instant"),
    (AccessKey, {**KEY, "created_at": 5}, "5 is not an instant with a zone, such as 2026-11-23T09:30:00+00:00"),
    (AccessKey, {**KEY, "created_at": "soon"}, "Invalid isoformat string: 'soon'"),
    (AccessKey, {**KEY, "active": 1}, "int is not of type bool @ $.active"),
    (AccessKey, {**KEY, "access_key_id": 1}, "int is not of type str @ $.access_key_id"),
    (InstanceTiming, {"load_delay_milliseconds": True}, "True is not of type int"),
    (SamlProvider, {"arn": "okta", "metadata": ""}, "'okta' is not an ARN"),
]


@pytest.mark.parametrize(("kind", "data", "words"), MISTAKES)
def test_what_is_of_another_form(kind: Any, data: dict[str, Any], words: str) -> None:
    """It is shown, and where a form is wanted an example of it."""
    with pytest.raises(BaseValidationError) as caught:
        state_converter().structure(data, kind)
    assert mistakes_of(caught.value)[0].startswith(words)


def test_what_is_right() -> None:
    """Instants keep their zone."""
    key = state_converter().structure(KEY, AccessKey)
    assert key == AccessKey("AKIA", "x", created_at=datetime(2026, 1, 15, 9, tzinfo=UTC))
    assert state_converter().unstructure(key) == {**KEY, "active": True}
