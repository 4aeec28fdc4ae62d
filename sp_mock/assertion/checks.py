"""Everything AWS asks of an assertion, in the order in which it asks.

``CHECKS`` is the one list that sign-in, ``sts:AssumeRoleWithSAML`` and the inspector go through. Each check takes what
it judges and the request, and returns, or raises the refusal that a caller would get. What it judges depends on how far
AWS has come: the message as it was received, the Response in it, then the verified assertion and nothing else. The
order is assumed where AWS does not show it: first what the component for SAML providers can decide, then what STS
reads, then the role's policies. Within one component, the checks whose words are known come first, so that a message
with several mistakes is answered in known words where possible.

The role chooser comes between ``OF_THE_ASSERTION`` and ``OF_THE_ROLE``: a person with several roles who has a bad
RoleSessionName chooses, and is refused then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from emulator.kernel.errors import AwsRefusal
from emulator.kernel.records import dataclass
from sp_mock.assertion import assertion_checks, message_checks, role_checks, session_checks, time_checks
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse, UnreadableMessage
from sp_mock.assertion.session_tags import session_tags
from sp_mock.assertion.signature import VerifiedAssertion, suppose_verified

Judged = TypeVar("Judged")
AskOfRole = Callable[[VerifiedAssertion, LoginRequest], object]
Verify = Callable[[ReceivedResponse, LoginRequest], VerifiedAssertion]


@dataclass(frozen=True, slots=True)
class Check(Generic[Judged]):
    """One question AWS asks.

    Args:
        name: What the check is about, for example ``audience``.
        ask: Returns when the check passes, raises the refusal otherwise.
    """

    name: str
    ask: Callable[[Judged, LoginRequest], object]

    @property
    def question(self) -> str:
        """The first line of the check's docstring."""
        return (self.ask.__doc__ or "").strip().splitlines()[0]


READING: tuple[Check[ReceivedMessage], ...] = (
    Check("base64", message_checks.base64),
    Check("response", message_checks.response),
)
# Whether the message can be understood at all comes first; its Destination last, because AWS publishes nothing on it.
BEFORE_VERIFICATION: tuple[Check[ReceivedResponse], ...] = (
    Check("version", message_checks.version),
    Check("status", message_checks.status),
    Check("instants", message_checks.instants),
    Check("role-attribute", message_checks.role_attribute),
    Check("provider", message_checks.provider),
    Check("assertion-encryption", message_checks.assertion_encryption),
    Check("issuer", message_checks.issuer),
    Check("response-destination", message_checks.response_destination),
)
VERIFICATION: Check[ReceivedResponse] = Check("signature", message_checks.signature)
OF_THE_ASSERTION: tuple[Check[VerifiedAssertion], ...] = (
    Check("subject-confirmation", assertion_checks.subject_confirmation),
    Check("audience", assertion_checks.audience),
    Check("redeemed-in-time", time_checks.redeemed_in_time),
    Check("time-window", time_checks.time_window),
    Check("requested-role", assertion_checks.requested_role),
)
_TRUST: Check[VerifiedAssertion] = Check("trust-policy", role_checks.trust_policy)
# STS itself asks these; a public walkthrough shows that the role chooser comes first.
OF_THE_ROLE: tuple[Check[VerifiedAssertion], ...] = (
    Check("session-end", time_checks.session_end),
    Check("role-session-name", session_checks.role_session_name),
    Check("source-identity", session_checks.source_identity),
    Check("session-tags", session_tags),
    Check("session-duration", session_checks.session_duration),
    Check("name-id", session_checks.name_id),
    _TRUST,
    Check("recipient", role_checks.recipient),
    Check("max-session-duration", role_checks.max_session_duration),
)
CHECKS: tuple[Check[Any], ...] = (*READING, *BEFORE_VERIFICATION, VERIFICATION, *OF_THE_ASSERTION, *OF_THE_ROLE)


def run_checks(message: ReceivedMessage, request: LoginRequest) -> VerifiedAssertion:
    """Runs the checks in order; the first that fails decides.

    Raises:
        AwsRefusal: the failing check's.
    """
    assertion = check_message(message, request)
    check_assertion(assertion, request)
    check_role(assertion, request)
    return assertion


def check_message(
    message: ReceivedMessage, request: LoginRequest, *, verify: Verify = message_checks.signature
) -> VerifiedAssertion:
    """Runs the checks up to the signature, and returns the assertion that the signature covers.

    Args:
        message: The message as it was received.
        verify: Verifies the signature, or supplies the result where it is known already.

    Raises:
        AwsRefusal: the failing check's.
    """
    readable = message_checks.response(message, request)
    for check in BEFORE_VERIFICATION:
        check.ask(readable, request)
    return verify(readable, request)


def check_assertion(assertion: VerifiedAssertion, request: LoginRequest) -> None:
    """Runs the checks that do not depend on the role; they come before the role chooser is shown.

    Raises:
        AwsRefusal: the failing check's.
    """
    for check in OF_THE_ASSERTION:
        check.ask(assertion, request)


def check_role(
    assertion: VerifiedAssertion, request: LoginRequest, *, trust: AskOfRole = role_checks.trust_policy
) -> None:
    """Runs the checks that come once a role is chosen.

    Args:
        trust: Evaluates the role's trust policy, or supplies the result where it is known already.

    Raises:
        AwsRefusal: the failing check's.
    """
    for check in OF_THE_ROLE:
        (trust if check is _TRUST else check.ask)(assertion, request)


def verdicts(message: ReceivedMessage, request: LoginRequest) -> Iterator[tuple[Check[Any], AwsRefusal | None]]:
    """Runs all checks, whatever fails, and yields each with its refusal or None.

    A check that cannot run because an earlier one failed yields that earlier refusal. An invalid signature does not
    hide the rest: the later checks run as if it were valid.
    """
    unreadable = None
    for reading in READING:
        unreadable = _verdict(reading, message, request)
        yield reading, unreadable
    if isinstance(message, UnreadableMessage):
        yield from ((check, unreadable) for check in CHECKS[len(READING) :])
        return
    for before in BEFORE_VERIFICATION:
        yield before, _verdict(before, message, request)
    try:
        assertion = message_checks.signature(message, request)
    except AwsRefusal as refusal:
        yield VERIFICATION, refusal
        assertion = suppose_verified(message)
    else:
        yield VERIFICATION, None
    for after in (*OF_THE_ASSERTION, *OF_THE_ROLE):
        yield after, _verdict(after, assertion, request)


def _verdict(check: Check[Judged], judged: Judged, request: LoginRequest) -> AwsRefusal | None:
    try:
        check.ask(judged, request)
    except AwsRefusal as refusal:
        return refusal
    return None
