"""Synchronous clients: the same calls from scripts and threads, without an event loop."""

from __future__ import annotations

import asyncio
import gc
import inspect
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from golden.apps.models import Item, Page
from golden.apps.responses import app
from golden.responses_client import ResponsesClient
from support.servers import TESTS, serve
from support.streams import Endless, StreamsClient, events
from support.streams import app as streams_app
from trading_api.shared.client import (
    ApiError,
    SyncServiceClient,
    TransportError,
    raw_response,
    sync_iterator,
    sync_method,
)


class SyncResponsesClient(SyncServiceClient[ResponsesClient]):
    """A client as the generator writes it."""

    get_item = sync_method(ResponsesClient.get_item)
    get_items = sync_method(ResponsesClient.get_items)
    get_page = sync_method(ResponsesClient.get_page)
    get_pair = sync_method(ResponsesClient.get_pair)
    delete_item = sync_method(ResponsesClient.delete_item)


class SyncStreamsClient(SyncServiceClient[StreamsClient]):
    watch = sync_iterator(StreamsClient.watch)
    iter_get_page = sync_iterator(StreamsClient.iter_get_page)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serve("golden.apps.responses:app") as found:
        yield found


@pytest.fixture(params=["over HTTP", "in process"])
def client(request: pytest.FixtureRequest, address: str) -> Iterator[SyncResponsesClient]:
    in_process = request.param == "in process"
    created = SyncResponsesClient.in_process(app) if in_process else SyncResponsesClient(address)
    with created as found:
        yield found


def thread_names() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "event loop" in thread.name]


def test_calls_return_the_same_values(client: SyncResponsesClient) -> None:
    assert client.get_item("a") == Item(name="a", price="0.10")
    assert client.get_page() == Page[Item](items=[Item(name="a", price="1")], total=1)
    client.delete_item("a")


def test_errors_are_the_same(client: SyncResponsesClient) -> None:
    with pytest.raises(ApiError) as caught:
        client.get_item("none", timeout=5)
    assert caught.value.problem is not None
    assert caught.value.problem.detail == "no item 'none'"
    with pytest.raises(ValueError, match="must not be empty"):
        client.get_item("")


def test_raw_response_is_returned_directly(client: SyncResponsesClient) -> None:
    response = raw_response(client.get_item)("a")
    assert (response.status, response.body.name) == (200, "a")
    assert response.headers["content-type"] == "application/json"


