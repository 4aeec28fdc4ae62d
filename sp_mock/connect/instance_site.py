"""At which instance and under which of its domains a request came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import NotFound

from emulator.kernel.partitions import OLD_CONNECT_DOMAIN
from sp_mock.accounts.model import Aws, Instance

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
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


def request_instance_site(aws: Aws) -> InstanceSite:
    """Returns what the request in hand is for.

    Raises:
        NotFound: no instance is served at its host, or not at this path.
    """
    host = request.host.partition(":")[0]
    for instance in aws.instances:
        base_url = instance.base_url_at(host)
        if base_url is None:
            continue
        instance_site = InstanceSite(instance, base_url)
        if request.script_root != instance_site.prefix:
            where = f"At the old domain the pages are under {instance_site.prefix}: {base_url}{request.path}."
            raise NotFound(where)
        return instance_site
    raise NotFound(f"No Amazon Connect instance is served at {host}.")


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
