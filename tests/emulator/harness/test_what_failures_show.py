"""What people read of an assertion that fails: a line for each value, never the repr of a dataclass."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase

import pytest

from tests.emulator.harness.conftest import SCENARIO

PLUGIN = ("-p", "emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers")
pytest_plugins = ["pytester"]

HANAKO = "<LoginResult of hanako@example.com in amazon-connect: accepted at https://acme.my.connect.aws/home>"
MIKA = (
    "<LoginResult of mika@example.com in amazon-connect: refused by Okta at "
    "https://acme.okta.com/home/amazon_aws/0oaXgnc2Ts1PiAr23pip/272, check app-assignment>"
)
TILE = "https://acme.okta.com/home/amazon_aws/0oaXgnc2Ts1PiAr23pip/272"
WHY = "The app Amazon Connect SAML is assigned neither to mika@example.com nor to a group of theirs."
# What is asserted, and what pytest says of it; of reprs that are longer pytest cuts out the middle.
ASSERTIONS = {
    "hanako.login.outcome == 'refused'": [
        "assert <Outcome.ACCEPTED: 'accepted'> == 'refused'",
        "  ",
        "  - refused",
        "  + accepted",
    ],
    "not hanako.login.role": [
        "assert not 'arn:aws:iam::123456789012:role/ConnectAgent'",
        f" +  where 'arn:aws:iam::123456789012:role/ConnectAgent' = {HANAKO.replace('LoginResult', 'Login')}.role",
        f" +    where {HANAKO.replace('LoginResult', 'Login')} = {HANAKO}.login",
    ],
    "hanako == mika": [
        f"assert {HANAKO} == {MIKA}",
        "  user: hanako@example.com != mika@example.com",
        "  outcome: accepted != refused",
        f"  lands_on: https://acme.my.connect.aws/home != {TILE}",
        "  role: arn:aws:iam::123456789012:role/ConnectAgent != none",
        "  session_name: hanako@example.com != none",
        "  check: none != app-assignment",
    ],
    "hanako.login == again.login": [
        f"assert {HANAKO.replace('LoginResult', 'Login')} == {HANAKO.replace('LoginResult', 'Login')}",
        "  They are two logins with the same result.",
    ],
    "hanako == 'accepted'": [f"assert {HANAKO} == 'accepted'"],
    "mika.diagnosis is None": [
        f"assert <Diagnosis of check app-assignment: {WHY}> is None",
        f" +  where <Diagnosis of check app-assignment: {WHY}> = {MIKA}.diagnosis",
    ],
    "hanako.login.exchanges[0] is None": ["assert <Exchange GET https://acme.okta.com/app/UserHome -> 200> is None"],
    "hanako.login.exchanges[0].notes == ()": [
        "assert (<TraceNote o...nd password>,) == ()",
        "  ",
        "  Left contains one more item: <TraceNote of Okta: asks for user name and password>",
    ],
    "hanako.login.facts is None": [
        "assert Facts(role='arn:aws:iam::123456789012:role/ConnectAgent', *) is None",
    ],
    "federation is None": ["assert <Federation of world.yaml> is None"],
    "federation.world is None": ["assert <World of world.yaml> is None"],
    "federation.gateway is None": ["assert <Gateway after 20 requests> is None"],
    "federation.browser() is None": ["assert <Browser after 0 requests> is None"],
    "login is None": ["assert <login, made 3 times> is None"],
    "emulator_server is None": ["assert <Serving of world.yaml at http://127.0.0.1:*> is None"],
    "session_emulator is None": ["assert <SessionEmulator at http://127.0.0.1:*> is None"],
    "issued is None": ["assert <Issued at 2026-01-15T09:00:00+00:00, * bytes of XML> is None"],
}


def test_reprs_are_short(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the letter: what pytest says after E."""
    monkeypatch.chdir(project.path)
    asserts = "\n".join(f'    "{text}",' for text in ASSERTIONS)
    project.makepyfile(
        "import pytest\n\n\n"
        f"ASSERTIONS = [\n{asserts}\n]\n\n\n"
        "def hanako_and_others(login, federation):\n"
        "    hanako, again, mika = (login(f'{name}@example.com', 'amazon-connect') for name in "
        "('hanako', 'hanako', 'mika'))\n"
        "    provider, app = federation.find_app('amazon-connect')\n"
        "    return hanako, again, mika, provider.mint('hanako@example.com', app.name)\n\n\n"
        + "\n\n\n".join(
            f"def test_{number}(login, federation, emulator_server, session_emulator):\n"
            "    hanako, again, mika, issued = hanako_and_others(login, federation)\n"
            f"    assert {text}"
            for number, text in enumerate(ASSERTIONS)
        )
    )
    result = project.runpytest_subprocess(*PLUGIN, "--fedemu-traces=off")
    result.assert_outcomes(failed=len(ASSERTIONS))
    parts = re.split(r"^_+ test_\d+ _+$", result.stdout.str(), flags=re.MULTILINE)[1:]
    said = [re.findall(r"^E   (?:    AssertionError: |    )?(.*)$", part, re.MULTILINE) for part in parts]
    for (text, expected), lines in zip(ASSERTIONS.items(), said, strict=True):
        shown = lines[: len(expected)]
        assert all(map(fnmatchcase, shown, expected)), (text, shown)
        assert len(shown) == len(expected), (text, shown)
    assert not re.search(r"\b(Login|LoginResult|Exchange|Diagnosis|World|TraceNote|Result)\(", result.stdout.str())


