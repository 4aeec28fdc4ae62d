"""Why an origin is not approved: which of an instance's approved origins comes nearest to it."""

from __future__ import annotations

import difflib
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from emulator.kernel.clock import instant
from emulator.kernel.explanations import Setting
from emulator.kernel.records import dataclass
from sp_mock.accounts.model import Account, Instance

_DEFAULT_PORTS = {"https": 443, "http": 80}
_NEAR = 0.85


@dataclass(frozen=True, slots=True)
class NotApproved:
    """Why an origin may not show an instance's pages.

    Args:
        why: Explanation for a person.
        want: What would be right.
        fix: What to change.
        causes: The settings behind it.
    """

    why: str
    want: str
    fix: str
    causes: tuple[Setting, ...]


def why_not_approved(instance: Instance, origin: str, *, account: Account, now: datetime) -> NotApproved:
    """Compares an origin with the approved ones: one that is not in effect yet, one that is nearly equal, or none.

    Args:
        origin: Origin of the page, in lower case.
        account: Account of the instance, in its current state.
        now: The current instant, which decides which approved origins are in effect.
    """
    for index, approved in enumerate(instance.approved_origins):
        if approved.lower().rstrip("/") == origin and origin not in instance.origins_in_force(now):
            return _waiting(instance, approved, index, account=account)
    differences = [
        (index, approved, difference)
        for index, approved in enumerate(instance.approved_origins)
        if (difference := _difference(_parts(origin), _parts(approved)))
    ]
    if not differences:
        return NotApproved(
            f"The origin {origin} is not among the instance's approved origins.",
            f"{origin} among the approved origins of {instance.alias}",
            _add(origin),
            (_setting(account, instance, wanted=origin),),
        )
    index, approved, difference = differences[0]
    why = f"{origin} is not an approved origin; {approved} is: {difference}."
    cause = (_setting(account, instance, index, wanted=origin),)
    if origin.startswith("http://") and approved.lower().startswith("https://"):
        return NotApproved(why, f"the page at {approved}", f"Serve the page by https, at {approved}.", cause)
    if _has_more_than_an_origin(approved) or "*" in approved:
        fix = f"Write {origin} in place of {approved} in the instance's approved_origins."
        return NotApproved(why, f"approved_origins: [{origin}]", fix, cause)
    return NotApproved(why, f"{origin} among the approved origins of {instance.alias}", _add(origin), cause)


def _add(origin: str) -> str:
    return f"Add {origin} to the instance's approved_origins."


def _waiting(instance: Instance, approved: str, index: int, *, account: Account) -> NotApproved:
    since = instant(instance.origins_approved_at[approved])
    delay = instance.timing.origin_propagation_seconds
    origin = approved.lower().rstrip("/")
    return NotApproved(
        f"The origin {origin} was approved at {since}; it has no effect until {delay} seconds later.",
        f"{origin} approved for {delay} seconds",
        "Wait: a new approved origin takes some minutes to spread.",
        (
            Setting(account, ("instances", instance.instance_id, "timing", "origin_propagation_seconds")),
            _setting(account, instance, index),
        ),
    )


def _setting(account: Account, instance: Instance, *index: int, wanted: str | None = None) -> Setting:
    return Setting(account, ("instances", instance.instance_id, "approved_origins", *index), wanted=wanted)


def _difference(page: SplitResult, approved: SplitResult) -> str:
    """Returns how two nearly equal origins differ; empty for others."""
    mine, theirs = page.hostname or "", approved.hostname or ""
    if mine == theirs:
        if page.scheme != approved.scheme:
            return f"the page was opened by {page.scheme}, and scheme, host and port have to be the same"
        if _port(page) != _port(approved):
            return f"the port is {_port(page)}, not {_port(approved)}, and scheme, host and port have to be the same"
        return f"an origin is scheme, host and port, without {approved.path or approved.query or approved.fragment}"
    if theirs.startswith("*.") and mine.endswith(theirs[1:]):
        return "a * is not understood in an origin"
    if mine.removeprefix("www.") == theirs.removeprefix("www."):
        return "with and without www. are two origins"
    if mine.endswith(f".{theirs}"):
        return f"{mine} is a subdomain of it, and an approved origin holds for its own host alone"
    if theirs.endswith(f".{mine}"):
        return f"that is a subdomain of {mine}, and an approved origin holds for its own host alone"
    if difflib.SequenceMatcher(None, mine, theirs).ratio() >= _NEAR:
        return f"{_where_they_part(mine, theirs)}"
    return ""


def _where_they_part(mine: str, theirs: str) -> str:
    """Returns the parts in which two nearly equal hosts differ."""
    blocks = difflib.SequenceMatcher(None, mine, theirs).get_opcodes()
    tag, left, left_end, right, right_end = next(each for each in blocks if each[0] != "equal")
    if tag == "insert":
        return f"the page's host lacks {theirs[right:right_end]!r} at character {left + 1}"
    if tag == "delete":
        return f"the page's host has {mine[left:left_end]!r} more at character {left + 1}"
    return f"at character {left + 1} the page's host has {mine[left:left_end]!r} for {theirs[right:right_end]!r}"


def _has_more_than_an_origin(approved: str) -> bool:
    parts = _parts(approved)
    return bool(parts.path.rstrip("/") or parts.query or parts.fragment)


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None


def _parts(origin: str) -> SplitResult:
    try:
        return urlsplit(origin.lower())
    except ValueError:
        return urlsplit("")
