"""Serve every module and the built page from one process on loopback, until Ctrl-C.

`make run` runs this. ENABLED_MODULES and the other settings of the environment apply.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path

from addresses import DATA_DIR, listen, port_number
from foreign import foreign_notices
from trading_api.__main__ import AnnouncedServer, server_config
from trading_api.shared.settings import AppSettings
from trading_api.shared.telemetry.logs import configure_logs
from trading_api.shared.utils import MODULES_DIR

PAGE = Path(__file__).resolve().parent.parent / "frontend/dist"


class Server(AnnouncedServer):
    notices: Sequence[str] = ()

    def announce(self, address: str) -> None:
        lines = [address, f"{address}/docs  (API documentation; Ctrl-C stops)"]
        lines += self.notices
        print("\n  " + "\n  ".join(lines) + "\n", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--port", type=port_number, default=8000)
    port = parser.parse_args().port
    os.environ.setdefault("FRONTEND_DIR", str(PAGE))
    os.environ.setdefault("DATA_DIR", str(DATA_DIR))
    os.environ.setdefault("LOG_LEVEL", "warning")
    configure_logs(AppSettings().log_level)
    notices = [*foreign_notices(MODULES_DIR)]
    remedy = f"use another one: make run PORT={port + 10}"
    with listen(port, remedy) as listener:
        from trading_api.main import app  # after FRONTEND_DIR is set

        server = Server(server_config(app))
        server.notices = notices
        try:
            server.run(sockets=[listener])
        except KeyboardInterrupt:  # uvicorn raises it again after a complete shutdown
            return


if __name__ == "__main__":
    main()
