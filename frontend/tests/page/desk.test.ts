// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { defineComponent, h } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OrderStatus, OrderType, Side } from "@/plugins/broker";
import AccountBar from "@/components/AccountBar.vue";
import DeskTables from "@/components/DeskTables.vue";
import ServiceStates from "@/components/ServiceStates.vue";
import { useDesk } from "@/composables/useDesk";
import { ApiError, ClientNotLoaded, broker as api, invalid, unreachable } from "./doubles/apiAdapter";
import { broker as streams, datafeed } from "./doubles/wsAdapter";
import { account, limitOrder, pending, position, resetDoubles, stopLoss, takeProfit } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const Desk = defineComponent(() => {
  const desk = useDesk();
  return () => [h(AccountBar, { account: desk.account.money }), h(DeskTables, { desk, pip: "0.01" })];
});

let desk: VueWrapper;

/** Show the desk after the streams are subscribed. */
async function show(tab?: string): Promise<void> {
  desk = mount(Desk, { attachTo: document.body });
  await flushPromises();
  streams.open();
  await flushPromises();
  if (tab) await tabs().find((one) => one.text().startsWith(tab))?.trigger("click");
}

const tabs = () => desk.findAll("[role=tab]");
const rows = () => desk.findAll("tbody tr").map((row) => row.findAll("th, td").map((cell) => cell.text()));
const closings = () => api.closePosition.mock.calls.map(([request]) => request);
const event = () => desk.get('[aria-label="Latest event"]').text();

async function press(name: string, inside = ""): Promise<void> {
  const found = desk.findAll(`${inside} button`).find((one) => (one.attributes("aria-label") ?? one.text()).startsWith(name));
  if (!found) throw new Error(`no button ${name}`);
  if (found.attributes("type") === "submit") await desk.get(`${inside} form`).trigger("submit");
  else await found.trigger("click");
  await flushPromises();
}

function field(label: string) {
  const found = desk.findAll("dialog label").find((one) => one.text() === label);
  return desk.get<HTMLInputElement>(`[id="${found?.attributes("for")}"]`);
}

async function push(stream: string, payload: unknown): Promise<void> {
  streams.push(stream, payload);
  await flushPromises();
}

beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
});
afterEach(() => {
  desk.unmount();
  vi.useRealTimers();
});

