"""At which instance and under which of its domains a request came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.exceptions import NotFound

from emulator.kernel.clock import Clock
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.services import WsgiApp
from sp_mock.accounts.model import Aws, Instance
from sp_mock.connect_instance.framing import Framing, decide_framing
from sp_mock.pages import CONNECT, is_framed, refusal_page, service

PREFIX = "/connect"
ACCESS_ERROR = (
    "Access Error: This application has not been enabled for your directory. "
    "Please contact your Administrator for more details."
)


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
        if site.prefix and request.script_root != site.prefix:
            raise NotFound(f"At the old domain the pages are under {site.prefix}: {base_url}{request.path}.")
        return site
    raise NotFound(f"No Amazon Connect instance is served at {host}.")


def refuse_old_domain() -> Response | None:
    """Answers for an instance at an old domain where it has no pages; None anywhere else.

    Spec: amazon-connect-streams#630
    Evidence: observed (the words), assumed (the status)
    """
    host = request.host.partition(":")[0]
    for instance in service(Aws).instances:
        if host == instance.old_domain_host and instance.base_url_at(host) is None:
            return refusal_page(_no_old_domain(instance), brand=CONNECT)
    return None


def _no_old_domain(instance: Instance) -> ConnectRefusal:
    return ConnectRefusal(
        ACCESS_ERROR,
        code="AccessError",
        status=403,
        check="connect-domain",
        evidence="observed",
        explanation=f"The instance {instance.alias} has no pages at {instance.old_domain_host}: "
        "instances made since the new domain came are at the new one alone.",
        where="the host of the address",
        expected=instance.access_url,
        received=request.url,
        fix=f"Use {instance.access_url} in the address, in ccpUrl and in loginUrl. If the real instance has the old "
        "domain, set its domain to awsapps.com.",
        spec='Amazon Connect Administrator Guide "update-your-connect-domain"',
    )


def request_framing(site: InstanceSite) -> Framing:
    """Returns who may frame the answer to the request in hand."""
    return decide_framing(
        site.instance,
        host=request.host,
        referer=request.headers.get("Referer", ""),
        framed=is_framed(),
        now=service(Clock).now(),
    )


def with_and_without_prefix(app: WsgiApp) -> WsgiApp:
    """Serves the same pages below ``/connect`` as at the root.

    At the old domain they are below ``/connect`` alone, which ``request_instance_site`` sees to. At the new domain
    either works; redirects lead to addresses without the prefix.

    Spec: Amazon Connect Administrator Guide "update-your-connect-domain"
    Evidence: documented (the old domain, the new one without the prefix), observed (the new one with it), assumed (that
        redirects drop it)
    """

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "/")
        if (path + "/").startswith(f"{PREFIX}/"):
            inside = path.removeprefix(PREFIX) or "/"
            environ = {**environ, "SCRIPT_NAME": PREFIX, "PATH_INFO": inside}
        return app(environ, start_response)

    return served
