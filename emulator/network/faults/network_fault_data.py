"""Network faults as people write them: in the control API, and in tests."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from emulator.kernel.clock import parse_span
from emulator.kernel.data_fields import flag_in, number_in, text_in
from emulator.kernel.errors import FederationError
from emulator.network.faults.network_faults import NetworkFault
from emulator.network.hosts import Hosts
from emulator.network.resemblance import resembling

LONGEST_DELAY = timedelta(minutes=10)
_LONGEST_SECONDS = LONGEST_DELAY.total_seconds()
MOST_TIMES = 1_000_000
# What may be said of a network fault.
KEYS = ("host", "path", "method", "count", "delay", "reset", "truncated", "status", "retry_after")
_REGION = "us-east-1"


def read_network_fault(data: Any, *, hosts: Hosts, by: str = "a test") -> NetworkFault:
    """Reads a fault from data such as ``{"host": "sts.amazonaws.com", "status": 503, "retry_after": 1, "count": 2}``.

    Args:
        data: ``host``; ``path``, ``method`` and ``count`` to restrict it; ``delay`` with at most one of ``reset``,
            ``truncated`` and ``status``.
        hosts: The emulated hosts.
        by: Who plants it.

    Raises:
        FederationError: it is not a fault, matches no emulated host, or would do nothing.
    """
    if not isinstance(data, Mapping):
        raise FederationError("A network fault is an object", expected='{"host": "sts.amazonaws.com", "status": 503}')
    for key in data:
        if key not in KEYS:
            near = difflib.get_close_matches(str(key), KEYS, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise FederationError(f"A network fault has no {key}{hint}", expected=", ".join(KEYS))
    fault = NetworkFault(
        host=_host(data.get("host"), hosts),
        path=text_in(data, "path") or "*",
        method=text_in(data, "method").upper(),
        count=number_in(data, "count", least=1, most=MOST_TIMES),
        delay=_length(data, "delay") or timedelta(),
        reset=flag_in(data, "reset"),
        truncated=flag_in(data, "truncated"),
        status=_status(data),
        retry_after=_length(data, "retry_after"),
        by=by,
    )
    kinds = [name for name in ("reset", "truncated", "status") if getattr(fault, name)]
    if len(kinds) > 1:
        raise FederationError(f"A network fault is one of {' and '.join(kinds)}, not both")
    if fault.retry_after is not None and not fault.status:
        raise FederationError("retry_after goes with status", expected='"status": 503')
    if not fault.what:
        raise FederationError("This network fault does nothing", expected="delay, reset, truncated or status")
    return fault


def _host(given: Any, hosts: Hosts) -> str:
    if not isinstance(given, str) or not given:
        raise FederationError(
            "A network fault needs a host", expected="a real name such as sts.amazonaws.com, or a pattern with *"
        )
    host: str = given.lower()
    is_pattern = "*" in host or "?" in host
    if is_pattern:
        known = any(fnmatch.fnmatchcase(each, host) for each in hosts.known)
        known = known or hosts.site(host.replace("*", _REGION)) is not None
    else:
        known = hosts.site(host) is not None
    if not known:
        like = "" if is_pattern else resembling(host, hosts)
        raise FederationError(
            f"No emulated host is {host}, so that the network fault would do nothing",
            explanation=f"{like[:1].upper()}{like[1:]}." if like else "",
            expected=" or ".join(hosts.known),
            received=host,
        )
    return host


def _status(data: Mapping[Any, Any]) -> int:
    status = number_in(data, "status", least=400, most=599)
    if status is not None and status not in {each.value for each in HTTPStatus}:
        raise FederationError("status is one that HTTP has a name for", expected="503", received=str(status))
    return status or 0


def _length(data: Mapping[Any, Any], key: str) -> timedelta | None:
    """Reads a duration: ``"2s"``, or a number of seconds."""
    value = data.get(key)
    if value is None:
        return None
    return read_length(value, of=key)


def read_length(value: Any, *, of: str) -> timedelta:
    """Reads a duration of at most ten minutes: ``"200ms"``, a number of seconds, or a timedelta.

    Args:
        value: The given value.
        of: What the duration is for, in errors.

    Raises:
        FederationError: it is not a duration, or longer.
    """
    length: timedelta | None = None
    if isinstance(value, timedelta):
        length = value
    elif isinstance(value, str):
        try:
            length = parse_span(value)
        except (ValueError, OverflowError):
            length = None
    elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _LONGEST_SECONDS:
        length = timedelta(seconds=value)
    if length is None or not timedelta() <= length <= LONGEST_DELAY:
        raise FederationError(
            f"{of} is a length of time", expected="200ms, 2s, or a number of seconds; at most 10m", received=repr(value)
        )
    return length
