"""The application for `uvicorn trading_api.main:app`; ENABLED_MODULES selects its modules."""

import click

from trading_api.app_factory import ModuleLoadError, create_app
from trading_api.shared.auth.callers import check_listening_host
from trading_api.shared.settings import AuthSettings

try:
    command = click.get_current_context(silent=True)
    if command is not None and "host" in command.params:  # uvicorn's command line
        check_listening_host(command.params["host"], AuthSettings())
    app = create_app()
except (ModuleLoadError, ValueError) as error:
    raise SystemExit(f"error: {error}") from None
