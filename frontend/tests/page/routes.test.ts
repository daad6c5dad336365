// @vitest-environment happy-dom
import { enableAutoUnmount, flushPromises, mount } from "@vue/test-utils";
import { createMemoryHistory } from "vue-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import App from "@/App.vue";
import { createPageRouter } from "@/router";
import { ApiError, broker, datafeed as api, unreachable } from "./doubles/apiAdapter";
import { broker as brokerStreams, datafeed } from "./doubles/wsAdapter";
import { bar, info, limitOrder, resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));
// It draws on a canvas, which happy-dom does not have.
vi.mock("@/components/PriceChart.vue", () => ({
  default: { name: "PriceChart", props: ["bars"], template: "<p class='drawn'>{{ bars.length }} bars</p>" },
}));

async function visit(path: string) {
  const router = createPageRouter(createMemoryHistory());
  await router.push(path);
  const page = mount(App, { global: { plugins: [router] } });
  await flushPromises();
  // The streams are not subscribed here, so the bars are read after a while.
  await vi.advanceTimersByTimeAsync(500);
  return { page, router };
}

const alerts = (page: Awaited<ReturnType<typeof visit>>["page"]) => page.findAll("[role=alert]").map((one) => one.text()).join(" ");

enableAutoUnmount(afterEach);
afterEach(() => vi.useRealTimers());
beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
  api.getBars.mockResolvedValue({ data: { bars: [bar(1000), bar(2000)], noData: false } });
  api.resolveSymbol.mockResolvedValue({ data: info });
  api.searchSymbols.mockResolvedValue({ data: [] });
});

describe("the address", () => {
  it("without a path shows the chart of AAPL", async () => {
    const { router, page } = await visit("/");
    expect(router.currentRoute.value.fullPath).toBe("/chart/AAPL");
    expect(page.text()).toContain("Apple Inc.");
    expect(document.title).toBe("AAPL · Chart");
  });

  it.each(["A/B", "NASDAQ:AAPL", "C#D", "E?F", "100%", "%2F", "Ünï", "A B", ".."])("contains the symbol %s", async (symbol) => {
    const { router } = await visit("/chart/AAPL?resolution=60");
    await router.push({ name: "trade", params: { symbol } });
    const { fullPath } = router.currentRoute.value;
    const again = await visit(fullPath);
    expect(again.router.currentRoute.value).toMatchObject({ name: "trade", params: { symbol } });
    expect(api.resolveSymbol).toHaveBeenLastCalledWith({ symbol }, expect.anything());
  });

  it("contains the period of the bars", async () => {
    await visit("/chart/IBM?resolution=60");
    expect(api.getBars.mock.lastCall?.[0]).toMatchObject({ symbol: "IBM", resolution: "60" });
  });
});

describe("with the datafeed down", () => {
  it("the page says so and still lists orders", async () => {
    for (const call of Object.values(api)) call.mockRejectedValue(unreachable());
    broker.getOrders.mockResolvedValue({ data: [limitOrder] });
    const { page } = await visit("/trade/AAPL");
    datafeed.become("waiting");
    brokerStreams.open();
    await flushPromises();
    expect(page.get('[aria-label="Services"]').text()).toMatch(/Datafeed down\s*Broker up/);
    expect(alerts(page)).toContain("The datafeed is down. The chart continues when it is up again.");
    expect(page.findAll("[role=tab]")[1]?.text()).toBe("Orders (1)");
  });
});

describe("with the broker down", () => {
  it("the page says so and the chart continues", async () => {
    for (const call of Object.values(broker)) call.mockRejectedValue(unreachable());
    const { page } = await visit("/trade/AAPL");
    datafeed.open();
    await flushPromises();
    datafeed.push("bars", bar(3000));
    await flushPromises();
    expect(page.get('[aria-label="Services"]').text()).toMatch(/Datafeed up\s*Broker down/);
    expect(alerts(page)).toContain("The broker is down");
    expect(page.get(".drawn").text()).toBe("3 bars");
  });
});

it("the page says why the broker cannot trade", async () => {
  const { page } = await visit("/trade/AAPL");
  brokerStreams.open();
  brokerStreams.push("connection", { status: 3, message: "The datafeed is unavailable.", time: 0 });
  await flushPromises();
  expect(alerts(page)).toContain("The broker cannot trade now, so working orders wait. The datafeed is unavailable.");
  brokerStreams.push("connection", { status: 1, time: 0 });
  await flushPromises();
  expect(alerts(page)).toBe("");
});

it("the chart alone does not use the broker", async () => {
  const { page } = await visit("/chart/AAPL");
  datafeed.open();
  await flushPromises();
  expect(Object.values(broker).flatMap((call) => call.mock.calls)).toEqual([]);
  expect(brokerStreams.subscriptions).toEqual([]);
  expect(page.get('[aria-label="Services"]').text()).toBe("Datafeed up");
});

it.each(["chart", "trade"])("the route %s says that the market is a replay", async (route) => {
  api.getServerTime.mockResolvedValue({ data: Date.UTC(2012, 5, 1, 14, 47) / 1000 });
  const { page } = await visit(`/${route}/AAPL`);
  expect(page.get(".replay").text()).toContain("Replay Market time Fri, 01 Jun 2012");
});

describe("a symbol that cannot be resolved", () => {
  it.each([
    [
      "does not exist",
      new ApiError({ status: 404, title: "Unknown symbol", type: "urn:problem-type:unknown-symbol" }),
      "There is no symbol NOPE. Search for another one.",
    ],
    ["cannot be looked up", unreachable(), "NOPE cannot be looked up, so it cannot be traded. The service cannot be reached."],
  ])("cannot be ordered: it %s", async (_, error, message) => {
    api.resolveSymbol.mockRejectedValue(error);
    const { page } = await visit("/trade/NOPE");
    expect(page.get(".ticket").text()).toContain(message);
    await page.get(".ticket form").trigger("submit");
    expect(broker.placeOrder).not.toHaveBeenCalled();
  });
});

it("a route that cannot be loaded asks for a reload of the page", async () => {
  const { page, router } = await visit("/chart/AAPL");
  router.addRoute({ path: "/gone", component: () => Promise.reject(new Error("404")) });
  await router.push("/gone").catch(() => undefined);
  await flushPromises();
  expect(page.get("[role=alert]").text()).toContain("could not be loaded");
  expect(page.get("[role=alert] button").text()).toBe("Reload the page");
  await router.push("/chart/IBM");
  expect(alerts(page)).toBe("");
});
