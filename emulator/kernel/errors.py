"""The exception tree that every package shares.

    FederationError
    ├── FileError               a file of the user's cannot be used: file, line, key
    │   ├── WorldError
    │   └── ScenarioError
    ├── StateError              a saved state cannot be used
    │   └── StateNotSaved       the state cannot be saved
    ├── Refusal                 a service said no; the message is the service's words
    │   ├── NetworkFailure
    │   ├── OktaRefusal
    │   └── AwsRefusal
    │       ├── InvalidSamlResponse
    │       ├── SignInRefusal
    │       ├── InvalidIdentityToken
    │       │   └── DiscoveryRefusal
    │       │       └── ProviderNotFound
    │       ├── ExpiredTokenException
    │       ├── AccessDenied
    │       ├── ValidationError
    │       │   └── UnusableSessionTags
    │       ├── InvalidParameterValue
    │       ├── InvalidAction
    │       ├── MissingAuthenticationToken
    │       ├── IncompleteSignature
    │       ├── InvalidClientTokenId
    │       ├── SignatureDoesNotMatch
    │       ├── ExpiredToken
    │       ├── InvalidInput
    │       ├── MalformedPolicyDocument
    │       ├── PackedPolicyTooLarge
    │       ├── RegionDisabled
    │       ├── InvalidAuthorizationMessage
    │       ├── NoSuchEntity
    │       ├── EntityAlreadyExists
    │       ├── DeleteConflict
    │       ├── UnmodifiableEntity
    │       ├── LimitExceeded
    │       ├── FederationEndpointRefusal
    │       └── ConnectRefusal
    ├── EnvironmentProblem      this machine lacks something
    ├── FlowError               the browser cannot go on
    │   ├── HostNotEmulated
    │   └── ConnectionLost
    └── ExpectationFailed       a scenario expected something else (also an AssertionError)

This module is part of the kernel: standard library only, importable by every package. No wire format lives here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import islice
from typing import Any, Final, Self

from emulator.kernel.explanations import Cause
from emulator.kernel.records import dataclass


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file of the user's: ``world.yaml:18  okta.acme.apps.amazon-connect.audience``.

    ``line`` counts from 1; 0 means the file as a whole.
    """

    file: str
    line: int = 0
    key: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        shown = f"{place}  {self.key}" if self.key else place
        return shown.replace("\n", "\\n")  # a name or a key may have a line break, which would look like another line


