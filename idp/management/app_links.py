"""A person's apps as the API lists them: one link for each tile, and the dashboard's one tab with all of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from idp.model import App, Org, User, stable_id


def app_links(org: Org, user: User) -> list[dict[str, Any]]:
    """Returns the links behind a user's tiles, in the order of the dashboard.

    Spec: developer.okta.com, Users API, "Get Assigned App Links"
    Evidence: documented
    """
    assigned = [app for app in org.apps.values() if org.assigned(app, user)]
    return [_app_link(org, app, user, order) for order, app in enumerate(assigned)]


def home_tabs(org: Org, user: User, expanded: Collection[str]) -> list[dict[str, Any]]:
    """Returns the dashboard's tabs: one, with every tile.

    Args:
        user: Owner of the dashboard.
        expanded: What to include: ``items``, and ``items.resource`` for each tile's link.

    Spec: tokendito 2.5.0
    Evidence: observed (`_embedded.items[]._embedded.resource` with linkUrl and label), assumed (the other fields)
    """
    tab_id = stable_id("tab", f"{org.name}/{user.login}")
    address = f"{org.base_url}/api/v1/users/me/home/tabs/{tab_id}"
    tab: dict[str, Any] = {
        "id": tab_id,
        "label": "My Apps",
        "sortOrder": 0,
        "_links": {"self": {"href": address}, "items": {"href": f"{address}/items"}},
    }
    if {"items", "items.resource"} & set(expanded):
        items = []
        for link in app_links(org, user):
            item: dict[str, Any] = {"id": link["id"], "type": "APP_LINK", "sortOrder": link["sortOrder"]}
            items.append(item | ({"_embedded": {"resource": link}} if "items.resource" in expanded else {}))
        tab["_embedded"] = {"items": items}
    return [tab]


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
