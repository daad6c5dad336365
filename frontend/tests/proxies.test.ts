import { createServer as createHttp, get as httpGet, type IncomingMessage, type Server } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { createServer as createVite, type ViteDevServer } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { moduleProxies } from "../dev/proxies";
import { Workspace } from "./support/workspace";

const workspace = new Workspace();
let service: Server;
let vite: ViteDevServer;
let page: string;

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function unusedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

beforeAll(async () => {
  service = createHttp((request, response) => response.end(`service ${request.url}`));
  service.on("upgrade", (request, socket) => {
    socket.end(
      "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        `X-Path: ${request.url}\r\n\r\n`,
    );
  });
  for (const [module, url] of [
    ["market_data", await listen(service)],
    ["down", await unusedUrl()],
  ] as const) {
    workspace.addModule(module, "openapi.json");
    workspace.editSpec(module, "openapi.json", "http://127.0.0.1:8009", url);
    workspace.addModule(module, "asyncapi.json");
  }
  workspace.editSpec("down", "openapi.json", "/api/v1/shapes/{", "/api/v1/down/{");
  workspace.editSpec("down", "openapi.json", '"/api/v1/shapes"', '"/api/v1/down"');
  vite = await createVite({
    configFile: false,
    root: workspace.root,
    cacheDir: workspace.root,
    logLevel: "silent",
    server: { port: 0, host: "127.0.0.1", hmr: false, proxy: moduleProxies(workspace.modules) },
    appType: "custom",
  });
  await vite.listen();
  page = `http://127.0.0.1:${(vite.httpServer?.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await vite.close();
  service.close();
  service.closeAllConnections();
  workspace.remove();
});

it("passes exactly the paths of the specs to their module's server", async () => {
  const get = async (path: string) => (await fetch(page + path)).text();
  expect(await get("/api/v1/shapes")).toBe("service /api/v1/shapes");
  expect(await get("/api/v1/shapes?x=/y")).toBe("service /api/v1/shapes?x=/y");
  expect(await get("/api/v1/shapes/a%2Fb")).toBe("service /api/v1/shapes/a%2Fb");
  expect((await fetch(`${page}/api/v1/shapes/a/b`)).status).toBe(404);
  expect((await fetch(`${page}/api/v1/shapesx`)).status).toBe(404);
});

it("passes the module's WebSocket on", async () => {
  const headers = { Connection: "Upgrade", Upgrade: "websocket" };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    httpGet(`${page}/api/v1/market_data/ws`, { headers })
      .on("upgrade", (response, socket) => {
        socket.destroy();
        resolve(response);
      })
      .on("response", resolve)
      .on("error", reject);
  });
  expect(answer.statusCode).toBe(101);
  expect(answer.headers["x-path"]).toBe("/api/v1/market_data/ws");
});

it("says which service is down", async () => {
  const response = await fetch(`${page}/api/v1/down`);
  expect(response.status).toBe(502);
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  expect(((await response.json()) as { detail: string }).detail).toMatch(/^The down service does not answer at http/);
});

it("passes them to <MODULE>_URL, where that is set", async () => {
  process.env.DOWN_URL = "http://127.0.0.1:8123";
  const proxies = Object.entries(moduleProxies(workspace.modules));
  delete process.env.DOWN_URL;
  const targets = proxies.filter(([path]) => path.includes("/down")).map(([, { target }]) => target);
  expect(targets).toEqual(["http://127.0.0.1:8123", "http://127.0.0.1:8123"]);
  expect(proxies).toHaveLength(4);
});

it("needs no specs", () => {
  expect(moduleProxies(`${workspace.root}/missing`)).toEqual({});
});
