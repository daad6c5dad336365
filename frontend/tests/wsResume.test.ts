/** Streams that continue after a reconnect, with the updates that were missed. */
import { expect, it, vi } from "vitest";
import { fake, ME, recorder, socket, useFakes } from "./support/fakeStreams";
import { FakeSocket } from "./support/fakeSocket";

useFakes();

/** Return handlers that also record that a stream was resumed. */
function resumable() {
  const handlers = recorder();
  return { ...handlers, resumed: () => handlers.heard.push("resumed") };
}

/** Confirm the only subscription that the page has sent; return that message. */
function accept(sequence?: number): Record<string, unknown> {
  const [sent = { type: "" }] = socket().sent();
  socket().push({ type: `${sent.type}d`, ref: sent.ref, topic: "t", payload: sent.payload, sequence });
  return sent as Record<string, unknown>;
}

function push(sequence: number, payload: unknown): void {
  socket().push({ type: "orders.update", topic: "t", payload, sequence });
}

function reconnect(): void {
  const before = FakeSocket.all.length;
  socket().end();
  vi.advanceTimersByTime(10_000);
  expect(FakeSocket.all).toHaveLength(before + 1);
  socket().open();
}

it("asks for the updates after the last one that it has received", () => {
  const { heard, ...handlers } = resumable();
  fake.streams.subscribe("orders", ME, handlers);
  socket().open();
  expect(accept(5)).not.toHaveProperty("since");
  push(6, "a");
  reconnect();
  expect(accept(6)).toMatchObject({ type: "orders.subscribe", payload: ME, since: 6 });
  push(7, "b");
  expect(heard).toEqual(["subscribed", "a", "resumed", "b"]);
  reconnect();
  expect(accept(7)).toMatchObject({ since: 7 });
});

it("asks for the updates after the start of the subscription if there was none", () => {
  fake.streams.subscribe("orders", ME, resumable());
  socket().open();
  accept(5);
  reconnect();
  expect(accept(5)).toMatchObject({ since: 5 });
});

it("begins anew if the updates are no longer available", () => {
  const { heard, ...handlers } = resumable();
  fake.streams.subscribe("orders", ME, handlers);
  socket().open();
  accept(5);
  reconnect();
  const [sent] = socket().sent();
  const problem = { type: "urn:problem-type:updates-gone", title: "Updates gone", status: 410 };
  socket().push({ type: "error", ref: sent?.ref, payload: problem });
  expect(accept(9)).not.toHaveProperty("since");
  push(10, "a");
  expect(heard).toEqual(["subscribed", "subscribed", "a"]);
});

it("does not ask a stream that cannot be resumed", () => {
  const { heard, ...handlers } = resumable();
  fake.streams.subscribe("equity", ME, handlers);
  socket().open();
  accept();
  reconnect();
  expect(accept()).not.toHaveProperty("since");
  expect(heard).toEqual(["subscribed", "subscribed"]);
});
