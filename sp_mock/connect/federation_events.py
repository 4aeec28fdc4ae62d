"""What the console calls in Amazon Connect when it federates somebody, as CloudTrail records it.

Spec: Amazon Connect Administrator Guide "logging-using-cloudtrail"
"""

from __future__ import annotations

from emulator.kernel.client_connection import ClientConnection
from emulator.kernel.errors import AwsRefusal
from sp_mock.cloudtrail.details import RequestDetails
from sp_mock.cloudtrail.events import CONNECT_SOURCE, RequestOrigin, TrailEvent, behind_a_page, is_read_only
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail.user_identity import identity_of_session
from sp_mock.connect.asked_instance import AskedInstance
from sp_mock.connect.federation import resource_of
from sp_mock.principals.credentials import FederatedSession, RoleSession


def record_federation(
    history: EventHistory,
    session: FederatedSession,
    *,
    access_key_id: str,
    action: str,
    instance_id: str,
    region: str,
    client: ClientConnection,
    refusal: AwsRefusal | None = None,
) -> None:
    """Records that the console asked for federation tokens. The answer is redacted.

    For a refusal the code is recorded, and the message where it is public: that of a call that no policy allows. The
    other refusals are worded for a person on the console's page.

    Args:
        history: The event history to add to.
        session: Session of the caller.
        access_key_id: Key of the console session.
        action: Such as ``connect:GetFederationToken``.
        region: Region of the console.
        client: How the request reached AWS.
        refusal: The refusal, when no tokens were issued.

    Spec: Amazon Connect Administrator Guide "logging-using-cloudtrail"
    Evidence: documented (that the call is recorded, and its answer redacted), observed (the name of the emergency
        call, parameters' names), assumed (that the record of the console's call is like one of the API's)
    """
    name = action.partition(":")[2]
    history.add(
        TrailEvent(
            event_id=history.ids.uuid(),
            time=history.clock.now(),
            source=CONNECT_SOURCE,
            name=name,
            region=region,
            account_id=session.account_id,
            principal=session
            if isinstance(session, RoleSession)
            else identity_of_session(session, access_key_id=access_key_id),
            access_key_id=access_key_id,
            origin=RequestOrigin.of(behind_a_page(client), session.arn.rpartition("/")[2]),
            read_only=is_read_only(CONNECT_SOURCE, name),
            details=RequestDetails(request_parameters={"InstanceId": instance_id}),
            error_code=refusal.code if refusal else "",
            error_message=_words(refusal, session, action, AskedInstance(instance_id, region, session.account_id))
            if refusal
            else "",
            from_console=True,
        )
    )


def _words(refusal: AwsRefusal, session: FederatedSession, action: str, asked: AskedInstance) -> str:
    """Returns the message of a call that no policy allows, and nothing for other refusals.

    Evidence: observed (aws-samples/amazon-connect-live-call-analytics#93, without the tail of today)
    """
    if refusal.code != "AccessDeniedException":
        return ""
    resource = resource_of(session, action, asked)
    return f"User: {session.arn} is not authorized to perform: {action} on resource: {resource}"
