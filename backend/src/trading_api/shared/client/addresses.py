"""The addresses of services."""

from __future__ import annotations

from urllib.parse import urlsplit

from trading_api.shared.utils import url_variable


def service_url(base_url: str | None, server: str, module: str) -> str:
    """Return the address of a service without a trailing slash; `server` is that of its spec.

    Raises:
        ValueError: there is none, or it is not an absolute http or https URL, or has credentials.
    """
    if base_url:
        return _normalize(base_url, module)
    if _is_base_url(server):
        return _normalize(server, module)
    found = f"has no absolute URL, but {server!r}" if server else "is missing"
    raise ValueError(
        f"the client of {module} needs an address: pass base_url, set {url_variable(module)}"
        f" and use from_env(), or generate it from a spec that names one: `servers` in its"
        f' openapi.json {found}; FastAPI(servers=[{{"url": "https://..."}}]) writes it'
    )


def _normalize(base_url: str, module: str) -> str:
    if "@" in base_url.partition("://")[2].partition("/")[0]:
        raise ValueError(f"the base URL of {module} contains credentials; pass them in headers=")
    if not _is_base_url(base_url):
        raise ValueError(
            f"{base_url!r} is not a valid base URL of {module}, such as http://127.0.0.1:8002;"
            f" pass base_url, or set {url_variable(module)} and use from_env()"
        )
    return base_url.rstrip("/")


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port or the brackets of an IPv6 address
        return False
    extra = parts.query or parts.fragment or any(each.isspace() for each in text)
    return bool(usable) and not extra