class FederationError(Exception):
    """An error that says what went wrong, why, where, and what to do about it.

    Args:
        message: One sentence; for a refusal, the service's own words.
        explanation: Why it happened, for the person who set up the federation.
        where: Place in the assertion or request, as a path such as ``/Response/Assertion/Issuer``.
        expected: What would have been accepted.
        received: What was there instead.
        spec: Specification section or vendor page that has the rule.
        fix: What to change.
    """

    def __init__(
        self,
        message: str,
        *,
        explanation: str = "",
        where: str = "",
        expected: str = "",
        received: str = "",
        spec: str = "",
        fix: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.explanation = explanation
        self.where = where
        self.expected = expected
        self.received = received
        self.spec = spec
        self.fix = fix


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file: where it is, what is wrong, what was expected, and the fix where it is known."""

    location: Location
    message: str
    expected: str = ""
    did_you_mean: str = ""
    fix: str = ""

    def __str__(self) -> str:
        hint = f"; did you mean {self.did_you_mean}?" if self.did_you_mean else ""
        rows = (("want", self.expected), ("fix", self.fix))
        return "\n".join(
            [f"{self.location}", f"  {self.message}{hint}", *(f"  {name:<6} {text}" for name, text in rows if text)]
        )


MOST_PROBLEMS: Final = 100
"""The most mistakes of a file that are listed."""


def first_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Returns the first mistakes of a file, and how many more there are as the last one."""
    waiting = iter(problems)
    first = list(islice(waiting, MOST_PROBLEMS))
    more = sum(1 for _ in waiting)
    if more:
        first.append(Problem(first[-1].location, f"there are {more:,} more mistakes"))
    return first


class FileError(FederationError):
    """A file of the user's cannot be used; ``problems`` holds the mistakes found in it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.message, expected=first.expected)
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        """Makes it picklable: an exception is rebuilt from its arguments, which here are the problems."""
        return type(self), (self.problems,)

    @property
    def location(self) -> Location:
        """The place of the first problem."""
        return self.problems[0].location

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class WorldError(FileError):
    """A world file cannot be used."""


class ScenarioError(FileError):
    """A scenario file cannot be used."""


class StateError(FederationError):
    """A saved state cannot be used."""


class StateNotSaved(StateError):
    """The state cannot be saved: the file cannot be written, or another process has it."""


TOLD_OF_REFUSALS = (
    "message",
    "service",
    "code",
    "status",
    "check",
    "evidence",
    "explanation",
    "where",
    "expected",
    "received",
    "spec",
    "fix",
)
"""The attributes that describe a refusal, by name."""


class Refusal(FederationError):
    """A service refused a request.

    Args:
        message: The service's words, verbatim.
        service: The service that refused, by the name that people use: ``AWS sign-in``, ``Amazon Connect``, ``Okta``.
        code: Error code of the service, for example ``InvalidIdentityToken``.
        status: HTTP status of the answer.
        check: Name of the check that decided, for example ``audience``.
        evidence: ``documented``, ``observed`` or ``assumed``: whether these words are known to be the service's.
        causes: What made it so, the likeliest first: settings of the service's own, or something sent to it.
        explanation, where, expected, received, spec, fix: As in ``FederationError``.
    """

    code = ""
    status = 400
    service = ""

    def __init__(
        self,
        message: str,
        *,
        service: str = "",
        code: str = "",
        status: int = 0,
        check: str = "",
        evidence: str = "documented",
        explanation: str = "",
        where: str = "",
        expected: str = "",
        received: str = "",
        spec: str = "",
        fix: str = "",
        causes: tuple[Cause, ...] = (),
    ) -> None:
        super().__init__(
            message,
            explanation=explanation,
            where=where,
            expected=expected,
            received=received,
            spec=spec,
            fix=fix,
        )
        self.service = service or type(self).service
        self.code = code or type(self).code
        self.status = status or type(self).status
        self.check = check
        self.evidence = evidence
        self.causes = causes

    def __reduce__(self) -> tuple[Any, ...]:
        """Makes it copyable and picklable, even where a subclass takes other arguments."""
        return _made_again, (type(self), self.args, self.__dict__)

    @property
    def plain(self) -> Self:
        """The refusal as data alone: without its causes, and without what only its answer needs."""
        told = copy(self)
        for name in vars(self).keys() - set(TOLD_OF_REFUSALS):
            delattr(told, name)
        told.args = (self.message,)
        told.causes = ()
        return told


def _made_again(kind: type[Refusal], arguments: tuple[Any, ...], values: Mapping[str, Any]) -> Refusal:
    """Returns a refusal with the values of another one, bypassing its ``__init__``, which may take other arguments."""
    made = Exception.__new__(kind, *arguments)
    made.__dict__.update(values)
    return made


class NetworkFailure(Refusal):
    """The network failed on the way to a service or back, so no service refused."""

    service = "The network"
    status = 0


class OktaRefusal(Refusal):
    """The Okta org refused; ``code`` is Okta's ``errorCode`` such as ``E0000004``."""

    service = "Okta"


class AwsRefusal(Refusal):
    """AWS refused; ``code`` is the code in the error response."""

    service = "AWS"


class InvalidSamlResponse(AwsRefusal):
    """The sign-in page's answer to a form without a usable SAML response; the page shows no code."""

    code = "InvalidSAMLResponse"


class SignInRefusal(AwsRefusal):
    """The sign-in site itself refused, without asking STS; its page shows the sentence alone, without a code."""

    code = "SignInRefused"


class InvalidIdentityToken(AwsRefusal):
    """STS does not accept the assertion."""

    code = "InvalidIdentityToken"


class DiscoveryRefusal(InvalidIdentityToken):
    """The component that looks up SAML providers refused; AWS adds that component's name and code to the message."""

    discovery_code = "AuthSamlInvalidSamlResponseException"


class ProviderNotFound(DiscoveryRefusal):
    """No SAML provider has this ARN."""

    discovery_code = "AuthSamlManifestNotFoundException"


class ExpiredTokenException(AwsRefusal):
    """The assertion was redeemed too late."""

    code = "ExpiredTokenException"


class AccessDenied(AwsRefusal):
    """A policy does not allow the call."""

    code = "AccessDenied"
    status = 403


class ValidationError(AwsRefusal):
    """A parameter of the call is malformed."""

    code = "ValidationError"


class UnusableSessionTags(ValidationError):
    """STS cannot use the session tags; for these the sign-in page names a different component of STS than usual."""


class InvalidParameterValue(AwsRefusal):
    """A parameter's value contradicts another one."""

    code = "InvalidParameterValue"


class InvalidAction(AwsRefusal):
    """The service has no such action, or the emulator does not offer it."""

    code = "InvalidAction"


class MissingAuthenticationToken(AwsRefusal):
    """The call has to be signed, and is not."""

    code = "MissingAuthenticationToken"
    status = 403


class IncompleteSignature(AwsRefusal):
    """The call's signature lacks a part."""

    code = "IncompleteSignature"


class InvalidClientTokenId(AwsRefusal):
    """The call is signed with a key that AWS does not know, or with another key's session token."""

    code = "InvalidClientTokenId"
    status = 403


class SignatureDoesNotMatch(AwsRefusal):
    """The call's signature does not match the one computed with its secret key."""

    code = "SignatureDoesNotMatch"
    status = 403


class ExpiredToken(AwsRefusal):
    """The call is signed with expired temporary credentials."""

    code = "ExpiredToken"
    status = 403


class InvalidInput(AwsRefusal):
    """A document given to IAM cannot be used."""

    code = "InvalidInput"


class MalformedPolicyDocument(AwsRefusal):
    """A policy document is not one that IAM accepts."""

    code = "MalformedPolicyDocument"


class PackedPolicyTooLarge(AwsRefusal):
    """Session policies and tags do not fit into a session."""

    code = "PackedPolicyTooLarge"


class RegionDisabled(AwsRefusal):
    """STS is not active in this region for the account."""

    code = "RegionDisabledException"
    status = 403


class InvalidAuthorizationMessage(AwsRefusal):
    """The text is not an encoded authorization message."""

    code = "InvalidAuthorizationMessageException"


class NoSuchEntity(AwsRefusal):
    """IAM has nothing of that name."""

    code = "NoSuchEntity"
    status = 404


class EntityAlreadyExists(AwsRefusal):
    """IAM has something of that name already."""

    code = "EntityAlreadyExists"
    status = 409


class DeleteConflict(AwsRefusal):
    """Something else still depends on the resource to be deleted."""

    code = "DeleteConflict"
    status = 409


class UnmodifiableEntity(AwsRefusal):
    """The role belongs to an AWS service, which alone may change it."""

    code = "UnmodifiableEntity"


class LimitExceeded(AwsRefusal):
    """An account's quota is used up."""

    code = "LimitExceeded"
    status = 409


class FederationEndpointRefusal(AwsRefusal):
    """The federation endpoint of AWS sign-in refused; only the status of its answer is known."""

    service = "AWS federation endpoint"
    code = "BadRequest"


class ConnectRefusal(AwsRefusal):
    """Amazon Connect refused; ``code`` is the API error's name, such as ``UserNotFoundException``."""

    service = "Amazon Connect"


class EnvironmentProblem(FederationError):
    """This machine lacks something: a free port, a matching library, a writable folder."""


class FlowError(FederationError):
    """The browser cannot continue: no form to post, too many redirects, an unexpected page."""


class HostNotEmulated(FlowError):
    """A page sends the browser to a host that is not emulated; ``where`` is the address."""


class ConnectionLost(FlowError):
    """A connection ended before the answer was there; ``where`` is the address."""


class ExpectationFailed(FederationError, AssertionError):
    """A scenario or a test expected another outcome."""
