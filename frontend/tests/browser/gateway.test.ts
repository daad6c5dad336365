/** The page's streams through the gateway while the processes behind it restart. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { STREAMS as BROKER_STREAMS, type BrokerStreams, OrderType, Side } from "../../src/clients/ws-types-broker";
import { STREAMS as DATAFEED_STREAMS, type DatafeedStreams } from "../../src/clients/ws-types-datafeed";
import { StreamSocket } from "../../src/plugins/streamSocket";
import { FRONTEND } from "../support/workspace";
import { QuietSocket } from "./quietSocket";

const BACKEND = join(FRONTEND, "../backend");
const PATIENCE = { timeout: 60_000, interval: 50 };
const ORDER = JSON.stringify({ symbol: "AAPL", type: OrderType.MARKET, side: Side.BUY, qty: 0.01 });

/** The gateway, two datafeeds and a broker, which `backend/tests/support/gateway.py` runs. */
class Gateway {
  private readonly process: ChildProcess;
  private readonly output: string[] = [];

  constructor() {
    this.process = spawn(join(BACKEND, ".venv/bin/python"), ["-m", "support.gateway"], {
      cwd: BACKEND,
      env: { ...process.env, PYTHONPATH: "tests:deploy" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      if (stream) createInterface(stream).on("line", (line) => this.output.push(line));
    }
  }

  /** Wait for the line that begins with a text; return the rest, or undefined if Caddy is missing. */
  async printed(start: string): Promise<string | undefined> {
    let line: string | undefined;
    await expect
      .poll(() => {
        line = this.output.find((each) => each.startsWith(start) || each.includes("caddy is not installed"));
        return line ?? this.output;
      }, PATIENCE)
      .toBeTypeOf("string");
    return line?.startsWith(start) ? line.slice(start.length) : undefined;
  }

  /** Restart the processes of a module, one after another. */
  async restart(module: string): Promise<void> {
    this.process.stdin?.write(`${module}\n`);
    await this.printed(`restarted ${module}`);
  }

  async end(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.stdin?.end();
    await ended;
  }
}

let gateway: Gateway;

beforeEach(() => {
  vi.stubGlobal("WebSocket", QuietSocket);
  gateway = new Gateway();
});
afterEach(async () => {
  await gateway.end();
  vi.unstubAllGlobals();
});

it("resumes streams and loses no order while broker and datafeeds restart", async (context) => {
  const address = await gateway.printed("serving ");
  if (address === undefined) {
    console.warn("skipped: caddy is not installed; `make -C backend deploy-tools` installs it");
    context.skip();
    return;
  }
  const url = (path: string) => `${address}/api/v1${path}`;
  const socketUrl = (module: string) => url(`/${module}/ws`).replace("http", "ws");
  const executions: string[] = [];
  const begun: string[] = [];
  let quotes = 0;
  const broker = new StreamSocket<BrokerStreams>(() => socketUrl("broker"), BROKER_STREAMS);
  broker.subscribe("executions", { accountId: "demo" }, {
    subscribed: () => begun.push("subscribed"),
    resumed: () => begun.push("resumed"),
    update: ({ id }) => executions.push(id),
  });
  const datafeed = new StreamSocket<DatafeedStreams>(() => socketUrl("datafeed"), DATAFEED_STREAMS);
  datafeed.subscribe("quotes", { symbols: [], fastSymbols: ["AAPL"] }, { update: () => (quotes += 1) });
  await expect.poll(() => begun, PATIENCE).toEqual(["subscribed"]);
  await expect.poll(() => quotes, PATIENCE).toBeGreaterThan(0);

  const statuses: number[] = [];
  let isDone = false;
  const load = (async () => {
    while (!isDone) {
      const headers = { "Content-Type": "application/json" };
      statuses.push((await fetch(url("/orders"), { method: "POST", headers, body: ORDER })).status);
    }
  })();
  await gateway.restart("broker");
  await gateway.restart("datafeed");
  const seen = quotes;
  await expect.poll(() => quotes, PATIENCE).toBeGreaterThan(seen);
  isDone = true;
  await load;

  expect(new Set(statuses)).toEqual(new Set([201]));
  await expect.poll(() => executions.length, PATIENCE).toBeGreaterThanOrEqual(statuses.length);
  expect(new Set(executions).size).toBe(statuses.length);
  expect(executions).toHaveLength(statuses.length);
  expect(begun).toEqual(["subscribed", "resumed"]);
  broker.close();
  datafeed.close();
});
