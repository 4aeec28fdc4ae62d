"""Files as nobody means them: good ones, with what breaks readers put into them or taken out, in any encoding."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hypothesis import strategies as st

from emulator.scenarios.format.defaults import BUILT_IN
from emulator.world import DEFAULT_WORLD
from tests.emulator.inspection.vendor_responses import trust_policy
from tests.emulator.recordings.har_files import har, login

DATA: Final = Path(__file__).parents[2] / "data"
_WORLDS: Final = BUILT_IN / "worlds"


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


_MESSAGE: Final = _text(DATA / "okta-aws-response-2023.xml")

GOOD: Final[dict[str, tuple[str, ...]]] = {
    "world": (
        _text(DEFAULT_WORLD),
        _text(_WORLDS / "encryption.yaml"),
        "version: 1\naws:\n  '123456789012':\n    roles: {R: &r {trust: t.json}, S: *r, T: {<<: *r}}\n",
    ),
    "scenario": (
        "scenario: a\nmatrix: {n: [a, b]}\nlogin: {user: hanako@example.com, app: amazon-connect}\n"
        "faults: [{attribute: RoleSessionName, set: '{n}'}]\nexpect: {outcome: refused, check: role-session-name}\n",
        "scenario: b\nrows: rows.csv\nsteps:\n  - login: {user: '{user}', app: amazon-connect, via: sts}\n"
        "    capture: {c: credentials}\n  - call: {service: sts, operation: GetCallerIdentity, as: c}\n",
    ),
    "rows": ("user,role\na,b\n", '[{"user": "a"}, {"user": "b"}]', "user;x\n'a\";b\n"),
    "policy": (json.dumps(trust_policy()), '{"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}'),
    "metadata": (
        _text(_WORLDS / "staff-metadata.xml"),
        _text(_WORLDS / "realms-metadata.xml")[:6000],
        "<a xmlns='urn:x'><b/></a>",
    ),
    "key": (_text(_WORLDS / "signing-private-key.pem"), _text(_WORLDS / "signing-certificate.pem")),
    "message": (_MESSAGE, base64.b64encode(_MESSAGE.encode()).decode()),
    "recording": (
        json.dumps(har(*login(base64.b64encode(_MESSAGE.encode()).decode()))),
        _text(DATA / "okta" / "system-log.json")[:20_000],
    ),
    "seed": (
        *(_text(DATA / "terraform" / name) for name in ("state.json", "terraform.tfstate")),
        *(_text(DATA / "okta" / name) for name in ("one-app.json", "one-user.json", "lighthouse.xml")),
        *(_text(DATA / "cloudformation" / name) for name in ("connect.yaml", "lists.yaml")),
    ),
}
"""What each kind of file may be, when it is as it should be."""

_LAUGHS: Final = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9) if n else 'x'}]\n" for n in range(9))
_ENTITIES: Final = '<!DOCTYPE a [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
HOSTILE: Final = (
    *("\0", "\x01", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff", "\ufffe", "\U0010ffff", "\ud800"),
    *('"\\u0000"', '"\\ud800"', '"\\e[31m"', "\\", "'", '"', "<", "&c;", "]]>", "%", "${", "{", "}", "{x}", "[", "]"),
    *("null", "~", "true", "NaN", ".nan", "-Infinity", "1e999", "9" * 5000, "0x" + "f" * 5000, "-1", "99999999999999"),
    *("2026-02-31", "9999-99-99T99:99:99Z", "0000-00-00", "-999999999d", "10000000000000h"),
    *("? [a]\n: b\n", "? {a: b}\n: c\n", "!!python/object:os.system x", "!x y", "!!binary aGk=", "&a [*a]", "{<<: *r}"),
    *(
        "<<: 1\n",
        "a: &a {<<: *a}\n",
        "---\n",
        "%YAML 1.1\n---\n",
        "\t",
        "\r",
        "\n\n",
        " " * 300,
        ",,,",
        ":",
        "*",
        "&x ",
    ),
    *("[" * 3000, '{"a":' * 3000, "<a>" * 3000, "x" * 70_000, _LAUGHS, _ENTITIES, "../" * 40, "/dev/zero", "a" * 5000),
    *(
        "--- {}\n" * 6000,
        '{"a": 1}\n' * 6000,
        "[]," * 5000,
        "<b/>" * 5000,
        "{a}" * 5000,
        "%2525" * 5000,
        "\\u0041" * 5000,
    ),
    *('{"a": 1, "a": 2}', '"id": {}, ', '"type": [], ', "[[]]", "arn:aws:iam::0:role/", "http://[::1", "://", "(?P<"),
)
_ENCODINGS: Final[tuple[Callable[[str], bytes], ...]] = (
    *(lambda text: text.encode("utf-8", "surrogatepass"),) * 8,
    lambda text: text.encode("utf-8-sig", "replace"),
    lambda text: text.encode("utf-16", "surrogatepass"),
    lambda text: text.encode("utf-16-be", "surrogatepass"),
    lambda text: text.encode("utf-32", "surrogatepass"),
    lambda text: text.encode("latin-1", "replace"),
    lambda text: gzip.compress(text.encode("utf-8", "surrogatepass")),
    lambda text: base64.b64encode(text.encode("utf-8", "surrogatepass")),
)


def _changed(text: str, changes: list[tuple[float, str, int]]) -> str:
    for where, hostile, gone in changes:
        at = int(where * len(text))
        text = text[:at] + hostile + text[at + gone :]
    return text


def hostile_content(kind: str) -> st.SearchStrategy[bytes]:
    """Makes contents of a file of a kind, or of another kind."""
    others = tuple(text for texts in GOOD.values() for text in texts)
    text = st.sampled_from(GOOD[kind]) | st.sampled_from(GOOD[kind]) | st.sampled_from(("", *others))
    change = st.tuples(st.floats(0, 1), st.sampled_from(HOSTILE), st.sampled_from((0, 0, 1, 1, 3, 20, 400)))
    return st.builds(
        lambda text, changes, encode: encode(_changed(text, changes)),
        text,
        st.lists(change, max_size=3),
        st.sampled_from(_ENCODINGS),
    )
