// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OrderStatus, OrderType, Side, type PlacedOrder } from "@/plugins/broker";
import { reactive } from "vue";
import OrderTicket from "@/components/OrderTicket.vue";
import { ApiError, broker as api, invalid, unreachable } from "./doubles/apiAdapter";
import { info, limitOrder, pending, resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const quote = { lp: 73.2, bid: 73.19, ask: 73.21 };
const orders = reactive<{ rows: readonly PlacedOrder[]; latest: PlacedOrder | undefined }>({ rows: [], latest: undefined });
let ticket: VueWrapper;

function field(label: string) {
  const found = ticket.findAll("label").find((one) => one.text() === label);
  return found && ticket.get<HTMLInputElement>(`[id="${found.attributes("for")}"]`);
}

function fill(label: string, value: string | number): Promise<void> {
  const found = field(label);
  if (!found) throw new Error(`no field ${label}`);
  return found.setValue(String(value));
}

/** Return the problem of a field, as a screen reader finds it. */
function problemAt(label: string): string | undefined {
  const found = field(label);
  if (!found?.attributes("aria-invalid")) return undefined;
  return ticket.get(`[id="${found.attributes("aria-describedby")}"]`).text();
}

async function submit(): Promise<void> {
  await ticket.get("form").trigger("submit");
  await flushPromises();
}

const placed = () => api.placeOrder.mock.calls.map(([request]) => request);
const confirmation = () => ticket.get('[aria-label="Order confirmation"]').text();

beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
  api.placeOrder.mockResolvedValue({ data: { orderId: "O1" } });
  api.getOrder.mockResolvedValue({ data: limitOrder });
  Object.assign(orders, { rows: [], latest: undefined });
  const props = { symbol: "AAPL", info, unresolved: "", quote, orders, ready: true };
  ticket = mount(OrderTicket, { props, attachTo: document.body });
});
afterEach(() => {
  ticket.unmount();
  vi.useRealTimers();
});

describe("the fields of a ticket", () => {
  it.each([
    [OrderType.MARKET, false, false],
    [OrderType.LIMIT, true, false],
    [OrderType.STOP, false, true],
    [OrderType.STOP_LIMIT, true, true],
  ])("match type %i: limit price %s, stop price %s", async (type, limit, stop) => {
    await fill("Order type", type);
    expect([Boolean(field("Limit price")), Boolean(field("Stop price"))]).toEqual([limit, stop]);
    if (limit) expect(field("Limit price")?.element.value).toBe("73.20");
  });

  it("are sent with the prices that the trader sees", async () => {
    await fill("Order type", OrderType.LIMIT);
    await fill("Limit price", "70");
    await fill("Quantity", "10");
    await fill("Take profit", "90");
    await fill("Protecting stop", "trailingStopPips");
    await fill("Trailing stop", "500");
    await ticket.get('input[aria-label="Sell"]').setValue();
    await submit();
    expect(placed()[0].body).toEqual({
      symbol: "AAPL", side: Side.SELL, type: OrderType.LIMIT, qty: 10, limitPrice: 70, takeProfit: 90, trailingStopPips: 500,
      seenPrice: 73.2, currentQuotes: { bid: 73.19, ask: 73.21 },
    });
  });
});

describe("the values of a ticket", () => {
  const exits = () => ticket.get<HTMLDetailsElement>("details").element;

  it("can be deleted while their fields stay visible", async () => {
    expect(exits().open).toBe(false);
    await fill("Take profit", "9");
    expect(exits().open).toBe(true);
    await fill("Take profit", "");
    expect(exits().open).toBe(true);
  });

  it("can be folded away, and are unfolded if one is invalid", async () => {
    await fill("Take profit", "9");
    exits().open = false;
    await ticket.get("details").trigger("toggle");
    await fill("Quantity", "2");
    expect(exits().open).toBe(false);
    api.placeOrder.mockRejectedValueOnce(invalid({ takeProfit: "It is odd." }));
    await submit();
    expect(exits().open).toBe(true);
    expect(document.activeElement).toBe(field("Take profit")?.element);
  });

  it("are kept when the symbol is resolved, and cleared when another one is chosen", async () => {
    await ticket.setProps({ info: undefined, symbol: "aapl" });
    await fill("Take profit", "9");
    await ticket.setProps({ info });
    expect(field("Take profit")?.element.value).toBe("9");
    await ticket.setProps({ symbol: "GOOG" });
    expect(field("Take profit")?.element.value).toBe("");
  });

  it("cannot be changed while they are sent", async () => {
    const response = pending();
    api.placeOrder.mockReturnValue(response.promise);
    field("Quantity")?.element.focus();
    await submit();
    expect(field("Quantity")?.element.closest("fieldset")?.disabled).toBe(true);
    response.resolve({ data: { orderId: "O1" } });
    await flushPromises();
    expect(field("Quantity")?.element.closest("fieldset")?.disabled).toBe(false);
    expect(document.activeElement).toBe(field("Quantity")?.element);
  });
});

