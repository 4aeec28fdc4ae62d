"""Encrypted assertions: our identity provider's and another tool's against AWS's side, and outsiders against both."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from emulator.browser import Page
from emulator.diagnosis.setting_checks import contradictions
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.inspection.judging import inspect
from emulator.inspection.verdicts import Outcome, Verdict
from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal, WorldError
from emulator.kernel.explanations import ROLE_ASKED_FOR, Asked, Sent
from emulator.network.data_folder.keys import KeyFolder
from emulator.running.state.reading import load_state
from emulator.running.state.writing import dump_state
from emulator.world import World, change_world
from idp.model import KeyPair
from idp.saml.encryption import encrypt_assertion
from idp.saml.faults import parse_fault
from idp.saml.keys import make_key_pair
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion.login_request import EntryPoint
from sp_mock.assertion.received import ReceivedResponse, receive
from sp_mock.assertion.signature import VerifiedAssertion, verify
from sp_mock.assertion.signature_shape import BadSignature
from tests.conftest import ACCOUNT, APP, PROVIDER_ARN, ROLE_ARN, USER
from tests.requirements import program
from tests.sdk import refused
from tests.sp_mock.conftest import login_of

INVALID = "Your request included an invalid SAML response. To logout, click here."
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
XENC = "{http://www.w3.org/2001/04/xmlenc#}"
Build = Callable[..., Federation]


@pytest.fixture(scope="module")
def pairs() -> tuple[KeyPair, KeyPair]:
    """Returns the service provider's old and new key."""
    clock, ids = Clock(), Ids(seed=5)
    return make_key_pair(common_name="old", clock=clock, ids=ids), make_key_pair(
        common_name="new", clock=clock, ids=ids
    )


@pytest.fixture
def build(world: World, clock: Clock, keys: KeyFolder, pairs: tuple[KeyPair, KeyPair], tmp_path: Path) -> Build:
    """Returns a function that builds the world with a provider that has keys, and an app that encrypts."""
    for name, pair in zip(("old", "new"), pairs, strict=True):
        (tmp_path / f"{name}.key").write_bytes(pair.private_key_pem)
        (tmp_path / f"{name}.crt").write_bytes(pair.certificate_pem)

    def make(
        mode: str | None = "Required", *, files: tuple[str, ...] = ("old",), own_url: bool = True, **encryption: str
    ) -> Federation:
        plain = Federation(world, clock=clock, ids=Ids(seed=7), keys=keys)
        provider = plain.aws_services.aws.saml_provider(PROVIDER_ARN)
        assert provider is not None
        changes: dict[str, Any] = {
            f"/aws/{ACCOUNT}/saml_providers/okta/private_keys": [str(tmp_path / f"{name}.key") for name in files],
        }
        if mode is not None:
            changes[f"/aws/{ACCOUNT}/saml_providers/okta/assertion_encryption"] = mode
        if encryption.pop("encrypts", "yes") == "yes":
            certificate = str(tmp_path / f"{encryption.pop('certificate', 'old')}.crt")
            changes[f"/okta/acme/apps/{APP}/assertion_encryption"] = {"certificate": certificate, **encryption}
        if own_url:
            url = f"https://signin.aws.amazon.com/saml/acs/{provider.provider_id}"
            changes[f"/okta/acme/apps/{APP}/acs_url"] = url
            trusted = f"/aws/{ACCOUNT}/roles/ConnectAgent/trust/Statement/0/Condition/StringEquals/SAML:aud"
            changes[trusted] = [url, "https://signin.aws.amazon.com/saml"]
        return Federation(change_world(world, changes), clock=clock, ids=Ids(seed=7), keys=keys)

    return make


ALGORITHMS = ("AES128_GCM", "AES256_GCM", "AES128_CBC", "AES256_CBC")


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_encrypted_login_arrives(build: Build, algorithm: str) -> None:
    """Tile, encrypted assertion, the provider's own sign-in URL, instance; nobody in between can read the name."""
    federation = build(algorithm=algorithm)
    login = log_in(federation, user=USER, app=APP)
    assert login.lands_on == "https://acme.my.connect.aws/home"
    posted = base64.b64decode(login.saml_response)
    assert b"EncryptedAssertion" in posted
    assert USER.encode() not in posted


