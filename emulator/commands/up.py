"""``fedemu up``: serve until interrupted, and tell every exchange."""

from __future__ import annotations

import json
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emulator.commands.common import say, world_of, world_option

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.server import Server
    from emulator.trace import Exchange


@click.command()
@world_option
@click.option(
    "--http", "port", type=click.IntRange(0, 65535), default=7080, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--ready-file", type=click.Path(path_type=Path), help="Write the addresses here, as JSON, once serving.")
@click.option("--seed", type=int, help="Make identifiers and secrets reproducible.")
@click.option("--clock", "frozen_at", help="Freeze the clock at an instant such as 2026-11-23T09:30:00Z.")
@click.option("--quiet", "-q", is_flag=True, help="Print no requests.")
def command(
    world_file: Path | None,
    port: int,
    ready_file: Path | None,
    seed: int | None,
    frozen_at: str | None,
    quiet: bool,
) -> int:
    """Serve the world over HTTP on this machine, until Ctrl-C."""
    from emulator.clock import Clock, Ids
    from emulator.federation import Federation
    from emulator.server import Server

    clock = Clock(frozen_at=_instant(frozen_at) if frozen_at else None)
    federation = Federation(world_of(world_file), clock=clock, ids=Ids(seed))
    if not quiet:
        federation.gateway.listen(_Printer(federation))
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with Server(federation.gateway, http=port) as server:
        if ready_file is not None:
            ready_file.write_text(json.dumps(_ready(federation, server), indent=2) + "\n", encoding="utf-8")
        _introduce(federation, server)
        while not stop.wait(3600):
            pass
    say("stopped")
    return 0


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text} is no instant; write 2026-11-23T09:30:00Z", param_hint="--clock") from None
    if moment.tzinfo is None:
        raise click.BadParameter(f"{text} has no zone; write 2026-11-23T09:30:00Z", param_hint="--clock")
    return moment


def _ready(federation: Federation, server: Server) -> dict[str, Any]:
    dashboards = {
        name: server.alias(provider.org.host, "/app/UserHome")
        for name, provider in federation.identity_providers.items()
    }
    return {"http": server.url, "port": server.port, "dashboards": dashboards}


def _introduce(federation: Federation, server: Server) -> None:
    say(f"fedemu serves {federation.world.document.file}", bold=True)
    say(f"  control page     {server.url}/")
    for provider in federation.identity_providers.values():
        org = provider.org
        say(f"  Okta dashboard   {server.alias(org.host, '/app/UserHome')}")
        for user in org.users.values():
            say(f"    sign in as     {user.login}  password  {user.password}")
        for app in org.apps.values():
            say(f"  tile             {app.label}  {server.url}{org.embed_link(app).removeprefix(org.base_url)}")
    for instance in federation.cloud.aws.instances:
        say(f"  Amazon Connect   {server.alias(instance.host, '/ccp-v2')}   (Session expired, until somebody logs in)")
    say(f"  STS for SDKs     AWS_ENDPOINT_URL_STS={server.url}")
    say("next: open the Okta dashboard in a browser. Ctrl-C stops.", dim=True)


class _Printer:
    """Prints exchanges as they happen, one at a time."""

    def __init__(self, federation: Federation) -> None:
        self._federation = federation
        self._lock = threading.Lock()
        self._number = 0

    def __call__(self, exchange: Exchange) -> None:
        from emulator.report import exchange_lines, refusal_block

        with self._lock:
            self._number += 1
            for line in exchange_lines(exchange, self._federation.hosts, number=self._number):
                say(line)
            if exchange.refusal is not None:
                say(refusal_block(exchange.refusal), fg="red")
