/** Takes the screenshots of the README: `make -C frontend screenshots`. The tests do not run this file. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FRONTEND } from "../support/workspace";
import { candlePixels } from "./chart";
import { startBrowser } from "./chromium";
import { Stack } from "./stack";

const IMAGES = join(FRONTEND, "../docs/images");
let stack: Stack | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  mkdirSync(IMAGES, { recursive: true });
  browser = await startBrowser();
  stack = await Stack.start("run-multi", { DATAFEED_SEED: "1", DATAFEED_REPLAY_EPOCH: new Date().toISOString() });
});
afterAll(async () => {
  await browser?.close();
  await stack?.interrupt();
});

async function fill(page: Page, symbol: string, type: string, fields: Record<string, string>): Promise<void> {
  await page.goto(`${stack?.address}/trade/${symbol}`);
  await page.getByRole("heading", { name: symbol, exact: true }).waitFor();
  await page.getByLabel("Order type").selectOption(type);
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
}

async function buy(page: Page, symbol: string, type: string, fields: Record<string, string>): Promise<void> {
  await fill(page, symbol, type, fields);
  await page.getByRole("button", { name: new RegExp(`^Buy \\d+ ${symbol}`) }).click();
  await page.getByText(/^Order \S+: /).waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.getByText("Replay at").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await expect.poll(async () => (await candlePixels(page)).rising, { timeout: 20_000 }).toBeGreaterThan(200);
    await page.screenshot({ path: join(IMAGES, `${name}-${colorScheme}.png`) });
  }
}

it("takes the screenshots", async () => {
  const page = await (browser as Browser).newPage({ viewport: { width: 1280, height: 860 } });
  await buy(page, "MSFT", "Market", { Quantity: "120" });
  await buy(page, "AAPL", "Market", { Quantity: "25" });
  await buy(page, "AAPL", "Limit", { Quantity: "40", "Limit price": "68.50" });
  await fill(page, "AAPL", "Stop limit", { Quantity: "30", "Stop price": "76.50", "Limit price": "77" });
  await page.getByRole("region", { name: "Preview" }).getByText("Stop limit").waitFor();
  await page.getByLabel("Limit price").blur();
  await picture(page, "trade");
  await page.goto(`${stack?.address}/chart/GOOG`);
  await picture(page, "chart");
});
