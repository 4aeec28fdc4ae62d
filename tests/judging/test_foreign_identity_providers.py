"""Identity providers of others log in to the Amazon Connect mock: their own keys, metadata, assertions and forms."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from emulator.browser import Page
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.model import KeyPair
from idp.saml.keys import make_key_pair
from tests.clients.conftest import CLIENTS
from tests.conftest import PROVIDER_ARN, ROLE_ARN, USER
from tests.judging.processes import free_port, plain_session, running
from tests.requirements import installed, program

CONNECT = "https://ap-northeast-1.console.aws.amazon.com/connect/federate/12345678-90ab-cdef-1234-567890abcdef"
CLAIMS = {
    "https://aws.amazon.com/SAML/Attributes/Role": [f"{ROLE_ARN},{PROVIDER_ARN}"],
    "https://aws.amazon.com/SAML/Attributes/RoleSessionName": USER,
    "https://aws.amazon.com/SAML/Attributes/SessionDuration": "3600",
}
SIMPLESAMLPHP = Path("/usr/share/simplesamlphp/www")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns a folder with a key pair of the foreign identity provider."""
    pair: KeyPair = make_key_pair(common_name="foreign", clock=Clock(), ids=Ids())
    (tmp_path / "server.pem").write_bytes(pair.private_key_pem)
    (tmp_path / "server.crt").write_bytes(pair.certificate_pem)
    return tmp_path


def _shown(response: requests.Response) -> Page:
    """Returns what a browser would show of an answer that came over a socket."""
    return Page(response.url, response.status_code, dict(response.headers), response.text)


def _logs_in(world: World, keys: KeyFolder, metadata: str, page: Page) -> None:
    """Registers the metadata at AWS, posts what the identity provider's form posts, and looks where that ends."""
    changed = change_world(world, {"/aws/123456789012/saml_providers/okta/metadata": {"xml": metadata}})
    federation = Federation(changed, clock=Clock(), ids=Ids(), keys=keys)
    assert page.forms, page.visible_text
    form = page.forms[0]
    assert form.action == "https://signin.aws.amazon.com/saml"
    arrived = federation.browser().post(form.action, form.fields)
    refusal = next((e.refusal for e in federation.gateway.exchanges if e.refusal), None)
    assert arrived.url == "https://acme.my.connect.aws/ccp-v2", refusal and (refusal.message, refusal.explanation)
    assert "Hanako Sato" in arrived.visible_text
    changed_field = {**form.fields, "SAMLResponse": form.fields["SAMLResponse"][:-40] + "A" * 36 + "AA=="}
    assert "acme.my.connect.aws" not in federation.browser().post(form.action, changed_field).url


@pytest.fixture
def samlp(folder: Path) -> Iterator[str]:
    """Runs the npm package samlp as an identity provider; returns its URL."""
    node, library = program("node"), installed(CLIENTS / "node_modules" / "samlp")
    port, script = free_port(), Path(__file__).parent / "samlp_idp.js"
    command = [node, str(script), str(library), str(port), "server.pem", "server.crt", json.dumps(CLAIMS)]
    with running(command, port=port, folder=folder, environment={"PATH": os.environ["PATH"]}, path="/metadata"):
        yield f"http://127.0.0.1:{port}"


def test_samlp(samlp: str, world: World, keys: KeyFolder) -> None:
    """Auth0's package for Node: metadata in, assertion in, CCP open."""
    with plain_session() as session:
        metadata = session.get(f"{samlp}/metadata").text
        page = _shown(session.get(f"{samlp}/login", params={"RelayState": f"{CONNECT}?destination=/ccp-v2"}))
    _logs_in(world, keys, metadata, page)


CONFIG = """<?php
$config = [
    'baseurlpath' => 'http://127.0.0.1:{port}/',
    'certdir' => '{folder}/', 'loggingdir' => '{folder}/', 'datadir' => '{folder}/', 'tempdir' => '{folder}/',
    'metadatadir' => '{folder}/metadata',
    'secretsalt' => 'made-for-a-test', 'auth.adminpassword' => 'made-for-a-test',
    'technicalcontact_email' => 'nobody@example.com', 'timezone' => 'UTC',
    'logging.handler' => 'file', 'debug' => [], 'errorreporting' => false, 'showerrors' => true,
    'enable.saml20-idp' => true, 'store.type' => 'phpsession',
    'session.phpsession.savepath' => '{folder}', 'session.cookie.secure' => false, 'session.duration' => 3600,
    'module.enable' => ['core' => true, 'exampleauth' => true, 'saml' => true],
    'metadata.sources' => [['type' => 'flatfile']],
    'authproc.idp' => [], 'authproc.sp' => [],
    'language.available' => ['en'], 'language.default' => 'en',
];
"""
AUTHSOURCES = """<?php
$config = ['people' => ['exampleauth:UserPass', '{user}:secret' => [
    'https://aws.amazon.com/SAML/Attributes/Role' => ['{role}'],
    'https://aws.amazon.com/SAML/Attributes/RoleSessionName' => ['{user}'],
    'https://aws.amazon.com/SAML/Attributes/SessionDuration' => ['3600'],
]]];
"""
HOSTED = """<?php
$metadata['urn:simplesamlphp:example'] = ['host' => '__DEFAULT__', 'privatekey' => 'server.pem',
    'certificate' => 'server.crt', 'auth' => 'people'];
"""
REMOTE = """<?php
$metadata['urn:amazon:webservices'] = ['AssertionConsumerService' => 'https://signin.aws.amazon.com/saml',
    'NameIDFormat' => 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient',
    'AttributeNameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri', 'saml20.sign.assertion' => true];
"""


@pytest.fixture
def simplesamlphp(folder: Path) -> Iterator[str]:
    """Runs SimpleSAMLphp, as Debian packages it, in PHP's own server; returns its URL."""
    php, port = program("php"), free_port()
    if not SIMPLESAMLPHP.exists():
        program("simplesamlphp")
    (folder / "metadata").mkdir()
    role = CLAIMS["https://aws.amazon.com/SAML/Attributes/Role"][0]
    files = {
        "config.php": CONFIG.replace("{port}", str(port)).replace("{folder}", str(folder)),
        "authsources.php": AUTHSOURCES.replace("{user}", USER).replace("{role}", role),
        "metadata/saml20-idp-hosted.php": HOSTED,
        "metadata/saml20-sp-remote.php": REMOTE,
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    command = [php, "-d", f"session.save_path={folder}", "-S", f"127.0.0.1:{port}", "-t", str(SIMPLESAMLPHP)]
    environment = {"PATH": os.environ["PATH"], "SIMPLESAMLPHP_CONFIG_DIR": str(folder)}
    with running(command, port=port, folder=folder, environment=environment):
        yield f"http://127.0.0.1:{port}"


def test_simplesamlphp(simplesamlphp: str, world: World, keys: KeyFolder) -> None:
    """Its metadata, its sign-in form, its assertion; and the CCP is open."""
    with plain_session() as session:
        metadata = session.get(f"{simplesamlphp}/saml2/idp/metadata.php").text
        asked = {"spentityid": "urn:amazon:webservices", "RelayState": f"{CONNECT}?destination=/ccp-v2"}
        page = _shown(session.get(f"{simplesamlphp}/saml2/idp/SSOService.php", params=asked))
        form = next(form for form in page.forms if "AuthState" in form.fields)
        url = form.action if form.action.startswith("http") else page.url
        answer = session.post(url, data={**form.fields, "username": USER, "password": "secret"})
    _logs_in(world, keys, metadata, _shown(answer))
