"""Apps, as the management API creates, changes and deletes them.

Spec: developer.okta.com, Applications API
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from emulator.kernel.clock import Ids
from emulator.kernel.errors import FederationError
from idp.environments import ENVIRONMENTS
from idp.management.links import app_links_of, organization_id
from idp.management.saml_settings import UNSPECIFIED, saml_settings, saml_settings_as_json
from idp.management.timestamps import whole_second
from idp.model import AWS_CATALOG, App, KeyPair, Org, Provisioning, stable_id
from idp.refusals import exists_already, invalid, missing, not_found, require_url, wrong_status
from idp.saml.roles import compile_group_filter
from idp.saml.usernames import TEMPLATES, require_username_format

_MAX_TEXT = 2000
_NAME = re.compile(r"[^a-z0-9]+")
# Settings of the catalogue's app "amazon_aws": Okta's name, the emulator's name, and the kind of value.
_SETTINGS: tuple[tuple[str, str, type], ...] = (
    ("appFilter", "app_filter", str),
    ("awsEnvironmentType", "environment", str),
    ("groupFilter", "group_filter", str),
    ("identityProviderArn", "identity_provider_arn", str),
    ("joinAllRoles", "join_all_roles", bool),
    ("loginURL", "login_url", str),
    ("roleValuePattern", "role_value_pattern", str),
    ("sessionDuration", "session_duration_seconds", int),
    ("useGroupMapping", "use_group_mapping", bool),
)


def find(org: Org, app_id: str) -> App:
    """Returns an app by its ``0oa…`` id.

    Raises:
        ApiRefusal: E0000007 (404).
    """
    app = org.app_by_id(app_id)
    if app is None:
        raise not_found(app_id, "AppInstance")
    return app


def as_json(org: Org, app: App) -> dict[str, Any]:
    """Returns an app as the API shows it; the secret key is never shown.

    Spec: developer.okta.com, Applications API, "Application object"; recordings of 2023 to 2025
    Evidence: observed (fields and links of a custom app; ``settings.app`` of ``amazon_aws``), documented (the names
        of universalLogout and emOptInStatus), assumed (their values)
    """
    link_name = "login" if app.is_aws else f"{app.catalog}_link"
    return {
        "id": app.app_id,
        "orn": f"orn:okta:idp:{organization_id(org)}:apps:{app.catalog}:{app.app_id}",
        "name": app.catalog,
        "label": app.label,
        "status": app.status,
        "lastUpdated": whole_second(app.changed_at),
        "created": whole_second(app.created_at),
        "accessibility": {"selfService": False, "errorRedirectUrl": None, "loginRedirectUrl": None},
        "visibility": {
            "autoLaunch": False,
            "autoSubmitToolbar": False,
            "hide": {"iOS": False, "web": False},
            "appLinks": {link_name: True},
        },
        "features": ["IMPORT_USER_SCHEMA"] if app.provisioning else [],
        "signOnMode": "SAML_2_0",
        "credentials": {
            "userNameTemplate": _username_template(app),
            "signing": {"kid": app.key_pair.key_id},
        },
        "universalLogout": {"status": "UNSUPPORTED"},
        "settings": {
            "app": aws_settings_as_json(app) if app.is_aws else {},
            "notifications": {"vpn": {"network": {"connection": "DISABLED"}, "message": None, "helpUrl": None}},
            "manualProvisioning": False,
            "implicitAssignment": False,
            "emOptInStatus": "NONE",
            "notes": {"admin": None, "enduser": None},
            "signOn": _sign_on(app),
        },
        "_links": app_links_of(org, app, link_name=link_name),
    }


def _sign_on(app: App) -> dict[str, Any]:
    """Returns ``settings.signOn``: overrides for an app of the catalogue, all settings for a custom one."""
    if not app.is_aws:
        return {"defaultRelayState": app.default_relay_state, **saml_settings_as_json(app)}
    overridden = dict.fromkeys(("ssoAcsUrlOverride", "audienceOverride", "recipientOverride"))
    return {"defaultRelayState": app.default_relay_state or None, **overridden}


def aws_settings_as_json(app: App) -> dict[str, Any]:
    """Returns ``settings.app`` of the catalogue's ``amazon_aws``; the secret key is never shown."""
    is_overridden = app.acs_url != ENVIRONMENTS.get(app.environment)
    return {name: getattr(app, field) for name, field, _ in _SETTINGS} | {
        "overrideAcsURL": app.acs_url if is_overridden else None,
        "accessKey": app.provisioning.access_key_id if app.provisioning else None,
        "secretKey": None,
        "secretKeyEnc": None,
        "accountID": None,
        "webSSOAllowedClient": None,
    }