describe("positions", () => {
  it("are valued at the live quote", async () => {
    api.getPositions.mockResolvedValue({ data: [position] });
    await show();
    expect(rows()[0]?.slice(0, 6)).toEqual(["AAPL", "Long", "10", "70.00", "–", "–"]);
    datafeed.push("quotes", { s: "ok", n: "AAPL", v: { lp: 73, bid: 72.9, ask: 73.1 } });
    await flushPromises();
    expect(rows()[0]?.slice(4, 6)).toEqual(["73.00", "+29.00"]);
  });

  it("follow the stream, and disappear when they are closed", async () => {
    await show();
    expect(desk.text()).toContain("No open positions.");
    await push("positions", position);
    await push("positions", { ...position, qty: 4 });
    expect(rows().map((row) => row[2])).toEqual(["4"]);
    expect(tabs()[0]?.text()).toBe("Positions (1)");
    await push("positions", { ...position, qty: 0 });
    expect(rows()).toEqual([]);
    expect(event()).toBe("Position in AAPL closed.");
  });

  it("can be closed completely or in part", async () => {
    api.getPositions.mockResolvedValue({ data: [position] });
    api.closePosition.mockResolvedValue({ data: { success: true } });
    await show();
    await press("Close AAPL");
    await field("Amount").setValue("4");
    await press("Close 4 AAPL", "dialog");
    expect(desk.find("dialog").exists()).toBe(false);
    await press("Close AAPL");
    await press("Close 10 AAPL", "dialog");
    const idempotencyKey = expect.any(String);
    expect(closings()).toEqual([{ positionId: "P1", amount: 4, idempotencyKey }, { positionId: "P1", idempotencyKey }]);
    expect(new Set(closings().map((request) => request.idempotencyKey)).size).toBe(2);
  });

  it("are closed with the same key until the broker has responded, so that they are closed only once", async () => {
    api.getPositions.mockResolvedValue({ data: [position] });
    api.closePosition.mockRejectedValue(unreachable());
    await show();
    await press("Close AAPL");
    await field("Amount").setValue("4");
    await press("Close 4 AAPL", "dialog");
    await press("Close 4 AAPL", "dialog");
    await field("Amount").setValue("5");
    await press("Close 5 AAPL", "dialog");
    expect(desk.get("dialog [role=alert]").text()).toContain("It is safe to send this again: it is closed only once.");
    const [first, again, other] = closings();
    expect(again).toEqual(first);
    expect(other).toMatchObject({ amount: 5 });
    expect(other.idempotencyKey).not.toBe(first.idempotencyKey);
  });

  it("with a very small quantity can be closed", async () => {
    api.getPositions.mockResolvedValue({ data: [{ ...position, qty: 1e-8 }] });
    api.closePosition.mockResolvedValue({ data: { success: true } });
    await show();
    await press("Close AAPL");
    expect(field("Amount").element.value).toBe("0.00000001");
    await press("Close 0.00000001 AAPL", "dialog");
    expect(closings()).toEqual([{ positionId: "P1", idempotencyKey: expect.any(String) }]);
  });

  it("cannot be closed with an invalid amount, which the dialog reports at the field", async () => {
    api.getPositions.mockResolvedValue({ data: [position] });
    const detail = "The position has 10 shares; 40 cannot be closed.";
    const errors = [{ parameter: "amount", code: "amount_exceeds_position", detail }];
    api.closePosition.mockRejectedValue(new ApiError({ status: 409, title: "Amount exceeds position", detail, errors }));
    await show();
    await press("Close AAPL");
    await field("Amount").setValue("40");
    await press("Close 40 AAPL", "dialog");
    expect(field("Amount").attributes("aria-invalid")).toBe("true");
    expect(desk.get("dialog .field p").text()).toBe(detail);
  });

  it("have exits that can be edited", async () => {
    const alike = { ...takeProfit, id: "O9", limitPrice: 95, parentId: null, parentType: null };
    api.getPositions.mockResolvedValue({ data: [position] });
    api.getOrders.mockResolvedValue({ data: [takeProfit, alike] });
    api.editPositionBrackets.mockRejectedValueOnce(invalid({ stopLoss: "It is odd." })).mockResolvedValue({ data: position });
    await show();
    await press("Edit exits of AAPL");
    expect(field("Take profit").element.value).toBe("90");
    await field("Protecting stop").setValue("stopLoss");
    await field("Stop loss").setValue("60");
    await press("Save exits", "dialog");
    expect(field("Stop loss").attributes("aria-invalid")).toBe("true");
    expect(desk.get("dialog").text()).toContain("It is odd.");
    await press("Save exits", "dialog");
    expect(api.editPositionBrackets).toHaveBeenLastCalledWith({ positionId: "P1", body: { takeProfit: 90, stopLoss: 60 } });
    expect(desk.find("dialog").exists()).toBe(false);
  });
});

