"""An event as it is kept, and the record that is made of it when somebody asks.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents"; AWS IAM UG "cloudtrail-integration"
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.client_connection import ClientConnection
from sp_mock.cloudtrail.details import MAX_TEXT, NO_DETAILS, RequestDetails, SamlRoleDetails
from sp_mock.cloudtrail.times import iso_time
from sp_mock.cloudtrail.user_identity import UserIdentity, identity_of_session, saml_user, without_session_context
from sp_mock.principals.credentials import RoleSession

KEPT = timedelta(days=90)
EVENT_VERSION = "1.11"
API_CALL, CONSOLE_SIGN_IN = "AwsApiCall", "AwsConsoleSignIn"
STS_SOURCE, SIGN_IN_SOURCE, CONNECT_SOURCE = "sts.amazonaws.com", "signin.amazonaws.com", "connect.amazonaws.com"
_READING = ("Get", "List", "Describe", "Search", "Lookup", "Simulate", "Generate")
_WITHOUT_ANSWER = frozenset({"GetCallerIdentity", "GetAccessKeyInfo", "DecodeAuthorizationMessage"})


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """What an event keeps of the connection of a request.

    Args:
        source_ip: The client's address.
        user_agent: The header of that name.
        host: The host that the client asked.
        request_id: The id in the answer; empty where answers carry none.
    """

    source_ip: str = ""
    user_agent: str = ""
    host: str = ""
    request_id: str = ""

    @classmethod
    def of(cls, client: ClientConnection, *names: str) -> RequestOrigin:
        """Returns what is kept of a connection; the address is the one that policies see as ``aws:SourceIp``.

        Args:
            client: The connection.
            names: What AWS knows the person by.

        Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", sourceIPAddress, userAgent, tlsDetails
        Evidence: documented
        """
        return cls(client.address_of(names), client.user_agent[:MAX_TEXT], client.host, client.request_id)


UNKNOWN_ORIGIN = RequestOrigin()


def behind_a_page(client: ClientConnection) -> ClientConnection:
    """Returns the connection of the call that a page of AWS makes for a browser: no client asked its host.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", sourceIPAddress, tlsDetails
    Evidence: documented (no tlsDetails of calls on somebody's behalf), assumed (address and agent of the browser)
    """
    return replace(client, host="")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """What was done.

    Args:
        event_id: Unique.
        time: When the request was made.
        source: The service, such as ``sts.amazonaws.com``.
        name: What was asked of it, such as ``AssumeRoleWithSAML``.
        type: ``AwsApiCall`` or ``AwsConsoleSignIn``.
        region: Where.
        account_id: The account in whose history the event is.
        principal: Who; of a role session the session itself.
        access_key_id: The key of the role session that signed; empty when nothing was signed.
        origin: Where the request came from.
        read_only: Whether it could change nothing.
        details: The request and its answer.
        error_code: Why it failed; empty when it did not.
        error_message: The same in words; empty where AWS's words are not public.
        shared_event_id: The same in the histories of two accounts; empty when there is one only.
        from_console: Whether the console called with its session's credentials.
    """

    event_id: str
    time: datetime
    source: str
    name: str
    type: str = API_CALL
    region: str
    account_id: str
    principal: UserIdentity | RoleSession
    access_key_id: str = ""
    origin: RequestOrigin = UNKNOWN_ORIGIN
    read_only: bool
    details: RequestDetails | SamlRoleDetails = NO_DETAILS
    error_code: str = ""
    error_message: str = ""
    shared_event_id: str = ""
    from_console: bool = False

    @property
    def identity(self) -> UserIdentity:
        """Who: with an assertion the person it speaks of, on the sign-in page somebody without session or key yet."""
        if isinstance(self.details, SamlRoleDetails):
            return saml_user(name_qualifier=self.details.name_qualifier, subject=self.details.subject)
        identity = self.principal
        if isinstance(identity, RoleSession):
            identity = identity_of_session(identity, access_key_id=self.access_key_id)
        return without_session_context(identity) if self.type == CONSOLE_SIGN_IN else identity

    @property
    def expires_at(self) -> datetime:
        """When the event history forgets it.

        Spec: AWS CloudTrail API "LookupEvents"
        Evidence: documented (90 days)
        """
        return self.time + KEPT


def is_read_only(source: str, name: str) -> bool:
    """Returns whether an event counts as read-only: calls that change nothing, and those that only give credentials.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", readOnly
    Evidence: documented (the field), observed 2026 (AssumeRoleWithSAML and GetCallerIdentity), assumed (by name)
    """
    return source == STS_SOURCE or name.startswith(_READING)


def has_response_elements(source: str, name: str) -> bool:
    """Returns whether the record holds what was answered.

    Reading calls have none. Those of STS that give credentials have them, although they count as read-only. What
    Amazon Connect answers to GetFederationToken is redacted.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", responseElements; Amazon Connect
        Administrator Guide "logging-using-cloudtrail"
    Evidence: documented
    """
    if source == STS_SOURCE:
        return name not in _WITHOUT_ANSWER
    return not name.startswith(_READING)


def record_of(event: TrailEvent) -> dict[str, Any]:
    """Returns the record, in the order of AWS's fields.

    Of the TLS connection only the host that the client asked is known. Calls of the console have no tlsDetails.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents"
    Evidence: documented (the fields, the version, partial tlsDetails), observed 2026 (the order)
    """
    record: dict[str, Any] = {
        "eventVersion": EVENT_VERSION,
        "userIdentity": event.identity.as_json(),
        "eventTime": iso_time(event.time),
        "eventSource": event.source,
        "eventName": event.name,
        "awsRegion": event.region,
        "sourceIPAddress": event.origin.source_ip,
        "userAgent": event.origin.user_agent,
    }
    if event.error_code:
        record["errorCode"] = event.error_code
    if event.error_message:
        record["errorMessage"] = event.error_message
    details, resources = event.details, event.details.resources
    record["requestParameters"] = details.request_parameters
    record["responseElements"] = details.response_elements
    if details.additional_data:
        record["additionalEventData"] = details.additional_data
    if event.origin.request_id and event.type == API_CALL:
        record["requestID"] = event.origin.request_id
    record |= {"eventID": event.event_id, "readOnly": event.read_only}
    if resources:
        record["resources"] = [{"accountId": each.account_id, "type": each.type, "ARN": each.arn} for each in resources]
    record |= {"eventType": event.type, "managementEvent": True, "recipientAccountId": event.account_id}
    if event.shared_event_id:
        record["sharedEventID"] = event.shared_event_id
    record["eventCategory"] = "Management"
    if event.origin.host:
        record["tlsDetails"] = {"clientProvidedHostHeader": event.origin.host}
    if event.from_console:
        record["sessionCredentialFromConsole"] = "true"
    return record