def test_sts_takes_it_too(build: Build, sdk: Any) -> None:
    """The call names the provider, whose key opens the assertion."""
    federation = build()
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    asked: dict[str, Any] = {"entry_point": EntryPoint.STS, "role_arn": ROLE_ARN, "provider_arn": PROVIDER_ARN}
    verified = login_of(federation, assertion, **asked).verify()
    assert verified.values.name_id == USER
    assert verified.signed == ("Response", "Assertion")


def _provider(federation: Federation) -> SamlProvider:
    provider = federation.aws_services.aws.saml_provider(PROVIDER_ARN)
    assert provider is not None
    return provider


def _verify(federation: Federation, assertion: str) -> tuple[ReceivedResponse, VerifiedAssertion]:
    """Decrypts with the provider's keys and verifies with its certificates."""
    message = receive(assertion, addressed_to=_provider(federation))
    assert isinstance(message, ReceivedResponse)
    return message, verify(message, _provider(federation).metadata.certificates)


def _post(federation: Federation, assertion: str, path: str = "/saml") -> Page:
    return federation.browser().post(f"https://signin.aws.amazon.com{path}", {"SAMLResponse": assertion})


def _own_path(federation: Federation) -> str:
    return f"/saml/acs/{_provider(federation).provider_id}"


def _why(federation: Federation, page: Page) -> tuple[str, str]:
    assert INVALID in page.visible_text
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    return refusal.check, refusal.explanation


def test_what_the_mode_asks_for(build: Build) -> None:
    """Allowed takes both; Required takes encrypted assertions at the provider's own URL only."""
    plain = build(encrypts="no", own_url=False)
    assertion = plain.identity_providers["acme"].mint(USER, APP).saml_response
    check, why = _why(plain, _post(plain, assertion, _own_path(plain)))
    assert (check, why) == ("assertion-encryption", f"{PROVIDER_ARN} requires encrypted assertions; this one is not.")
    allowed = build("Allowed", encrypts="no", own_url=False)
    assert "Console Home" in _post(allowed, assertion).visible_text
    assert "Console Home" in _post(allowed, assertion, _own_path(allowed)).visible_text
    both = build("Allowed", own_url=False)
    encrypted = both.identity_providers["acme"].mint(USER, APP).saml_response
    assert "Console Home" in _post(both, encrypted, _own_path(both)).visible_text
    check, why = _why(both, _post(both, encrypted))
    assert check == "response"
    assert why.startswith(
        "The assertion is encrypted, and it was posted to a URL that does not say for which SAML prov"
    )


def test_the_url_of_another_provider(build: Build) -> None:
    """An unknown id, and an assertion for another provider than the URL's."""
    federation = build()
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    check, why = _why(federation, _post(federation, assertion, "/saml/acs/SAMLSP0000000000000000"))
    assert (check, why) == ("provider", "No SAML provider has the unique id SAMLSP0000000000000000.")
    metadata = federation.browser().open(
        f"https://signin.aws.amazon.com/static{_own_path(federation)[:5]}/nobody/saml-metadata.xml"
    )
    assert metadata.status == 400
    plain = build(None, encrypts="no", own_url=False)
    asked: dict[str, Any] = {"acs_provider_arn": f"arn:aws:iam::{ACCOUNT}:saml-provider/other"}
    login = login_of(plain, plain.identity_providers["acme"].mint(USER, APP).saml_response, **asked)
    with pytest.raises(AwsRefusal) as caught:
        login.check()
    assert caught.value.check == "assertion-encryption"
    assert caught.value.explanation == (
        f"The assertion is for {PROVIDER_ARN}, the URL belongs to arn:aws:iam::{ACCOUNT}:saml-provider/other."
    )


def test_the_metadata_of_one_provider(build: Build) -> None:
    """It has the provider's own URL as assertion consumer service, on the host it was asked from."""
    federation = build()
    path = _own_path(federation).replace("/saml/acs/", "/static/saml/") + "/saml-metadata.xml"
    page = federation.browser().open(f"https://eu-west-1.signin.aws.amazon.com{path}")
    assert f'Location="https://eu-west-1.signin.aws.amazon.com{_own_path(federation)}"' in page.text


