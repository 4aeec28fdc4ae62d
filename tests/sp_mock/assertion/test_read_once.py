"""However many roles and providers a message names, it is read once, and each provider's signature is verified once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.faults import parse_fault
from idp.saml.keys import make_key_pair
from sp_mock.assertion import message_checks, received
from sp_mock.signin.console_sessions import NEW_BROWSER, BrowserContext
from sp_mock.signin.posted_login import RoleChoice
from sp_mock.signin.sign_in import SignedIn
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN, USER

SUPERVISOR_ARN = f"arn:aws:iam::{ACCOUNT}:role/ConnectSupervisor"
SECOND_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/second"
UNKNOWN_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/unknown"
ROLES_OF_TWO_PROVIDERS = [
    f"{PROVIDER_ARN},{SUPERVISOR_ARN}",
    f"{SECOND_ARN},{SUPERVISOR_ARN}-2",
    f"{SECOND_ARN},{SUPERVISOR_ARN}-3",
]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Returns how often a document was parsed, an assertion decrypted, and a signature verified."""
    counts: Counter[str] = Counter()

    def count(module: object, name: str, what: str) -> None:
        original: Callable[..., Any] = getattr(module, name)

        def counting(*args: Any, **kwargs: Any) -> Any:
            counts[what] += 1
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, counting)

    count(received, "decode", "decoded")
    count(received, "read_xml", "parsed")
    count(received, "decrypt_assertion", "decrypted")
    count(message_checks, "verify", "verified")
    return counts


def _federation(world: World, clock: Clock, keys: KeyFolder, **changes: Any) -> Federation:
    """Builds the world with a second SAML provider that knows the same app."""
    second = {f"/aws/{ACCOUNT}/saml_providers/second": {"metadata": {"okta_app": f"acme/{APP}"}}}
    return Federation(change_world(world, {**second, **changes}), clock=clock, ids=Ids(seed=7), keys=keys)


def _submit(
    federation: Federation, roles: list[str], *, role: str | None = None, browser: BrowserContext = NEW_BROWSER
) -> SignedIn | RoleChoice:
    fault = parse_fault({"attribute": "Role", "add": roles})
    assertion = federation.identity_providers["acme"].mint(USER, APP, faults=[fault]).saml_response
    return federation.aws_services.sign_in.submit(assertion, relay_state="", role_index=role, browser=browser)


def test_a_choice_between_the_roles_of_several_providers(
    world: World, clock: Clock, keys: KeyFolder, counted: Counter[str]
) -> None:
    """Four roles, two providers: one message, two verifications."""
    choice = _submit(_federation(world, clock, keys), ROLES_OF_TWO_PROVIDERS)
    assert isinstance(choice, RoleChoice)
    assert [len(pairs) for *_, pairs in choice.accounts] == [4]
    assert counted == {"decoded": 1, "parsed": 1, "verified": 2}


def test_the_only_usable_role_is_taken_with_what_was_verified(
    world: World, clock: Clock, keys: KeyFolder, counted: Counter[str]
) -> None:
    """Opening the session reads and verifies nothing again."""
    login = _submit(_federation(world, clock, keys), [f"{UNKNOWN_ARN},{SUPERVISOR_ARN}"])
    assert isinstance(login, SignedIn)
    assert login.session.session.principal_arn == ROLE_ARN
    assert counted == {"decoded": 1, "parsed": 1, "verified": 1}


def test_a_chosen_role_is_verified_for_its_provider_alone(
    world: World, clock: Clock, keys: KeyFolder, counted: Counter[str]
) -> None:
    """The role chooser posts the message again, with the choice."""
    login = _submit(_federation(world, clock, keys), ROLES_OF_TWO_PROVIDERS, role=ROLE_ARN)
    assert isinstance(login, SignedIn)
    assert counted == {"decoded": 1, "parsed": 1, "verified": 1}


def test_a_role_of_two_providers_is_judged_by_each(
    world: World, clock: Clock, keys: KeyFolder, counted: Counter[str]
) -> None:
    """The same role beside an unknown provider is dropped; beside the known one it is taken."""
    choice = _submit(_federation(world, clock, keys), [f"{UNKNOWN_ARN},{ROLE_ARN}", f"{SECOND_ARN},{SUPERVISOR_ARN}"])
    assert isinstance(choice, RoleChoice)
    assert [pair.provider_arn for *_, pairs in choice.accounts for pair in pairs] == [PROVIDER_ARN, SECOND_ARN]
    assert [(pair.provider_arn, refusal.message) for pair, refusal in choice.dropped] == [
        (UNKNOWN_ARN, "Specified provider doesn't exist")
    ]
    assert counted["verified"] == 2


def test_an_encrypted_assertion_is_decrypted_once(
    world: World, clock: Clock, keys: KeyFolder, counted: Counter[str], tmp_path: Path
) -> None:
    """The Response and the decrypted assertion are parsed once each, whoever else the Role values name."""
    pair = make_key_pair(common_name="sp", clock=clock, ids=Ids(seed=5))
    (tmp_path / "sp.key").write_bytes(pair.private_key_pem)
    (tmp_path / "sp.crt").write_bytes(pair.certificate_pem)
    encrypting = {
        f"/aws/{ACCOUNT}/saml_providers/okta/private_keys": [str(tmp_path / "sp.key")],
        f"/okta/acme/apps/{APP}/assertion_encryption": {"certificate": str(tmp_path / "sp.crt")},
    }
    federation = _federation(world, clock, keys, **encrypting)
    choice = _submit(federation, ROLES_OF_TWO_PROVIDERS, browser=BrowserContext(acs_provider_arn=PROVIDER_ARN))
    assert isinstance(choice, RoleChoice)
    assert [pair.provider_arn for *_, pairs in choice.accounts for pair in pairs] == [PROVIDER_ARN, PROVIDER_ARN]
    assert {refusal.check for _, refusal in choice.dropped} == {"assertion-encryption"}
    assert counted == {"decoded": 1, "parsed": 2, "decrypted": 1, "verified": 1}