def test_a_scenario_run_in_a_test_is_short(project: pytest.Pytester) -> None:
    """Whoever runs scenarios by hand reads what was not met."""
    (project.path / "login.yaml").write_text(SCENARIO, encoding="utf-8")
    project.makepyfile(
        """
        from pathlib import Path
        from emulator.scenarios.runner import run_scenario
        from emulator.scenarios.scenario_file import find_scenarios

        def test_second():
            _, second = find_scenarios([Path("login.yaml")])
            assert run_scenario(second).passed
        """
    )
    result = project.runpytest_subprocess(*PLUGIN)
    result.stdout.fnmatch_lines(
        [
            "E       assert False",
            "E        +  where False = <Result of LOGIN-02: outcome: expected accepted, received refused>.passed",
            "E        +    where <Result of LOGIN-02: outcome: expected accepted, received refused> = "
            "run_scenario(<Scenario LOGIN-02 of login.yaml>)",
        ]
    )


def test_a_login_that_cannot_be_made_is_told_without_our_code(project: pytest.Pytester) -> None:
    """The line of the test, what is wrong and what would be right; the exception is what it says it is."""
    project.makepyfile(
        """
        import pytest
        from emulator.kernel.errors import FlowError

        def test_app(login):
            login("hanako@example.com", "nothing")

        def test_fault(login):
            login("hanako@example.com", "amazon-connect", faults=[{"attribut": "Role", "remove": True}])

        def test_changes_nothing(login):
            login("hanako@example.com", "amazon-connect", faults=[{"attribute": "Rule", "remove": True}])

        def test_role(login):
            with pytest.raises(FlowError, match="AWS sign-in asks which role to take"):
                login("taro@example.com", "amazon-connect")

        def test_refused_before(login):
            faults = [{"attribute": "Role", "remove": True}]
            assert login("mika@example.com", "amazon-connect", faults=faults).login.refusal.check == "app-assignment"
            assert login("nobody@example.com", "amazon-connect", faults=faults).login.refusal.check == "okta-sign-in"
        """
    )
    result = project.runpytest_subprocess(*PLUGIN, "--fedemu-traces=off")
    result.assert_outcomes(failed=3, passed=2)
    said = [line.removeprefix("E  ").strip() for line in result.outlines if line.startswith("E  ")]
    error = "emulator.kernel.errors.FederationError:"
    assert said == [
        f"{error} There is no Okta app nothing",
        "want   acme/amazon-connect",
        "got    nothing",
        "fix    Name the app as org/app.",
        f"{error} this is not a fault: {{'attribut': 'Role', 'remove': True}}; did you mean attribute?",
        "want   exactly one of attribute, element, tamper, transit, signature, encryption, issue, wrap, payload",
        "fix    Choose one that fedemu login --fault help lists.",
        f"{error} there is no attribute Rule to remove",
        "want   Role or RoleSessionName or SessionDuration",
        "got    Rule",
    ]
    result.stdout.no_fnmatch_line("*emulator/building*")
