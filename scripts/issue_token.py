"""Print a token of the development issuer, whose keys are made on the first call.

`make token` runs this. The issuer is for development and tests: whoever can read its private key
can issue any token.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from addresses import DATA_DIR
from trading_api.app_factory import ModuleLoadError, create_app
from trading_api.shared.auth.scopes import scopes_of

ISSUER = "development"
AUDIENCE = "trading-api"
KEY_ID = "development"
PRIVATE_KEY = "private-key.pem"
PUBLIC_KEYS = "keys.json"


class DevelopmentIssuer:
    """Issues tokens with the key pair in a folder, which is made if there is none."""

    def __init__(self, folder: Path) -> None:
        self.keys_file = folder / PUBLIC_KEYS
        path = folder / PRIVATE_KEY
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True)
            _write_keys(path, self.keys_file)
        key = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, Ed25519PrivateKey)
        self._key = key

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a process that accepts the tokens."""
        return {
            "AUTH_KEYS": str(self.keys_file),
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": AUDIENCE,
        }

    def issue(self, scopes: Sequence[str], subject: str, seconds: float) -> str:
        """Return a token for `subject` that is valid for so many seconds."""
        now = time.time()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": int(now),
            "exp": now + seconds,
            "scope": " ".join(scopes),
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"kid": KEY_ID})


def _write_keys(private: Path, public: Path) -> None:
    key = Ed25519PrivateKey.generate()
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(encoded)
    public_key = jwt.algorithms.OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    keys = {"keys": [{**public_key, "kid": KEY_ID, "alg": "EdDSA", "use": "sig"}]}
    public.write_text(json.dumps(keys, indent=2) + "\n", encoding="utf-8")


def _check_scopes(scopes: Sequence[str]) -> list[str]:
    """Return the scopes, or all that there are for none; exit if one does not exist."""
    try:
        known = sorted(scopes_of(create_app().openapi()))
    except (ModuleLoadError, ValueError) as error:
        raise SystemExit(f"error: {error}") from None
    unknown = sorted(set(scopes) - set(known))
    if unknown:
        raise SystemExit(f"error: unknown scope {', '.join(unknown)} (known: {', '.join(known)})")
    return list(scopes) or known


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scopes", nargs="*", metavar="scope", help="such as broker:read; all")
    parser.add_argument("--subject", default="developer", help="who the token is for")
    parser.add_argument("--seconds", type=int, default=3600, help="how long it is valid")
    arguments = parser.parse_args()
    if arguments.seconds <= 0:
        parser.error("--seconds must be at least 1")
    # Not with the settings of a service, which may name keys that are not made yet.
    for name in ("AUTH_KEYS", "AUTH_ISSUER", "AUTH_AUDIENCE", "FRONTEND_DIR"):
        os.environ.pop(name, None)
    scopes = _check_scopes(arguments.scopes)
    issuer = DevelopmentIssuer(Path(os.environ.get("DATA_DIR") or DATA_DIR) / "issuer")
    print(issuer.issue(scopes, arguments.subject, arguments.seconds))
    settings = " ".join(f"{name}={value}" for name, value in issuer.settings.items())
    print(f"Services accept it with: {settings}", file=sys.stderr)


if __name__ == "__main__":
    main()
