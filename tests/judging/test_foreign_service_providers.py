"""Service providers of others take what our custom apps send, asked for and not: node-saml, and Apache with mellon.

python3-saml and pysaml2's service provider judge in ``tests/idp``.
"""

from __future__ import annotations

import base64
import json
import os
import pwd
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import etree

from emulator.browser import Browser
from emulator.federation import Federation
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from idp.saml.keys import make_key_pair
from tests.clients.conftest import CLIENTS
from tests.conftest import USER
from tests.judging.processes import free_port, plain_session, running
from tests.requirements import installed, program

ORG = "https://acme.okta.com"
ACS = "https://wiki.example.com/acs"
MELLON = Path("/usr/lib/apache2/modules/mod_auth_mellon.so")


def _federation(world: World, keys: KeyFolder, acs_url: str, entity_id: str, **saml: Any) -> Federation:
    app = {
        "catalog": "custom_saml",
        "label": "Wiki",
        "acs_url": acs_url,
        "audience": entity_id,
        "assignments": [{"user": USER}],
        "saml": {"attributes": [{"name": "name", "values": ["user.firstName"]}], **saml},
    }
    return Federation(change_world(world, {"/okta/acme/apps/wiki": app}), clock=Clock(), ids=Ids(), keys=keys)


def _signed_in(federation: Federation) -> Browser:
    browser = federation.browser()
    page = browser.open(f"{ORG}/app/UserHome")
    browser.submit(page.forms[0], {"username": USER, "password": "correct-horse"})
    return browser


@pytest.mark.parametrize("asked", [True, False], ids=["sp-initiated", "idp-initiated"])
def test_node_saml(world: World, keys: KeyFolder, tmp_path: Path, asked: bool) -> None:
    """Its own request over the redirect binding and its verdict on the answer; and on an answer nobody asked for."""
    node, library = program("node"), installed(CLIENTS / "node_modules" / "@node-saml" / "node-saml")
    federation = _federation(world, keys, ACS, "https://wiki.example.com")
    provider, app = federation.find_app("wiki")
    settings = {
        "entryPoint": provider.org.sso_url(app),
        "issuer": "https://wiki.example.com",
        "callbackUrl": ACS,
        "audience": "https://wiki.example.com",
        "idpIssuer": app.issuer,
        "idpCert": app.key_pair.certificate_pem.decode(),
        "wantAssertionsSigned": True,
        "wantAuthnResponseSigned": True,
        "validateInResponseTo": "always" if asked else "never",
    }

    def call(what: str, given: Any = None) -> dict[str, str]:
        script = str(Path(__file__).parent / "node_saml_sp.js")
        command = [node, script, str(library), what, json.dumps(settings), json.dumps(given)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)  # noqa: S603
        return dict(json.loads(done.stdout))

    url = call("ask")["url"] if asked else provider.org.embed_link(app)
    page = _signed_in(federation).look(url)
    request_id = ""
    if asked:
        query = parse_qs(urlsplit(url).query)
        request_id = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15)).get("ID", "")
        assert page.forms[0].fields["RelayState"] == "/start"
    response = page.forms[0].fields["SAMLResponse"]
    verdict = call("verify", {"response": response, "request": request_id})
    assert verdict == {"nameID": USER, "name": "Hanako", "inResponseTo": request_id}
    changed = base64.b64encode(base64.b64decode(response).replace(b"Hanako", b"Mallory")).decode()
    assert "error" in call("verify", {"response": changed, "request": request_id})


