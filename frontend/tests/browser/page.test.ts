/** The built page with real services, one of which is killed and started again. */
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { readBudget } from "../../dev/budget";
import { Bundle, type Route } from "../../dev/bundle";
import { OrderType, Side } from "../../src/clients/ws-types-broker";
import { FRONTEND } from "../support/workspace";
import { candlePixels, legend } from "./chart";
import { startBrowser } from "./chromium";
import { Stack } from "./stack";

const ROUTES = readBudget(join(FRONTEND, "bundle-budget.json"));
const PATIENCE = { timeout: 20_000, interval: 100 };
const errors: string[] = [];
let stack: Stack | undefined;
let browser: Browser | undefined;
let page: Page;

beforeAll(async () => {
  // Four market minutes in a second, and the same prices in every run.
  browser = await startBrowser();
  stack = await Stack.start("run-multi", {
    DATAFEED_SPEED: "240",
    DATAFEED_SEED: "1",
    DATAFEED_REPLAY_EPOCH: new Date().toISOString(),
  });
  // axe is injected as an inline script, which the page's policy does not allow.
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce", bypassCSP: true });
  page.setDefaultTimeout(PATIENCE.timeout);
  page.on("pageerror", (error) => errors.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  expect((await stack?.interrupt()) ?? []).toEqual([]);
});

// Keep a picture of the page when a test has failed.
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") await page.screenshot({ path: join(FRONTEND, ".cache/browser-failure.png") });
});

function service(state: string): Promise<void> {
  return page.getByRole("status", { name: "Services" }).getByText(state).waitFor();
}

async function candlesAreDrawn(from = 0, to = 1): Promise<void> {
  await expect.poll(() => candlePixels(page, from, to), PATIENCE).toSatisfy(
    ({ rising, falling }: { rising: number; falling: number }) => rising > 200 && falling > 200,
  );
}

async function pricesMove(): Promise<void> {
  const before = await legend(page);
  await expect.poll(() => legend(page), PATIENCE).not.toBe(before);
}

/** Return the scripts and style sheets that the page has loaded since it was opened. */
function loadedFiles(): Promise<string[]> {
  return page.evaluate(() =>
    performance
      .getEntriesByType("resource")
      .map(({ name }) => new URL(name).pathname.slice(1))
      .filter((path) => path.startsWith("assets/"))
      .sort(),
  );
}

function declaredFiles(name: string): string[] {
  return new Bundle(join(FRONTEND, "dist")).filesOf(ROUTES[name] as Route);
}

