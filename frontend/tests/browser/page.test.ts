/** The built page as a trader meets it, with real services, of which one dies and comes back. */
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
  // Four minutes of trading in a second, and prices that are the same in every run.
  browser = await startBrowser();
  stack = await Stack.start("run-multi", { DATAFEED_SPEED: "240", DATAFEED_SEED: "1" });
  page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
  page.setDefaultTimeout(PATIENCE.timeout);
  page.on("pageerror", (error) => errors.push(error.message));
});
afterAll(async () => {
  await browser?.close();
  expect((await stack?.interrupt()) ?? []).toEqual([]);
});

// What the page looked like when a test failed.
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

/** The scripts and style sheets that the page has loaded since it was opened. */
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

it("shows a chart whose candles are drawn and move, without a click", async () => {
  await page.goto(stack?.address ?? "");
  await candlesAreDrawn();
  await pricesMove();
  await service("Datafeed up");
  await expect.poll(() => page.title()).toContain("AAPL");
});

it("loads for the chart what the bundle's budget says, and nothing of the broker", async () => {
  expect(await loadedFiles()).toEqual(declaredFiles("chart"));
});

it("loads older bars while the chart is scrolled back", async () => {
  const chart = page.getByRole("group", { name: /^AAPL, bars/ });
  const older = page.waitForResponse((response) => response.url().includes("/api/v1/bars?") && response.ok());
  await chart.focus();
  for (let bars = 0; bars < 800; bars += 10) await chart.press("ArrowLeft");
  await older;
  // The first answer had 500 bars; what is left of them now, only another one can have filled.
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

it("places an order, and the position and the execution appear", async () => {
  await page.getByRole("link", { name: "Trade" }).click();
  await page.getByLabel("Quantity").fill("10");
  await page.getByRole("button", { name: "Buy 10 IBM" }).click();
  await page.getByRole("status", { name: "Order confirmation" }).getByText(/filled at \d/).waitFor();
  const position = page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /IBM/ });
  expect(await position.textContent()).toMatch(/IBM\s*Long.*10/);
  await page.getByRole("tab", { name: "Executions" }).click();
  await page.getByRole("table", { name: "Executions" }).getByRole("row", { name: /IBM.*Buy.*10/ }).waitFor();
});

it("puts exits on the position, and takes no other order for one", async () => {
  const alike = await page.request.post(`${stack?.address}/api/v1/orders`, {
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
  const { orderId } = await alike.json();
  await page.request.delete(`${stack?.address}/api/v1/orders/${orderId}`);
  await page.getByRole("tab", { name: "Orders (0)" }).waitFor();
});

it("locks a dialog while it is sent, and gives the focus back", async () => {
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

it("has no serious violation of accessibility while trading, in the dark too", async () => {
  await page.getByRole("button", { name: "New order" }).click();
  // Until the broker has answered, the former preview is dimmed.
  await page.locator('section.preview[aria-busy="false"]').waitFor();
  expect(await seriousViolations()).toEqual([]);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await seriousViolations()).toEqual([]);
  await candlesAreDrawn();
  await page.emulateMedia({ colorScheme: "light" });
});

it("says so when the datafeed has died, and still lists the orders, also when it is opened anew", async () => {
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

it("goes on with the chart when the datafeed is back", async () => {
  expect(await candlePixels(page)).toEqual({ rising: 0, falling: 0 });
  stack?.revive();
  await service("Datafeed up");
  await candlesAreDrawn();
  await pricesMove();
  await expect.poll(() => page.getByRole("alert").count(), PATIENCE).toBe(0);
  expect(await loadedFiles()).toEqual(declaredFiles("trade"));
});

it("cancels the order, without an error in all this", async () => {
  await page.getByRole("button", { name: /^Cancel order/ }).click();
  await page.getByText("No working orders.").waitFor();
  expect(errors).toEqual([]);
});

/** Fill the dialog that is open, an empty stop loss as none, and send it. */
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
