"""What every page and API of the org shares: its services, the app that a URL names, the error page."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Request, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from emulator.kernel.services import services_of
from idp.directory import Directory
from idp.model import App, Org

Service = TypeVar("Service")


def service(kind: type[Service]) -> Service:
    """Returns the service of this type in the federation of the current request.

    Raises:
        LookupError: the request is not bound to a federation, or its org has no such service.
    """
    return services_of(current_environ()).get(kind)


def current_environ() -> dict[str, Any]:
    """Returns the WSGI environment of the current request, four times as fast as ``request.environ``."""
    now: Request = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # public in werkzeug
    return now.environ


def current_org() -> Org:
    """Returns the current request's org, in its current state."""
    return service(Directory).org


def require_app(app: App | None, *, catalog: str | None = None) -> App:
    """Returns the app that a URL names.

    Args:
        app: App that was found by the id or key in the URL.
        catalog: Catalogue name in the URL, where it has one.

    Raises:
        NotFound: the app does not exist, or has another catalogue name.
    """
    if app is None or (catalog is not None and app.catalog != catalog):
        raise NotFound("The page you requested does not exist: this org has no such app.")
    return app


def error_page(title: str, text: str, *, status: int, evidence: str = "documented") -> Response:
    """Returns the page on which the org says that something did not work.

    Args:
        title: Heading of the page.
        text: Message to the person.
        status: HTTP status.
        evidence: Origin of the wording, as for a refusal: ``assumed`` wording is marked as the emulator's.
    """
    return make_response(render_template("error.html", title=title, text=text, evidence=evidence), status)
