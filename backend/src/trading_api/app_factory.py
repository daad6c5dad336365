"""The composition root: builds the application and gives each module the clients it requires."""

from __future__ import annotations

import asyncio
import importlib
import sys
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from fastapi import APIRouter, FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trading_api.shared import problems
from trading_api.shared.auth.callers import (
    AuthenticatedCallers,
    Authentication,
    scope_dependencies,
)
from trading_api.shared.auth.scopes import describe_security
from trading_api.shared.auth.service_token import read_service_token
from trading_api.shared.browsers import AllowedHosts, AllowedOrigins, CorsWithProblems
from trading_api.shared.client import IN_PROCESS_HOST
from trading_api.shared.client.options import Credential
from trading_api.shared.frontend import PageHeaders, frontend_routes
from trading_api.shared.health import health_routes
from trading_api.shared.module import ModuleInfo
from trading_api.shared.parameters import describe_parameters
from trading_api.shared.rates import RequestRates
from trading_api.shared.requests import LoggedErrors, PlainErrors, RequestDeadlines
from trading_api.shared.settings import (
    NO_KEYS,
    AppSettings,
    AuthSettings,
    InvalidSettingError,
    own_hosts,
    select_modules,
    split_list,
)
from trading_api.shared.spec_headers import describe_deprecations, served_version, stamp_version
from trading_api.shared.telemetry.metrics import metrics_routes
from trading_api.shared.telemetry.requests import ObservedRequests
from trading_api.shared.telemetry.tracing import is_exporting
from trading_api.shared.utils import (
    API_PREFIX,
    MODULES_DIR,
    class_prefix,
    discover_modules_with_websockets,
)
from trading_api.shared.ws import StreamRouter
from trading_api.shared.ws.endpoint import websocket_route

MAX_BODY_BYTES = 1_048_576

PartT = TypeVar("PartT")


class ModuleLoadError(RuntimeError):
    """A module or a client cannot be imported; the message has file, line and reason."""


def create_app(module_names: Sequence[str] | None = None) -> FastAPI:
    """Build the application that serves `module_names`, or else those of ENABLED_MODULES.

    Only these modules are imported. When the application starts, it opens the service of each
    module, after those of the modules that it requires.

    Raises:
        ValueError: a module does not exist, or a setting is invalid.
        ModuleLoadError: a module cannot be imported.
    """
    settings = AppSettings()
    enabled = ",".join(module_names) if module_names else settings.enabled_modules
    names = select_modules(enabled, MODULES_DIR)
    infos = {name: module_info(name) for name in names}
    is_traced = is_exporting()
    app = _Application(
        **_description(infos),
        lifespan=_lifespan(infos, settings),
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
        max_body_size=MAX_BODY_BYTES,
        telemetry=TelemetryConfig(tracing=is_traced, metrics=is_traced, logs=is_traced),
    )
    app.state.services = {}
    app.state.required = {}
    app.state.is_traced = is_traced
    app.state.clients = {}
    app.state.origins = split_list(settings.cors_origins)
    app.state.change_scopes = {name: info.change_scope for name, info in infos.items()}
    app.state.spec_versions = {
        name: served_version(MODULES_DIR / name / "specs/openapi.json", info.version).encode()
        for name, info in infos.items()
    }
    app.state.locks = WeakKeyDictionary()
    problems.install(app)
    authentication = _authentication(AuthSettings())
    app.add_middleware(RequestDeadlines, timeout=settings.request_timeout)
    if settings.rate_limit:
        app.add_middleware(RequestRates, rate=settings.rate_limit)
    app.add_middleware(AuthenticatedCallers, authentication=authentication)
    app.add_middleware(AllowedOrigins, origins=app.state.origins)
    app.add_middleware(
        AllowedHosts,
        hosts=[*split_list(settings.allowed_hosts), *own_hosts(names)],
        internal=IN_PROCESS_HOST,
    )
    for name in names:
        _include_module(app, name, infos[name], authentication)
    app.include_router(health_routes(names, app.state.spec_versions))
    app.include_router(metrics_routes(lambda: app.state.required))
    if settings.frontend_dir:
        app.include_router(frontend_routes(settings.frontend_dir))
        app.add_middleware(PageHeaders, directory=settings.frontend_dir)
    return app


