// @vitest-environment happy-dom
import { flushPromises, mount } from "@vue/test-utils";
import { describe, expect, it, vi } from "vitest";
import { Side } from "@/plugins/broker";
import ServiceStates from "@/components/ServiceStates.vue";
import { desk, mountDesk, press, push, rows, show } from "./deskView";
import { broker as api, unreachable } from "./doubles/apiAdapter";
import { broker as streams, datafeed } from "./doubles/wsAdapter";
import { account, limitOrder, position } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

/** Return the number that a text shows. */
function numberIn(text = ""): number {
  return Number(text.replace("−", "-").replaceAll(",", ""));
}

describe("the account", () => {
  const value = (name: string) => desk.findAll(".account dl div").find((one) => one.get("dt").text() === name)?.get("dd").text();

  it("follows the stream of the equity, and subscribes to its streams by its id", async () => {
    await show();
    await push("equity", { equity: 100_050, balance: 100_050, unrealizedPL: 0, realizedPL: 50 });
    expect([value("Equity"), value("Realized P/L"), value("Balance")]).toEqual(["100,050.00", "+50.00", "100,050.00"]);
    const requests = streams.subscriptions.map(({ stream, request }) => [stream, request]);
    expect(Object.fromEntries(requests)).toEqual(
      Object.fromEntries(["equity", "connection", "orders", "positions", "executions"].map((name) => [name, { accountId: "demo" }])),
    );
  });

  it("shows the sum of the positions, at the same prices, whatever the broker's own prices are", async () => {
    const other = { ...position, id: "P2", symbol: "IBM", qty: 3, avgPrice: 162.333, side: Side.SELL };
    api.getPositions.mockResolvedValue({ data: [position, other] });
    await show();
    const quote = (n: string, bid: number, ask: number) =>
      datafeed.subscriptions
        .filter(({ request }) => "fastSymbols" in request && String(request.fastSymbols) === n)
        .forEach(({ handlers }) => handlers.update({ s: "ok", n, v: { lp: bid, bid, ask } }));
    const changes = [
      () => quote("AAPL", 72.905, 73.1),
      () => quote("IBM", 160.11, 160.137),
      () => streams.push("equity", { equity: 1, balance: 99_990.004, unrealizedPL: 7, realizedPL: 0 }),
      () => quote("AAPL", 61.2, 61.3),
      // Profits of 0.004 each: they are rounded before they are added.
      () => [quote("AAPL", 70.0004, 70.1), quote("IBM", 162.3, 162.331_666_7)],
      () => streams.push("positions", { ...other, qty: 0.123_456_78 }),
      () => streams.push("positions", { ...other, qty: 0 }),
      () => streams.push("positions", { ...position, qty: 0 }),
    ];
    for (const change of changes) {
      change();
      await flushPromises();
      const profits = rows().map((row) => row[5] ?? "");
      if (profits.includes("–")) {
        expect([value("Unrealized P/L"), value("Equity")]).toEqual(["–", "–"]);
        continue;
      }
      const sum = profits.reduce((total, text) => total + numberIn(text), 0);
      expect(numberIn(value("Unrealized P/L"))).toBeCloseTo(sum, 6);
      expect(numberIn(value("Equity"))).toBeCloseTo(numberIn(value("Balance")) + sum, 6);
    }
    expect(value("Unrealized P/L")).toBe("0.00");
  });

  it("reads the margin again when a position has changed", async () => {
    await show();
    api.getAccount.mockResolvedValue({ data: { ...account, marginUsed: 140 } });
    await push("positions", position);
    datafeed.push("quotes", { s: "ok", n: "AAPL", v: { bid: 70 } });
    await flushPromises();
    expect(value("Margin used")).toBe("140.00");
    expect(value("Free margin")).toBe("99,860.00");
  });

  it("is read until the broker responds, and then everything else is read", async () => {
    api.getAccount.mockImplementation(() => Promise.reject(unreachable()));
    await mountDesk();
    expect(desk.text()).toContain("Waiting for the broker…");
    await vi.advanceTimersByTimeAsync(1_000);
    api.getAccount.mockResolvedValue({ data: account });
    await vi.advanceTimersByTimeAsync(2_000);
    streams.open();
    await flushPromises();
    expect(value("Equity")).toBe("100,000.00");
    expect(desk.text()).toContain("No open positions.");
  });
});

it("a broker that has not responded is called until it responds", async () => {
  const states = mount(ServiceStates);
  api.getOrders.mockResolvedValue({ data: [limitOrder] });
  api.cancelOrder.mockRejectedValue(unreachable());
  await show("Orders");
  await press("Cancel order O1");
  expect(states.text()).toContain("Broker down");
  api.getAccount.mockRejectedValueOnce(unreachable());
  await vi.advanceTimersByTimeAsync(1_000);
  expect(states.text()).toContain("Broker down");
  await vi.advanceTimersByTimeAsync(2_000);
  expect(states.text()).toContain("Broker up");
  states.unmount();
});
