"""Everybody who can log in to an emulator that runs, as JSON: what a program needs to log them in over sockets."""

from __future__ import annotations

from typing import Any

from emulator.access.assigned import roles_of_people
from emulator.federation import Federation

FORMAT = 1


def people_of(federation: Federation) -> dict[str, Any]:
    """Returns the orgs with their apps, people and passwords, and whose host is whose, as they are now."""
    orgs = [provider.org for provider in federation.identity_providers.values()]
    hosts = federation.hosts
    return {
        "format": FORMAT,
        "world": federation.world.document.file,
        "orgs": [
            {
                "name": org.name,
                "dashboard": f"{org.base_url}/app/UserHome",
                "passwords": {user.login: user.password for user in org.users.values()},
                "apps": [
                    {
                        "name": app.name,
                        "link": org.embed_link(app),
                        "identity_provider_arn": app.identity_provider_arn,
                        "roles": roles_of_people(federation, org, app),
                    }
                    for app in org.apps.values()
                ],
            }
            for org in orgs
        ],
        "hosts": {
            "okta": dict(hosts.okta),
            "connect": [host for instance in federation.aws.instances for host in instance.hosts],
            "custom": list(federation.custom_hosts()),
            "only": federation.only,
        },
    }
