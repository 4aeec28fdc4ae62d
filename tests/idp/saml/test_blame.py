"""Who is to blame where several could be: the person or the format, the pair of keys, the encryption or its URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.kernel.explanations import Explanation, Sent, Setting
from emulator.network.data_folder.keys import KeyFolder
from tests.idp.harbour import INES, SESSION_NAME, attribute_place, explained, harbour_org, record_of

NAME = f"{attribute_place(SESSION_NAME)}/AttributeValue"
SIGN_IN = "https://signin.aws.amazon.com/saml"


def _guessed(keys: KeyFolder, *known: str, changes: dict[str, Any] | None = None) -> Explanation | None:
    """Explains a name that resembles none of those that are known."""
    record = record_of(harbour_org(changes or {}, keys=keys), app="custom")
    return record.explain(Sent(NAME, known, is_guess=True))


def _paths(explanation: Explanation) -> list[str]:
    return ["/".join(map(str, each.path)) for each in explanation.causes if isinstance(each, Setting)]


@pytest.mark.parametrize(
    "known",
    [
        INES,
        "icosta@harbour.example",
        "Costa.Ines@harbour.example",
        "ines_costa",
        "INES.COSTA@harbour.example",
        "quaymaster@port.example",
        "ines@port.example",
    ],
)
def test_a_known_name_may_plainly_be_the_persons(keys: KeyFolder, known: str) -> None:
    """Another format or field of theirs, first and last name, or the same mailbox elsewhere: that one is wanted."""
    changes = {f"users/{INES}/profile": {"upn": "quaymaster@port.example"}}
    explanation = _guessed(keys, "jon@harbour.example", known, changes=changes)
    assert explanation is not None
    assert explanation.want == known
    assert set(_paths(explanation)) == {"apps/custom/attributes/1/expressions/0", f"users/{INES}/email"}


@pytest.mark.parametrize(
    "known", [("jon@harbour.example",), ("ines@port.example", "ines@ship.example"), ("costa@harbour.example",), ()]
)
def test_a_person_whom_nobody_there_knows_has_no_wrong_name(keys: KeyFolder, known: tuple[str, ...]) -> None:
    """Other people's names, and those that might be several people's, are nobody's mistake here."""
    assert _guessed(keys, *known) is None


def test_a_key_and_the_certificate_of_another_are_the_only_cause(keys: KeyFolder, tmp_path: Path) -> None:
    """Whatever the SAML provider has registered, no upload of such a certificate helps."""
    org = harbour_org({}, keys=keys)
    key, other = org.apps["direct"].key_pair, org.apps["custom"].key_pair
    (tmp_path / "key.pem").write_bytes(key.private_key_pem)
    (tmp_path / "certificate.pem").write_bytes(other.certificate_pem)
    signing = {"private_key": str(tmp_path / "key.pem"), "certificate": str(tmp_path / "certificate.pem")}
    record = record_of(harbour_org({"apps/direct/signing": signing}, keys=keys), app="direct")
    explanation = explained(record, "/Response/Signature")
    assert explanation.why.startswith(
        "The private key that Direct (direct) signs with and its certificate do not belong together: nobody who knows "
        "the certificate, CN=harbour, "
    )
    assert explanation.fix == (
        "Set signing.private_key to the file of the certificate's own private key, or signing.certificate to that of "
        "the key's own certificate (app > Sign On > SAML Signing Certificates)."
    )
    assert (_paths(explanation), explanation.is_alone) == (["apps/direct/key_pair"], True)


def _encrypting(keys: KeyFolder, folder: Path, **more: str) -> Any:
    certificate = folder / "encryption.pem"
    certificate.write_bytes(harbour_org({}, keys=keys).apps["custom"].key_pair.certificate_pem)
    encryption = {"certificate": str(certificate), **more}
    return record_of(harbour_org({"apps/custom/assertion_encryption": encryption}, keys=keys), app="custom")


def test_a_key_transport_that_nobody_takes_is_named(keys: KeyFolder, tmp_path: Path) -> None:
    """RSA 1.5 is the app's own setting, and the certificate is not blamed."""
    explanation = explained(_encrypting(keys, tmp_path, key_transport="RSA_15"), "/Response/EncryptedAssertion")
    assert explanation.why == (
        "Custom encrypts the key of its assertions with RSA 1.5 (key_transport: RSA_15), which is no longer safe; AWS "
        "takes RSA-OAEP."
    )
    assert _paths(explanation) == ["apps/custom/encryption/key_transport"]
    assert explanation.fix == (
        "Set assertion_encryption.key_transport: RSA_OAEP (app > General > SAML Settings > Assertion Encryption)."
    )


def test_encryption_for_nobody_is_the_apps_mistake(keys: KeyFolder, tmp_path: Path) -> None:
    """Where the judge knows of no URL, nobody can open it; where it knows one, the ACS URL is wrong."""
    record = _encrypting(keys, tmp_path)
    for_nobody = explained(record, "/Response/@Destination")
    assert for_nobody.why == (
        f"Custom encrypts its assertions, and posts them to {SIGN_IN}; only a SAML provider with a private key can "
        "open them, at a sign-in URL of its own."
    )
    assert _paths(for_nobody) == ["apps/custom/encryption", "apps/custom/acs_url"]
    for_another = explained(record, "/Response/@Destination", f"{SIGN_IN}/acs/SAMLSPHARBOUR")
    assert _paths(for_another) == ["apps/custom/acs_url"]
    assert for_another.fix.startswith(f"Set acs_url: {SIGN_IN}/acs/SAMLSPHARBOUR (")


def test_of_a_message_that_was_not_issued_here_no_instant_is_told(keys: KeyFolder) -> None:
    """It only seems to come from the app: its instants are the message's own, and so is its status."""
    record = record_of(harbour_org({}, keys=keys), app="direct")
    assert record.explain(Sent("/Response/Assertion/Conditions/@NotOnOrAfter")) == Explanation("")
    assert record.explain(Sent("/Response/Status/StatusCode/@Value")) is None
