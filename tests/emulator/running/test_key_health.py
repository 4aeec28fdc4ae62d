"""Where keys lie and when their certificates end, as ``fedemu doctor`` shows it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.certs import CertificateAuthority
from emulator.running import key_health
from emulator.running.finding import Finding
from emulator.world import load_world
from tests.conftest import NOW as MADE

WORLD = """
version: 1
okta:
  acme:
    apps:
      aws: {identity_provider_arn: "arn:aws:iam::123456789012:saml-provider/okta"}
      own:
        identity_provider_arn: arn:aws:iam::123456789012:saml-provider/okta
        signing: {private_key: own.key, certificate: own.crt}
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Returns an empty data folder."""
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _at(days: int) -> Clock:
    return Clock(frozen_at=MADE + timedelta(days=days))


def test_the_authority_and_when_it_ends(home: Path) -> None:
    """Its key is named; from a month before its end on the line says that the next start renews it."""
    path = home / "ca.pem"
    assert key_health.authority(_at(0)) == Finding("authority", "ok", f"{path} will be made on first use")
    CertificateAuthority(clock=_at(0))
    text = f"{path}, until 2036-01-15; its key is ca-private.pem beside it"
    assert key_health.authority(_at(3622)) == Finding("authority", "ok", text)
    renews = f"{text}. The next start renews it with the same key"
    assert key_health.authority(_at(3623)) == Finding("authority", "note", renews)
    assert key_health.authority(_at(4000)) == Finding("authority", "note", renews)
    CertificateAuthority(clock=_at(4000))
    assert key_health.authority(_at(4000)).verdict == "ok"


def test_an_authority_that_is_too_narrow_is_found(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that an older version made lacks domains; the finding names them and the way out."""
    with monkeypatch.context() as before:
        before.setattr("emulator.network.data_folder.certs.EMULATED_DOMAINS", ("okta.com", "amazonaws.com"))
        CertificateAuthority()
    finding = key_health.authority(Clock())
    assert finding.verdict == "bad"
    assert finding.text.startswith(f"{home / 'ca.pem'} may not sign for amazonaws-us-gov.com, amazonaws.cn, ")
    assert finding.text.endswith("; run fedemu ca remove")


def test_a_file_that_is_not_an_authority_is_found(home: Path) -> None:
    """The finding says so, and there is no traceback."""
    home.mkdir()
    (home / "ca.pem").write_text("not a certificate")
    finding = key_health.authority(Clock())
    assert finding.verdict == "bad"
    assert finding.text.startswith(f"{home / 'ca.pem'}: ")


@pytest.fixture
def world_file(home: Path, tmp_path: Path) -> Path:
    """Returns a world with two apps: the key of one was generated, that of the other is in its own files."""
    (tmp_path / "world.yaml").write_text(WORLD, encoding="utf-8")
    made = tmp_path / "made.yaml"
    made.write_text(WORLD.rpartition("      own:")[0], encoding="utf-8")
    Federation(load_world(made), clock=Clock(frozen_at=MADE), ids=Ids(seed=7))
    key, begin, certificate = (home / "keys" / "acme.aws.pem").read_text().partition("-----BEGIN CERTIFICATE-----")
    (tmp_path / "own.key").write_text(key)
    (tmp_path / "own.crt").write_text(begin + certificate)
    return tmp_path / "world.yaml"


def test_the_signing_keys_of_a_world(home: Path, world_file: Path, tmp_path: Path) -> None:
    """Each app has its line with the file and the end; keys of other worlds are counted in one line."""
    (home / "keys" / "other.aws.pem").write_bytes((home / "keys" / "acme.aws.pem").read_bytes())
    (home / "keys" / "broken.aws.pem").write_text("no certificate")
    own, made = tmp_path / "own.crt", home / "keys" / "acme.aws.pem"
    assert [(each.verdict, each.text) for each in key_health.signing_keys(load_world(world_file), _at(0))] == [
        ("ok", f"acme/aws: {made}, until 2036-01-15; the private key is in the same file"),
        ("ok", f"acme/own: {own}, until 2036-01-15; the private key is {tmp_path / 'own.key'}"),
        (
            "ok",
            f"2 more keys of other worlds and of orgs' tokens in {home / 'keys'}; the first to end is other.aws.pem, "
            "on 2036-01-15",
        ),
    ]
    made.unlink()
    own.write_text("no certificate")
    assert [(each.verdict, each.text) for each in key_health.signing_keys(load_world(world_file), _at(0))][:2] == [
        ("ok", f"acme/aws: {made} will be made on first use"),
        ("bad", f"acme/own: {own} holds no certificate in PEM"),
    ]


@pytest.mark.parametrize(("days", "verb"), [(3593, "ends"), (3652, "ended")])
def test_a_signing_certificate_that_ends_is_told(home: Path, world_file: Path, days: int, verb: str) -> None:
    """Two months before, so that there is time to register another one where the old one is registered."""
    finding, *_ = key_health.signing_keys(load_world(world_file), _at(days))
    assert finding == Finding(
        "signing key",
        "note",
        f"acme/aws: {home / 'keys' / 'acme.aws.pem'} {verb} on 2036-01-15 and is never renewed by itself; the emulated "
        "AWS accepts it. For a new one delete the file and register the new metadata",
    )


def test_a_signing_certificate_never_changes_by_itself(home: Path, world_file: Path, tmp_path: Path) -> None:
    """It may be registered at a real account: a start after its end signs with it all the same, and logs in."""
    before = (home / "keys" / "acme.aws.pem").read_bytes()
    late = Federation(load_world(tmp_path / "made.yaml"), clock=_at(4000), ids=Ids(seed=7))
    assert (home / "keys" / "acme.aws.pem").read_bytes() == before
    assert late.identity_providers["acme"].org.apps["aws"].key_pair.expires_at == MADE + timedelta(days=3652)
