"""Whether an app's API integration can read AWS's roles: its access key is tried, as Okta's own button does."""

from __future__ import annotations

from emulator.federation import Federation
from emulator.network.calls.outbound import Outbound
from idp.management.provisioning import read_roles, try_credentials
from idp.refusals import ApiRefusal


def cannot_read_roles(federation: Federation, org_name: str, app_name: str) -> str:
    """Returns why an app's access key cannot read AWS's roles; empty where it can, or there is no key.

    Args:
        federation: A private copy of a federation, because the call is recorded in it.
        org_name: Name of the app's org.
    """
    app = federation.identity_providers[org_name].org.apps[app_name]
    if app.provisioning is None:
        return ""
    send = Outbound(lambda: federation.gateway)
    try:
        try_credentials(app, send)
        read_roles(app, send, ids=federation.ids)
    except ApiRefusal as refusal:
        return ": ".join(dict.fromkeys((refusal.explanation, *refusal.error_causes)))
    return ""
