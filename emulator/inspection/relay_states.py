"""Where the RelayState of a login leads, as AWS sign-in would read it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote, urlsplit

from emulator.kernel.records import dataclass
from emulator.recordings.logins import RecordedLogin
from emulator.recordings.pasted import host_of
from sp_mock.accounts.model import Aws
from sp_mock.connect.federate_urls import federate_url, meant_instance
from sp_mock.endpoints import Endpoint
from sp_mock.signin.relay_state import landing

_FEDERATE = re.compile(r"/connect/federate/([^/]+)")
_REGION = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)\.console\.")


@dataclass(frozen=True, slots=True)
class RelayStateFinding:
    """A finding about a RelayState.

    Args:
        value: The field; empty where there is none.
        leads_to: URL to which the browser goes.
        wrong: What is wrong with it, as a phrase; empty where nothing is.
        fix: What it should be, where that is known.
    """

    value: str
    leads_to: str
    wrong: str = ""
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON data; empty parts are left out."""
        data = {"value": self.value, "leads_to": self.leads_to, "wrong": self.wrong, "fix": self.fix}
        return {name: value for name, value in data.items() if value}


def relay_state_of(login: RecordedLogin, known: Aws | None) -> RelayStateFinding | None:
    """Judges a login's RelayState; None where it is unknown, as for a message alone.

    Args:
        known: The accounts; None without a world.

    Spec: SAML Bindings §3.5.3; Amazon Connect Administrator Guide "configure-saml"
    Evidence: documented (console URLs are followed), assumed (others end at the console home of the same region)
    """
    if login.relay_state is None or login.at_sts:
        return None
    endpoint = Endpoint.of_host(host_of(login.posted_to) or "signin.aws.amazon.com")
    where = landing(login.relay_state, endpoint=endpoint)
    finding = RelayStateFinding(login.relay_state, where.url, where.note)
    if where.note or known is None or not known.instances:
        return finding
    return _at_instance(finding, known)


def _at_instance(finding: RelayStateFinding, known: Aws) -> RelayStateFinding:
    """Returns a finding about a federate URL, compared with the world's instances."""
    parts = urlsplit(finding.value)
    asked = _FEDERATE.fullmatch(unquote(parts.path))
    if asked is None:
        return finding
    meant = meant_instance(asked[1], known.instances)
    if meant.instance is None or meant.difference:
        fix = federate_url(meant.instance) if meant.instance is not None else ""
        return RelayStateFinding(finding.value, finding.leads_to, f"RelayState {meant.difference}", fix)
    region = _REGION.match(parts.hostname or "")
    if region is not None and region[1] != meant.instance.arn.region:
        wrong = f"RelayState leads to {region[1]}, and the instance {meant.instance.alias} is in"
        return RelayStateFinding(
            finding.value,
            finding.leads_to,
            f"{wrong} {meant.instance.arn.region}",
            federate_url(meant.instance),
        )
    return finding
