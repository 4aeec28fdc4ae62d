"""ConsoleLogin as CloudTrail records it.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-aws-console-sign-in-events"
"""

from __future__ import annotations

from sp_mock.cloudtrail.details import MAX_ADDITIONAL_DATA, RequestDetails, within_limit
from sp_mock.cloudtrail.events import CONSOLE_SIGN_IN, SIGN_IN_SOURCE, RequestOrigin, TrailEvent
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail.user_identity import identity_of_session
from sp_mock.principals.credentials import FederatedSession, RoleSession

_SUCCESS = {"ConsoleLogin": "Success"}


def record_console_login(
    history: EventHistory,
    session: FederatedSession,
    *,
    login_to: str,
    region: str,
    origin: RequestOrigin,
    saml_provider_arn: str = "",
) -> None:
    """Records that somebody signed in to the console.

    Args:
        history: Where it is kept.
        session: Who signed in.
        login_to: Where sign-in leads.
        region: Of the sign-in host.
        origin: Where the request came from.
        saml_provider_arn: Who vouched for them; empty at the federation endpoint.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-aws-console-sign-in-events"
    Evidence: documented (the fields), observed (SamlProviderArn), assumed (the region of the global host)
    """
    data = {"LoginTo": login_to, "MobileVersion": "No", "MFAUsed": "No"}
    if saml_provider_arn:
        data["SamlProviderArn"] = saml_provider_arn
    history.add(
        TrailEvent(
            event_id=history.ids.uuid(),
            time=history.clock.now(),
            source=SIGN_IN_SOURCE,
            name="ConsoleLogin",
            type=CONSOLE_SIGN_IN,
            region=region,
            account_id=session.account_id,
            principal=session if isinstance(session, RoleSession) else identity_of_session(session),
            origin=origin,
            read_only=False,
            details=RequestDetails(
                response_elements=_SUCCESS, additional_data=within_limit(data, limit=MAX_ADDITIONAL_DATA)
            ),
        )
    )
