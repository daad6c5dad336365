"""The application to serve: `uvicorn trading_api.main:app`; ENABLED_MODULES says what it serves."""

from trading_api.app_factory import create_app

app = create_app()
