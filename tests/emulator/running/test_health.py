"""What ``fedemu doctor`` finds on this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator.network.certs import CertificateAuthority
from emulator.running.health import Finding, examinations


def _authority() -> Finding:
    return next(finding for finding in examinations(port=0) if finding.subject == "authority")


def test_an_authority_that_is_too_narrow_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that an older version made lacks domains; the finding names them and the way out."""
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path))
    path = tmp_path / "ca.pem"
    assert _authority() == Finding("authority", "ok", f"{path} will be made on first use")
    with monkeypatch.context() as before:
        before.setattr("emulator.network.certs.EMULATED_DOMAINS", ("okta.com", "amazonaws.com"))
        end = f"{CertificateAuthority().certificate.not_valid_after_utc:%Y-%m-%d}"
        assert _authority() == Finding("authority", "ok", f"{path}, until {end}")
    finding = _authority()
    assert finding.verdict == "bad"
    assert finding.text.startswith(f"{path} may not sign for amazonaws-us-gov.com, amazonaws.cn, amazonaws.com.cn, ")
    assert finding.text.endswith("; run fedemu ca remove")


def test_a_file_that_is_not_an_authority_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The finding says so, and there is no traceback."""
    monkeypatch.setenv("FEDEMU_HOME", str(tmp_path))
    (tmp_path / "ca.pem").write_text("not a certificate")
    finding = _authority()
    assert finding.verdict == "bad"
    assert finding.text.startswith(f"{tmp_path / 'ca.pem'}: ")
