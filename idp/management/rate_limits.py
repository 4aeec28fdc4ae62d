"""How many calls of an API the org accepts in a minute.

Spec: developer.okta.com, "Rate limits"
"""

from __future__ import annotations

import math
import threading
from datetime import datetime, timedelta

from emulator.kernel.clock import Clock
from emulator.kernel.records import dataclass
from idp.directory import Directory
from idp.refusals import ApiRefusal
from idp.system_log.events import OrgEvent
from idp.system_log.service import SystemLog

_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Usage:
    """What is left of a limit, as the headers of each answer report.

    Args:
        limit: Calls per minute.
        remaining: Calls that are left in this minute.
        reset: When the minute ends, in seconds since 1970.

    Spec: developer.okta.com, "Rate limits", response headers
    Evidence: documented
    """

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """Returns the headers of an answer."""
        return {
            "X-Rate-Limit-Limit": str(self.limit),
            "X-Rate-Limit-Remaining": str(self.remaining),
            "X-Rate-Limit-Reset": str(self.reset),
        }


class RateLimitRefusal(ApiRefusal):
    """Too many calls; ``usage`` says when calls are accepted again."""

    def __init__(self, usage: Usage, bucket: str) -> None:
        super().__init__(
            "API call exceeded rate limit due to too many requests.",
            code="E0000047",
            status=429,
            check="okta-rate-limit",
            explanation=f"More than {usage.limit} calls of {bucket} came in a minute.",
            where=bucket,
            expected=f"at most {usage.limit} calls a minute",
            fix="Wait until the second that the header X-Rate-Limit-Reset names, and try again.",
            spec="developer.okta.com, error code E0000047",
        )
        self.usage = usage


class RateLimits:
    """Counts the calls of one org, by the first part of their path.

    Args:
        directory: The org, with its limit.
        system_log: Log to which violations are added.
        clock: Decides when a minute is over.
    """

    def __init__(self, directory: Directory, system_log: SystemLog, *, clock: Clock) -> None:
        self._directory = directory
        self._system_log = system_log
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets: dict[str, tuple[datetime, int]] = {}

    def count(self, path: str) -> Usage | None:
        """Counts a call; returns what is left, or None where the org has no limit.

        Raises:
            RateLimitRefusal: E0000047 (429).

        Spec: developer.okta.com, "Rate limits"; error code E0000047
        Evidence: documented (the answer and its headers), assumed (which calls count together, that a minute begins
            with the first call)
        """
        limit = self._directory.org.rate_limit
        if not limit:
            return None
        bucket, now = "/".join(path.split("/")[:4]), self._clock.now()
        with self._lock:
            began, calls = self._buckets.get(bucket, (now, 0))
            if now - began >= _WINDOW:
                began, calls = now, 0
            self._buckets[bucket] = began, calls + 1
        reset = math.ceil((began + _WINDOW).timestamp())
        usage = Usage(limit, max(limit - calls - 1, 0), reset)
        if calls < limit:
            return usage
        if calls == limit:
            self._system_log.log(_violation(bucket, limit))
        raise RateLimitRefusal(usage, bucket)


def _violation(bucket: str, limit: int) -> OrgEvent:
    """Logs that the limit was exceeded, once per minute.

    Spec: developer.okta.com, "System Log events for rate limits"
    Evidence: documented (the event type), assumed (outcome, target and debug data)
    """
    target = {"id": bucket, "type": "URL Pattern", "alternateId": None, "displayName": None, "detailEntry": None}
    return OrgEvent(
        "system.org.rate_limit.violation",
        (target,),
        outcome=("DENY", None),
        severity="WARN",
        debug_data={"threshold": str(limit), "timeSpan": "1", "timeUnit": "MINUTES", "rateLimitScopeType": "ORG"},
    )
