"""The bench: messages from logins and from pastes, changed, judged, signed again and posted; without scripts."""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests

from emulator.building.faults import read_faults
from emulator.federation import Federation
from emulator.flow import log_in
from emulator.journeys.journeys import journeys_of
from emulator.kernel.clock import Clock
from emulator.network.data_folder.keys import KeyFolder
from emulator.network.listener.server import Server
from emulator.running.start import Ports, serving
from emulator.scenarios.runner import START
from emulator.world import DEFAULT_WORLD, load_world
from tests.conftest import APP, TWO_ROLES_USER, USER

_INPUT = re.compile(r'<input[^>]*name="([^"]*)" value="([^"]*)"')
_AREA = re.compile(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
_ROW = "row-1-value"


class Bench:
    """A browser without scripts in front of the bench.

    Args:
        server: The running emulator that shows the bench.
    """

    def __init__(self, server: Server) -> None:
        self.text, self.status = "", 0
        self._url = f"{server.url}/workbench/bench"
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, query: str = "") -> dict[str, str]:
        """Opens the page, and returns the fields of the message's form."""
        return self._take(self._session.get(f"{self._url}{query}"))

    def press(self, button: str, fields: dict[str, str]) -> dict[str, str]:
        """Presses a button."""
        return self._take(self._session.post(self._url, data={**fields, "do": button}))

    def give(self, content: bytes) -> dict[str, str]:
        """Chooses a file and has it read."""
        data, files = {"do": "read", "given": ""}, {"file": ("login.har", content)}
        return self._take(self._session.post(self._url, data=data, files=files))

    @property
    def told(self) -> str:
        """The verdict in one sentence."""
        found = re.search(r'id="told"[^>]*>(.*?)</p>', self.text)
        return found[1] if found else ""

    @property
    def alert(self) -> str:
        """The problem that is reported."""
        found = re.search(r'role="alert"[^>]*>(.*?)</p>', self.text)
        return html.unescape(found[1]) if found else ""

    @property
    def answer(self) -> str:
        """What AWS answered."""
        found = re.search(r'id="answer">(.*?)</section>', self.text, re.DOTALL)
        return html.unescape(found[1]) if found else ""

    def _take(self, answer: requests.Response) -> dict[str, str]:
        self.text, self.status = answer.text, answer.status_code
        found = [*_INPUT.findall(self.text), *_AREA.findall(self.text)]
        return {name: html.unescape(value) for name, value in found if name != "given"}


@pytest.fixture
def bench(server: Server, federation: Federation) -> Bench:
    """Returns the bench after a login."""
    log_in(federation, user=USER, app=APP)
    return Bench(server)


def _message(federation: Federation) -> str:
    return federation.identity_providers["acme"].mint(USER, APP).saml_response


def test_a_login_lies_on_the_bench(bench: Bench) -> None:
    """Every check beside the message, its attributes as rows, its XML as text; unchanged it is as it was."""
    fields = bench.open("?login=1")
    assert bench.told == "No check fails."
    assert fields["row-0-name"] == "https://aws.amazon.com/SAML/Attributes/Role"
    assert fields[_ROW] == USER
    assert "✓ signature" in bench.text
    xml = fields["xml"]
    assert bench.press("judge", fields)["xml"] == xml
    assert bench.told == "No check fails."
    bench.open("?login=7")
    assert bench.status == 404


@pytest.mark.parametrize("form", ["base64", "xml", "har"])
def test_what_people_have_is_read(bench: Bench, federation: Federation, form: str) -> None:
    """A SAMLResponse in base64, its XML, or a HAR."""
    message = _message(federation)
    xml = base64.b64decode(message).decode()
    post = {"request": {"method": "POST", "url": "https://signin.aws.amazon.com/saml", "postData": {}}}
    post["request"]["postData"] = {"params": [{"name": "SAMLResponse", "value": message}]}
    given = {"base64": message, "xml": xml, "har": json.dumps({"log": {"entries": [post]}})}[form]
    assert bench.press("read", {"given": given})["xml"] == xml
    assert bench.told == "No check fails."


def test_what_is_no_message_is_told(bench: Bench) -> None:
    """What was pasted stays there; markup in it is text; what is very long does not come back."""
    bench.press("read", {"given": "<script>alert(1)</script>"})
    assert (bench.status, bench.told) == (400, "")
    assert "This" in bench.alert
    assert "<script>alert" not in bench.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</textarea>" in bench.text
    bench.press("read", {"given": "x" * 1_100_000})
    assert bench.status == 400
    assert len(bench.text) < 20_000


