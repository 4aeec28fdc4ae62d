"""Refusals of a running federation: explained on the pages that show them, and one by one as they happen.

A browser's request is not part of a login made by this process, so the sender's record is looked up among the latest
exchanges: by the message in the request's form, or by the digest of the one that opened its session.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from emulator.diagnosis.diagnosis import Diagnosis, Evidence, diagnose
from emulator.kernel.errors import Refusal
from emulator.kernel.trace_notes import DIGEST_KEY
from emulator.kernel.why_box import Rows
from emulator.network.forms import first_values, form_decoded

if TYPE_CHECKING:
    from emulator.federation import Federation
    from emulator.network.trace import Exchange

_MESSAGE_FIELDS = frozenset({"SAMLResponse", "SAMLAssertion"})


def rows_of(diagnosis: Diagnosis) -> Rows:
    """Returns what a page shows below a refusal: the check, and where it comes from."""
    return (("check", diagnosis.check), *diagnosis.rows)


def diagnosis_of_request(refusal: Refusal, environ: Mapping[str, Any], federation: Federation) -> Diagnosis:
    """Explains a refusal of the request that is being answered.

    Args:
        environ: WSGI environment of the request.
    """
    evidence = _evidence(federation, posted_fields(environ)[0], digest=environ.get(DIGEST_KEY, ""))
    return diagnose(refusal, evidence)


def diagnosis_of_exchange(exchange: Exchange, federation: Federation) -> Diagnosis | None:
    """Explains the refusal in one exchange; None where nothing was refused."""
    if exchange.refusal is None:
        return None
    evidence = _evidence(federation, message_in(exchange.form), digest=exchange.digest)
    return diagnose(exchange.refusal, evidence)


def _evidence(federation: Federation, saml_response: str, *, digest: str) -> Evidence:
    return Evidence(
        federation,
        exchanges=federation.gateway.exchanges if saml_response or digest else (),
        saml_response=saml_response,
        xml=_decoded(saml_response),
        digest="" if saml_response else digest,
        is_one_login=False,
    )


def posted_fields(environ: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
    """Returns the SAML message in a request's form, empty where there is none, and the whole form."""
    if not environ.get("CONTENT_TYPE", "").lower().startswith("application/x-www-form-urlencoded"):
        return "", {}
    try:
        form = form_decoded(environ["wsgi.input"].getvalue().decode("utf-8", "replace"))
    except ValueError:
        return "", {}
    return message_in(form), first_values(form)


def message_in(form: Iterable[tuple[str, str]]) -> str:
    """Returns the SAML message in a form; empty where there is none."""
    return next((value for name, value in form if name in _MESSAGE_FIELDS), "")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
