"""What is proposed at the identity provider for a login in the built-in world with a mistake in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.diagnosis.login_result import diagnosis_of
from emulator.federation import Federation
from emulator.fixes.candidate import Candidate, Finding
from emulator.fixes.okta_candidates import propose
from emulator.flow import log_in
from emulator.kernel.clock import Clock, Ids
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World, change_world
from tests.conftest import ACCOUNT, APP, INSTANCE_ID, NOW, USER
from tests.emulator.fixes.trials import edits

ORG = "/okta/acme"
OKTA_APP = f"{ORG}/apps/{APP}"
HANAKO = f"{ORG}/users/{USER}"
PROVIDERS = f"/aws/{ACCOUNT}/saml_providers"
FEDERATE = f"https://ap-northeast-1.console.aws.amazon.com/connect/federate/{INSTANCE_ID}"
HOME = "https://acme.my.connect.aws/home"
CCP = "https://acme.my.connect.aws/ccp-v2"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ROLE_VALUE = f'"arn:aws:iam::{ACCOUNT}:role/ConnectAgent,arn:aws:iam::{ACCOUNT}:saml-provider/okta"'
# The app as another identity provider's custom one.
CUSTOM: dict[str, Any] = {
    f"{OKTA_APP}/catalog": "custom_saml",
    f"{OKTA_APP}/acs_url": "https://signin.aws.amazon.com/saml",
    f"{OKTA_APP}/saml": {
        "attributes": [
            {"name": f"{ATTRIBUTES}Role", "values": [ROLE_VALUE]},
            {"name": f"{ATTRIBUTES}RoleSessionName", "values": ["user.login"]},
            {"name": f"{ATTRIBUTES}SessionDuration", "values": ['"3600"']},
        ]
    },
}
# Roles by the names of groups.
MAPPED: dict[str, Any] = {
    f"{ORG}/groups": {f"aws#prod#ConnectAgent#{ACCOUNT}": {}, "Agents": {}, "Supervisors": {}},
    f"{HANAKO}/groups": [f"aws#prod#ConnectAgent#{ACCOUNT}", "Agents"],
    f"{OKTA_APP}/use_group_mapping": True,
    f"{OKTA_APP}/group_filter": r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$",
    f"{OKTA_APP}/role_value_pattern": (
        "arn:aws:iam::${accountid}:saml-provider/okta,arn:aws:iam::${accountid}:role/${role}"
    ),
}


def proposed(
    world: World,
    keys: KeyFolder,
    changes: Mapping[str, Any],
    *,
    user: str = USER,
    role: str = "",
    lands_on: str = "",
) -> list[Candidate]:
    """Makes a login in a world with changes, and returns what is proposed for it.

    Args:
        world: The world.
        keys: Where keys are kept.
        changes: JSON pointers and values.
        user: Who logs in.
        role: The role that is asked for.
        lands_on: Where the login should end.
    """
    changed = change_world(world, changes)
    federation = Federation(changed, clock=Clock(frozen_at=NOW), ids=Ids(seed=1), keys=keys)
    login = log_in(federation, user=user, app=APP, role=role or None, lands_on=lands_on)
    told = diagnosis_of(login, federation)
    assert told is not None, "the login arrives"
    return list(propose(Finding(changed, told, login, role=role, lands_on=lands_on)))


def first(world: World, keys: KeyFolder, changes: Mapping[str, Any], **asked: str) -> dict[str, Any]:
    """Returns the edits of what is proposed first."""
    return edits(proposed(world, keys, changes, **asked)[0])
