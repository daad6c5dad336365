/** The page's streams against a broker that is killed under load: nothing is missed, and nothing comes twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { STREAMS, type BrokerStreams, OrderType, Side } from "../../src/clients/ws-types-broker";
import { StreamSocket } from "../../src/plugins/streamSocket";
import { QuietSocket } from "./quietSocket";
import { Stack } from "./stack";

/** How often the broker is killed; `make -C frontend soak` raises it. */
const KILLS = Number(process.env.KILLS ?? "2");
const EXECUTIONS_BETWEEN_KILLS = 20;
const PATIENCE = { timeout: 60_000, interval: 50 };
const ORDER = { symbol: "AAPL", type: OrderType.MARKET, side: Side.BUY, qty: 0.01 };

let stack: Stack | undefined;

beforeAll(async () => {
  vi.stubGlobal("WebSocket", QuietSocket);
  stack = await Stack.start("run-multi", {});
});
afterAll(async () => {
  expect((await stack?.interrupt()) ?? []).toEqual([]);
  vi.unstubAllGlobals();
});

function url(path: string, scheme = "http"): string {
  return `${scheme}${stack?.address.replace("http", "") ?? ""}/api/v1${path}`;
}

/** Place an order, again and again with the same key until it is acknowledged. */
async function placeOrder(key: string): Promise<void> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  for (;;) {
    const response = await fetch(url("/orders"), { method: "POST", headers, body: JSON.stringify(ORDER) }).catch(
      () => undefined,
    );
    if (response?.status === 201) return;
    await sleep(100);
  }
}

async function executionIds(): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const cursor = ids.length > 0 ? `?cursor=${ids[0]}` : "";
    const page = (await (await fetch(url(`/executions${cursor}`))).json()) as { id: string }[];
    if (page.length === 0) return ids;
    ids.unshift(...page.map(({ id }) => id));
  }
}

it(`receives every execution once while the broker is killed ${KILLS} times`, { timeout: 60_000 + KILLS * 30_000 }, async () => {
  const streams = new StreamSocket<BrokerStreams>(() => url("/broker/ws", "ws"), STREAMS);
  const received: string[] = [];
  const begun: string[] = [];
  streams.subscribe("executions", { accountId: "demo" }, {
    subscribed: () => begun.push("subscribed"),
    resumed: () => begun.push("resumed"),
    update: ({ id }) => received.push(id),
  });
  await expect.poll(() => begun, PATIENCE).toEqual(["subscribed"]);

  let placed = 0;
  let isDone = false;
  const load = (async () => {
    while (!isDone) await placeOrder(`key-${(placed += 1)}`);
  })();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const goal = received.length + EXECUTIONS_BETWEEN_KILLS;
    await expect.poll(() => received.length, PATIENCE).toBeGreaterThan(goal);
    // `run-multi` gives up on a process that ends 5 times within 30 seconds.
    if (KILLS > 4) await sleep(8_000);
    stack?.kill("broker");
    stack?.revive();
    await expect.poll(() => begun.length, PATIENCE).toBe(kill + 1);
  }
  isDone = true;
  await load;

  const expected = await executionIds();
  expect(expected).toHaveLength(placed);
  await expect.poll(() => received.length, PATIENCE).toBeGreaterThanOrEqual(expected.length);
  expect(received).toEqual(expected);
  expect(begun).toEqual(["subscribed", ...Array<string>(KILLS).fill("resumed")]);
  streams.close();
});
