/** A broker's stream socket whose service is the test. */
import { afterEach, beforeEach, vi } from "vitest";
import { StreamSocket, type ApiError, type BrokerStreams } from "@/plugins/wsAdapter";
import { FakeSocket } from "./fakeSocket";

export const ME = { accountId: "demo" };
export const YOU = { accountId: "other" };
export const ADDRESS = "ws://127.0.0.1:8001/api/v1/broker/ws";

export const createSocket = (url: string) => new FakeSocket(url) as unknown as WebSocket;

/** What the tests of one file share; made anew for each, with a clock that the test moves. */
export const fake = {
  streams: undefined as unknown as StreamSocket<BrokerStreams>,
  random: 0.5,
};

export function eachWithFakes(): void {
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    fake.random = 0.5;
    fake.streams = new StreamSocket<BrokerStreams>(() => ADDRESS, {
      createSocket,
      random: () => fake.random,
      states: ["equity"],
    });
  });
  afterEach(() => {
    fake.streams.close();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

/** The socket that was opened last. */
export function socket(): FakeSocket {
  const last = FakeSocket.all.at(-1);
  if (!last) throw new Error("no socket was opened");
  return last;
}

/** Handlers that write down what they hear. */
export function log() {
  const heard: unknown[] = [];
  return {
    heard,
    update: (payload: unknown) => heard.push(payload),
    subscribed: () => heard.push("subscribed"),
    error: (error: ApiError) => heard.push(`${error.status} ${error.message}`),
  };
}

/** A running subscription, and the topic under which its updates are sent. */
export function running(request = ME) {
  const listener = log();
  const end = fake.streams.subscribe("orders", request, listener);
  socket().open();
  const [topic = ""] = socket().accept();
  listener.heard.length = 0;
  return { ...listener, end, topic };
}

export function update(topic: string, payload: unknown, stream = "orders"): object {
  return { type: `${stream}.update`, topic, payload };
}
