"""``fedemu explain``: what people paste, and what they read about it."""

from __future__ import annotations

import base64
import io
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from emulator.cli import main
from emulator.explaining.pasted import MOST_BYTES
from tests import fidelity

Explain = Callable[..., tuple[int, str, str]]

SIGNATURE = """\
Response signature invalid
  said by  AWS sign-in and STS, InvalidIdentityToken (400); the words are documented: AWS IAM UG "troubleshoot_saml"
  check    signature: Is the Response or its assertion signed with a key of the provider's metadata, and unchanged \
since?

In your AWS account
  1. The identity provider signs with a new certificate, and the SAML provider still has the old metadata.  [often]
     fix  Upload the current metadata to the provider, in every account.
     see  fedemu run --builtin -k AWS-SIG-01 -v

At your identity provider
  2. Neither the Response nor the assertion is signed.  [sometimes]
     fix  Turn signing on in the app.
     see  fedemu run --builtin -k AWS-SIG-03 -v
  3. The signature uses SHA-1 or another algorithm that is not taken here.  [sometimes]
     fix  Set the signature algorithm to RSA-SHA256 and the digest to SHA256, or accept_sha1 on the SAML provider here.
     see  fedemu run --builtin -k AWS-SIG-04 -v

On your side: what was run, sent or opened
  4. The message was changed after it was signed, by a proxy, an editor, or a client that writes the XML anew.  [rarely]
     fix  Pass the message on as it came.
     see  fedemu run --builtin -k AWS-SIG-02 -v

Least of all: done on purpose
  5. The assertion was forged, and the signature covers another element than the one that would be read.
     fix  If nobody tests this on purpose, treat it as an attack.

next: fedemu run --builtin -k AWS-SIG-01 -v
"""
PAGE = """<!DOCTYPE html><html><head><title>Amazon Web Services Sign-In</title><script>var problems = {};</script>
</head><body><h1 class="background">Amazon Web Services Login</h1><div id="main_error"><p>Your request included an
invalid SAML response. To logout, <a href="https://signin.aws.amazon.com/oauth?Action=logout">click here</a>.</p></div>
</body></html>"""
ANSWER = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>ExpiredTokenException</Code><Message>Token must be redeemed within 5 minutes of issuance</Message></Error>
<RequestId>b4ab2c6e-0000-4000-8000-000000000000</RequestId></ErrorResponse>"""
TRACEBACK = """Traceback (most recent call last):
  File "/app/login.py", line 33, in <module>
    sts.assume_role_with_saml(RoleArn=role, PrincipalArn=idp, SAMLAssertion=assertion, DurationSeconds=43200)
botocore.exceptions.ClientError: An error occurred (ValidationError) when calling the AssumeRoleWithSAML operation:
The requested DurationSeconds exceeds the MaxSessionDuration set for this role.
"""
TERMINAL = (
    "\x1b[36m$ aws sts get-caller-identity\x1b[0m\n"
    "\x1b[31mThe security token included in the request is expired\x1b[0m\n"
)
TRAIL_EVENT = {
    "eventSource": "sts.amazonaws.com",
    "eventName": "AssumeRoleWithSAML",
    "errorCode": "AccessDenied",
    "errorMessage": "Not authorized to perform sts:AssumeRoleWithSAML",
    "requestParameters": {"roleArn": "arn:aws:iam::123456789012:role/Response signature invalid"},
}
SUCCESS = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRoleWithSAML", "responseElements": {"issuer": "x"}}
CONSOLE_LOGIN = SUCCESS | {"eventName": "ConsoleLogin", "responseElements": {"ConsoleLogin": "Failure"}}
OKTA_EVENT = {
    "eventType": "app.generic.unauth_app_access_attempt",
    "displayMessage": "User attempted unauthorized access to app",
    "outcome": {"result": "FAILURE", "reason": "User attempted unauthorized access to app"},
}
OKTA_SIGN_IN = {"eventType": "user.session.start", "outcome": {"result": "FAILURE", "reason": "INVALID_CREDENTIALS"}}
OKTA_SUCCESS = {"eventType": "user.session.start", "outcome": {"result": "SUCCESS", "reason": None}}
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
RESPONSE = (
    '<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ID="id1" Version="2.0"><saml2p:Status>'
    '<saml2p:StatusCode Value="{}"/></saml2p:Status></saml2p:Response>'
)


def in_base64(text: str) -> str:
    """Returns a text as a form field carries it."""
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def explain(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Explain:
    """Returns a function that explains words in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, typed: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(typed)))
        with pytest.raises(SystemExit) as caught:
            main(["explain", *arguments])
        captured = capsys.readouterr()
        assert isinstance(caught.value.code, int)
        return caught.value.code, captured.out, captured.err

    return call


