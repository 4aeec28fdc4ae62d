"""Sites that answer for the federation that a request is bound to."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask, render_template_string, request
from werkzeug.datastructures import Headers

from emulator.kernel.bound_sites import add_missing, bound_site_class
from emulator.kernel.failures import FAILURE_KEY
from emulator.kernel.services import Services
from emulator.network.wsgi import call, make_environ


def _site() -> Flask:
    site: Flask = bound_site_class(Flask, request)("site", static_folder=None)
    site.jinja_env.globals["greeting"] = "Hello"
    site.add_url_rule("/page", view_func=lambda: render_template_string("{{ greeting }}, {{ name }}", name="Hanako"))
    site.add_url_rule("/mistake", view_func=lambda: str(1 / 0), endpoint="mistake")
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
    environ = _environ("/mistake") | ({FAILURE_KEY: lambda _error: None} if heard else {})
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
