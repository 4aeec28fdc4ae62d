"""What a service decided while it answered a request, told to whoever keeps the trace.

A service writes its decisions into the WSGI environment of the request; the gateway collects them. The real services
keep theirs to themselves. The gateway in turn tells a service by which Host header it was asked, under
``ASKED_HOST_KEY`` and ``ASKED_SCHEME_KEY``: signatures of requests cover the host, and it may be an alias.

This module is part of the floor: standard library only, importable by every package.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from emulator.kernel.errors import Refusal

ENVIRON_KEY = "fedemu.decisions"
ASKED_HOST_KEY = "fedemu.host"
ASKED_SCHEME_KEY = "fedemu.scheme"


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing a service decided.

    Args:
        service: Who decided: ``Okta``, ``AWS sign-in``, ``AWS console``, ``Amazon Connect``.
        summary: One line for a person.
        facts: What the decision was made of, by name; values are text.
        refusal: The refusal, when the answer was no.
    """

    service: str
    summary: str
    facts: Mapping[str, str] = field(default_factory=dict)
    refusal: Refusal | None = None


def tell(environ: MutableMapping[str, Any], decision: Decision) -> None:
    """Adds a decision to the record of the current request."""
    environ.setdefault(ENVIRON_KEY, []).append(decision)