def first_line(out: str) -> str:
    """Returns what was recognised."""
    return out.partition("\n")[0]


@pytest.mark.parametrize(
    "words",
    [
        ["Response signature invalid"],
        ["response", "SIGNATURE", "invalid."],
        ["\u201cResponse signature invalid\u201d"],
        [
            "Response signature invalid (Service: AWSSecurityTokenService; Status Code: 400; Error Code: "
            "InvalidIdentityToken; Request ID: 3f1d2c34-0000-4d66-9a4e-0f3d8c1b2a10; Proxy: null). Please try again."
        ],
        [
            "An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: "
            "Response signature invalid"
        ],
        [
            "https://signin.aws.amazon.com/saml?error=InvalidIdentityToken&error_description=Response+signature%20invalid"
        ],
    ],
)
def test_a_sentence_is_explained_with_whatever_is_around_it(explain: Explain, words: list[str]) -> None:
    """The causes on every side, the likeliest side first, what is done on purpose last."""
    assert explain(*words) == (0, SIGNATURE, "")


@pytest.mark.parametrize(
    ("content", "recognised"),
    [
        (PAGE, "Your request included an invalid SAML response. To logout, click here."),
        (ANSWER, "Token must be redeemed within 5 minutes of issuance"),
        (TRACEBACK, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."),
        (TERMINAL, "The security token included in the request is expired"),
        (json.dumps(TRAIL_EVENT), "Not authorized to perform sts:AssumeRoleWithSAML"),
        (json.dumps({"Records": [SUCCESS, TRAIL_EVENT]}), "Not authorized to perform sts:AssumeRoleWithSAML"),
        (
            json.dumps({"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(TRAIL_EVENT)}]}),
            "Not authorized to perform sts:AssumeRoleWithSAML",
        ),
        (json.dumps(OKTA_EVENT, indent=2), "User attempted unauthorized access to app"),
        (json.dumps([OKTA_SUCCESS, OKTA_SIGN_IN]), "INVALID_CREDENTIALS"),
        ('{"errorCode":"E0000068","errorSummary":"Invalid Passcode/Answer"}', "Invalid Passcode/Answer"),
        ('INFO answer: {"errorCode":"E0000047","errorSummary":"too many"} retry in 3 s\n', "E0000047"),
        (RESPONSE.format(f"{STATUS}AuthnFailed"), f"{STATUS}AuthnFailed"),
        (f"SAMLResponse={in_base64(RESPONSE.format(f'{STATUS}NoPassive'))}&RelayState=", f"{STATUS}NoPassive"),
        (
            '{"format": 2, "outcome": "refused", "refusal": {"check": "audience", "message": "No."}}',
            "audience: Is AWS the audience of the assertion?",
        ),
        (
            "AWS sign-in refused: InvalidIdentityToken (400), check issuer\n  said   Issuer not present\n",
            "issuer: Is the Issuer the entityID in the SAML provider's metadata?",
        ),
        (
            "The login did not arrive, check relay-state\n  why    …\n",
            "relay-state: Does the relay state lead to the place where the login should end?",
        ),
    ],
)
@pytest.mark.parametrize("way", ["file", "standard input", "UTF-16", "byte order mark"])
def test_files_and_standard_input_are_unwrapped(
    explain: Explain, tmp_path: Path, content: str, recognised: str, way: str
) -> None:
    """Pages, answers, events, Responses and terminal output, in the encodings in which programs save them."""
    encoding = {"UTF-16": "utf-16", "byte order mark": "utf-8-sig"}.get(way, "utf-8")
    if way == "standard input":
        code, out, _ = explain("-", typed=content.encode())
    else:
        (tmp_path / "error.txt").write_bytes(content.encode(encoding))
        code, out, _ = explain("error.txt")
    assert (code, first_line(out)) == (0, recognised)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (json.dumps(SUCCESS), "There is no error in this text: it holds an event that is not an error"),
        (
            json.dumps([OKTA_SUCCESS] * 3),
            "There is no error in this text: it holds 3 events, none of which is an error",
        ),
        (
            in_base64(RESPONSE.format(f"{STATUS}Success")),
            "There is no error in this text: it holds a SAML Response that reports success",
        ),
    ],
)
def test_what_succeeded_is_not_explained(explain: Explain, content: str, message: str) -> None:
    """It is said to be no error, and who judges it is named."""
    code, out, err = explain("-", typed=content.encode())
    assert (code, out, err.splitlines()[0]) == (2, "", message)
    assert err.splitlines()[1] == "  fix    `fedemu inspect FILE` judges a SAML Response or a whole recorded login."


def test_a_refusal_of_the_emulator_is_explained_by_its_check_alone(explain: Explain) -> None:
    """Its sentence, which several checks share, has the causes of the one that is named."""
    block = (
        "AWS sign-in refused: InvalidSAMLResponse (400), check role-attribute\n"
        "  said   Your request included an invalid SAML response. To logout, click here.\n"
    )
    _, out, _ = explain("-", "--json", typed=block.encode())
    (meant,) = json.loads(out)["recognised"]
    assert meant["title"] == "Your request included an invalid SAML response. To logout, click here."
    assert meant["checks"] == ["role-attribute"]
    assert {cause["check"] for cause in meant["causes"]} == {"role-attribute"}


def test_the_scripts_of_a_page_are_not_read_for_codes(explain: Explain) -> None:
    """They name every error there can be."""
    page = "<!DOCTYPE html><html><script>on('auth_fail', stop)</script><p>{}</p></html>"
    assert explain("-", typed=page.format("All is well").encode())[0] == 2
    assert first_line(explain("-", typed=page.format("Code: E0000068").encode())[1]) == "E0000068"


def test_a_failed_console_login_is_an_error_though_its_code_is_missing(explain: Explain) -> None:
    """CloudTrail reports it in the answer; nothing more is known of this one."""
    code, _, err = explain("-", typed=json.dumps(CONSOLE_LOGIN).encode())
    assert code == 2
    assert err.startswith("No known error is in standard input")


@pytest.mark.parametrize(
    ("words", "recognised"),
    [
        ("relay state", "relay-state: Does the relay state lead to the place where the login should end?"),
        ("RelayState", "relay-state: Does the relay state lead to the place where the login should end?"),
        ("it lands in the console", "relay-state: Does the relay state lead to the place where the login should end?"),
        ("audience", "audience: Is AWS the audience of the assertion?"),
        ("check audience", "audience: Is AWS the audience of the assertion?"),
        (
            "our popup stays open",
            "login-popup: Does the login window open, and close again once the person is signed in?",
        ),
        ("invalid SAML response", "Your request included an invalid SAML response. To logout, click here."),
        (
            "STS is not activated in this region",
            "STS is not activated in this region for account:<account>. Your account "
            "administrator can activate STS in this region using the IAM Console.",
        ),
        (
            "the origin is not approved",
            "approved-origin: May this page show the CCP in a frame?",
        ),
        (
            "the group filter seems wrong",
            "role-attribute: Does the attribute Role hold at least one pair of SAML provider ARN and role ARN?",
        ),
        (
            "saml metadata",
            "provider-metadata: Is the document an identity provider's SAML 2.0 metadata with a usable signing "
            "certificate?",
        ),
        ("E0000068", "E0000068"),
        ("Unable to parse metadata", "Unable to parse metadata"),
    ],
)
def test_a_few_words_are_enough(explain: Explain, words: str, recognised: str) -> None:
    """A check, a code, a part of a sentence, or what people call it."""
    code, out, _ = explain(*words.split())
    assert (code, first_line(out)) == (0, recognised)


def test_what_is_not_emulated_says_so(explain: Explain) -> None:
    """Cause and fix are there all the same."""
    assert explain("AADSTS750054") == (
        0,
        "AADSTS750054\n"
        "  said by  Microsoft Entra; the words are observed: public issues\n"
        "  check    sign-in-begun-elsewhere: Does the login begin at the identity provider?\n"
        "  note     This is not emulated. Microsoft Entra is not emulated; an app of Okta with its style is.\n"
        "\n"
        "On your side: what was run, sent or opened\n"
        "  1. A link that begins at the service provider is used as loginUrl or bookmark, and no SAMLRequest comes "
        "with it. AWS and Amazon Connect never send one.  [sometimes]\n"
        "     fix  Use the app's own link, such as https://myapps.microsoft.com/signin/APP/ID.\n"
        "\n"
        "next: fedemu check   (what stops the logins of your world)\n",
        "",
    )


def test_assumed_words_are_said_to_be_assumed(explain: Explain) -> None:
    """No text of AWS is claimed that nobody has seen."""
    _, out, _ = explain("The Amazon Connect instance was not found.")
    assert out.splitlines()[1] == (
        "  said by  Amazon Connect, ResourceNotFoundException (404); the words are assumed: no public text of Amazon "
        "Connect was found"
    )
    _, out, _ = explain("instance")
    assert out.splitlines()[1] == (
        "  said as  The Amazon Connect instance was not found.  (the words are assumed: no public text of Amazon "
        "Connect was found)"
    )


def test_a_code_names_its_sentences_and_asks_for_one(explain: Explain) -> None:
    """At most six candidates are listed."""
    _, out, _ = explain("PackedPolicyTooLarge")
    assert out.splitlines()[:5] == [
        "PackedPolicyTooLarge",
        "  said as  Packed policy consumes <percent>% of allotted space, please use smaller policy.",
        "  said as  Packed size of session tags consumes <percent>% of allotted space.",
        "  said as  Serialized token too large for session",
        "  note     A code comes with several sentences: give the sentence too, which says more.",
    ]


def test_the_likeliest_causes_are_shown_and_all_of_them_on_demand(explain: Explain) -> None:
    """Eight, whatever the number of checks behind a sentence; the forged message is the last of all."""
    sentence = "Your request included an invalid SAML response. To logout, click here."
    _, short, _ = explain(sentence)
    _, whole, _ = explain(sentence, "--all")
    assert short.count("     fix  ") == 8
    hidden = whole.count("     fix  ") - 8
    assert f"and {hidden} more, met less often: --all shows them" in short.splitlines()
    assert "--all" not in whole
    last = [line for line in whole.splitlines() if line.startswith("  ") and ". " in line and "fix  " not in line][-1]
    assert last.partition(". ")[2] == (
        "The message is forged. Somebody wrapped a signed assertion into another one, or blew the XML up with entities."
    )


def test_several_sentences_are_explained_in_their_order(explain: Explain) -> None:
    """Three, each once; the others are counted."""
    log = "\n".join(
        [
            "10:01 Response signature invalid",
            "10:02 Response has expired",
            "10:03 Response signature invalid",
            "10:04 Response does not contain the required audience.",
            "10:05 Request ARN is invalid",
        ]
    )
    code, out, _ = explain("-", typed=log.encode())
    headings = [line for line in out.splitlines() if line.startswith(("Response", "Request"))]
    assert code == 0
    assert headings == [
        "Response signature invalid",
        "Response has expired",
        "Response does not contain the required audience.",
    ]
    assert "1 more error in it: paste one alone, or add --all" in out.splitlines()
    _, out, _ = explain("-", "--all", typed=log.encode())
    assert "Request ARN is invalid" in out.splitlines()


def test_json_has_everything(explain: Explain) -> None:
    """Format 2, as docs/result.md describes it."""
    code, out, _ = explain("Token must be redeemed within 5 minutes of issuance", "--json")
    assert code == 0
    assert json.loads(out) == {
        "format": 2,
        "recognised": [
            {
                "title": "Token must be redeemed within 5 minutes of issuance",
                "checks": ["redeemed-in-time"],
                "said": [
                    {
                        "sentence": "Token must be redeemed within 5 minutes of issuance",
                        "by": "AWS sign-in and STS",
                        "code": "ExpiredTokenException",
                        "status": 400,
                        "evidence": "documented",
                        "source": 'AWS IAM UG "troubleshoot_saml"',
                    }
                ],
                "causes": [
                    {
                        "rank": 1,
                        "side": "you",
                        "weight": 80,
                        "how_often": "often",
                        "check": "redeemed-in-time",
                        "cause": "Too much time passed between the tile and AWS, on the role chooser for example, or "
                        "while an MFA prompt waited.",
                        "fix": "Open the tile again and choose at once.",
                        "scenarios": ["AWS-TIM-01", "AWS-TIM-03", "AWS-SGN-11"],
                        "reproduced_by": "fedemu run --builtin -k AWS-TIM-01 -v",
                    },
                    {
                        "rank": 2,
                        "side": "you",
                        "weight": 60,
                        "how_often": "often",
                        "check": "redeemed-in-time",
                        "cause": "A client keeps the assertion and uses it later, or goes through many roles with one "
                        "assertion.",
                        "fix": "Fetch a new assertion when STS answers ExpiredTokenException.",
                        "scenarios": ["AWS-STS-30"],
                        "reproduced_by": "fedemu run --builtin -k AWS-STS-30 -v",
                    },
                    {
                        "rank": 3,
                        "side": "identity provider",
                        "weight": 20,
                        "how_often": "rarely",
                        "check": "redeemed-in-time",
                        "cause": "The identity provider's clock is slow.",
                        "fix": "Set its clock by NTP.",
                        "scenarios": ["AWS-TIM-04"],
                        "reproduced_by": "fedemu run --builtin -k AWS-TIM-04 -v",
                    },
                ],
            }
        ],
    }


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("audeince", "audience"),
        ("Response signatur is invalid", "Response signature invalid"),
        ("token has to be redeemed in five mintues", "Token must be redeemed within 5 minutes of issuance"),
        ("The provider specified doesn't exist", "Specified provider doesn't exist"),
    ],
)
def test_the_nearest_is_named_where_nothing_is_known(explain: Explain, words: str, near: str) -> None:
    """A usage error, with at most three that may be meant."""
    code, out, err = explain(words)
    assert (code, out) == (2, "")
    said, fix = err.splitlines()
    assert said == f"Nothing is known of {words!r}"
    assert fix.startswith(f"  fix    Did you mean: {near}")
    assert fix.count(" | ") <= 2


