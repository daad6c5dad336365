/** The streams of a broker whose end of the WebSocket is the test. */
import { afterEach, beforeEach, vi } from "vitest";
import { STREAMS } from "@/clients/ws-types-broker";
import { StreamSocket, type ApiError, type BrokerStreams } from "@/plugins/wsAdapter";
import { FakeSocket } from "./fakeSocket";

export const ME = { accountId: "demo" };
export const YOU = { accountId: "other" };
export const ADDRESS = "ws://127.0.0.1:8001/api/v1/broker/ws";

/** What a test uses; created anew for each one, with a clock that the test moves. */
export const fake = {
  streams: undefined as unknown as StreamSocket<BrokerStreams>,
  random: 0.5,
};

export function useFakes(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.spyOn(Math, "random").mockImplementation(() => fake.random);
    FakeSocket.all = [];
    fake.random = 0.5;
    fake.streams = new StreamSocket<BrokerStreams>(() => ADDRESS, STREAMS);
  });
  afterEach(() => {
    fake.streams.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

/** Return the socket that was opened last. */
export function socket(): FakeSocket {
  const last = FakeSocket.all.at(-1);
  if (!last) throw new Error("no socket was opened");
  return last;
}

/** Return handlers that record their calls in `heard`. */
export function recorder() {
  const heard: unknown[] = [];
  return {
    heard,
    update: (payload: unknown) => heard.push(payload),
    subscribed: () => heard.push("subscribed"),
    error: (error: ApiError) => heard.push(`${error.status} ${error.message}`),
  };
}

/** Subscribe to orders and open the socket; `topic` is that of the updates. */
export function running(request = ME) {
  const handlers = recorder();
  const end = fake.streams.subscribe("orders", request, handlers);
  socket().open();
  const [topic = ""] = socket().accept();
  handlers.heard.length = 0;
  return { ...handlers, end, topic };
}

export function update(topic: string, payload: unknown, stream = "orders"): object {
  return { type: `${stream}.update`, topic, payload };
}