def test_threads_share_a_client(client: SyncResponsesClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        items = list(pool.map(client.get_item, [str(number) for number in range(50)]))
    assert [item.name for item in items] == [str(number) for number in range(50)]
    assert len(thread_names()) == 1


def test_thread_starts_with_the_first_call_and_ends_with_close() -> None:
    client = SyncResponsesClient.in_process(app)
    assert thread_names() == []
    for _ in range(2):
        assert client.get_pair() == (1, "one")
        assert thread_names() == ["SyncResponsesClient event loop"]
        client.close()
        client.close()
        assert thread_names() == []


def test_dropped_client_ends_its_thread() -> None:
    client = SyncResponsesClient.in_process(app)
    client.get_pair()
    (thread,) = [each for each in threading.enumerate() if "event loop" in each.name]
    del client
    gc.collect()
    thread.join(60)
    assert not thread.is_alive()


def test_from_env_reads_module_url(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESPONSES_URL", address)
    with SyncResponsesClient.from_env(timeout=5) as client:
        assert client.async_client.timeout == 5
        assert client.get_pair() == (1, "one")


def test_items_of_a_stream_are_iterated_over() -> None:
    with SyncStreamsClient.in_process(streams_app) as client:
        assert [tick.number for tick in client.watch(events(), 3)] == [0, 1, 2]
        assert [tick.number for tick in client.iter_get_page()] == [0, 1, 2, 3, 4, 5]
        stream = client.watch(events(), 3)
        assert next(stream).number == 0
        stream.close()
        with pytest.raises(StopIteration):
            next(stream)
        with pytest.raises(ApiError, match="404"):
            next(client.watch(events("/unknown")))


def test_stream_raises_after_its_client_was_closed() -> None:
    client = SyncStreamsClient.in_process(Endless(), run_lifespan=False)
    stream = client.watch(events())
    next(stream)
    client.close()
    with pytest.raises(RuntimeError, match="closed before the iteration had ended"):
        next(stream)
    dropped = client.watch(events())
    next(dropped)
    client.close()
    del dropped
    assert thread_names() == []


def test_stream_that_is_collected_in_the_thread_is_closed() -> None:
    application = Endless()

    async def collect(request: object) -> None:
        gc.collect()

    hooks = {"request": [collect]}
    client = SyncStreamsClient.in_process(application, run_lifespan=False, event_hooks=hooks)
    with client:
        gc.disable()
        try:
            cycle: list[object] = [client.watch(events())]
            next(cycle[0])  # type: ignore[call-overload]
            cycle.append(cycle)
            del cycle
            next(client.watch(events(), timeout=60))
        finally:
            gc.enable()
    assert application.closed.is_set()


def test_thread_that_cannot_start_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OSError("too many open files")

    with SyncResponsesClient.in_process(app) as client:
        client.close()
        with monkeypatch.context() as patch:
            patch.setattr(asyncio, "new_event_loop", fail)
            patch.setattr(asyncio.events, "new_event_loop", fail)
            with pytest.raises(OSError, match="too many open files"):
                client.get_pair()
        assert client.get_pair() == (1, "one")


def test_method_has_the_documentation_and_signature_of_the_operation() -> None:
    method = SyncResponsesClient.get_item
    assert method.__doc__ == ResponsesClient.get_item.__doc__
    assert "name" in inspect.signature(method.__wrapped__).parameters
    assert SyncStreamsClient.watch.__doc__ == StreamsClient.watch.__doc__
    assert SyncResponsesClient.in_process(app).get_item.__doc__ == method.__doc__


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_child_process_has_a_thread_of_its_own(address: str) -> None:
    with SyncResponsesClient(address) as client:
        assert client.get_pair() == (1, "one")
        child = os.fork()
        if not child:
            # No exception may leave the child, which would run the remaining tests.
            os._exit(0 if _works(client) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert client.get_pair() == (1, "one")


def _works(client: SyncResponsesClient) -> bool:
    try:
        return client.get_pair(timeout=60) == (1, "one")
    except BaseException:
        return False


SCRIPT = """
import os, signal, threading
from test_client_sync import Hanging
signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background ignores it
client = Hanging.client()
def interrupt():
    Hanging.started.wait()
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
try:
    client.get_pair()
except KeyboardInterrupt:
    client.close()
    print("interrupted", Hanging.cancelled)
"""


class Hanging:
    """An application that never responds."""

    started = threading.Event()
    cancelled = False

    @classmethod
    def client(cls) -> SyncResponsesClient:
        return SyncResponsesClient.in_process(cls._respond, run_lifespan=False, timeout=600)

    @classmethod
    async def _respond(cls, scope: object, receive: object, send: object) -> None:
        cls.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cls.cancelled = True
            raise


def test_interrupt_cancels_the_call() -> None:
    # In a process of its own: the signal would end the tests if it came too late.
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", SCRIPT]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (result.stdout, result.stderr) == ("interrupted True\n", "")


def test_interrupt_before_the_call_has_begun_cancels_it(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Hanging.client()
    portal = client._thread.portal()
    start = portal.start_task_soon

    def start_and_interrupt(function: object) -> None:
        start(function)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(portal, "start_task_soon", start_and_interrupt)
        with pytest.raises(KeyboardInterrupt):
            client.get_pair()
    closing = threading.Thread(target=client.close, daemon=True)
    closing.start()
    closing.join(timeout=60)
    assert not closing.is_alive()


def test_unclosed_client_does_not_keep_the_process_alive(address: str) -> None:
    script = "import sys; from test_client_sync import SyncResponsesClient as C\n"
    script += "client = C(sys.argv[1]); print(client.get_pair())"
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", script, address]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (result.returncode, result.stdout) == (0, "(1, 'one')\n")


def test_unfinished_stream_does_not_keep_the_process_alive() -> None:
    script = "from test_client_sync import *\nfrom support.streams import Endless\n"
    script += "client = SyncStreamsClient.in_process(Endless(), run_lifespan=False)\n"
    script += "stream = client.watch(events()); print(next(stream).number)"
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stdout, result.stderr) == (0, "0\n", "")


def test_timeout_is_raised() -> None:
    with Hanging.client() as client, pytest.raises(TransportError) as caught:
        client.get_pair(timeout=0.01)
    assert caught.value.cause == "timeout"
