import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StreamSocket, type ApiError } from "@/plugins/wsAdapter";
import { FakeSocket, topicOf } from "./support/fakeSocket";
import { ADDRESS, ME, YOU, createSocket, eachWithFakes, fake, log, running, socket, update } from "./support/fakeStreams";

const EQUITY = { equity: 1, balance: 1, unrealizedPL: 0, realizedPL: 0 };

eachWithFakes();

describe("a subscription", () => {
  it("opens the socket, asks for the stream, and hears its updates", () => {
    const { heard, ...handlers } = log();
    fake.streams.subscribe("orders", ME, handlers);
    expect(socket().url).toBe(ADDRESS);
    expect(socket().sent()).toEqual([]);
    socket().open();
    const [asked] = socket().sent();
    expect(asked).toEqual({ type: "orders.subscribe", ref: expect.any(String), payload: ME });
    expect(heard).toEqual([]);
    socket().push({ type: "orders.subscribed", ref: asked?.ref, topic: "t", payload: ME });
    socket().push(update("t", { id: "1" }));
    expect(heard).toEqual(["subscribed", { id: "1" }]);
  });

  it("hears nothing of others", () => {
    const mine = running();
    const yours = log();
    fake.streams.subscribe("orders", YOU, yours);
    const [topic = ""] = socket().accept();
    socket().push(update(topic, { id: "2" }));
    socket().push(update("orders:unknown", { id: "3" }));
    expect(mine.heard).toEqual([]);
    expect(yours.heard).toEqual(["subscribed", { id: "2" }]);
  });

  it("is shared by equal requests, whatever the order of their members", () => {
    const datafeed = new StreamSocket<{ bars: { request: object; update: unknown } }>(() => ADDRESS, { createSocket });
    const [first, second] = [log(), log()];
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

  it("tells who joins it that it runs, and the latest state", async () => {
    fake.streams.subscribe("equity", ME, log());
    fake.streams.subscribe("orders", ME, log());
    socket().open();
    const [equity = "", orders = ""] = socket().accept();
    socket().push(update(equity, EQUITY, "equity"));
    socket().push(update(orders, { id: "1" }));
    const [state, event] = [log(), log()];
    fake.streams.subscribe("equity", ME, state);
    fake.streams.subscribe("orders", ME, event);
    expect(state.heard).toEqual([]);
    await Promise.resolve();
    expect(state.heard).toEqual(["subscribed", EQUITY]);
    expect(event.heard).toEqual(["subscribed"]);
    expect(socket().sent()).toEqual([]);
  });

  it("can be made twice with the same handlers", () => {
    const listener = log();
    const end = fake.streams.subscribe("orders", ME, listener);
    fake.streams.subscribe("orders", ME, listener);
    socket().open();
    const [topic = ""] = socket().accept();
    end();
    end();
    socket().push(update(topic, 1));
    expect(listener.heard).toEqual(["subscribed", "subscribed", 1]);
  });

  it("does not suffer from the handlers of another", () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    fake.streams.subscribe("orders", ME, {
      update: () => {
        throw new Error("a defect");
      },
    });
    const { heard, topic } = running();
    socket().push(update(topic, 1));
    expect(heard).toEqual([1]);
    expect(reported.mock.calls).toEqual([[new Error("a defect")]]);
  });
});

describe("the end of a subscription", () => {
  it("is told to the service, and nothing is heard after it", () => {
    const { heard, end, topic } = running();
    fake.streams.subscribe("equity", ME, log());
    socket().accept();
    end();
    expect(socket().sent()).toEqual([{ type: "orders.unsubscribe", payload: ME }]);
    socket().push(update(topic, 1));
    socket().push({ type: "orders.unsubscribed", topic, payload: ME });
    expect(heard).toEqual([]);
  });

  it("comes before the answer: then that is ignored", () => {
    const first = log();
    const end = fake.streams.subscribe("orders", ME, first);
    socket().open();
    const [asked] = socket().sent();
    end();
    const second = log();
    fake.streams.subscribe("orders", ME, second);
    const sent = socket().sent();
    expect(sent.map(({ type }) => type)).toEqual(["orders.unsubscribe", "orders.subscribe"]);
    // The service answers one after the other; until the last answer the topic is nobody's.
    socket().push({ type: "orders.subscribed", ref: asked?.ref, topic: "t", payload: ME });
    socket().push(update("t", 1));
    socket().push({ type: "orders.unsubscribed", topic: "t", payload: ME });
    expect([first.heard, second.heard]).toEqual([[], []]);
    socket().push({ type: "orders.subscribed", ref: sent[1]?.ref, topic: "t", payload: ME });
    socket().push(update("t", 2));
    expect([first.heard, second.heard]).toEqual([[], ["subscribed", 2]]);
    expect(socket().sent()).toEqual([]);
  });

  it("does not end another one that the service takes for the same", () => {
    const mine = running();
    const other = log();
    fake.streams.subscribe("orders", { accountId: "DEMO" }, other);
    const [asked] = socket().sent();
    socket().push({ type: "orders.subscribed", ref: asked?.ref, topic: mine.topic, payload: ME });
    mine.end();
    socket().push({ type: "orders.unsubscribed", topic: mine.topic, payload: ME });
    const again = socket().sent().at(-1);
    expect(again).toMatchObject({ type: "orders.subscribe", payload: { accountId: "DEMO" } });
    socket().push({ type: "orders.subscribed", ref: again?.ref, topic: mine.topic, payload: ME });
    expect(other.heard).toEqual(["subscribed", "subscribed"]);
  });

  it("closes the socket with the last one, unless another follows at once", () => {
    const first = running();
    first.end();
    const second = log();
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

  it("while the socket is down leaves nothing to resubscribe", () => {
    const { end } = running();
    fake.streams.subscribe("equity", ME, log());
    socket().end();
    end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    expect(socket().sent()).toMatchObject([{ type: "equity.subscribe" }]);
  });

  it("comes for all with close(), and none is told of it", async () => {
    const { heard, end } = running();
    const joined = log();
    fake.streams.subscribe("orders", ME, joined);
    fake.streams.close();
    await Promise.resolve();
    expect(fake.streams.state).toBe("idle");
    fake.streams.subscribe("orders", ME, log());
    socket().open();
    end();
    expect(socket().sent()).toMatchObject([{ type: "orders.subscribe" }]);
    expect([heard, joined.heard]).toEqual([[], []]);
  });
});

describe("an error", () => {
  const problem = { title: "Not Found", status: 404, detail: "no account other" };

  it("refuses a subscription: told once, not tried again before a reconnect", () => {
    const { heard, ...handlers } = log();
    fake.streams.subscribe("orders", YOU, handlers);
    const mine = running();
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    const [asked] = socket().sent();
    heard.length = 0;
    socket().push({ type: "error", ref: asked?.ref, payload: problem });
    vi.advanceTimersByTime(14_000);
    expect(heard).toEqual(["404 no account other"]);
    expect(mine.heard).toEqual([]);
    expect(socket().sent()).toEqual([]);
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    expect(socket().sent().map(({ payload }) => payload)).toEqual([YOU, ME]);
  });

  it("is an ApiError that names the stream and the refused values", () => {
    const errors: ApiError[] = [];
    fake.streams.subscribe("orders", YOU, { update: () => {}, error: (error) => errors.push(error) });
    socket().open();
    const [asked] = socket().sent();
    const fields = [{ location: ["orders.subscribe", "payload"], message: "too short", code: "x" }];
    socket().push({ type: "error", ref: asked?.ref, payload: { ...problem, status: 422, errors: fields } });
    expect(errors).toMatchObject([{ name: "ApiError", status: 422, title: "Not Found", url: "orders" }]);
    expect(errors[0]?.fields).toEqual([{ place: "orders.subscribe.payload", message: "too short" }]);
  });

  it("ends a topic: nothing more is heard, and nothing is unsubscribed", () => {
    const { heard, end, topic } = running();
    socket().push({ type: "error", topic, payload: { title: "Gone", status: 410, detail: "the stream has ended" } });
    socket().push(update(topic, 1));
    expect(heard).toEqual(["410 the stream has ended"]);
    end();
    expect(socket().sent()).toEqual([]);
  });

  it("that ends a topic leads to new attempts, after growing pauses, until its stream goes on", () => {
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

  it("that ends a topic is forgotten with its last follower", () => {
    const { end, topic } = running();
    fake.streams.subscribe("equity", ME, log());
    socket().accept();
    socket().push({ type: "error", topic, payload: problem });
    end();
    vi.advanceTimersByTime(10_000);
    expect(socket().sent()).toEqual([]);
  });

  it("does not keep a new subscriber from trying", () => {
    const { heard, topic } = running();
    socket().push({ type: "error", topic, payload: problem });
    const second = log();
    fake.streams.subscribe("orders", ME, second);
    expect(socket().accept()).toEqual([topic]);
    socket().push(update(topic, 1));
    expect(second.heard).toEqual(["subscribed", 1]);
    expect(heard).toEqual(["404 no account other", "subscribed", 1]);
  });

  it.each(["no JSON", '"text"', "null", '{"ref": "1"}', '{"type": 1}', '{"type": "error", "payload": {}}',
    '{"type": "orders.update", "payload": {}}', '{"type": "orders.update", "topic": "t"}',
  ])("in a frame is told in the console, and the rest goes on: %s", (frame) => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { heard, topic } = running();
    socket().push(frame);
    expect(warn).toHaveBeenCalledTimes(1);
    socket().push(update(topic, 1));
    expect(heard).toEqual([1]);
  });

  it("is not what a service of a later version may send", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue();
    const { heard } = running();
    socket().push({ type: "orders.paused", topic: "t" });
    socket().push({ type: "pong" });
    socket().push({ type: "orders.subscribed", topic: "t", payload: ME });
    expect(warn).not.toHaveBeenCalled();
    expect(heard).toEqual([]);
  });
});

describe("the socket of a module", () => {
  beforeEach(() => {
    vi.resetModules();
    vi.stubGlobal("WebSocket", FakeSocket);
  });
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["http://127.0.0.1:5173/chart", undefined, "ws://127.0.0.1:5173/api/v1/datafeed/ws"],
    ["https://trade.example/chart", undefined, "wss://trade.example/api/v1/datafeed/ws"],
    ["http://127.0.0.1:5173/", "https://feed.example/", "wss://feed.example/api/v1/datafeed/ws"],
    ["http://127.0.0.1:5173/", "/gateway", "ws://127.0.0.1:5173/gateway/api/v1/datafeed/ws"],
  ])("is one, below the module's base URL: page %s, base URL %s", async (page, base, address) => {
    vi.stubGlobal("location", { href: page });
    vi.stubEnv("VITE_DATAFEED_URL", base);
    const { datafeedStreams, brokerStreams } = await import("@/plugins/wsAdapter");
    expect(datafeedStreams()).toBe(datafeedStreams());
    expect(datafeedStreams()).not.toBe(brokerStreams());
    datafeedStreams().subscribe("bars", { symbol: "AAPL", resolution: "1D" }, log());
    expect(socket().url).toBe(address);
    datafeedStreams().close();
  });
});
