"""Secrets in place of those that seeds have, or lack: a seed's own are never read."""

from __future__ import annotations

import base64
import hashlib


def made_secret(access_key_id: str) -> str:
    """Returns the secret of an access key in the emulator: the same for an id each time, and no real one."""
    made = hashlib.sha256(f"fedemu made the secret of {access_key_id}".encode()).digest()
    return base64.b64encode(made).decode("ascii")[:40]
