"""Serve modules: `python -m trading_api --port 8001`; ENABLED_MODULES selects them.

It serves `trading_api.main:app` with uvicorn, and limits what one connection may do.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from trading_api.shared import health
from trading_api.shared.auth.callers import check_listening_host
from trading_api.shared.http_limits import LimitedHttpProtocol
from trading_api.shared.settings import AppSettings, AuthSettings, InvalidSettingError
from trading_api.shared.telemetry.logs import configure_logs
from trading_api.shared.ws.endpoint import MAX_MESSAGE_CHARACTERS
from trading_api.shared.ws.protocol import FairWebSocketProtocol

SECONDS_TO_STOP = 3
"""Seconds that requests have to end, once the process is asked to stop."""


def server_config(app: Any = "trading_api.main:app", **options: Any) -> uvicorn.Config:
    """Return the configuration of a server; `options` are those of `uvicorn.Config`."""
    defaults: dict[str, Any] = {
        "http": LimitedHttpProtocol,
        "ws": FairWebSocketProtocol,
        # In UTF-8 a character has up to 4 bytes.
        "ws_max_size": 4 * MAX_MESSAGE_CHARACTERS,
        "access_log": False,
        # Logs are configured by `configure_logs`.
        "log_config": None,
        "server_header": False,
        "timeout_graceful_shutdown": SECONDS_TO_STOP,
    }
    return uvicorn.Config(app, **{**defaults, **options})


class AnnouncedServer(uvicorn.Server):
    """A server that prints its address once it accepts requests, and leaves in order.

    On SIGTERM, `/health/ready` is a 503 for `drain_seconds` while requests are still served, so
    that a load balancer sends further ones elsewhere, and each response closes its connection. Then
    the server stops accepting connections, and ends the requests that it has.
    """

    def __init__(self, config: uvicorn.Config, drain_seconds: float = 0) -> None:
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to leave; a second signal, or Ctrl-C, ends the waiting."""
        if sig != signal.SIGTERM or not self._drain_seconds or not self._loop or health.is_draining:
            super().handle_exit(sig, frame)
            return
        health.is_draining = True
        stop = functools.partial(super().handle_exit, sig, frame)
        self._loop.call_soon_threadsafe(self._drain, self._loop, stop)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        for each in sockets or [listener for server in self.servers for listener in server.sockets]:
            host, port = each.getsockname()[:2]
            self.announce(f"http://{f'[{host}]' if ':' in host else host}:{port}")
            return

    def _drain(self, loop: asyncio.AbstractEventLoop, stop: Callable[[], None]) -> None:
        for connection in self.server_state.connections:
            if isinstance(connection, LimitedHttpProtocol):
                connection.close_after_response()
        loop.call_later(self._drain_seconds, stop)

    def announce(self, address: str) -> None:
        """Print the address."""
        print(f"serving {address}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser("python -m trading_api", description="Serve modules.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    if not 0 <= arguments.port <= 65_535:
        parser.error(f"{arguments.port} is not a valid port")
    try:
        check_listening_host(arguments.host, AuthSettings())
    except InvalidSettingError as error:
        sys.exit(f"error: {error}")
    settings = AppSettings()
    configure_logs(settings.log_level)
    config = server_config(host=arguments.host, port=arguments.port)
    try:
        AnnouncedServer(config, settings.drain_seconds).run()
    except KeyboardInterrupt:  # uvicorn raises it again after a complete shutdown
        return


if __name__ == "__main__":
    main()