async function seriousViolations(): Promise<string[]> {
  await page.addScriptTag({ path: join(FRONTEND, "node_modules/axe-core/axe.min.js") });
  return page.evaluate(async () => {
    const { violations } = await (window as unknown as { axe: typeof import("axe-core") }).axe.run();
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .map(({ help, nodes }) => `${help}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}

it("shows a chart that moves, without a click", async () => {
  await page.goto(stack?.address ?? "");
  await candlesAreDrawn();
  await pricesMove();
  await service("Datafeed up");
  await expect.poll(() => page.title()).toContain("AAPL");
});

it("loads for the chart the files in the bundle's budget, none of which belongs to the broker", async () => {
  expect(await loadedFiles()).toEqual(declaredFiles("chart"));
});

it("loads older bars while the chart is scrolled back", async () => {
  const chart = page.getByRole("group", { name: /^AAPL, bars/ });
  const older = page.waitForResponse((response) => response.url().includes("/api/v1/bars?") && response.ok());
  await chart.focus();
  for (let bars = 0; bars < 800; bars += 10) await chart.press("ArrowLeft");
  await older;
  // The chart shows bars on the left that the first response, with 500 bars, did not contain.
  await candlesAreDrawn(0, 0.4);
  await chart.press("End");
});

it("finds a symbol by a part of its name", async () => {
  const search = page.getByRole("combobox", { name: "Search for a symbol" });
  await search.fill("machines");
  await page.getByRole("option", { name: /IBM/ }).waitFor();
  await search.press("Enter");
  await page.getByRole("region", { name: "Chart of IBM" }).waitFor();
  await page.getByRole("heading", { name: "IBM" }).waitFor();
  await candlesAreDrawn();
  await pricesMove();
});

it("has no serious violation of accessibility on the chart", async () => {
  expect(await seriousViolations()).toEqual([]);
});

it("places an order, whose position and execution appear", async () => {
  await page.getByRole("link", { name: "Trade" }).click();
  await page.getByLabel("Quantity").fill("10");
  await page.getByRole("button", { name: "Buy 10 IBM" }).click();
  await page.getByRole("status", { name: "Order confirmation" }).getByText(/filled at \d/).waitFor();
  const position = page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /IBM/ });
  expect(await position.textContent()).toMatch(/IBM\s*Long.*10/);
  await page.getByRole("tab", { name: "Executions" }).click();
  await page.getByRole("table", { name: "Executions" }).getByRole("row", { name: /IBM.*Buy.*10/ }).waitFor();
});

it("edits the exits of a position, and does not mistake another order for one", async () => {
  const similar = await page.request.post(`${stack?.address}/api/v1/orders`, {
    data: { symbol: "IBM", type: OrderType.LIMIT, side: Side.SELL, qty: 10, limitPrice: 20_000 },
  });
  await page.getByRole("tab", { name: "Positions" }).click();
  await page.getByRole("button", { name: "Edit exits of IBM" }).click();
  expect(await page.getByRole("dialog").getByLabel("Take profit").inputValue()).toBe("");
  await saveExits({ "Take profit": "10000", "Stop loss": "1" });

  await page.getByRole("tab", { name: "Orders (3)" }).click();
  const orders = page.getByRole("table", { name: "Working orders" });
  for (const kind of ["Limit \\(exit\\).*10,000", "Stop \\(exit\\).*1\\.00", "Limit\\s*10\\s*20,000"]) {
    await orders.getByRole("row", { name: new RegExp(`IBM\\s*Sell\\s*${kind}`) }).waitFor();
  }
  await page.getByRole("tab", { name: "Positions" }).click();
  await page.getByRole("button", { name: "Edit exits of IBM" }).click();
  expect(await page.getByRole("dialog").getByLabel("Take profit").inputValue()).toBe("10000");
  await saveExits({ "Take profit": "", "Stop loss": "" });
  const { orderId } = await similar.json();
  await page.request.delete(`${stack?.address}/api/v1/orders/${orderId}`);
  await page.getByRole("tab", { name: "Orders (0)" }).waitFor();
});

it("disables a dialog while it is sent, and restores the focus", async () => {
  let fail: () => Promise<void> = () => Promise.resolve();
  const sent = new Promise<void>((resolve) => {
    void page.route("**/brackets", (route) => {
      fail = () => route.abort();
      resolve();
    });
  });
  await page.getByRole("button", { name: "Edit exits of IBM" }).click();
  const field = page.getByRole("dialog").getByLabel("Take profit");
  await field.press("Enter");
  await sent;
  expect(await field.isDisabled()).toBe(true);
  await fail();
  await page.getByRole("dialog").getByRole("alert").waitFor();
  await expect.poll(() => field.evaluate((input) => input === document.activeElement), PATIENCE).toBe(true);
  await page.unroute("**/brackets");
  await page.getByRole("button", { name: "Back" }).click();
  await service("Broker up");
});

it("keeps a limit order working", async () => {
  await page.getByRole("button", { name: "New order" }).click();
  await page.getByLabel("Order type").selectOption("Limit");
  await page.getByLabel("Limit price").fill("10");
  await page.getByLabel("Quantity").fill("3");
  await page.getByRole("button", { name: "Buy 3 IBM" }).click();
  await page.getByRole("tab", { name: "Orders (1)" }).click();
  await page.getByRole("table", { name: "Working orders" }).getByRole("row", { name: /IBM.*Limit.*3/ }).waitFor();
});

it("has no serious violation of accessibility while trading, in light and dark colours", async () => {
  await page.getByRole("button", { name: "New order" }).click();
  // The preview is marked as stale until the broker has responded.
  await page.locator('section.preview[aria-busy="false"]').waitFor();
  expect(await seriousViolations()).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await seriousViolations()).toEqual([]);
  await candlesAreDrawn();
  await page.emulateMedia({ colorScheme: "light" });
});

it.each([1280, 375])("keeps the controls of the ticket within its panel, at a width of %i px", async (width) => {
  await page.setViewportSize({ width, height: 900 });
  const exits = page.locator(".ticket details");
  if (!(await exits.evaluate((details: HTMLDetailsElement) => details.open))) await exits.locator("summary").click();
  for (const type of ["Market", "Stop limit"]) {
    await page.getByLabel("Order type").selectOption(type);
    for (const stop of ["None", "Stop loss", "Trailing stop", "Guaranteed stop"]) {
      await page.getByLabel("Protecting stop").selectOption(stop);
      expect(await controlsOutside(".ticket"), `${type}, ${stop}`).toEqual([]);
    }
  }
  await page.getByLabel("Protecting stop").selectOption("None");
  await page.getByLabel("Order type").selectOption("Market");
});

it("shows every value and button of the tables on a phone", async () => {
  for (const tab of ["Positions", "Orders", "Executions"]) {
    await page.getByRole("tab", { name: tab }).click();
    await page.locator("tbody tr").first().waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    expect(await controlsOutside(".desk")).toEqual([]);
    expect(await coveredCells()).toEqual([]);
  }
  expect(await seriousViolations()).toEqual([]);
  await page.setViewportSize({ width: 1280, height: 900 });
});

it("says once that the market is a replay, and how fast and when", async () => {
  await page.getByText(/^Replay at \d+× Market time \w{3}, \d\d \w{3} 20(0\d|1[0-3]), \d\d:\d\d$/).waitFor();
  expect(await page.getByText(/replay/i).count()).toBe(1);
});

it("values the account and the positions at the same prices", async () => {
  await page.request.post(`${stack?.address}/api/v1/orders`, { data: { symbol: "AAPL", type: OrderType.MARKET, side: Side.SELL, qty: 7 } });
  await page.getByRole("tab", { name: "Positions (2)" }).click();
  const samples = await page.evaluate(async () => {
    const number = (text: string | null = "") => Number((text ?? "").replace("−", "-").replaceAll(",", ""));
    const fact = (name: string) => {
      const terms = [...document.querySelectorAll(".account dt")];
      return number(terms.find(({ textContent }) => textContent === name)?.nextElementSibling?.textContent);
    };
    const found = new Map<number, { sum: number; unrealized: number; equity: number; balance: number }>();
    while (found.size < 20) {
      await new Promise(requestAnimationFrame);
      const cells = [...document.querySelectorAll('[data-name="Unrealized P/L"]')];
      const sum = cells.reduce((total, { textContent }) => total + number(textContent), 0);
      found.set(sum, { sum, unrealized: fact("Unrealized P/L"), equity: fact("Equity"), balance: fact("Balance") });
    }
    return [...found.values()];
  });
  for (const { sum, unrealized, equity, balance } of samples) {
    expect(unrealized).toBeCloseTo(sum, 6);
    expect(equity).toBeCloseTo(balance + sum, 6);
  }
});

it("confirms an order whose response was lost as soon as the stream reports it", async () => {
  await page.route("**/api/v1/orders", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await page.getByLabel("Quantity").fill("2");
  await page.getByRole("button", { name: "Buy 2 IBM" }).click();
  await page.getByRole("status", { name: "Order confirmation" }).getByText(/Market order to buy 2 IBM, filled at \d/).waitFor();
  expect(await page.locator(".ticket").getByRole("alert").count()).toBe(0);
  await page.unroute("**/api/v1/orders");
  await service("Broker up");
  await page.getByRole("button", { name: "New order" }).click();
});

it("reports an invalid quantity at its field, in the page's words", async () => {
  await page.getByLabel("Quantity").fill("0");
  await page.locator(".ticket").getByText("Enter a number greater than 0.").waitFor();
  await page.getByLabel("Quantity").fill("1");
});

it("moves the focus to the table when the position that was closed has gone", async () => {
  await page.getByRole("button", { name: "Close AAPL" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close 7 AAPL" }).click();
  await page.getByRole("tab", { name: "Positions (1)" }).waitFor();
  await expect.poll(focusedLabel, PATIENCE).toMatch(/^(Close IBM|Positions)$/);
});

it("does not take orders for an unknown symbol", async () => {
  await page.goto(`${stack?.address}/trade/NOPE`);
  await page.locator(".ticket").getByText("There is no symbol NOPE.").waitFor();
  expect(await page.getByRole("button", { name: "Buy 1 NOPE" }).getAttribute("aria-disabled")).toBe("true");
  expect(await page.getByLabel("Quantity").isDisabled()).toBe(true);
  await page.goto(`${stack?.address}/trade/IBM`);
  await page.getByRole("tab", { name: "Orders (1)" }).click();
});

it("says that the datafeed is down and still lists the orders, also after a reload", async () => {
  stack?.kill("datafeed");
  await service("Datafeed down");
  await page.getByRole("alert").getByText("The datafeed is down").waitFor();
  await workingOrderIsListed();

  await page.reload();
  await service("Datafeed down");
  await service("Broker up");
  await page.getByRole("tab", { name: "Orders (1)" }).click();
  await workingOrderIsListed();
});

it("continues the chart when the datafeed is up again", async () => {
  expect(await candlePixels(page)).toEqual({ rising: 0, falling: 0 });
  stack?.revive();
  await service("Datafeed up");
  await candlesAreDrawn();
  await pricesMove();
  await expect.poll(() => page.getByRole("alert").count(), PATIENCE).toBe(0);
  expect(await loadedFiles()).toEqual(declaredFiles("trade"));
});

it("shows the same account after the broker was killed and restarted, without a reload", async () => {
  await page.evaluate(() => Object.assign(window, { stayed: true }));
  const positions = page.getByRole("tab", { name: /^Positions/ });
  const before = await positions.textContent();
  expect(before).toMatch(/\(\d+\)/);
  stack?.kill("broker");
  await service("Broker down");
  stack?.revive();
  await service("Broker up");

  await workingOrderIsListed();
  expect(await positions.textContent()).toBe(before);
  expect(await page.evaluate(() => "stayed" in window)).toBe(true);
});

it("cancels the order, moves the focus to the table, and has had no error until now", async () => {
  await page.getByRole("button", { name: /^Cancel order/ }).click();
  await page.getByText("No working orders.").waitFor();
  expect(await focusedLabel()).toBe("Working orders");
  expect(errors).toEqual([]);
});

function focusedLabel(): Promise<string | null | undefined> {
  return page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
}

/** Return the controls in an element whose boxes are not within its own. */
function controlsOutside(selector: string): Promise<string[]> {
  return page.locator(selector).evaluate((panel) => {
    const { left, right } = panel.getBoundingClientRect();
    return [...panel.querySelectorAll("input, select, button")]
      .filter((control) => {
        const box = control.getBoundingClientRect();
        return box.width > 0 && (box.left < left || box.right > right);
      })
      .map(({ outerHTML }) => outerHTML);
  });
}

/** Return the cells of the table whose text is cut off, or covered by a button. */
function coveredCells(): Promise<string[]> {
  return page.evaluate(() => {
    const buttons = [...document.querySelectorAll("td button")].map((button) => button.getBoundingClientRect());
    const overlaps = (a: DOMRect, b: DOMRect) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return [...document.querySelectorAll<HTMLElement>("tbody [data-name]")]
      .filter((cell) => {
        const box = cell.getBoundingClientRect();
        return box.left < 0 || box.right > innerWidth || cell.scrollWidth > cell.clientWidth || buttons.some((button) => overlaps(box, button));
      })
      .map(({ outerHTML }) => outerHTML);
  });
}

/** Fill and send the open dialog; an empty stop loss means none. */
async function saveExits(fields: { "Take profit": string; "Stop loss": string }): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Exits of IBM" });
  await dialog.getByLabel("Take profit").fill(fields["Take profit"]);
  await dialog.getByLabel("Protecting stop").selectOption(fields["Stop loss"] ? "Stop loss" : "None");
  if (fields["Stop loss"]) await dialog.getByLabel("Stop loss").fill(fields["Stop loss"]);
  await dialog.getByRole("button", { name: "Save exits" }).click();
  await dialog.waitFor({ state: "hidden" });
}

function workingOrderIsListed(): Promise<void> {
  return page.getByRole("table", { name: "Working orders" }).getByRole("row", { name: /IBM.*Limit.*3/ }).waitFor();
}
