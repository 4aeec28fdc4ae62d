"""The note on a console page that somebody opened: the session, and that the emulator has no such page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from emulator.kernel.explanations import RELAY_STATE, Cause, Sent
from emulator.kernel.trace_notes import Facts, TraceNote
from sp_mock.accounts.model import Instance
from sp_mock.connect.federate_urls import right_relay_states
from sp_mock.principals.credentials import FederatedSession
from sp_mock.signin.relay_state import is_about_connect

SERVICE = "AWS console"


def opened_note(
    signed_in: FederatedSession,
    *,
    issuer: str,
    ends_at: datetime,
    account: str,
    url: str,
    path: str,
    instances: Iterable[Instance],
    open_to: Callable[[], tuple[Instance, ...]],
) -> TraceNote:
    """Returns the note of an opened page.

    Args:
        signed_in: The console session.
        issuer: The issuer that sent the person.
        ends_at: When the session ends.
        account: Label of the account.
        url: URL of the page.
        path: Its path, without the leading slash.
        instances: The Amazon Connect instances of every account.
        open_to: Returns the instances that the session may federate into.
    """
    is_home = path in {"", "console/home"}
    facts = Facts(
        account=account,
        role=signed_in.principal_arn,
        session=signed_in.arn,
        session_ends=ends_at,
        issuer=issuer,
        source_identity=signed_in.source_identity,
        tags=dict(signed_in.tags) or None,
        note=None if is_home else f"the console has no page /{path} here",
    )
    causes: tuple[Cause, ...] = ()
    if not is_home and is_about_connect(f"/{path}"):
        # An address that is nearly a federate URL.
        causes = (Sent(RELAY_STATE, right_relay_states(url, instances, open_to=open_to)),)
    return TraceNote(SERVICE, f"console open for {signed_in.arn}", facts, causes=causes)
