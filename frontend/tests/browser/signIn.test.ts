/** The page of services that need tokens: signing in, trading, a token without the scope, signing out. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FRONTEND } from "../support/workspace";
import { startBrowser } from "./chromium";
import { Stack } from "./stack";

const folder = mkdtempSync(join(tmpdir(), "issuer-"));
let browser: Browser | undefined;
let stack: Stack | undefined;

/** Print a token as a user does. */
function issueToken(scope = ""): string {
  const make = ["-f", join(FRONTEND, "../project.mk"), "token", `SCOPE=${scope}`];
  const env = { ...process.env, MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "", DATA_DIR: folder };
  return execFileSync("make", make, { encoding: "utf8", env, stdio: ["ignore", "pipe", "ignore"] }).trim();
}

beforeAll(async () => {
  const serviceToken = join(folder, "service-token");
  writeFileSync(serviceToken, issueToken());
  browser = await startBrowser();
  stack = await Stack.start("run-multi", {
    AUTH_KEYS: join(folder, "issuer/keys.json"),
    AUTH_ISSUER: "development",
    AUTH_AUDIENCE: "trading-api",
    AUTH_SERVICE_TOKEN_FILE: serviceToken,
  });
});
afterAll(async () => {
  await browser?.close();
  expect((await stack?.interrupt()) ?? []).toEqual([]);
  rmSync(folder, { recursive: true });
});

async function openPage(): Promise<Page> {
  const page = await (browser as Browser).newPage();
  await page.goto(`${stack?.address}/trade/AAPL`);
  return page;
}

async function signIn(page: Page, token: string): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Sign in" });
  await dialog.getByLabel("Token").fill(token);
  await dialog.getByRole("button", { name: "Sign in" }).click();
}

it("asks for a token, trades with it, and forgets it", async () => {
  const page = await openPage();
  await page.getByRole("dialog", { name: "Sign in" }).waitFor();
  await signIn(page, "not a token");
  await page.getByText("The token is not valid.").first().waitFor();
  const token = issueToken();
  await signIn(page, token);
  await page.getByRole("button", { name: "Buy 1 AAPL" }).click();
  await page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /AAPL.*Long/ }).waitFor();
  expect(page.url()).not.toContain(token);
  expect(await page.content()).not.toContain(token);

  await page.reload();
  await page.getByRole("table", { name: "Positions" }).getByRole("row", { name: /AAPL.*Long/ }).waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByRole("dialog", { name: "Sign in" }).waitFor();
});

it("names the scope that a token lacks", async () => {
  const page = await openPage();
  await signIn(page, issueToken("broker:read datafeed:read"));
  await page.getByRole("button", { name: "Buy 1 AAPL" }).click();
  await page.getByText("The token lacks the scope broker:trade.").first().waitFor();
});
