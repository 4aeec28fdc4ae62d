"""Messages out of what people paste and save: every form that a copy can have gives the same message."""

from __future__ import annotations

import base64
import gzip
import html
import json
import quopri
import zlib
from urllib.parse import quote

import pytest

from emulator.kernel.errors import FederationError
from emulator.recordings.pasted import Pasted, read_pasted
from emulator.recordings.recording import read_recording
from tests.emulator.inspection.vendor_responses import SHAPES, response

XML = response(SHAPES["okta 2023"]).decode()
MESSAGE = base64.b64encode(XML.encode()).decode()
ENCODED = quote(MESSAGE, safe="")
INSTANCE = "0a1b2c3d-0000-4000-8000-00000000c0c0"
RELAY = f"https://us-west-2.console.aws.amazon.com/connect/federate/{INSTANCE}?destination=%2Fccp-v2"
BODY = f"SAMLResponse={ENCODED}&RelayState={quote(RELAY, safe='')}"
LINES = "\n".join(MESSAGE[start : start + 76] for start in range(0, len(MESSAGE), 76))
URL = "https://signin.aws.amazon.com/saml"


def _deflate(bits: int) -> str:
    compressor = zlib.compressobj(9, zlib.DEFLATED, bits)
    return base64.b64encode(compressor.compress(XML.encode()) + compressor.flush()).decode()


def _cmd(text: str) -> str:
    """Writes a word as Chrome's "Copy as cURL (cmd)" does."""
    return '^"' + "".join(f"^{each}" if each in '%&<>|^"!' else each for each in text) + '^"'


