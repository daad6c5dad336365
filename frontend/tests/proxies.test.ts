import { createServer as createHttp, get, type IncomingMessage, type Server as HttpServer } from "node:http";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createLogger, createServer as createVite, resolveConfig, type ViteDevServer } from "vite";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { moduleProxies } from "../dev/proxies";
import { Workspace } from "./support/workspace";

const workspace = new Workspace();
const logged: string[] = [];
const streams: Socket[] = [];
let service: HttpServer;
let vite: ViteDevServer;
let page: string;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function unusedUrl(): Promise<string> {
  const server = createServer();
  const url = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return url;
}

/** Add a module whose paths start with /api/v1/<module>, at `url`. */
function addModule(module: string, url: string): void {
  workspace.addModule(module, "openapi.json");
  workspace.addModule(module, "asyncapi.json");
  workspace.editSpec(module, "openapi.json", "http://127.0.0.1:8009", url);
  workspace.editSpec(module, "openapi.json", "/api/v1/shapes/{", `/api/v1/${module}/{`);
  workspace.editSpec(module, "openapi.json", '"/api/v1/shapes"', `"/api/v1/${module}"`);
}

/** Send a WebSocket handshake; return the response, whose socket stays open if it was upgraded. */
function handshake(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(page + path, { headers: { Connection: "Upgrade", Upgrade: "websocket" } })
      .on("upgrade", resolve)
      .on("response", resolve)
      .on("error", reject);
  });
}

/** Open a WebSocket to the module `up`; return both of its ends. */
async function openStream(): Promise<{ browser: Socket; module: Socket }> {
  const { socket } = await handshake("/api/v1/up/ws");
  const module = streams.at(-1);
  if (!module) throw new Error("the module received no handshake");
  for (const end of [socket, module]) end.on("error", () => undefined);
  return { browser: socket, module };
}

beforeAll(async () => {
  service = createHttp((request, response) => response.end(`service ${request.url}`));
  service.on("upgrade", (request, socket: Socket) => {
    streams.push(socket);
    const head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    socket.write(`${head}X-Path: ${request.url}\r\n\r\n`);
  });
  addModule("up", await listen(service));
  addModule("down", await unusedUrl());
  addModule("moved-away", await unusedUrl());
  process.env.MOVED_AWAY_URL = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
  vite = await createVite({
    configFile: false,
    root: workspace.root,
    cacheDir: workspace.root,
    customLogger: { ...createLogger("silent"), error: (message) => logged.push(message) },
    server: { port: 0, host: "127.0.0.1", hmr: false },
    optimizeDeps: { noDiscovery: true },
    plugins: [moduleProxies(workspace.modules)],
    appType: "custom",
  });
  delete process.env.MOVED_AWAY_URL;
  await vite.listen();
  page = `http://127.0.0.1:${(vite.httpServer?.address() as AddressInfo).port}`;
});
beforeEach(() => {
  logged.length = 0;
});
afterAll(async () => {
  await vite.close();
  service.close();
  service.closeAllConnections();
  workspace.remove();
});

it("passes exactly the paths of the specs to their module", async () => {
  const body = async (path: string) => (await fetch(page + path)).text();
  expect(await body("/api/v1/up")).toBe("service /api/v1/up");
  expect(await body("/api/v1/up?x=/y")).toBe("service /api/v1/up?x=/y");
  expect(await body("/api/v1/up/a%2Fb")).toBe("service /api/v1/up/a%2Fb");
  expect((await fetch(`${page}/api/v1/up/a/b`)).status).toBe(404);
  expect((await fetch(`${page}/api/v1/upx`)).status).toBe(404);
});

it("passes the WebSocket to its module", async () => {
  const { statusCode, headers, socket } = await handshake("/api/v1/up/ws");
  expect(statusCode).toBe(101);
  expect(headers["x-path"]).toBe("/api/v1/up/ws");
  socket.destroy();
});

it("passes requests and WebSockets to <MODULE>_URL if that is set", async () => {
  expect(await (await fetch(`${page}/api/v1/moved-away`)).text()).toBe("service /api/v1/moved-away");
  const { statusCode, socket } = await handshake("/api/v1/moved-away/ws");
  expect(statusCode).toBe(101);
  socket.destroy();
});

it("responds with problem details when a module is down, and logs one line", async () => {
  const response = await fetch(`${page}/api/v1/down`);
  expect(response.status).toBe(502);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(((await response.json()) as { detail: string }).detail).toMatch(/^The down service does not respond at http/);
  expect(logged).toEqual([expect.stringMatching(/http proxy error: \/api\/v1\/down.* connect ECONNREFUSED [\d.:]+$/)]);
});

it("logs one line when a WebSocket cannot be opened because its module is down", async () => {
  await expect(handshake("/api/v1/down/ws")).rejects.toThrow("socket hang up");
  expect(logged).toEqual([expect.stringMatching(/ws proxy error:.* connect ECONNREFUSED [\d.:]+$/)]);
});

it("logs nothing when a page is closed while its module sends", async () => {
  const { browser, module } = await openStream();
  module.on("end", () => module.destroy());
  browser.destroy();
  while (!module.destroyed) await new Promise((resolve) => module.write("x".repeat(1000), resolve));
  expect(logged).toEqual([]);
});

it("logs nothing when a module resets its WebSocket", async () => {
  const { browser, module } = await openStream();
  const closed = new Promise((resolve) => browser.once("close", resolve));
  module.resetAndDestroy();
  await closed;
  expect(logged).toEqual([]);
});

it("adds no proxies if there are no specs", async () => {
  const plugins = [moduleProxies(`${workspace.root}/missing`)];
  expect((await resolveConfig({ configFile: false, plugins }, "serve")).server.proxy).toEqual({});
});
