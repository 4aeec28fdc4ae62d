"""Issuing, verifying and whole logins without sockets, against the arithmetic that none of them can avoid."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import xmlsec
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from lxml import etree

from emulator.federation import Federation
from emulator.flow import Outcome, log_in
from emulator.network.data_folder.keys import KeyFolder
from emulator.scenarios.runner import run_scenario
from emulator.scenarios.scenario_file import BUILT_IN, find_scenarios
from emulator.world import DEFAULT_WORLD, load_world
from sp_mock.assertion.checks import run_checks
from sp_mock.assertion.login_request import EntryPoint, resolve_request
from sp_mock.assertion.received import receive
from tests.bench.measuring import median, not_measured, ratio, report
from tests.bench.stock import stock_issuer

USER, APP = "hanako@example.com", "amazon-connect"
cpu_ratio = partial(ratio, timer=time.process_time)
_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"


def measure(folder: Path) -> None:
    """Prints every figure that needs no socket."""
    keys = KeyFolder(folder / "keys")
    federation = Federation(load_world(DEFAULT_WORLD), keys=keys)
    provider, app = federation.find_app(APP)
    sign = two_signatures(app.key_pair.private_key_pem)

    def issue() -> object:
        return provider.mint(USER, APP)

    stock = stock_issuer(app.key_pair, folder)
    what = "stock pysaml2 with xmlsec1, against issuing with two signatures"
    if stock is None:
        not_measured(what, "xmlsec1 is not installed")
    else:
        report(what, ratio(stock, issue, rounds=7), at_least=20)
    report("issuing with two signatures, against signing two digests", cpu_ratio(issue, sign, rounds=100), at_most=2.0)

    saml_response = provider.mint(USER, APP).saml_response
    aws, now = federation.aws_services.aws, federation.clock.now()

    def check() -> None:
        message = receive(saml_response)
        run_checks(message, resolve_request(message, aws=aws, entry_point=EntryPoint.SIGN_IN, now=now))

    verify = two_verifications(saml_response, app.key_pair.certificate_pem)
    what = "verifying and asking all checks, against python-xmlsec verifying the same two signatures"
    report(what, cpu_ratio(check, verify, rounds=200), at_most=1.3)

    def login(where: Federation = federation) -> object:
        made = log_in(where, user=USER, app=APP)
        assert made.outcome is Outcome.ACCEPTED
        return made

    report(
        "a login in process, tile to CCP, against signing two digests", cpu_ratio(login, sign, rounds=40), at_most=10
    )
    _fresh_federations(keys, login)


def _fresh_federations(keys: KeyFolder, login: Callable[..., object]) -> None:
    """Prints what a federation of its own costs: for one login, and for each scenario of the catalogue."""
    world = load_world(DEFAULT_WORLD)
    used = Federation(world, keys=keys)

    def first() -> object:
        return login(Federation(world, keys=keys))

    def later() -> object:
        return login(used)

    report(
        "the first login of a fresh federation, against a later login", cpu_ratio(first, later, rounds=30), at_most=1.5
    )
    scenarios = find_scenarios([BUILT_IN])
    for scenario in scenarios[:20]:
        run_scenario(scenario, keys=keys)
    figures = []
    for _ in range(5):
        of_login = _cpu(later, times=50)
        began = time.process_time()
        for scenario in scenarios:
            run_scenario(scenario, keys=keys)
        figures.append((time.process_time() - began) / len(scenarios) / of_login)
    report(f"a scenario of the catalogue ({len(scenarios)}), CPU against a later login", median(figures), at_most=2)


def _cpu(call: Callable[[], object], *, times: int) -> float:
    """Returns the CPU seconds of one call."""
    call()
    began = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - began) / times


def two_signatures(private_key_pem: bytes) -> Callable[[], object]:
    """Returns a function that signs two SHA-256 digests with RSA-2048 and does nothing else."""
    key = serialization.load_pem_private_key(private_key_pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    algorithm = utils.Prehashed(hashes.SHA256())
    digest = b"d" * 32

    def sign() -> object:
        return key.sign(digest, padding.PKCS1v15(), algorithm), key.sign(digest, padding.PKCS1v15(), algorithm)

    return sign


def two_verifications(saml_response: str, certificate_pem: bytes) -> Callable[[], object]:
    """Returns a function that decodes and parses a Response and verifies its two signatures with python-xmlsec."""
    key = xmlsec.Key.from_memory(certificate_pem, xmlsec.constants.KeyDataFormatCertPem)

    def verify() -> None:
        root = etree.fromstring(base64.b64decode(saml_response))
        for element in (root, root.find(_ASSERTION)):
            assert element is not None
            signature = element.find(_SIGNATURE)
            assert signature is not None
            context = xmlsec.SignatureContext()
            context.key = key
            context.register_id(element, "ID")
            context.verify(signature)

    return verify
