"""``fedemu demo``: a login from the Okta tile to the CCP, and the same login refused."""

from __future__ import annotations

from pathlib import Path

import click

from emulator.commands.options import federation_of, next_step, repeated, say, say_refusal, world_option

FAULT = "{attribute: RoleSessionName, set: hanako sato}"


@click.command()
@world_option
def command(world_file: Path | None) -> int:
    """Show a login that arrives and one that is refused, and why.

    A user opens the Okta tile and arrives in the Amazon Connect CCP; then the same login is refused. Nothing is served,
    and nothing leaves the machine.

    Exit codes: 0 if the first login arrives and the second is refused, otherwise 1; 2 if the world cannot be used.
    """
    from emulator.building.faults import read_faults
    from emulator.diagnosis.login_result import result_of
    from emulator.flow import Outcome, log_in
    from emulator.kernel.errors import FederationError
    from emulator.reports.text import result_block, result_lines

    federation = federation_of(world_file)
    ready = (each for each in federation.identity_providers.values() if each.org.apps and each.org.users)
    provider = next(ready, None)
    if provider is None:
        raise FederationError(
            "This world has no Okta org with an app and a user, so there is no login to show",
            fix="Serve it with fedemu up --only aws, or add an org to the file.",
        )
    app = next(iter(provider.org.apps.values()))
    user = next(iter(provider.org.users))
    relay_state = f"{app.default_relay_state}?destination=/ccp-v2" if app.default_relay_state else None

    say(f"{user} opens the tile {app.label!r} at {provider.org.base_url}", bold=True)
    login = log_in(federation, user=user, app=app.name, relay_state=relay_state)
    result = result_of(login, federation)
    for line in result_lines(result):
        say(line)
    say(f"Page shown: {login.page.title}", fg="green" if login.outcome is Outcome.ACCEPTED else "red")
    if result.diagnosis is not None:
        say_refusal(result_block(result))

    say()
    say("The same login, but Okta sends a RoleSessionName with a space:", bold=True)
    provider.faults.inject(app.name, user, read_faults([FAULT]))
    refused = log_in(federation, user=user, app=app.name, relay_state=relay_state)
    say_refusal(result_block(result_of(refused, federation)))
    next_step(f"{repeated('up', world=world_file)}   (then open the printed address in a browser)")
    return 0 if login.outcome is Outcome.ACCEPTED and refused.outcome is Outcome.REFUSED else 1
