"""A person's apps as the API lists them: one link for each tile."""

from __future__ import annotations

from typing import Any

from idp.model import App, Org, User, stable_id


def app_links(org: Org, user: User) -> list[dict[str, Any]]:
    """Returns the links behind a user's tiles, in the order of the dashboard.

    Spec: developer.okta.com, Users API, "Get Assigned App Links"
    Evidence: documented
    """
    assigned = [app for app in org.apps.values() if org.assigned(app, user)]
    return [_app_link(org, app, user, order) for order, app in enumerate(assigned)]


def _app_link(org: Org, app: App, user: User, order: int) -> dict[str, Any]:
    return {
        "id": stable_id("00u", f"{app.app_id}{user.login}"),
        "label": app.label,
        "linkUrl": org.embed_link(app),
        "logoUrl": "",
        "appName": app.catalog,
        "appInstanceId": app.app_id,
        "appAssignmentId": stable_id("0ua", f"{app.app_id}{user.login}"),
        "credentialsSetup": False,
        "hidden": False,
        "sortOrder": order,
    }