def _username_template(app: App) -> dict[str, str]:
    """Returns the app's user name format as the API shows it.

    Spec: developer.okta.com, Applications API, "Username template object"
    Evidence: documented
    """
    template = TEMPLATES.get(app.username_format)
    if template is not None:
        return {"template": template, "type": "BUILT_IN"}
    return {"template": app.username_format, "type": "CUSTOM"}


def create(org: Org, given: Mapping[str, Any], *, key_pair: KeyPair, now: datetime, ids: Ids) -> tuple[Org, App]:
    """Creates an app of the catalogue's ``amazon_aws``, or without a name a custom SAML app.

    Raises:
        ApiRefusal: E0000001 (400): another app of the catalogue, or invalid settings.

    Spec: developer.okta.com, Applications API, "Add Application"
    Evidence: documented
    """
    if given.get("name") not in {None, AWS_CATALOG}:
        raise invalid("name", "name: The app is not in the catalogue; the emulator's has amazon_aws")
    if given.get("name") is None and given.get("signOnMode") != "SAML_2_0":
        raise invalid("signOnMode", "signOnMode: The emulator's apps sign on by SAML_2_0")
    label = given.get("label")
    if not isinstance(label, str) or not label.strip():
        raise missing("label")
    number = ids.token()
    blank = App(
        name=_free_name(org, label),
        label=label,
        app_id=stable_id("0oa", number),
        external_key=stable_id("exk", number),
        identity_provider_arn="",
        key_pair=key_pair,
        group_filter=r"aws_(?{{accountid}}\d+)_(?{{role}}[a-zA-Z0-9+=,.@\-_]+)",
        role_value_pattern="arn:aws:iam::${accountid}:saml-provider/OKTA,arn:aws:iam::${accountid}:role/${role}",
        created_at=now,
        changed_at=now,
    )
    if given.get("name") is None:
        blank = replace(
            blank,
            catalog=f"{org.name}_{blank.name.replace('-', '')}_1",
            audience="",
            acs_url="",
            style=replace(blank.style, name_id_format=UNSPECIFIED),
        )
    return put(org, _with_settings(org, blank, given))


def _free_name(org: Org, label: str) -> str:
    name = _NAME.sub("-", label.lower()).strip("-") or "app"
    number = 1
    while (name if number == 1 else f"{name}-{number}") in org.apps:
        number += 1
    return name if number == 1 else f"{name}-{number}"


def update(org: Org, app: App, given: Mapping[str, Any], *, now: datetime) -> tuple[Org, App]:
    """Changes an app's settings, and the key it signs with.

    Raises:
        ApiRefusal: E0000001 (400).

    Spec: developer.okta.com, Applications API, "Update Application"
    Evidence: documented
    """
    changed = _with_settings(org, app, given)
    kid = _inner(given, "credentials", "signing").get("kid")
    if kid is not None and kid != app.key_pair.key_id:
        wanted = next((pair for pair in app.other_keys if pair.key_id == kid), None)
        if wanted is None:
            raise invalid("kid", "kid: The key does not belong to this app")
        others = (*(pair for pair in app.other_keys if pair.key_id != kid), app.key_pair)
        changed = replace(changed, key_pair=wanted, other_keys=others)
    return put(org, replace(changed, changed_at=now))


def add_key(org: Org, app: App, key_pair: KeyPair, *, now: datetime) -> tuple[Org, KeyPair]:
    """Adds a new key beside the one in use; changing the app's settings can put it in use.

    Spec: developer.okta.com, Applications API, "Generate new Application Key Credential"
    Evidence: documented
    """
    org, _ = put(org, replace(app, other_keys=(*app.other_keys, key_pair), changed_at=now))
    return org, key_pair


