"""``fedemu up``: serve until interrupted, and tell every exchange."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import click

from emulator.commands.options import instant_of, no_fixes_option, say, shown, world_of, world_option

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.kernel.errors import WorldError
    from emulator.network.trace import Exchange
    from emulator.running.reloading import Reloaded
    from emulator.running.start import Fixes, Serving
    from emulator.workbench.workbench import Workbench

_PORT = click.IntRange(0, 65535)


@click.command()
@world_option
@click.option(
    "--http",
    "port",
    type=_PORT,
    metavar="PORT",
    default=7080,
    show_default=True,
    help="Port for HTTP and the *.localhost aliases; 0 picks a free one.",
)
@click.option(
    "--https",
    "https_port",
    type=_PORT,
    metavar="PORT",
    default=0,
    help="Port for HTTPS under the real names. Default: a free one.",
)
@click.option(
    "--proxy",
    "proxy_port",
    type=_PORT,
    metavar="PORT",
    default=7081,
    show_default=True,
    help="Port of the CONNECT proxy; 0 picks a free one.",
)
@click.option("--no-proxy", is_flag=True, help="Serve plain HTTP only: no HTTPS, proxy or certificates.")
@click.option(
    "--allow",
    "allowed_hosts",
    metavar="HOST",
    multiple=True,
    help="A real host that the proxy may connect to. May be repeated.",
)
@click.option(
    "--only", type=click.Choice(["idp", "aws"]), help="Emulate one side only; the other side is real, or your own."
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="Write the addresses to this file, as JSON, once they are served.",
)
@click.option(
    "--ca-file", type=click.Path(path_type=Path), help="Write a copy of the local authority's certificate to this file."
)
@click.option("--seed", type=int, metavar="N", help="Generate the same identifiers and secrets on every run.")
@click.option(
    "--clock", "frozen_at", metavar="INSTANT", help="Freeze the clock at this instant, such as 2026-11-23T09:30:00Z."
)
@click.option(
    "--state",
    "state_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Keep the accounts and sessions in this file across restarts; it is read at the start if it exists.",
)
@click.option("--quiet", "-q", is_flag=True, help="Do not print requests.")
@click.option("--no-reload", is_flag=True, help="Do not read the world again when it is saved.")
@no_fixes_option
def command(
    world_file: Path | None,
    port: int,
    https_port: int,
    proxy_port: int,
    no_proxy: bool,
    allowed_hosts: tuple[str, ...],
    only: Literal["idp", "aws"] | None,
    ready_file: Path | None,
    ca_file: Path | None,
    seed: int | None,
    frozen_at: str | None,
    state_file: Path | None,
    quiet: bool,
    no_reload: bool,
    no_fixes: bool,
) -> int:
    """Serve the world and the workbench on this machine, until Ctrl-C.

    The workbench is at the address itself, and every emulated host has an alias there: http://acme.okta.com.localhost:7080.
    Through the proxy, clients reach the hosts by their real names over HTTPS.

    Exit codes: 0 when it is stopped, 2 if the world cannot be used, 3 if a port is taken.
    """
    from emulator.federation import Federation
    from emulator.kernel.clock import Clock, Ids
    from emulator.running.start import Ports, fixes_of, serving
    from emulator.running.state import StateFile
    from emulator.running.world_watch import WorldWatch
    from emulator.worldfile.read_files import noting_reads

    clock = Clock(frozen_at=instant_of(frozen_at, option="--clock") if frozen_at else None)
    with noting_reads() as files:
        federation = Federation(world_of(world_file), clock=clock, ids=Ids(seed), only=only)
    watch = WorldWatch(federation, files, lambda told: _tell_reload(told, own.workbench))
    fixes = None if no_fixes else fixes_of(federation)
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    ports = Ports(port, None, None) if no_proxy else Ports(port, https_port, proxy_port)
    with ExitStack() as open_things:
        if not quiet:
            federation.gateway.listen(open_things.enter_context(_Printer(federation, fixes)))
        if state_file is not None:
            state = open_things.enter_context(StateFile(state_file, federation))
            federation.gateway.listen(state.ask)
        own = open_things.enter_context(serving(federation, ports, allowed_hosts=allowed_hosts, fixes=fixes))
        own.running.announce()
        if ca_file is not None and own.running.ca_file:
            ca_file.write_bytes(Path(own.running.ca_file).read_bytes())
        if ready_file is not None:
            ready_file.write_text(own.running.as_json(), encoding="utf-8")
        _introduce(own)
        if state_file is not None:
            say(f"  state            {state_file}; what it says about AWS overrides the world")
        if not no_reload:
            open_things.enter_context(watch)
        while not stop.wait(3600):
            pass
        own.running.withdraw()
    say("stopped")
    return 0


def _tell_reload(told: Reloaded | WorldError, workbench: Workbench) -> None:
    """Says what came of a world that was saved, here and on the workbench's pages."""
    from emulator.kernel.errors import WorldError
    from emulator.reports.errors import error_text
    from emulator.running.reloading import saved_world

    workbench.tell_saved(saved_world(told))
    if isinstance(told, WorldError):
        click.echo(shown(error_text(told)), err=True)
        say("the previous world is still served", fg="yellow")
        return
    for sentence in told.sentences:
        say(sentence, fg="green")


