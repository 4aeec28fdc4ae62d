"""The emulator's own addresses on the bare address.

GET /                   the workbench: the modules of ``emulator.workbench`` have the table of their pages
    /workbench/…
    /fedemu/…           the control API: the modules of ``emulator.running.control`` have the table of their routes
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.kernel.errors import FederationError
from emulator.kernel.failures import REQUEST_ID_KEY, failed, raise_left_error
from emulator.network.gateway import EVENTS_PATH, NO_SERVICE, WORKBENCH_PATH
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.running.control.control_api import ApiAnswer, Call, internal_error, is_for_another_page, plain, send
from emulator.running.served_world import ServedWorld
from emulator.workbench.workbench import Workbench

_API = "/fedemu"


def control_site(workbench: Workbench) -> WsgiApp:
    """Builds the emulator's own pages and its control API for a federation that is served."""

    def pages(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        from emulator.workbench.site import bound_site  # Flask and the templates are loaded with the first page

        return bound_site(workbench)(environ, start_response)

    served = ServedWorld(workbench.federation)

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        is_read = environ.get("REQUEST_METHOD", "GET") in {"GET", "HEAD"}
        if path == EVENTS_PATH and not is_read:
            return send(plain("the events answer GET", status="405 Method Not Allowed"), start_response)
        if path == EVENTS_PATH or (path == "/" and is_read) or path.startswith(WORKBENCH_PATH):
            return pages(environ, start_response)
        if path == _API or path.startswith(f"{_API}/"):
            call = Call(workbench.federation, environ, served, workbench.fixes, workbench.kept_state())
            return send(_answer(path, call), start_response)
        text = f"{NO_SERVICE}; GET / is the workbench.\n"
        return send(ApiAnswer(text, "404 Not Found", "text/plain"), start_response)

    return app


def _answer(path: str, call: Call) -> ApiAnswer:
    """Answers at an address of the control API."""
    from emulator.running.control.apis import APIS  # all that they do is imported with the first call

    if path not in APIS:
        return _no_such_api(path, call.environ, known=sorted([*APIS, EVENTS_PATH]))
    try:
        raise_left_error(call.environ)
        return APIS[path].answer(call)
    except Exception as error:  # noqa: BLE001  it is in the log, under the id in the answer
        failed(call.environ, error)
        return internal_error(str(call.environ.get(REQUEST_ID_KEY, "")))


def _no_such_api(path: str, environ: Environ, *, known: Sequence[str]) -> ApiAnswer:
    """Returns the answer where the control API has nothing: JSON, as its other errors are."""
    if is_for_another_page(environ):
        return plain("the control API is not for web pages", status="403 Forbidden")
    from emulator.reports.errors import error_json
    from emulator.worldfile.schema.schema_check import suggestion

    names = [each.removeprefix(f"{_API}/") for each in known]
    meant = suggestion(path.removeprefix(_API).strip("/"), names)
    error = FederationError(
        f"There is no {path} in the control API",
        expected=", ".join(known),
        received=path,
        fix=f"Ask {_API}/{meant}." if meant else "",
    )
    return ApiAnswer(error_json(error), "404 Not Found")
