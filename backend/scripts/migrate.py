"""Bring the databases of the modules to this version. Run by `make -C backend migrate`.

A module with a database has `store/migrate.py` with `migrate_configured_database`.
"""

from __future__ import annotations

import importlib

from trading_api.shared.settings import InvalidSettingError
from trading_api.shared.utils import MODULES_DIR, discover_modules


def main() -> None:
    for name in discover_modules(MODULES_DIR):
        if (MODULES_DIR / name / "store/migrate.py").is_file():
            module = importlib.import_module(f"trading_api.modules.{name}.store.migrate")
            try:
                print(module.migrate_configured_database())
            except InvalidSettingError as error:
                raise SystemExit(f"error: {error}") from None


if __name__ == "__main__":
    main()
