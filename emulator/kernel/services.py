"""How a site finds the services of the federation whose request it answers.

Sites are built once per process and serve every federation. What differs between federations, such as accounts,
sessions and the clock, comes with each request: the router binds a request to the services of one federation, and a
page gets the service it needs by type. A page whose request is not bound cannot answer from any federation's state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any, TypeVar

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Service = TypeVar("Service")

_ENVIRON_KEY = "fedemu.services"


class Services:
    """The services of one side of one federation, by type."""

    def __init__(self) -> None:
        self._by_kind: dict[type[Any], object] = {}

    def provide(self, kind: type[Service], service: Service) -> None:
        """Adds a service.

        Args:
            kind: Type under which it is requested.
        """
        self._by_kind[kind] = service

    def get(self, kind: type[Service]) -> Service:
        """Returns the service of this type.

        Raises:
            LookupError: there is no such service.
        """
        try:
            service: Any = self._by_kind[kind]
        except KeyError:
            raise LookupError(f"no {kind.__name__} was provided") from None
        return service  # type: ignore[no-any-return]  # provide() put it there under its own type

    def bind(self, site: WsgiApp) -> WsgiApp:
        """Returns a site that answers from these services."""

        def bound(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            bind_request(environ, self)
            return site(environ, start_response)

        return bound


def bind_request(environ: MutableMapping[str, Any], services: Services) -> None:
    """Binds a request to these services."""
    environ[_ENVIRON_KEY] = services


def services_of(environ: Mapping[str, Any]) -> Services:
    """Returns the services that a request is bound to.

    Raises:
        LookupError: the request is not bound.
    """
    services: Services | None = environ.get(_ENVIRON_KEY)
    if services is None:
        raise LookupError("the request is bound to no services: whoever routes it calls Services.bind")
    return services