describe("placing an order", () => {
  it("is confirmed in a live region", async () => {
    await submit();
    expect(confirmation()).toBe("Order O1: Limit order to buy 10 AAPL, working.");
    api.getOrder.mockResolvedValue({ data: { ...limitOrder, status: OrderStatus.REJECTED } });
    await fill("Quantity", "1000000");
    await submit();
    expect(confirmation()).toContain("rejected");
    expect(ticket.get("button.submit").text()).toBe("Rejected");
  });

  it("is confirmed even if the broker does not respond to the question what became of it", async () => {
    api.getOrder.mockRejectedValue(unreachable());
    await submit();
    expect(confirmation()).toBe("Order O1 placed.");
  });

  it("happens once even if the ticket is submitted several times", async () => {
    const response = pending();
    api.placeOrder.mockReturnValue(response.promise);
    await submit();
    await submit();
    response.resolve({ data: { orderId: "O1" } });
    await flushPromises();
    await submit();
    expect(placed()).toHaveLength(1);
  });

  it("is retried with the same key and body after a request without a response, as the page explains", async () => {
    api.placeOrder.mockRejectedValueOnce(unreachable());
    await submit();
    const alert = ticket.get("[role=alert]").text();
    expect(alert).toMatch(/^The service cannot be reached\. The order may have been placed: check Orders/);
    expect(alert).toContain("It is safe to send it again: it is placed only once.");
    await ticket.setProps({ quote: { lp: 80, bid: 79, ask: 81 } });
    await submit();
    expect(placed()).toHaveLength(2);
    expect(placed()[1]).toEqual(placed()[0]);
    expect(placed()[0].idempotencyKey).toMatch(/^[A-Za-z0-9._:-]{1,64}$/);
  });

  it("has a new key for a changed ticket and for a new order", async () => {
    api.placeOrder.mockRejectedValueOnce(unreachable());
    await submit();
    await fill("Quantity", "2");
    await submit();
    await ticket.findAll("button").find((button) => button.text() === "New order")?.trigger("click");
    expect(confirmation()).toBe("");
    await submit();
    const keys = placed().map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys).size).toBe(3);
    expect(placed()[2].body).toEqual(placed()[1].body);
  });
});

describe("the problems of a ticket", () => {
  it("are reported before anything is sent if a value is not a number", async () => {
    await fill("Quantity", "many");
    await submit();
    expect(problemAt("Quantity")).toContain("Enter a number");
    expect(document.activeElement).toBe(field("Quantity")?.element);
    expect(placed()).toEqual([]);
  });

  it("are shown at their fields, the first of which gets the focus", async () => {
    await fill("Order type", OrderType.LIMIT);
    await fill("Take profit", "1");
    const error = invalid({ limitPrice: "It is too high.", takeProfit: "It is odd." });
    api.placeOrder.mockRejectedValueOnce(error);
    await submit();
    expect(problemAt("Limit price")).toBe("It is too high.");
    expect(problemAt("Take profit")).toBe("It is odd.");
    expect(document.activeElement).toBe(field("Limit price")?.element);
    expect(ticket.find("[role=alert]").exists()).toBe(false);
    await fill("Limit price", "70");
    expect(problemAt("Limit price")).toBeUndefined();
  });

  it("are shown above the button if they concern no field", async () => {
    const detail = "The datafeed is unavailable.";
    api.placeOrder.mockRejectedValueOnce(new ApiError({ status: 503, title: "Service Unavailable", detail }));
    await submit();
    expect(ticket.get("[role=alert]").text()).toBe(detail);
  });

  it("are shown above the button if their field is hidden", async () => {
    api.placeOrder.mockRejectedValueOnce(invalid({ limitPrice: "It is odd." }));
    await submit();
    expect(ticket.get("[role=alert]").text()).toBe("Limit price: It is odd.");
  });
});

