"""What is posted instead of the base64 form of a Response, and XML that no signature has to be asked about."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote

from tests.attacks.message import Message, encode
from tests.attacks.table import Attack


def _xml() -> bytes:
    return base64.b64decode(Message().saml_response())


def _field() -> str:
    return Message().saml_response()


def _replaced(old: str, new: str) -> Callable[[], str]:
    def make() -> str:
        text = _xml().decode()
        assert old in text
        return encode(text.replace(old, new, 1).encode())

    return make


def _document(declared: str) -> Callable[[], str]:
    return lambda: encode(declared.encode() + _xml())


_TWENTY_ATTRIBUTES = " ".join(f"a{number}='x'" for number in range(20))
_NAMESPACES = " ".join(f"xmlns:n{number}='urn:n'" for number in range(40))
_NESTED = "".join(f"<x xmlns:n{n}='urn:n' xmlns:m{n}='urn:n'>" for n in range(20)) + "</x>" * 20
_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
_NO_BASE64: Sequence[tuple[str, Callable[[], str]]] = (
    ("text", lambda: "this is not base64"),
    ("XML", lambda: _xml().decode()),
    ("URL-encoded base64", lambda: quote(_field() + "+/=", safe="")),
    ("base64url", lambda: _field().replace("+", "-").replace("/", "_") + "-_"),
    ("hexadecimal with a prefix", lambda: "0x" + _xml().hex() + "!"),
    ("base64 that is cut off", lambda: _field().rstrip("=")[:-3] + "A"),
    ("base64 with a stray character", lambda: f"{_field()[:100]}*{_field()[100:]}"),
    ("base64 with padding in the middle", lambda: encode(b"<x") + _field()),
    ("base64 with too much padding", lambda: f"{encode(b'<x/>')}===="),
    ("base64 with a NUL", lambda: f"{_field()[:100]}\0{_field()[100:]}"),
    ("base64 in full-width letters", lambda: "\uff21" * 8),
    ("a data URL", lambda: f"data:text/xml;base64,{_field()}"),
    ("quoted base64", lambda: f'"{_field()}"'),
)
_UNREADABLE: Sequence[tuple[str, Callable[[], str]]] = (
    ("text", lambda: encode(b"this is not XML")),
    ("a web page", lambda: encode(b"<!DOCTYPE html><html><body>Sign in</body></html>")),
    ("JSON", lambda: encode(b'{"SAMLResponse": ""}')),
    ("base64 twice", lambda: encode(_field().encode())),
    ("deflated", lambda: encode(zlib.compress(_xml())[2:-4])),
    ("gzipped", lambda: encode(gzip.compress(_xml()))),
    ("cut off", lambda: encode(_xml()[:-20])),
    ("twice", lambda: encode(_xml() * 2)),
    ("UTF-7", lambda: encode(b'<?xml version="1.0" encoding="UTF-7"?>' + _xml())),
    (
        "UTF-16 that says it is UTF-8",
        lambda: encode(b'<?xml version="1.0" encoding="UTF-8"?>' + _xml().decode().encode("utf-16-le")),
    ),
    ("an unknown encoding", lambda: encode(b'<?xml version="1.0" encoding="x-none"?>' + _xml())),
    ("a NUL", lambda: encode(_xml().replace(b"hanako", b"hana\0ko"))),
    ("invalid UTF-8", lambda: encode(_xml().replace(b"hanako", b"hana\xffko"))),
    ("a DOCTYPE", _document("<!DOCTYPE Response>")),
    ("a DOCTYPE with a system identifier", _document('<!DOCTYPE Response SYSTEM "file:///etc/hostname">')),
    ("a DOCTYPE with entities that grow", _document(_ENTITIES)),
    ("a DOCTYPE that declares an ID", _document("<!DOCTYPE Response [<!ATTLIST Subject x ID #IMPLIED>]>")),
    (
        "an external entity",
        lambda: encode(
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + _xml().replace(b"hanako@", b"&e;hanako@", 1)
        ),
    ),
    (
        "an entity in a default attribute",
        _document('<!DOCTYPE x [<!ENTITY e "x"><!ATTLIST Response Version CDATA "&e;">]>'),
    ),
    (
        "a processing instruction in a value",
        _replaced("hanako@example.com</saml:NameID>", "hanako<?x?>@example.com</saml:NameID>"),
    ),
    ("a processing instruction in the Response", _replaced("<samlp:Status>", "<?x y?><samlp:Status>")),
    ("elements 40 deep", _replaced("<samlp:Status>", "<x>" * 40 + "</x>" * 40 + "<samlp:Status>")),
    (
        "an element with 20 attributes",
        _replaced("<samlp:Status>", f"<x {_TWENTY_ATTRIBUTES}/><samlp:Status>"),
    ),
    ("forty namespaces on one element", _replaced("<samlp:Status>", f"<x {_NAMESPACES}/><samlp:Status>")),
    ("forty namespaces on the Response", _replaced("<samlp:Response ", f"<samlp:Response {_NAMESPACES} ")),
    ("forty namespaces on nested elements", _replaced("<samlp:Status>", f"{_NESTED}<samlp:Status>")),
    (
        "forty namespaces in UTF-16",
        lambda: encode(_xml().decode().replace("<samlp:Status>", f"{_NESTED}<samlp:Status>").encode("utf-16")),
    ),
    ("an undeclared prefix", _replaced("<samlp:Status>", "<y:x/><samlp:Status>")),
    ("an undeclared entity", _replaced("hanako@", "&hanako;@")),
    (
        "an XInclude as root",
        lambda: encode(b'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/hostname"/>'),
    ),
    ("an assertion without a Response", _replaced("samlp:Response", "samlp:Respons")),
    (
        "a Response of SAML 1.1",
        _replaced("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.0:protocol"),
    ),
    ("a Response in no namespace", lambda: encode(b"<Response><Assertion/></Response>")),
    ("a LogoutResponse", lambda: encode(_xml().replace(b"samlp:Response", b"samlp:LogoutResponse"))),
    ("an AuthnRequest", lambda: encode(b'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"/>')),
    (
        "a SOAP envelope",
        lambda: encode(
            b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            + _xml()
            + b"</s:Body></s:Envelope>"
        ),
    ),
    (
        "an assertion alone",
        lambda: encode(
            _xml()[_xml().index(b"<saml:Assertion") : _xml().index(b"</samlp:Response>")].replace(
                b"<saml:Assertion",
                b'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema"',
                1,
            )
        ),
    ),
    ("no assertion", lambda: encode(_xml()[: _xml().index(b"<saml:Assertion")] + b"</samlp:Response>")),
    (
        "an assertion of SAML 1.1",
        lambda: encode(
            _xml().replace(b"urn:oasis:names:tc:SAML:2.0:assertion", b"urn:oasis:names:tc:SAML:1.0:assertion")
        ),
    ),
    (
        "an encrypted assertion without content",
        lambda: encode(_xml()[: _xml().index(b"<saml:Assertion")] + b"<saml:EncryptedAssertion/></samlp:Response>"),
    ),
    (
        "an encrypted assertion beside the plain one",
        _replaced("<saml:Assertion ", "<saml:EncryptedAssertion/><saml:Assertion "),
    ),
)


def too_long() -> str:
    """Returns a field of just more than 100,000 characters."""
    return encode(_xml().replace(b"<saml:Subject>", b" " * 75_000 + b"<saml:Subject>"))


def attacks() -> Iterator[Attack]:
    """Yields everything that cannot be read."""
    for name, make in _NO_BASE64:
        yield Attack(f"base64: {name}", make, "base64")
    for name, make in _UNREADABLE:
        yield Attack(f"XML: {name}", make, "response")