describe("working orders", () => {
  it("are read in pages", async () => {
    const page = Array.from({ length: 500 }, (_, index) => ({ ...limitOrder, id: `O${index}` }));
    api.getOrders.mockImplementation(({ cursor }) => Promise.resolve({ data: cursor ? [limitOrder] : page }));
    await show("Orders");
    expect(desk.findAll("tbody tr")).toHaveLength(501);
    expect(api.getOrders.mock.lastCall?.[0]).toMatchObject({ cursor: "O499", status: expect.arrayContaining([OrderStatus.WORKING]) });
  });

  it("follow the stream, which reports how they end", async () => {
    await show("Orders");
    await push("orders", limitOrder);
    await push("orders", { ...limitOrder, limitPrice: 55 });
    expect(rows()[0]?.slice(0, 5)).toEqual(["AAPL", "Buy", "Limit", "10", "55.00"]);
    await push("orders", { ...limitOrder, status: OrderStatus.FILLED, avgPrice: 49.5 });
    expect(rows()).toEqual([]);
    expect(event()).toBe("Limit order to buy 10 AAPL filled at 49.50.");
  });

  it("include the updates that arrive while they are read", async () => {
    await show("Orders");
    const read = pending();
    api.getOrders.mockReturnValue(read.promise);
    streams.open();
    await push("orders", { ...limitOrder, status: OrderStatus.CANCELED });
    read.resolve({ data: [limitOrder, { ...limitOrder, id: "O2" }] });
    await flushPromises();
    expect(rows().map((row) => row[8])).toEqual(["O2"]);
  });

  it("can be cancelled, and report why not", async () => {
    api.getOrders.mockResolvedValue({ data: [limitOrder] });
    api.cancelOrder.mockRejectedValueOnce(new ApiError({ status: 409, title: "Conflict", detail: "The order is filled." }));
    await show("Orders");
    await press("Cancel order O1");
    expect(desk.get("[role=alert]").text()).toContain("Could not cancel order O1. The order is filled.");
    api.cancelOrder.mockResolvedValue({});
    await press("Cancel order O1");
    expect(rows()).toEqual([]);
    expect(desk.find("[role=alert]").exists()).toBe(false);
    expect(event()).toBe("Limit order to buy 10 AAPL cancelled.");
  });

  it("can be modified, with problems at their fields", async () => {
    api.getOrders.mockResolvedValue({ data: [limitOrder] });
    api.modifyOrder.mockRejectedValueOnce(invalid({ limitPrice: "It is odd." }));
    api.modifyOrder.mockResolvedValue({});
    await show("Orders");
    await press("Modify order O1");
    await field("Limit price").setValue("55");
    await press("Modify order", "dialog");
    expect(field("Limit price").attributes("aria-invalid")).toBe("true");
    api.getOrders.mockResolvedValue({ data: [{ ...limitOrder, limitPrice: 55 }] });
    await press("Modify order", "dialog");
    const body = { symbol: "AAPL", type: OrderType.LIMIT, side: Side.BUY, qty: 10, limitPrice: 55 };
    expect(api.modifyOrder).toHaveBeenLastCalledWith({ orderId: "O1", body });
    expect(rows()[0]?.[4]).toBe("55.00");
    expect(desk.find("dialog").exists()).toBe(false);
  });

  it("that protect a position are modified with their current quantity, and report the problems of hidden fields", async () => {
    api.getOrders.mockResolvedValue({ data: [stopLoss] });
    api.modifyOrder.mockRejectedValue(invalid({ qty: "It is odd.", stopPrice: "It is too high." }));
    await show("Orders");
    await press("Modify order O3");
    await push("orders", { ...stopLoss, qty: 4 });
    await press("Modify order", "dialog");
    expect(api.modifyOrder.mock.lastCall?.[0].body).toMatchObject({ qty: 4, stopPrice: 60 });
    expect(desk.get("dialog [role=alert]").text()).toBe("Quantity: It is odd.");
    expect(desk.get("dialog").text()).toContain("It is too high.");
  });

  it("that are the take profit of a position have only a price to modify", async () => {
    api.getOrders.mockResolvedValue({ data: [takeProfit] });
    api.modifyOrder.mockRejectedValue(invalid({ limitPrice: "It is too low." }));
    await show("Orders");
    await press("Modify order O2");
    expect(desk.findAll("dialog label").map((label) => label.text())).toEqual(["Limit price"]);
    await press("Modify order", "dialog");
    expect(field("Limit price").attributes("aria-invalid")).toBe("true");
    expect(desk.get("dialog").text()).toContain("It is too low.");
  });

  it("are exits only if they have a position as their parent", async () => {
    const alike = { parentId: null, parentType: null, stopLoss: 70 };
    api.getOrders.mockResolvedValue({ data: [takeProfit, stopLoss, { ...stopLoss, id: "O4", ...alike }] });
    await show("Orders");
    expect(rows().map((row) => row[2])).toEqual(["Limit (exit)", "Stop (exit)", "Stop"]);
    expect(rows().map((row) => row[7])).toEqual(["–", "–", "70.00"]);
    await press("Modify order O4");
    expect(desk.findAll("dialog label").map((label) => label.text())).toContain("Quantity");
  });

  it("keep what the stream has reported when a modification ends later", async () => {
    const modified = pending();
    api.getOrders.mockResolvedValue({ data: [limitOrder] });
    api.modifyOrder.mockReturnValue(modified.promise);
    await show("Orders");
    await press("Modify order O1");
    await press("Modify order", "dialog");
    await push("orders", { ...limitOrder, status: OrderStatus.FILLED, avgPrice: 55 });
    api.getOrders.mockResolvedValue({ data: [] });
    modified.resolve({ data: { ...limitOrder, limitPrice: 55 } });
    await flushPromises();
    expect(rows()).toEqual([]);
    expect(event()).toBe("Limit order to buy 10 AAPL filled at 55.00.");
  });

  it("report no failed cancellation any more once they have ended", async () => {
    api.getOrders.mockResolvedValue({ data: [limitOrder] });
    api.cancelOrder.mockRejectedValueOnce(unreachable());
    await show("Orders");
    await press("Cancel order O1");
    expect(desk.find("[role=alert]").exists()).toBe(true);
    await push("orders", { ...limitOrder, status: OrderStatus.CANCELED });
    expect(desk.find("[role=alert]").exists()).toBe(false);
  });
});

