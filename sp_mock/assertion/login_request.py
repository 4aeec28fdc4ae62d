"""An assertion as presented to AWS: what was sent, by which front, for which role, and what AWS knows about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from lxml import etree

from emulator.kernel.errors import AwsRefusal, DiscoveryRefusal, InvalidSamlResponse, ProviderNotFound
from sp_mock.accounts.model import Aws, Role, SamlProvider
from sp_mock.arn import Arn
from sp_mock.assertion.decryption import Undecipherable, open_assertion
from sp_mock.assertion.received import (
    ROLE,
    AssertionValues,
    ReceivedResponse,
    UnusableResponse,
    attribute_path,
    decode,
    parse_response,
)
from sp_mock.assertion.signature import VerifiedAssertion, verify

INVALID_SAML_RESPONSE = "Your request included an invalid SAML response. To logout, click here."


class EntryPoint(StrEnum):
    """Where the assertion was presented; the two word some refusals differently."""

    SIGN_IN = "AWS sign-in"
    STS = "AWS STS"


@dataclass(frozen=True, slots=True)
class RolePair:
    """One usable value of the Role attribute."""

    role_arn: str
    provider_arn: str

    @property
    def account_id(self) -> str:
        """The account of the role."""
        return self.role_arn.split(":")[4]


def role_pair(value: str) -> RolePair | None:
    """Returns the pair of ARNs in a Role value, in either order, or None when it is no such pair.

    Spec: AWS IAM UG "id_roles_providers_create_saml_assertions"
    Evidence: documented (role first), observed (provider first, as Okta sends it; space after the comma)
    """
    parts = value.split(",")
    if len(parts) != 2:
        return None
    first, second = Arn.parse(parts[0].strip()), Arn.parse(parts[1].strip())
    if first is None or second is None:
        return None
    if first.is_role and second.is_saml_provider:
        return RolePair(str(first), str(second))
    if first.is_saml_provider and second.is_role:
        return RolePair(str(second), str(first))
    return None


class Presentation:
    """One assertion under examination. Everything is worked out when it is first asked for.

    Args:
        saml_response: The form field or parameter as sent.
        front: Where it was presented.
        aws: What AWS knows.
        now: The instant of the request.
        role_arn: The role asked for: a parameter of the API call, or the choice on the role chooser.
        provider_arn: The SAML provider asked for; only the API has this parameter.
        duration_seconds: The session length asked for; only the API has this parameter.
        acs_provider_arn: The SAML provider to whose own sign-in URL the assertion was posted.
    """

    def __init__(
        self,
        saml_response: str,
        *,
        entry_point: EntryPoint,
        aws: Aws,
        now: datetime,
        role_arn: str | None = None,
        provider_arn: str | None = None,
        duration_seconds: int | None = None,
        acs_provider_arn: str | None = None,
    ) -> None:
        self.saml_response = saml_response
        self.entry_point = entry_point
        self.aws = aws
        self.now = now
        self.requested_role_arn = role_arn
        self.requested_provider_arn = provider_arn
        self.duration_seconds = duration_seconds
        self.acs_provider_arn = acs_provider_arn

    @cached_property
    def xml(self) -> bytes:
        """The decoded message.

        Raises:
            AwsRefusal: it is not base64 or too long.
        """
        try:
            return decode(self.saml_response)
        except UnusableResponse as error:
            raise self.unusable(error, check="base64", words="Invalid base64 SAMLResponse") from None

    @cached_property
    def received(self) -> ReceivedResponse:
        """The parsed message.

        Raises:
            AwsRefusal: it is not a Response with one assertion.
        """
        try:
            return parse_response(self.xml, opener=self._open)
        except UnusableResponse as error:
            raise self.unusable(error, check="response", words="Invalid SAMLResponse") from None

    def _open(self, encrypted: etree._Element) -> tuple[bytes, str]:
        """Decrypts with the keys of the provider that the call or the sign-in URL names.

        Evidence: assumed (that nothing else tells AWS whose keys to use)
        """
        arn = self.requested_provider_arn or self.acs_provider_arn
        provider = self.aws.saml_provider(arn) if arn else None
        where = "/Response/EncryptedAssertion"
        if provider is None:
            raise UnusableResponse(
                "The assertion is encrypted, and it was posted to a URL that does not say for which SAML provider: "
                "encrypted assertions go to https://{region}.signin.aws.amazon.com/saml/acs/{provider id}.",
                where=where,
            )
        if not provider.private_keys:
            raise UnusableResponse(
                f"The assertion is encrypted, and {provider.arn} has no private key to open it.", where=where
            )
        try:
            opened = open_assertion(encrypted, provider.private_keys)
        except Undecipherable as error:
            raise UnusableResponse(f"The assertion cannot be decrypted: {error}.", where=where) from None
        return opened.text, opened.key_id

    @property
    def reading(self) -> AssertionValues:
        """What the assertion says, verified or not."""
        return self.received.reading

    @cached_property
    def role_pairs(self) -> tuple[RolePair, ...]:
        """The usable values of the Role attribute, without repetitions, in document order."""
        attribute = self.reading.attribute(ROLE)
        pairs = (role_pair(value) for value in attribute.values) if attribute else ()
        return tuple(dict.fromkeys(pair for pair in pairs if pair is not None))

    @cached_property
    def pair(self) -> RolePair | None:
        """The role and provider asked for; without a choice, the only or first pair of the assertion."""
        if self.requested_role_arn is None:
            return self.role_pairs[0] if self.role_pairs else None
        if self.requested_provider_arn is not None:
            return RolePair(self.requested_role_arn, self.requested_provider_arn)
        return next((pair for pair in self.role_pairs if pair.role_arn == self.requested_role_arn), None)

    @cached_property
    def provider(self) -> SamlProvider:
        """The SAML provider the assertion is presented for.

        Raises:
            AwsRefusal: no usable Role attribute names one, or AWS has no such provider.
        """
        if self.pair is None:
            raise self.no_usable_role()
        provider = self.aws.saml_provider(self.pair.provider_arn)
        if provider is None:
            known = sorted(arn for account in self.aws.accounts.values() for arn in account.saml_providers)
            raise ProviderNotFound(
                "Specified provider doesn't exist",
                service=self.entry_point,
                check="provider",
                explanation=f"No IAM SAML provider has the ARN {self.pair.provider_arn}. ARNs are case-sensitive.",
                where=attribute_path(ROLE),
                expected=" or ".join(known) or "an existing SAML provider",
                received=self.pair.provider_arn,
                fix="Enter the provider's exact ARN in the Okta app, or create the provider.",
                spec='AWS IAM UG "troubleshoot_saml"',
            )
        return provider

    @cached_property
    def role(self) -> Role | None:
        """The role asked for, if AWS has it."""
        return self.aws.role(self.pair.role_arn) if self.pair else None

    @cached_property
    def verified(self) -> VerifiedAssertion:
        """The assertion, once its signature is verified against the provider's metadata.

        Raises:
            BadSignature: it does not verify.
        """
        return verify(self.received, self.provider.metadata.certificates)

    def unusable(self, error: UnusableResponse, *, check: str, words: str) -> AwsRefusal:
        """Words a message that cannot be read, as this front does."""
        if self.entry_point is EntryPoint.SIGN_IN:
            return InvalidSamlResponse(
                INVALID_SAML_RESPONSE,
                service=self.entry_point,
                check=check,
                explanation=error.explanation,
                where=error.where,
                fix="Post the base64 form of the whole Response, once encoded, as the field SAMLResponse.",
                spec="SAML Bindings §3.5.4",
            )
        return DiscoveryRefusal(
            words,
            service=self.entry_point,
            check=check,
            evidence="observed" if check == "base64" else "assumed",
            explanation=error.explanation,
            where=error.where,
            fix="Pass the base64 form of the whole Response, once encoded.",
            spec="AWS STS API AssumeRoleWithSAML",
        )

    def no_usable_role(self) -> AwsRefusal:
        """Words an assertion without a usable Role attribute, as the sign-in page does."""
        attribute = self.reading.attribute(ROLE)
        received = ", ".join(attribute.values) if attribute else "no attribute of that name"
        return InvalidSamlResponse(
            INVALID_SAML_RESPONSE,
            service=self.entry_point,
            check="role-attribute",
            explanation=_role_mistake(self.reading),
            where=attribute_path(ROLE),
            expected="one arn:…:saml-provider/NAME,arn:…:role/NAME per value",
            received=received,
            fix="Assign a role to the user in the Okta app; with group mapping, look at the filter and the pattern.",
            spec='AWS IAM UG "troubleshoot_saml"',
        )


def _role_mistake(reading: AssertionValues) -> str:
    attribute = reading.attribute(ROLE)
    if attribute is None:
        near = next((a.name for a in reading.attributes if a.name.lower() == ROLE.lower()), None)
        if near:
            return f"The attribute is called {near}; AWS compares names exactly, case included."
        return "The assertion has no Role attribute: the identity provider found no role for this user."
    if not attribute.values:
        return "The Role attribute has no value."
    return "No value of the Role attribute is a pair of a SAML provider ARN and a role ARN."
