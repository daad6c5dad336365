import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StreamSocket, type ApiError } from "@/plugins/wsAdapter";
import { FakeSocket, topicOf } from "./support/fakeSocket";
import { ADDRESS, ME, YOU, fake, recorder, running, socket, update, useFakes } from "./support/fakeStreams";

type AnyStreams = Record<string, { request: object; update: unknown }>;

const EQUITY = { equity: 1, balance: 1, unrealizedPL: 0, realizedPL: 0 };

useFakes();

describe("a subscription", () => {
  it("opens the socket, subscribes to the stream, and receives its updates", () => {
    const { heard, ...handlers } = recorder();
    fake.streams.subscribe("orders", ME, handlers);
    expect(socket().url).toBe(ADDRESS);
    expect(socket().sent()).toEqual([]);
    socket().open();
    const [sent] = socket().sent();
    expect(sent).toEqual({ type: "orders.subscribe", ref: expect.any(String), payload: ME });
    expect(heard).toEqual([]);
    socket().push({ type: "orders.subscribed", ref: sent?.ref, topic: "t", payload: ME });
    socket().push(update("t", { id: "1" }));
    expect(heard).toEqual(["subscribed", { id: "1" }]);
  });

  it("does not receive the updates of another topic", () => {
    const mine = running();
    const yours = recorder();
    fake.streams.subscribe("orders", YOU, yours);
    const [topic = ""] = socket().accept();
    socket().push(update(topic, { id: "2" }));
    socket().push(update("orders:unknown", { id: "3" }));
    expect(mine.heard).toEqual([]);
    expect(yours.heard).toEqual(["subscribed", { id: "2" }]);
  });

  it("is shared by equal requests, regardless of the order of their members", () => {
    const options = { bars: { replayLast: false, resumable: false } };
    const datafeed = new StreamSocket<{ bars: { request: object; update: unknown } }>(() => ADDRESS, options);
    const [first, second] = [recorder(), recorder()];
    const endFirst = datafeed.subscribe("bars", { symbol: "AAPL", resolution: "1D" }, first);
    const endSecond = datafeed.subscribe("bars", { resolution: "1D", symbol: "AAPL" }, second);
    socket().open();
    const topics = socket().accept();
    expect(topics).toHaveLength(1);
    socket().push(update(topics[0] ?? "", 1, "bars"));
    expect([first.heard, second.heard]).toEqual([["subscribed", 1], ["subscribed", 1]]);
    endFirst();
    expect(socket().sent()).toEqual([]);
    socket().push(update(topics[0] ?? "", 2, "bars"));
    expect([first.heard.length, second.heard.length]).toEqual([2, 3]);
    endSecond();
    expect(socket().sent()).toMatchObject([{ type: "bars.unsubscribe" }]);
    datafeed.close();
  });

  it("calls a handler that joins it, with the last update if the stream replays that", async () => {
    fake.streams.subscribe("equity", ME, recorder());
    fake.streams.subscribe("orders", ME, recorder());
    socket().open();
    const [equity = "", orders = ""] = socket().accept();
    socket().push(update(equity, EQUITY, "equity"));
    socket().push(update(orders, { id: "1" }));
    const [replayed, plain] = [recorder(), recorder()];
    fake.streams.subscribe("equity", ME, replayed);
    fake.streams.subscribe("orders", ME, plain);
    expect(replayed.heard).toEqual([]);
    await Promise.resolve();
    expect(replayed.heard).toEqual(["subscribed", EQUITY]);
    expect(plain.heard).toEqual(["subscribed"]);
    expect(socket().sent()).toEqual([]);
  });

  it("can be made twice with the same handlers", () => {
    const listener = recorder();
    const end = fake.streams.subscribe("orders", ME, listener);
    fake.streams.subscribe("orders", ME, listener);
    socket().open();
    const [topic = ""] = socket().accept();
    end();
    end();
    socket().push(update(topic, 1));
    expect(listener.heard).toEqual(["subscribed", "subscribed", 1]);
  });

  it("is not affected by an error in the handlers of another one", () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    fake.streams.subscribe("orders", ME, {
      update: () => {
        throw new Error("a bug");
      },
    });
    const { heard, topic } = running();
    socket().push(update(topic, 1));
    expect(heard).toEqual([1]);
    expect(reported.mock.calls).toEqual([[new Error("a bug")]]);
  });
});