def change_status(org: Org, app: App, operation: str, *, now: datetime) -> tuple[Org, App]:
    """Activates or deactivates an app."""
    status = "ACTIVE" if operation == "activate" else "INACTIVE"
    return put(org, replace(app, status=status, changed_at=now))


def delete(org: Org, app: App) -> tuple[Org, None]:
    """Deletes an app that is inactive.

    Raises:
        ApiRefusal: E0000056 (403), the app is active.

    Spec: developer.okta.com, Applications API, "Delete Application"; error code E0000056
    Evidence: documented
    """
    if app.status == "ACTIVE":
        explanation = f"The app {app.label} is active; it has to be deactivated before it is deleted."
        raise wrong_status(
            "Delete application forbidden.", explanation, code="E0000056", status=403, evidence="documented"
        )
    return replace(org, apps={name: each for name, each in org.apps.items() if name != app.name}), None


def put(org: Org, app: App) -> tuple[Org, App]:
    """Returns the org with an app added or replaced."""
    return replace(org, apps={**org.apps, app.name: app}), app


def _with_settings(org: Org, app: App, given: Mapping[str, Any]) -> App:
    label = given.get("label", app.label)
    if not isinstance(label, str) or not label.strip() or len(label) > 100:
        raise invalid("label", "label: The field must have 1 to 100 characters")
    taken = next((each for each in org.apps.values() if each.label == label and each.app_id != app.app_id), None)
    if taken is not None:
        raise exists_already("label")
    settings = _inner(given, "settings", "app")
    values: dict[str, Any] = {"label": label}
    for name, field, kind in _SETTINGS:
        value = settings.get(name)
        if value is None:
            continue
        if type(value) is not kind or len(str(value)) > _MAX_TEXT:
            raise invalid(name, f"{name}: The value cannot be used")
        values[field] = value
    environment = values.get("environment", app.environment)
    if environment not in ENVIRONMENTS:
        raise invalid(
            "awsEnvironmentType", f"awsEnvironmentType: {environment} is not one of {', '.join(ENVIRONMENTS)}"
        )
    if "overrideAcsURL" in settings or "environment" in values:
        values["acs_url"] = _url(settings.get("overrideAcsURL")) or ENVIRONMENTS[environment]
    relay_state = _inner(given, "settings", "signOn").get("defaultRelayState", app.default_relay_state)
    values["default_relay_state"] = _text(relay_state, "defaultRelayState")
    template = _inner(given, "credentials", "userNameTemplate").get("template")
    if template is not None:
        values["username_format"] = _username_format(template)
    if not app.is_aws:
        values |= saml_settings(app, _inner(given, "settings", "signOn"))
    try:
        compile_group_filter(values.get("group_filter", app.group_filter))
    except FederationError as error:
        raise invalid("groupFilter", f"groupFilter: {error.message}") from None
    return replace(app, **values, provisioning=_provisioning(app, settings))


def _username_format(template: Any) -> str:
    text = _text(template, "template")
    try:
        require_username_format(text)
    except FederationError as error:
        raise invalid("template", f"template: {error.message}") from None
    return {each: name for name, each in TEMPLATES.items()}.get(text, text)


def _provisioning(app: App, settings: Mapping[str, Any]) -> Provisioning | None:
    access_key, secret = settings.get("accessKey"), settings.get("secretKey")
    if access_key is None:
        return app.provisioning
    held = app.provisioning
    if secret is None and held is not None and held.access_key_id == access_key:
        return held
    return Provisioning(_text(access_key, "accessKey"), _text(secret, "secretKey"))


def _text(value: Any, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _MAX_TEXT:
        raise invalid(name, f"{name}: The value cannot be used")
    return value


def _url(value: Any) -> str:
    text = _text(value, "overrideAcsURL")
    if text:
        require_url("overrideAcsURL", text)
    return text


def _inner(given: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    inner: Any = given
    for name in path:
        inner = inner.get(name) if isinstance(inner, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}
