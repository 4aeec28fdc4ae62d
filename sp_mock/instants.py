"""xs:dateTime values as SAML messages carry them, and as AWS writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)


def parse_instant(text: str) -> datetime | None:
    """Returns an xs:dateTime as an aware datetime in UTC, or None when ``text`` is not one.

    Fractions beyond microseconds are truncated. A value without a zone is taken as UTC, which SAML requires anyway.

    Spec: SAML Core §1.3.3
    """
    text = text.strip()
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return moment.replace(tzinfo=UTC)
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def in_seconds(moment: datetime) -> str:
    """Returns an instant as AWS writes it, in UTC and without fractions: ``2026-11-23T09:30:00Z``."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def milliseconds(moment: datetime) -> int:
    """Returns an instant in milliseconds since 1970, as JavaScript counts."""
    return int(moment.timestamp() * 1000)
