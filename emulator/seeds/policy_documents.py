"""Policy documents as they appear in seeds: as data, as JSON text, or URL-encoded as IAM's API returns them."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import unquote

from emulator.seeds.contents import SeedError

NOT_KNOWN: Final = "not-known"
"""The name of the inline policy that denies everything in place of a policy that is not known."""


def denies_everything() -> dict[str, Any]:
    """Returns the document that replaces a policy with an unknown denial, if its identity cannot be left out."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}


def policy_document(value: Any) -> dict[str, Any]:
    """Returns a policy document as data.

    Raises:
        SeedError: it is not a JSON object.
    """
    document = value
    if isinstance(value, str):
        try:
            document = json.loads(unquote(value) if value.lstrip().startswith("%") else value)
        except (ValueError, RecursionError):
            raise SeedError("a policy document in it is not JSON") from None
    if not isinstance(document, dict):
        raise SeedError("a policy document in it is not a mapping")
    return document
