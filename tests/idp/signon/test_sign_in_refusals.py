"""Why a sign-in is refused or waits: the setting behind it, what is there, what would be right, and the fix."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from emulator.flow import log_in
from emulator.kernel.errors import OktaRefusal
from emulator.kernel.explanations import Asked, Setting
from emulator.network.data_folder.keys import KeyFolder
from idp.signon.authn import Authentication
from idp.signon.factors import STEP_SECONDS, totp
from idp.signon.session import Sessions
from idp.signon.transaction import Transaction
from tests.idp.harbour import INES, KAYA, harbour

SECRET = "JBSWY3DPEHPK3PXP"
STATUS = f"users/{INES}/status"
CONSOLE = "Directory > People > person > More Actions"
PEOPLE = "ines@harbour.example or jon@harbour.example or kaya@harbour.example or noor@harbour.example"
SIGN_INS: tuple[tuple[dict[str, Any], str, str, tuple[str, ...], str, str], ...] = (
    (
        {},
        "inez@harbour.example",
        f"The org harbour has no user inez@harbour.example; the nearest is {INES}.",
        ("users", INES),
        INES,
        f"Sign in as {INES}, which is the login (the key under users).",
    ),
    (
        {},
        "ines.costa@harbour.example",
        f"The org harbour has no user ines.costa@harbour.example; that is the e-mail address of {INES}.",
        ("users", INES),
        INES,
        f"Sign in as {INES}, which is the login (the key under users).",
    ),
    (
        {},
        "kaya",
        f"The org harbour has no user kaya; the nearest is {KAYA}.",
        ("users", KAYA),
        KAYA,
        f"Sign in as {KAYA}, which is the login (the key under users).",
    ),
    (
        {},
        "zoe@elsewhere.example",
        "The org harbour has no user zoe@elsewhere.example.",
        ("users",),
        PEOPLE,
        "Add zoe@elsewhere.example to users of the org harbour (Directory > People > Add person).",
    ),
    (
        {f"users/{INES}/password": "lantern"},
        INES,
        f"The password of {INES} is another one.",
        ("users", INES, "password"),
        f"the password of {INES}",
        f"Sign in with the password in users.{INES}.password, which is fedemu where the world gives none.",
    ),
    *(
        (
            {STATUS: status},
            INES,
            f"The account of {INES} is {status}; only ACTIVE accounts sign in.",
            ("users", INES, "status"),
            "ACTIVE",
            f"Set users.{INES}.status: ACTIVE ({CONSOLE} > {step}).",
        )
        for status, step in (
            ("STAGED", "Activate"),
            ("SUSPENDED", "Unsuspend"),
            ("LOCKED_OUT", "Unlock"),
            ("DEPROVISIONED", "Activate"),
        )
    ),
)


@pytest.mark.parametrize("row", SIGN_INS, ids=lambda row: row[2])
def test_a_refused_sign_in_names_its_setting(keys: KeyFolder, row: tuple[Any, ...]) -> None:
    """Okta says the same sentence to everybody; the reason, the setting and the fix are each their own."""
    changes, username, why, cause, want, fix = row
    sessions = harbour(changes, keys=keys).identity_providers["harbour"].sessions
    with pytest.raises(OktaRefusal) as caught:
        sessions.check_password(username, "fedemu")
    refusal = caught.value
    assert (refusal.message, refusal.explanation, refusal.expected, refusal.fix) == (
        "Authentication failed",
        why,
        want,
        fix,
    )
    assert [each.path for each in refusal.causes if isinstance(each, Setting)] == [cause]


def test_a_password_is_not_told(keys: KeyFolder) -> None:
    """Neither the right one nor the one that was tried is in the refusal."""
    federation = harbour({f"users/{INES}/password": "lantern"}, keys=keys)
    with pytest.raises(OktaRefusal) as caught:
        federation.identity_providers["harbour"].sessions.check_password(INES, "candle")
    refusal = caught.value
    words = (refusal.message, refusal.explanation, refusal.expected, refusal.received, refusal.fix)
    assert not any(secret in text for text in words for secret in ("lantern", "candle"))


def test_a_session_token_is_the_clients_own(keys: KeyFolder) -> None:
    """A token that opens nothing came with the request."""
    sessions: Sessions = harbour({}, keys=keys).identity_providers["harbour"].sessions
    with pytest.raises(OktaRefusal) as caught:
        sessions.redeem("20111-used")
    assert caught.value.causes == (Asked("sessionToken"),)
    assert caught.value.expected == "a session token that /api/v1/authn gave in the last five minutes, once"


def _authentication(changes: dict[str, Any], keys: KeyFolder) -> tuple[Authentication, Any]:
    federation = harbour(changes, keys=keys)
    return federation.identity_providers["harbour"].services.get(Authentication), federation


RULES: tuple[tuple[dict[str, Any], str, list[tuple[str | int, ...]]], ...] = (
    (
        {"mfa": "required", f"users/{INES}/factors": [{"type": "totp", "secret": SECRET}]},
        f"{INES} has to give a second factor, since the org requires it (mfa of the org).",
        [("requires_mfa",)],
    ),
    (
        {"mfa": "required"},
        f"{INES} has to give a second factor, since the org requires it (mfa of the org), and has enrolled none.",
        [("requires_mfa",), ("users", INES, "factors")],
    ),
    (
        {"apps/direct/mfa": "required", f"users/{INES}/factors": [{"type": "push"}]},
        f"{INES} has to give a second factor, since the app Direct requires it (mfa of the app).",
        [("apps", "direct", "requires_mfa")],
    ),
    (
        {"apps/direct/mfa": "required"},
        f"{INES} has to give a second factor, since the app Direct requires it (mfa of the app), and has enrolled "
        "none.",
        [("apps", "direct", "requires_mfa"), ("users", INES, "factors")],
    ),
    (
        {STATUS: "PASSWORD_EXPIRED"},
        f"The password of {INES} has expired, and Okta asks for a new one.",
        [("users", INES, "status")],
    ),
    (
        {STATUS: "LOCKED_OUT", "show_lockout": True},
        f"The account of {INES} is LOCKED_OUT.",
        [("users", INES, "status")],
    ),
)


@pytest.mark.parametrize(("changes", "note", "causes"), RULES, ids=[row[1] for row in RULES])
def test_a_sign_in_that_waits_names_whose_rule_it_is(
    keys: KeyFolder, changes: dict[str, Any], note: str, causes: list[tuple[str | int, ...]]
) -> None:
    """The note of the page says what is between the person and the app, and the setting that wants it."""
    login = log_in(harbour(changes, keys=keys), user=INES, app="direct")
    assert login.saml_response == ""
    last = [each for exchange in login.exchanges for each in exchange.notes if each.facts.note is not None][-1]
    assert last.facts.note == note
    assert [each.path for each in last.causes if isinstance(each, Setting)] == causes


@pytest.mark.parametrize(
    ("answer", "did"), [("deny", "denied the push"), ("timeout", "let the push time out")], ids=["denied", "timed out"]
)
def test_a_push_that_is_not_approved_is_the_persons(keys: KeyFolder, answer: str, did: str) -> None:
    """What the person does with a push comes before the rule that asks for one."""
    factors = [{"type": "push", "answer": answer}]
    authentication, _ = _authentication({"mfa": "required", f"users/{INES}/factors": factors}, keys)
    step = authentication.begin(INES, "fedemu")
    assert isinstance(step, Transaction)
    factor = authentication.user_of(step).factors[0]
    note = authentication.note(authentication.verify(authentication.verify(step, factor, ""), factor, ""))
    assert note.facts.note == (
        f"{INES} has to give a second factor, since the org requires it (mfa of the org), and {did} "
        f"(users.{INES}.factors)."
    )
    assert [each.path for each in note.causes if isinstance(each, Setting)] == [
        ("users", INES, "factors", 0, "answer"),
        ("requires_mfa",),
    ]


def _refused_code(keys: KeyFolder, *, steps_ago: int = 0, code: str = "", twice: bool = False) -> OktaRefusal:
    factors = [{"type": "totp", "secret": SECRET}]
    authentication, federation = _authentication({"mfa": "required", f"users/{INES}/factors": factors}, keys)
    step = authentication.begin(INES, "fedemu")
    assert isinstance(step, Transaction)
    factor = authentication.user_of(step).factors[0]
    at = federation.clock.now() - timedelta(seconds=STEP_SECONDS * steps_ago)
    given = code or totp(SECRET, int(at.timestamp()) // STEP_SECONDS)
    if twice:
        authentication.verify(step, factor, given)
        second = authentication.begin(INES, "fedemu")
        assert isinstance(second, Transaction)
        step = second
    with pytest.raises(OktaRefusal) as caught:
        authentication.verify(step, factor, given)
    return caught.value


def test_a_wrong_code_is_told_from_an_old_and_a_used_one(keys: KeyFolder) -> None:
    """Another secret, clocks that are apart, and a code that opened a sign-in already have each their own fix."""
    wrong, old, used = (
        _refused_code(keys, code="000000"),
        _refused_code(keys, steps_ago=4),
        _refused_code(keys, twice=True),
    )
    assert {refusal.message for refusal in (wrong, old, used)} == {"Invalid Passcode/Answer"}
    assert wrong.explanation == (
        f"The code is not one that the secret of {INES}'s factor gives around this half minute."
    )
    assert wrong.fix == f"Set the authenticator app up with the secret in users.{INES}.factors."
    assert old.explanation == (
        "The code is that of 120 seconds ago: the authenticator app's clock and the emulator's are apart."
    )
    assert used.explanation == "The code was used before; a code opens one sign-in."
    assert used.fix == "Wait for the next code of the authenticator app, at most half a minute."
    for refusal in (wrong, old, used):
        assert [each.path for each in refusal.causes if isinstance(each, Setting)] == [("users", INES, "factors", 0)]


def test_an_unknown_factor_and_an_old_state_token_are_the_clients(keys: KeyFolder) -> None:
    """The factors that there are, and that a state token came with the request."""
    factors = [{"type": "push"}]
    authentication, _ = _authentication({"mfa": "required", f"users/{INES}/factors": factors}, keys)
    step = authentication.begin(INES, "fedemu")
    assert isinstance(step, Transaction)
    own = authentication.user_of(step).factors[0].factor_id
    with pytest.raises(OktaRefusal) as unknown:
        authentication.factor(step, "fufOther")
    assert unknown.value.expected == f"{own} (push)"
    assert [each.path for each in unknown.value.causes if isinstance(each, Setting)] == [("users", INES, "factors")]
    with pytest.raises(OktaRefusal) as old:
        authentication.find("00old")
    assert old.value.causes == (Asked("stateToken"),)