def test_a_rotation(build: Build) -> None:
    """With both keys at the provider either certificate works; with the old one alone the new does not."""
    for certificate in ("old", "new"):
        federation = build(files=("old", "new"), certificate=certificate)
        assert log_in(federation, user=USER, app=APP).outcome.value == "accepted"
    federation = build(files=("old",), certificate="new")
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    check, why = _why(federation, _post(federation, assertion, _own_path(federation)))
    assert (check, why) == (
        "response",
        "The assertion cannot be decrypted: none of the provider's private keys opens it, or it was changed on the "
        "way.",
    )


def test_a_provider_without_a_key(build: Build) -> None:
    """An encrypted assertion for a provider that cannot open any."""
    federation = build(None, files=())
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    check, why = _why(federation, _post(federation, assertion, _own_path(federation)))
    assert (check, why) == (
        "response",
        f"The assertion is encrypted, and {PROVIDER_ARN} has no private key to open it.",
    )


def test_no_provider_has_a_key(build: Build) -> None:
    """The app that encrypts is the mistake, not the URL that it posts to."""
    federation = build(None, files=(), own_url=False)
    login = login_of(federation, federation.identity_providers["acme"].mint(USER, APP).saml_response)
    with pytest.raises(AwsRefusal) as caught:
        login.check()
    assert caught.value.explanation == "The assertion is encrypted, and no SAML provider has a private key to open it."
    assert caught.value.causes == (Sent("/Response/EncryptedAssertion"),)


def test_an_encrypted_message_at_the_url_of_another_apps_provider(build: Build, clock: Clock, keys: KeyFolder) -> None:
    """By its Issuer it is for the provider that can open it: the URL, or whoever asks STS, is the mistake."""
    second = f"arn:aws:iam::{ACCOUNT}:saml-provider/second"
    changes = {
        "/okta/acme/apps/other": {"identity_provider_arn": second},
        f"/aws/{ACCOUNT}/saml_providers/second": {"metadata": {"okta_app": "acme/other"}},
    }
    federation = Federation(change_world(build().world, changes), clock=clock, ids=Ids(seed=7), keys=keys)
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    asked: dict[str, Any] = {"entry_point": EntryPoint.STS, "role_arn": ROLE_ARN, "provider_arn": second}
    own = f"https://signin.aws.amazon.com{_own_path(federation)}"
    for how, fix, cause in (
        (
            {"acs_provider_arn": second},
            f"Set the app's single sign-on URL (acs_url) to {own}.",
            Sent("/Response/@Destination", wanted=(own,)),
        ),
        (asked, f"Ask with {PROVIDER_ARN} as PrincipalArn.", Asked(ROLE_ASKED_FOR)),
    ):
        with pytest.raises(AwsRefusal) as caught:
            login_of(federation, assertion, **how).check()
        assert caught.value.explanation == (
            f"The assertion is encrypted, and {second}, which it was sent to, cannot open it. By its Issuer it is for "
            f"{PROVIDER_ARN}."
        )
        assert (caught.value.fix, caught.value.causes) == (fix, (cause,))


def test_rsa_with_pkcs1_padding_is_not_taken(build: Build) -> None:
    """RSA 1.5 leaks; it is refused whatever key there is."""
    federation = build(key_transport="RSA_15")
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    check, why = _why(federation, _post(federation, assertion, _own_path(federation)))
    assert (check, why) == (
        "response",
        "The assertion cannot be decrypted: the key is encrypted with http://www.w3.org/2001/04/xmlenc#rsa-1_5, not "
        "RSA-OAEP.",
    )


def _changed(assertion: str, change: Callable[[etree._Element], None]) -> str:
    root = etree.fromstring(base64.b64decode(assertion))
    change(root)
    return base64.b64encode(etree.tostring(root)).decode()


def _flip(path: str) -> Callable[[etree._Element], None]:
    def change(root: etree._Element) -> None:
        value = root.find(path)
        assert value is not None
        data = bytearray(base64.b64decode(value.text or ""))
        data[-1] ^= 1
        value.text = base64.b64encode(bytes(data)).decode()

    return change


