"""What every page of AWS's side shares: templates, limits, the refusal page, and no tracebacks for clients.

A site is built once per process and belongs to no federation. Its pages get the services of the current request's
federation by type: ``service(SignIn)``, ``service(Clock)``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

from flask import Blueprint, Flask, Request, Response, current_app, make_response, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError, RequestEntityTooLarge
from werkzeug.http import parse_cookie

from emulator.kernel.bound_sites import add_missing, bound_site_class, names_of
from emulator.kernel.client_connection import ClientConnection, KnownAddresses
from emulator.kernel.clock import Ids
from emulator.kernel.errors import AwsRefusal
from emulator.kernel.failures import REQUEST_ID_KEY, raise_left_error
from emulator.kernel.page_notice import page_notice
from emulator.kernel.records import dataclass
from emulator.kernel.services import services_of
from emulator.kernel.trace_notes import TraceNote, record
from emulator.kernel.why_box import refusal_noted, why_links, why_rows

MAX_FORM_BYTES = 1_000_000
_FRAMED_BY_POLICY = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_NEVER_FRAMED = {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Cache-Control": "no-store"}
_HTML = "text/html; charset=utf-8"
Service = TypeVar("Service")


@dataclass(frozen=True, slots=True)
class Brand:
    """How a service's pages identify themselves: its name, the heading, and the colour class of its template."""

    service: str
    heading: str
    css_class: str


SIGN_IN = Brand("AWS sign-in", "Amazon Web Services Login", "aws")
CONSOLE = Brand("AWS console", "AWS Management Console", "aws")
CONNECT = Brand("Amazon Connect", "Amazon Connect", "connect")


class _BoundSite(bound_site_class(Flask, request, parse_cookie)):  # type: ignore[misc]  # a class of Flask's, to the kernel any class
    def update_template_context(self, context: dict[str, Any]) -> None:
        # A page is given what it shows, and templates know the rest as globals; Flask would look for more each time.
        pass


def bound_site(name: str, *, max_form_bytes: int = MAX_FORM_BYTES) -> Flask:
    """Returns a site without pages, with limits on the size of forms.

    A request that is not bound to a federation raises a LookupError in the code that routed it.
    """
    site: Flask = _BoundSite(f"sp_mock.{name}", root_path=str(Path(__file__).parent), static_folder=None)
    site.config.update(MAX_CONTENT_LENGTH=max_form_bytes, MAX_FORM_MEMORY_SIZE=max_form_bytes)
    site.before_request(lambda: raise_left_error(flask_request().environ))
    return site


def new_site(name: str, brand: Brand, *pages: Blueprint) -> Flask:
    """Returns a bound site with these pages, whose every error is a page of the given brand.

    Headers forbid framing and content sniffing unless a page says otherwise.
    """
    site = bound_site(name)
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    site.jinja_env.globals["page_notice"] = lambda: page_notice(flask_request().environ)
    site.jinja_env.globals["why_rows"] = lambda: why_rows(flask_request().environ)
    site.jinja_env.globals["why_links"] = lambda: why_links(flask_request().environ)
    site.jinja_env.globals["noted_refusal"] = lambda: refusal_noted(flask_request().environ)
    for each in pages:
        site.register_blueprint(each)

    @site.errorhandler(HTTPException)
    def no_page(error: HTTPException) -> Response:
        summary = f"{request.method} {request.path} on {request.host}: {error.name}"
        record(request.environ, TraceNote(brand.service, summary))
        text = error.description or error.name
        if isinstance(error, RequestEntityTooLarge):
            parts = site.config["MAX_FORM_PARTS"]
            text = f"fedemu takes {MAX_FORM_BYTES:,} bytes and {parts:,} parts in a form, and this one has more."
        page = render_template("message.html", brand=brand, title=error.name, text=text)
        return make_response(page, error.code or 400)

    @site.errorhandler(InternalServerError)
    def failed(error: InternalServerError) -> Response:
        request_id = request.environ.get(REQUEST_ID_KEY) or service(Ids).uuid()
        text = f"fedemu has made a mistake. Request ID: {request_id}. The log has its traceback under this ID."
        page = render_template("message.html", brand=brand, title=error.name, text=text)
        return make_response(page, 500, {"x-amzn-RequestId": request_id})

    @site.after_request
    def harden(response: Response) -> Response:
        is_framed_by_policy = "content-security-policy" in names_of(response.headers)
        add_missing(response.headers, _FRAMED_BY_POLICY if is_framed_by_policy else _NEVER_FRAMED)
        return response

    return site


def flask_request() -> Request:
    """Returns the current request itself: Flask's ``request`` looks for it again whenever an attribute is read."""
    # Documented in Flask's "Notes on Proxies"; to type checkers the proxy is a request.
    current: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    return current


def flask_site() -> Flask:
    """Returns the site that answers the current request: Flask's functions look for it again at each step."""
    current: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # as above
    return current


def shown_page(template: str, **shown: Any) -> Response:
    """Answers with a page, as ``render_template`` and ``make_response`` do, without telling Flask's listeners of it.

    Args:
        template: Name of the template.
        shown: What the page shows.
    """
    site = flask_site()
    page = site.jinja_env.get_template(template).render(shown)
    return site.response_class(page, content_type=_HTML)


def service(kind: type[Service]) -> Service:
    """Returns the service of this type in the federation of the current request.

    Raises:
        LookupError: the request is not bound to a federation, or its AWS side has no such service.
    """
    return services_of(flask_request().environ).get(kind)


def client_connection(request_id: str = "") -> ClientConnection:
    """Returns how the current request reached AWS.

    Args:
        request_id: Request id of the answer.

    Spec: AWS IAM UG "reference_policies_condition-keys", aws:SecureTransport and aws:SourceIp
    Evidence: documented (the keys), assumed (that services answer plain HTTP at all)
    """
    return ClientConnection.of_request(flask_request().environ, service(KnownAddresses), request_id=request_id)


def is_framed() -> bool:
    """Returns whether the browser says that the page is for a frame.

    Spec: W3C Fetch Metadata "Sec-Fetch-Dest"
    """
    return flask_request().environ.get("HTTP_SEC_FETCH_DEST") in {"iframe", "frame"}


def refusal_page(refusal: AwsRefusal, *, brand: Brand, sentence: str = "", logout_url: str = "") -> Response:
    """Answers with the service's sentence, and below it, set apart, the explanation.

    The HTTP status is the refusal's; what the real pages send is not public.
    """
    record(request.environ, TraceNote(refusal.service, f"refused by check {refusal.check}", refusal=refusal))
    page = render_template(
        "refusal.html", brand=brand, refusal=refusal, sentence=sentence or refusal.message, logout_url=logout_url
    )
    return make_response(page, refusal.status)
