"""Which pages a user of an instance may open."""

from __future__ import annotations

from collections.abc import Mapping

from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import Setting
from sp_mock.accounts.connect_resources import ConnectUser
from sp_mock.accounts.model import Account, Instance

CCP = "Contact Control Panel"
# The first part of a page's path, and the page's title.
TITLES: Mapping[str, str] = {"home": "Home", "ccp": CCP, "ccp-v2": CCP, "agent-app-v2": "Agent workspace"}


def refuse_user(instance: Instance, user: ConnectUser, *, account: Account) -> ConnectRefusal | None:
    """Returns the refusal to show a user the Contact Control Panel; None where a security profile allows it.

    Args:
        account: Account of the instance.

    Spec: Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (the permission), assumed (the words)
    """
    if instance.may_open_ccp(user):
        return None
    profiles = ", ".join(user.security_profiles)
    path = ("instances", instance.instance_id, "users", user.login, "security_profiles")
    allowing = sorted(
        (each.name for each in instance.security_profiles if each.access_ccp), key=lambda name: name == "Admin"
    )
    return ConnectRefusal(
        "Access denied",
        code="AccessDenied",
        status=200,
        check="security-profile",
        evidence="assumed",
        explanation=f"None of the security profiles of {user.login} allows the Contact Control Panel.",
        where=f"security profiles {profiles}",
        expected=" or ".join(allowing) or "a security profile with access to the Contact Control Panel",
        received=profiles,
        fix=f"Give {user.login} the security profile {allowing[0]}, or the profile the permission."
        if allowing
        else "Give the user another security profile, or the profile the permission.",
        causes=(Setting(account, path), Setting(account, ("instances", instance.instance_id, "security_profiles"))),
        spec='Amazon Connect Administrator Guide "configure-saml"',
    )
