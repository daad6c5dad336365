"""Serve every module and the built page from one process on loopback, until Ctrl-C.

Run by `make -f project.mk run`. ENABLED_MODULES and the other settings hold here too.
"""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path

import uvicorn

from addresses import HOST, listen, port_number

PAGE = Path(__file__).resolve().parent.parent / "frontend/dist"


class AnnouncedServer(uvicorn.Server):
    """A server that prints its address once it answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            address = f"http://{HOST}:{sockets[0].getsockname()[1]}"
            print(
                f"\n  {address}\n  {address}/docs  (the API; Ctrl-C ends the service)\n", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=port_number, default=8000)
    port = parser.parse_args().port
    os.environ.setdefault("FRONTEND_DIR", str(PAGE))
    remedy = f"take another one: make -f project.mk run PORT={port + 10}"
    with listen(port, remedy) as listener:
        from trading_api.main import app  # with FRONTEND_DIR as it is now

        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3)
        try:
            AnnouncedServer(config).run(sockets=[listener])
        except KeyboardInterrupt:  # how uvicorn passes Ctrl-C on after it has ended everything
            return


if __name__ == "__main__":
    main()