describe("ending a subscription", () => {
  it("unsubscribes, and no handler is called after that", () => {
    const { heard, end, topic } = running();
    fake.streams.subscribe("equity", ME, recorder());
    socket().accept();
    end();
    expect(socket().sent()).toEqual([{ type: "orders.unsubscribe", payload: ME }]);
    socket().push(update(topic, 1));
    socket().push({ type: "orders.unsubscribed", topic, payload: ME });
    expect(heard).toEqual([]);
  });

  it("before the response ignores the response", () => {
    const first = recorder();
    const end = fake.streams.subscribe("orders", ME, first);
    socket().open();
    const [sent] = socket().sent();
    end();
    const second = recorder();
    fake.streams.subscribe("orders", ME, second);
    const again = socket().sent();
    expect(again.map(({ type }) => type)).toEqual(["orders.unsubscribe", "orders.subscribe"]);
    // The service responds in this order; until the last response the topic belongs to nobody.
    socket().push({ type: "orders.subscribed", ref: sent?.ref, topic: "t", payload: ME });
    socket().push(update("t", 1));
    socket().push({ type: "orders.unsubscribed", topic: "t", payload: ME });
    expect([first.heard, second.heard]).toEqual([[], []]);
    socket().push({ type: "orders.subscribed", ref: again[1]?.ref, topic: "t", payload: ME });
    socket().push(update("t", 2));
    expect([first.heard, second.heard]).toEqual([[], ["subscribed", 2]]);
    expect(socket().sent()).toEqual([]);
  });

  it("does not end another one with the same topic", () => {
    const mine = running();
    const other = recorder();
    fake.streams.subscribe("orders", { accountId: "DEMO" }, other);
    const [sent] = socket().sent();
    socket().push({ type: "orders.subscribed", ref: sent?.ref, topic: mine.topic, payload: ME });
    mine.end();
    socket().push({ type: "orders.unsubscribed", topic: mine.topic, payload: ME });
    const again = socket().sent().at(-1);
    expect(again).toMatchObject({ type: "orders.subscribe", payload: { accountId: "DEMO" } });
    socket().push({ type: "orders.subscribed", ref: again?.ref, topic: mine.topic, payload: ME });
    expect(other.heard).toEqual(["subscribed", "subscribed"]);
  });

  it("closes the socket after the last one, unless another one follows soon", () => {
    const first = running();
    first.end();
    const second = recorder();
    const end = fake.streams.subscribe("orders", YOU, second);
    vi.advanceTimersByTime(5_000);
    expect(socket().accept()).toHaveLength(1);
    expect(FakeSocket.all).toHaveLength(1);
    end();
    vi.advanceTimersByTime(1_000);
    expect(socket().closed).toBe(true);
    expect(fake.streams.state).toBe("idle");
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("while the socket is down does not subscribe again after the reconnect", () => {
    const { end } = running();
    fake.streams.subscribe("equity", ME, recorder());
    socket().end();
    end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    expect(socket().sent()).toMatchObject([{ type: "equity.subscribe" }]);
  });

  it("with close() ends all of them without calling a handler", async () => {
    const { heard, end } = running();
    const joined = recorder();
    fake.streams.subscribe("orders", ME, joined);
    fake.streams.close();
    await Promise.resolve();
    expect(fake.streams.state).toBe("idle");
    fake.streams.subscribe("orders", ME, recorder());
    socket().open();
    end();
    expect(socket().sent()).toMatchObject([{ type: "orders.subscribe" }]);
    expect([heard, joined.heard]).toEqual([[], []]);
  });
});

describe("an error", () => {
  const problem = { title: "Not Found", status: 404, detail: "no account other" };

  it("that rejects a subscription is reported once, and retried after a reconnect", () => {
    const { heard, ...handlers } = recorder();
    fake.streams.subscribe("orders", YOU, handlers);
    const mine = running();
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    const [sent] = socket().sent();
    heard.length = 0;
    socket().push({ type: "error", ref: sent?.ref, payload: problem });
    vi.advanceTimersByTime(14_000);
    expect(heard).toEqual(["404 no account other"]);
    expect(mine.heard).toEqual([]);
    expect(socket().sent()).toEqual([]);
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    expect(socket().sent().map(({ payload }) => payload)).toEqual([YOU, ME]);
  });

  it("is an ApiError with the problem details and the name of the stream", () => {
    const errors: ApiError[] = [];
    fake.streams.subscribe("orders", YOU, { update: () => {}, error: (error) => errors.push(error) });
    socket().open();
    const [sent] = socket().sent();
    const details = { ...problem, status: 422, errors: [{ pointer: "#/payload/accountId", code: "string_too_short", detail: "too short" }] };
    socket().push({ type: "error", ref: sent?.ref, payload: details });
    expect(errors).toMatchObject([{ ...details, name: "ApiError", request: { url: "orders" } }]);
  });

  it("that ends a topic is reported, and nothing is received or unsubscribed after that", () => {
    const { heard, end, topic } = running();
    socket().push({ type: "error", topic, payload: { title: "Gone", status: 410, detail: "the stream has ended" } });
    socket().push(update(topic, 1));
    expect(heard).toEqual(["410 the stream has ended"]);
    end();
    expect(socket().sent()).toEqual([]);
  });

  it("that ends a topic is followed by new attempts, with growing pauses until there is an update", () => {
    fake.random = 0.999_999;
    const { heard } = running();
    const pauses: number[] = [];
    const end = (topic: string | undefined) => {
      socket().push({ type: "error", topic, payload: { title: "Gone", status: 410, detail: "ended" } });
      const from = Date.now();
      let topics: string[] = [];
      while (topics.length === 0) {
        vi.advanceTimersToNextTimer();
        topics = socket().accept();
      }
      pauses.push(Math.round((Date.now() - from) / 100) * 100);
      return topics[0];
    };
    const topic = end(end(end(topicOf("orders.subscribe", ME))));
    socket().push(update(topic ?? "", 1));
    end(topic);
    expect(pauses).toEqual([500, 1_000, 2_000, 500]);
    expect(heard).toEqual([...Array(3).fill(["410 ended", "subscribed"]).flat(), 1, "410 ended", "subscribed"]);
  });

  it("that ends a topic is not followed by new attempts after the subscription has ended", () => {
    const { end, topic } = running();
    fake.streams.subscribe("equity", ME, recorder());
    socket().accept();
    socket().push({ type: "error", topic, payload: problem });
    end();
    vi.advanceTimersByTime(10_000);
    expect(socket().sent()).toEqual([]);
  });

  it("that ends a topic does not delay a new subscription", () => {
    const { heard, topic } = running();
    socket().push({ type: "error", topic, payload: problem });
    const second = recorder();
    fake.streams.subscribe("orders", ME, second);
    expect(socket().accept()).toEqual([topic]);
    socket().push(update(topic, 1));
    expect(second.heard).toEqual(["subscribed", 1]);
    expect(heard).toEqual(["404 no account other", "subscribed", 1]);
  });

  it.each(["not JSON", '"text"', "null", '{"ref": "1"}', '{"type": 1}', '{"type": "error", "payload": {}}',
    '{"type": "orders.update", "payload": {}}', '{"type": "orders.update", "topic": "t"}',
  ])("in a frame is logged, and the stream continues: %s", (frame) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { heard, topic } = running();
    socket().push(frame);
    expect(warn).toHaveBeenCalledTimes(1);
    socket().push(update(topic, 1));
    expect(heard).toEqual([1]);
  });

  it("is not logged for a message that a later version of the service may send", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { heard } = running();
    socket().push({ type: "orders.paused", topic: "t" });
    socket().push({ type: "pong" });
    socket().push({ type: "orders.subscribed", topic: "t", payload: ME });
    expect(warn).not.toHaveBeenCalled();
    expect(heard).toEqual([]);
  });
});

