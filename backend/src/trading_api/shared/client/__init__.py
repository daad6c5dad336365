"""What generated clients stand on, and what their callers need beside them.

`base` puts a call together and reads its answer, `wire` writes values as they are sent,
`http` carries a request, `errors` is how a call can fail, `models` are FastAPI's own.
"""

from trading_api.shared.client.base import (
    DEFAULT_TIMEOUT,
    IN_PROCESS_HOST,
    ErrorReaders,
    Operation,
    ServiceClient,
)
from trading_api.shared.client.errors import (
    ApiError,
    ClientError,
    TransportError,
    UnexpectedResponseError,
)
from trading_api.shared.client.wire import FileUpload

__all__ = [
    "DEFAULT_TIMEOUT",
    "IN_PROCESS_HOST",
    "ApiError",
    "ClientError",
    "ErrorReaders",
    "FileUpload",
    "Operation",
    "ServiceClient",
    "TransportError",
    "UnexpectedResponseError",
]