describe("the focus", () => {
  const two = [limitOrder, { ...limitOrder, id: "O2" }];
  const focused = () => document.activeElement?.getAttribute("aria-label");

  function button(name: string): HTMLElement {
    return desk.get<HTMLElement>(`button[aria-label^="${name}"]`).element;
  }

  it("moves from a cancelled order to the same button of the next one, and at last to the table", async () => {
    api.getOrders.mockResolvedValue({ data: two });
    api.cancelOrder.mockResolvedValue({});
    await show("Orders");
    button("Cancel order O1").focus();
    await press("Cancel order O1");
    expect(focused()).toBe("Cancel order O2 (Buy 10 AAPL)");
    await press("Cancel order O2");
    expect(focused()).toBe("Working orders");
  });

  it("moves to the previous order if the last one has ended", async () => {
    api.getOrders.mockResolvedValue({ data: two });
    await show("Orders");
    button("Modify order O2").focus();
    await push("orders", { ...limitOrder, id: "O2", status: OrderStatus.CANCELED });
    expect(focused()).toBe("Modify order O1 (Buy 10 AAPL)");
  });

  it("stays where it is if another order has ended", async () => {
    api.getOrders.mockResolvedValue({ data: [...two, { ...limitOrder, id: "O3" }] });
    await show("Orders");
    button("Cancel order O2").focus();
    await push("orders", { ...limitOrder, status: OrderStatus.CANCELED });
    expect(focused()).toBe("Cancel order O2 (Buy 10 AAPL)");
  });

  it("moves to the main part of the page if the note that had it has gone", async () => {
    document.body.insertAdjacentHTML("beforeend", '<main id="main" tabindex="-1"></main>');
    api.getOrders.mockRejectedValue(unreachable());
    await show("Orders");
    desk.get<HTMLElement>("[role=alert] button").element.focus();
    api.getOrders.mockResolvedValue({ data: [] });
    await press("Try again");
    expect(document.activeElement?.id).toBe("main");
    document.getElementById("main")?.remove();
  });

  it("moves from the dialog to the table if the position has gone", async () => {
    api.getPositions.mockResolvedValue({ data: [position] });
    api.closePosition.mockResolvedValue({ data: { success: true } });
    await show();
    await press("Close AAPL");
    field("Amount").element.focus();
    api.getPositions.mockResolvedValue({ data: [] });
    await press("Close 10 AAPL", "dialog");
    expect(rows()).toEqual([]);
    expect(focused()).toBe("Positions");
  });
});

