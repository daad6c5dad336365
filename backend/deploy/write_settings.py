"""Write the settings with which Compose runs on a developer's machine: tokens, keys, a password.

Run by `make -C backend compose-up`. The password is kept; the token for the calls between modules
is a new one of the development issuer each time, valid for a day.
"""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

from issue_token import AUDIENCE, ISSUER, DevelopmentIssuer
from trading_api.app_factory import create_app
from trading_api.shared.auth.scopes import scopes_of

SECONDS = 86_400


def write_settings(data: Path) -> Path:
    """Write the settings below `data`, and return the file for `docker compose --env-file`."""
    issuer = DevelopmentIssuer(data / "issuer")
    folder = data / "deploy"
    auth = folder / "auth"
    auth.mkdir(parents=True, exist_ok=True)
    scopes = sorted(scopes_of(create_app().openapi()))
    # The processes in the containers have another user.
    (auth / "keys.json").write_bytes(issuer.keys_file.read_bytes())
    (auth / "service-token").write_text(issuer.issue(scopes, "services", SECONDS))
    password = folder / "database-password"
    if not password.exists():
        password.write_text(secrets.token_hex(16))
    settings = folder / "settings.env"
    values = {
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_FOLDER": str(auth.resolve()),
        "DATABASE_PASSWORD": password.read_text(),
    }
    settings.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    return settings


if __name__ == "__main__":
    print(write_settings(Path(sys.argv[1])))
