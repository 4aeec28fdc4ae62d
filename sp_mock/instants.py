"""xs:dateTime values as SAML messages carry them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_DATE_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?",
    re.ASCII,
)


def parse_instant(text: str) -> datetime | None:
    """Returns an xs:dateTime as an aware datetime in UTC, or None when ``text`` is none.

    Fractions beyond microseconds are cut. A value without a zone is taken as UTC, which SAML requires anyway.

    Spec: SAML Core §1.3.3
    """
    match = _DATE_TIME.fullmatch(text.strip())
    if not match:
        return None
    year, month, day, hour, minute, second = (int(number) for number in match.groups()[:6])
    microsecond = int((match[7] or "0").ljust(6, "0")[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond, tzinfo=_zone(match[8]))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))


def milliseconds(moment: datetime) -> int:
    """Returns an instant in milliseconds since 1970, as scripts in pages count."""
    return int(moment.timestamp() * 1000)
