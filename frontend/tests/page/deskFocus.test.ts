// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { OrderStatus } from "@/plugins/broker";
import { desk, field, press, push, rows, show, tabs } from "./deskView";
import { broker as api, unreachable } from "./doubles/apiAdapter";
import { limitOrder, position } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

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

it("the arrow keys change the table", async () => {
  await show();
  await tabs()[0]?.trigger("keydown", { key: "ArrowRight" });
  expect(tabs()[1]?.attributes("aria-selected")).toBe("true");
  expect(document.activeElement).toBe(tabs()[1]?.element);
  await tabs()[1]?.trigger("keydown", { key: "End" });
  expect(tabs()[2]?.attributes("aria-selected")).toBe("true");
});
