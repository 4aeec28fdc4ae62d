"""Reads Okta apps: "AWS Account Federation" from the catalogue, and SAML apps with an AWS ACS URL.

The secrets of an app's API integration are not read: Okta never returns them, and logins do not need them.

Spec: developer.okta.com, Applications API, "Application object"; recordings of ``amazon_aws`` of 2022 to 2025
Evidence: observed
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from emulator.seeds.okta_answers.expressions import bare, complaint, username_format
from emulator.seeds.okta_answers.reading import AppReading, CannotBeTaken, is_url
from emulator.seeds.okta_answers.resources import Resource
from emulator.seeds.okta_answers.sign_on import read_sign_on, url_of
from emulator.worldfile.text.yaml_data import Key

AWS_CATALOGUE = "amazon_aws"
_SETTINGS = ("settings", "app")
_SIGN_ON = ("settings", "signOn")
_TEMPLATES = frozenset({"template_saml_2_0", "template_saml_1_1"})
_ENVIRONMENTS = ("aws.amazon", "aws.govcloud", "aws.china")
_SIGN_IN_HOSTS = re.compile(
    r"(?:[a-z0-9-]+\.)?signin\.(?:aws\.amazon\.com|amazonaws-us-gov\.com|amazonaws\.cn)", re.IGNORECASE
)
_AWS_AUDIENCE = "urn:amazon:webservices"
_PROVIDER_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:saml-provider/[\w.-]{1,128}", re.ASCII)
_NAMED_GROUP = re.compile(r"\(\?\{\{(\w+)\}\}")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")
# Settings without side effects: Okta's name, the world's name, and the type of the value.
_PLAIN: tuple[tuple[str, str, type], ...] = (
    ("appFilter", "app_filter", str),
    ("joinAllRoles", "join_all_roles", bool),
    ("useGroupMapping", "use_group_mapping", bool),
    ("roleValuePattern", "role_value_pattern", str),
)


def is_for_aws(app: Resource) -> bool:
    """Returns whether an app's logins go to AWS sign-in."""
    if app.text("name") == AWS_CATALOGUE:
        return True
    settings = app.at(*_SETTINGS)
    if not app.text("name") and isinstance(settings, Mapping):
        return bool({"awsEnvironmentType", "identityProviderArn"} & settings.keys())
    if app.text("signOnMode") not in {"SAML_2_0", ""}:
        return False
    return _is_sign_in(_acs_of(app)) or _audience_of(app).startswith(_AWS_AUDIENCE)


def app_key(label: str) -> str:
    """Returns an app's name in the world: ``Amazon Connect SAML`` becomes ``amazon-connect-saml``."""
    return _NOT_IN_A_NAME.sub("-", label.lower()).strip("-") or "app"


def label_of(app: Resource) -> str:
    """Returns the label that people see for an app."""
    return app.text("label") or app.text("name") or app.id


def read_app(app: Resource) -> AppReading:
    """Reads an app for AWS.

    Raises:
        CannotBeTaken: it is not active, or something that decides about logins is not known.
    """
    status = app.text("status")
    if status not in {"", "ACTIVE"}:
        raise CannotBeTaken(f"it is {status}, so nobody can open it", ("status",))
    mode = app.text("signOnMode")
    if mode not in {"SAML_2_0", ""}:
        raise CannotBeTaken(f"its sign-on mode is {mode}, not SAML 2.0", ("signOnMode",))
    is_ours = app.text("name") in {AWS_CATALOGUE, ""}
    reading = AppReading(is_of_the_catalogue=is_ours)
    reading.put(("catalog",), AWS_CATALOGUE if is_ours else "custom_saml", ("name",))
    if app.text("label"):
        reading.put(("label",), app.text("label"), ("label",))
    if is_ours:
        _catalogue_app(reading, app)
    elif app.text("name") in _TEMPLATES:
        _template_app(reading, app)
    else:
        _custom_app(reading, app)
    _username(reading, app)
    read_sign_on(reading, app)
    return reading


def _catalogue_app(reading: AppReading, app: Resource) -> None:
    settings = app.at(*_SETTINGS)
    if not isinstance(settings, Mapping):
        raise CannotBeTaken("its settings.app is missing", ("settings",))
    for name, setting, kind in _PLAIN:
        value = settings.get(name)
        if value is None:
            continue
        if kind is bool and isinstance(value, str) and value in {"true", "false"}:
            value = value == "true"
        if type(value) is not kind:
            raise CannotBeTaken(
                f"its {name} is not {'a string' if kind is str else 'true or false'}", (*_SETTINGS, name)
            )
        if value != "":
            reading.put((setting,), value, (*_SETTINGS, name))
    _environment(reading, app, settings)
    _group_filter(reading, settings)
    _provider_arn(reading, settings)
    _session_duration(reading, settings)
    login_url = settings.get("loginURL")
    if isinstance(login_url, str) and is_url(login_url):
        reading.put(("login_url",), login_url, (*_SETTINGS, "loginURL"))
    if settings.get("accessKey"):
        reading.leave_out(
            "its API integration is off here, because Okta never returns the secret key", (*_SETTINGS, "accessKey")
        )
    given = app.at(*_SIGN_ON)
    overrides: tuple[tuple[str, Key], ...] = (
        ("audienceOverride", ("audience",)),
        ("recipientOverride", ("saml", "recipient")),
        ("destinationOverride", ("saml", "destination")),
    )
    for name, key in overrides:
        if isinstance(given, Mapping) and isinstance(given.get(name), str) and given[name]:
            reading.put(key, given[name], (*_SIGN_ON, name))


