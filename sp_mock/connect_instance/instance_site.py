"""At which instance and under which of its domains a request came in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request
from werkzeug.exceptions import NotFound

from emulator.kernel.clock import Clock
from emulator.kernel.errors import ConnectRefusal
from emulator.kernel.explanations import ADDRESS, Asked, PageAround, Setting
from emulator.kernel.framed_pages import FramedPages, origin_of
from emulator.kernel.partitions import OLD_CONNECT_DOMAIN
from emulator.kernel.records import dataclass
from emulator.kernel.services import WsgiApp
from sp_mock.accounts.model import Account, Aws, Instance
from sp_mock.connect_instance.framing import Framing, decide_framing
from sp_mock.connect_instance.page_addresses import without_prefix
from sp_mock.endpoints import is_console_host
from sp_mock.pages import CONNECT, flask_request, is_framed, refusal_page, service

PREFIX = "/connect"
ACCESS_ERROR = (
    "Access Error: This application has not been enabled for your directory. "
    "Please contact your Administrator for more details."
)


@dataclass(frozen=True, slots=True)
class InstanceSite:
    """An instance, as seen at one of its domains: its pages are below ``base_url``."""

    instance: Instance
    base_url: str

    @property
    def prefix(self) -> str:
        """The path of the base URL: ``/connect`` at the old domain."""
        return urlsplit(self.base_url).path


def request_instance_site() -> InstanceSite:
    """Returns the instance that the current request is for, at the domain that was asked.

    Raises:
        NotFound: no instance is served at its host, or not at this path.
    """
    request = flask_request()
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
    """Answers at an old domain that has no pages, or has none at a path without the prefix; None anywhere else.

    Spec: amazon-connect-streams#630
    Evidence: observed (the words), assumed (the status)
    """
    request = flask_request()
    host = request.host.partition(":")[0]
    if not host.endswith(f".{OLD_CONNECT_DOMAIN}"):
        return None
    for instance in service(Aws).instances:
        if host != instance.old_domain_host:
            continue
        base_url = instance.base_url_at(host)
        around = framed_by(InstanceSite(instance, base_url or instance.access_url))
        if base_url is None:
            return refusal_page(_no_old_domain(instance, around=around), brand=CONNECT)
        if request.script_root != PREFIX:
            return refusal_page(without_prefix(request.path, base_url=base_url, around=around), brand=CONNECT)
    return None


def _no_old_domain(instance: Instance, *, around: str) -> ConnectRefusal:
    path = request.path if request.path.startswith("/ccp") or not around else "/ccp-v2"
    address = f"{instance.access_url}{path}"
    domain = Setting(account_of(instance), ("instances", instance.instance_id, "domain"), wanted=OLD_CONNECT_DOMAIN)
    return ConnectRefusal(
        ACCESS_ERROR,
        code="AccessError",
        status=403,
        check="connect-domain",
        evidence="observed",
        explanation=f"The instance {instance.alias} has no pages at {instance.old_domain_host}: "
        "instances made since the new domain came are at the new one alone.",
        where="the host of the address",
        expected=address,
        received=request.url,
        fix=(f"Set ccpUrl to {address}." if around else f"Open {address}.")
        + " If the real instance has the old domain, set its domain to awsapps.com.",
        spec='Amazon Connect Administrator Guide "update-your-connect-domain"',
        causes=(PageAround(around, ("ccpUrl",)) if around else Asked(ADDRESS), domain),
    )


def request_framing(site: InstanceSite) -> Framing:
    """Returns who may frame the answer to the current request."""
    request = flask_request()
    referer, framed = request.environ.get("HTTP_REFERER", ""), is_framed()
    return decide_framing(
        site.instance,
        account=account_of(site.instance),
        host=request.host,
        referer=referer,
        framed=framed,
        now=service(Clock).now(),
        around=_pages_around(referer) if framed else (),
    )


def _pages_around(referer: str) -> tuple[str, ...]:
    """Returns the origins of the pages that frame the page of a Referer, as far as they are known."""
    return service(FramedPages).around(origin_of(referer), browser=request.headers.get("User-Agent", ""))


def page_around(site: InstanceSite) -> str:
    """Returns the origin of the page that a request came from; empty if the instance's, the console's, or unknown."""
    origin = origin_of(request.headers.get("Referer", ""))
    own = origin in site.instance.origins or is_console_host(origin.removeprefix("https://"))
    return "" if own else origin


def framed_by(site: InstanceSite) -> str:
    """Returns the origin of the page that frames the answer; empty where none does, or a page of the instance."""
    return page_around(site) if is_framed() else ""


def account_of(instance: Instance) -> Account:
    """Returns the account that an instance is in, in its current state."""
    return service(Aws).accounts[instance.arn.account_id]


def with_and_without_prefix(app: WsgiApp) -> WsgiApp:
    """Serves the same pages below ``/connect`` and at the root.

    At the old domain they are below ``/connect`` alone, which ``request_instance_site`` enforces. At the new domain
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
