from typing import Annotated

from fastapi import Cookie, Depends, Header, HTTPException, Query, Security
from fastapi.security import APIKeyHeader, OAuth2PasswordBearer, SecurityScopes

oauth2_scheme = OAuth2PasswordBearer(
    tokenUrl="auth/token", scopes={"read": "Read", "write": "Write"}
)
api_key = APIKeyHeader(name="X-Admin-Key")


def current_user(scopes: SecurityScopes, token: Annotated[str, Depends(oauth2_scheme)]) -> str:
    user, _, granted = token.partition(":")
    if any(scope not in granted.split(",") for scope in scopes.scopes):
        raise HTTPException(403, "not enough permissions")
    return user


class Pagination:
    def __init__(
        self,
        offset: Annotated[int, Query(ge=0)] = 0,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> None:
        self.offset, self.limit = offset, limit


def tenant(
    x_tenant_id: Annotated[str, Header()], locale: Annotated[str | None, Cookie()] = None
) -> tuple[str, str]:
    return x_tenant_id, locale or "en"


User = Annotated[str, Security(current_user, scopes=["read"])]
Writer = Annotated[str, Security(current_user, scopes=["read", "write"])]
Tenant = Annotated[tuple[str, str], Depends(tenant)]
