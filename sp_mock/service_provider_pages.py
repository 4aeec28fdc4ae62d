"""A service provider that shows what it received, attribute by attribute. It decides nothing and opens no session.

POST *    a SAMLResponse: who, for whom, until when, with which attributes, whole or not, and the XML
GET  *    where an app that has this host in its ACS URL would end
"""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Flask, Response, make_response, render_template, request
from lxml import etree

from emulator.kernel.clock import instant
from emulator.kernel.trace_notes import TraceNote, record
from sp_mock.assertion.received import ReceivedResponse, UnusableResponse, decode, parse_response
from sp_mock.assertion.signature import embedded_certificates, verify
from sp_mock.assertion.signature_shape import BadSignature
from sp_mock.assertion.values import AssertionValues
from sp_mock.pages import Brand, new_site
from sp_mock.xml import UnreadableXml, read_xml

BRAND = Brand("service provider", "Service provider", "connect")


pages = Blueprint("service-provider", __name__)


@cache
def service_provider_site() -> Flask:
    """Builds the site that answers at the ACS URL of every custom app that has no real one."""
    return new_site("service-provider", BRAND, pages)


@pages.post("/", defaults={"path": ""})
@pages.post("/<path:path>")
def acs(path: str) -> Response:  # noqa: ARG001 - any path may be an ACS URL
    """Shows what was posted."""
    given = request.form.get("SAMLResponse", "")
    xml, problem, received = _read(given)
    title = "Received" if received else "Received, and not readable"
    summary = f"received an assertion about {received.unverified.name_id}" if received else f"{title}: {problem}"
    record(request.environ, TraceNote(BRAND.service, summary))
    page = render_template(
        "received.html",
        brand=BRAND,
        title=title,
        url=f"https://{request.host}{request.path}",
        problem=problem,
        verdict=_verdict(received) if received else "",
        facts=_facts(received.unverified) if received else {},
        attributes=received.unverified.attributes if received else (),
        relay_state=request.form.get("RelayState", ""),
        xml=xml,
    )
    return make_response(page, 200 if received else 400)


@pages.get("/", defaults={"path": ""})
@pages.get("/<path:path>")
def arrived(path: str) -> Response:  # noqa: ARG001 - the page is the same at any path
    """Shows where a login arrived."""
    url = f"https://{request.host}{request.path}"
    record(request.environ, TraceNote("custom page", f"arrived at {url}"))
    text = f"The login arrived at {url}. On this machine fedemu answers in place of that page."
    return make_response(render_template("message.html", brand=BRAND, title="The login arrived here", text=text))


def _read(saml_response: str) -> tuple[str, str, ReceivedResponse | None]:
    """Returns the indented XML, what is wrong with it, and the message when it can be read."""
    try:
        data = decode(saml_response)
    except UnusableResponse as error:
        return "", error.explanation, None
    try:
        root = read_xml(data)
        etree.indent(root)
        xml = etree.tostring(root, encoding="unicode")
        return xml, "", parse_response(data)
    except UnreadableXml as error:
        return data.decode("utf-8", "replace")[:20_000], f"It cannot be read: {error}.", None
    except UnusableResponse as error:
        return xml, error.explanation, None


def _verdict(received: ReceivedResponse) -> str:
    try:
        verified = verify(received, embedded_certificates(received))
    except BadSignature as error:
        return f"not whole: {error.explanation}"
    return f"{' and '.join(verified.signed)} whole, by the certificate inside"


def _facts(values: AssertionValues) -> dict[str, str]:
    facts = {
        "Issuer": values.issuer,
        "NameID": values.name_id,
        "NameID format": values.name_id_format,
        "Audience": ", ".join(audience for each in values.audience_restrictions for audience in each),
        "Recipient": values.recipient,
        "Not before": instant(values.not_before) if values.not_before else None,
        "Not on or after": instant(values.not_on_or_after) if values.not_on_or_after else None,
        "Signed in at": instant(values.authn_instant) if values.authn_instant else None,
    }
    return {name: value for name, value in facts.items() if value}