it.each([
  ["Close AAPL", "Close 10 AAPL", "Positions", api.closePosition],
  ["Edit exits of AAPL", "Save exits", "Positions", api.editPositionBrackets],
  ["Modify order O1", "Modify order", "Orders", api.modifyOrder],
])("the fields of the dialog %s are disabled while it is sent", async (open, action, tab, operation) => {
  const disabled = () => new Set(desk.findAll("dialog :is(input, select)").map(({ element }) => element.closest("fieldset")?.disabled));
  api.getPositions.mockResolvedValue({ data: [position] });
  api.getOrders.mockResolvedValue({ data: [limitOrder] });
  const sent = pending();
  operation.mockReturnValue(sent.promise);
  await show(tab);
  await press(open);
  expect(disabled()).toEqual(new Set([false]));
  await press(action, "dialog");
  expect(disabled()).toEqual(new Set([true]));
  sent.reject(unreachable());
  await flushPromises();
  expect(disabled()).toEqual(new Set([false]));
});

it.each(["Positions", "Orders", "Executions"])("%s whose stream has failed have a problem until a retry subscribes again", async (tab) => {
  await show(tab);
  const stream = tab.toLowerCase();
  const followed = () => streams.subscriptions.filter((one) => one.stream === stream);
  const [before] = followed();
  before?.handlers.error?.(new ApiError({ status: 404, title: "Not Found", detail: "There is no account demo." }));
  await flushPromises();
  expect(desk.get("[role=alert]").text()).toContain("There is no account demo.");
  await press("Try again");
  expect(desk.get("[role=alert]").text()).toContain("There is no account demo.");
  expect(followed()).toHaveLength(1);
  expect(followed()[0]).not.toBe(before);
  followed()[0]?.handlers.subscribed?.();
  await flushPromises();
  expect(desk.find("[role=alert]").exists()).toBe(false);
});

it("a client that could not be loaded asks for a reload of the page, not for a retry", async () => {
  const reload = vi.spyOn(location, "reload").mockReturnValue();
  const states = mount(ServiceStates);
  api.getOrders.mockRejectedValue(new ClientNotLoaded(new Error("404")));
  await show("Orders");
  expect(desk.get("[role=alert]").text()).toContain("A part of the page could not be loaded");
  expect(states.text()).toContain("Broker up");
  await press("Reload the page");
  expect(reload).toHaveBeenCalledTimes(1);
  states.unmount();
  reload.mockRestore();
});

it("executions are read again after an update, newest first", async () => {
  const execution = { symbol: "AAPL", price: 70, qty: 10, side: Side.BUY, time: 0 };
  await show("Executions");
  expect(desk.text()).toContain("No executions yet.");
  api.getExecutions.mockResolvedValue({ data: [execution, { ...execution, price: 71 }] });
  streams.push("executions", execution);
  await vi.advanceTimersByTimeAsync(100);
  expect(rows().map((row) => row[3])).toEqual(["71.00", "70.00"]);
  expect(desk.findAll("thead th").at(-1)?.text()).toBe("Your time");
});

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
    desk = mount(Desk);
    await flushPromises();
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

it("the arrow keys change the table", async () => {
  await show();
  await tabs()[0]?.trigger("keydown", { key: "ArrowRight" });
  expect(tabs()[1]?.attributes("aria-selected")).toBe("true");
  expect(document.activeElement).toBe(tabs()[1]?.element);
  await tabs()[1]?.trigger("keydown", { key: "End" });
  expect(tabs()[2]?.attributes("aria-selected")).toBe("true");
});
