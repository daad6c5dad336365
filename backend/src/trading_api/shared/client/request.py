"""A request, before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from trading_api.shared.client.payload import UploadContent
from trading_api.shared.client.values import Headers


@dataclass(slots=True)
class Request:
    """A request to send.

    `shown_url` is its URL without secrets, for messages; `spent` are the seconds of its timeout
    that are over when it is sent.
    """

    method: str
    url: str = field(repr=False)
    shown_url: str
    # Not in messages and logs: they may have secrets.
    headers: Headers = field(repr=False)
    content: UploadContent | None = field(repr=False)
    timeout: float
    retryable: bool
    spent: float = 0.0
