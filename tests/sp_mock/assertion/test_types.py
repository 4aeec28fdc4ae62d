"""The type checker keeps unverified values away from what grants something."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.clock import Ids
from sp_mock.assertion.received import ReceivedResponse
from sp_mock.assertion.signature import VerifiedAssertion, suppose_verified
from sp_mock.sts.assume_role_with_saml import assume_role_with_saml
from tests.sp_mock.conftest import Send

ROOT = Path(__file__).parents[3]

# mypy has to refuse each line that ends in a comment, with the error in the comment, and no other line.
SNIPPET = """
from dataclasses import replace

from emulator.kernel.clock import Ids
from sp_mock.accounts.model import Role
from sp_mock.arn import Arn
from sp_mock.assertion import assertion_checks, checks, message_checks, role_checks
from sp_mock.assertion.condition_keys import saml_condition_keys
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.received import ReceivedResponse
from sp_mock.assertion.session_tags import session_tags
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.trust import require_trust, required_actions
from sp_mock.sts.assume_role_with_saml import assume_role_with_saml


def unverified(message: ReceivedResponse, request: LoginRequest, provider: Arn, ids: Ids) -> None:
    message_checks.issuer(message, request)
    assertion_checks.audience(message, request)  # arg-type
    assertion_checks.audience(message.unverified, request)  # arg-type
    assertion_checks.requested_role(message.unverified, request)  # arg-type
    session_tags(message.unverified, request)  # arg-type
    role_checks.recipient(message.unverified, request)  # arg-type
    require_trust(message.unverified, request)  # arg-type
    required_actions(message.unverified)  # arg-type
    saml_condition_keys(message.unverified, provider)  # arg-type
    checks.check_assertion(message.unverified, request)  # arg-type
    checks.check_role(message, request)  # arg-type
    assume_role_with_saml(message.unverified, request, ids=ids)  # arg-type
    assume_role_with_saml(message, request, ids=ids)  # arg-type
    checks.Check[VerifiedAssertion]("issuer", message_checks.issuer)  # arg-type
    VerifiedAssertion(message.unverified, ("Response",), (), made_by=object())  # arg-type
    VerifiedAssertion(message.unverified, ("Response",), ())  # call-arg


def verified(assertion: VerifiedAssertion, message: ReceivedResponse, request: LoginRequest, role: Role) -> None:
    assertion_checks.audience(assertion, request)
    require_trust(assertion, request)
    replace(assertion, values=message.unverified)  # call-arg
    request.message  # attr-defined
    request.unverified  # attr-defined
    request.role = role  # misc
    message.unverified = assertion.values  # misc
    assertion.values = message.unverified  # misc
"""


def test_unverified_values_do_not_type_check(tmp_path: Path) -> None:
    """Checks after the signature, trust, tags, condition keys and sessions take a verified assertion only."""
    pytest.importorskip("mypy", reason="make check installs mypy")
    snippet = tmp_path / "snippet.py"
    snippet.write_text(SNIPPET, encoding="utf-8")
    options = ["--config-file", "pyproject.toml", "--follow-imports", "silent", "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(  # noqa: S603 - the command is made here
        [sys.executable, "-m", "mypy", *options, str(snippet)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    errors = re.findall(r"snippet\.py:(\d+): error: .* \[([a-z-]+)\]", done.stdout)
    expected = [(str(n), line.partition("  # ")[2]) for n, line in enumerate(SNIPPET.splitlines(), 1) if "  # " in line]
    assert errors == expected, done.stdout + done.stderr


def test_only_the_verifier_makes_a_verified_assertion(send: Send) -> None:
    """Neither a call nor a copy with other values gets past it, even with the type checker silenced."""
    login = send()
    verified = login.verify()
    assert isinstance(login.message, ReceivedResponse)
    make: Any = VerifiedAssertion
    with pytest.raises(TypeError, match="only verify makes a VerifiedAssertion"):
        make(login.message.unverified, ("Response",), (), made_by=object())
    copy: Any = replace
    with pytest.raises((ValueError, TypeError), match="'made_by' must be specified"):  # TypeError since Python 3.13
        copy(verified, values=login.message.unverified)


def test_no_session_is_opened_with_a_supposed_assertion(send: Send) -> None:
    """What the inspector supposes grants nothing, though every check would let it pass."""
    login = send()
    assert isinstance(login.message, ReceivedResponse)
    with pytest.raises(LookupError, match="pass that AWS does not know"):
        assume_role_with_saml(suppose_verified(login.message), login.request, ids=Ids(seed=1))


def test_no_session_is_opened_with_an_assertion_verified_for_another_provider(send: Send) -> None:
    """The signature was made with a key of the request's provider, not of some provider."""
    login = send()
    provider = login.request.provider
    assert provider is not None
    other = replace(provider, metadata=replace(provider.metadata, certificates=()))
    with pytest.raises(LookupError, match="pass that AWS does not know"):
        assume_role_with_saml(login.verify(), replace(login.request, provider=other), ids=Ids(seed=1))


def test_supposing_is_for_verdicts_only() -> None:
    """Only who asks every check and who decides about many by one signature take an assertion at its word."""
    modules = (path for package in ("sp_mock", "emulator", "idp") for path in (ROOT / package).rglob("*.py"))
    found = {path.relative_to(ROOT).as_posix() for path in modules if "suppose_verified" in path.read_text("utf-8")}
    assert found == {
        "sp_mock/assertion/signature.py",
        "sp_mock/assertion/checks.py",
        "emulator/access/messages.py",
    }
