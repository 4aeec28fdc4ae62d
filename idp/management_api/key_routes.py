"""The routes for the keys that apps sign with, and for the metadata that publishes them.

    GET /apps/{id}/credentials/keys; POST /apps/{id}/credentials/keys/generate; GET /apps/{id}/credentials/keys/{kid}
    GET /apps/{id}/sso/saml/metadata?kid=

Spec: developer.okta.com, Applications API, "Application Key Store Operations"
"""

from __future__ import annotations

import base64
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import Certificate, load_pem_x509_certificate
from flask import Blueprint, Response, jsonify, make_response, request

from idp.management import apps
from idp.management.service import Management
from idp.management.timestamps import whole_second
from idp.management_api.json_answers import page
from idp.model import App, KeyPair
from idp.pages import current_org, service
from idp.refusals import invalid
from idp.saml.keys import certificate_base64, make_key_pair
from idp.saml.metadata import idp_metadata

routes = Blueprint("keys", __name__)


@routes.get("/apps/<app_id>/credentials/keys")
def list_keys(app_id: str) -> Response:
    """Lists an app's keys, the one in use first."""
    app = apps.find(current_org(), app_id)
    return page(_as_json(pair) for pair in (app.key_pair, *app.other_keys))


@routes.get("/apps/<app_id>/credentials/keys/<kid>")
def get_key(app_id: str, kid: str) -> Response:
    """Shows one of an app's keys."""
    return jsonify(_as_json(_key(apps.find(current_org(), app_id), kid)))


@routes.post("/apps/<app_id>/credentials/keys/generate")
def generate_key(app_id: str) -> Response:
    """Creates a new key beside the one in use."""
    management = service(Management)
    apps.find(current_org(), app_id)
    pair, now = new_key(), management.clock.now()
    management.change(lambda org: apps.add_key(org, apps.find(org, app_id), pair, now=now))
    return make_response(jsonify(_as_json(pair)), 201)


@routes.get("/apps/<app_id>/sso/saml/metadata")
def metadata(app_id: str) -> Response:
    """Shows an app's metadata, with the key in use or another one.

    Spec: recordings of 2023 to 2025
    Evidence: observed (the Content-Type)
    """
    org = current_org()
    app = apps.find(org, app_id)
    pair = _key(app, request.args.get("kid", app.key_pair.key_id))
    return Response(idp_metadata(org, app, key_pair=pair), content_type="application/xml;charset=ISO-8859-1")


def new_key() -> KeyPair:
    """Returns a new key pair for an app of the org."""
    management = service(Management)
    return make_key_pair(common_name=current_org().name, clock=management.clock, ids=management.ids)


def _key(app: App, kid: str) -> KeyPair:
    pair = next((each for each in (app.key_pair, *app.other_keys) if each.key_id == kid), None)
    if pair is None:
        raise invalid("kid", "kid: The key does not belong to this app")
    return pair


def _as_json(pair: KeyPair) -> dict[str, Any]:
    """Returns a key as the API shows it.

    Spec: developer.okta.com, Applications API, "Application Key Credential object"; recordings of 2023
    Evidence: observed
    """
    from jwt.algorithms import RSAAlgorithm

    certificate = load_pem_x509_certificate(pair.certificate_pem)
    key = RSAAlgorithm.to_jwk(_rsa(certificate), as_dict=True)
    thumbprint = base64.urlsafe_b64encode(certificate.fingerprint(SHA256())).decode().rstrip("=")
    return {
        "kty": "RSA",
        "created": whole_second(pair.created_at),
        "lastUpdated": whole_second(pair.created_at),
        "expiresAt": whole_second(pair.expires_at),
        "kid": pair.key_id,
        "use": "sig",
        "x5c": [certificate_base64(pair.certificate_pem)],
        "x5t#S256": thumbprint,
        "e": key["e"],
        "n": key["n"],
    }


def _rsa(certificate: Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise invalid("kid", "kid: The key is not an RSA key")
    return key
