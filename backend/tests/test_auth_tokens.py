"""Which tokens and keys are accepted."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.tokens import AUDIENCE, ISSUER
from trading_api.shared.auth import tokens
from trading_api.shared.auth.caller import TokenError
from trading_api.shared.auth.tokens import KeyFileError, TokenVerifier


def sign(key: Any, algorithm: str, **claims: Any) -> str:
    defaults = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "exp": time.time() + 60}
    return jwt.encode({**defaults, **claims}, key, algorithm=algorithm)


def pem(key: Any) -> bytes:
    encoded: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded


RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())


def test_rsa_and_elliptic_keys_in_pem_verify_tokens(tmp_path: Path) -> None:
    path = tmp_path / "keys.pem"
    path.write_bytes(pem(RSA) + pem(P256))
    verifier = TokenVerifier(path, ISSUER, AUDIENCE)
    assert verifier.verify(sign(RSA, "RS256", scope="x:read")).scopes == {"x:read"}
    assert verifier.verify(sign(P256, "ES256")).scopes == frozenset()


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "another"},
        {"aud": "another"},
        {"exp": None},
        {"exp": "soon"},
        {"sub": None},
        {"nbf": 4e9},
        {"exp": time.time() - tokens.LEEWAY - 1},
    ],
)
def test_token_with_other_claims_is_rejected(tmp_path: Path, claims: dict[str, Any]) -> None:
    path = tmp_path / "keys.pem"
    path.write_bytes(pem(P256))
    complete = {key: value for key, value in claims.items() if value is not None}
    token = sign(P256, "ES256", **complete)
    if len(complete) < len(claims):
        missing = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "exp": time.time() + 60}
        del missing[next(iter(claims))]
        token = jwt.encode(missing, P256, algorithm="ES256")
    with pytest.raises(TokenError):
        TokenVerifier(path, ISSUER, AUDIENCE).verify(token)


def test_public_key_is_never_a_shared_secret(tmp_path: Path) -> None:
    """RFC 8725, section 2.1: a token with HS256 whose secret is the public key."""
    path = tmp_path / "keys.pem"
    path.write_bytes(pem(RSA))
    verifier = TokenVerifier(path, ISSUER, AUDIENCE)
    header = jwt.utils.base64url_encode(b'{"alg":"HS256","typ":"JWT"}')
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "a", "exp": time.time() + 60}
    payload = jwt.utils.base64url_encode(json.dumps(claims).encode())
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        header + b"." + payload, pem(RSA)
    )
    forged = b".".join([header, payload, jwt.utils.base64url_encode(signature)]).decode()
    unsigned = jwt.encode(claims, None, algorithm="none")
    for token in (forged, unsigned):
        with pytest.raises(TokenError):
            verifier.verify(token)


def test_replaced_keys_are_used_at_once_and_unreadable_ones_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "keys.pem"
    path.write_bytes(pem(RSA))
    verifier = TokenVerifier(path, ISSUER, AUDIENCE)
    token = sign(RSA, "RS256")
    verifier.verify(token)
    assert tokens.SECONDS_BETWEEN_CHECKS == 1
    monkeypatch.setattr(tokens, "SECONDS_BETWEEN_CHECKS", 0)
    path.write_bytes(b"nothing")
    verifier.verify(token)
    assert str(path) in caplog.text
    path.write_bytes(pem(P256))
    with pytest.raises(TokenError):
        verifier.verify(token)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "has no public key"),
        (b"{", "neither a JSON Web Key Set nor PEM"),
        (b'{"keys": []}', "neither a JSON Web Key Set nor PEM"),
        (b'{"keys": [{"kty": "oct", "k": "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI"}]}', "not accepted"),
        (pem(rsa.generate_private_key(65537, 1024)), "not accepted"),
        (pem(ec.generate_private_key(ec.SECP384R1())), "not accepted"),
        (b"-----BEGIN PRIVATE KEY-----\n", "private key"),
    ],
)
def test_keys_that_cannot_be_used_are_an_error(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(content)
    with pytest.raises(KeyFileError, match=reason) as caught:
        TokenVerifier(path, ISSUER, AUDIENCE)
    assert str(path) in str(caught.value)
