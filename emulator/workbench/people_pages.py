"""Who can sign in, with which apps, and where they begin.

GET /workbench/people      people with their tiles, apps, instances, and the codes that were sent to phones
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template

from emulator.flow import role_pairs
from emulator.workbench.pages import workbench

MOST_SHOWN = 200
_SIGN_IN = "/login/login.htm"
_HOME = "/app/UserHome"

people = Blueprint("people", __name__)


@dataclass(frozen=True, slots=True)
class Tile:
    """An app on somebody's dashboard: its label, its path at Okta, and the names of the roles that it gives."""

    label: str
    path: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody who can sign in."""

    name: str
    login: str
    password: str
    groups: tuple[str, ...]
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class OrgShown:
    """An org with its first people.

    Args:
        name: Its name.
        url: Its address.
        sign_in: Where its sign-in form goes.
        home: The path of its dashboard.
        personas: The first of its people.
        more: How many more there are.
        apps: Label, embed link, metadata and administrator's page of each app.
    """

    name: str
    url: str
    sign_in: str
    home: str
    personas: tuple[Persona, ...]
    more: int
    apps: tuple[tuple[str, str, str, str], ...]


@people.get("/workbench/people")
def show() -> str:
    """Shows people, apps and instances."""
    federation = workbench().federation
    providers = federation.identity_providers.values()
    return render_template(
        "people.html",
        orgs=list(_orgs()),
        messages=[message for provider in providers for message in provider.authentication.outbox],
        instances=federation.aws.instances,
    )


def _orgs() -> Iterator[OrgShown]:
    for provider in workbench().federation.identity_providers.values():
        org = provider.org
        personas = []
        for user in list(org.users.values())[:MOST_SHOWN]:
            tiles = (
                Tile(
                    app.label,
                    org.embed_link(app).removeprefix(org.base_url),
                    tuple(
                        pair.role_arn.rpartition("/")[2] for pair in role_pairs(provider.role_values(app, user.login))
                    ),
                )
                for app in org.apps.values()
                if org.assigned(app, user)
            )
            name = f"{user.first_name} {user.last_name}".strip()
            personas.append(Persona(name, user.login, user.password, tuple(user.groups), tuple(tiles)))
        apps = (
            (
                app.label,
                org.embed_link(app),
                f"{org.base_url}/app/{app.external_key}/sso/saml/metadata",
                f"{org.base_url}/admin/app/{app.catalog}/instance/{app.app_id}/",
            )
            for app in org.apps.values()
        )
        more = max(0, len(org.users) - MOST_SHOWN)
        sign_in = f"{org.base_url}{_SIGN_IN}"
        yield OrgShown(org.name, org.base_url, sign_in, _HOME, tuple(personas), more, tuple(apps))