MHTML = (
    "From: <Saved by Blink>\nContent-Type: multipart/related; boundary=x\n\n--x\nContent-ID: <frame-0@mhtml.blink>\n"
    "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n"
) + (quopri.encodestring(f'<html><form><input name="SAMLResponse" value="{MESSAGE}"></form></html>'.encode()).decode())
TEXTS = {
    "base64": MESSAGE,
    "base64 in lines": LINES,
    "base64 in lines of Windows": LINES.replace("\n", "\r\n"),
    "base64 with blanks around": f"  \n{MESSAGE}\n\n",
    "a byte order mark in the text": f"\ufeff{MESSAGE}",
    "double quotes": f'"{MESSAGE}"',
    "single quotes": f"'{MESSAGE}'",
    "typographic quotes": f"“{MESSAGE}”",
    "quotes and a comma": f'"{MESSAGE}",',
    "bytes of Python": f"b'{MESSAGE}'",
    "a code fence": f"```\n{MESSAGE}\n```",
    "SAMLResponse: before it": f"SAMLResponse: {MESSAGE}",
    "SAMLResponse = before it": f"SAMLResponse = {MESSAGE}",
    "a line of JSON": f'"SAMLResponse": "{MESSAGE}",',
    "a variable of the shell": f'export SAML_RESPONSE="{MESSAGE}"',
    "a parameter of the AWS CLI": f"--saml-assertion: {MESSAGE}",
    "escapes of JSON": f'"{MESSAGE}"'.replace("/", "\\/").replace("+", "\\u002b").replace("=", "\\u003d"),
    "line breaks of JSON": '"' + LINES.replace("\n", "\\n") + '"',
    "a data URL": f"data:text/xml;base64,{MESSAGE}",
    "URL-encoded": ENCODED,
    "URL-encoded twice": quote(ENCODED, safe=""),
    "URL-encoded in small letters": ENCODED.replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
    "plus signs became blanks": MESSAGE.replace("+", " "),
    "base64url": base64.urlsafe_b64encode(XML.encode()).decode().rstrip("="),
    "base64 twice": base64.b64encode(MESSAGE.encode()).decode(),
    "DEFLATE": _deflate(-15),
    "zlib": _deflate(15),
    "a form body": BODY,
    "a form body with the field second": f"RelayState=&SAMLResponse={ENCODED}",
    "a form body without encoding": f"SAMLResponse={MESSAGE}",
    "a form body in a sentence": f"It posts {BODY} to AWS.",
    "a request as a proxy shows it": f"POST /saml HTTP/1.1\r\nHost: signin.aws.amazon.com\r\n\r\n{BODY}",
    "a multipart form": f'--x\r\nContent-Disposition: form-data; name="SAMLResponse"\r\n\r\n{MESSAGE}\r\n--x--\r\n',
    "an address of the redirect binding": f"{URL}?SAMLResponse={quote(_deflate(-15), safe='')}&RelayState=x",
    "a page": f'<!DOCTYPE html><html><form action="{URL}"><input type="hidden" name="SAMLResponse" value="{MESSAGE}">',
    "a page with entities": f"<html><form><input value='{MESSAGE.replace('+', '&#x2b;')}' name='SAMLResponse'/>",
    "a page after a comment": f"<!-- saved --><html><input name=SAMLResponse value={MESSAGE.rstrip('=')}==></html>",
    "a form alone": f'<form method="post"><input name="SAMLResponse" value="{LINES}"/></form>',
    "curl of bash": f"curl '{URL}' -H 'origin: null' --data-raw '{BODY}' --compressed",
    "curl of bash in lines": f"curl '{URL}' \\\n  -H 'origin: null' \\\n  --data-raw '{BODY}'",
    "curl with ANSI-C quoting": f"curl '{URL}' --data-raw $'{BODY}\\u0021'".replace("\\u0021", "&x=\\u0021"),
    "curl of cmd": f"curl {_cmd(URL)} ^\r\n  -H {_cmd('origin: null')} ^\r\n  --data-raw {_cmd(BODY)}",
    "curl with data-urlencode": f"curl {URL} --data-urlencode 'SAMLResponse={MESSAGE}'",
    "curl with an equals sign": f"curl {URL} --data='{BODY}'",
    "PowerShell": f'Invoke-WebRequest -Uri "{URL}" -Method "POST" -Body "{BODY}"',
    "a program's log": f"2026-03-04 05:06:07 DEBUG body: {{'SAMLAssertion': '{MESSAGE}', 'RoleArn': 'arn:x'}} sent",
    "SAML-tracer's export": json.dumps({"requests": [{"post": [["SAMLResponse", MESSAGE], ["RelayState", ""]]}]}),
    "a proxy's event": json.dumps({"httpMethod": "POST", "body": BODY}),
    "a dictionary of Python's": f"{{'RoleArn': 'arn:x', 'SAMLAssertion': '{MESSAGE}', 'PrincipalArn': None}}",
    "a variable in JSON": json.dumps({"saml_response": MESSAGE}),
    "a form body, encoded as a whole": quote(BODY, safe=""),
    "a line that a shell ended with %": f"{MESSAGE}%",
    "a page in capitals": f'<HTML><FORM><INPUT TYPE="HIDDEN" NAME="SAMLResponse" VALUE="{MESSAGE}"></FORM></HTML>',
    "the source of a page": html.escape(f'<html><form><input name="SAMLResponse" value="{MESSAGE}"></form></html>'),
    "a page that was saved with its pictures": MHTML,
    "fetch of Node": f'fetch("{URL}", {{"body": "{BODY}", "method": "POST"}});',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_every_form_that_a_copy_has_gives_the_message(text: str) -> None:
    """Byte for byte, in UTF-8 as in UTF-16, with a byte order mark or without, and in gzip."""
    encodings = (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.encode("utf-16-be"))
    for data in (*encodings, text.encode("utf-16-le"), gzip.compress(text.encode())):
        (login,) = read_recording(data).logins
        assert base64.b64decode(login.saml_response) == XML.encode()


XMLS = {
    "XML": XML,
    "XML without a declaration": XML.partition("?>")[2],
    "XML in another encoding": XML.replace("UTF-8", "ISO-8859-1", 1),
    "XML after an empty line": f"\n\n{XML}",
    "XML, URL-encoded": quote(XML, safe=""),
    "XML, escaped for HTML": html.escape(XML),
    "XML in JSON": json.dumps(XML),
    "XML in a log": f"2026-03-04 DEBUG received {XML.partition('?>')[2]} from 192.0.2.7",
}


@pytest.mark.parametrize("text", XMLS.values(), ids=XMLS.keys())
def test_xml_is_read_with_or_without_a_declaration(text: str) -> None:
    """It says UTF-8 afterwards, which is what it is then; nothing else of it changes."""
    for data in (text.encode(), text.encode("utf-16")):
        (login,) = read_recording(data).logins
        read = base64.b64decode(login.saml_response).decode()
        assert read.partition("?>")[2] or read == XML.partition("?>")[2]
        assert read in {XML, XML.partition("?>")[2]}


def test_what_is_beside_the_message_is_kept() -> None:
    """The relay state, where it is posted to, the role that was chosen, what STS was asked with."""
    pasted = read_pasted(f"curl '{URL}' --data-raw '{BODY}&roleIndex=arn%3Aaws%3Aiam%3A%3A210987654321%3Arole%2FA'")
    assert pasted == Pasted(MESSAGE, RELAY, URL, (), "arn:aws:iam::210987654321:role/A")
    assert read_pasted(MESSAGE).relay_state is None
    assert read_pasted(f"SAMLResponse={ENCODED}").relay_state == ""
    asked = read_pasted(f"Action=AssumeRoleWithSAML&RoleArn=arn:r&PrincipalArn=arn:p&SAMLAssertion={ENCODED}")
    assert (asked.role_arn, asked.provider_arn) == ("arn:r", "arn:p")


@pytest.mark.parametrize(
    ("name", "undone"),
    [
        ("base64", ()),
        ("URL-encoded twice", ("URL encoding", "URL encoding")),
        ("plus signs became blanks", ("blanks in place of plus signs",)),
        ("base64url", ("base64url",)),
        ("base64 twice", ("base64, twice",)),
        ("DEFLATE", ("DEFLATE",)),
        ("escapes of JSON", ("escapes of JSON",)),
    ],
)
def test_what_had_to_be_undone_is_told(name: str, undone: tuple[str, ...]) -> None:
    """Quotes and names around it are nothing to tell of; an encoding is."""
    assert read_pasted(TEXTS[name]).undone == undone


def test_a_message_that_is_cut_off_is_one() -> None:
    """AWS would refuse it: that is for the checks to say."""
    assert read_pasted(MESSAGE[:-301]).saml_response == MESSAGE[:-301]
    assert read_pasted(XML[:-10]).saml_response


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        (
            "curl 'https://x",
            "This curl command cannot be read: no closing quotation",
            "Copy it again, with 'Copy as cURL (bash)'.",
        ),
        ("curl https://x -d @body.txt", "This curl command reads its form from a file, body.txt", "Give that file."),
        ("curl https://x -d a=b", "This is not a SAMLResponse", None),
        ("SAMLResponse=", "This is not a SAMLResponse", None),
    ],
)
def test_a_command_without_a_message_is_told(text: str, said: str, fix: str | None) -> None:
    """What is missing, and where it may be."""
    with pytest.raises(FederationError) as caught:
        read_pasted(text)
    assert caught.value.message == said
    assert fix is None or caught.value.fix == fix


