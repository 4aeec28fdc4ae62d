"""One server for all tests of a process, and behind it the federation of the test that runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from emulator.federation import Federation
from emulator.journeys.journeys import journeys_of
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.listener.server import Server
from emulator.running.run_file import Running
from emulator.running.start import Serving, open_to_clients


class SessionEmulator:
    """An emulator whose addresses stay the same while the federation behind them changes.

    Args:
        serving: Ports, and the federation that answers between tests.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving
        self._answering = serving.federation
        self._known_hosts = frozenset(serving.federation.custom_hosts())

    def __repr__(self) -> str:
        return f"<SessionEmulator at {self.server.url}>"

    @property
    def server(self) -> Server:
        """The ports, such as ``server.url``."""
        return self._serving.server

    @property
    def running(self) -> Running:
        """The addresses, and the environment in which programs reach them by real names."""
        return self._serving.running

    @property
    def federation(self) -> Federation:
        """The federation that answers now: the test's, or between tests one of its own."""
        return self._answering

    @contextmanager
    def answering_from(self, federation: Federation) -> Iterator[None]:
        """Has another federation answer within a with block, on open connections too.

        Raises:
            EnvironmentProblem: the local certificate authority may not sign for one of its hosts.
        """
        hosts = frozenset(federation.custom_hosts())
        if hosts - self._known_hosts:
            CertificateAuthority(custom_hosts=hosts)
            self._known_hosts |= hosts
        before = self._answering
        open_to_clients(federation)
        self._answering = federation
        self.server.answer_from(federation.gateway)
        try:
            yield
        finally:
            journeys_of(federation).stop_waiting()
            self._answering = before
            self.server.answer_from(before.gateway)
