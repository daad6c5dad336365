"""The application for `uvicorn trading_api.main:app`; ENABLED_MODULES selects its modules."""

from trading_api.app_factory import ModuleLoadError, create_app

try:
    app = create_app()
except (ModuleLoadError, ValueError) as error:
    raise SystemExit(f"error: {error}") from None
