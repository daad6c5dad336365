/** Pages of other sites, in a real browser: they reach neither the account nor the streams. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startBrowser } from "./chromium";
import { Stack } from "./stack";

/** A name that its owner has pointed to this machine. */
const REBOUND = "rebound.example";

let browser: Browser;
let other: Server;

beforeAll(async () => {
  browser = await startBrowser(`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`);
  other = createServer((_request, response) => response.setHeader("Content-Type", "text/html").end("<p>other</p>"));
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await browser.close();
  other.close();
});

/** Try from a page at `url` to read the account, to place an order and to open a stream; return what came of it. */
async function attack(url: string, target: string): Promise<Record<string, string>> {
  const page = await browser.newPage();
  await page.goto(url);
  return page.evaluate(async (address) => {
    const attempt = (options: RequestInit, path: string) =>
      fetch(address + path, options).then(
        (response) => `${response.type} ${response.status}`,
        () => "failed",
      );
    const order = JSON.stringify({ symbol: "AAPL", type: 2, side: 1, qty: 1 });
    const stream = new Promise<string>((resolve) => {
      const socket = new WebSocket(`${address.replace("http", "ws")}/api/v1/broker/ws`);
      socket.onopen = () => resolve("open");
      socket.onclose = () => resolve("closed");
    });
    return {
      read: await attempt({}, "/api/v1/account"),
      order: await attempt({ method: "POST", body: order, headers: { "Content-Type": "application/json" } }, "/api/v1/orders"),
      simpleOrder: await attempt({ method: "POST", body: order, mode: "no-cors" }, "/api/v1/orders"),
      stream: await stream,
    };
  }, target);
}

describe.each(["run", "run-multi"] as const)("make %s", (target) => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await Stack.start(target, {});
  });
  afterAll(async () => {
    expect((await stack?.interrupt()) ?? []).toEqual([]);
  });

  async function orders(): Promise<unknown> {
    return (await fetch(`${stack.address}/api/v1/orders`)).json();
  }

  it("rejects a page of another origin", async () => {
    const { port } = other.address() as AddressInfo;
    expect(await attack(`http://127.0.0.1:${port}`, stack.address)).toEqual({
      read: "failed",
      order: "failed",
      simpleOrder: "opaque 0",
      stream: "closed",
    });
    expect(await orders()).toEqual([]);
  });

  it("rejects a page at a host name that leads to it", async () => {
    const { port } = new URL(stack.address);
    const address = `http://${REBOUND}:${port}`;
    const { read, order, simpleOrder, stream } = await attack(address, address);
    expect([read, order, simpleOrder]).toEqual(Array(3).fill(expect.stringMatching(/^basic 40[03]$/)));
    expect(stream).toBe("closed");
    expect(await orders()).toEqual([]);
  });

  it("sends the security headers with the page", async () => {
    const { headers } = await fetch(stack.address, { headers: { Accept: "text/html" } });
    expect(headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
  });
});
