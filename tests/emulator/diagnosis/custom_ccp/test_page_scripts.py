"""What can be read of a script without running it, and what is left unknown."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.diagnosis.custom_ccp.page_scripts import read_calls, read_names
from emulator.diagnosis.custom_ccp.script_values import UNKNOWN, Settings


def _only(script: str) -> Settings:
    (call,) = read_calls(script, "initCCP")
    return call.settings


def _values(settings: Settings) -> dict[str, Any]:
    return {name: given.value for name, given in settings.given.items()}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('"https://a.example/ccp"', "https://a.example/ccp"),
        (r"'it\'s \u0041'", "it's A"),
        ("`https://${alias}.my.connect.aws/ccp-v2`", "https://acme.my.connect.aws/ccp-v2"),
        ('"https://" + alias + ".my.connect.aws"', "https://acme.my.connect.aws"),
        ("config.urls.ccp", "/ccp-v2"),
        ('config["region"]', "eu-west-2"),
        ("window.alias", "acme"),
        ("encodeURIComponent('a/b?c=1')", "a%2Fb%3Fc%3D1"),
        ("10 * 1000", 10_000.0),
        ("5_000", 5000.0),
        ("(true)", True),
        ("!1", False),
        ("null", None),
        ("location.href", UNKNOWN),
        ("config[which]", UNKNOWN),
        ("alias || 'other'", UNKNOWN),
        ("ready ? 'a' : 'b'", UNKNOWN),
        ("await load('ccp')", UNKNOWN),
        ("`${location.host}/x`", UNKNOWN),
        ("() => { return {a: 1}; }", UNKNOWN),
        ("new URL('/ccp', base).href", UNKNOWN),
    ],
)
def test_values(expression: str, value: Any) -> None:
    """Texts, numbers and what is put together of them; anything that has to be run is unknown."""
    script = f"""
    const alias = "acme";  // not "other"
    var config = {{urls: {{ccp: '/ccp-v2'}}, "region": "eu-west-2"}};
    connect.core.initCCP(container, {{before: 1, ccpUrl: {expression}, after: 2}});
    """
    assert _values(_only(script)) == {"before": 1.0, "ccpUrl": value, "after": 2.0}


def test_lines_are_those_of_the_file() -> None:
    """Counted from the script's first line, over comments and templates of several lines."""
    script = "/* a\n comment */\nlet text = `one\ntwo`;\nconnect.core.initCCP(\n  box,\n  {\n    ccpUrl: 'x',\n  });\n"
    (call,) = read_calls(script, "initCCP", first_line=10)
    assert call.line == 14
    assert call.settings.given["ccpUrl"].line == 17


def test_settings_that_are_added_later() -> None:
    """A property that is set counts; one that hangs on a condition is there and unknown."""
    script = """
    const options = {ccpUrl: "a"};
    options.loginPopup = false;
    if (query.get("x")) options.loginUrl = "b";
    if (other) { options.region = "c"; } else { options.chat = 1; }
    initCCP(box, options);
    """
    settings = _only(script)
    assert _values(settings) == {
        "ccpUrl": "a",
        "loginPopup": False,
        "loginUrl": UNKNOWN,
        "region": UNKNOWN,
        "chat": UNKNOWN,
    }
    assert settings.complete


def test_what_is_spread_in() -> None:
    """A known object adds its settings, an unknown one makes the whole incomplete."""
    known = _only("const base = {ccpUrl: 'a', x: 1}; initCCP(box, {...base, x: 2, loginUrl});")
    assert _values(known) == {"ccpUrl": "a", "x": 2.0, "loginUrl": UNKNOWN}
    assert known.complete
    assert not _only("initCCP(box, {...props.settings, ccpUrl: 'a'});").complete
    assert not _only("initCCP(box, props);").complete


def test_methods_and_computed_names_are_passed_over() -> None:
    """What comes after them is read all the same."""
    settings = _only("initCCP(box, {onInit() { return {a: [1, 2]}; }, [key]: 1, get x() { return 1; }, ccpUrl: 'a'});")
    assert settings.given["ccpUrl"].value == "a"


def test_regular_expressions_and_comments_hide_no_call() -> None:
    """Quotes in a pattern begin no text; a call in a comment or a text is none."""
    script = """
    const odd = /["'`]\\/[/"]/g; const half = 4 / 2 / 1;
    // initCCP(box, {ccpUrl: "no"})
    const text = 'initCCP(box, {ccpUrl: "no"})';
    connect.core.initCCP(document.querySelector("#ccp"), {ccpUrl: "yes"});
    """
    assert _values(_only(script)) == {"ccpUrl": "yes"}


def test_the_definition_is_no_call() -> None:
    """A function of the page's own of that name, and one that is not given settings."""
    assert list(read_calls("function initCCP(box, options) { start(); } initCCP(box);", "initCCP")) == []


def test_names_of_another_script_are_known() -> None:
    """A configuration in a file of its own."""
    known = read_names("var ccpConfig = {ccpUrl: 'a'}; window.login = 'b';")
    (call,) = read_calls("initCCP(box, {ccpUrl: ccpConfig.ccpUrl, loginUrl: login});", "initCCP", known=known)
    assert _values(call.settings) == {"ccpUrl": "a", "loginUrl": "b"}


@pytest.mark.parametrize(
    "script",
    [
        "initCCP(box, {" * 2000,
        "initCCP(box, " + "(" * 5000,
        "initCCP(box, {a: `${`${`",
        "initCCP(box, {a: 'no end",
        "x = " * 5000,
        "initCCP(,",
        "initCCP(box, {...",
        "`${x" * 1000 + "`",
        "/" * 5000,
    ],
)
def test_a_script_that_is_none_breaks_nothing(script: str) -> None:
    """Whatever it is, reading comes to an end."""
    list(read_calls(script, "initCCP"))
    read_names(script)
