"""A receiver of Okta's event hooks: it answers the verification and keeps what is delivered."""

from __future__ import annotations

import json
import threading
from typing import Any

from emulator.federation import Federation
from emulator.kernel.outbound import OutboundAnswer, OutboundRequest


class HookReceiver:
    """Replaces the receivers behind the URLs of a federation's event hooks."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._before = federation.outbound.stood_in_by
        self._lock = threading.Lock()
        self._delivered: list[tuple[str, dict[str, Any]]] = []
        federation.outbound.stand_in(self.answer)

    def close(self) -> None:
        """Stops replacing the receivers."""
        self._federation.outbound.stand_in(self._before)

    def answer(self, request: OutboundRequest) -> OutboundAnswer:
        """Answers a request like a correct receiver."""
        challenge = next((v for k, v in request.headers.items() if k.lower() == "x-okta-verification-challenge"), None)
        if request.method == "GET" and challenge is not None:
            return OutboundAnswer(200, json.dumps({"verification": challenge}).encode())
        events = json.loads(request.body or b"{}").get("data", {}).get("events", [])
        with self._lock:
            self._delivered += [(request.url, event) for event in events]
        return OutboundAnswer(200, b"{}")

    def events(self) -> list[dict[str, Any]]:
        """Returns the delivered events, each with the ``hook`` that received it, the newest last."""
        providers = self._federation.identity_providers.values()
        for provider in providers:
            provider.management.hooks.wait()
        names = {hook.url: hook.name for provider in providers for hook in provider.org.event_hooks.values()}
        with self._lock:
            return [{"hook": names.get(url, url), **event} for url, event in self._delivered]
