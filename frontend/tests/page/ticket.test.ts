// @vitest-environment happy-dom
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OrderStatus, OrderType, Side } from "@/plugins/broker";
import OrderTicket from "@/components/OrderTicket.vue";
import { ApiError, broker as api, refused, unreachable } from "./doubles/apiAdapter";
import { info, limitOrder, pending, resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const quote = { lp: 73.2, bid: 73.19, ask: 73.21 };
let ticket: VueWrapper;

function field(label: string) {
  const found = ticket.findAll("label").find((one) => one.text() === label);
  return found && ticket.get<HTMLInputElement>(`[id="${found.attributes("for")}"]`);
}

function fill(label: string, value: string | number): Promise<void> {
  const found = field(label);
  if (!found) throw new Error(`no field: ${label}`);
  return found.setValue(String(value));
}

/** What is wrong at a field, as a screen reader finds it. */
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
const confirmation = () => ticket.get("[role=status]").text();

beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
  api.placeOrder.mockResolvedValue({ data: { orderId: "O1" } });
  api.getOrder.mockResolvedValue({ data: limitOrder });
  const props = { symbol: "AAPL", info, quote, ready: true };
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
  ])("fit type %i: limit %s, stop %s", async (type, limit, stop) => {
    await fill("Order type", type);
    expect([Boolean(field("Limit price")), Boolean(field("Stop price"))]).toEqual([limit, stop]);
    if (limit) expect(field("Limit price")?.element.value).toBe("73.20");
  });

  it("are sent as an order with the prices that the trader saw", async () => {
    await fill("Order type", OrderType.LIMIT);
    await fill("Limit price", "70");
    await fill("Quantity", "10");
    await fill("Take profit", "90");
    await fill("Protecting stop", "trailingStopPips");
    await fill("Trailing stop", "500");
    await ticket.get('input[aria-label="Sell"]').setValue();
    await submit();
    expect(placed()[0].preOrder).toEqual({
      symbol: "AAPL", side: Side.SELL, type: OrderType.LIMIT, qty: 10, limitPrice: 70, takeProfit: 90, trailingStopPips: 500,
      seenPrice: 73.2, currentQuotes: { bid: 73.19, ask: 73.21 },
    });
  });
});

describe("what is typed into a ticket", () => {
  const exits = () => ticket.get<HTMLDetailsElement>("details").element;

  it("can be deleted without its field going away", async () => {
    expect(exits().open).toBe(false);
    await fill("Take profit", "9");
    expect(exits().open).toBe(true);
    await fill("Take profit", "");
    expect(exits().open).toBe(true);
  });

  it("can be folded, and opens when something is wrong in there", async () => {
    await fill("Take profit", "9");
    exits().open = false;
    await ticket.get("details").trigger("toggle");
    await fill("Quantity", "2");
    expect(exits().open).toBe(false);
    api.placeOrder.mockRejectedValueOnce(refused({ takeProfit: "is odd" }));
    await submit();
    expect(exits().open).toBe(true);
    expect(document.activeElement).toBe(field("Take profit")?.element);
  });

  it("stays when the datafeed's name of the symbol comes, not when another symbol does", async () => {
    await ticket.setProps({ info: undefined, symbol: "aapl" });
    await fill("Take profit", "9");
    await ticket.setProps({ info });
    expect(field("Take profit")?.element.value).toBe("9");
    await ticket.setProps({ symbol: "GOOG" });
    expect(field("Take profit")?.element.value).toBe("");
  });

  it("cannot be changed while it is sent", async () => {
    const answer = pending();
    api.placeOrder.mockReturnValue(answer.promise);
    field("Quantity")?.element.focus();
    await submit();
    expect(field("Quantity")?.element.closest("fieldset")?.disabled).toBe(true);
    answer.answer({ data: { orderId: "O1" } });
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

  it("is confirmed even if the broker cannot tell what became of it", async () => {
    api.getOrder.mockRejectedValue(unreachable());
    await submit();
    expect(confirmation()).toBe("Order O1 placed.");
  });

  it("happens once, however often the ticket is submitted", async () => {
    const answer = pending();
    api.placeOrder.mockReturnValue(answer.promise);
    await submit();
    await submit();
    answer.answer({ data: { orderId: "O1" } });
    await flushPromises();
    await submit();
    expect(placed()).toHaveLength(1);
  });

  it("is tried again with the same key and body, for its outcome may be unknown", async () => {
    api.placeOrder.mockRejectedValueOnce(unreachable());
    await submit();
    expect(ticket.get("[role=alert]").text()).toBe("No answer.");
    await ticket.setProps({ quote: { lp: 80, bid: 79, ask: 81 } });
    await submit();
    expect(placed()).toHaveLength(2);
    expect(placed()[1]).toEqual(placed()[0]);
    expect(placed()[0].idempotencyKey).toMatch(/^[A-Za-z0-9._:-]{1,64}$/);
  });

  it("has a new key for a changed ticket, and for an equal new order", async () => {
    api.placeOrder.mockRejectedValueOnce(unreachable());
    await submit();
    await fill("Quantity", "2");
    await submit();
    await ticket.findAll("button").find((button) => button.text() === "New order")?.trigger("click");
    expect(confirmation()).toBe("");
    await submit();
    const keys = placed().map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys).size).toBe(3);
    expect(placed()[2].preOrder).toEqual(placed()[1].preOrder);
  });
});

