"""The local authority: made once, for the emulated names only, and found too narrow where it is."""

from __future__ import annotations

import contextlib
import errno
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from emulator.kernel.clock import Clock
from emulator.kernel.errors import EnvironmentProblem
from emulator.network.data_folder.certs import EMULATED_DOMAINS, CertificateAuthority, missing_domains, remove_authority

# What an authority of version 0.1.0 may sign for.
OLD_DOMAINS = (
    "okta.com",
    "oktapreview.com",
    "amazon.com",
    "amazonaws.com",
    "amazonaws.cn",
    "amazonaws-us-gov.com",
    "awsapps.com",
    "connect.aws",
    "example.com",
    "example.net",
    "example.org",
    "example",
    "test",
    "localhost",
)


def test_the_authority_is_kept_and_its_key_readable_by_its_owner_only(tmp_path: Path) -> None:
    """The second start finds the same authority; removing it leaves nothing."""
    first = CertificateAuthority(tmp_path)
    assert CertificateAuthority(tmp_path).certificate == first.certificate
    assert (tmp_path / "ca-private.pem").stat().st_mode & 0o777 == 0o600
    assert b"PRIVATE" not in first.path.read_bytes()
    assert sorted(path.name for path in remove_authority(tmp_path)) == ["ca-private.pem", "ca.pem"]
    assert list(tmp_path.iterdir()) == []
    assert CertificateAuthority(tmp_path).certificate != first.certificate


def test_clients_refuse_the_authority_for_other_names(tmp_path: Path) -> None:
    """Name constraints: a certificate of this authority for a bank is worth nothing."""
    authority = CertificateAuthority(tmp_path)
    listener = socket.create_server(("127.0.0.1", 0))
    context = authority.context("www.bank.edu")

    def serve() -> None:
        connection, _ = listener.accept()
        with contextlib.suppress(ssl.SSLError, OSError), connection:
            context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=serve)
    thread.start()
    refused = pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation")
    trust = ssl.create_default_context(cafile=str(authority.path))
    with listener, socket.create_connection(listener.getsockname(), timeout=30) as plain, refused:
        trust.wrap_socket(plain, server_hostname="www.bank.edu")
    thread.join(timeout=30)


def test_a_custom_host_outside_the_constraints_is_told_before_anything_fails(tmp_path: Path) -> None:
    """A kept authority that may not sign for a world's custom page is a problem of the environment."""
    CertificateAuthority(tmp_path)
    with pytest.raises(EnvironmentProblem) as caught:
        CertificateAuthority(tmp_path, custom_hosts=["crm.acme.co.jp"])
    assert caught.value.message == "The local certificate authority may not sign for crm.acme.co.jp"
    remove_authority(tmp_path)
    assert "crm.acme.co.jp" in CertificateAuthority(tmp_path, custom_hosts=["crm.acme.co.jp"]).permitted_domains


def test_an_authority_of_an_older_version_is_too_narrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not replaced behind the back of whoever trusts it; removing it is the way on."""
    with monkeypatch.context() as before:
        before.setattr("emulator.network.data_folder.certs.EMULATED_DOMAINS", OLD_DOMAINS)
        old = CertificateAuthority(tmp_path)
    assert missing_domains(old.certificate) == ["amazonaws.com.cn"]
    with pytest.raises(EnvironmentProblem) as caught:
        CertificateAuthority(tmp_path)
    assert str(caught.value) == ("The local certificate authority may not sign for amazonaws.com.cn")
    assert old.path.read_bytes() == (tmp_path / "ca.pem").read_bytes()
    remove_authority(tmp_path)
    made = CertificateAuthority(tmp_path)
    assert made.permitted_domains == EMULATED_DOMAINS
    assert missing_domains(made.certificate) == []


MADE = datetime(2026, 1, 15, 9, 0, tzinfo=UTC)


def _presented(context: ssl.SSLContext, name: str) -> x509.Certificate:
    """Returns the certificate that a client gets, whatever its time says of it."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = context.wrap_bio(to_server, to_client, server_side=True)
    theirs = client.wrap_bio(to_client, to_server, server_hostname=name)
    for side in (theirs, ours, theirs):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    presented = theirs.getpeercert(binary_form=True)
    assert presented is not None
    return x509.load_der_x509_certificate(presented)


