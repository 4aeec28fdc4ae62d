"""Sites that answer for the federation that a request is bound to."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from flask import Flask, Response, render_template_string, request
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.http import parse_cookie

from emulator.kernel.bound_sites import FORM_KEY, add_missing, bound_site_class
from emulator.kernel.failures import FAILURE_KEY
from emulator.kernel.services import Services
from emulator.network.forms import form_of
from emulator.network.wsgi import call, make_environ


def _site() -> Flask:
    site: Flask = bound_site_class(Flask, request, parse_cookie)("site", static_folder=None)
    site.jinja_env.globals["greeting"] = "Hello"
    site.add_url_rule("/page", view_func=lambda: render_template_string("{{ greeting }}, {{ name }}", name="Hanako"))
    site.add_url_rule("/mistake", view_func=lambda: str(1 / 0), endpoint="mistake")
    site.add_url_rule(
        "/form", methods=["POST"], view_func=lambda: list(request.form.items(multi=True)), endpoint="form"
    )
    site.add_url_rule("/body", methods=["POST"], view_func=lambda: request.data, endpoint="body")
    site.config["MAX_CONTENT_LENGTH"] = 1000
    return site


def _environ(path: str) -> dict[str, Any]:
    return make_environ("GET", path, [("Host", "acme.okta.com")], b"", scheme="https")


def test_a_bound_request_is_answered() -> None:
    """A page sees the environment's globals and its own variables."""
    answer = call(Services().bind(_site()), _environ("/page"))
    assert (answer.code, answer.body) == (200, b"Hello, Hanako")


def test_an_unbound_request_raises_where_it_is_routed() -> None:
    """A request that belongs to no federation does not become an error page."""
    with pytest.raises(LookupError) as caught:
        call(_site(), _environ("/page"))
    assert str(caught.value) == ("the request is bound to no services: whoever routes it calls Services.bind")


@pytest.mark.parametrize(("heard", "logged"), [(True, []), (False, ["Exception on /mistake [GET]"])])
def test_an_exception_is_logged_once(heard: bool, logged: list[str], caplog: pytest.LogCaptureFixture) -> None:
    """Flask logs an exception only where nobody who routes requests hears of it."""
    environ = _environ("/mistake") | ({FAILURE_KEY: lambda _environ, _error: None} if heard else {})
    with caplog.at_level(logging.ERROR):
        assert call(Services().bind(_site()), environ).code == 500
    assert [each.getMessage() for each in caplog.records] == logged


def test_a_template_cannot_change_the_globals_of_others() -> None:
    """Globals that are given to one template are that template's own."""
    site = _site()
    changed = site.jinja_env.from_string("{{ greeting }}", globals={"greeting": "Bye"})
    assert (changed.render(), site.jinja_env.from_string("{{ greeting }}").render()) == ("Bye", "Hello")


def test_missing_headers_are_added_in_order() -> None:
    """A header that the answer has stays as it is, however its name is written."""
    headers = Headers([("content-type", "text/html"), ("cache-control", "private")])
    add_missing(headers, {"X-Frame-Options": "DENY", "Cache-Control": "no-store", "X-Last": "yes"})
    assert list(headers) == [
        ("content-type", "text/html"),
        ("cache-control", "private"),
        ("X-Frame-Options", "DENY"),
        ("X-Last", "yes"),
    ]


_SITE = _site()


def _form_as_read(body: bytes, *, content_type: str, is_decoded: bool) -> Any:
    headers = [("Host", "acme.okta.com"), ("Content-Type", content_type)]
    environ = make_environ("POST", "/form", headers, body, scheme="https")
    if is_decoded:
        environ[FORM_KEY] = form_of(environ, body)
    answer = call(Services().bind(_SITE), environ)
    return json.loads(answer.body) if answer.code == 200 else answer.code


@given(
    st.lists(
        st.sampled_from([b"a", b"b=", b"=", b"&", b"+", b"%", b"%41", b"%E3%81%82", b"%E9", b"\xff", b"\xe3\x81\x82"])
    ),
    st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "Application/X-WWW-Form-URLencoded; charset=utf-8",
            "application/x-www-form-urlencoded-not",
        ]
    ),
)
def test_a_form_that_is_decoded_already_is_what_werkzeug_reads(parts: list[bytes], content_type: str) -> None:
    """A page sees the same fields whether whoever routed the request has decoded them or not."""
    body = b"".join(parts)
    read = [_form_as_read(body, content_type=content_type, is_decoded=each) for each in (True, False)]
    assert read[0] == read[1]


def test_a_decoded_form_is_not_read_again() -> None:
    """The fields are those of the environment, and the limit on a request's size holds for them too."""
    content_type = "application/x-www-form-urlencoded"
    headers = [("Host", "acme.okta.com"), ("Content-Type", content_type)]
    environ = make_environ("POST", "/form", headers, b"a=1", scheme="https") | {FORM_KEY: [("a", "2"), ("a", "3")]}
    assert json.loads(call(Services().bind(_SITE), environ).body) == [["a", "2"], ["a", "3"]]
    assert _form_as_read(b"a=" + b"1" * 1000, content_type=content_type, is_decoded=True) == 413


@pytest.mark.parametrize(
    ("body", "length", "read"),
    [(b"abc", "3", b"abc"), (b"abc", "2", b"ab"), (b"abc", "", b""), (b"a" * 1001, "1001", 413), (b"abc", "1001", 413)],
)
def test_a_body_is_read_up_to_its_length(body: bytes, length: str, read: bytes | int) -> None:
    """What is in memory is read as from a socket, and within the limit on a request's size."""
    environ = make_environ("POST", "/body", [("Host", "acme.okta.com")], body, scheme="https")
    answer = call(Services().bind(_SITE), environ | {"CONTENT_LENGTH": length})
    assert read == (answer.body if answer.code == 200 else answer.code)


