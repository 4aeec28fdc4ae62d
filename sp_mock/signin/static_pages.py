"""What sign-in serves below /static.

GET /static/saml-metadata.xml                      AWS's metadata as a service provider
GET /static/saml/{provider id}/saml-metadata.xml   the same, with one SAML provider's own ACS URL
GET /static/image/down.png                         the arrow of the legacy role chooser
"""

from __future__ import annotations

import base64

from flask import Blueprint, Response, make_response, render_template

from emulator.kernel.clock import Clock, instant
from emulator.kernel.errors import AwsRefusal
from sp_mock.pages import service
from sp_mock.signin.cookies import request_endpoint
from sp_mock.signin.refusal_page import sign_in_refusal_page
from sp_mock.signin.sign_in import SignIn

pages = Blueprint("static", __name__)

# A grey triangle, 9 by 9.
_ARROW = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAkAAAAJCAYAAADgkQYQAAAAHklEQVR42mNgoBoIiU75TwgTVEjQRIJWE3QjA80AAI/OM8Pi7p8b"
    "AAAAAElFTkSuQmCC"
)


@pages.get("/static/saml-metadata.xml", defaults={"provider_id": None})
@pages.get("/static/saml/<provider_id>/saml-metadata.xml")
def saml_metadata(provider_id: str | None) -> Response:
    """Answers with the metadata of the partition that was asked."""
    acs_path = "/saml"
    if provider_id is not None:
        try:
            service(SignIn).provider_with_id(provider_id)
        except AwsRefusal as refusal:
            return sign_in_refusal_page(refusal)
        acs_path = f"/saml/acs/{provider_id}"
    valid_until = service(Clock).now().replace(month=1, day=1)
    valid_until = valid_until.replace(year=valid_until.year + 2)
    endpoint = request_endpoint()
    text = render_template(
        "saml-metadata.xml",
        entity_id=endpoint.partition.audiences[0],
        acs_url=endpoint.sign_in_url + acs_path,
        valid_until=instant(valid_until),
    )
    response = make_response(text)
    response.mimetype = "application/xml"
    return response


@pages.get("/static/image/down.png")
def arrow() -> Response:
    """Answers with the picture."""
    return Response(_ARROW, content_type="image/png")
