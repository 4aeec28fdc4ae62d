"""Who can log in, for programs that make the logins over sockets.

GET /fedemu/people      the orgs with their apps, people, passwords and roles, and whose host is whose, as they are now
"""

from __future__ import annotations

import json

from emulator.access.assigned import roles_of_people
from emulator.running.control.control_api import ApiAnswer, Call, ControlApi

FORMAT = 1


def _people(call: Call) -> ApiAnswer:
    federation, hosts = call.federation, call.federation.hosts
    data = {
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
            for org in (provider.org for provider in federation.identity_providers.values())
        ],
        "hosts": {
            "okta": dict(hosts.okta),
            "connect": list(federation.aws.instance_hosts),
            "custom": list(federation.custom_hosts()),
            "only": federation.only,
        },
    }
    return ApiAnswer(json.dumps(data) + "\n")


PEOPLE = ControlApi("the people", {"GET": _people}, is_plural=True)
