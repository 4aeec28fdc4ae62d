"""The emulator's own addresses on the bare address.

GET /                   the workbench: the modules of ``emulator.workbench`` have the table of their pages
    /workbench/…
    /fedemu/…           the control API: the modules of ``emulator.running.control`` have the table of their routes
"""

from __future__ import annotations

from collections.abc import Iterable

from emulator.kernel.failures import REQUEST_ID_KEY, failed, raise_left_error
from emulator.network.gateway import (
    ASSERTIONS_PATH,
    CLOCK_PATH,
    CLOUDTRAIL_PATH,
    EMULATOR_PATH,
    LOGINS_PATH,
    NETWORK_FAULTS_PATH,
    NEXT_LOGINS_PATH,
    NO_SERVICE,
    OUTBOX_PATH,
    PEOPLE_PATH,
    REFUSALS_PATH,
    SCENARIOS_PATH,
    STATE_PATH,
)
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.running.control.clock_api import CLOCK
from emulator.running.control.commands_api import ASSERTIONS, EMULATOR, LOGINS, SCENARIOS
from emulator.running.control.control_api import ApiAnswer, Call, internal_error, send
from emulator.running.control.happened_api import CLOUDTRAIL, OUTBOX, REFUSALS
from emulator.running.control.network_faults_api import NETWORK_FAULTS
from emulator.running.control.next_logins_api import NEXT_LOGINS
from emulator.running.control.people_api import PEOPLE
from emulator.running.control.state_api import STATE
from emulator.running.served_world import ServedWorld
from emulator.workbench.workbench import Workbench

_APIS = {
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
_PAGES = ("/workbench/", "/fedemu/")


def control_site(workbench: Workbench) -> WsgiApp:
    """Builds the emulator's own pages and its control API for a federation that is served."""

    def pages(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        from emulator.workbench.site import bound_site  # Flask and the templates are loaded with the first page

        return bound_site(workbench)(environ, start_response)

    served = ServedWorld(workbench.federation)

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        if path in _APIS:
            call = Call(workbench.federation, environ, served, workbench.fixes, workbench.kept_state())
            try:
                raise_left_error(environ)
                answer = _APIS[path].answer(call)
            except Exception as error:  # noqa: BLE001  it is in the log, under the id in the answer
                failed(environ, error)
                answer = internal_error(str(environ.get(REQUEST_ID_KEY, "")))
            return send(answer, start_response)
        if (path == "/" and environ.get("REQUEST_METHOD") in {"GET", "HEAD"}) or path.startswith(
            ("/workbench/", "/fedemu/")
        ):
            return pages(environ, start_response)
        text = f"{NO_SERVICE}; GET / is the workbench.\n"
        return send(ApiAnswer(text, "404 Not Found", "text/plain"), start_response)

    return app