def test_what_is_too_large_is_told_on_a_page(server: Server) -> None:
    """In the reader's language, with what to do; a browser has sent everything by then."""
    session = requests.Session()
    session.trust_env = False
    large = {"given": "x" * 32_100_000, "do": "read"}
    answer = session.post(f"{server.url}/workbench/bench", data=large)
    assert answer.status_code == 413
    assert "This is more than 32 MB. fedemu inspect FILE takes more;" in answer.text
    large = {"user": "x" * 1_100_000}
    answer = session.post(f"{server.url}/workbench/faults", data=large, headers={"Accept-Language": "ja"})
    assert answer.status_code == 413
    assert "1 MB を超えています。このフォームでは受け付けられません。" in answer.text
    assert session.post(f"{server.url}/saml", data=large).text == (
        "fedemu: a request to this address may have 1,000,000 bytes, and this one has more. "
        "The limits are listed in docs/running.md.\n"
    )


def test_a_changed_value_is_judged(bench: Bench) -> None:
    """In its row and in the XML it is the same; markup in a value is text."""
    fields = bench.open("?login=1")
    by_row = bench.press("judge", {**fields, _ROW: "hanako <b>sato"})
    assert bench.told == "2 checks fail, the first is signature."
    assert "<b>sato" not in bench.text
    assert by_row[_ROW] == "hanako <b>sato"
    assert ">hanako &lt;b&gt;sato</" in by_row["xml"]
    name = f">{USER}</saml2:AttributeValue>"
    by_xml = bench.press("judge", {**fields, "xml": fields["xml"].replace(name, ">x</saml2:AttributeValue>")})
    assert by_xml[_ROW] == "x"
    bench.press("judge", {**fields, _ROW: "y", "xml": by_xml["xml"]})
    assert bench.status == 400
    assert bench.alert.startswith(
        "The value 2 (https://aws.amazon.com/SAML/Attributes/RoleSessionName) was changed both"
    )


def _number_of(fields: dict[str, str], value: str) -> str:
    """Returns the number of the field with a value."""
    return next(name.split("-")[1] for name, each in fields.items() if name.endswith("-was") and each == value)


def test_other_fields_than_attributes_are_changed(bench: Bench) -> None:
    """NameID, audience, recipient and times, with rows and fields at once; signed again they are judged alone."""
    fields = bench.open("?login=1")
    audience = _number_of(fields, "urn:amazon:webservices")
    assert '<label for="field-' in bench.text
    changed = bench.press("sign", {**fields, f"field-{audience}-value": "urn:example:app", _ROW: "hanako"})
    assert bench.told == "1 check fails: audience."
    assert (changed[f"field-{audience}-was"], changed[_ROW]) == ("urn:example:app", "hanako")
    ends = _number_of(fields, "2026-01-15T09:05:00.001Z")
    moved = bench.press("sign", {**fields, f"field-{ends}-value": "-1h"})
    assert moved[f"field-{ends}-was"] == "2026-01-15T08:05:00.001Z"
    assert "check fail" in bench.told
    bench.press("judge", {**fields, f"field-{ends}-value": "+1h", "xml": "<other/>"})
    assert "was changed both in its row and in the XML" in bench.alert


def test_a_file_is_read_and_its_last_message_taken(bench: Bench, federation: Federation) -> None:
    """Of several it says so: a HAR may hold a login that was tried again."""
    messages = [federation.identity_providers["acme"].mint(user, APP).saml_response for user in (TWO_ROLES_USER, USER)]
    entries = [
        {"request": {"method": "POST", "url": url, "postData": {"params": [{"name": "SAMLResponse", "value": each}]}}}
        for each in messages
        for url in ("https://signin.aws.amazon.com/saml",)
    ]
    fields = bench.give(json.dumps({"log": {"entries": entries, "comment": "x" * 2_000_000}}).encode())
    assert fields[_ROW] == USER
    assert "There are 2 messages in it. The last one is here; fedemu inspect judges each." in bench.text
    bench.give(b"\x89PNG\r\n\x1a\n\0\0")
    assert (bench.status, bench.alert != "") == (400, True)


def test_values_beyond_the_first_rows_are_told(bench: Bench) -> None:
    """They are in the XML, and stay there."""
    fields = bench.open("?login=1")
    name = f">{USER}</saml2:AttributeValue>"
    value = fields["xml"][: fields["xml"].index(name)].rpartition("<saml2:AttributeValue")[2]
    many = name + f"<saml2:AttributeValue{value}{name}" * 300
    changed = bench.press("judge", {**fields, "xml": fields["xml"].replace(name, many)})
    assert "row-199-name" in changed
    assert "row-200-name" not in changed
    assert re.search(r"\d{3} more values are only in the XML.", bench.text)


