"""Starts a federation on its ports: what ``up``, ``exec`` and ``browser`` share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.federation import Federation
from emulator.journeys.journeys import journeys_of
from emulator.kernel.errors import Refusal
from emulator.kernel.records import dataclass
from emulator.kernel.why_box import Rows
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.network.listener.server import Server
from emulator.running.control_site import control_site
from emulator.running.run_file import Running
from emulator.workbench.workbench import Workbench, text_of

if TYPE_CHECKING:
    from emulator.fixes.live import LiveFixes

Fixes = Callable[[], "LiveFixes"]


@dataclass(frozen=True, slots=True)
class Ports:
    """Which ports to serve; 0 takes a free one, None serves nothing there."""

    http: int = 0
    https: int | None = 0
    proxy: int | None = 0


@dataclass(frozen=True, slots=True)
class Serving:
    """A federation on its ports. ``running`` is its content of the run file, ``workbench`` what its pages show."""

    federation: Federation
    server: Server
    running: Running
    workbench: Workbench

    def __repr__(self) -> str:
        return f"<Serving of {self.federation.world.document.file} at {self.server.url}>"


def fixes_of(federation: Federation) -> Fixes:
    """Returns the source of a federation's fixes; what it needs is imported on first use."""

    @cache
    def made() -> LiveFixes:
        from emulator.fixes.live import LiveFixes

        return LiveFixes(federation)

    return made


def explain_on_pages(federation: Federation, fixes: Fixes | None = None) -> None:
    """Has pages explain refusals; what that needs is imported with the first refusal and not at the start.

    Args:
        fixes: Fixes that were tried; by default none are.
    """

    def explain(refusal: Refusal, environ: Mapping[str, Any]) -> Rows:
        from emulator.diagnosis.live import diagnosis_of_request, rows_of

        diagnosis = diagnosis_of_request(refusal, environ, federation)
        if fixes is not None:
            from emulator.fixes.live import Seen

            diagnosis = fixes().added(diagnosis, Seen.of_request(environ, federation))
        return rows_of(diagnosis)

    federation.aws_why_box.explain = explain
    for provider in federation.identity_providers.values():
        provider.why_box.explain = explain


def open_to_clients(federation: Federation, fixes: Fixes | None = None) -> Workbench:
    """Equips a federation for clients: the control site, and pages that explain refusals.

    Args:
        federation: The served federation.
        fixes: As in ``serving``.

    Returns:
        The workbench behind the pages of the control site.
    """
    workbench = Workbench(federation, fixes, as_read=text_of(federation.world.document.file))
    federation.gateway.mount_control_site(control_site(workbench))
    # The logins are notified of an exchange first, so that other listeners find it there.
    journeys_of(federation)
    federation.gateway.listen(workbench.tell)
    explain_on_pages(federation, fixes)
    return workbench


@contextmanager
def serving(
    federation: Federation, ports: Ports, *, allowed_hosts: Iterable[str] = (), fixes: Fixes | None = None
) -> Iterator[Serving]:
    """Serves a federation within a with block.

    Args:
        federation: The served federation.
        allowed_hosts: Hosts that the proxy may reach although they are not emulated.
        fixes: Source of the fixes that are shown with refusals; by default none are tried.

    Raises:
        EnvironmentProblem: a port is taken, or the local certificate authority cannot be used.
    """
    workbench = open_to_clients(federation, fixes)
    authority = None
    if ports.https is not None or ports.proxy is not None:
        authority = CertificateAuthority(custom_hosts=federation.custom_hosts())
    server = Server(
        federation.gateway,
        http=ports.http,
        https=ports.https,
        proxy=ports.proxy,
        authority=authority,
        allowed_hosts=allowed_hosts,
    )
    _lead_back(federation, server, workbench)
    running = Running(
        http=server.url,
        https=f"https://127.0.0.1:{server.https_port}" if server.https_port else "",
        proxy=server.proxy_url,
        ca_file=str(authority.path) if authority else "",
        pid=os.getpid(),
        dashboards={
            name: server.alias(provider.org.host, "/app/UserHome")
            for name, provider in federation.identity_providers.items()
        },
    )
    with server:
        try:
            yield Serving(federation, server, running, workbench)
        finally:
            journeys_of(federation).stop_waiting()


def _lead_back(federation: Federation, server: Server, workbench: Workbench) -> None:
    """Links the boxes that explain refusals to their logins in the workbench, and to where people begin."""
    providers = federation.identity_providers.values() if federation.only != "aws" else ()
    orgs = [provider.org for provider in providers]
    back = []
    for org in orgs:
        of_which = f" of {org.name}" if len(orgs) > 1 else ""
        back.append((f"Back to the Okta dashboard{of_which}", f"{org.base_url}/app/UserHome"))

    def links(refusal: Refusal | None) -> Rows:
        path = f"workbench/refusals/{workbench.refusals.number(refusal)}" if refusal is not None else ""
        return (("What happened, in the workbench", f"{server.url}/{path}"), *back)

    federation.aws_why_box.links = links
    for provider in federation.identity_providers.values():
        provider.why_box.links = links
