"""What CloudTrail records of a sign-in: what the sign-in page asked of STS, and ConsoleLogin.

Spec: AWS CloudTrail UG "cloudtrail-event-reference-aws-console-sign-in-events"; AWS IAM UG "cloudtrail-integration"
"""

from __future__ import annotations

from emulator.kernel.errors import AwsRefusal
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.received import ReceivedMessage
from sp_mock.assertion.signature import VerifiedAssertion
from sp_mock.assertion.values import SESSION_DURATION
from sp_mock.cloudtrail.details import MAX_ADDITIONAL_DATA, RequestDetails, within_limit
from sp_mock.cloudtrail.events import CONSOLE_SIGN_IN, SIGN_IN_SOURCE, RequestOrigin, TrailEvent, behind_a_page
from sp_mock.cloudtrail.history import EventHistory
from sp_mock.cloudtrail.user_identity import identity_of_session
from sp_mock.principals.credentials import FederatedSession, RoleSession
from sp_mock.signin.console_sessions import BrowserContext
from sp_mock.sts.assume_role_with_saml import DEFAULT_SESSION_SECONDS, AssumedRole
from sp_mock.sts.saml_events import record_assumed_role, record_refused_role

_SUCCESS = {"ConsoleLogin": "Success"}


def record_role(
    history: EventHistory, assumed: AssumedRole, assertion: VerifiedAssertion, browser: BrowserContext
) -> None:
    """Records that sign-in assumed a role for somebody, with the session length it asked STS for.

    Evidence: assumed (the length; address and agent are the browser's)
    """
    record_assumed_role(
        history,
        assumed,
        assertion=assertion,
        duration_seconds=int(assertion.values.value(SESSION_DURATION) or DEFAULT_SESSION_SECONDS),
        region=browser.endpoint.region_name,
        client=behind_a_page(browser.client),
    )


def record_refusal(
    history: EventHistory,
    refusal: AwsRefusal,
    message: ReceivedMessage,
    request: LoginRequest,
    browser: BrowserContext,
) -> None:
    """Records that STS refused what sign-in asked for."""
    record_refused_role(
        history,
        refusal,
        message=message,
        request=request,
        region=browser.endpoint.region_name,
        client=behind_a_page(browser.client),
    )


def record_console_login(
    history: EventHistory, session: FederatedSession, browser: BrowserContext, *, login_to: str, by_saml: bool = True
) -> None:
    """Records that somebody signed in to the console.

    Args:
        history: The event history to add to.
        session: The console session.
        browser: The browser, with the endpoint it used.
        login_to: URL to which sign-in leads.
        by_saml: Whether they signed in with an assertion rather than through the federation endpoint.

    Spec: AWS CloudTrail UG "cloudtrail-event-reference-aws-console-sign-in-events"
    Evidence: documented (the fields), observed (SamlProviderArn), assumed (the region of the global host)
    """
    data = {"LoginTo": login_to, "MobileVersion": "No", "MFAUsed": "No"}
    if by_saml and isinstance(session, RoleSession):
        data["SamlProviderArn"] = session.saml_keys["aws:federatedprovider"][0]
    details = RequestDetails(response_elements=_SUCCESS, additional_data=within_limit(data, limit=MAX_ADDITIONAL_DATA))
    history.add(
        TrailEvent(
            event_id=history.ids.uuid(),
            time=history.clock.now(),
            source=SIGN_IN_SOURCE,
            name="ConsoleLogin",
            type=CONSOLE_SIGN_IN,
            region=browser.endpoint.region_name,
            account_id=session.account_id,
            principal=session if isinstance(session, RoleSession) else identity_of_session(session),
            origin=RequestOrigin.of(browser.client, session.arn.rpartition("/")[2]),
            read_only=False,
            details=details,
        )
    )