def module_info(name: str) -> ModuleInfo:
    """Return the `info` of a module."""
    return _part(name, None, "info", ModuleInfo)


def module_streams(name: str) -> StreamRouter:
    """Return the streams of a module; empty if it has no `ws.py`."""
    if name not in discover_modules_with_websockets(MODULES_DIR):
        return StreamRouter()
    return _part(name, "ws", "streams", StreamRouter)


class _Application(FastAPI):
    """FastAPI with the media type of problem details in its spec, and short startup errors."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            send = _without_traceback(send)
        await super().__call__(scope, receive, send)

    def build_middleware_stack(self) -> ASGIApp:
        # FastAPI rejects large bodies before other middleware, so what concerns all is around it.
        cors = CorsWithProblems(
            PlainErrors(super().build_middleware_stack()),
            allow_origins=self.state.origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=["*"],
        )
        return ObservedRequests(LoggedErrors(cors), is_traced=self.state.is_traced)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            spec = super().openapi()
            problems.describe_problems(spec)
            describe_parameters(spec)
            describe_security(spec, self.state.change_scopes)
            describe_deprecations(spec)
            if len(self.state.spec_versions) == 1:
                stamp_version(spec)
        return super().openapi()


def _without_traceback(send: Send) -> Send:
    """Return a `send` that reports errors of modules and settings without a traceback."""

    async def send_reason(message: Message) -> None:
        error = sys.exception()
        if "message" in message and isinstance(error, (ModuleLoadError, InvalidSettingError)):
            message = {**message, "message": str(error)}
        await send(message)

    return send_reason


def _description(infos: dict[str, ModuleInfo]) -> dict[str, Any]:
    tags = [{"name": name, "description": info.description} for name, info in infos.items()]
    if len(infos) != 1:
        return {"title": "Trading API", "version": "1.0.0", "openapi_tags": tags}
    (info,) = infos.values()
    return {
        "title": f"{info.title} API",
        "description": info.description,
        "version": info.version,
        "servers": [{"url": f"http://127.0.0.1:{info.port}"}],
        "openapi_tags": tags,
    }


def _include_module(
    app: FastAPI, name: str, info: ModuleInfo, authentication: Authentication
) -> None:
    app.include_router(
        _part(name, "api", "router", APIRouter),
        prefix=API_PREFIX,
        tags=[name],
        dependencies=scope_dependencies(name, info.change_scope),
        responses=problems.ANY_PROBLEM,
    )
    streams = module_streams(name)
    if len(streams):
        version = served_version(MODULES_DIR / name / "specs/asyncapi.json", info.version)
        app.include_router(websocket_route(name, streams, authentication, version))


def _lifespan(infos: dict[str, ModuleInfo], settings: AppSettings) -> Any:
    order = _start_order(infos)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # A lock belongs to one event loop, and the next start may be in another.
        lock = app.state.locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with AsyncExitStack() as stack:
            async with lock:
                # Clients in process start the application too; the first to start it also stops it.
                if not app.state.services:
                    async with AsyncExitStack() as services:
                        for name in order:
                            await _open_service(app, name, infos, settings, services)
                        stack.push_async_callback(_close_services, lock, services.pop_all())
            yield

    return lifespan


async def _close_services(lock: asyncio.Lock, services: AsyncExitStack) -> None:
    """Close the services; a start in the meantime waits, or it would find half of them."""
    async with lock:
        await services.aclose()


async def _open_service(
    app: FastAPI,
    name: str,
    infos: dict[str, ModuleInfo],
    settings: AppSettings,
    stack: AsyncExitStack,
) -> None:
    """Open the service of a module, with the clients that it requires, until `stack` is closed."""
    clients = {}
    for required in infos[name].requires:
        # Modules share a client, and with it the connection of its streams.
        if required not in app.state.clients:
            own = app if required in infos else None
            client = await stack.enter_async_context(_connect(required, own, settings))
            app.state.clients[required] = client
            stack.callback(app.state.clients.pop, required)
            if own is None:
                app.state.required[required] = client
        clients[required] = app.state.clients[required]
    open_service: Any = _part(name, "service", "open_service", FunctionType)
    service = await stack.enter_async_context(open_service(**clients))
    app.state.services[type(service)] = service
    stack.callback(app.state.services.pop, type(service), None)


def _authentication(settings: AuthSettings) -> Authentication:
    """Return how callers are identified.

    Raises:
        InvalidSettingError: the file with the keys cannot be used.
    """
    anywhere = settings.keys == NO_KEYS
    if anywhere or not settings.keys:
        return Authentication(anywhere=anywhere)
    # It takes 40 ms to import, which most starts and exports of a spec do not need.
    from trading_api.shared.auth.tokens import KeyFileError, TokenVerifier

    try:
        verifier = TokenVerifier(Path(settings.keys), settings.issuer, settings.audience)
    except KeyFileError as error:
        raise InvalidSettingError(f"AUTH_KEYS: {error}") from None
    return Authentication(verifier)


def _start_order(infos: dict[str, ModuleInfo]) -> list[str]:
    graph = {
        name: [required for required in info.requires if required in infos]
        for name, info in infos.items()
    }
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ModuleLoadError(f"modules require each other: {' -> '.join(error.args[1])}") from None


def _connect(module_name: str, app: FastAPI | None, settings: AppSettings) -> Any:
    """Return the client of a module: in process if `app` serves the module, else over HTTP."""
    path = f"trading_api.clients.{module_name}_client"
    try:
        client = getattr(importlib.import_module(path), f"{class_prefix(module_name)}Client")
    except ImportError as error:
        raise ModuleLoadError(
            f"{path} cannot be imported ({error});"
            " generate it with: make -f project.mk generate-python-clients"
        ) from error
    if app is None:
        token = _service_token(AuthSettings())
        return client.from_env(retries=settings.client_retries, token=token)
    return client.in_process(app, run_lifespan=False, retries=settings.client_retries)


def _service_token(settings: AuthSettings) -> Credential | None:
    if settings.service_token_file is None:
        return None
    try:
        return read_service_token(settings.service_token_file)
    except ValueError as error:
        raise InvalidSettingError(f"AUTH_SERVICE_TOKEN_FILE: {error}") from None


def _part(module_name: str, part: str | None, attribute: str, kind: type[PartT]) -> PartT:
    """Return an object that a module must define (see `trading_api.shared.module`)."""
    module = _import_part(module_name, part)
    value = getattr(module, attribute, None)
    if not isinstance(value, kind):
        raise ModuleLoadError(
            f"module {module_name}: {_display_path(module.__file__)}:"
            f" `{attribute}` is missing or not of the type {kind.__name__}"
        )
    return value


def _import_part(module_name: str, part: str | None = None) -> ModuleType:
    path = f"trading_api.modules.{module_name}" + (f".{part}" if part else "")
    try:
        return importlib.import_module(path)
    except (Exception, SystemExit) as error:  # whatever a module does when it is imported
        raise ModuleLoadError(f"module {module_name}: {_locate_error(error)}") from error


def _locate_error(error: BaseException) -> str:
    """Return `file:line: Kind: reason` of the last frame in a module, or of a syntax error."""
    if isinstance(error, SyntaxError):
        return f"{_display_path(error.filename)}:{error.lineno}: SyntaxError: {error.msg}"
    frames = traceback.extract_tb(error.__traceback__)
    frame = next((f for f in reversed(frames) if str(MODULES_DIR) in f.filename), frames[-1])
    return f"{_display_path(frame.filename)}:{frame.lineno}: {type(error).__name__}: {error}"


def _display_path(filename: str | None) -> str:
    """Return a path, relative to the working directory if it is inside."""
    path = Path(filename or "?")
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
