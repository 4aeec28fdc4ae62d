"""Key files of an app: each has to be what its setting is for, and whether they belong together a login shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.kernel.errors import WorldError
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import APP, USER

WORLDS = Path(__file__).parents[2] / "diagnose" / "worlds"
PRIVATE_KEY, CERTIFICATE = WORLDS / "atelier-signing-private-key.pem", WORLDS / "atelier-signing-certificate.pem"
SIGNING = f"/okta/acme/apps/{APP}/signing"
KEY = f"okta.acme.apps.{APP}.signing"


@pytest.mark.parametrize(
    ("private_key", "certificate", "problems"),
    [
        (
            CERTIFICATE,
            PRIVATE_KEY,
            [
                (f"{KEY}.private_key", f"{CERTIFICATE}: this is an X.509 certificate, not a private key"),
                (f"{KEY}.certificate", f"{PRIVATE_KEY}: this is a private key, not an X.509 certificate"),
            ],
        ),
        (
            WORLDS / "article.yaml",
            CERTIFICATE,
            [(f"{KEY}.private_key", f"{WORLDS / 'article.yaml'}: this is something else, not a private key")],
        ),
    ],
)
def test_files_that_are_something_else(
    world: World, keys: KeyFolder, private_key: Path, certificate: Path, problems: list[tuple[str, str]]
) -> None:
    """They are reported before metadata is made from them."""
    files = {"private_key": str(private_key), "certificate": str(certificate)}
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {SIGNING: files}), keys=keys)
    assert [(each.location.key, each.message) for each in caught.value.problems] == problems


def test_an_encrypted_private_key(world: World, keys: KeyFolder, tmp_path: Path) -> None:
    """Nobody could give its password."""
    file = tmp_path / "key.pem"
    file.write_text("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n")
    files = {"private_key": str(file), "certificate": str(CERTIFICATE)}
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {SIGNING: files}), keys=keys)
    assert caught.value.message == f"{file}: this is an encrypted private key, not a private key"


def test_a_pair_that_does_not_belong_together(world: World, keys: KeyFolder) -> None:
    """It loads; the login's signature is wrong, and the pair is the one cause."""
    files = {"private_key": str(WORLDS / "former-private-key.pem"), "certificate": str(CERTIFICATE)}
    federation = Federation(change_world(world, {SIGNING: files}), keys=keys)
    told = diagnosis_of(log_in(federation, user=USER, app=APP), federation)
    assert told is not None
    assert told.check == "signature"
    assert "and its certificate do not belong together" in told.cause
    assert told.fix.startswith("Set signing.private_key to the file of the certificate's own private key")
    assert [each.location.key for each in told.origins if each.location is not None] == [KEY]
