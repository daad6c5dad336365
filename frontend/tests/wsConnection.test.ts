import { describe, expect, it, vi } from "vitest";
import { StreamSocket, type BrokerStreams, type ConnectionState } from "@/plugins/wsAdapter";
import { FakeSocket } from "./support/fakeSocket";
import { ME, YOU, createSocket, eachWithFakes, fake, log, running, socket, update } from "./support/fakeStreams";

eachWithFakes();

describe("the connection", () => {
  function states(): ConnectionState[] {
    const heard: ConnectionState[] = [];
    fake.streams.onState((state) => heard.push(state));
    return heard;
  }

  it("tells its state, at once and when it changes", () => {
    const heard = states();
    const { end } = running();
    socket().end();
    vi.advanceTimersByTime(10_000);
    socket().open();
    end();
    vi.advanceTimersByTime(1_000);
    expect(heard).toEqual(["idle", "connecting", "open", "waiting", "connecting", "open", "idle"]);
  });

  it("tells nothing to who has stopped listening", () => {
    const heard: string[] = [];
    fake.streams.onState((state) => heard.push(state))();
    running();
    expect(heard).toEqual(["idle"]);
  });

  it("comes back and subscribes everything anew", () => {
    const mine = running();
    const yours = log();
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

  it("waits longer and longer, at random, up to ten seconds", () => {
    fake.streams.subscribe("orders", ME, log());
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

  it("waits briefly again after a connection that was stable, not after one that was not", () => {
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

  it("gives up an attempt that takes too long", () => {
    fake.streams.subscribe("orders", ME, log());
    const first = socket();
    vi.advanceTimersByTime(10_000);
    expect(first.closed).toBe(true);
    expect(fake.streams.state).toBe("waiting");
    first.open();
    expect(fake.streams.state).toBe("waiting");
  });

  it("asks for a sign of life after a silence, and is dead without one", () => {
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

  it("is tried at once when the browser is online again", () => {
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

  it("is tried at once when the page is seen again", () => {
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

  it("is tried again when no socket can be made, and the subscriber is not troubled", () => {
    vi.spyOn(console, "warn").mockReturnValue();
    let attempts = 0;
    const streams = new StreamSocket<BrokerStreams>(() => "no URL", {
      createSocket: (url) => {
        attempts += 1;
        if (attempts < 3) throw new SyntaxError("malformed");
        return createSocket(url);
      },
    });
    const { heard, ...handlers } = log();
    streams.subscribe("orders", ME, handlers);
    expect(streams.state).toBe("waiting");
    vi.advanceTimersByTime(5_000);
    socket().open();
    socket().accept();
    expect(heard).toEqual(["subscribed"]);
    streams.close();
  });

  it("asks once for what is subscribed when it has opened", () => {
    fake.streams.onState((state) => {
      if (state === "open") fake.streams.subscribe("orders", YOU, log());
    });
    fake.streams.subscribe("orders", ME, log());
    socket().open();
    expect(socket().sent().map(({ payload }) => payload)).toEqual([ME, YOU]);
  });

  it("does not come back if nothing is subscribed any more", () => {
    const { end } = running();
    end();
    socket().end();
    expect(fake.streams.state).toBe("idle");
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