def test_fields_beyond_the_first_are_told(bench: Bench) -> None:
    """They are in the XML too, and stay there."""
    fields = bench.open("?login=1")
    audience = re.search(r"<saml2:Audience>[^<]*</saml2:Audience>", fields["xml"])
    assert audience is not None
    changed = bench.press("judge", {**fields, "xml": fields["xml"].replace(audience[0], audience[0] * 120)})
    assert ("field-99-value" in changed, "field-100-value" in changed) == (True, False)
    assert "40 more values are only in the XML." in bench.text
    again = bench.press("judge", {**changed, "field-0-value": "https://other.example"})
    assert again["xml"].count(audience[0]) == 120


def test_what_was_posted_leads_to_its_own_login(bench: Bench, federation: Federation) -> None:
    """Whether AWS took it or not, and though it has the ID of the login that it is of; from there it is back here."""
    fields = bench.open("?login=1")
    bench.press("sign-in", fields)
    assert '<a href="/workbench/logins/2">Login 2</a>' in bench.answer
    bench.press("sts", {**fields, _ROW: "somebody"})
    assert '<a href="/workbench/logins/3">Login 3</a>' in bench.answer
    kept = journeys_of(federation).all()
    assert [each.outcome for each in kept] == ["accepted", "accepted", "refused"]
    assert kept[1].exchanges[-1].url == "https://acme.my.connect.aws/home"
    assert bench.open("?login=3")[_ROW] == "somebody"


def test_attributes_are_added_renamed_and_taken_away(bench: Bench) -> None:
    """Each attribute is a row of the form."""
    fields = bench.open("?login=1")
    added = bench.press("sign", {**fields, "new-name": "urn:mine", "new-value": "one"})
    assert (added["row-3-name"], added["row-3-value"]) == ("urn:mine", "one")
    assert bench.told == "No check fails."
    renamed = bench.press("sign", {**added, "row-3-name": "urn:other"})
    assert renamed["row-3-name"] == "urn:other"
    without = bench.press("sign", {**renamed, "row-1-name": ""})
    assert "RoleSessionName" not in without["xml"]
    assert bench.told == "1 check fails: role-session-name."


def test_it_is_signed_again_or_left_broken(bench: Bench) -> None:
    """AWS answers what the verdict says, at sign-in and at STS."""
    fields = {**bench.open("?login=1"), "row-2-value": "1800"}
    bench.press("sts", fields)
    assert "AWS STS refused: InvalidIdentityToken (400), check signature" in bench.answer
    bench.press("sign-in", fields)
    assert "AWS sign-in refused: InvalidIdentityToken (400), check signature" in bench.answer
    signed = bench.press("sign", fields)
    assert bench.told == "No check fails."
    assert "It is signed again, with the key of the app that its Issuer names." in bench.text
    bench.press("sts", signed)
    assert '<span class="verdict accepted">arrived</span>' in bench.answer
    assert "arn:aws:iam::123456789012:role/ConnectAgent" in bench.answer
    bench.press("sign-in", signed)
    assert "https://acme.my.connect.aws/home" in bench.answer


def test_a_refusal_names_what_was_changed_and_not_the_new_signature(bench: Bench) -> None:
    """The values of signatures change with whatever they are about."""
    signed = bench.press("sign", {**bench.open("?login=1"), _ROW: "hanako sato"})
    bench.press("sign-in", signed)
    assert "AWS sign-in refused: InvalidIdentityToken (400), check role-session-name" in bench.answer
    assert "/Response/Assertion/AttributeStatement/Attribute/AttributeValue was changed." in bench.answer


def test_a_role_is_chosen_for_several(bench: Bench, federation: Federation) -> None:
    """Without one sign-in asks for it, and that is reported; the person's name of the role is enough."""
    message = federation.identity_providers["acme"].mint(TWO_ROLES_USER, APP).saml_response
    fields = bench.press("read", {"given": message})
    bench.press("sign-in", fields)
    assert bench.status == 400
    assert bench.alert.startswith("AWS sign-in asks which role to take")
    bench.press("sign-in", {**fields, "role": "ConnectSupervisor"})
    assert "role/ConnectSupervisor" in bench.answer


