"""Cookies that sites set are those that Werkzeug would set."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, request
from werkzeug.http import http_date, parse_date
from werkzeug.wrappers import Response

from sp_mock.cookies import cookie, set_cookie

_EXPIRES = re.compile(r"(?<=Expires=)[^;]+")
_VALUES = (
    "abc-_XYZ019",
    "%7B%22arn%22%3A%20%22a/b%22%7D",
    "",
    'a"b',
    "a;b",
    "a\\b",
    "a\r\nb",
    "käse",
    "a b",
    "x" * 2001,
)


@pytest.mark.parametrize("value", _VALUES)
@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"domain": "aws.amazon.com"},
        {"path": "/connect/auth", "max_age": 3600},
        {"max_age": 0, "http_only": False},
    ],
)
def test_a_cookie_has_the_header_that_werkzeug_writes(value: str, attributes: dict[str, Any]) -> None:
    """A cookie has Werkzeug's header for every value, whether it has to be quoted or not."""
    ours, werkzeugs = Response(), Response()
    set_cookie(ours, "name", value, same_site="None", **attributes)
    asked = {"httponly" if name == "http_only" else name: each for name, each in attributes.items()}
    werkzeugs.set_cookie("name", value, **{"secure": True, "httponly": True, "samesite": "None", **asked})
    assert _EXPIRES.sub("…", ours.headers["Set-Cookie"]) == _EXPIRES.sub("…", werkzeugs.headers["Set-Cookie"])


@pytest.mark.parametrize(
    "header",
    [
        "",
        "name=value",
        "other=x; name=value; name=second",
        "other; name; more",
        " name =\tvalue ",
        "name=a b; name=c",
        "name==x=; other=y",
        "x name=a;name=b",
        "=a; name=b",
        ";;name=a;",
        "name=a\x0bb",
        'name="a; name=b"',
        'other="a\\"; name=b',
        "name=k\xc3\xa4se",
        "Name=a",
    ],
)
def test_a_cookie_is_read_as_werkzeug_reads_it(header: str) -> None:
    """A cookie of a header is found, or not, just as Werkzeug finds it."""
    with Flask(__name__).test_request_context(headers={"Cookie": header} if header else {}):
        assert cookie("name") == request.cookies.get("name")


def test_the_end_of_a_cookie_is_written_as_werkzeug_writes_it() -> None:
    """The date at which a cookie expires has Werkzeug's form, and is not before the one that Werkzeug wrote earlier."""
    werkzeugs, ours = Response(), Response()
    werkzeugs.set_cookie("name", "value", max_age=60)
    set_cookie(ours, "name", "value", max_age=60, same_site="Lax")
    ends = [_EXPIRES.findall(each.headers["Set-Cookie"])[0] for each in (werkzeugs, ours)]
    earlier, later = map(_date, ends)
    assert 0 <= (later - earlier).total_seconds() < 60


def _date(text: str) -> datetime:
    moment = parse_date(text)
    assert moment is not None
    assert http_date(moment) == text
    return moment
