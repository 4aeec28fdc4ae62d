"""What is noted of a page of the console that somebody opened: the session, and that there is no such page here."""

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
        signed_in: Whose console.
        issuer: Who sent the person.
        ends_at: When the session is over.
        account: The account's label.
        url: The page's address.
        path: Its path, without a slash before it.
        instances: The Amazon Connect instances of every account.
        open_to: Returns those that the session may federate into.
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
