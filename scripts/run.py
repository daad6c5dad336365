"""Serve every module and the built page from one process on loopback, until Ctrl-C.

`make run` runs this. ENABLED_MODULES and the other settings of the environment apply.
"""

from __future__ import annotations

import argparse
import os
import socket
from pathlib import Path

import uvicorn

from addresses import DATA_DIR, HOST, listen, port_number

PAGE = Path(__file__).resolve().parent.parent / "frontend/dist"


class AnnouncedServer(uvicorn.Server):
    """A server that prints its address once it accepts requests."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            address = f"http://{HOST}:{sockets[0].getsockname()[1]}"
            print(
                f"\n  {address}\n  {address}/docs  (API documentation; Ctrl-C stops)\n", flush=True
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=port_number, default=8000)
    port = parser.parse_args().port
    os.environ.setdefault("FRONTEND_DIR", str(PAGE))
    os.environ.setdefault("DATA_DIR", str(DATA_DIR))
    remedy = f"use another one: make run PORT={port + 10}"
    with listen(port, remedy) as listener:
        from trading_api.main import app  # after FRONTEND_DIR is set

        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3)
        try:
            AnnouncedServer(config).run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn raises it again after a complete shutdown
            return


if __name__ == "__main__":
    main()
