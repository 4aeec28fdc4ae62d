"""The world of the attack table, and a function that sends a message to sign-in or to STS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import Refusal
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.trace import Exchange
from emulator.world import World, change_world
from tests.attacks.identity import ATTACKERS_ENTITY_ID, key_pair, metadata
from tests.attacks.message import SIGN_IN_URL, provider_arn, role_arn
from tests.conftest import ACCOUNT, NOW

TRUSTED = ("idp", "idp-ec", "idp-sha1", "idp-encrypted")


@dataclass(frozen=True)
class Answer:
    """What came of a message: the refusal, or the session's name and role."""

    refusal: Refusal | None
    session: str
    role: str


Send = Callable[..., Answer]


@pytest.fixture(scope="session")
def attacked(world: World, keys: KeyFolder, tmp_path_factory: pytest.TempPathFactory) -> Federation:
    """Returns a federation with the table's SAML providers and a role that trusts them, the attacker's apart."""
    folder = tmp_path_factory.mktemp("attacked")
    key_file: Path = folder / "provider.pem"
    key_file.write_bytes(key_pair("provider").private_key_pem)
    providers = {
        "idp": {"metadata": {"xml": metadata("trusted", "rotated", encryption=("encryption",))}},
        "idp-ec": {"metadata": {"xml": metadata("ec256", "ec384", "ec521")}},
        "idp-sha1": {"metadata": {"xml": metadata("trusted", "ec256")}, "accept_sha1": True},
        "idp-encrypted": {"metadata": {"xml": metadata("trusted")}, "private_keys": [str(key_file)]},
        "attacker": {"metadata": {"xml": metadata("attacker", entity_id=ATTACKERS_ENTITY_ID)}},
    }
    changed = change_world(
        world,
        {
            **{f"/aws/{ACCOUNT}/saml_providers/{name}": provider for name, provider in providers.items()},
            f"/aws/{ACCOUNT}/roles/Agent": {"trust": _trust(*TRUSTED)},
            f"/aws/{ACCOUNT}/roles/Guest": {"trust": _trust("attacker")},
        },
    )
    return Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(seed=7), keys=keys)


def _trust(*providers: str) -> object:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": [provider_arn(name) for name in providers]},
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"],
                "Condition": {"StringEquals": {"SAML:aud": SIGN_IN_URL}},
            }
        ],
    }


def _since(federation: Federation, last: Sequence[Exchange]) -> Iterator[Exchange]:
    """Yields the exchanges after another one, the latest first."""
    for exchange in reversed(federation.gateway.exchanges):
        if last and exchange is last[0]:
            return
        yield exchange


@pytest.fixture
def send(attacked: Federation) -> Send:
    """Returns a function that posts a SAMLResponse as a browser, or gives it to AssumeRoleWithSAML."""

    def make(saml_response: str, *, at_sts: bool, provider: str = "idp", to_the_providers_url: bool = False) -> Answer:
        before, browser = attacked.gateway.exchanges[-1:], attacked.browser()
        if at_sts:
            fields = {"RoleArn": role_arn("Agent"), "PrincipalArn": provider_arn(provider)}
            fields |= {"Action": "AssumeRoleWithSAML", "SAMLAssertion": saml_response}
            page = browser.post("https://sts.amazonaws.com/", fields)
            session = page.text.partition("<AssumedRoleId>")[2].partition("<")[0].partition(":")[2]
            role = role_arn("Agent") if session else ""
        else:
            known = attacked.aws_services.aws.saml_provider(provider_arn(provider))
            url = f"{SIGN_IN_URL}/acs/{known.provider_id}" if to_the_providers_url and known else SIGN_IN_URL
            browser.post(url, {"SAMLResponse": saml_response})
            console = attacked.aws_services.sign_in.sessions.get(browser.cookies.get("aws-creds"))
            session = console.session.user_name.partition("/")[2] if console else ""
            role = console.session.principal_arn if console else ""
        refusal = next((exchange.refusal for exchange in _since(attacked, before) if exchange.refusal), None)
        return Answer(refusal, session, role)

    return make
