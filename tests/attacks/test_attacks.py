"""No message of the attack table gets in, at sign-in or at STS, and each is refused by the check that is meant to."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
import xmlsec
from lxml import etree

from tests.attacks import (
    benign,
    claims,
    encodings,
    encryption,
    session_claims,
    signatures,
    signers,
    tampering,
    wrapped_assertions,
    wrapped_responses,
)
from tests.attacks.conftest import Send
from tests.attacks.identity import key_pair
from tests.attacks.message import DS, FORGED_NAME, SAML, provider_arn, role_arn
from tests.attacks.table import Attack
from tests.conftest import USER

WRAPPED: list[Attack] = [*wrapped_assertions.attacks(), *wrapped_responses.attacks()]
ATTACKS: list[Attack] = [
    *WRAPPED,
    *signers.attacks(),
    *signatures.attacks(),
    *tampering.attacks(),
    *claims.attacks(),
    *session_claims.attacks(),
    *encodings.attacks(),
    *encryption.attacks(),
]


def _tried(*, at_sts: bool) -> Iterator[Attack]:
    return (attack for attack in ATTACKS if not (at_sts and attack.sign_in_only))


TRIED = [
    pytest.param(attack, at_sts, id=f"{attack.name}-{'STS' if at_sts else 'sign-in'}")
    for at_sts in (False, True)
    for attack in _tried(at_sts=at_sts)
]


@pytest.mark.parametrize(("attack", "at_sts"), TRIED)
def test_an_attack_is_refused(send: Send, attack: Attack, at_sts: bool) -> None:
    """By its check, with its code and words, and nobody is signed in."""
    answer = send(
        attack.make(),
        at_sts=at_sts,
        provider=attack.provider,
        to_the_providers_url=attack.to_the_providers_url,
    )
    refusal = answer.refusal
    assert answer.session == ""
    assert refusal is not None
    assert (refusal.check, refusal.code, refusal.message) == attack.expected(at_sts=at_sts)
    assert refusal.explanation
    assert refusal.fix
    assert 1 <= len(refusal.causes) <= 2


def test_the_table_is_large_and_no_row_is_there_twice() -> None:
    """At least 250 different messages."""
    assert len(ATTACKS) == len({attack.name for attack in ATTACKS})
    assert len({attack.make() for attack in ATTACKS}) >= 250


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.sign_in_only], ids=lambda attack: attack.name
)
def test_what_sign_in_alone_refuses_is_taken_by_sts(send: Send, attack: Attack) -> None:
    """The site that a Response is posted to checks where it was sent."""
    answer = send(attack.make(), at_sts=True)
    assert (answer.refusal, answer.session) == (None, USER)


def test_an_attackers_identity_provider_gets_its_own_roles_only(send: Send) -> None:
    """Its assertion names a trusted provider's role beside its own: sign-in drops the one, and STS refuses it."""
    roles = (f"{role_arn('Guest')},{provider_arn('attacker')}", f"{role_arn('Agent')},{provider_arn('idp')}")
    message = session_claims.of_the_attackers_provider(*roles)
    assert send(message.saml_response(), at_sts=False) == (answer := send(message.saml_response(), at_sts=False))
    assert (answer.role, answer.refusal) == (role_arn("Guest"), None)
    refusal = send(message.saml_response(), at_sts=True, provider="idp").refusal
    assert refusal is not None
    assert refusal.check == "issuer"


def _careless_readers(saml_response: str) -> set[str]:
    """Returns whom readers let in who verify whatever signature they find, and read whatever assertion they find."""
    root = etree.fromstring(base64.b64decode(saml_response))
    if not any(_verifies(saml_response, position) for position, _ in enumerate(root.iter(f"{DS}Signature"))):
        return set()
    found = [element.text or "" for element in root.iter(f"{SAML}NameID")]
    shown = [element.text or "" for element in root.iterfind(f"{SAML}Assertion/{SAML}Subject/{SAML}NameID")]
    return {found[0], found[-1], *shown[:1]}


def _verifies(saml_response: str, position: int) -> bool:
    root = etree.fromstring(base64.b64decode(saml_response))
    context = xmlsec.SignatureContext()
    context.key = key_pair("trusted").xmlsec_key()
    xmlsec.tree.add_ids(root, ["ID"])
    try:
        context.verify(list(root.iter(f"{DS}Signature"))[position])
    except xmlsec.Error:
        return False
    return True


def test_the_wrapped_messages_deceive_careless_readers() -> None:
    """So they are attacks, and it is the verifier that they fail at; the rest are tries that xmlsec sees through."""
    wrapped = [attack for attack in WRAPPED if attack.provider != "idp-ec"]
    deceiving = [attack.name for attack in wrapped if FORGED_NAME in _careless_readers(attack.make())]
    assert len(deceiving) > len(wrapped) / 2


@pytest.mark.parametrize("at_sts", [False, True], ids=["sign-in", "STS"])
def test_a_message_that_is_too_long_is_refused(send: Send, at_sts: bool) -> None:
    """At sign-in as base64 that cannot be used, at STS as a parameter that is too long."""
    answer = send(encodings.too_long(), at_sts=at_sts)
    assert answer.session == ""
    assert answer.refusal is not None
    code = "ValidationError" if at_sts else "InvalidSAMLResponse"
    assert (answer.refusal.check, answer.refusal.code) == ("parameters" if at_sts else "base64", code)


BENIGN = list(benign.messages())


@pytest.mark.parametrize("at_sts", [False, True], ids=["sign-in", "STS"])
@pytest.mark.parametrize("message", BENIGN, ids=lambda message: message.name)
def test_a_benign_message_is_taken(send: Send, message: benign.Benign, at_sts: bool) -> None:
    """Nothing speaks against it, and the person is signed in with the role."""
    answer = send(
        message.make(), at_sts=at_sts, provider=message.provider, to_the_providers_url=message.to_the_providers_url
    )
    assert answer.refusal is None, f"{answer.refusal}: {answer.refusal.explanation}"
    assert (answer.session, answer.role) == (USER, role_arn("Agent"))


def test_there_are_many_benign_messages() -> None:
    """At least forty, each another one."""
    assert len(BENIGN) == len({message.name for message in BENIGN}) >= 40
