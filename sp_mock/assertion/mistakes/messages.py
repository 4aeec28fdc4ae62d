"""What came instead of a Response, and what is wrong with the assertions in one: none, several, or a wrapped one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lxml import etree

from emulator.kernel.explanations import Sent
from sp_mock.assertion.mistakes.mistake import Mistake, path_of, paths_of
from sp_mock.assertion.values import AmbiguousMessage
from sp_mock.xml import DS, MD, SAML, SAMLP, text_of

ENCRYPTED_PATH = "/Response/EncryptedAssertion"
ATTACK = "If nobody tests this on purpose, treat it as an attack."

_SAML1 = ("urn:oasis:names:tc:SAML:1.0:protocol", "urn:oasis:names:tc:SAML:1.0:assertion")
_SAML1_ASSERTION = f"{{{_SAML1[1]}}}Assertion"
_WS_TRUST = ("http://docs.oasis-open.org/ws-sx/ws-trust/200512", "http://schemas.xmlsoap.org/ws/2005/02/trust")
_SOAP = ("http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope")
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_SAML2_APP = "Set the identity provider's app to SAML 2.0 with the HTTP-POST binding."
# Messages of SAML 2.0 that are not answers to a login: what they are, and what to send instead.
_MESSAGES = {
    "AuthnRequest": (
        "the request with which a service asks for a login, not the Response that answers it",
        "Send the identity provider's Response; a request goes to the identity provider, and AWS sends none.",
    ),
    "LogoutResponse": (
        "the answer to a logout, not to a login",
        "Set the app's single logout URL to another one than its single sign-on URL; AWS takes logins only.",
    ),
    "LogoutRequest": (
        "the request to log somebody out, not a login",
        "Set the app's single logout URL to another one than its single sign-on URL, or leave it empty.",
    ),
    "ArtifactResponse": (
        "the answer to an artifact, with the Response inside",
        "Set the identity provider to the HTTP-POST binding; AWS fetches no artifacts.",
    ),
}


def root_mistake(root: etree._Element) -> Mistake:
    """Explains what a message is that is not a SAML 2.0 Response."""
    name, namespace = etree.QName(root).localname, etree.QName(root).namespace or ""
    what, fix = _what_is(root, name, namespace)
    shown = f"{name} of {namespace}" if namespace else f"{name} without a namespace"
    return Mistake(
        f"The message is {what}.",
        where=f"/{name}",
        expected="a Response of urn:oasis:names:tc:SAML:2.0:protocol",
        received=shown,
        fix=fix,
    )


def _what_is(root: etree._Element, name: str, namespace: str) -> tuple[str, str]:
    if root.tag.startswith(SAMLP) and name in _MESSAGES:
        what, fix = _MESSAGES[name]
        article = "an" if name.startswith("A") else "a"
        return f"{article} {name}: {what}", fix
    if root.tag in {f"{SAML}Assertion", f"{SAML}EncryptedAssertion"}:
        return (
            f"an {name} alone, without the Response around it",
            "Send the whole Response; AWS takes no bare assertion.",
        )
    if namespace in _SAML1:
        return f"{'an' if name == 'Assertion' else 'a'} {name} of SAML 1.1", _SAML2_APP
    if namespace in _WS_TRUST:
        return f"a {name} of WS-Trust, as WS-Federation sends it", _SAML2_APP
    if namespace in _SOAP:
        inside = next((each for each in root.iter(f"{SAMLP}Response")), None)
        found = ", with a Response inside" if inside is not None else ""
        return f"a SOAP envelope{found}", "Take the Response out of the envelope, or use the HTTP-POST binding."
    if root.tag.startswith(MD):
        return (
            "metadata, not a login",
            "Upload metadata to the SAML provider in IAM; post Responses to the sign-in URL.",
        )
    if name.lower() == "html":
        return (
            "a web page, not a Response",
            "Sign in at the identity provider again; post the value of the page's field SAMLResponse.",
        )
    if name == "Response" and not namespace:
        return "a Response without the namespace of SAML", "Write xmlns:samlp and the prefix, or the default namespace."
    if name == "Response":
        return f"a Response of {namespace}, not of SAML 2.0", _SAML2_APP
    return f"the element {name}, not a SAML 2.0 Response", "Send the Response that the identity provider's page posts."


def ambiguity(error: AmbiguousMessage) -> Mistake:
    """Returns the mistake of a message that can be read in two ways."""
    name = error.where.rpartition("/")[2].partition("[")[0]
    return Mistake(
        error.explanation,
        where=error.where,
        expected=f"one {name}" if error.where.endswith("]") else "conditions that SAML 2.0 has",
        received=f"another {name}" if error.where.endswith("]") else name,
        fix=error.fix,
        causes=(Sent(error.where),),
    )


# --- the assertions of a Response ------------------------------------------------------------------------------------


def assertions_mistake(root: etree._Element, *, can_decrypt: bool) -> Mistake:
    """Explains what is wrong with a Response that does not have exactly one assertion as its direct child.

    Args:
        can_decrypt: Whether an encrypted assertion could have been decrypted at all.
    """
    plain, encrypted = list(root.iter(f"{SAML}Assertion")), list(root.iter(f"{SAML}EncryptedAssertion"))
    if encrypted:
        return _encrypted(root, plain, encrypted, can_decrypt=can_decrypt)
    if not plain:
        return _none(root)
    if len(plain) == 1:
        place = path_of(plain[0])
        return Mistake(
            f"The only assertion is not a child of the Response: it is at {place}.",
            where=place,
            expected="/Response/Assertion",
            received=place,
            fix=f"Put the assertion into the Response itself. {ATTACK}",
        )
    return _several(root, plain)


def _none(root: etree._Element) -> Mistake:
    status = root.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    value = "" if status is None else status.get("Value", "")
    if status is not None and value != _SUCCESS:
        return Mistake(
            f"The Response has no assertion, because the login failed at the identity provider: {told_status(root)}.",
            where="/Response/Status/StatusCode/@Value",
            expected=_SUCCESS,
            received=value,
            fix="Look at the identity provider's log for this login, and at the reason that the Status gives.",
            causes=(Sent("/Response/Status/StatusCode/@Value", wanted=(_SUCCESS,)),),
        )
    old = next(root.iter(_SAML1_ASSERTION), None)
    if old is not None:
        return Mistake(
            "The assertion in the Response is one of SAML 1.1, which a Response of SAML 2.0 cannot have.",
            where=path_of(old),
            expected=f"an Assertion of {SAML[1:-1]}",
            received=f"an Assertion of {_SAML1[1]}",
            fix="Set the type of token of the identity provider's app to SAML 2.0.",
        )
    return Mistake(
        "The Response reports success, and holds no assertion.",
        where="/Response",
        expected="one Assertion",
        received=", ".join(etree.QName(child).localname for child in root) or "an empty Response",
        fix="Send the Response whole, as the identity provider issued it: its assertion was taken out or never put in.",
    )


def told_status(root: etree._Element) -> str:
    """Returns the codes and the message of a Response's Status as a phrase."""
    values = [each.get("Value", "") for each in root.iter(f"{SAMLP}StatusCode")]
    # For SAML's own codes the last word is enough.
    codes = [value.rpartition(":")[2] if value.startswith(_STATUS) else value for value in values]
    message = root.find(f"{SAMLP}Status/{SAMLP}StatusMessage")
    told = ", ".join(filter(None, codes)) or "no status"
    return f"{told} ({text_of(message).strip()[:200]})" if message is not None else told


