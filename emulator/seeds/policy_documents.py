"""Policy documents as seeds have them: as data, as JSON text, or URL-encoded as on IAM's wire."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from emulator.seeds.contents import SeedError


def policy_document(value: Any) -> dict[str, Any]:
    """Returns a policy document as data.

    Raises:
        SeedError: it is no JSON object.
    """
    document = value
    if isinstance(value, str):
        try:
            document = json.loads(unquote(value) if value.lstrip().startswith("%") else value)
        except (ValueError, RecursionError):
            raise SeedError("a policy document in it is no JSON") from None
    if not isinstance(document, dict):
        raise SeedError("a policy document in it is no mapping")
    return document
