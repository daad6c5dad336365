import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ApiError, baseUrl, createBrokerApi, createDatafeedApi } from "@/plugins/apiAdapter";

let server: Server | undefined;

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

async function failure(call: () => Promise<unknown>): Promise<ApiError> {
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`not an ApiError: ${String(error)}`);
  return error;
}

afterEach(() => {
  vi.unstubAllEnvs();
  server?.close();
  server?.closeAllConnections();
});

describe("the base URL", () => {
  it("is where the page comes from, unless VITE_<MODULE>_URL says otherwise", () => {
    expect(baseUrl("broker")).toBe("");
    vi.stubEnv("VITE_BROKER_URL", "http://broker-service:8001/");
    expect(baseUrl("broker")).toBe("http://broker-service:8001");
    expect(baseUrl("datafeed")).toBe("");
  });

  it("is each module's own", async () => {
    const paths: (string | undefined)[] = [];
    await serve((request, response) => {
      paths.push(request.url);
      response.setHeader("Content-Type", "application/json").end("[]");
    });
    expect((await createDatafeedApi().getSymbols()).data).toEqual([]);
    vi.stubEnv("VITE_BROKER_URL", import.meta.env.VITE_DATAFEED_URL);
    await createBrokerApi().getPositions();
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
    const error = await failure(() => createDatafeedApi().getSymbols());
    expect(error).toMatchObject({ status: 422, title: problem.title, detail: problem.detail });
    expect(error.message).toBe(problem.detail);
    expect(error.fields).toEqual([{ place: "query.max_results", message: "too many" }]);
  });

  it("throws the status of an answer that is no problem", async () => {
    await answer(502, "text/html", "<h1>Bad Gateway</h1>");
    const error = await failure(() => createDatafeedApi().getSymbols());
    expect(error).toMatchObject({ status: 502, title: "Bad Gateway", detail: undefined, fields: [] });
  });

  it("throws if the answer is a page instead of JSON", async () => {
    await answer(200, "text/html", "<!doctype html>");
    const error = await failure(() => createDatafeedApi().getSymbols());
    expect(error.message).toContain("text/html instead of JSON");
  });

  it("throws if nobody answers", async () => {
    const url = await answer(200, "application/json", "[]");
    const stopped = server;
    await new Promise((resolve) => stopped?.close(resolve));
    const error = await failure(() => createDatafeedApi().getSymbols());
    expect(error).toMatchObject({ status: 0, title: "Service unreachable" });
    expect(error.message).toContain(url);
  });

  it("is no ApiError if it was cancelled", async () => {
    await answer(200, "application/json", "[]");
    const signal = AbortSignal.abort();
    await expect(createDatafeedApi().getSymbols({}, { signal })).rejects.toMatchObject({ code: "ERR_CANCELED" });
  });
});
