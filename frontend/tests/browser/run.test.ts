/** What a new user does: `make run`, open the address, trade. */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { candlePixels } from "./chart";
import { startBrowser } from "./chromium";
import { Stack } from "./stack";

let stack: Stack | undefined;
let browser: Browser | undefined;

beforeAll(async () => {
  browser = await startBrowser();
  stack = await Stack.start("run", {});
});
afterAll(async () => {
  await browser?.close();
  expect((await stack?.interrupt()) ?? []).toEqual([]);
});

it("serves a page that trades AAPL", async () => {
  const page = await (browser as Browser).newPage();
  const blocked: string[] = [];
  page.on("console", (message) => message.text().includes("Content Security Policy") && blocked.push(message.text()));
  await page.goto(stack?.address ?? "");
  await expect.poll(() => candlePixels(page), { timeout: 20_000 }).toSatisfy(({ rising }) => rising > 100);
  await page.getByRole("link", { name: "Trade" }).click();
  await page.getByRole("button", { name: "Buy 1 AAPL" }).click();
  await page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /AAPL.*Long/ }).waitFor();

  // The address of a view opens directly.
  expect(blocked).toEqual([]);
  await page.reload();
  await page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /AAPL.*Long/ }).waitFor();
});
