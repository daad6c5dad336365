"""Verifies bearer tokens: JSON Web Tokens (RFC 7519) with the claims of RFC 9068."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from trading_api.shared.auth.caller import MAX_TOKEN_CHARACTERS, Caller, TokenError

logger = logging.getLogger(__name__)

LEEWAY: Final = 10
"""Seconds by which the clocks of the issuer and of this machine may differ."""

SECONDS_BETWEEN_CHECKS: Final = 1.0
"""Seconds for which the file with the keys is not looked at again."""

MAX_CACHED_TOKENS: Final = 1_000
MIN_RSA_BITS: Final = 2_048

ACCEPTED_KEYS: Final = "RSA of at least 2048 bits (RS256), P-256 (ES256) or Ed25519 (EdDSA)"


class KeyFileError(ValueError):
    """The keys that verify tokens cannot be read; the message names the file and the reason."""


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public key, the only algorithm that it is used with, and its id in a set of keys."""

    key: Any
    algorithm: str
    key_id: str | None = None


class TokenVerifier:
    """Verifies tokens with the keys of a file, which is read again when it changes.

    Args:
        keys_file: public keys, as a JSON Web Key Set (RFC 7517) or in PEM.
        issuer: the claim `iss` of each token.
        audience: what the claim `aud` of each token is or contains.

    Raises:
        KeyFileError: the file has no usable key.
    """

    def __init__(self, keys_file: Path, issuer: str, audience: str) -> None:
        self._file = keys_file
        self._issuer = issuer
        self._audience = audience
        self._version = _version(keys_file)
        self._checked = time.monotonic()
        self._keys = read_keys(keys_file)
        # Checking a signature takes about as long as a small request.
        self._cached_caller = lru_cache(MAX_CACHED_TOKENS)(self._decode)

    def verify(self, token: str) -> Caller:
        """Return the caller that a token identifies.

        Raises:
            TokenError: the token is not valid, or no longer.
        """
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise TokenError("The token is too long.")
        self._read_changed_keys()
        caller = self._cached_caller(token)
        if caller.expires_at <= time.time():
            raise TokenError("The token has expired.")
        return caller

    def _decode(self, token: str) -> Caller:
        try:
            header = jwt.get_unverified_header(token)
            claims = self._claims(token, header)
            return Caller(
                subject=claims["sub"],
                scopes=frozenset(str(claims.get("scope", "")).split()),
                expires_at=float(claims["exp"]) + LEEWAY,
            )
        except jwt.ExpiredSignatureError:
            raise TokenError("The token has expired.") from None
        # A header can be nested deeply, and a number can be infinite.
        except (jwt.InvalidTokenError, ValueError, OverflowError, RecursionError) as error:
            logger.info("a token was rejected: %s", type(error).__name__)
            raise TokenError("The token is not valid.") from None

    def _claims(self, token: str, header: dict[str, Any]) -> dict[str, Any]:
        key_id = header.get("kid")
        for each in self._keys:
            is_named = each.key_id is None or key_id is None or each.key_id == key_id
            if not is_named or each.algorithm != header["alg"]:
                continue
            try:
                return jwt.decode(
                    token,
                    each.key,
                    algorithms=[each.algorithm],
                    issuer=self._issuer,
                    audience=self._audience,
                    leeway=LEEWAY,
                    options={"require": ["exp", "iss", "aud", "sub"]},
                )
            except jwt.InvalidSignatureError:
                continue
        raise jwt.InvalidSignatureError

    def _read_changed_keys(self) -> None:
        now = time.monotonic()
        if now < self._checked + SECONDS_BETWEEN_CHECKS:
            return
        self._checked = now
        version = _version(self._file)
        if version == self._version:
            return
        self._version = version
        try:
            self._keys = read_keys(self._file)
            self._cached_caller.cache_clear()
        except KeyFileError as error:
            logger.error("%s; the previous keys remain in use", error)


def read_keys(path: Path) -> list[VerificationKey]:
    """Return the public keys of a file: a JSON Web Key Set, or one or more keys in PEM.

    Raises:
        KeyFileError: the file cannot be read, or has a key that is not accepted.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from None
    try:
        is_json = content.lstrip().startswith(b"{")
        keys = [*(_keys_of_set(content.decode()) if is_json else _keys_of_pem(content))]
    except (ValueError, TypeError, UnsupportedAlgorithm, jwt.PyJWTError, RecursionError) as error:
        raise KeyFileError(f"{path} is neither a JSON Web Key Set nor PEM: {error}") from None
    for each in keys:
        if each.algorithm != _algorithm_of(each.key):
            raise KeyFileError(f"{path} has a key that is not accepted; use {ACCEPTED_KEYS}")
    if not keys:
        raise KeyFileError(f"{path} has no public key")
    return keys


def _keys_of_set(text: str) -> Iterator[VerificationKey]:
    for each in jwt.PyJWKSet.from_json(text).keys:
        yield VerificationKey(each.key, each.algorithm_name or "", each.key_id)


def _keys_of_pem(content: bytes) -> Iterator[VerificationKey]:
    if b"PRIVATE KEY" in content:
        raise ValueError("it has a private key, which belongs to the issuer alone")
    end = b"-----END PUBLIC KEY-----"
    for part in content.split(end)[:-1]:
        key = load_pem_public_key(part.strip() + b"\n" + end)
        yield VerificationKey(key, _algorithm_of(key) or "")


def _algorithm_of(key: Any) -> str | None:
    """Return the algorithm of a key; none if the key is not accepted, such as a private one."""
    if isinstance(key, RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return "RS256"
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256"
    return "EdDSA" if isinstance(key, Ed25519PublicKey) else None


def _version(path: Path) -> tuple[int, int, int] | None:
    """Return what changes with the content of a file; none if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