@pytest.mark.parametrize("algorithm", ["AES256_GCM", "AES256_CBC"])
@pytest.mark.parametrize("part", ["EncryptedData", "EncryptedKey"])
def test_a_changed_cipher_text_says_nothing(build: Build, algorithm: str, part: str) -> None:
    """Key, padding or tag: the caller learns the same sentence, whatever was wrong."""
    federation = build(algorithm=algorithm)
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    changed = _changed(assertion, _flip(f".//{XENC}{part}/{XENC}CipherData/{XENC}CipherValue"))
    page = _post(federation, changed, _own_path(federation))
    assert INVALID in page.visible_text
    refusal = federation.gateway.exchanges[-1].refusal
    assert refusal is not None
    assert refusal.message == INVALID


def _append_plain(root: etree._Element) -> None:
    etree.SubElement(root, f"{SAML}Assertion")


def _double(root: etree._Element) -> None:
    encrypted = root.find(f"{SAML}EncryptedAssertion")
    assert encrypted is not None
    root.append(etree.fromstring(etree.tostring(encrypted)))


def _bury(root: etree._Element) -> None:
    encrypted = root.find(f"{SAML}EncryptedAssertion")
    assert encrypted is not None
    etree.SubElement(root, "{urn:x}Extensions").append(encrypted)


@pytest.mark.parametrize(
    ("attack", "said"),
    [
        (
            _append_plain,
            "The Response has a plain assertion beside an encrypted one: /Response/EncryptedAssertion, "
            "/Response/Assertion.",
        ),
        (
            _double,
            "The Response has 2 encrypted assertions: /Response/EncryptedAssertion[1], "
            "/Response/EncryptedAssertion[2].",
        ),
        (
            _bury,
            "The encrypted assertion is not a child of the Response: it is at /Response/Extensions/EncryptedAssertion.",
        ),
    ],
)
def test_wrapping(build: Build, attack: Callable[[etree._Element], None], said: str) -> None:
    """A second assertion beside the encrypted one, two of them, or one somewhere else: none is read."""
    federation = build()
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    check, why = _why(federation, _post(federation, _changed(assertion, attack), _own_path(federation)))
    assert (check, why) == ("response", said)


def test_an_unsigned_envelope_around_a_signed_assertion(build: Build) -> None:
    """The assertion's own signature is enough, and tampering inside the envelope is seen."""
    federation = build(encrypts="no", own_url=False)
    app = build().identity_providers["acme"].org.apps[APP]
    assert app.encryption is not None
    provider = federation.identity_providers["acme"]
    signed = provider.mint(USER, APP, faults=[parse_fault({"signature": "assertion-only"})]).xml.decode()
    for text, expected in ((signed, True), (signed.replace(USER, "mallory@example.com"), False)):
        assertion = base64.b64encode(encrypt_assertion(text, app.encryption).encode()).decode()
        if expected:
            assert _verify(federation, assertion)[1].signed == ("Assertion",)
        else:
            with pytest.raises(BadSignature, match="The Assertion was changed after it was signed"):
                _verify(federation, assertion)


