"""The runtime of the generated clients, and what their callers import beside them.

`base` makes a call (with `addresses`), `operation` reads its response, `http` sends requests (with
`response_size`) and `errors` are the exceptions of a call. `protection` and `deadline` decide
whether a call is made, and how long it may take. `wire` has what encodes values: `values` for
parameters, `json` (with `sending`, `unions` and `secret_values`), `forms` and `payload` for bodies.
`streams` and `events` iterate over responses that do not end, `raw` returns whole responses, and
`sync` has the base of synchronous clients. `in_process` calls an application in this process (with
`asgi` and `lifespan`). `models` are FastAPI's own error models,
and `unrecognized` reads what a newer service sends.

The files that begin with `ws_` are the streams over a WebSocket: `ws_stream` has what a generated
client says about a stream, `ws_client` the reader of a subscription (with its `ws_buffer`),
`ws_topics` and `ws_topic` what readers share, `ws_connection` the connection that is opened again
when it was lost, `ws_messages` the messages, and `ws_network` and `ws_asgi` the two ways to a
service, of which `ws_socket` says what they have in common.
"""

from trading_api.shared.client.base import IN_PROCESS_HOST, ServiceClient
from trading_api.shared.client.errors import (
    ApiError,
    ClientError,
    SlowReaderError,
    TransportError,
    UnexpectedResponseError,
)
from trading_api.shared.client.events import ServerSentEvent
from trading_api.shared.client.forms import FileUpload
from trading_api.shared.client.operation import ErrorReaders, Operation
from trading_api.shared.client.options import DEFAULT_TIMEOUT
from trading_api.shared.client.payload import UploadContent
from trading_api.shared.client.raw import Response, raw_response
from trading_api.shared.client.sync import SyncServiceClient, sync_iterator, sync_method
from trading_api.shared.client.unrecognized import UNRECOGNIZED, UnrecognizedModel, is_unrecognized
from trading_api.shared.client.values import Omit, omit
from trading_api.shared.client.ws_stream import FakeSubscription, Stream, StreamCounts, Subscription

__all__ = [
    "DEFAULT_TIMEOUT",
    "IN_PROCESS_HOST",
    "UNRECOGNIZED",
    "ApiError",
    "ClientError",
    "ErrorReaders",
    "FakeSubscription",
    "FileUpload",
    "Omit",
    "Operation",
    "Response",
    "ServerSentEvent",
    "ServiceClient",
    "SlowReaderError",
    "Stream",
    "StreamCounts",
    "Subscription",
    "SyncServiceClient",
    "TransportError",
    "UnexpectedResponseError",
    "UnrecognizedModel",
    "UploadContent",
    "is_unrecognized",
    "omit",
    "raw_response",
    "sync_iterator",
    "sync_method",
]
