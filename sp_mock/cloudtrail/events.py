"""An event as it is stored, and the record that is made from it when somebody asks.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents"; AWS IAM UG "cloudtrail-integration"
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from emulator.kernel.client_connection import ClientConnection
from emulator.kernel.records import dataclass
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
    """What an event keeps about the connection of a request.

    Args:
        source_ip: Address of the client.
        user_agent: The User-Agent header.
        host: Host that the client asked.
        request_id: Request id of the answer; empty where answers carry none.
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
            names: User names that AWS knows the person by.

        Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", sourceIPAddress, userAgent, tlsDetails
        Evidence: documented
        """
        return cls(client.address_of(names), client.user_agent[:MAX_TEXT], client.host, client.request_id)


UNKNOWN_ORIGIN = RequestOrigin()


def behind_a_page(client: ClientConnection) -> ClientConnection:
    """Returns the origin of a call that an AWS page makes for a browser, where no client named the API's host.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", sourceIPAddress, tlsDetails
    Evidence: documented (no tlsDetails of calls on somebody's behalf), assumed (address and agent of the browser)
    """
    return replace(client, host="")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailEvent:
    """An API call or a console sign-in.

    Args:
        time: The time of the request.
        source: The service, such as ``sts.amazonaws.com``.
        name: The operation, such as ``AssumeRoleWithSAML``.
        type: ``AwsApiCall`` or ``AwsConsoleSignIn``.
        region: The region in whose history the event is.
        account_id: The account in whose history the event is.
        principal: The identity that acted; for a role session, the session itself.
        access_key_id: Key of the role session that signed; empty when nothing was signed.
        origin: Where the request came from.
        read_only: Whether the call could not change anything.
        details: The request and its answer.
        error_code: Code of the refusal; empty when the call succeeded.
        error_message: Message of the refusal; empty where AWS's words are not public.
        shared_event_id: Id shared by the events of two accounts about one call; empty when only one account has an
            event.
        from_console: Whether the console made the call with its session's credentials.
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
        """The identity: with an assertion its subject, on the sign-in page a user without session or key so far."""
        if isinstance(self.details, SamlRoleDetails):
            return saml_user(name_qualifier=self.details.name_qualifier, subject=self.details.subject)
        identity = self.principal
        if isinstance(identity, RoleSession):
            identity = identity_of_session(identity, access_key_id=self.access_key_id)
        return without_session_context(identity) if self.type == CONSOLE_SIGN_IN else identity

    @property
    def expires_at(self) -> datetime:
        """When the event history drops the event.

        Spec: AWS CloudTrail API "LookupEvents"
        Evidence: documented (90 days)
        """
        return self.time + KEPT


def is_read_only(source: str, name: str) -> bool:
    """Returns whether an event counts as read-only: calls that change nothing, and those that only issue credentials.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", readOnly
    Evidence: documented (the field), observed 2026 (AssumeRoleWithSAML and GetCallerIdentity), assumed (by name)
    """
    return source == STS_SOURCE or name.startswith(_READING)


def has_response_elements(source: str, name: str) -> bool:
    """Returns whether the record includes the answer.

    The records of reading calls leave it out. Those of STS's calls that issue credentials include it, although they
    count as read-only. Amazon Connect's answer to GetFederationToken is redacted.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-record-contents", responseElements; Amazon Connect
        Administrator Guide "logging-using-cloudtrail"
    Evidence: documented
    """
    if source == STS_SOURCE:
        return name not in _WITHOUT_ANSWER
    return not name.startswith(_READING)


def record_of(event: TrailEvent) -> dict[str, Any]:
    """Returns the record, with its fields in AWS's order.

    The only known TLS detail is the host that the client asked for. Calls made by the console have no tlsDetails.

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
