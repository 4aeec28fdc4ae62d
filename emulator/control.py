"""The emulator's own pages: the control page on the bare address, and a stand-in for custom pages.

GET /   on the bare address: where to begin, who can sign in, what happened last
GET *   on an approved origin's host: a page that says the login arrived
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from emulator.decision import Decision, tell
from emulator.wsgi import WsgiApp

if TYPE_CHECKING:
    import jinja2

    from emulator.federation import Federation


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("emulator"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def control_site(federation: Federation) -> WsgiApp:
    """Builds the control page of a federation."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "/") not in {"", "/"} or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            text = (
                "fedemu: this request belongs to no emulated service. This address answers Okta paths (/app/, /home/,\n"
                "/login/), AWS sign-in (/saml) and STS (Action=); GET / is the control page.\n"
            )
            return _answer(start_response, "404 Not Found", text, kind="text/plain")
        page = (
            _templates()
            .get_template("control.html")
            .render(
                providers=federation.identity_providers.values(),
                instances=federation.cloud.aws.instances,
                exchanges=list(reversed(federation.gateway.exchanges))[:30],
                world=federation.world.document.file,
            )
        )
        return _answer(start_response, "200 OK", page)

    return app


def custom_site(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers for a custom page's host."""
    url = f"https://{environ.get('HTTP_HOST', '')}{environ.get('PATH_INFO', '/')}"
    tell(environ, Decision("custom page", f"arrived at {url}"))
    return _answer(start_response, "200 OK", _templates().get_template("custom.html").render(url=url))


def _answer(start_response: Callable[..., Any], status: str, text: str, *, kind: str = "text/html") -> Iterable[bytes]:
    data = text.encode()
    start_response(
        status,
        [
            ("Content-Type", f"{kind}; charset=utf-8"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ],
    )
    return [data]
