"""What sites have in common that are built once per process and answer for the federation that a request is bound to.

This module is part of the kernel: standard library only, so each side passes in the framework's classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any

from emulator.kernel.failures import FAILURE_KEY
from emulator.kernel.services import services_of
from emulator.kernel.url_rules import written_when_asked

FORM_KEY = "fedemu.form"
"""In a request's environment: the fields of its form, where whoever routed it has decoded them already."""
_UNDECODED = "\N{REPLACEMENT CHARACTER}"


def bound_site_class(flask: type[Any], request: Any) -> type[Any]:
    """Returns a class of sites that answer only requests that are bound to a federation's services.

    Args:
        flask: Flask's class of applications.
        request: Flask's current request.
    """

    # The kernel imports no framework: the classes are the caller's.
    class Templates(flask.jinja_environment):  # type: ignore[misc,name-defined]
        def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
            # Jinja's own view of two dictionaries is read name by name, in Python, whenever a page is rendered.
            return {**self.globals, **(d or {})}

    class FormParser(flask.request_class.form_data_parser_class):  # type: ignore[misc,name-defined]
        fields: Sequence[tuple[str, str]] = ()

        def parse(self, stream: Any, mimetype: str, content_length: int | None, options: Any = None) -> Any:
            # Werkzeug writes characters that cannot be decoded in its own way.
            is_whole = not any(_UNDECODED in name or _UNDECODED in value for name, value in self.fields)
            if self.fields and is_whole and mimetype == "application/x-www-form-urlencoded":
                return stream, self.cls(self.fields), self.cls()
            return super().parse(stream, mimetype, content_length, options)

    class BoundRequest(flask.request_class):  # type: ignore[misc,name-defined]
        form_data_parser_class = FormParser

        def make_form_data_parser(self) -> Any:
            parser = super().make_form_data_parser()
            parser.fields = self.environ.get(FORM_KEY, ())
            return parser

    class BoundSite(flask):  # type: ignore[misc]
        request_class = BoundRequest
        url_rule_class = written_when_asked(flask.url_rule_class)
        jinja_environment = Templates

        def wsgi_app(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            # Checked here and not in the pages, because Flask would turn an exception of a page into an answer.
            services_of(environ)
            return super().wsgi_app(environ, start_response)  # type: ignore[no-any-return]

        def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
            # No page is a coroutine, and Flask would look whether one is, several times in every request.
            return func

        def log_exception(self, exc_info: Any) -> None:
            # Whoever routes requests and hears of each exception logs it.
            if FAILURE_KEY not in request.environ:
                super().log_exception(exc_info)

    return BoundSite


def add_missing(headers: Any, defaults: Mapping[str, str]) -> None:
    """Adds headers to an answer unless it has them.

    Werkzeug's ``setdefault`` reads all headers three times for each that is missing.

    Args:
        headers: Werkzeug's headers of the answer.
        defaults: The headers to add, in order.
    """
    present = {name.lower() for name, _ in headers}
    for name, value in defaults.items():
        if name.lower() not in present:
            headers.add(name, value)