_URL_PARTS = [
    "https://",
    "http://",
    "//",
    "/",
    "a",
    "B",
    ".",
    "?",
    "#",
    "%",
    "%C3",
    "é",
    " ",
    ":",
    "@",
    "&",
    "=",
    "[",
    "-",
]


@given(st.sampled_from(["", "https://acme.okta.com/", "/"]), st.lists(st.sampled_from(_URL_PARTS)).map("".join))
@example("https://", "a" * 64 + ".com/")
@example("https://a..b/", "")
@example("", "//acme.okta.com/?a=1")
def test_a_url_is_sent_as_werkzeug_sends_it(start: str, rest: str) -> None:
    """A Location that is sent as it is would not have been changed."""
    location = start + rest
    sent: list[str | None] = []
    for response in (_SITE.response_class("", 302), Response("", 302)):
        response.headers["Location"] = location
        try:
            sent.append(response.get_wsgi_headers(_environ("/page"))["Location"])
        except ValueError:
            sent.append(None)
    assert sent[0] == sent[1]


def test_a_host_that_is_known_is_asked_for_another_page() -> None:
    """What is kept of a host is neither path, nor query, nor method of the request that was the first."""
    site: Flask = bound_site_class(Flask, request, parse_cookie)("site", static_folder=None)
    site.add_url_rule("/first", view_func=lambda: request.host, endpoint="first")
    site.add_url_rule("/folder/", methods=["POST"], view_func=lambda: request.url, endpoint="folder")
    bound = Services().bind(site)

    def asked(method: str, target: str, host: str) -> tuple[int, bytes, str]:
        answer = call(bound, make_environ(method, target, [("Host", host)], b"", scheme="https"))
        return answer.code, answer.body, dict(answer.headers).get("Location", "")

    for _ in range(2):
        assert asked("GET", "/first?a=1", "Acme.okta.com:443") == (200, b"Acme.okta.com", "")
        assert asked("GET", "/first", "other.okta.com") == (200, b"other.okta.com", "")
        assert asked("POST", "/folder/?b=%C3%A9", "acme.okta.com")[1] == "https://acme.okta.com/folder/?b=é".encode()
        code, _, location = asked("POST", "/folder?b=2", "acme.okta.com")
        assert (code, location) == (308, "https://acme.okta.com/folder/?b=2")
        assert asked("GET", "/folder/", "acme.okta.com")[0] == 405
    assert "a=1" not in repr(vars(site)["adapters_by_host"])


@pytest.mark.parametrize(
    ("status", "headers", "sent"),
    [
        (200, {}, ["Content-Type", "Content-Length"]),
        (200, {"Location": "/ü"}, ["Content-Type", "Location", "Content-Length"]),
        (204, {}, ["Content-Type"]),
        (304, {}, []),
    ],
)
def test_an_answer_has_the_headers_that_its_status_allows(
    status: int, headers: dict[str, str], sent: list[str]
) -> None:
    """A URL is encoded, and an answer without a body has no length."""
    site: Flask = bound_site_class(Flask, request, parse_cookie)("site", static_folder=None)
    site.add_url_rule("/", view_func=lambda: ("text", status, headers), endpoint="page")
    answer = call(Services().bind(site), _environ("/"))
    assert sorted(name for name, _ in answer.headers) == sorted(sent)
    assert dict(answer.headers).get("Location") in {None, "/%C3%BC"}


@pytest.mark.parametrize("value", ["", "a-b_c.d", "a%20b", "a b", 'a"b', "a;b", "ü", "x" * 2500])
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"secure": True, "httponly": True, "samesite": "None"},
        {"domain": "aws.amazon.com", "path": "/a b", "samesite": "strict"},
        {"path": None, "max_age": 0, "expires": 0},
        {"expires": "Thu, 01 Jan 1970 00:00:00 GMT"},
    ],
)
def test_a_cookie_is_set_as_werkzeug_sets_it(value: str, attributes: dict[str, Any]) -> None:
    """Whatever its value and attributes are, also those that were set before."""
    for name in ("sid", "idé"):
        usual, bound = Response(), _SITE.response_class()
        for response in (usual, bound):
            response.set_cookie(name, value, **attributes)
            response.set_cookie("other", value, **attributes)
        assert bound.headers.getlist("Set-Cookie") == usual.headers.getlist("Set-Cookie")


@pytest.mark.parametrize(
    "given",
    [{}, {"mimetype": "text/plain"}, {"content_type": "a/b"}, {"headers": {"Content-Type": "c/d"}}, {"headers": []}],
)
def test_an_answer_has_the_type_that_werkzeug_gives_it(given: dict[str, Any]) -> None:
    """A type that the page gives is kept, and without one the answer is a page."""
    assert list(_SITE.response_class("text", **given).headers) == list(Response("text", **given).headers)


@pytest.mark.parametrize(("method", "status", "body"), [("GET", 200, b"ab"), ("HEAD", 200, b""), ("GET", 204, b"")])
def test_an_answer_ends_as_werkzeug_ends_it(method: str, status: int, body: bytes) -> None:
    """What is to be called after the answer is called, and answers without a body have none."""
    ended: list[str] = []
    for waits in (False, True):
        response = _SITE.response_class(["a", "b"], status)
        if waits:
            response.call_on_close(lambda: ended.append("ended"))
        answer = call(response, _environ("/page") | {"REQUEST_METHOD": method})
        assert (answer.body, answer.code) == (body, status)
    assert ended == ["ended"]
