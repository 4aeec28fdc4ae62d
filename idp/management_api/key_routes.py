"""The routes for the keys that apps sign with, and for the metadata that publishes them.

    GET /apps/{id}/credentials/keys; POST /apps/{id}/credentials/keys/generate; GET /apps/{id}/credentials/keys/{kid}
    GET /apps/{id}/sso/saml/metadata?kid=

Spec: developer.okta.com, Applications API, "Application Key Store Operations"
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, make_response, request

from emulator.kernel.clock import instant
from idp.management import apps
from idp.management.service import Management
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
    """Makes a new key beside the one in use."""
    management = service(Management)
    apps.find(current_org(), app_id)
    pair, now = new_key(), management.clock.now()
    management.change(lambda org: apps.add_key(org, apps.find(org, app_id), pair, now=now))
    return make_response(jsonify(_as_json(pair)), 201)


@routes.get("/apps/<app_id>/sso/saml/metadata")
def metadata(app_id: str) -> Response:
    """Shows an app's metadata, with the key in use or another one."""
    org = current_org()
    app = apps.find(org, app_id)
    pair = _key(app, request.args.get("kid", app.key_pair.key_id))
    return Response(idp_metadata(org, app, key_pair=pair), content_type="application/xml")


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
    return {
        "kid": pair.key_id,
        "kty": "RSA",
        "use": "sig",
        "created": instant(pair.created_at),
        "lastUpdated": instant(pair.created_at),
        "x5c": [certificate_base64(pair.certificate_pem)],
        "expiresAt": instant(pair.expires_at),
    }
