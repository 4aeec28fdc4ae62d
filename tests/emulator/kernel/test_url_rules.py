"""Rules whose URLs are written when somebody asks: Werkzeug's own answers, later."""

from __future__ import annotations

import pytest
from werkzeug.routing import Map, Rule

from emulator.kernel.url_rules import written_when_asked

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
