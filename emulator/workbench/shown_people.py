"""The people of each org on a page: with their tiles, and the roles that those give."""

from __future__ import annotations

from collections.abc import Iterator

from emulator.federation import Federation
from emulator.flow import role_pairs
from emulator.kernel.records import dataclass
from emulator.workbench.paging import Part, has_words, part_of

MOST_SHOWN = 200
_SIGN_IN = "/login/login.htm"
_HOME = "/app/UserHome"


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
        url: URL of the org.
        sign_in: URL to which its sign-in form posts.
        home: Path of its dashboard.
        people: A part of its people.
        apps: Label, embed link, metadata and administrator's page of each app.
    """

    name: str
    url: str
    sign_in: str
    home: str
    people: Part[Persona]
    apps: tuple[tuple[str, str, str, str], ...]


def shown_orgs(federation: Federation, *, wanted: str, org_asked: str, page: str) -> Iterator[OrgShown]:
    """Yields the orgs, each with a part of its people.

    Args:
        wanted: Words that filter the people.
        org_asked: Org of which a part was requested; empty for each.
        page: Number of that part.
    """
    for provider in federation.identity_providers.values():
        org = provider.org
        users = [
            user
            for user in org.users.values()
            if has_words(" ".join((user.login, user.first_name, user.last_name, user.email, *user.groups)), wanted)
        ]
        asked = page if org_asked in {"", org.name} else ""
        part = part_of(users, asked, size=MOST_SHOWN)
        personas = []
        for user in part.items:
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
        people = Part(personas, part.number, part.of, part.total)
        apps = (
            (
                app.label,
                org.embed_link(app),
                f"{org.base_url}/app/{app.external_key}/sso/saml/metadata",
                f"{org.base_url}/admin/app/{app.catalog}/instance/{app.app_id}/",
            )
            for app in org.apps.values()
        )
        sign_in = f"{org.base_url}{_SIGN_IN}"
        yield OrgShown(org.name, org.base_url, sign_in, _HOME, people, tuple(apps))
