"""The refusals of the management API.

Spec: developer.okta.com, "Okta error codes and descriptions"
"""

from __future__ import annotations

from urllib.parse import urlsplit

from emulator.kernel.errors import OktaRefusal

_CODES = "developer.okta.com, Okta error codes"


class ApiRefusal(OktaRefusal):
    """A refusal with Okta's ``errorCauses``: the individual sentences below the summary."""

    def __init__(self, message: str, *, error_causes: tuple[str, ...] = (), **parts: object) -> None:
        super().__init__(message, **parts)  # type: ignore[arg-type]
        self.error_causes = error_causes


def not_found(given: str, kind: str) -> ApiRefusal:
    """Returns the refusal of an id that does not exist.

    Args:
        kind: What the id should name: ``User``, ``UserGroup``, ``AppInstance``, ``AppUser``, …

    Spec: developer.okta.com, error code E0000007
    Evidence: observed
    """
    return ApiRefusal(
        f"Not found: Resource not found: {given} ({kind})",
        code="E0000007",
        status=404,
        check="okta-resource",
        evidence="observed",
        explanation=f"The org has no {kind} {given}.",
        where="the request's path",
        received=given,
        fix="List what there is, and take an id from there.",
        spec=_CODES,
    )


def invalid(name: str, *causes: str, evidence: str = "assumed") -> ApiRefusal:
    """Returns the refusal of an invalid value in the request's body.

    Args:
        name: Name of the field.
        causes: Sentences that begin with a field's name.
        evidence: Whether the causes are Okta's sentences.

    Spec: developer.okta.com, error code E0000001
    Evidence: observed (the summary), assumed (the words of most causes)
    """
    return ApiRefusal(
        f"Api validation failed: {name}",
        code="E0000001",
        status=400,
        check="okta-validation",
        evidence=evidence,
        error_causes=causes,
        explanation="; ".join(causes),
        where=f"the request's body, {name}",
        fix="Correct the field.",
        spec=_CODES,
    )


def require_url(name: str, value: str) -> None:
    """Requires an http(s) URL with a host.

    Raises:
        ApiRefusal: E0000001 (400).
    """
    try:
        parts = urlsplit(value)
        is_url = parts.scheme in {"https", "http"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url:
        raise invalid(name, f"{name}: The value is no URL")


def exists_already(name: str) -> ApiRefusal:
    """Returns the refusal of a name that has to be unique and is already used.

    Spec: developer.okta.com, error code E0000001
    Evidence: observed
    """
    return invalid(
        name, f"{name}: An object with this field already exists in the current organization", evidence="observed"
    )


def missing(name: str) -> ApiRefusal:
    """Returns the refusal of a body without a required field.

    Spec: developer.okta.com, error code E0000001
    Evidence: observed
    """
    return invalid(name, f"{name}: The field cannot be left blank", evidence="observed")


def malformed() -> ApiRefusal:
    """Returns the refusal of a body that is not a JSON object.

    Spec: developer.okta.com, error code E0000003
    Evidence: documented
    """
    return ApiRefusal(
        "The request body was not well-formed.",
        code="E0000003",
        status=400,
        check="okta-body",
        explanation="The request's body is no JSON object.",
        where="the request's body",
        expected="a JSON object",
        fix="Send JSON with Content-Type: application/json.",
        spec=_CODES,
    )


def unusable_request(status: int, problem: str) -> ApiRefusal:
    """The request cannot be taken, before anything reads it: it is too large, for example.

    Args:
        status: The HTTP status.
        problem: What is wrong with it.

    Spec: developer.okta.com, error code E0000003
    Evidence: assumed (that the code is used for these)
    """
    return ApiRefusal(
        "The request body was not well-formed.",
        code="E0000003",
        status=status,
        check="okta-body",
        evidence="assumed",
        error_causes=(problem,),
        explanation=problem,
        where="the request's body",
        fix="Send a smaller request; docs/running.md lists the limits.",
        spec=_CODES,
    )


def invalid_token() -> ApiRefusal:
    """Returns the refusal of a missing or unknown API token.

    Spec: developer.okta.com, error code E0000011
    Evidence: documented
    """
    return ApiRefusal(
        "Invalid token provided",
        code="E0000011",
        status=401,
        check="okta-token",
        explanation="The header Authorization has no API token of this org.",
        where="header Authorization",
        expected="SSWS and one of the org's api_tokens",
        fix="Add the token to api_tokens of the org in the world file.",
        spec=_CODES,
    )


def forbidden() -> ApiRefusal:
    """Returns the refusal of a caller without permission.

    Spec: developer.okta.com, error code E0000006
    Evidence: documented
    """
    return ApiRefusal(
        "You do not have permission to perform the requested action",
        code="E0000006",
        status=403,
        check="okta-permission",
        explanation="A signed-in person may read about themselves; everything else needs an API token.",
        where="header Authorization",
        expected="SSWS and one of the org's api_tokens",
        fix="Send an API token.",
        spec=_CODES,
    )


def wrong_status(summary: str, explanation: str, *, code: str, status: int, evidence: str) -> ApiRefusal:
    """Returns the refusal of a life-cycle operation that is not possible in the current status.

    Spec: developer.okta.com, error codes E0000001, E0000016
    Evidence: documented (the codes), assumed (some of the words)
    """
    return ApiRefusal(
        summary,
        code=code,
        status=status,
        check="okta-lifecycle",
        evidence=evidence,
        explanation=explanation,
        where="the request's path",
        fix="Look at the status first.",
        spec=_CODES,
    )


def no_endpoint(path: str, *, is_known: bool) -> ApiRefusal:
    """Returns the refusal of a path or method that does not exist.

    Spec: developer.okta.com, error codes E0000008, E0000022
    Evidence: documented
    """
    if not is_known:
        return ApiRefusal(
            "The requested path was not found",
            code="E0000008",
            status=404,
            check="okta-resource",
            explanation=f"The emulator has nothing at {path}.",
            where="the request's path",
            received=path,
            fix="Look the call up in Okta's documentation; docs/okta.md lists what the emulator has.",
            spec=_CODES,
        )
    return ApiRefusal(
        "The endpoint does not support the provided HTTP method",
        code="E0000022",
        status=405,
        check="okta-resource",
        explanation=f"{path} is there, but not for this method.",
        where="the request's method",
        fix="Look the call up in Okta's documentation.",
        spec=_CODES,
    )


def feature_not_enabled(feature: str) -> ApiRefusal:
    """Returns the refusal of a feature that Okta sells and the org does not have.

    Spec: developer.okta.com, error code E0000015; support.okta.com, "401 Permissions Error"
    Evidence: documented
    """
    return ApiRefusal(
        "You do not have permission to access the feature you are requesting",
        code="E0000015",
        status=401,
        check="okta-feature",
        explanation=f"An emulated org does not have the feature {feature}.",
        where="the request's path",
        expected="the org authorization server, /oauth2/v1/…",
        fix="Set the client's issuer to the org's own URL, without /oauth2/default.",
        spec=_CODES,
    )


def bad_search(text: str) -> ApiRefusal:
    """Returns the refusal of a ``filter`` or ``search`` that cannot be parsed.

    Spec: developer.okta.com, error code E0000031
    Evidence: documented
    """
    return ApiRefusal(
        "Invalid search criteria.",
        code="E0000031",
        status=400,
        check="okta-search",
        explanation="The expression cannot be read, or names a property that cannot be searched.",
        where="query parameter filter or search",
        expected='for example profile.login eq "ada@example.com"',
        received=text,
        fix="Write attribute, operator and a quoted value; join with and, or.",
        spec="developer.okta.com, Filter",
    )
