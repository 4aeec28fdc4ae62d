"""The emulator's own pages on the bare address.

GET /                   where to begin, who can sign in, what happened last
    /fedemu/…           the control API: the modules of ``emulator.running.control`` have the table of their routes
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from emulator.federation import Federation
from emulator.network.gateway import (
    CLOCK_PATH,
    CLOUDTRAIL_PATH,
    NETWORK_FAULTS_PATH,
    NEXT_LOGINS_PATH,
    NO_SERVICE,
    OUTBOX_PATH,
    REFUSALS_PATH,
    STATE_PATH,
)
from emulator.network.wsgi import Environ, StartResponse, WsgiApp
from emulator.running.control.clock_api import CLOCK
from emulator.running.control.control_api import ApiAnswer, Call, send
from emulator.running.control.happened_api import CLOUDTRAIL, OUTBOX, REFUSALS
from emulator.running.control.network_faults_api import NETWORK_FAULTS
from emulator.running.control.next_logins_api import NEXT_LOGINS
from emulator.running.control.state_api import STATE

if TYPE_CHECKING:
    import jinja2

    from emulator.fixes.live import LiveFixes

_SHOWN_EXCHANGES = 30
_APIS = {
    STATE_PATH: STATE,
    CLOCK_PATH: CLOCK,
    OUTBOX_PATH: OUTBOX,
    CLOUDTRAIL_PATH: CLOUDTRAIL,
    REFUSALS_PATH: REFUSALS,
    NETWORK_FAULTS_PATH: NETWORK_FAULTS,
    NEXT_LOGINS_PATH: NEXT_LOGINS,
}


@cache
def _templates() -> jinja2.Environment:
    import jinja2

    return jinja2.Environment(
        loader=jinja2.PackageLoader("emulator.workbench"), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )


def control_site(federation: Federation, fixes: Callable[[], LiveFixes] | None = None) -> WsgiApp:
    """Builds the emulator's own pages for a federation.

    Args:
        federation: Whose.
        fixes: What gives the fixes that are shown with refusals; none are shown unless given.
    """

    def app(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO") or "/"
        if path in _APIS:
            return send(_APIS[path].answer(Call(federation, environ, fixes)), start_response)
        if path != "/" or environ.get("REQUEST_METHOD") not in {"GET", "HEAD"}:
            text = f"{NO_SERVICE}; GET / is the control page.\n"
            return send(ApiAnswer(text, "404 Not Found", "text/plain"), start_response)
        return send(ApiAnswer(_control_page(federation), kind="text/html"), start_response)

    return app


def _control_page(federation: Federation) -> str:
    providers = federation.identity_providers.values()
    return (
        _templates()
        .get_template("control.html")
        .render(
            providers=providers,
            messages=[message for provider in providers for message in provider.authentication.outbox],
            instances=federation.aws.instances,
            exchanges=list(reversed(federation.gateway.exchanges))[:_SHOWN_EXCHANGES],
            world=federation.world.document.file,
        )
    )
