"""What AWS reads from an app's messages, of which only one is really issued, signed, encrypted and verified.

Key, encryption and frame of a message are valid or invalid alike for everybody who opens the app. The claims about a
person are put into that frame as AWS would read them; claims that might be read differently from how they were written
are really issued and received.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from emulator.kernel.clock import Clock, Ids
from emulator.kernel.errors import AwsRefusal
from idp.model import App
from idp.saml.claims import Claims
from idp.saml.issue import issue_claims
from sp_mock.accounts.model import SamlProvider
from sp_mock.assertion import values as read
from sp_mock.assertion.checks import Verify
from sp_mock.assertion.login_request import LoginRequest
from sp_mock.assertion.message_checks import signature
from sp_mock.assertion.received import ReceivedMessage, ReceivedResponse, UnreadableMessage, receive
from sp_mock.assertion.signature import VerifiedAssertion, suppose_verified

_MOST_CHARACTERS = 15_000
_ANYBODY = Claims("somebody", ())


class AppMessages:
    """The messages of one app, as AWS receives them.

    Args:
        app: The app.
        issued_at: When they are issued, by the identity provider's clock.
        addressed_to: SAML provider to whose own sign-in URL they are posted.
    """

    def __init__(self, app: App, *, issued_at: datetime, addressed_to: SamlProvider | None) -> None:
        self._app = app
        self._clock = Clock(frozen_at=issued_at)
        self._ids = Ids()
        self._addressed_to = addressed_to
        self._frame = self._issued(_ANYBODY)
        self._signatures: dict[str, AwsRefusal | None] = {}

    def received(self, claims: Claims) -> tuple[ReceivedMessage, Verify]:
        """Returns the message about a person as AWS reads it, and how its signature is verified.

        Args:
            claims: What the app says about the person.
        """
        frame = self._frame
        if isinstance(frame, UnreadableMessage):
            return frame, signature
        texts = [claims.name_id, *(text for each in claims.attributes for text in (each.name, *each.values))]
        # XML changes line ends and has no control characters, none of which is printable.
        if sum(map(len, texts)) > _MOST_CHARACTERS or not all(map(str.isprintable, texts)):
            return self._issued(claims), signature
        values = replace(
            frame.unverified,
            name_id=claims.name_id,
            attributes=tuple(read.Attribute(each.name, each.values) for each in claims.attributes),
        )
        return replace(frame, unverified=values), self._verify

    def _issued(self, claims: Claims) -> ReceivedMessage:
        issued = issue_claims(claims, self._app, authenticated_at=self._clock.now(), clock=self._clock, ids=self._ids)
        return receive(issued.saml_response, addressed_to=self._addressed_to)

    def _verify(self, message: ReceivedResponse, request: LoginRequest) -> VerifiedAssertion:
        """Verifies the frame's signature once for each SAML provider, on behalf of the message.

        Raises:
            AwsRefusal: the signature is invalid.
        """
        provider = str(request.provider.arn) if request.provider is not None else ""
        if provider not in self._signatures:
            self._signatures[provider] = self._refusal_of_signature(request)
        refusal = self._signatures[provider]
        if refusal is not None:
            raise refusal
        return suppose_verified(message)

    def _refusal_of_signature(self, request: LoginRequest) -> AwsRefusal | None:
        if isinstance(self._frame, UnreadableMessage):
            raise TypeError("a message that cannot be read is refused before its signature is asked about")
        try:
            signature(self._frame, request)
        except AwsRefusal as refusal:
            return refusal
        return None
