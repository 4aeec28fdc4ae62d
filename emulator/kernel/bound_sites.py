"""What sites have in common that are built once per process and answer for the federation that a request is bound to.

This module is part of the kernel: standard library only, so each side passes in the framework's classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import cached_property, lru_cache, partial
from io import BytesIO
from typing import Any

from emulator.kernel.failures import FAILURE_KEY
from emulator.kernel.services import services_of
from emulator.kernel.url_rules import Matches, remembering_matches, written_when_asked

FORM_KEY = "fedemu.form"
"""In a request's environment: the fields of its form, where whoever routed it has decoded them already."""
_FORM = "application/x-www-form-urlencoded"
_OK = 200
_BODILESS = frozenset({204, 304})
# URLs in which there is nothing to encode: a path, also after a host in lower case, and a query that is not empty.
_LABEL = "[a-z0-9-]{1,63}"
_PLAIN_URL = re.compile(
    rf"(?:https://{_LABEL}(?:\.{_LABEL})*(?=/)|(?!//))/[\w.~%!$&'()*+,/:;=@-]*(?:\?[\w.~%!$&'()*+,/:;=?@-]+)?", re.ASCII
)
_MOST_HOSTS = 1000
# Values that Werkzeug writes into a cookie as they are, and that are far from the limit on its size.
_PLAIN_COOKIE = re.compile(r"[\w.%*+/:=-]{0,2000}", re.ASCII)
_UNDECODED = "\N{REPLACEMENT CHARACTER}"