describe("problems of a ticket", () => {
  it("that need no broker are told before anything is sent", async () => {
    await fill("Quantity", "many");
    await submit();
    expect(problemAt("Quantity")).toContain("Enter a number");
    expect(document.activeElement).toBe(field("Quantity")?.element);
    expect(placed()).toEqual([]);
  });

  it("are shown at the fields that the broker names, the first of which gets the focus", async () => {
    await fill("Order type", OrderType.LIMIT);
    await fill("Take profit", "1");
    const error = refused({ limitPrice: "Input should be less than 1000000000", takeProfit: "is odd" });
    api.placeOrder.mockRejectedValueOnce(error);
    await submit();
    expect(problemAt("Limit price")).toBe("Input should be less than 1000000000.");
    expect(problemAt("Take profit")).toBe("Is odd.");
    expect(document.activeElement).toBe(field("Limit price")?.element);
    expect(ticket.find("[role=alert]").exists()).toBe(false);
    await fill("Limit price", "70");
    expect(problemAt("Limit price")).toBeUndefined();
  });

  it("are shown above the button if they belong to no field", async () => {
    const detail = "the datafeed is unavailable";
    api.placeOrder.mockRejectedValueOnce(new ApiError({ status: 503, title: "Service Unavailable", detail }));
    await submit();
    expect(ticket.get("[role=alert]").text()).toBe("The datafeed is unavailable.");
  });
});

it("a problem of a field that the ticket does not show is told above the button", async () => {
  api.placeOrder.mockRejectedValueOnce(refused({ limitPrice: "is odd" }));
  await submit();
  expect(ticket.get("[role=alert]").text()).toBe("Limit price: is odd.");
});

describe("the preview", () => {
  const preview = {
    sections: [
      { header: "Order", rows: [{ title: "Type", value: "Stop limit" }, { title: "Side", value: "Buy" }] },
      { header: "Margin", rows: [{ title: "Margin needed", value: "14.64 USD" }] },
    ],
    warnings: ["executes at once"],
    errors: ["takeProfit has to be above 73.21", "the margin is too small"],
  };
  const text = () => ticket.get(".preview").text();

  it("shows what the broker says of the ticket, once the typing pauses", async () => {
    api.previewOrder.mockResolvedValue({ data: preview });
    await fill("Quantity", "5");
    await fill("Take profit", "1");
    await vi.advanceTimersByTimeAsync(300);
    expect(api.previewOrder).toHaveBeenCalledTimes(1);
    expect(api.previewOrder.mock.calls[0]?.[0].preOrder).toMatchObject({ qty: 5, takeProfit: 1 });
    expect(text()).toContain("Margin needed");
    expect(text()).toContain("14.64 USD");
    expect(ticket.findAll(".preview dd").slice(0, 2).map((value) => value.text())).toEqual(["Stop limit", "Buy"]);
    expect(text()).toContain("executes at once");
    expect(text()).toContain("The margin is too small.");
    expect(problemAt("Take profit")).toBe("Take profit has to be above 73.21.");
  });

  it("follows the price", async () => {
    await vi.advanceTimersByTimeAsync(300);
    await ticket.setProps({ quote: { lp: 74 } });
    await ticket.setProps({ quote: { lp: 75 } });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(api.previewOrder).toHaveBeenCalledTimes(2);
  });

  it("says why there is none, and comes back with the broker", async () => {
    api.previewOrder.mockRejectedValueOnce(unreachable());
    await vi.advanceTimersByTimeAsync(300);
    expect(text()).toContain("No preview: No answer.");
    api.previewOrder.mockResolvedValue({ data: preview });
    await ticket.setProps({ ready: false });
    await ticket.setProps({ ready: true });
    await vi.advanceTimersByTimeAsync(300);
    expect(text()).toContain("14.64 USD");
  });
});
