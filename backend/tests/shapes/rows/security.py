"""Credentials."""

from typing import Annotated

from fastapi import Depends, FastAPI, Request, Security
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBasic,
    HTTPBasicCredentials,
    HTTPBearer,
    OAuth2PasswordBearer,
    OpenIdConnect,
    SecurityScopes,
)

from shapes.shape import Call, saw, shape


async def fetch_token() -> str:
    return "t0k"


@shape(
    "security: a bearer token",
    python=Call("await client.read_me()", options='token="t0k"'),
    typescript=Call("(await api.readMe()).data", options='accessToken: "t0k"'),
    sees={"token": "'t0k'"},
)
def security_bearer(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        found: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
    ) -> dict[str, str]:
        return saw(token=found.credentials)


@shape(
    "security: a token of an OAuth2 password flow, with scopes, from a function",
    python=Call("await client.read_me()", options="token=fetch_token"),
    typescript=Call("(await api.readMe()).data", options='accessToken: async () => "t0k"'),
    sees={"token": "'t0k'", "scopes": "['me']"},
)
def security_oauth2(app: FastAPI) -> None:
    scheme = OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Read yourself."})

    def found(scopes: SecurityScopes, token: Annotated[str, Depends(scheme)]) -> dict[str, str]:
        return saw(token=token, scopes=scopes.scopes)

    @app.get("/me")
    async def read_me(
        seen: Annotated[dict[str, str], Security(found, scopes=["me"])],
    ) -> dict[str, str]:
        return seen


@shape(
    "security: a token that is optional, left out",
    python="await client.read_me()",
    typescript="(await api.readMe()).data",
    sees={"found": "None"},
)
def security_optional(app: FastAPI) -> None:
    bearer = HTTPBearer(auto_error=False)

    @app.get("/me")
    async def read_me(
        found: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
    ) -> dict[str, str]:
        return saw(found=found)


@shape(
    "security: a token in the headers of one call",
    python='await client.read_me(headers={"Authorization": "Bearer one"})',
    typescript='(await api.readMe({ headers: { Authorization: "Bearer one" } })).data',
    sees={"token": "'one'"},
)
def security_header_of_call(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        found: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
    ) -> dict[str, str]:
        return saw(token=found.credentials)


@shape(
    "security: an API key in a header",
    python=Call("await client.read_me()", options='api_key="k"'),
    typescript=Call("(await api.readMe()).data", options='apiKey: "k"'),
    sees={"key": "'k'"},
)
def security_key_header(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        key: Annotated[str, Depends(APIKeyHeader(name="X-API-Key"))],
    ) -> dict[str, str]:
        return saw(key=key)


@shape(
    "security: an API key in the query",
    python=Call('await client.read_me("x")', options='api_key="k&"'),
    typescript=Call('(await api.readMe({ q: "x" })).data', options='apiKey: "k&"'),
    sees={"key": "'k&'", "q": "'x'"},
)
def security_key_query(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        key: Annotated[str, Depends(APIKeyQuery(name="api-key"))], q: str
    ) -> dict[str, str]:
        return saw(key=key, q=q)


@shape(
    "security: an API key in a cookie",
    python=Call("await client.read_me()", options='api_key="k"'),
    typescript=Call("(await api.readMe()).data", options='apiKey: "k"'),
    sees={"key": "'k'"},
)
def security_key_cookie(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        key: Annotated[str, Depends(APIKeyCookie(name="session"))],
    ) -> dict[str, str]:
        return saw(key=key)


@shape(
    "security: user name and password (HTTP Basic)",
    python='await client.read_me(headers={"Authorization": "Basic YWRhOnA6dz0="})',
    typescript=Call(
        "(await api.readMe()).data", options='basic: { username: "ada", password: "p:w=" }'
    ),
    sees={"name": "'ada'", "password": "'p:w='"},
)
def security_basic(app: FastAPI) -> None:
    @app.get("/me")
    async def read_me(
        found: Annotated[HTTPBasicCredentials, Depends(HTTPBasic())],
    ) -> dict[str, str]:
        return saw(name=found.username, password=found.password)


@shape(
    "security: OpenID Connect, and one key or another",
    python='await client.read_me(headers={"Authorization": "Bearer x"})',
    typescript='(await api.readMe({ headers: { Authorization: "Bearer x" } })).data',
    sees={"token": "'Bearer x'", "key": "None"},
)
def security_open_id(app: FastAPI) -> None:
    scheme = OpenIdConnect(openIdConnectUrl="/.well-known/openid-configuration")
    key_scheme = APIKeyHeader(name="X-Key", auto_error=False)

    @app.get("/me")
    async def read_me(
        request: Request,
        token: Annotated[str, Depends(scheme)],
        key: Annotated[str | None, Depends(key_scheme)],
    ) -> dict[str, str]:
        return saw(token=token, key=key)


@shape(
    "security: a token and a key at once",
    python=Call("await client.read_me()", options='token="t0k", api_key="k"'),
    typescript=Call("(await api.readMe()).data", options='accessToken: "t0k", apiKey: "k"'),
    sees={"authorization": "'Bearer t0k'", "key": "'k'"},
)
def security_both(app: FastAPI) -> None:
    @app.get("/me", dependencies=[Depends(HTTPBearer())])
    async def read_me(
        request: Request, key: Annotated[str, Depends(APIKeyHeader(name="X-Key"))]
    ) -> dict[str, str]:
        return saw(authorization=request.headers["authorization"], key=key)
