"""What the trusted key signed and AWS refuses all the same: for others, too late, too early, unreadable, too much."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence

from lxml import etree

from tests.attacks.identity import ATTACKERS_ENTITY_ID
from tests.attacks.message import (
    Edit,
    Message,
    all_of,
    find,
    insert,
    remove,
    set_attribute,
    set_text,
)
from tests.attacks.table import Attack

_METHOD = "urn:oasis:names:tc:SAML:2.0:cm:"
_SUBJECT = "Assertion/Subject"
_CONFIRMATION = f"{_SUBJECT}/SubjectConfirmation"
_DATA = f"{_CONFIRMATION}/SubjectConfirmationData"
_CONDITIONS = "Assertion/Conditions"
_RESTRICTION = f"{_CONDITIONS}/AudienceRestriction"
_AUDIENCE = f"{_RESTRICTION}/Audience"
_STATEMENT = "Assertion/AuthnStatement"
_PAST, _FUTURE = "2026-01-15T08:59:59Z", "2026-01-15T09:00:01Z"
_GOOD_DATA = (
    '<saml:SubjectConfirmationData NotOnOrAfter="2026-01-15T09:04:30Z" Recipient="https://signin.aws.amazon.com/saml"/>'
)


def _confirmation(method: str, data: str = _GOOD_DATA) -> str:
    return f'<saml:SubjectConfirmation Method="{_METHOD}{method}">{data}</saml:SubjectConfirmation>'


def _second(path: str) -> Edit:
    """Returns an edit that puts a copy of an element behind it."""

    def edit(root: etree._Element) -> None:
        element = find(root, path)
        element.addnext(copy.deepcopy(element))

    return edit


def _nested_status(root: etree._Element) -> None:
    code = find(root, "Status/StatusCode")
    success = code.get("Value")
    code.set("Value", "urn:oasis:names:tc:SAML:2.0:status:Requester")
    insert("Status/StatusCode", 0, f'<samlp:StatusCode Value="{success}"/>')(root)


# (what is said, how, the check) of messages that sign-in and STS refuse alike
_CLAIMS: Sequence[tuple[str, Edit, str]] = (
    # for whom
    ("another audience", set_text(_AUDIENCE, "https://sp.example.com"), "audience"),
    ("an audience in another case", set_text(_AUDIENCE, "URN:amazon:webservices"), "audience"),
    ("an audience that begins with AWS's", set_text(_AUDIENCE, "urn:amazon:webservices:example"), "audience"),
    ("the audience of GovCloud", set_text(_AUDIENCE, "urn:amazon:webservices:govcloud"), "audience"),
    ("an empty audience", set_text(_AUDIENCE, ""), "audience"),
    ("no Audience", remove(_AUDIENCE), "audience"),
    ("no AudienceRestriction", remove(_RESTRICTION), "audience"),
    ("no Conditions", remove(_CONDITIONS), "audience"),
    (
        "a second restriction to others",
        insert(
            _CONDITIONS, -1, "<saml:AudienceRestriction><saml:Audience>urn:x</saml:Audience></saml:AudienceRestriction>"
        ),
        "audience",
    ),
    (
        "a sign-in URL of nobody's as audience",
        set_text(_AUDIENCE, "https://signin.aws.amazon.com.example.com/saml"),
        "audience",
    ),
    # by whom
    ("another issuer", set_text("Assertion/Issuer", ATTACKERS_ENTITY_ID), "issuer"),
    ("an issuer with a slash too many", set_text("Assertion/Issuer", "https://idp.example.com/saml/"), "issuer"),
    ("an issuer in another case", set_text("Assertion/Issuer", "https://IDP.example.com/saml"), "issuer"),
    ("an issuer with a line break", set_text("Assertion/Issuer", "\nhttps://idp.example.com/saml\n"), "issuer"),
    ("an empty issuer", set_text("Assertion/Issuer", ""), "issuer"),
    ("another issuer of the Response", set_text("Issuer", ATTACKERS_ENTITY_ID), "issuer"),
    ("an empty issuer of the Response", set_text("Issuer", ""), "issuer"),
    # how confirmed
    ("holder-of-key alone", set_attribute(_CONFIRMATION, "Method", f"{_METHOD}holder-of-key"), "subject-confirmation"),
    (
        "sender-vouches alone",
        set_attribute(_CONFIRMATION, "Method", f"{_METHOD}sender-vouches"),
        "subject-confirmation",
    ),
    ("bearer in another case", set_attribute(_CONFIRMATION, "Method", f"{_METHOD}Bearer"), "subject-confirmation"),
    (
        "SAML 1.1's bearer",
        set_attribute(_CONFIRMATION, "Method", "urn:oasis:names:tc:SAML:1.0:cm:bearer"),
        "subject-confirmation",
    ),
    ("no method", set_attribute(_CONFIRMATION, "Method", None), "subject-confirmation"),
    ("no SubjectConfirmation", remove(_CONFIRMATION), "subject-confirmation"),
    ("no SubjectConfirmationData", remove(_DATA), "subject-confirmation"),
    ("no Recipient", set_attribute(_DATA, "Recipient", None), "subject-confirmation"),
    ("an empty Recipient", set_attribute(_DATA, "Recipient", ""), "subject-confirmation"),
    ("no NotOnOrAfter of the confirmation", set_attribute(_DATA, "NotOnOrAfter", None), "subject-confirmation"),
    ("two bearer confirmations", _second(_CONFIRMATION), "subject-confirmation"),
    (
        "a bearer confirmation without data beside it",
        insert(_SUBJECT, -1, _confirmation("bearer", "")),
        "subject-confirmation",
    ),
    (
        "bearer without Recipient, holder-of-key with it",
        all_of(set_attribute(_DATA, "Recipient", None), insert(_SUBJECT, 1, _confirmation("holder-of-key"))),
        "subject-confirmation",
    ),
    # when
    (
        "issued five minutes and a millisecond ago",
        set_attribute("Assertion", "IssueInstant", "2026-01-15T08:54:59.999Z"),
        "redeemed-in-time",
    ),
    ("issued a day ago", set_attribute("Assertion", "IssueInstant", "2026-01-14T09:00:00Z"), "redeemed-in-time"),
    (
        "issued in another zone's morning",
        set_attribute("Assertion", "IssueInstant", "2026-01-15T09:00:00+09:00"),
        "redeemed-in-time",
    ),
    ("no IssueInstant", set_attribute("Assertion", "IssueInstant", None), "redeemed-in-time"),
    ("issued in the future", set_attribute("Assertion", "IssueInstant", "2026-01-15T09:05:00.001Z"), "not-yet"),
    ("issued in the year 9999", set_attribute("Assertion", "IssueInstant", "9999-12-31T23:59:59Z"), "not-yet"),
    ("issued in the year 1", set_attribute("Assertion", "IssueInstant", "0001-01-01T00:00:00Z"), "redeemed-in-time"),
    ("conditions that end now", set_attribute(_CONDITIONS, "NotOnOrAfter", "2026-01-15T09:00:00Z"), "time-window"),
    ("conditions that ended", set_attribute(_CONDITIONS, "NotOnOrAfter", _PAST), "time-window"),
    ("conditions that begin soon", set_attribute(_CONDITIONS, "NotBefore", _FUTURE), "not-yet"),
    ("a confirmation that ended", set_attribute(_DATA, "NotOnOrAfter", _PAST), "time-window"),
    ("a confirmation that begins soon", set_attribute(_DATA, "NotBefore", _FUTURE), "not-yet"),
    ("a session that ended", set_attribute(_STATEMENT, "SessionNotOnOrAfter", _PAST), "session-end"),
    (
        "a session that ends now",
        set_attribute(_STATEMENT, "SessionNotOnOrAfter", "2026-01-15T09:00:00Z"),
        "session-end",
    ),
    (
        "a second statement whose session ended",
        insert("Assertion", 5, f'<saml:AuthnStatement AuthnInstant="{_PAST}" SessionNotOnOrAfter="{_PAST}"/>'),
        "session-end",
    ),
    # unreadable
    *(
        (f"{name} of {path} is {text!r}", set_attribute(path, name, text), "instants")
        for path, name in (
            (".", "IssueInstant"),
            ("Assertion", "IssueInstant"),
            (_CONDITIONS, "NotBefore"),
            (_CONDITIONS, "NotOnOrAfter"),
            (_DATA, "NotBefore"),
            (_DATA, "NotOnOrAfter"),
            (_STATEMENT, "AuthnInstant"),
            (_STATEMENT, "SessionNotOnOrAfter"),
        )
        for text in ("never", "", "2026-13-01T00:00:00Z", "20260115T090430Z")
    ),
    # which message
    ("version 1.1 of the Response", set_attribute(".", "Version", "1.1"), "version"),
    ("version 3.0 of the Response", set_attribute(".", "Version", "3.0"), "version"),
    ("no version of the Response", set_attribute(".", "Version", None), "version"),
    ("version 1.1 of the assertion", set_attribute("Assertion", "Version", "1.1"), "version"),
    ("version 2 of the assertion", set_attribute("Assertion", "Version", "2"), "version"),
    ("no version of the assertion", set_attribute("Assertion", "Version", None), "version"),
    (
        "the status Responder",
        set_attribute("Status/StatusCode", "Value", "urn:oasis:names:tc:SAML:2.0:status:Responder"),
        "status",
    ),
    ("a status that ends like Success", set_attribute("Status/StatusCode", "Value", "Success"), "status"),
    ("no StatusCode", remove("Status/StatusCode"), "status"),
    ("no Status", remove("Status"), "status"),
    ("success inside a failure", _nested_status, "status"),
    # two of what there may be one of
    *(
        (f"two {path.rpartition('/')[2]} elements at {path}", _second(path), "response")
        for path in (
            "Issuer",
            "Status",
            "Status/StatusCode",
            "Assertion/Issuer",
            _SUBJECT,
            f"{_SUBJECT}/NameID",
            _DATA,
            _CONDITIONS,
        )
    ),
    ("a condition that nobody understands", insert(_CONDITIONS, -1, "<saml:Condition/>"), "response"),
    ("a condition of another namespace", insert(_CONDITIONS, 0, '<x xmlns="urn:example"/>'), "response"),
)


def attacks() -> Iterator[Attack]:
    """Yields every claim, signed by the trusted key."""
    for name, edit, outcome in _CLAIMS:
        yield Attack(f"claim: {name}", Message(before=(edit,)).saml_response, outcome)