def _encrypted(
    root: etree._Element, plain: Sequence[etree._Element], encrypted: Sequence[etree._Element], *, can_decrypt: bool
) -> Mistake:
    places = paths_of([*encrypted, *plain])
    if plain:
        return Mistake(
            f"The Response has a plain assertion beside an encrypted one: {places}.",
            where=path_of(plain[0]),
            expected="one assertion, plain or encrypted",
            received=f"{len(plain)} plain and {len(encrypted)} encrypted",
            fix=f"Send the encrypted assertion alone, or the plain one. {ATTACK}",
        )
    if len(encrypted) > 1:
        return Mistake(
            f"The Response has {len(encrypted)} encrypted assertions: {places}.",
            where=path_of(encrypted[1]),
            expected="one EncryptedAssertion",
            received=f"{len(encrypted)} encrypted",
            fix="Encrypt the assertion for one provider, and send it once.",
        )
    if encrypted[0].getparent() is not root:
        return Mistake(
            f"The encrypted assertion is not a child of the Response: it is at {places}.",
            where=places,
            expected=ENCRYPTED_PATH,
            received=places,
            fix=f"Put the EncryptedAssertion into the Response itself. {ATTACK}",
        )
    known = "it cannot be opened" if can_decrypt else "there is no key to open it"
    return Mistake(
        f"The assertion is encrypted, and {known} here.",
        where=ENCRYPTED_PATH,
        fix="Have it judged for the SAML provider that has the private key.",
        causes=(Sent(ENCRYPTED_PATH),),
    )


def _several(root: etree._Element, assertions: Sequence[etree._Element]) -> Mistake:
    """Explains several assertions: one added beside or around a signed one, or several sent that way."""
    covered, places = _covered(root), paths_of(assertions)
    flags = [any(every in covered for every in (each, *each.iterancestors())) for each in assertions]
    signed = [each for each, flag in zip(assertions, flags, strict=True) if flag]
    unsigned = [each for each, flag in zip(assertions, flags, strict=True) if not flag]
    ids = Counter(own for each in assertions if (own := each.get("ID")))
    repeated = next((own for own, count in ids.items() if count > 1), None)
    if repeated is not None:
        return _wrapped(
            f"Two assertions have the same ID, {repeated}, so that one signature could mean either, {places}",
            assertions,
        )
    if signed and unsigned:
        return _wrapped(
            f"One assertion is signed, {path_of(signed[0])}, and another one is there that no signature covers, "
            f"{path_of(unsigned[0])}",
            unsigned,
        )
    if signed:
        return Mistake(
            f"The Response has {len(assertions)} assertions, all of them signed: {places}.",
            where=path_of(assertions[1]),
            expected="one Assertion",
            received=f"{len(assertions)}",
            fix="Set the identity provider to send one assertion per Response.",
        )
    return Mistake(
        f"The Response has {len(assertions)} assertions, and a signature covers none of them: {places}.",
        where=path_of(assertions[1]),
        expected="one signed Assertion",
        received=f"{len(assertions)}, unsigned",
        fix="Send the Response as it was issued, with its one assertion and its signature.",
    )


def _wrapped(told: str, forged: Sequence[etree._Element]) -> Mistake:
    return Mistake(
        f"{told}: signature wrapping.",
        where=path_of(forged[0]),
        expected="one assertion, the signed one",
        received=f"an assertion with the ID {forged[0].get('ID') or '(none)'} beside or around the signed one",
        fix=f"Pass the Response on as the identity provider issued it. {ATTACK}",
    )


def _covered(root: etree._Element) -> set[etree._Element]:
    """Returns the elements that the Signatures in a message refer to, whether or not the signatures are valid."""
    wanted = {reference.get("URI", "")[1:] for reference in root.iter(f"{DS}Reference")} - {""}
    return {each for each in root.iter(etree.Element) if each.get("ID") in wanted}