describe("an order without a response", () => {
  const placedOrder = { ...limitOrder, id: "O7", type: OrderType.MARKET, qty: 1, limitPrice: null, seenPrice: quote.lp };
  const filled = { ...placedOrder, status: OrderStatus.FILLED, avgPrice: 73.21 };

  async function submitWithoutResponse(): Promise<void> {
    api.placeOrder.mockRejectedValueOnce(unreachable());
    await submit();
  }

  it("is confirmed as soon as the stream reports it", async () => {
    await submitWithoutResponse();
    expect(ticket.find("[role=alert]").exists()).toBe(true);
    orders.latest = filled;
    await flushPromises();
    expect(ticket.find("[role=alert]").exists()).toBe(false);
    expect(confirmation()).toBe("Order O7: Market order to buy 1 AAPL, filled at 73.21.");
    await submit();
    expect(placed()).toHaveLength(1);
  });

  it("is confirmed if the stream has reported it before the request failed", async () => {
    const response = pending();
    api.placeOrder.mockReturnValueOnce(response.promise);
    await submit();
    orders.latest = filled;
    orders.latest = { ...limitOrder, id: "O8" };
    response.reject(unreachable());
    await flushPromises();
    expect(ticket.find("[role=alert]").exists()).toBe(false);
    expect(confirmation()).toContain("Order O7");
  });

  it("is confirmed if it is among the orders that are read after an outage", async () => {
    await submitWithoutResponse();
    orders.rows = [limitOrder, placedOrder];
    await flushPromises();
    expect(confirmation()).toBe("Order O7: Market order to buy 1 AAPL, working.");
  });

  it("is not confirmed by an equal order that was placed before", async () => {
    orders.rows = [placedOrder];
    orders.latest = { ...filled, id: "O6" };
    await submitWithoutResponse();
    orders.rows = [{ ...placedOrder, updateTime: 2 }];
    await flushPromises();
    expect(ticket.find("[role=alert]").exists()).toBe(true);
    expect(confirmation()).toBe("");
  });
});

describe("a symbol that is not resolved", () => {
  const note = () => ticket.get("form > p[role=status]").text();

  it("cannot be ordered or previewed, and the ticket says why", async () => {
    const unresolved = "There is no symbol NOPE. Search for another one.";
    await ticket.setProps({ symbol: "NOPE", info: undefined, unresolved });
    await submit();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([api.placeOrder.mock.calls, api.previewOrder.mock.calls]).toEqual([[], []]);
    expect(note()).toBe(unresolved);
    expect(ticket.get("button.submit").attributes("aria-disabled")).toBe("true");
    expect(field("Quantity")?.element.closest("fieldset")?.disabled).toBe(true);
  });

  it("can be ordered and previewed once it is resolved", async () => {
    await ticket.setProps({ info: undefined });
    await ticket.setProps({ info });
    await vi.advanceTimersByTimeAsync(300);
    expect(api.previewOrder).toHaveBeenCalledTimes(1);
    await submit();
    expect(placed()).toHaveLength(1);
  });
});

it("the focus moves to the first field for a new order", async () => {
  await submit();
  await ticket.findAll("button").find((button) => button.text() === "New order")?.trigger("click");
  expect(document.activeElement).toBe(field("Quantity")?.element);
});

describe("the preview", () => {
  const preview = {
    sections: [
      { header: "Order", rows: [{ title: "Type", value: "Stop limit" }, { title: "Side", value: "Buy" }] },
      { header: "Margin", rows: [{ title: "Margin needed", value: "14.64 USD" }] },
    ],
    warnings: ["executes at once"],
    errors: [],
    problems: [
      { pointer: "#/takeProfit", code: "take_profit_below_price", detail: "The take profit must be above 73.21." },
      { pointer: "#", code: "not_enough_margin", detail: "The margin is too small." },
    ],
  };
  const text = () => ticket.get(".preview").text();

  it("is read after a pause in the typing", async () => {
    api.previewOrder.mockResolvedValue({ data: preview });
    await fill("Quantity", "5");
    await fill("Take profit", "1");
    await vi.advanceTimersByTimeAsync(300);
    expect(api.previewOrder).toHaveBeenCalledTimes(1);
    expect(api.previewOrder.mock.calls[0]?.[0].body).toMatchObject({ qty: 5, takeProfit: 1 });
    expect(text()).toContain("Margin needed");
    expect(text()).toContain("14.64 USD");
    expect(ticket.findAll(".preview dd").slice(0, 2).map((value) => value.text())).toEqual(["Stop limit", "Buy"]);
    expect(text()).toContain("executes at once");
    expect(text()).toContain("The margin is too small.");
    expect(problemAt("Take profit")).toBe("The take profit must be above 73.21.");
  });

  it("is read again after a while if the price has moved", async () => {
    await vi.advanceTimersByTimeAsync(300);
    await ticket.setProps({ quote: { lp: 74 } });
    await ticket.setProps({ quote: { lp: 75 } });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(api.previewOrder).toHaveBeenCalledTimes(2);
  });

  it("says why there is none, and is read again when the broker can trade again", async () => {
    api.previewOrder.mockRejectedValueOnce(unreachable());
    await vi.advanceTimersByTimeAsync(300);
    expect(text()).toContain("No preview: The service cannot be reached.");
    api.previewOrder.mockResolvedValue({ data: preview });
    await ticket.setProps({ ready: false });
    await ticket.setProps({ ready: true });
    await vi.advanceTimersByTimeAsync(300);
    expect(text()).toContain("14.64 USD");
  });
});
