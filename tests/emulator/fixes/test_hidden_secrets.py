"""What a fix shows: no secret in its rows, its JSON, its calls or a diff, and blanks that count."""

from __future__ import annotations

from emulator.diagnosis.fix import Fix, FixedValue
from emulator.fixes.calls import call_for
from emulator.fixes.candidate import Edit
from emulator.fixes.hidden_secrets import secrets_hidden
from emulator.network.data_folder.keys import KeyFolder
from emulator.world import World
from tests.conftest import USER
from tests.emulator.fixes.trials import federation_with


def test_a_whole_person_is_shown_without_the_password() -> None:
    """What is put in as a whole has its secrets inside."""
    value = FixedValue(("users", "x"), {"first_name": "X", "password": "seekrit"})
    assert str(value) == '/users/x: (none) -> {"first_name": "X", "password": "(secret)"}'
    assert Fix("t", changes=(value,)).as_json()["changes"] == {"/users/x": {"first_name": "X", "password": "(secret)"}}


def test_a_blank_around_a_value_is_seen() -> None:
    """It may be all that is wrong with it."""
    assert str(FixedValue(("audience",), "urn:x", old="urn:x ")) == '/audience: "urn:x " -> urn:x'


def test_a_private_key_is_shown_nowhere() -> None:
    """It may be in a provider's list, or a template's parameter."""
    pem = "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----\\n"
    value = FixedValue(("private_keys",), [pem.replace("\\n", "\n"), "old.key"])
    assert str(value) == '/private_keys: (none) -> ["(secret)", "old.key"]'
    text = f'private_keys: [old.key, "{pem}"]\nparameters: {{Key: "{pem}"}}\n'
    hidden = "private_keys: [old.key, (secret)]\nparameters: {Key: (secret)}\n"
    assert secrets_hidden(text, text) == (hidden, hidden)


def test_a_call_has_no_secret(world: World, keys: KeyFolder) -> None:
    """Whoever makes it fills it in."""
    federation = federation_with(world, keys, {})
    call = call_for(Edit(("okta", "acme", "users", USER, "password"), "seekrit"), federation)
    assert call == f'set okta.acme.users.{USER}.password to "(secret)"'


def test_a_diff_keeps_its_lines() -> None:
    """Keys that are tokens, texts over several lines, a secret under a mistyped key, and one that is changed."""
    before = "a: {passwort: seekrit}\ntoken: |\n  one\n  two\nb: 1\napi_tokens: {00abc: mika}\nsecret: old1\n"
    after = before.replace("passwort", "password").replace("old1", "new1").replace("b: 1", "b: 2")
    assert secrets_hidden(before, after) == (
        "a: {passwort: (secret)}\ntoken: (secret)\n(secret)\n(secret)\nb: 1\napi_tokens: {(secret): mika}\n"
        "secret: (secret)\n",
        "a: {password: (secret)}\ntoken: (secret)\n(secret)\n(secret)\nb: 2\napi_tokens: {(secret): mika}\n"
        "secret: another (secret)\n",
    )
