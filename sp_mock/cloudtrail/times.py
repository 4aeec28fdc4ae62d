"""How CloudTrail writes instants."""

from __future__ import annotations

from datetime import UTC, datetime

from sp_mock.instants import in_seconds

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def iso_time(moment: datetime) -> str:
    """Returns an instant as ``eventTime`` and ``creationDate`` write it: ``2026-11-23T09:30:00Z``."""
    return in_seconds(moment)


def worded_time(moment: datetime) -> str:
    """Returns an instant as the response elements of STS and IAM write it: ``Nov 23, 2026, 9:30:00 AM``.

    Spec: AWS IAM UG "cloudtrail-integration"
    Evidence: observed 2023 and 2026 (the comma after the year)
    """
    utc = moment.astimezone(UTC)
    time = f"{utc.hour % 12 or 12}:{utc.minute:02}:{utc.second:02} {'AM' if utc.hour < 12 else 'PM'}"
    return f"{_MONTHS[utc.month - 1]} {utc.day}, {utc.year}, {time}"