def test_words_that_resemble_nothing_lead_to_the_list(explain: Explain) -> None:
    """With --json the error is JSON too."""
    code, _, err = explain("xyzzy")
    assert (code, err) == (
        2,
        "Nothing is known of 'xyzzy'\n"
        "  want   a sentence as it was shown, an error code, or the name of a check\n"
        "  fix    `fedemu explain --list` lists every check and topic.\n",
    )
    code, out, _ = explain("xyzzy", "--json")
    assert code == 2
    assert json.loads(out)["error"]["message"] == "Nothing is known of 'xyzzy'"


def test_the_list_has_every_check_and_topic(explain: Explain) -> None:
    """By what they belong to."""
    code, out, _ = explain("--list")
    assert code == 0
    assert out.splitlines()[:2] == [
        "The assertion, as AWS sign-in and STS read it",
        "  base64                   Is the SAMLResponse base64 of at most 100,000 characters?",
    ]
    assert "  relay-state              Does the relay state lead to the place where the login should end?" in out


@pytest.mark.parametrize(
    ("arguments", "typed", "message"),
    [
        (("-",), b" \n", "standard input is empty"),
        (("-",), b"x" * (MOST_BYTES + 1), "standard input is too long to look for an error in it"),
        (("gone.html",), b"", "Nothing is known of 'gone.html'"),
    ],
)
def test_what_cannot_be_read_is_a_usage_error(
    explain: Explain, arguments: tuple[str, ...], typed: bytes, message: str
) -> None:
    """Nothing, too much, and a file that is not there."""
    code, out, err = explain(*arguments, typed=typed)
    assert (code, out, err.splitlines()[0]) == (2, "", message)