def test_a_hosts_certificate_is_made_again_before_it_ends(tmp_path: Path) -> None:
    """An emulator that has been running for a year presents one with time left, and not a new one each time."""
    clock = Clock(frozen_at=MADE)
    authority = CertificateAuthority(tmp_path, clock=clock)
    first = authority.context("sts.amazonaws.com")
    assert _presented(first, "sts.amazonaws.com").not_valid_after_utc == MADE + timedelta(days=397)
    clock.advance(timedelta(days=367))
    assert authority.context("sts.amazonaws.com") is first
    clock.advance(timedelta(seconds=1))
    second = authority.context("sts.amazonaws.com")
    assert authority.context("sts.amazonaws.com") is second
    ends = _presented(second, "sts.amazonaws.com").not_valid_after_utc
    assert ends == MADE + timedelta(days=367 + 397, seconds=1)


def test_the_authority_is_renewed_before_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start that finds it due keeps name, key and domains, so that whoever trusts the old one loses nothing."""
    with monkeypatch.context() as before:
        before.setattr("emulator.network.data_folder.certs.EMULATED_DOMAINS", (*EMULATED_DOMAINS, "acme.co.jp"))
        old = CertificateAuthority(tmp_path, clock=Clock(frozen_at=MADE))
    due = MADE + timedelta(days=3652 - 30)
    assert CertificateAuthority(tmp_path, clock=Clock(frozen_at=due)).certificate == old.certificate
    renewed = CertificateAuthority(tmp_path, clock=Clock(frozen_at=due + timedelta(seconds=1)))
    assert renewed.certificate.not_valid_after_utc == due + timedelta(days=3652, seconds=1)
    assert renewed.certificate.subject == old.certificate.subject
    assert renewed.spki_sha256 == old.spki_sha256
    assert renewed.permitted_domains == (*EMULATED_DOMAINS, "acme.co.jp")
    assert x509.load_pem_x509_certificate(renewed.path.read_bytes()) == renewed.certificate
    assert (tmp_path / "ca-private.pem").stat().st_mode & 0o777 == 0o600
    leaf = x509.load_pem_x509_certificate(renewed.issue("sts.amazonaws.com"))
    leaf.verify_directly_issued_by(old.certificate)
    assert (
        CertificateAuthority(tmp_path, clock=Clock(frozen_at=due + timedelta(days=9))).certificate
        == renewed.certificate
    )


def test_an_authority_that_ends_while_an_emulator_runs_is_renewed(tmp_path: Path) -> None:
    """The certificates of hosts never outlive it, so that the first one that is due finds the authority due as well."""
    clock = Clock(frozen_at=MADE)
    authority = CertificateAuthority(tmp_path, clock=clock)
    clock.advance(timedelta(days=3640))
    assert _presented(authority.context("acme.okta.com"), "acme.okta.com").not_valid_after_utc == (
        MADE + timedelta(days=3640 + 397)
    )
    assert authority.certificate.not_valid_after_utc == MADE + timedelta(days=3640 + 3652)
    assert x509.load_pem_x509_certificate(authority.path.read_bytes()) == authority.certificate


def test_a_folder_that_cannot_be_written_is_no_obstacle_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old certificate is presented as long as it is valid; after that there is nothing to present."""

    def refuse(_path: Path, _data: bytes) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    old = CertificateAuthority(tmp_path, clock=Clock(frozen_at=MADE))
    monkeypatch.setattr("emulator.network.data_folder.keys.write_privately", refuse)
    last_day = Clock(frozen_at=MADE + timedelta(days=3651))
    authority = CertificateAuthority(tmp_path, clock=last_day)
    assert authority.certificate == old.certificate
    assert _presented(authority.context("acme.okta.com"), "acme.okta.com").not_valid_after_utc == (
        MADE + timedelta(days=3652)
    )
    with pytest.raises(EnvironmentProblem, match=r"^The key folder cannot be used: Read-only file system$"):
        CertificateAuthority(tmp_path, clock=Clock(frozen_at=MADE + timedelta(days=3652)))
