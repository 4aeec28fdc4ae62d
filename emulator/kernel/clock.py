"""Time and randomness: the only source of either, passed to services by constructor.

This module is part of the kernel: standard library only, importable by every package.
"""

from __future__ import annotations

import os
import random
import re
import threading
import uuid
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from emulator.kernel.errors import FederationError

YEARS: Final = range(2000, 2100)
"""The years that a clock may show: certificates and the services' time formats reach no further."""
_SPAN = re.compile(r"([+-]?\d+(?:\.\d+)?)(ms|s|m|h|d)")
# Six bits of a random UUID say that it is one (RFC 9562 §5.4).
_UUID_VERSION_4 = uuid.UUID(int=0, version=4).int
_UUID_RANDOM_BITS = ~(0xF << 76 | 0x3 << 62)
_OCTETS_AT_ONCE = 512
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Clock:
    """The time of one federation; it can be frozen, advanced and seen with a skew.

    Args:
        frozen_at: The instant at which the clock stops; by default it follows the machine's.

    Raises:
        FederationError: that is not in one of ``YEARS``.
    """

    def __init__(self, *, frozen_at: datetime | None = None) -> None:
        if frozen_at is not None and not is_in_range(frozen_at):
            raise _out_of_range(str(frozen_at))
        self._lock = threading.Lock()
        self._begins_frozen_at = frozen_at
        # Where it is frozen, if it is, and how far it has been moved: replaced together, so a reader needs no lock.
        self._setting: tuple[datetime | None, timedelta] = (frozen_at, timedelta())

    def now(self) -> datetime:
        """Returns the current instant, aware, in UTC."""
        frozen_at, offset = self._setting
        return (datetime.now(UTC) if frozen_at is None else frozen_at) + offset

    @property
    def is_true(self) -> bool:
        """Whether this is the machine's own time, neither frozen nor shifted."""
        frozen_at, offset = self._setting
        return frozen_at is None and not offset

    @property
    def moved(self) -> timedelta:
        """How far the clock has been moved, from the machine's time or from the instant at which it is frozen."""
        return self._setting[1]

    @property
    def is_frozen(self) -> bool:
        """Whether time passes only when somebody moves the clock."""
        return self._setting[0] is not None

    def advance(self, delta: timedelta) -> None:
        """Moves the clock by ``delta``; it may be negative.

        Raises:
            FederationError: it would show a year that is not one of ``YEARS``.
        """
        before = self.now()
        try:
            after = before + delta
        except OverflowError:
            raise _out_of_range(f"{delta} from {before}") from None
        if not is_in_range(after):
            raise _out_of_range(str(after))
        with self._lock:
            frozen_at, offset = self._setting
            self._setting = (frozen_at, offset + delta)

    def freeze(self) -> None:
        """Stops the clock at its current time."""
        with self._lock:
            frozen_at, offset = self._setting
            if frozen_at is None:
                self._setting = (datetime.now(UTC), offset)

    def reset(self) -> None:
        """Goes back to the initial time: the machine's, or the instant at which the clock was frozen."""
        with self._lock:
            self._setting = (self._begins_frozen_at, timedelta())

    def skewed(self, delta: timedelta) -> SkewedClock:
        """Returns a view of this clock that is ``delta`` ahead, like a machine whose clock is wrong."""
        return SkewedClock(self.now, delta)


class SkewedClock(Clock):
    """A clock that follows another one at a fixed offset."""

    def __init__(self, follow: Callable[[], datetime], delta: timedelta) -> None:
        super().__init__()
        self._follow = follow
        self._setting = (None, delta)

    def now(self) -> datetime:
        """Returns the followed clock's instant, shifted."""
        return self._follow() + self._setting[1]

    @property
    def is_true(self) -> bool:
        """Always false, because a shifted clock never shows the machine's time."""
        return False


def is_in_range(moment: datetime) -> bool:
    """Returns whether a clock may show an instant, which has a zone."""
    try:
        return moment.astimezone(UTC).year in YEARS
    except OverflowError:
        return False


def _out_of_range(text: str) -> FederationError:
    return FederationError(f"The clock cannot be set to {text}", expected=f"an instant from {YEARS[0]} to {YEARS[-1]}")


class _SystemRandom(random.SystemRandom):
    """The operating system's randomness, asked for in larger pieces: each call of it lets all other threads go first.

    Not thread-safe. No octet is given out twice, also not in two processes after a fork.
    """

    def __init__(self) -> None:
        super().__init__()
        self._octets, self._process = b"", 0

    def randbytes(self, n: int) -> bytes:
        """Returns ``n`` octets."""
        process = os.getpid()
        if len(self._octets) < n or self._process != process:
            self._octets, self._process = os.urandom(n + _OCTETS_AT_ONCE), process
        taken, self._octets = self._octets[:n], self._octets[n:]
        return taken

    def getrandbits(self, k: int) -> int:
        """Returns an integer of ``k`` bits."""
        octets = (k + 7) // 8
        return int.from_bytes(self.randbytes(octets), "big") >> (octets * 8 - k)


class Ids:
    """Makes identifiers and secrets.

    Args:
        seed: Seed of the sequence: the same seed gives the same identifiers. Without it the operating system's
            randomness is used.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._random = _SystemRandom() if seed is None else random.Random(seed)

    def beside(self, purpose: str) -> Ids:
        """Returns a sequence of its own for a purpose: what is taken from it leaves this one as it is.

        Args:
            purpose: Which sequence; the same seed and purpose give the same one.
        """
        return Ids(None if self._seed is None else zlib.crc32(f"{self._seed} {purpose}".encode()))

    def digits(self, count: int) -> str:
        """Returns ``count`` decimal digits, the first of them not 0."""
        with self._lock:
            return str(self._random.randint(10 ** (count - 1), 10**count - 1))

    def integer(self, low: int, high: int) -> int:
        """Returns an integer between ``low`` and ``high``, both included."""
        with self._lock:
            return self._random.randint(low, high)

    def pick(self, alphabet: str, count: int) -> str:
        """Returns ``count`` characters of ``alphabet``, whose length is 32 or 64 so that each is equally likely."""
        with self._lock:
            return self._random.randbytes(count).translate(_letters(alphabet)).decode("ascii")

    def token(self, count: int = 40) -> str:
        """Returns an opaque token of ``count`` URL-safe characters."""
        return self.pick("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", count)

    def uuid(self) -> str:
        """Returns a random UUID in its 36-character form."""
        with self._lock:
            number = self._random.getrandbits(128)
        digits = (number & _UUID_RANDOM_BITS | _UUID_VERSION_4).to_bytes(16, "big").hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@cache
def _letters(alphabet: str) -> bytes:
    """Returns the character for each byte."""
    return bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))


def instant(moment: datetime) -> str:
    """Returns ``moment`` as xs:dateTime in UTC with milliseconds: ``2026-11-23T09:30:00.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_span(text: str) -> timedelta:
    """Returns a duration such as ``6m``, ``90s`` or ``13h``.

    Raises:
        ValueError: the text is not a duration.
    """
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a length of time such as 90s, 6m or 13h")
    try:
        return timedelta(**{_UNITS[match[2]]: float(match[1])})
    except OverflowError:
        raise ValueError(f"{text:.40} is longer than any clock can be moved") from None
