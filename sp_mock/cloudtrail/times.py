"""How CloudTrail writes instants."""

from __future__ import annotations

from datetime import UTC, datetime


def iso_time(moment: datetime) -> str:
    """Returns an instant as ``eventTime`` and ``creationDate`` write it: ``2026-11-23T09:30:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def worded_time(moment: datetime) -> str:
    """Returns an instant as the response elements of STS and IAM write it: ``Nov 23, 2026, 9:30:00 AM``.

    Spec: AWS IAM UG "cloudtrail-integration"
    Evidence: observed 2023 and 2026 (the comma after the year)
    """
    utc = moment.astimezone(UTC)
    return f"{utc:%b} {utc.day}, {utc.year}, {utc.hour % 12 or 12}:{utc:%M:%S} {'AM' if utc.hour < 12 else 'PM'}"