def test_what_is_not_base64_is_judged_and_not_changed(bench: Bench, federation: Federation) -> None:
    """A login may have posted anything."""
    federation.identity_providers["acme"].faults.inject(APP, USER, read_faults(["{payload: not-base64}"]))
    log_in(federation, user=USER, app=APP)
    fields = bench.open("?login=2")
    assert "xml" not in fields
    assert "base64" in bench.told
    assert "This message has no XML that can be edited." in bench.text


def test_two_messages_are_compared(bench: Bench, federation: Federation) -> None:
    """Ids, instants and signatures are no difference; a changed value is one, with both sides."""
    fields = bench.open("?login=1")
    good = _message(federation)
    bench.press("compare", {**fields, "other": good})
    assert "Nothing differs but ids, instants and signatures." in bench.text
    bench.press("compare", {**fields, _ROW: "<i>x", "other": good})
    found = re.search(r'id="differences">(.*?)</section>', bench.text, re.DOTALL)
    assert found is not None
    assert f"<div>{USER}</div>" in found[1]
    assert "<div>&lt;i&gt;x</div>" in found[1]
    bench.press("compare", {**fields, "other": "rubbish"})
    assert (bench.status, bench.told) == (400, "No check fails.")
    assert bench.alert.startswith("This is not a SAMLResponse")


def test_a_message_is_compared_with_another_login(bench: Bench, federation: Federation) -> None:
    """One that arrived with one that did not, without copying anything."""
    federation.identity_providers["acme"].faults.inject(APP, USER, read_faults(["{attribute: Role, remove: true}"]))
    log_in(federation, user=USER, app=APP)
    fields = bench.open("?login=2")
    assert f'<option value="1">Login 1: {USER}, arrived</option>' in bench.text
    bench.press("compare", {**fields, "other-login": "1"})
    found = re.search(r'id="differences">(.*?)</section>', bench.text, re.DOTALL)
    assert found is not None
    assert "arn:aws:iam::123456789012:role/ConnectAgent" in found[1]
    assert '<option value="1" selected>' in bench.text
    bench.press("compare", {**fields, "other-login": "7"})
    assert bench.status == 404


def test_only_issuers_of_this_federation_have_a_key(bench: Bench) -> None:
    """Another issuer's message is judged, and not signed; nor is what has no form of a Response."""
    fields = bench.open("?login=1")
    bench.press(
        "sign", {**fields, "xml": re.sub(r"http://www.okta.com/exk\w+", "http://idp.example.com", fields["xml"])}
    )
    assert (bench.status, bench.alert.partition(",")[0]) == (
        400,
        "No app of this federation is the issuer http://idp.example.com",
    )
    bench.press("sign", {**fields, "xml": re.sub(r'(<saml2:Assertion[^>]*?) ID="[^"]*"', r"\1", fields["xml"])})
    assert bench.alert == "this cannot be signed: its Assertion has no ID; want an ID to refer to"
    bench.press("sign", {**fields, "xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"})
    assert "document type declaration" in bench.alert


def test_it_is_judged_as_of_now_when_asked(bench: Bench, federation: Federation) -> None:
    """By default at the time at which it was posted."""
    fields = bench.open("?login=1")
    federation.clock.advance(timedelta(hours=1))
    bench.press("judge", fields)
    assert bench.told == "No check fails."
    bench.press("judge", {**fields, "now": "on"})
    assert "fail" in bench.told
    assert bench.told != "No check fails."


@pytest.fixture
def okta_alone(keys: KeyFolder) -> Iterator[Bench]:
    """Returns the bench where Okta's side alone is served."""
    federation = Federation(load_world(DEFAULT_WORLD), clock=Clock(frozen_at=START), keys=keys, only="idp")
    with serving(federation, Ports(https=None, proxy=None)) as own:
        log_in(federation, user=USER, app=APP)
        yield Bench(own.server)


def test_no_signed_message_is_given_out_with_okta_alone(okta_alone: Bench, federation: Federation) -> None:
    """The real AWS would take it; one that somebody has is judged all the same."""
    closed = "With Okta's side alone nothing is signed, shown or posted here, because the real AWS would accept it."
    for press in ("sign", "sign-in", "sts"):
        okta_alone.press(press, {"xml": "<a/>"})
        assert (okta_alone.status, okta_alone.alert) == (409, closed)
    okta_alone.press("compare", {"xml": "<a/>", "other-login": "1"})
    assert (okta_alone.status, okta_alone.alert) == (409, closed)
    okta_alone.open("?login=1")
    assert (okta_alone.status, okta_alone.alert) == (409, closed)
    fields = okta_alone.press("read", {"given": _message(federation)})
    assert okta_alone.status == 200
    assert fields[_ROW] == USER
    assert 'value="sign"' not in okta_alone.text