def _introduce(own: Serving) -> None:
    federation, server = own.federation, own.server
    say(f"fedemu serves {federation.world.document.file}", bold=True)
    if federation.world.seeds:
        from emulator.reports.seed_text import seed_lines

        for line in seed_lines(federation.world.seeds, all_with="fedemu check -v"):
            say(f"  {line}")
    say(f"  workbench        {server.url}/")
    for provider in federation.identity_providers.values():
        org = provider.org
        say(f"  Okta dashboard   {server.alias(org.host, '/app/UserHome')}")
        for user in org.users.values():
            say(f"    sign in as     {user.login}  password  {user.password}")
        for app in org.apps.values():
            tile = server.alias(org.host, org.embed_link(app).removeprefix(org.base_url))
            say(f"  tile             {app.label}  {tile}")
            metadata = server.alias(org.host, f"/app/{app.external_key}/sso/saml/metadata")
            say(f"    IdP metadata   {metadata}")
    for own_url in _own_sign_in_urls(federation) if federation.only != "idp" else ():
        say(f"  sign-in URL of   {own_url}")
    for instance in federation.aws.instances if federation.only != "idp" else ():
        page = server.alias(instance.hosts[0], urlsplit(instance.access_url).path + "/ccp-v2")
        say(f"  Amazon Connect   {page}   (Session expired until somebody logs in)")
    if federation.only != "idp":
        say(f"  SDKs, AWS CLI    AWS_ENDPOINT_URL={server.url}   (STS, IAM and Amazon Connect)")
    if server.proxy_url:
        say(f"  real names       proxy {server.proxy_url}, authority {own.running.ca_file}")
        say('                   fedemu exec -- CMD, fedemu browser, or eval "$(fedemu env)"')
    if federation.only:
        say(f"  only the {federation.only} side is emulated; the other one is real, or your own", bold=True)
    say("next: open the Okta dashboard in a browser. Ctrl-C stops.", dim=True)


def _own_sign_in_urls(federation: Federation) -> Iterator[str]:
    """Yields the SAML providers that open encrypted assertions, with the URLs to post those to."""
    for account in federation.aws.accounts.values():
        for provider in account.saml_providers.values():
            if provider.private_keys:
                yield f"{provider.arn}  https://signin.aws.amazon.com/saml/acs/{provider.provider_id}"


class _Printer:
    """Prints exchanges in their order, beside the requests: no answer waits for what is printed of it."""

    def __init__(self, federation: Federation, fixes: Fixes | None) -> None:
        self._federation = federation
        self._fixes = fixes
        self._exchanges: SimpleQueue[Exchange | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._print_all, name="printer", daemon=True)

    def __enter__(self) -> _Printer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._exchanges.put(None)
        self._thread.join()

    def __call__(self, exchange: Exchange) -> None:
        self._exchanges.put(exchange)

    def _print_all(self) -> None:
        for number, exchange in enumerate(iter(self._exchanges.get, None), 1):
            try:
                self._print(exchange, number)
            except BrokenPipeError:
                return

    def _print(self, exchange: Exchange, number: int) -> None:
        from emulator.diagnosis.live import diagnosis_of_exchange
        from emulator.diagnosis.steps import step_name
        from emulator.reports.text import diagnosis_block, exchange_lines

        for line in exchange_lines(exchange, step_name(exchange, self._federation.hosts), number=number):
            say(line)
        diagnosis = diagnosis_of_exchange(exchange, self._federation)
        if diagnosis is not None and self._fixes is not None:
            from emulator.fixes.live import Seen

            diagnosis = self._fixes().found(diagnosis, Seen.of_exchange(exchange, self._federation))
        if diagnosis is not None:
            say(diagnosis_block(diagnosis), fg="red")