def test_without_words_it_asks_for_some(explain: Explain) -> None:
    """A usage error as click prints it."""
    code, _, err = explain()
    assert (code, err.splitlines()[-1]) == (
        2,
        "Error: Give the words of an error, the name of a file, or - for standard input.",
    )


def test_a_file_that_is_not_there_is_said_to_be_missing(explain: Explain) -> None:
    """It might have been words."""
    assert "  why    There is no file of this name, so it was read as words." in explain("gone.html")[2].splitlines()


@pytest.mark.parametrize(
    ("content", "recognised"),
    [
        (
            "\n".join(map(json.dumps, [SUCCESS] * 70 + [TRAIL_EVENT])),
            "Not authorized to perform sts:AssumeRoleWithSAML",
        ),
        (
            "".join(
                f"login {in_base64(RESPONSE.format(status))}\n"
                for status in [f"{STATUS}Success"] * 25 + [f"{STATUS}AuthnFailed"]
            ),
            f"{STATUS}AuthnFailed",
        ),
    ],
    ids=["events", "messages"],
)
def test_an_error_after_many_successes_is_found(explain: Explain, content: str, recognised: str) -> None:
    """However many there are in the file."""
    code, out, _ = explain("-", typed=content.encode())
    assert (code, first_line(out)) == (0, recognised)


