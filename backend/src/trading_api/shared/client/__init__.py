"""The runtime of the generated clients, and what their callers import beside them.

`base` makes a call and reads its response, `wire` encodes values, `http` sends requests,
`lifespan` starts an application that is called in process, `errors` are the exceptions of a call,
and `models` are FastAPI's own error models.
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
from trading_api.shared.client.standin import SyncServiceClient, sync_iterator, sync_method
from trading_api.shared.client.wire import FileUpload, Omit, ServerSentEvent, UploadContent, omit

__all__ = [
    "DEFAULT_TIMEOUT",
    "IN_PROCESS_HOST",
    "ApiError",
    "ClientError",
    "ErrorReaders",
    "FileUpload",
    "Omit",
    "Operation",
    "ServerSentEvent",
    "ServiceClient",
    "SyncServiceClient",
    "TransportError",
    "UnexpectedResponseError",
    "UploadContent",
    "omit",
    "sync_iterator",
    "sync_method",
]
