"""The condition keys of every request, whoever makes it: address, transport, region, program and instant.

Sign-in, STS, IAM, Amazon Connect's API and the console all use these. A key that a request does not have is left out,
and policies see it as missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from emulator.kernel.client_connection import DEFAULT_ADDRESS, DEFAULT_SOURCE_IP, ClientConnection
from sp_mock.instants import in_seconds

SOURCE_IP = "aws:sourceip"
# Condition keys that hold lists even when there is one value.
MULTIVALUED_KEYS = frozenset(
    {"aws:tagkeys", "sts:transitivetagkeys", "aws:principalorgpaths", "aws:resourceorgpaths", "aws:calledvia"}
)


def environment_keys(
    client: ClientConnection, *, region: str, now: datetime, names: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Returns the condition keys that a request has whoever makes it.

    No request here comes through a VPC endpoint or from a service on somebody's behalf, so the keys of VPCs are absent
    and ``aws:ViaAWSService`` is false.

    Args:
        client: How the request reached AWS.
        region: The endpoint's region; for a global endpoint, its partition's first.
        now: The instant of the request.
        names: User names that AWS knows the person by.

    Spec: AWS IAM UG "reference_policies_condition-keys"
    Evidence: documented (the keys), assumed (aws:ViaAWSService of AssumeRoleWithSAML)
    """
    keys: dict[str, tuple[str, ...]] = {
        "aws:currenttime": (in_seconds(now),),
        "aws:epochtime": (str(int(now.timestamp())),),
        "aws:requestedregion": (region,),
        "aws:securetransport": ("true" if client.is_secure else "false",),
        SOURCE_IP: (client.address_of(names),),
        "aws:viaawsservice": ("false",),
    }
    if client.user_agent:
        keys["aws:useragent"] = (client.user_agent,)
    return keys


def token_issue_time(issued_at: datetime) -> tuple[str, ...]:
    """Returns ``aws:TokenIssueTime`` of credentials that were issued at an instant."""
    return (in_seconds(issued_at),)


def note_on(key: str, values: Iterable[str]) -> str:
    """Returns what a person should know about a value that the emulator chose for a key; empty if nothing."""
    return DEFAULT_ADDRESS if key == SOURCE_IP and DEFAULT_SOURCE_IP in values else ""
