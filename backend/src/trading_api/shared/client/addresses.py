"""The addresses of services."""

from __future__ import annotations

from urllib.parse import urlsplit

from trading_api.shared.utils import url_variable


def normalize_url(base_url: str, module: str) -> str:
    """Return `base_url`, the address of `module`, without a trailing slash.

    Raises:
        ValueError: it is not an absolute http or https URL, or contains credentials.
    """
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
