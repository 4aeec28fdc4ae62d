"""The local authority: made once, for the emulated names only, and found too narrow where it is."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from pathlib import Path

import pytest

from emulator.kernel.errors import EnvironmentProblem
from emulator.network.certs import EMULATED_DOMAINS, CertificateAuthority, missing_domains, remove_authority

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
        before.setattr("emulator.network.certs.EMULATED_DOMAINS", OLD_DOMAINS)
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
