"""The emulator's own addresses on the bare address.

GET /                   the workbench: the modules of ``emulator.workbench`` have the table of their pages
    /workbench/…
    /fedemu/…           the control API: the modules of ``emulator.running.control`` have the table of their routes
"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.kernel.errors import FederationError
from emulator.kernel.failures import REQUEST_ID_KEY, failed, raise_left_error
from emulator.network.gateway import (
    ASSERTIONS_PATH,
    CLOCK_PATH,
    CLOUDTRAIL_PATH,
    EMULATOR_PATH,
    EVENTS_PATH,
    LOGINS_PATH,
    NETWORK_FAULTS_PATH,
    NEXT_LOGINS_PATH,
    NO_SERVICE,
    OUTBOX_PATH,
    PEOPLE_PATH,
    REFUSALS_PATH,
    SCENARIOS_PATH,
    STATE_PATH,
    WORKBENCH_PATH,
)
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.running.control.clock_api import CLOCK
from emulator.running.control.commands_api import ASSERTIONS, EMULATOR, LOGINS, SCENARIOS
from emulator.running.control.control_api import ApiAnswer, Call, internal_error, is_for_another_page, plain, send
from emulator.running.control.happened_api import CLOUDTRAIL, OUTBOX, REFUSALS
from emulator.running.control.network_faults_api import NETWORK_FAULTS
from emulator.running.control.next_logins_api import NEXT_LOGINS
from emulator.running.control.people_api import PEOPLE
from emulator.running.control.state_api import STATE
from emulator.running.served_world import ServedWorld
from emulator.workbench.workbench import Workbench

# The control API's addresses.
APIS = {
    STATE_PATH: STATE,
    CLOCK_PATH: CLOCK,
    PEOPLE_PATH: PEOPLE,
    OUTBOX_PATH: OUTBOX,
    CLOUDTRAIL_PATH: CLOUDTRAIL,
    REFUSALS_PATH: REFUSALS,
    EMULATOR_PATH: EMULATOR,
    LOGINS_PATH: LOGINS,
    ASSERTIONS_PATH: ASSERTIONS,
    SCENARIOS_PATH: SCENARIOS,
    NETWORK_FAULTS_PATH: NETWORK_FAULTS,
    NEXT_LOGINS_PATH: NEXT_LOGINS,
}
_API = "/fedemu"


def control_site(workbench: Workbench) -> WsgiApp:
    """Builds the emulator's own pages and its control API for a federation that is served."""

    def pages(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        from emulator.workbench.site import bound_site  # Flask and the templates are loaded with the first page

        return bound_site(workbench)(environ, start_response)

    served = ServedWorld(workbench.federation)

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        if path in APIS:
            call = Call(workbench.federation, environ, served, workbench.fixes, workbench.kept_state())
            try:
                raise_left_error(environ)
                answer = APIS[path].answer(call)
            except Exception as error:  # noqa: BLE001  it is in the log, under the id in the answer
                failed(environ, error)
                answer = internal_error(str(environ.get(REQUEST_ID_KEY, "")))
            return send(answer, start_response)
        is_read = environ.get("REQUEST_METHOD", "GET") in {"GET", "HEAD"}
        if path == EVENTS_PATH and not is_read:
            return send(plain("the events answer GET", status="405 Method Not Allowed"), start_response)
        if path == EVENTS_PATH or (path == "/" and is_read) or path.startswith(WORKBENCH_PATH):
            return pages(environ, start_response)
        if path == _API or path.startswith(f"{_API}/"):
            return send(_no_such_api(path, environ), start_response)
        text = f"{NO_SERVICE}; GET / is the workbench.\n"
        return send(ApiAnswer(text, "404 Not Found", "text/plain"), start_response)

    return app


def _no_such_api(path: str, environ: Environ) -> ApiAnswer:
    """Returns the answer where the control API has nothing: JSON, as its other errors are."""
    if is_for_another_page(environ):
        return plain("the control API is not for web pages", status="403 Forbidden")
    from emulator.reports.errors import error_json
    from emulator.worldfile.schema.schema_check import suggestion

    known = sorted([*APIS, EVENTS_PATH])
    names = [each.removeprefix(f"{_API}/") for each in known]
    meant = suggestion(path.removeprefix(_API).strip("/"), names)
    error = FederationError(
        f"There is no {path} in the control API",
        expected=", ".join(known),
        received=path,
        fix=f"Ask {_API}/{meant}." if meant else "",
    )
    return ApiAnswer(error_json(error), "404 Not Found")
