"""Which roles a person gets: assignments, Join all roles, and group mapping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emulator.federation import Federation
from emulator.kernel.errors import FederationError, OktaRefusal
from idp.model import App, Assignment, Org, User
from idp.saml.claims import claims_for
from idp.saml.roles import compile_group_filter, role_values
from tests.conftest import APP, PROVIDER_ARN

OFFICIAL_FILTER = r"^aws\#\S+\#(?{{role}}[\w\-]+)\#(?{{accountid}}\d+)$"
OFFICIAL_PATTERN = "arn:aws:iam::${accountid}:saml-provider/okta,arn:aws:iam::${accountid}:role/${role}"


@pytest.fixture
def org(federation: Federation) -> Org:
    """Returns the org."""
    return federation.identity_providers["acme"].org


@pytest.fixture
def app(org: Org) -> App:
    """Returns the app without assignments."""
    return replace(org.apps[APP], assignments=(), join_all_roles=False)


def _value(role: str) -> str:
    return f"{PROVIDER_ARN},arn:aws:iam::123456789012:role/{role}"


PERSON = User(user_id="00u1", login="p@example.com", email="p.mail@example.com", groups=("A", "B"))
DIRECT = Assignment(user="p@example.com", saml_user_roles=("Direct",))
BY_A = Assignment(group="A", role="Fallback", saml_user_roles=("One", "Two"))
BY_B = Assignment(group="B", role="Single")


@pytest.mark.parametrize(
    ("assignments", "join", "roles"),
    [
        ((BY_A,), False, ("One", "Two")),
        ((BY_B,), False, ("Single",)),
        ((BY_A, DIRECT), False, ("Direct",)),
        ((BY_A, BY_B), False, ("One", "Two")),
        ((BY_A, DIRECT, BY_B), True, ("Direct", "One", "Two", "Single")),
        ((Assignment(group="A"),), False, ()),
    ],
)
def test_assigned_roles(
    org: Org, app: App, assignments: tuple[Assignment, ...], join: bool, roles: tuple[str, ...]
) -> None:
    """SAML User Roles win over Role, a direct assignment over groups, unless all are joined."""
    app = replace(app, assignments=assignments, join_all_roles=join)
    assert role_values(org, app, PERSON) == tuple(map(_value, roles))


def test_group_mapping_replaces_assigned_roles(org: Org, app: App) -> None:
    """Each matching group gives one value; a role with a dot gives none under the official filter."""
    app = replace(
        app,
        assignments=(BY_A,),
        use_group_mapping=True,
        group_filter=OFFICIAL_FILTER,
        role_value_pattern=OFFICIAL_PATTERN,
    )
    groups = ("aws#acme#Admin#111122223333", "aws#acme#Read-Only#444455556666", "aws#acme#Has.Dot#111122223333", "A")
    assert role_values(org, app, replace(PERSON, groups=groups)) == (
        "arn:aws:iam::111122223333:saml-provider/okta,arn:aws:iam::111122223333:role/Admin",
        "arn:aws:iam::444455556666:saml-provider/okta,arn:aws:iam::444455556666:role/Read-Only",
    )


def test_a_filter_that_does_not_compile_is_told() -> None:
    """The message has the compiler's reason."""
    with pytest.raises(FederationError) as caught:
        compile_group_filter("(?{{role}}[")
    assert caught.value.message.startswith("the group filter does not compile: unterminated character set")


def test_an_identity_provider_arn_that_is_none_is_told(org: Org, app: App) -> None:
    """The message names the app, the expectation shows an ARN."""
    with pytest.raises(FederationError) as caught:
        role_values(org, replace(app, assignments=(BY_A,), identity_provider_arn="okta"), PERSON)
    assert caught.value.message == "the Identity Provider ARN of Amazon Connect SAML is no ARN"
    assert caught.value.received == "okta"


def test_without_a_role_there_is_no_role_attribute(org: Org, app: App) -> None:
    """Okta sends no empty attribute."""
    claims = claims_for(org, replace(app, assignments=(Assignment(group="A"),)), PERSON)
    assert [attribute.name.rpartition("/")[2] for attribute in claims.attributes] == [
        "RoleSessionName",
        "SessionDuration",
    ]


@pytest.mark.parametrize(
    ("username_format", "name"),
    [("okta_username", "p@example.com"), ("email", "p.mail@example.com"), ("email_prefix", "p.mail")],
)
def test_the_application_username_is_name_id_and_session_name(
    org: Org, app: App, username_format: str, name: str
) -> None:
    """The format decides both."""
    claims = claims_for(org, replace(app, assignments=(BY_A,), username_format=username_format), PERSON)
    assert (claims.name_id, claims.values("RoleSessionName")) == (name, (name,))


def test_an_app_that_is_not_assigned_is_refused_in_oktas_words(org: Org, app: App) -> None:
    """403 App Not Assigned."""
    with pytest.raises(OktaRefusal) as caught:
        claims_for(org, app, PERSON)
    refusal = caught.value
    assert (refusal.status, refusal.code, refusal.check) == (403, "App Not Assigned", "app-assignment")
    assert refusal.message == (
        "Sorry, you cannot access Amazon Connect SAML because you are not assigned this app in Okta. If you're "
        "wondering why this is happening, please contact your administrator."
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a{99999999999}", "the repetition number is too large"),
        ("(" * 50_000 + ")" * 50_000, "maximum recursion depth exceeded"),
    ],
    ids=["repeated", "nested"],
)
def test_a_filter_that_is_too_much_is_told_too(text: str, reason: str) -> None:
    """What the compiler gives up on is not a crash."""
    with pytest.raises(FederationError) as caught:
        compile_group_filter(text)
    assert caught.value.message.startswith(f"the group filter does not compile: {reason}")
