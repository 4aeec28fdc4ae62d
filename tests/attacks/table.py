"""A row of the attack table: a message, where it is sent, and the check and code that refuse it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

INVALID = "Your request included an invalid SAML response. To logout, click here."
NOT_ALLOWED = "Not authorized to perform sts:AssumeRoleWithSAML"
CONFIRMATION = "Responses must contain SubjectConfirmatonData with a Recipient and NotOnOrAfter"
TOO_LATE = "Token must be redeemed within 5 minutes of issuance"
# What sign-in says of a message that cannot be used, and STS with the code InvalidIdentityToken.
UNUSABLE = {
    "base64": "Invalid base64 SAMLResponse",
    "response": "Invalid SAMLResponse",
    "version": "Invalid SAMLResponse",
    "status": "Invalid SAMLResponse",
    "instants": "Invalid SAMLResponse",
    "assertion-encryption": "Invalid SAMLResponse",
    "response-destination": "Invalid SAMLResponse",
}
# Check -> code and words, the same at sign-in and STS.
REFUSED = {
    "provider": ("InvalidIdentityToken", "Specified provider doesn't exist"),
    "partition": ("InvalidIdentityToken", "Specified provider doesn't exist"),
    "issuer": ("InvalidIdentityToken", "Issuer not present in specified provider"),
    "signature": ("InvalidIdentityToken", "Response signature invalid"),
    "subject-confirmation": ("InvalidIdentityToken", CONFIRMATION),
    "recipient": ("InvalidIdentityToken", CONFIRMATION),
    "audience": ("InvalidIdentityToken", "Response does not contain the required audience."),
    "redeemed-in-time": ("ExpiredTokenException", TOO_LATE),
    "time-window": ("ExpiredTokenException", "Response has expired"),
    "not-yet": ("InvalidIdentityToken", "Response is not yet valid"),
    "session-end": ("ExpiredTokenException", "Response has expired"),
    "requested-role": (
        "InvalidIdentityToken",
        "SAML Assertion doesn't contain the requested Role and Metadata in the attributes",
    ),
    "no-session-name": ("InvalidIdentityToken", "RoleSessionName is required in AuthnResponse"),
    "role-session-name": (
        "InvalidIdentityToken",
        "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
    ),
    "source-identity": (
        "InvalidIdentityToken",
        'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"',
    ),
    "session-tags": ("ValidationError", "Unable to validate tags"),
    "duplicate-tags": (
        "InvalidParameterValue",
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    ),
    "transitive-tags": (
        "InvalidParameterValue",
        "The specified transitive tag key must be included in the requested tags.",
    ),
    "session-duration": ("ValidationError", "SessionDuration must be between 900 and 43200 seconds"),
    "name-id": ("AccessDenied", NOT_ALLOWED),
    "trust-policy": ("AccessDenied", NOT_ALLOWED),
}
# Outcomes of one check that differ in their words.
CHECK_OF = {
    "not-yet": "time-window",
    "no-session-name": "role-session-name",
    "duplicate-tags": "session-tags",
    "transitive-tags": "session-tags",
}


@dataclass(frozen=True)
class Attack:
    """A message that must be refused, at sign-in and at STS.

    Args:
        name: What is done.
        make: Returns the form field.
        outcome: A key of the tables above.
        sts: STS's, where it differs.
        provider: The SAML provider that STS is asked about.
        sign_in_only: Whether STS does not ask.
        to_the_providers_url: Whether it is posted to the provider's own sign-in URL.
    """

    name: str
    make: Callable[[], str]
    outcome: str
    sts: str | None = None
    provider: str = "idp"
    sign_in_only: bool = False
    to_the_providers_url: bool = False

    def expected(self, *, at_sts: bool) -> tuple[str, str, str]:
        """Returns the check, the code and the words."""
        outcome = (self.sts or self.outcome) if at_sts else self.outcome
        if outcome == "role-attribute" or (outcome in UNUSABLE and not at_sts):
            return outcome, "InvalidSAMLResponse", INVALID
        if outcome in UNUSABLE:
            return outcome, "InvalidIdentityToken", UNUSABLE[outcome]
        return CHECK_OF.get(outcome, outcome), *REFUSED[outcome]