HTTPD = """
ServerRoot "{folder}"
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile "{folder}/httpd.pid"
ErrorLog "{folder}/error.log"
Mutex file:{folder} default
User {user}
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authn_core_module /usr/lib/apache2/modules/mod_authn_core.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule authz_user_module /usr/lib/apache2/modules/mod_authz_user.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule auth_mellon_module {mellon}
DocumentRoot "{folder}/www"
MellonLockFile "{folder}/mellon.lock"
<Directory "{folder}/www">
  Require all granted
</Directory>
<Location />
  MellonEnable "info"
  MellonEndpointPath /mellon
  MellonSPPrivateKeyFile "{folder}/sp.pem"
  MellonSPCertFile "{folder}/sp.crt"
  MellonSPentityId "http://127.0.0.1:{port}/sp"
  MellonIdPMetadataFile "{folder}/idp.xml"
  MellonSecureCookie Off
  MellonSignatureMethod rsa-sha256
</Location>
<Location /private>
  MellonEnable "auth"
  AuthType "Mellon"
  Require valid-user
  Header set X-Name-Id "%{{MELLON_NAME_ID}}e"
  Header set X-Name "%{{MELLON_name}}e"
</Location>
"""


@pytest.fixture
def mellon(world: World, keys: KeyFolder, tmp_path: Path) -> Iterator[tuple[str, Federation]]:
    """Runs Apache with mod_auth_mellon, as Debian packages it; returns its URL and the federation it trusts."""
    apache = program("apache2", "httpd")
    if not MELLON.exists():
        program("libapache2-mod-auth-mellon")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    pair = make_key_pair(common_name="sp", clock=Clock(), ids=Ids())
    tmp_path.chmod(0o755)
    (tmp_path / "sp.pem").write_bytes(pair.private_key_pem)
    (tmp_path / "sp.crt").write_bytes(pair.certificate_pem)
    federation = _federation(
        world,
        keys,
        f"{url}/mellon/postResponse",
        f"{url}/sp",
        sp_certificate=str(tmp_path / "sp.crt"),
        requires_signed_requests=True,
    )
    (tmp_path / "idp.xml").write_bytes(federation.identity_providers["acme"].metadata("wiki"))
    (tmp_path / "www" / "private").mkdir(parents=True)
    (tmp_path / "www" / "private" / "index.html").write_text("the inside", encoding="utf-8")
    user = pwd.getpwuid(os.getuid()).pw_name if os.getuid() else "www-data"
    config = HTTPD.format(folder=tmp_path, port=port, mellon=MELLON, user=user)
    (tmp_path / "httpd.conf").write_text(config, encoding="utf-8")
    command = [apache, "-DFOREGROUND", "-f", str(tmp_path / "httpd.conf")]
    environment = {"PATH": os.environ["PATH"]}
    with running(command, port=port, folder=tmp_path, environment=environment, path="/mellon/metadata"):
        yield url, federation


def test_mod_auth_mellon(mellon: tuple[str, Federation]) -> None:
    """Its signed request is verified, its page opens with the answer; a changed answer opens nothing."""
    url, federation = mellon
    browser = _signed_in(federation)
    with plain_session() as session:
        asked = session.get(f"{url}/private/", allow_redirects=False)
        asked = session.get(asked.headers["Location"], allow_redirects=False)
        assert "Signature=" in asked.headers["Location"]
        page = browser.look(asked.headers["Location"])
        assert page.forms, page.visible_text
        form = page.forms[0]
        broken = base64.b64encode(base64.b64decode(form.fields["SAMLResponse"]).replace(b"Hanako", b"Mallory")).decode()
        assert session.post(form.action, data={**form.fields, "SAMLResponse": broken}).status_code == 400
        inside = session.post(form.action, data=dict(form.fields))
    assert (inside.status_code, inside.text) == (200, "the inside")
    assert (inside.headers["X-Name-Id"], inside.headers["X-Name"]) == (USER, "Hanako")


def test_mod_auth_mellon_takes_what_nobody_asked_for(mellon: tuple[str, Federation]) -> None:
    """The tile opens it as well."""
    url, federation = mellon
    provider, app = federation.find_app("wiki")
    page = _signed_in(federation).look(f"{provider.org.embed_link(app)}?RelayState={url}/private/")
    with plain_session() as session:
        inside = session.post(page.forms[0].action, data=dict(page.forms[0].fields))
    assert (inside.status_code, inside.text) == (200, "the inside")
