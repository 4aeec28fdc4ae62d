"""What is recorded carries no secret: not in forms, URLs, headers, pages or documents."""

from __future__ import annotations

import copy
import pickle

import pytest

from emulator.federation import Federation
from emulator.flow import assume_role, credentials_in
from emulator.network.trace import REDACTED, Body, redact_body, redact_headers, redact_pairs, redact_url, to_har
from tests.conftest import APP, USER


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("https://a/login?token=abc&x=1", f"https://a/login?token={REDACTED}&x=1"),
        ("https://a/?x=1&sessionToken=a%2Fb", f"https://a/?x=1&sessionToken={REDACTED}"),
        ("https://a/?RelayState=https%3A%2F%2Fb", "https://a/?RelayState=https%3A%2F%2Fb"),
        ("https://a/", "https://a/"),
    ],
)
def test_urls_lose_tokens_only(url: str, redacted: str) -> None:
    """Secret parameters are taken out, the rest stays as it was."""
    assert redact_url(url) == redacted


def test_forms_and_headers_keep_their_names() -> None:
    """What was there can be seen, not what it was."""
    assert redact_pairs([("username", "a"), ("password", "b"), ("passCode", "1"), ("token", "")]) == (
        ("username", "a"),
        ("password", REDACTED),
        ("passCode", REDACTED),
        ("token", ""),
    )
    assert redact_headers([("Set-Cookie", "sid=abc; Secure"), ("Authorization", "AWS4 x"), ("Accept", "a")]) == (
        ("Set-Cookie", f"sid={REDACTED}; Secure"),
        ("Authorization", REDACTED),
        ("Accept", "a"),
    )


@pytest.mark.parametrize(
    ("body", "redacted"),
    [
        ('{"sessionToken":"abc","status":"SUCCESS"}', f'{{"sessionToken":"{REDACTED}","status":"SUCCESS"}}'),
        (
            '{"Credentials": {"AccessToken": "abc", "RefreshToken": "def"}, "SignInUrl": "x"}',
            f'{{"Credentials": {{"AccessToken": "{REDACTED}", "RefreshToken": "{REDACTED}"}}, "SignInUrl": "x"}}',
        ),
        ('{"SecretAccessKey":"abc"}', f'{{"SecretAccessKey":"{REDACTED}"}}'),
        ("<SecretAccessKey>abc</SecretAccessKey>", f"<SecretAccessKey>{REDACTED}</SecretAccessKey>"),
        ('<input name="credentials" value="abc"/>', f'<input name="credentials" value="{REDACTED}"/>'),
        ("<p>token</p>", "<p>token</p>"),
    ],
)
def test_bodies_lose_credentials(body: str, redacted: str) -> None:
    """Tokens in JSON, keys in STS's XML, and the form that federates."""
    assert redact_body(body) == redacted


def test_a_recorded_call_of_sts_holds_no_key(federation: Federation) -> None:
    """The client has the credentials, the HAR has not."""
    login = assume_role(federation, user=USER, app=APP)
    given = credentials_in(login.page)
    recorded = str(to_har(login.exchanges, version="1"))
    assert given["SecretAccessKey"] not in recorded
    assert given["SessionToken"] not in recorded
    assert given["AccessKeyId"] in recorded


def test_the_body_of_an_exchange_never_shows_credentials() -> None:
    """It is kept as it was answered until it is read; neither its name nor a copy of it has what is redacted."""
    answered = b'{"sessionToken": "abc", "user": "\xe3\x81\x82\xff"}'
    text = f'{{"sessionToken": "{REDACTED}", "user": "\u3042\ufffd"}}'
    assert repr(Body(answered)) == f"<Body of {len(answered)} bytes>"
    assert b"abc" not in pickle.dumps(Body(answered))
    for body in (Body(answered), pickle.loads(pickle.dumps(Body(answered))), copy.deepcopy(Body(answered))):  # noqa: S301  # made here
        assert (body.text, body.text, body == Body(answered), hash(body)) == (text, text, True, hash(text))
    assert Body(answered) != text


def test_a_body_that_was_read_is_kept_without_credentials() -> None:
    """Nothing of the answer remains beside the redacted text."""
    body = Body(b'{"sessionToken": "abc"}')
    assert "abc" not in body.text
    assert not any("abc" in str(getattr(body, name)) for name in Body.__slots__)