@pytest.mark.judge
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_xmlsec1_opens_what_the_app_encrypts(
    build: Build, pairs: tuple[KeyPair, KeyPair], algorithm: str, tmp_path: Path
) -> None:
    """An outsider with the private key reads the assertion."""
    federation = build(algorithm=algorithm)
    (tmp_path / "response.xml").write_bytes(federation.identity_providers["acme"].mint(USER, APP).xml)
    (tmp_path / "key.pem").write_bytes(pairs[0].private_key_pem)
    opened = subprocess.run(  # noqa: S603
        [program("xmlsec1"), "--decrypt", "--privkey-pem", "key.pem", "response.xml"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    ).stdout
    assertion = etree.fromstring(opened).find(f"{SAML}EncryptedAssertion/{SAML}Assertion")
    assert assertion is not None
    assert assertion.findtext(f"{SAML}Subject/{SAML}NameID") == USER


_TEMPLATE = """<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">
<xenc:EncryptionMethod Algorithm="{data}"/>
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="{key}"/><ds:KeyInfo/><xenc:CipherData><xenc:CipherValue/></xenc:CipherData>
</xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>"""
OUTSIDE = [
    ("http://www.w3.org/2001/04/xmlenc#aes192-cbc", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "aes-192"),
    ("http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p", "aes-256"),
]


@pytest.mark.judge
@pytest.mark.parametrize(("data", "key", "session"), OUTSIDE)
def test_what_xmlsec1_encrypts_is_opened(
    build: Build, pairs: tuple[KeyPair, KeyPair], tmp_path: Path, data: str, key: str, session: str
) -> None:
    """Another tool's envelope around a signed assertion."""
    federation = build(encrypts="no", own_url=False)
    fault = parse_fault({"signature": "assertion-only"})
    xml = federation.identity_providers["acme"].mint(USER, APP, faults=[fault]).xml
    (tmp_path / "response.xml").write_bytes(xml)
    (tmp_path / "template.xml").write_text(_TEMPLATE.format(data=data, key=key))
    (tmp_path / "certificate.pem").write_bytes(pairs[0].certificate_pem)
    command = [program("xmlsec1"), "--encrypt", "--pubkey-cert-pem", "certificate.pem"]
    command += ["--session-key", session, "--xml-data", "response.xml", "--node-name", f"{SAML[1:-1]}:Assertion"]
    done = subprocess.run(  # noqa: S603
        [*command, "template.xml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    root = etree.fromstring(done.stdout.encode())
    envelope = root.find(f"{XENC}EncryptedData")
    assert envelope is not None
    holder = etree.SubElement(root, f"{SAML}EncryptedAssertion")
    holder.append(envelope)
    message, verified = _verify(federation, base64.b64encode(etree.tostring(root)).decode())
    assert verified.values.name_id == USER
    assert message.decrypted_with.startswith("SAMLPK")


def test_the_keys_are_managed_by_api(federation: Federation, sdk: Any, pairs: tuple[KeyPair, KeyPair]) -> None:
    """Add, rotate, require, remove; each refusal has the documented sentence and changes nothing."""
    iam = sdk("iam")
    old, new = (pair.private_key_pem.decode() for pair in pairs)

    def update(**changes: str) -> Any:
        return iam.update_saml_provider(SAMLProviderArn=PROVIDER_ARN, **changes)

    def got() -> Any:
        return iam.get_saml_provider(SAMLProviderArn=PROVIDER_ARN)

    with refused(
        "InvalidInput",
        "Unable to update identity provider. No updates are defined for metadata or encryption assertion.",
        status=400,
    ):
        update()
    with refused(
        "InvalidInput",
        "Unable to set assertion encryption mode to Required because no private key is provided.",
        status=400,
    ):
        update(AssertionEncryptionMode="Required")
    for bad in ("x", pairs[0].certificate_pem.decode()):
        with refused("InvalidInput", "Invalid private key.", status=400):
            update(AddPrivateKey=bad)
    assert got()["PrivateKeyList"] == []
    update(AddPrivateKey=old, AssertionEncryptionMode="Required")
    assert got()["AssertionEncryptionMode"] == "Required"
    (first,) = got()["PrivateKeyList"]
    assert 22 <= len(first["KeyId"]) <= 64
    assert first["Timestamp"] == federation.clock.now()
    with refused("InvalidInput", "Failed to remove private key.", status=400):
        update(RemovePrivateKey=first["KeyId"])
    update(AddPrivateKey=new)
    with refused("LimitExceeded", "Private key limit of 2 is reached.", status=409):
        update(AddPrivateKey=new)
    with refused(
        "InvalidInput",
        "Unable to add and remove private keys in the same request. Set a value for only one of the two parameters.",
        status=400,
    ):
        update(AddPrivateKey=new, RemovePrivateKey=first["KeyId"])
    words = "Failed to remove private key because the Key ID does not match a private key."
    with refused("InvalidInput", words, status=400):
        update(RemovePrivateKey="SAMLPK0000000000000000")
    update(RemovePrivateKey=first["KeyId"])
    assert [key["KeyId"] == first["KeyId"] for key in got()["PrivateKeyList"]] == [False]
    assert got()["SAMLProviderUUID"].startswith("SAMLSP")
    assert old not in str([exchange.form for exchange in federation.gateway.exchanges])


def test_keys_that_a_world_cannot_have(build: Build, world: World, tmp_path: Path, keys: KeyFolder) -> None:
    """A certificate where a key belongs, and encryption without a key, are refused at their place."""
    build()
    at = f"/aws/{ACCOUNT}/saml_providers/okta"
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {f"{at}/private_keys": [str(tmp_path / "old.crt")]}), keys=keys)
    assert caught.value.problems[0].message.endswith("old.crt: Invalid private key.")
    with pytest.raises(WorldError, match="assertion_encryption: Required needs a private key"):
        change_world(world, {f"{at}/assertion_encryption": "Required"})
    with pytest.raises(WorldError) as caught:
        Federation(change_world(world, {f"{at}/private_keys": [(tmp_path / "old.crt").read_text()]}), keys=keys)
    assert caught.value.problems[0].message == "Invalid private key."
    pem = (tmp_path / "old.key").read_text()
    with pytest.raises(WorldError) as caught:
        change_world(world, {f"{at}/private_keys": [pem, pem, pem]})
    assert caught.value.problems[0].message == "(secret) does not fit"
    certificate = {"certificate": str(tmp_path / "old.key")}
    changed = change_world(world, {f"/okta/acme/apps/{APP}/assertion_encryption": certificate})
    with pytest.raises(WorldError) as caught:
        Federation(changed, keys=keys)
    assert caught.value.problems[0].message.endswith("old.key: this is not a certificate with an RSA key")


def test_a_key_may_be_in_the_world_itself(build: Build, tmp_path: Path, keys: KeyFolder) -> None:
    """A PEM text opens what the key's file opens, and is in no text of the settings."""
    federation = build()
    pem = (tmp_path / "old.key").read_text()
    changed = change_world(federation.world, {f"/aws/{ACCOUNT}/saml_providers/okta/private_keys": [pem]})
    assert log_in(Federation(changed, keys=keys), user=USER, app=APP).outcome.value == "accepted"
    assert "PRIVATE KEY" not in repr(changed.settings)


def test_check_reports_what_cannot_arrive(build: Build, keys: KeyFolder) -> None:
    """A certificate for another key, the general sign-in URL, and a URL that nobody has."""
    assert [problem.message for problem in contradictions(build())] == []
    (problem,) = contradictions(build(certificate="new"))
    assert problem.message == f"the certificate belongs to no private key of {PROVIDER_ARN}"
    federation = build(own_url=False)
    (problem,) = contradictions(federation)
    assert problem.message == "encrypted assertions go to the SAML provider's own sign-in URL"
    assert problem.expected == f"https://signin.aws.amazon.com{_own_path(federation)}"
    url = "https://signin.aws.amazon.com/saml/acs/SAMLSP0000000000000000"
    changed = change_world(federation.world, {f"/okta/acme/apps/{APP}/acs_url": url})
    (problem,) = contradictions(Federation(changed, keys=keys))
    assert problem.message == "no SAML provider has this sign-in URL"


def test_inspect_opens_it_with_the_world(build: Build) -> None:
    """The Destination says whose keys; without a world nothing behind the envelope can be asked."""
    federation = build()
    assertion = federation.identity_providers["acme"].mint(USER, APP).saml_response
    inspection = inspect(assertion, federation=federation, now=None)
    assert inspection.failed == ()
    key_id = _provider(federation).private_keys[0].key_id
    assert inspection.facts["Encrypted"] == f"yes; opened with the private key {key_id}"
    alone = inspect(assertion, federation=None, now=None)
    assert {finding.text for finding in alone.findings if finding.verdict is not Verdict.PASSED} == {
        "the assertion is encrypted: give the world whose SAML provider has the private key with --world"
    }
    assert alone.outcome is Outcome.UNDECIDED
    elsewhere = inspect(assertion, federation=build("Allowed", files=()), now=None)
    assert elsewhere.failed[0].check == "response"


def test_a_state_keeps_the_keys(build: Build) -> None:
    """A dump, read into a federation that has none, opens assertions again."""
    federation = build()
    dumped = dump_state(federation)
    other = build(None, files=())
    load_state(other, dumped)
    assert log_in(other, user=USER, app=APP).outcome.value == "accepted"
