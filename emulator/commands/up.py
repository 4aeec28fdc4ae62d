"""``fedemu up``: serves until it is interrupted, and prints every exchange."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import click

from emulator.commands.options import allow_option, instant_of, no_fixes_option, say, shown, world_of, world_option
from emulator.commands.standard_streams import lasting_streams

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.kernel.errors import WorldError
    from emulator.network.trace import Exchange
    from emulator.running.reloading import Reloaded
    from emulator.running.start import Fixes, Serving
    from emulator.running.state.state_file import StateFile
    from emulator.workbench.workbench import KeptState, Workbench

_MOST_EXCHANGES_WAITING = 2000
_SECONDS_TO_END = 2.0
_MOST_OPEN_FILES = 4096
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
@allow_option
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
    help="Keep the accounts, orgs and sessions in this file across restarts; it is read at the start if it exists.",
)
@click.option(
    "--save-before-answer", is_flag=True, help="With --state: answer each request only after its change is on disk."
)
@click.option("--quiet", "-q", is_flag=True, help="Do not print requests.")
@click.option("--no-reload", is_flag=True, help="Do not read the world again when it is saved.")
@no_fixes_option
@lasting_streams()
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
    save_before_answer: bool,
    quiet: bool,
    no_reload: bool,
    no_fixes: bool,
) -> int:
    """Serve the world and the workbench on this machine, until Ctrl-C.

    The workbench is at the address itself, and every emulated host has an alias there: http://acme.okta.com.localhost:7080.
    Through the proxy, clients reach the hosts by their real names over HTTPS.

    Exit codes: 0 when it is stopped, 2 if the world cannot be used, 3 if a port or the state file is in use.
    """
    from emulator.federation import Federation
    from emulator.kernel.clock import Clock, Ids
    from emulator.running.start import Ports, fixes_of, serving
    from emulator.running.stopping import Wakeup, stop_on_signals
    from emulator.running.world_watch import WorldWatch
    from emulator.worldfile.text.read_files import noting_reads

    if save_before_answer and state_file is None:
        raise click.UsageError("--save-before-answer needs --state FILE.")
    _allow_many_connections()
    clock = Clock(frozen_at=instant_of(frozen_at, option="--clock") if frozen_at else None)
    with noting_reads() as files:
        federation = Federation(world_of(world_file), clock=clock, ids=Ids(seed), only=only)
    watch = WorldWatch(federation, files, lambda told: _tell_reload(told, own.workbench))
    fixes = None if no_fixes else fixes_of(federation)
    stop = threading.Event()
    ports = Ports(port, None, None) if no_proxy else Ports(port, https_port, proxy_port)
    with ExitStack() as open_things:
        wakeup = open_things.enter_context(Wakeup())
        stop_on_signals(stop)
        if not quiet:
            federation.gateway.listen(open_things.enter_context(ExchangePrinter(federation, fixes)))
        state = open_things.enter_context(_keeping(state_file, federation)) if state_file is not None else None
        if state is not None and save_before_answer:
            federation.gateway.keep_before_answers(state.save)
        own = open_things.enter_context(serving(federation, ports, allowed_hosts=allowed_hosts, fixes=fixes))
        own.running.announce()
        if ca_file is not None and own.running.ca_file:
            with _writing(ca_file, option="--ca-file"):
                ca_file.write_bytes(Path(own.running.ca_file).read_bytes())
        if state is not None:
            own.workbench.kept_state = lambda: state.kept
            state.listen(own.workbench.tell_state)
        if ready_file is not None:
            with _writing(ready_file, option="--ready-file"):
                own.running.write(ready_file)
        _introduce(own, state_file)
        # What the start made stays: only what requests leave behind is looked through from here on.
        gc.freeze()
        gc.set_threshold(50_000, 20, 20)
        if not no_reload:
            open_things.enter_context(watch)
            own.workbench.as_read = None
        while not stop.is_set():
            wakeup.wait(3600)
        own.running.withdraw()
    say("stopped")
    return 0


@contextmanager
def _keeping(file: Path, federation: Federation) -> Iterator[StateFile]:
    """Keeps the state in a file, and prints whether that succeeds."""
    from emulator.running.state.state_file import StateFile

    state = StateFile(file, federation)
    state.listen(_tell_state)
    with state:
        federation.gateway.listen(state.ask)
        yield state


@contextmanager
def _writing(file: Path, *, option: str) -> Iterator[None]:
    """Reports a file that cannot be written as an error of the option that names it."""
    try:
        yield
    except OSError as error:
        raise click.BadParameter(f"{file} cannot be written: {error.strerror or error}", param_hint=option) from None


def _tell_state(kept: KeptState) -> None:
    if kept.note:
        say(kept.note, fg="yellow")
    elif kept.problem:
        fix = f" {kept.fix}" if kept.fix else ""
        click.echo(shown(f"{kept.problem}; trying again until it succeeds.{fix}"), err=True)
    else:
        left_out = f", without the oldest {kept.left_out:,} entries, for which it has no room" if kept.left_out else ""
        say(f"{kept.file} is saved again{left_out}", fg="green")


def _allow_many_connections() -> None:
    """Raises the limit of open files of this process, if it is lower than a server needs."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_OPEN_FILES if hard == resource.RLIM_INFINITY else min(_MOST_OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _tell_reload(told: Reloaded | WorldError, workbench: Workbench) -> None:
    """Shows the result of reading a saved world, here and on the workbench's pages."""
    from emulator.kernel.errors import WorldError
    from emulator.reports.errors import error_text
    from emulator.running.reloading import saved_world

    workbench.tell_saved(saved_world(told))
    if isinstance(told, WorldError):
        # In one stream: each has a thread of its own that writes it, and the second line could come first.
        click.echo(shown(f"{error_text(told)}\nthe previous world is still served"), err=True)
        return
    for sentence in told.sentences:
        say(sentence, fg="green")


