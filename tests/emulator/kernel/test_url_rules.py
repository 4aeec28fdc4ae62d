"""Rules whose URLs are written when somebody asks, and matches that are remembered: Werkzeug's own answers."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, MapAdapter, Rule

from emulator.kernel.url_rules import Matches, remembering_matches, written_when_asked

_RULES = (
    {"string": "/", "endpoint": "home"},
    {"string": "/app/<app>/<int:number>", "endpoint": "app"},
    {"string": "/list/", "endpoint": "list", "defaults": {"page": 1}},
    {"string": "/list/<int:page>", "endpoint": "list"},
)


@pytest.mark.parametrize(
    ("endpoint", "values", "url"),
    [
        ("home", {}, "/"),
        ("home", {"q": "a b"}, "/?q=a+b"),
        ("app", {"app": "amazon connect", "number": 7}, "/app/amazon%20connect/7"),
        ("list", {"page": 1}, "/list/"),
        ("list", {"page": 2}, "/list/2"),
    ],
)
def test_urls_are_written_as_werkzeug_writes_them(endpoint: str, values: dict[str, object], url: str) -> None:
    """A rule that was put off gives the same URL as Werkzeug's own, the second time too."""
    for rule_class in (Rule, written_when_asked(Rule)):
        adapter = Map([rule_class(**each) for each in _RULES]).bind("acme.okta.com")
        assert [adapter.build(endpoint, values) for _ in range(2)] == [url, url]


def test_nothing_is_compiled_before_a_url_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading URLs needs none of the functions that write them."""
    compiled: list[str] = []
    own = Rule._compile_builder

    def counted(rule: Rule, append_unknown: bool = True) -> object:
        compiled.append(rule.rule)
        return own(rule, append_unknown)

    monkeypatch.setattr(Rule, "_compile_builder", counted)
    adapter = Map([written_when_asked(Rule)("/app/<app>", endpoint="app")]).bind("acme.okta.com")
    assert adapter.match("/app/aws") == ("app", {"app": "aws"})
    assert compiled == []
    assert adapter.build("app", {"app": "aws"}) == "/app/aws"
    assert compiled == ["/app/<app>"]


def _adapter(matches: Matches, path: str, method: str = "GET") -> MapAdapter:
    site = Map([Rule("/app/<app>", endpoint="app"), Rule("/list/", endpoint="list", methods=["POST"])])
    made: MapAdapter = remembering_matches(MapAdapter)(matches, site, "a.test", "/", "", "https", path, method)
    return made


def test_a_match_is_remembered_and_its_values_are_not_shared() -> None:
    """The same path gives the same rule without Werkzeug, and a page may change the values that it is given."""
    matches: Matches = {}
    first: Any = _adapter(matches, "/app/aws").match(return_rule=True)
    first[1]["app"] = "changed"
    rule, values = _adapter(matches, "/app/aws").match(return_rule=True)
    assert (rule is first[0], values, len(matches)) == (True, {"app": "aws"}, 1)
    assert _adapter(matches, "/app/aws").match() == ("app", {"app": "aws"})
    assert _adapter(matches, "/app/okta").match(return_rule=True)[1] == {"app": "okta"}


@pytest.mark.parametrize(
    ("path", "method", "code"), [("/none", "GET", 404), ("/list/", "GET", 405), ("/list", "POST", 308)]
)
def test_only_pages_that_were_found_are_remembered(path: str, method: str, code: int) -> None:
    """A path without a page, a method that it does not have and a redirect are Werkzeug's each time."""
    matches: Matches = {}
    assert _adapter(matches, "/list/", "POST").match(return_rule=True)[1] == {}
    for _ in range(2):
        with pytest.raises(HTTPException) as caught:
            _adapter(matches, path, method).match(return_rule=True)
        assert caught.value.code == code
    assert len(matches) == 1


def test_matches_are_bounded() -> None:
    """However many paths are asked for, and however long they are, only some short ones are remembered."""
    matches: Matches = {}
    for number in range(2500):
        assert _adapter(matches, f"/app/{number}").match(return_rule=True)[1] == {"app": str(number)}
    assert len(matches) == 500
    long = "x" * 1000
    assert _adapter(matches, f"/app/{long}").match(return_rule=True)[1] == {"app": long}
    assert len(matches) == 500
