import { describe, expect, it, vi } from "vitest";
import type { ConnectionState } from "@/plugins/wsAdapter";
import { dismissSignIn, signInReason } from "@/plugins/session";
import { FakeSocket } from "./support/fakeSocket";
import { ME, YOU, fake, recorder, running, socket, update, useFakes } from "./support/fakeStreams";

useFakes();

describe("the connection", () => {
  function states(): ConnectionState[] {
    const heard: ConnectionState[] = [];
    fake.streams.onState((state) => heard.push(state));
    return heard;
  }

  it("reports its state at once and after each change", () => {
    const heard = states();
    const { end } = running();
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    end();
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual(["idle", "connecting", "open", "waiting", "connecting", "open", "idle"]);
  });

  it("does not report its state to a listener that has stopped", () => {
    const heard: string[] = [];
    fake.streams.onState((state) => heard.push(state))();
    running();
    expect(heard).toEqual(["idle"]);
  });

  it("reconnects and subscribes again", () => {
    const mine = running();
    const yours = recorder();
    fake.streams.subscribe("orders", YOU, yours);
    const old = socket();
    old.end();
    vi.advanceTimersByTime(10_000);
    expect(socket()).not.toBe(old);
    socket().open();
    const [mineNow = "", yoursNow = ""] = socket().accept();
    old.push(update(mine.topic, "late"));
    socket().push(update(mineNow, 1));
    socket().push(update(yoursNow, 2));
    expect(mine.heard).toEqual(["subscribed", 1]);
    expect(yours.heard).toEqual(["subscribed", 2]);
  });

  it("waits for a random time between attempts, at most 0.5 s at first and 10 s later", () => {
    fake.streams.subscribe("orders", ME, recorder());
    const pauses: number[] = [];
    fake.random = 0.999_999;
    for (let attempt = 0; attempt < 7; attempt += 1) {
      const before = FakeSocket.all.length;
      socket().end();
      const from = Date.now();
      while (FakeSocket.all.length === before) vi.advanceTimersToNextTimer();
      pauses.push(Math.round((Date.now() - from) / 100) * 100);
    }
    expect(pauses).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
    fake.random = 0;
    const before = FakeSocket.all.length;
    socket().end();
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(before + 1);
  });

  it("starts with short pauses again only after a stable connection", () => {
    fake.random = 0.999_999;
    running();
    const pauseAfter = (lifetime: number): number => {
      vi.advanceTimersByTime(lifetime);
      const before = FakeSocket.all.length;
      socket().end();
      const from = Date.now();
      while (FakeSocket.all.length === before) vi.advanceTimersToNextTimer();
      socket().open();
      return Math.round((Date.now() - from) / 100) * 100;
    };
    expect([pauseAfter(0), pauseAfter(0), pauseAfter(0), pauseAfter(12_000)]).toEqual([500, 1_000, 2_000, 500]);
  });

  it("ends an attempt that takes too long", () => {
    fake.streams.subscribe("orders", ME, recorder());
    const first = socket();
    vi.advanceTimersByTime(10_000);
    expect(first.closed).toBe(true);
    expect(fake.streams.state).toBe("waiting");
    first.open();
    expect(fake.streams.state).toBe("waiting");
  });

  it("sends a ping after a silence, and is lost without a frame after that", () => {
    const { heard, topic } = running();
    const old = socket();
    vi.advanceTimersByTime(14_000);
    old.push(update(topic, 1));
    vi.advanceTimersByTime(14_000);
    expect(old.sent()).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(old.sent()).toEqual([{ type: "ping" }]);
    old.push({ type: "pong" });
    vi.advanceTimersByTime(15_000);
    expect(old.sent()).toEqual([{ type: "ping" }]);
    vi.advanceTimersByTime(5_000);
    expect(fake.streams.state).toBe("waiting");
    expect(old.closed).toBe(true);
    expect(heard).toEqual([1]);
  });

  it("is tried again at once when the browser is online again", () => {
    const events = new EventTarget();
    vi.stubGlobal("addEventListener", events.addEventListener.bind(events));
    vi.stubGlobal("removeEventListener", events.removeEventListener.bind(events));
    const { end } = running();
    events.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(1);
    socket().end();
    events.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(2);
    expect(fake.streams.state).toBe("connecting");
    vi.advanceTimersByTime(9_000);
    expect(FakeSocket.all).toHaveLength(2);
    end();
    vi.advanceTimersByTime(1_000);
    events.dispatchEvent(new Event("online"));
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is tried again at once when the page is visible again", () => {
    const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
    vi.stubGlobal("document", page);
    const { end } = running();
    socket().end();
    page.dispatchEvent(new Event("visibilitychange"));
    expect(FakeSocket.all).toHaveLength(1);
    page.visibilityState = "visible";
    page.dispatchEvent(new Event("visibilitychange"));
    expect(FakeSocket.all).toHaveLength(2);
    end();
    vi.advanceTimersByTime(1_000);
    page.dispatchEvent(new Event("visibilitychange"));
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("is tried again if no socket can be created", () => {
    vi.spyOn(console, "warn").mockReturnValue();
    let attempts = 0;
    class Unreliable extends FakeSocket {
      constructor(url: string) {
        attempts += 1;
        if (attempts < 3) throw new SyntaxError("invalid URL");
        super(url);
      }
    }
    vi.stubGlobal("WebSocket", Unreliable);
    const { heard, ...handlers } = recorder();
    fake.streams.subscribe("orders", ME, handlers);
    expect(fake.streams.state).toBe("waiting");
    vi.advanceTimersByTime(5_000);
    socket().open();
    socket().accept();
    expect(heard).toEqual(["subscribed"]);
  });

  it("sends each subscription once when it has opened", () => {
    fake.streams.onState((state) => {
      if (state === "open") fake.streams.subscribe("orders", YOU, recorder());
    });
    fake.streams.subscribe("orders", ME, recorder());
    socket().open();
    expect(socket().sent().map(({ payload }) => payload)).toEqual([ME, YOU]);
  });

  it("does not reconnect without subscriptions", () => {
    const { end } = running();
    end();
    socket().end();
    expect(fake.streams.state).toBe("idle");
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});

describe("a service that needs a token", () => {
  const TOKEN = { getItem: (key: string) => (key === "access-token" ? "secret" : null) };

  it("gets the token before anything else, each time the socket opens", () => {
    vi.stubGlobal("sessionStorage", TOKEN);
    running();
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    const [first, second] = socket().sent();
    expect(first).toEqual({ type: "authenticate", payload: { token: "secret" } });
    expect(second?.type).toBe("orders.subscribe");
  });

  it.each([401, 403])("that rejects it with %s makes the page ask for another one", (status) => {
    running();
    socket().push({ type: "error", payload: { status, title: "No", detail: `rejected with ${status}` } });
    expect(signInReason.value).toBe(`rejected with ${status}`);
    dismissSignIn();
    expect(signInReason.value).toBeUndefined();
  });
});
