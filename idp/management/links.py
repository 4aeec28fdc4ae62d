"""The ``_links`` of users, groups and apps, as recordings of the management API show them.

The links to pictures lead to Okta's own addresses; the emulator serves no pictures.

Spec: recordings of 2023 to 2025 in terraform-provider-okta; developer.okta.com, Users, Groups and Applications API
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from idp.model import App, Group, Org, User, stable_id

_STATIC = "https://ok12static.oktacdn.com/assets/img/logos"
_WITH_PASSWORD = ("forgotPassword", "expirePassword", "changeRecoveryQuestion", "changePassword")
# Which life-cycle operations are possible next for a user of each status.
_OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "STAGED": ("activate", "deactivate"),
    "PROVISIONED": ("suspend", "resetPassword", "reactivate", "resetFactors", "deactivate"),
    "ACTIVE": ("suspend", "resetPassword", "resetFactors", *_WITH_PASSWORD, "deactivate"),
    "PASSWORD_EXPIRED": ("suspend", "resetPassword", "resetFactors", *_WITH_PASSWORD, "deactivate"),
    "LOCKED_OUT": ("unlock", "resetPassword", "resetFactors", "deactivate"),
    "SUSPENDED": ("unsuspend", "resetFactors", "deactivate"),
    "DEPROVISIONED": ("activate", "delete"),
}
_PATHS: Mapping[str, str] = {
    "resetPassword": "lifecycle/reset_password",
    "resetFactors": "lifecycle/reset_factors",
    "expirePassword": "lifecycle/expire_password",
    "forgotPassword": "credentials/forgot_password",
    "changeRecoveryQuestion": "credentials/change_recovery_question",
    "changePassword": "credentials/change_password",
}


def organization_id(org: Org) -> str:
    """Returns the org's ``00o…`` id."""
    return stable_id("00o", org.name)


def user_links(org: Org, user: User) -> dict[str, Any]:
    """Returns a user's links: which operations are possible next depends on the status.

    Spec: developer.okta.com, Users API, "Links object"
    Evidence: observed (PROVISIONED and ACTIVE), documented (the others)
    """
    here = f"{org.base_url}/api/v1/users/{user.user_id}"
    links: dict[str, Any] = {}
    for name in _OPERATIONS[user.status]:
        if name == "delete":
            links[name] = {"href": here, "method": "DELETE"}
        elif user.password or name not in _WITH_PASSWORD:
            links[name] = {"href": f"{here}/{_PATHS.get(name, f'lifecycle/{name}')}", "method": "POST"}
    meta = f"{org.base_url}/api/v1/meta"
    return links | {
        "schema": {"href": f"{meta}/schemas/user/{stable_id('osc', org.name)}"},
        "type": {"href": f"{meta}/types/user/{user_type_id(org)}"},
        "self": {"href": here},
    }


def user_type_id(org: Org) -> str:
    """Returns the id of the org's only user type."""
    return stable_id("oty", org.name)


def group_links(org: Org, group: Group) -> dict[str, Any]:
    """Returns a group's links, which do not include one to itself.

    Evidence: observed
    """
    here = f"{org.base_url}/api/v1/groups/{group.group_id}"
    links: dict[str, Any] = {
        "logo": [
            {"name": size, "href": f"{_STATIC}/groups/odyssey/okta-{size}.png", "type": "image/png"}
            for size in ("medium", "large")
        ],
        "users": {"href": f"{here}/users"},
        "apps": {"href": f"{here}/apps"},
    }
    if group.source != "okta":
        links["source"] = {"href": f"{org.base_url}/api/v1/apps/{stable_id('0oa', f'{org.name}/{group.source}')}"}
    return links


def app_links_of(org: Org, app: App, *, link_name: str) -> dict[str, Any]:
    """Returns an app's links; the links to policies exist in Identity Engine only.

    Args:
        link_name: Name of the app's tile in its URL.

    Evidence: observed
    """
    here = f"{org.base_url}/api/v1/apps/{app.app_id}"
    admin = org.base_url.replace(".okta", "-admin.okta", 1)
    instructions = f"{admin}/app/{app.catalog}/{app.app_id}/setup/help/SAML_2_0/instructions"
    operation = "deactivate" if app.status == "ACTIVE" else "activate"
    links: dict[str, Any] = {
        "help": {"href": instructions, "type": "text/html"},
        "metadata": {"href": f"{here}/sso/saml/metadata", "type": "application/xml"},
        "uploadLogo": {"href": f"{here}/logo", "hints": {"allow": ["POST"]}},
        "appLinks": [{"name": link_name, "href": org.embed_link(app), "type": "text/html"}],
        "groups": {"href": f"{here}/groups"},
        "logo": [{"name": "medium", "href": f"{_STATIC}/default.png", "type": "image/png"}],
        "users": {"href": f"{here}/users"},
        operation: {"href": f"{here}/lifecycle/{operation}"},
    }
    if org.pipeline == "idx":
        policies = f"{org.base_url}/api/v1/policies"
        access = "Any two factors" if app.requires_mfa else "Password only"
        links |= {
            "profileEnrollment": {"href": f"{policies}/{stable_id('rst', f'{org.name}/enrollment')}"},
            "policies": {"href": f"{here}/policies", "hints": {"allow": ["PUT"]}},
            "accessPolicy": {"href": f"{policies}/{stable_id('rst', f'{org.name}/{access}')}"},
        }
    return links
