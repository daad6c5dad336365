"""The contract between a module and the application that serves it.

A module is a package `trading_api.modules.<name>` with

* `__init__.py`: `info`, a `ModuleInfo`; imports nothing else of the module;
* `api.py`: `router`, an `APIRouter` with its REST operations;
* `service.py`: `open_service`, an async context manager that yields the module's service; it takes
  one keyword argument per name in `info.requires`, the client of that module;
* `ws.py` (optional): `streams`, a `StreamRouter` with its live streams.

A module that another program serves is a folder with specs and the file `foreign.toml` instead.

The folder's name is the module's name everywhere: tag, stream address, client class, settings.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import HTTPConnection

ServiceT = TypeVar("ServiceT")


@dataclass(frozen=True, slots=True)
class ModuleInfo:
    """How a module describes itself: title and version of its specs, port, other modules it calls.

    `port` is where the module listens when it runs as its own process on a developer's machine;
    the specs name it as their server, and so it is where the generated clients look by default.

    `change_scope` is the scope that operations need that change something (see
    `trading_api.shared.auth.scopes`): `trade` for `<module>:trade`.

    `max_replicas` is how many processes of the module may run at once. More than one needs a module
    that keeps nothing in its process that another one has to know.
    """

    title: str
    description: str
    version: str
    port: int
    requires: tuple[str, ...] = ()
    change_scope: str = "write"
    max_replicas: int = 1


def service_of(
    service_type: type[ServiceT],
) -> Callable[[HTTPConnection], Coroutine[Any, Any, ServiceT]]:
    """Return the dependency that gives an endpoint its module's running service.

    Use it as `Annotated[BrokerService, Depends(service_of(BrokerService))]`.
    """

    # FastAPI would call an ordinary function in a thread.
    async def get_service(connection: HTTPConnection) -> ServiceT:
        service = connection.app.state.services[service_type]
        if not isinstance(service, service_type):
            raise TypeError(f"{service!r} is not a {service_type.__name__}")
        return service

    return get_service
