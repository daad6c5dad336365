// @vitest-environment happy-dom
import { flushPromises, mount } from "@vue/test-utils";
import { describe, expect, it, vi } from "vitest";
import { OrderStatus, OrderType, Side } from "@/plugins/broker";
import ServiceStates from "@/components/ServiceStates.vue";
import { desk, field, press, push, rows, show, tabs } from "./deskView";
import { ApiError, ClientNotLoaded, broker as api, invalid, unreachable } from "./doubles/apiAdapter";
import { broker as streams, datafeed } from "./doubles/wsAdapter";
import { limitOrder, pending, position, stopLoss, takeProfit } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const closings = () => api.closePosition.mock.calls.map(([request]) => request);
const event = () => desk.get('[aria-label="Latest event"]').text();

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

it("executions appear once when they are pushed, newest first", async () => {
  const execution = { id: "E1", orderId: "O1", symbol: "AAPL", price: 70, qty: 10, side: Side.BUY, time: 0 };
  await show("Executions");
  expect(desk.text()).toContain("No executions yet.");
  streams.push("executions", execution);
  streams.push("executions", { ...execution, id: "E2", price: 71 });
  // A read that overlaps with the stream contains the execution, too.
  streams.push("executions", execution);
  await vi.advanceTimersByTimeAsync(100);
  expect(rows().map((row) => row[3])).toEqual(["71.00", "70.00"]);
  expect(desk.findAll("thead th").at(-1)?.text()).toBe("Your time");
});