@pytest.mark.parametrize(
    "content", ['{"a":' * 90_000 + "1" + "}" * 90_000, '[["' * 300_000, "<" * 900_000, "%41" * 300_000]
)
def test_what_is_built_to_be_hard_to_read_is_read_all_the_same(explain: Explain, content: str) -> None:
    """Nesting, unclosed tags and escapes end as anything else that says nothing."""
    code, _, err = explain("-", typed=content.encode())
    assert (code, err.splitlines()[0]) == (2, "No known error is in standard input")


def test_the_example_in_the_documentation_is_what_is_printed(explain: Explain) -> None:
    """The console block of docs/explain.md."""
    text = (fidelity.ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    ((words, output),) = re.findall(r'```console\n\$ fedemu explain "([^"]+)"\n(.*?)```', text, re.DOTALL)
    assert explain(words) == (0, output, "")


def test_each_row_of_the_documentation_is_recognised(explain: Explain) -> None:
    """What people have, and what they write; files and pipes have tests of their own."""
    text = (fidelity.ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
    calls = [shlex.split(call) for call in re.findall(r"`fedemu explain ([^`]+)`", text[: text.index("\nCase, ")])]
    assert len(calls) == 8
    for words in calls:
        if words[0] not in {"FILE", "-"}:
            assert explain(*words)[0] == 0, words
