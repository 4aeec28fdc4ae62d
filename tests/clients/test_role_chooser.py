"""A real reader of the role chooser: gimme-aws-creds learns the accounts' names from AWS's page, old or new."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.start import Ports, Serving, serving
from emulator.world import World, change_world
from tests.clients.conftest import Run, client
from tests.conftest import APP, ROLE_ARN, TWO_ROLES_USER


@pytest.fixture(params=["combined", "legacy", "2023"])
def internet(request: pytest.FixtureRequest, world: World, keys: KeyFolder) -> Iterator[Serving]:
    """Serves the built-in world with each generation of the page."""
    changed = change_world(world, {"/sign_in/role_chooser": request.param})
    with serving(Federation(changed, clock=Clock(), ids=Ids(), keys=keys), Ports()) as running:
        yield running


def test_gimme_aws_creds_reads_the_accounts_name(run: Run, internet: Serving, home: Path) -> None:
    """It posts the assertion to sign-in, reads the page, and calls the account by its alias."""
    provider, app = internet.federation.find_app(APP)
    (home / ".okta_aws_login_config").write_text(
        "[DEFAULT]\nokta_org_url = https://acme.okta.com\ngimme_creds_server = appurl\n"
        f"app_url = {provider.org.embed_link(app)}\nokta_username = {TWO_ROLES_USER}\ncred_profile = acc-role\n"
        "write_aws_creds = False\noutput_format = json\nresolve_aws_alias = True\nenable_keychain = False\n"
        f"aws_rolename = {ROLE_ARN}\n",
        encoding="utf-8",
    )
    done = run(client("gimme-aws-creds"), "-o", "json", extra={"OKTA_PASSWORD": "battery-staple"})
    assert done.returncode == 0, done.stderr
    role = json.loads(done.stdout)["role"]
    assert (role["arn"], role["friendly_name"]) == (ROLE_ARN, "ConnectAgent")
    assert role["friendly_account_name"] == "Account: acme (123456789012)"
    pages = [e for e in internet.federation.gateway.exchanges if e.url == "https://signin.aws.amazon.com/saml"]
    assert [exchange.status for exchange in pages] == [200]
