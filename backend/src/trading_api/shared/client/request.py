"""A request, before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field

from trading_api.shared.client.payload import UploadContent
from trading_api.shared.client.values import Headers


@dataclass(slots=True)
class Request:
    """A request to send.

    `shown_url` is for messages and logs: it has the path of the spec, `/resets/{token}`, because
    any value of a path or a query may be a secret. `spent` are the seconds of its timeout that are
    over when it is sent.
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