def _environment(reading: AppReading, app: Resource, settings: Mapping[str, Any]) -> None:
    """Reads where assertions are sent."""
    acs_url = ""
    for name, place, given in (
        ("ssoAcsUrlOverride", _SIGN_ON, app.at(*_SIGN_ON)),
        ("overrideAcsURL", _SETTINGS, settings),
    ):
        if isinstance(given, Mapping) and given.get(name) and not acs_url:
            acs_url = url_of(given, name)
            reading.put(("acs_url",), acs_url, (*place, name))
    environment = settings.get("awsEnvironmentType")
    if environment in _ENVIRONMENTS:
        reading.put(("environment",), environment, (*_SETTINGS, "awsEnvironmentType"))
    elif environment is not None and environment != "" and not acs_url:
        shown = f" {environment[:60]!r}" if isinstance(environment, str) else ""
        raise CannotBeTaken(
            f"its AWS environment{shown} is not one of {', '.join(_ENVIRONMENTS)}",
            (*_SETTINGS, "awsEnvironmentType"),
        )


def _group_filter(reading: AppReading, settings: Mapping[str, Any]) -> None:
    value = settings.get("groupFilter")
    if value is None or value == "":
        return
    place: Key = (*_SETTINGS, "groupFilter")
    try:
        re.compile(_NAMED_GROUP.sub(r"(?P<\1>", value))
    except (re.error, OverflowError, RecursionError, TypeError):
        if settings.get("useGroupMapping"):
            raise CannotBeTaken("its groupFilter does not compile", place) from None
        reading.leave_out("its groupFilter does not compile, so no group is mapped", place)
        return
    reading.put(("group_filter",), value, place)


def _provider_arn(reading: AppReading, settings: Mapping[str, Any]) -> None:
    value = settings.get("identityProviderArn")
    place: Key = (*_SETTINGS, "identityProviderArn")
    if value is None or value == "":
        return
    if not isinstance(value, str) or _PROVIDER_ARN.fullmatch(value) is None:
        shown = f" {value!r:.150}" if isinstance(value, str) else ""
        raise CannotBeTaken(
            f"its identityProviderArn{shown} is not an ARN such as arn:aws:iam::123456789012:saml-provider/okta",
            place,
            fix="Correct Identity Provider ARN on the app's Sign On tab, and export the app again.",
        )
    reading.put(("identity_provider_arn",), value, place)


def _session_duration(reading: AppReading, settings: Mapping[str, Any]) -> None:
    value = settings.get("sessionDuration")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    if type(value) is int:
        reading.put(("session_duration",), value, (*_SETTINGS, "sessionDuration"))
    elif value is not None and value != "":
        reading.leave_out("its sessionDuration is not a whole number", (*_SETTINGS, "sessionDuration"))


def _custom_app(reading: AppReading, app: Resource) -> None:
    given = app.at(*_SIGN_ON)
    acs_url = url_of(given, "ssoAcsUrl") if isinstance(given, Mapping) else ""
    if not acs_url:
        raise CannotBeTaken("its settings.signOn.ssoAcsUrl is missing", _SIGN_ON)
    reading.put(("acs_url",), acs_url, (*_SIGN_ON, "ssoAcsUrl"))
    if isinstance(given.get("audience"), str) and given["audience"]:
        reading.put(("audience",), given["audience"], (*_SIGN_ON, "audience"))
    for name in ("recipient", "destination"):
        value = given.get(name)
        if isinstance(value, str) and value not in {"", acs_url}:
            reading.put(("saml", name), value, (*_SIGN_ON, name))


def _template_app(reading: AppReading, app: Resource) -> None:
    """Reads an app of the old template, which has settings of its own: ``postBackURL``, ``audienceRestriction``."""
    settings = app.at(*_SETTINGS)
    acs_url = _acs_of(app)
    if not isinstance(settings, Mapping) or not is_url(acs_url):
        raise CannotBeTaken("its postBackURL is not a URL", (*_SETTINGS, "postBackURL"))
    if settings.get("attributeStatements"):
        raise CannotBeTaken(
            "attribute statements of the old template are not read", (*_SETTINGS, "attributeStatements")
        )
    reading.put(("acs_url",), acs_url, (*_SETTINGS, "postBackURL"))
    for name, key in (("audienceRestriction", ("audience",)), ("defaultRelayState", ("default_relay_state",))):
        if isinstance(settings.get(name), str) and settings[name]:
            reading.put(key, settings[name], (*_SETTINGS, name))
    for name in ("recipient", "destination"):
        value = settings.get(name)
        if isinstance(value, str) and value not in {"", acs_url}:
            reading.put(("saml", name), value, (*_SETTINGS, name))


def _username(reading: AppReading, app: Resource) -> None:
    template = app.at("credentials", "userNameTemplate", "template")
    place: Key = ("credentials", "userNameTemplate", "template")
    if template is None or template == "":
        if app.at("credentials", "userNameTemplate") is not None:
            reading.add_note("its username format is not in the response; here the login is sent", place[:-1])
        return
    if not isinstance(template, str):
        raise CannotBeTaken("its username template is not a string", place)
    known = username_format(template)
    if known == template.strip():
        problem = complaint(bare(known))
        if problem:
            raise CannotBeTaken(f"its application username format is {known!r:.120}: {problem}", place)
    reading.put(("username_format",), known, place)


def _acs_of(app: Resource) -> str:
    return app.text(*_SIGN_ON, "ssoAcsUrl") or app.text(*_SETTINGS, "postBackURL")


def _audience_of(app: Resource) -> str:
    return app.text(*_SIGN_ON, "audience") or app.text(*_SETTINGS, "audienceRestriction")


def _is_sign_in(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return _SIGN_IN_HOSTS.fullmatch(host) is not None
