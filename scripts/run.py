"""Serve every module and the built page from one process on loopback, until Ctrl-C.

`make run` runs this. ENABLED_MODULES and the other settings of the environment apply.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from addresses import DATA_DIR, listen, port_number
from trading_api.__main__ import AnnouncedServer, server_config
from trading_api.shared.settings import AppSettings
from trading_api.shared.telemetry.logs import configure_logs

PAGE = Path(__file__).resolve().parent.parent / "frontend/dist"


class Server(AnnouncedServer):
    def announce(self, address: str) -> None:
        print(f"\n  {address}\n  {address}/docs  (API documentation; Ctrl-C stops)\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=port_number, default=8000)
    port = parser.parse_args().port
    os.environ.setdefault("FRONTEND_DIR", str(PAGE))
    os.environ.setdefault("DATA_DIR", str(DATA_DIR))
    os.environ.setdefault("LOG_LEVEL", "warning")
    configure_logs(AppSettings().log_level)
    remedy = f"use another one: make run PORT={port + 10}"
    with listen(port, remedy) as listener:
        from trading_api.main import app  # after FRONTEND_DIR is set

        config = server_config(app)
        try:
            Server(config).run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn raises it again after a complete shutdown
            return


if __name__ == "__main__":
    main()
