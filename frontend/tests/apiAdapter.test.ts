import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiError } from "@/plugins/apiAdapter";

type Adapter = typeof import("@/plugins/apiAdapter");

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let server: Server | undefined;
let adapter: Adapter;

// The clients are made once, with the base URLs of that moment: each test gets its own.
beforeEach(async () => {
  vi.resetModules();
  adapter = await import("@/plugins/apiAdapter");
});

async function serve(listener: RequestListener): Promise<string> {
  const listening = createServer(listener);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
  vi.stubEnv("VITE_DATAFEED_URL", url);
  return url;
}

async function answer(status: number, type: string, body: string): Promise<string> {
  return serve((_, response) => response.writeHead(status, { "Content-Type": type }).end(body));
}

async function getSymbols(options?: { signal: AbortSignal }): Promise<unknown> {
  return (await (await adapter.datafeedApi()).getSymbols({}, options)).data;
}

async function failure(): Promise<ApiError> {
  const error = await getSymbols().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof adapter.ApiError)) throw new Error(`not an ApiError: ${String(error)}`);
  return error;
}

afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  server?.close();
  server?.closeAllConnections();
});

describe("the base URL", () => {
  it("is where the page comes from, unless VITE_<MODULE>_URL says otherwise", () => {
    const { baseUrl } = adapter;
    expect(baseUrl("broker")).toBe("");
    vi.stubEnv("VITE_BROKER_URL", "http://broker-service:8001/");
    expect(baseUrl("broker")).toBe("http://broker-service:8001");
    expect(baseUrl("datafeed")).toBe("");
  });

  it("is named in upper snake case", () => {
    vi.stubEnv("VITE_ORDER_BOOK_URL", "http://127.0.0.1:8003");
    expect(adapter.baseUrl("order_book")).toBe("http://127.0.0.1:8003");
    expect(adapter.baseUrl("order-book")).toBe("http://127.0.0.1:8003");
  });

  it("is each module's own", async () => {
    const paths: (string | undefined)[] = [];
    await serve((request, response) => {
      paths.push(request.url);
      response.setHeader("Content-Type", "application/json").end("[]");
    });
    expect(await getSymbols()).toEqual([]);
    vi.stubEnv("VITE_BROKER_URL", import.meta.env.VITE_DATAFEED_URL);
    await (await adapter.brokerApi()).getPositions();
    expect(paths).toEqual(["/api/v1/symbols", "/api/v1/positions"]);
  });
});

describe("a failed operation", () => {
  it("throws the problem's status, title, detail and fields", async () => {
    const problem = {
      title: "Unprocessable Content",
      status: 422,
      detail: "query.max_results: too many",
      errors: [{ location: ["query", "max_results"], message: "too many", code: "less_than_equal" }],
    };
    await answer(422, "application/problem+json", JSON.stringify(problem));
    const error = await failure();
    expect(error).toMatchObject({ status: 422, title: problem.title, detail: problem.detail });
    expect(error.message).toBe(problem.detail);
    expect(error.fields).toEqual([{ place: "query.max_results", message: "too many" }]);
  });

  it("throws the status of an answer that is no problem", async () => {
    await answer(502, "text/html", "<h1>Bad Gateway</h1>");
    const error = await failure();
    expect(error).toMatchObject({ status: 502, title: "Bad Gateway", detail: undefined, fields: [] });
  });

  it("throws if the answer is a page instead of JSON", async () => {
    await answer(200, "text/html", "<!doctype html>");
    const error = await failure();
    expect(error.message).toContain("text/html instead of JSON");
  });

  it("throws if nobody answers", async () => {
    const url = await answer(200, "application/json", "[]");
    const stopped = server;
    await new Promise((resolve) => stopped?.close(resolve));
    const error = await failure();
    expect(error).toMatchObject({ status: 0, title: "Service unreachable" });
    expect(error.message).toContain(url);
  });

  it("names the request, for the logs of the services", async () => {
    const url = await answer(404, "application/problem+json", '{"title": "Not Found", "status": 404}');
    const error = await failure();
    expect(error).toMatchObject({ method: "GET", url: `${url}/api/v1/symbols` });
    expect(error.requestId).toMatch(UUID);
  });
});

describe("a request", () => {
  it("carries an id of its own", async () => {
    const ids: unknown[] = [];
    await serve((request, response) => {
      ids.push(request.headers["x-request-id"]);
      response.setHeader("Content-Type", "application/json").end("[]");
    });
    await getSymbols();
    // As in a page that is served over plain HTTP.
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    await getSymbols();
    await getSymbols();
    expect(ids).toHaveLength(3);
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(UUID);
  });

  it("is cancelled by its signal, which is no failure", async () => {
    const controller = new AbortController();
    let hangUp = () => {};
    const closed = new Promise<void>((resolve) => (hangUp = resolve));
    await serve((_, response) => {
      response.on("close", hangUp);
      controller.abort();
    });
    const error: unknown = await getSymbols({ signal: controller.signal }).catch((reason: unknown) => reason);
    expect(adapter.isCancelled(error)).toBe(true);
    expect(error).not.toBeInstanceOf(adapter.ApiError);
    await closed;
  });

  it("is not sent if its signal was aborted before", async () => {
    await answer(200, "application/json", "[]");
    const error: unknown = await getSymbols({ signal: AbortSignal.abort() }).catch((reason: unknown) => reason);
    expect(adapter.isCancelled(error)).toBe(true);
    expect(error).not.toBeInstanceOf(adapter.ApiError);
    expect(adapter.isCancelled(new adapter.ApiError({ status: 0, title: "x" }))).toBe(false);
  });
});

describe("a client", () => {
  it("is made once", async () => {
    expect(await adapter.brokerApi()).toBe(await adapter.brokerApi());
  });

  it("is loaded again if it could not be loaded, which is an ApiError", async () => {
    let attempts = 0;
    vi.doMock("@/clients/trader-client-broker", async (original) => {
      attempts += 1;
      if (attempts === 1) throw new Error("connection lost");
      return original();
    });
    const reason: unknown = await adapter.brokerApi().catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(adapter.ApiError);
    expect(reason).toBeInstanceOf(adapter.ClientNotLoaded);
    expect(reason).toMatchObject({ status: 0, message: expect.stringContaining("reload the page") });
    expect(await adapter.brokerApi()).toHaveProperty("getPositions");
    vi.doUnmock("@/clients/trader-client-broker");
  });
});