describe("the streams of a module", () => {
  beforeEach(() => {
    vi.resetModules();
  });
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["http://127.0.0.1:5173/chart", undefined, "ws://127.0.0.1:5173/api/v1/datafeed/ws"],
    ["https://trade.example/chart", undefined, "wss://trade.example/api/v1/datafeed/ws"],
    ["http://127.0.0.1:5173/", "https://feed.example/", "wss://feed.example/api/v1/datafeed/ws"],
    ["http://127.0.0.1:5173/", "/gateway", "ws://127.0.0.1:5173/gateway/api/v1/datafeed/ws"],
  ])("share one socket below the module's base URL: page %s, base URL %s", async (page, base, address) => {
    vi.stubGlobal("location", { href: page });
    vi.stubEnv("VITE_DATAFEED_URL", base);
    const { datafeedStreams, brokerStreams } = await import("@/plugins/wsAdapter");
    expect(datafeedStreams()).toBe(datafeedStreams());
    expect(datafeedStreams()).not.toBe(brokerStreams());
    datafeedStreams().subscribe("bars", { symbol: "AAPL", resolution: "1D" }, recorder());
    expect(socket().url).toBe(address);
    datafeedStreams().close();
  });

  it.each([
    ["broker", { orders: false, positions: false, executions: false, equity: true, connection: true }],
    ["datafeed", { bars: true, quotes: false }],
  ])("of the %s replay their last update to a handler that joins as %j", async (module, expected) => {
    vi.stubGlobal("location", { href: "http://127.0.0.1:5173/" });
    const adapter = await import("@/plugins/wsAdapter");
    const streams = (module === "broker" ? adapter.brokerStreams() : adapter.datafeedStreams()) as StreamSocket<AnyStreams>;
    const names = Object.keys(expected);
    names.forEach((name) => streams.subscribe(name, {}, recorder()));
    socket().open();
    socket().accept().forEach((topic, index) => socket().push(update(topic, "last", names[index])));
    const joined = names.map((name) => {
      const handlers = recorder();
      streams.subscribe(name, {}, handlers);
      return handlers;
    });
    await Promise.resolve();
    const replayed = joined.map(({ heard }, index) => [names[index], heard.includes("last")]);
    expect(Object.fromEntries(replayed)).toEqual(expected);
    streams.close();
  });
});