def _introduce(own: Serving, state_file: Path | None) -> None:
    federation, server = own.federation, own.server
    say(f"fedemu serves {federation.world.document.file}", bold=True)
    if federation.world.seeds:
        from emulator.reports.seed_text import seed_lines

        for line in seed_lines(federation.world.seeds, all_with="fedemu check -v"):
            say(f"  {line}")
    say(f"  workbench        {server.url}/")
    for provider in federation.identity_providers.values() if federation.only != "aws" else ():
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
    if state_file is not None:
        say(f"  state            {state_file}; what it says about AWS and Okta overrides the world")
    if federation.only:
        say(f"  only the {federation.only} side is emulated; the other one is real, or your own", bold=True)
    begins = "open the Okta dashboard in a browser"
    if federation.only == "aws":
        begins = f"have your identity provider post to {server.alias('signin.aws.amazon.com', '/saml')}"
    say(f"next: {begins}. Ctrl-C stops.", dim=True)


def _own_sign_in_urls(federation: Federation) -> Iterator[str]:
    """Yields the SAML providers that decrypt assertions, with the URLs to post them to."""
    for account in federation.aws.accounts.values():
        for provider in account.saml_providers.values():
            if provider.private_keys:
                yield f"{provider.arn}  https://signin.aws.amazon.com/saml/acs/{provider.provider_id}"


class ExchangePrinter:
    """Prints exchanges in order in a separate thread, so that no answer waits for its output."""

    def __init__(self, federation: Federation, fixes: Fixes | None) -> None:
        self._federation = federation
        self._fixes = fixes
        self._exchanges: SimpleQueue[Exchange | None] = SimpleQueue()
        self._unprinted = 0
        self._thread = threading.Thread(target=self._print_all, name="printer", daemon=True)

    def __enter__(self) -> ExchangePrinter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Prints what is waiting, for two seconds at most, because fixes for many refused logins take a while."""
        self._exchanges.put(None)
        self._thread.join(_SECONDS_TO_END)

    def __call__(self, exchange: Exchange) -> None:
        if self._exchanges.qsize() < _MOST_EXCHANGES_WAITING:
            self._exchanges.put(exchange)
        else:
            self._unprinted += 1

    def _print_all(self) -> None:
        number = 0
        for exchange in iter(self._exchanges.get, None):
            unprinted, self._unprinted = self._unprinted, 0
            number += 1 + unprinted
            try:
                if unprinted:
                    say(f"{unprinted} requests came faster than they can be printed, and are left out", fg="yellow")
                self._print(exchange, number)
            except Exception as error:  # noqa: BLE001  the requests after it are printed all the same
                self._federation.failures.tell(f"printing {exchange.method} {exchange.url}", error)

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