def bound_site_class(flask: type[Any], request: Any, parse_cookie: Callable[..., Any]) -> type[Any]:
    """Returns a class of sites that answer only requests that are bound to a federation's services.

    Args:
        flask: Flask's class of applications.
        request: Flask's current request.
        parse_cookie: Werkzeug's parser of the cookies in an environment.
    """

    # The kernel imports no framework: the classes are the caller's.
    class Templates(flask.jinja_environment):  # type: ignore[misc,name-defined]
        def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
            # Jinja's own view of two dictionaries is read name by name, in Python, whenever a page is rendered.
            return {**self.globals, **(d or {})}

    class BoundRequest(flask.request_class):  # type: ignore[misc,name-defined]
        def _load_form_data(self) -> None:
            # Which Werkzeug's documentation names as the method that forms and files are read by.
            fields = () if "form" in self.__dict__ else _decoded_form(self.environ)
            if not fields:
                super()._load_form_data()
                return
            stream = self._get_stream_for_parsing()  # refuses a body that is too large
            form, files = self.parameter_storage_class(fields), self.parameter_storage_class()
            self.__dict__.update(stream=stream, form=form, files=files)

        @cached_property
        def stream(self) -> Any:
            # A body in memory needs no guard against reading past its end, only the limit on its size.
            source, limit = self.environ["wsgi.input"], self.max_content_length
            if isinstance(source, BytesIO) and not self.shallow and "HTTP_TRANSFER_ENCODING" not in self.environ:
                length = len(source.getvalue())
                is_whole = self.environ.get("CONTENT_LENGTH") == str(length) and source.tell() == 0
                if is_whole and (limit is None or length <= limit):
                    return source
            return super().stream

        @cached_property
        def blueprints(self) -> Any:
            # Flask asks three times in a request, each time after it has found the page.
            return super().blueprints

        @cached_property
        def cookies(self) -> Any:
            # Werkzeug would read the names of all headers for this one.
            return parse_cookie(self.environ, self.dict_storage_class)

    class BoundResponse(flask.response_class):  # type: ignore[misc,name-defined]
        max_cookie_size = flask.default_config["MAX_COOKIE_SIZE"]  # no site has another limit
        waits_for_end = False

        def __init__(
            self,
            response: Any = None,
            status: Any = None,
            headers: Any = None,
            mimetype: str | None = None,
            content_type: str | None = None,
            **more: Any,
        ) -> None:
            if not headers and mimetype is None and content_type is None:
                content_type = default_content_type  # Werkzeug would look for a type among no headers, and work it out
            super().__init__(response, status, headers, mimetype, content_type, **more)

        def set_cookie(self, key: str, value: str = "", *arguments: Any, **attributes: Any) -> None:
            # The attributes of a cookie are always the same, unless they say when it ends.
            is_usual = not arguments and "max_age" not in attributes and "expires" not in attributes
            if is_usual and key.isascii() and _PLAIN_COOKIE.fullmatch(value):
                self.headers.add("Set-Cookie", f"{key}={value}{cookie_attributes(**attributes)}")
            else:
                super().set_cookie(key, value, *arguments, **attributes)

        def call_on_close(self, func: Callable[[], Any]) -> Callable[[], Any]:
            self.waits_for_end = True
            return super().call_on_close(func)  # type: ignore[no-any-return]

        def get_app_iter(self, environ: dict[str, Any]) -> Iterable[bytes]:
            # Most answers are complete, and nothing has to be closed after them.
            is_complete = type(self.response) is list and not self.waits_for_end
            has_body = self.status_code >= _OK and self.status_code not in _BODILESS
            if is_complete and has_body and environ["REQUEST_METHOD"] != "HEAD":
                return self.iter_encoded()  # type: ignore[no-any-return]
            return super().get_app_iter(environ)  # type: ignore[no-any-return]

        def get_wsgi_headers(self, environ: dict[str, Any]) -> Any:
            # Most answers need no change, and so no copy: they have a length, and any Location is a plain URL.
            headers = {name.lower(): value for name, value in self.headers}
            has_body = self.status_code >= _OK and self.status_code not in _BODILESS
            is_final = (
                has_body
                and "content-length" in headers
                and "content-location" not in headers
                and ("location" not in headers or _is_plain_url(headers["location"]))
                and not self.autocorrect_location_header
            )
            return self.headers if is_final else super().get_wsgi_headers(environ)

    default_content_type = flask.response_class().headers["Content-Type"]

    @lru_cache(maxsize=256)
    def cookie_attributes(**attributes: Any) -> str:
        """Returns what a cookie has after its value."""
        blank = flask.response_class()
        blank.set_cookie("any", **attributes)
        _, semicolon, written = blank.headers["Set-Cookie"].partition(";")
        return f"{semicolon}{written}"

    class NoSessions(type(flask.session_interface)):  # type: ignore[misc]
        none = flask.session_interface.null_session_class()

        def open_session(self, app: Any, request: Any) -> Any:  # noqa: ARG002  # as Flask calls it
            # Flask would make an empty session for each request; the sites keep their sessions as services.
            return self.none

    class BoundSite(flask):  # type: ignore[misc]
        request_class = BoundRequest
        response_class = BoundResponse
        session_interface = NoSessions()
        url_rule_class = written_when_asked(flask.url_rule_class)
        jinja_environment = Templates

        @cached_property
        def matches(self) -> Matches:
            return {}

        def create_url_adapter(self, request: Any) -> Any:
            if request is None:
                return super().create_url_adapter(request)
            # Otherwise Flask looks for the current site, twice, whenever a limit is read.
            for limit in ("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE", "MAX_FORM_PARTS"):
                setattr(request, limit.lower(), self.config[limit])
            return self._adapter_of(request)

        def _adapter_of(self, request: Any) -> Any:
            """Returns what finds the page of a request; what depends on the host alone is worked out once for each."""
            environ = request.environ
            adapters = self.__dict__.setdefault("adapters_by_host", {})
            asked = environ["wsgi.url_scheme"], environ.get("HTTP_HOST"), environ.get("SCRIPT_NAME")
            if asked not in adapters or "HTTP_UPGRADE" in environ:
                made = super().create_url_adapter(request)
                if asked[1] and "HTTP_UPGRADE" not in environ and len(adapters) < _MOST_HOSTS:
                    of_host = (made.map, made.server_name, made.script_name, made.subdomain, made.url_scheme)
                    remembering: Callable[..., Any] = remembering_matches(made.__class__)
                    adapters[asked] = partial(remembering, self.matches, *of_host), request.host
                return made
            adapter, request.host = adapters[asked]
            path, query = _decoded(environ["PATH_INFO"]), _decoded(environ["QUERY_STRING"])
            return adapter(path, environ["REQUEST_METHOD"], query)

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


def _decoded(text: str) -> str:
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")


def _decoded_form(environ: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Returns the fields of a request's form; none where they are not decoded, or not as Werkzeug does it."""
    fields: Sequence[tuple[str, str]] = environ.get(FORM_KEY, ())
    if not fields or environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != _FORM:
        return ()
    # Werkzeug writes characters that cannot be decoded in its own way.
    return () if any(_UNDECODED in name or _UNDECODED in value for name, value in fields) else fields


def _is_plain_url(location: str) -> bool:
    return _PLAIN_URL.fullmatch(location) is not None


def add_missing(headers: Any, defaults: Mapping[str, str]) -> None:
    """Adds headers to an answer unless it has them.

    Werkzeug's ``setdefault`` reads all headers three times for each that is missing, and raises an exception inside.

    Args:
        headers: Werkzeug's headers of the answer.
        defaults: The headers to add, in order.
    """
    present = names_of(headers)
    for name, value in defaults.items():
        if name.lower() not in present:
            headers.add(name, value)


def names_of(headers: Iterable[tuple[str, str]]) -> set[str]:
    """Returns the names of headers, in lower case.

    Where Werkzeug looks for a header that is missing, it raises an exception inside.
    """
    return {name.lower() for name, _ in headers}
