import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServiceClient } from "@/clientRuntime";
import type { ApiError } from "@/plugins/apiAdapter";
import { createHttp } from "@/plugins/http";

type Adapter = typeof import("@/plugins/apiAdapter");

const ID = /^[0-9a-f]{32}$/;

let server: Server | undefined;
let adapter: Adapter;

// A client is created once, with the base URL of that moment, so each test loads the adapter anew.
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

/** Respond to every request in the same way. */
async function respond(status: number, type: string, body: string): Promise<string> {
  return serve((_, response) => response.writeHead(status, { "Content-Type": type }).end(body));
}

async function getSymbols(options?: { signal?: AbortSignal; timeout?: number }): Promise<unknown> {
  return (await (await adapter.datafeedApi()).getSymbols({}, options)).data;
}

async function failure(options?: { timeout: number }): Promise<ApiError> {
  const error = await getSymbols(options).then(
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
  it("is that of the page unless VITE_<MODULE>_URL is set", () => {
    const { baseUrl } = adapter;
    expect(baseUrl("broker")).toBe("");
    vi.stubEnv("VITE_BROKER_URL", "http://broker-service:8001/");
    expect(baseUrl("broker")).toBe("http://broker-service:8001");
    expect(baseUrl("datafeed")).toBe("");
  });

  it("is set with the module's name in upper snake case", () => {
    vi.stubEnv("VITE_ORDER_BOOK_URL", "http://127.0.0.1:8003");
    expect(adapter.baseUrl("order_book")).toBe("http://127.0.0.1:8003");
    expect(adapter.baseUrl("order-book")).toBe("http://127.0.0.1:8003");
  });

  it("is used by the module's client only", async () => {
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
  it("throws an ApiError with the problem details of the response", async () => {
    const problem = {
      type: "urn:problem-type:validation-error",
      title: "Validation error",
      status: 422,
      detail: "max_results: too many",
      errors: [
        { parameter: "max_results", code: "less_than_equal", detail: "too many" },
        { pointer: "#/qty", code: "greater_than", detail: "too few" },
      ],
    };
    await respond(422, "application/problem+json", JSON.stringify(problem));
    const error = await failure();
    expect(error).toMatchObject({ ...problem, message: problem.detail, unconfirmed: false });
  });

  it("throws the status of a response without problem details", async () => {
    await respond(502, "text/html", "<h1>Bad Gateway</h1>");
    const error = await failure();
    const message = "The datafeed responded with 502 Bad Gateway.";
    expect(error).toMatchObject({ status: 502, title: "Bad Gateway", message, errors: [], unconfirmed: true });
  });

  it("ignores members of another type than those of problem details", async () => {
    await respond(404, "application/json", '{"status": "404", "title": 1, "detail": {}, "errors": [1, {"code": "x"}, {"code": "x", "detail": "y", "pointer": 1}]}');
    const error = await failure();
    expect(error).toMatchObject({ status: 404, title: "Not Found", message: "The datafeed responded with 404 Not Found.", errors: [] });
  });

  it("has the title of the problem as its message if the detail is empty", async () => {
    await respond(404, "application/problem+json", '{"status": 404, "title": "Not Found", "detail": ""}');
    expect((await failure()).message).toBe("Not Found");
  });

  it("throws if the response is a page instead of JSON", async () => {
    await respond(200, "text/html", "<!doctype html>");
    expect((await failure()).message).toBe("The datafeed responded with text/html, which its client cannot read.");
  });

  it("throws if the service cannot be reached", async () => {
    await respond(200, "application/json", "[]");
    const stopped = server;
    await new Promise((resolve) => stopped?.close(resolve));
    const error = await failure();
    expect(error).toMatchObject({ status: 0, message: "The datafeed cannot be reached.", unconfirmed: true });
  });

  it("throws if the service has not responded within the time limit", async () => {
    await serve(() => undefined);
    const error = await failure({ timeout: 50 });
    const message = "The datafeed has not responded within 0.05 s.";
    expect(error).toMatchObject({ status: 0, title: "Timeout", message, unconfirmed: true });
  });

  it("carries the request's id, method and URL, by which the services' logs name it", async () => {
    const url = await respond(404, "application/problem+json", '{"title": "Not Found", "status": 404}');
    const { request } = await failure();
    expect(request).toEqual({ id: expect.stringMatching(ID), method: "GET", url: `${url}/api/v1/symbols` });
  });
});

describe("a request", () => {
  it("has a time limit of 10 s", async () => {
    await respond(200, "application/json", "[]");
    expect((await (await adapter.datafeedApi()).getSymbols()).config.timeout).toBe(10_000);
  });

  it("has a unique id, which is also that of its trace", async () => {
    const ids: unknown[] = [];
    const traces: unknown[] = [];
    await serve((request, response) => {
      ids.push(request.headers["x-request-id"]);
      traces.push(request.headers["traceparent"]);
      response.setHeader("Content-Type", "application/json").end("[]");
    });
    // A page that is served over plain HTTP has no `crypto.randomUUID`.
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    await getSymbols();
    await getSymbols();
    expect(new Set(ids).size).toBe(2);
    for (const id of ids) expect(id).toMatch(ID);
    expect(traces).toEqual(ids.map((id) => `00-${id}-${String(id).slice(0, 16)}-01`));
  });

  it("can be cancelled, which is not an ApiError", async () => {
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

  it("is not sent if its signal is already aborted", async () => {
    const received = vi.fn();
    await serve(received);
    const error: unknown = await getSymbols({ signal: AbortSignal.abort() }).catch((reason: unknown) => reason);
    expect(adapter.isCancelled(error)).toBe(true);
    expect(received).not.toHaveBeenCalled();
    expect(adapter.isCancelled(new adapter.ApiError({ status: 0, title: "x" }))).toBe(false);
  });
});

it("a download is a Blob, whatever its type", async () => {
  const url = await respond(200, "text/csv", "a,b");
  const client = new ServiceClient("", { basePath: url, axios: createHttp("datafeed") });
  const { data } = await client.call<{ 200: Blob }>({ method: "GET", path: "/report", replies: { 200: "bytes" }, errors: {} });
  expect(await data.text()).toBe("a,b");
});

describe("a client", () => {
  it("is created once", async () => {
    expect(await adapter.brokerApi()).toBe(await adapter.brokerApi());
  });

  it("is loaded again after it could not be loaded, which is an ApiError", async () => {
    let attempts = 0;
    vi.doMock("@/clients/trader-client-broker", async (original) => {
      attempts += 1;
      if (attempts === 1) throw new Error("connection lost");
      return original();
    });
    const reason: unknown = await adapter.brokerApi().catch((error: unknown) => error);
    expect(reason).toBeInstanceOf(adapter.ApiError);
    expect(reason).toBeInstanceOf(adapter.ClientNotLoaded);
    expect(reason).toMatchObject({ status: 0, message: expect.stringContaining("reload the page"), unconfirmed: false });
    expect(await adapter.brokerApi()).toHaveProperty("getPositions");
    vi.doUnmock("@/clients/trader-client-broker");
  });
});
