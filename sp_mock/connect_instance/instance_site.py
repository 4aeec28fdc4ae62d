"""At which instance and under which of its domains a request came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import NotFound

from emulator.kernel.clock import Clock
from emulator.kernel.partitions import OLD_CONNECT_DOMAIN
from emulator.kernel.services import WsgiApp
from sp_mock.accounts.model import Aws, Instance
from sp_mock.connect_instance.framing import Framing, decide_framing
from sp_mock.pages import is_framed, service

PREFIX = "/connect"


@dataclass(frozen=True, slots=True)
class InstanceSite:
    """An instance, as it is seen at one of its domains: its pages are at ``base_url`` and a path."""

    instance: Instance
    base_url: str

    @property
    def prefix(self) -> str:
        """The path of the base URL: ``/connect`` at the old domain."""
        return urlsplit(self.base_url).path


def request_instance_site() -> InstanceSite:
    """Returns the instance that the request in hand is for, at the domain that was asked.

    Raises:
        NotFound: no instance is served at its host, or not at this path.
    """
    host = request.host.partition(":")[0]
    for instance in service(Aws).instances:
        base_url = instance.base_url_at(host)
        if base_url is None:
            continue
        site = InstanceSite(instance, base_url)
        if request.script_root != site.prefix:
            raise NotFound(f"At the old domain the pages are under {site.prefix}: {base_url}{request.path}.")
        return site
    raise NotFound(f"No Amazon Connect instance is served at {host}.")


def request_framing(site: InstanceSite) -> Framing:
    """Returns who may frame the answer to the request in hand."""
    return decide_framing(
        site.instance,
        host=request.host,
        referer=request.headers.get("Referer", ""),
        framed=is_framed(),
        now=service(Clock).now(),
    )


def at_both_domains(app: WsgiApp) -> WsgiApp:
    """Serves pages at the root of new domains and under ``/connect`` of old ones.

    Spec: Amazon Connect Administrator Guide "update-your-connect-domain"
    Evidence: documented
    """

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        host = environ.get("HTTP_HOST", "").partition(":")[0]
        if host.endswith(f".{OLD_CONNECT_DOMAIN}") and (path + "/").startswith(f"{PREFIX}/"):
            inside = path.removeprefix(PREFIX) or "/"
            environ = {**environ, "SCRIPT_NAME": PREFIX, "PATH_INFO": inside}
        return app(environ, start_response)

    return served