@pytest.mark.parametrize(
    "text",
    [
        "<input " * 100_000,
        '<meta name="data" content="' * 50_000,
        "SAMLResponse=" * 100_000,
        "a" * 2_000_000,
        "%25" * 300_000,
        "curl " + "'" * 200_001,
        '"' * 1_000_000,
        "<" + "a" * 1_000_000,
        "[" * 1_000_000,
        '{"a":' * 300_000,
    ],
    ids=lambda text: text[:12],
)
def test_hostile_input_is_bounded(text: str) -> None:
    """Nothing takes longer than reading it, and nothing but an error of ours comes out."""
    with pytest.raises(FederationError):
        read_recording(text.encode())


OTHER = base64.b64encode(XML.replace("_", "-").encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        f"10:00 login {MESSAGE}\n10:01 login {OTHER}\n",
        f"10:00 POST SAMLResponse={ENCODED}&RelayState=a\n10:01 POST SAMLResponse={quote(OTHER, safe='')}&RelayState=b",
        f"SAMLResponse={ENCODED}\nSAMLResponse={quote(OTHER, safe='')}\n",
        f"SAMLResponse=[hidden]\nSAMLResponse={ENCODED}\nSAMLResponse={quote(OTHER, safe='')}\n",
        f"{{'SAMLResponse': '{MESSAGE}'}}\n{{'SAMLResponse': '{OTHER}'}}",
        "\n".join(f"payload PD{'A' * 300}" for _ in range(9)) + f"\nlogin {MESSAGE}\nlogin {OTHER}",
    ],
    ids=["base64", "forms", "fields alone", "a hidden one before", "dictionaries", "other base64 before"],
)
def test_every_message_of_a_log_is_a_login(text: str) -> None:
    """However many there are, and whatever else looks like one."""
    assert [each.saml_response for each in read_recording(text.encode()).logins] == [MESSAGE, OTHER]


def test_every_message_of_a_log_in_xml_is_a_login() -> None:
    """A long one too."""
    first = XML.partition("?>")[2].strip()
    second = first.replace("</", f"<!--{'x' * 300_000}--></", 1)
    logins = read_recording(f"DEBUG {first}\nDEBUG {second}\n".encode()).logins
    assert [base64.b64decode(each.saml_response).decode() for each in logins] == [first, second]


def test_of_a_field_that_is_posted_twice_the_first_counts() -> None:
    """The sites read it."""
    twice = f"SAMLResponse={ENCODED}&SAMLResponse={quote(OTHER, safe='')}"
    for text in (twice, f"curl {URL} -d '{twice}'"):
        (login,) = read_recording(text.encode()).logins
        assert login.saml_response == MESSAGE


def test_a_pages_message_is_found_after_any_number_of_fields() -> None:
    """It is posted to where its own form says, not the page's first."""
    search = f"<form action='https://intranet.example/search'>{'<input name=q>' * 600}</form>"
    form = f"<form action='{URL}'><input name=SAMLResponse value='{MESSAGE}'></form>"
    pasted = read_pasted(f"<!--{'x' * 5_000}--><html>{search}{form}</html>")
    assert (pasted.saml_response, pasted.posted_to) == (MESSAGE, URL)


def test_a_role_chooser_is_found_after_any_number_of_other_elements() -> None:
    """Its data is in a meta element."""
    data = base64.b64encode(json.dumps({"SAMLResponse": MESSAGE}).encode()).decode()
    page = f"<html>{'<meta name=a content=b>' * 600}<meta name='data' content='{data}'></html>"
    assert read_pasted(page).saml_response == MESSAGE
