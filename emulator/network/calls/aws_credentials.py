"""The credentials that sign calls of AWS APIs."""

from __future__ import annotations

from dataclasses import field

from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Credentials:
    """An access key, with a session token if it is temporary; its secrets are never shown."""

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(default="", repr=False)
