"""Secrets generated in place of real ones, which are never read from seeds."""

from __future__ import annotations

import base64
import hashlib


def made_secret(access_key_id: str) -> str:
    """Returns the emulator's secret for an access key: always the same for an id, and not a real one."""
    made = hashlib.sha256(f"fedemu made the secret of {access_key_id}".encode()).digest()
    return base64.b64encode(made).decode("ascii")[:40]
