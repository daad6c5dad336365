/** How the runtime of the REST clients reads streams: server-sent events and lines of JSON. */
import { AxiosError } from "axios";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServiceClient, failureOf, type Call, type RequestOptions, type ServerSentEvent } from "@/clientRuntime";
import { EchoServer } from "./support/echo";

let server: EchoServer;

beforeEach(async () => {
  server = new EchoServer();
  await server.start();
});
afterEach(() => server.stop());

const GET: Call = { method: "GET", path: "/x", replies: { 200: "json" }, errors: {} };
const never = () => new Promise<string>(() => undefined);

describe("a stream", () => {
  async function collect(kind: "events" | "eventData" | "lines", type: string, chunks: string[], options?: RequestOptions): Promise<unknown[]> {
    server.respond = (response) => {
      response.writeHead(200, { "Content-Type": type });
      const write = (index: number): unknown => (index < chunks.length ? response.write(chunks[index], () => setImmediate(write, index + 1)) : response.end());
      write(0);
    };
    const items: unknown[] = [];
    const client = new ServiceClient("", { basePath: server.url });
    for await (const item of client.stream({ ...GET, replies: { 200: kind } }, options)) items.push(item);
    return items;
  }

  it("yields the data of events", async () => {
    const chunks = ['data: {"a":', "1}\r", "\n\r\ndata:2\n", "\n: comment\n\ndata: [\ndata: 3]\r\r", "data: lost"];
    expect(await collect("eventData", "text/event-stream; charset=utf-8", chunks)).toEqual([{ a: 1 }, 2, [3]]);
  });

  it("yields whole events", async () => {
    const chunks = ["id: 7\nevent: tick\nretry: 10\ndata: a:b\ndata\n\nevent: nothing\n\ndata:  x\n\n"];
    expect(await collect("events", "text/event-stream", chunks)).toEqual([
      { data: "a:b\n", event: "tick", id: "7", retry: 10 },
      { data: " x", event: "message", id: "7" },
    ]);
  });

  it("yields no event that the stream ends in", async () => {
    expect(await collect("events", "text/event-stream", ["data: 1\r", "\n\r\ndata: incomplete\n"])).toEqual([{ data: "1", event: "message", id: "" }]);
    expect(await collect("eventData", "text/event-stream", ["data: 1\n\ndata: 2\r\n\r"])).toEqual([1, 2]);
  });

  it("ignores fields that the standard ignores", async () => {
    expect(await collect("events", "text/event-stream", ["event:\nid: a\0b\nretry: 5\nretry: soon\n__proto__: x\ndata: 1\n\n"])).toEqual([
      { data: "1", event: "message", id: "", retry: 5 },
    ]);
  });

  it("yields the last id that was sent, also by an event without data, until another one or an empty one", async () => {
    const ids = await collect("events", "text/event-stream", ["data: 1\n\nid: a\n\ndata: 2\n\ndata: 3\n\nid: b\ndata: 4\n\nid\ndata: 5\n\n"]);
    expect(ids.map((event) => (event as ServerSentEvent).id)).toEqual(["", "a", "a", "b", ""]);
  });

  it.each<["eventData" | "lines", string, string]>([
    ["eventData", "text/event-stream", "data: 1\n\ndata: <p>\n\n"],
    ["lines", "application/jsonl", "1\n<p>\n"],
  ])("ends with an error with the operation, the status and the text if it is not JSON: %s", async (kind, type, text) => {
    const error: unknown = await collect(kind, type, [text]).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AxiosError);
    const message = 'GET /x, status 200: The response has no valid JSON: "<p>"';
    expect(error).toMatchObject({ code: "ERR_BAD_RESPONSE", message, response: { status: 200 } });
  });

  it("ends with an error of its operation if the connection is lost", async () => {
    server.respond = (response) => {
      response.writeHead(200, { "Content-Type": "application/jsonl" }).write("1\n", () => response.destroy());
    };
    const stream = new ServiceClient("", { basePath: server.url }).stream({ ...GET, replies: { 200: "lines" } });
    const reading = (async () => {
      while (!(await stream.next()).done);
    })();
    await expect(reading).rejects.toMatchObject({ name: "AxiosError", message: expect.stringMatching("GET /x, status 200: ") });
  });

  it.each([{ accessToken: never }, { apiKey: never }])("limits the wait for credentials: %o", async (credentials) => {
    const client = new ServiceClient("", { basePath: server.url, ...credentials });
    const lines: Call = { ...GET, replies: { 200: "lines" }, apiKeys: [{ in: "header", name: "X-Key" }] };
    await expect(client.stream(lines, { timeout: 20 }).next()).rejects.toMatchObject({ code: "ECONNABORTED" });
    await expect(client.stream(lines, { signal: AbortSignal.timeout(20) }).next()).rejects.toMatchObject({ code: "ERR_CANCELED" });
    expect(server.received).toEqual([]);
  });

  it("is empty if the response has no content", async () => {
    server.respond = (response) => response.writeHead(204).end();
    const stream = new ServiceClient("", { basePath: server.url }).stream({ ...GET, replies: { 200: "events" } });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it("finds the end of a line in any chunk", async () => {
    const chunks = [..."data: 1\r\rdata: 2\r\n\r\ndata: 3\n\n"];
    expect(await collect("eventData", "text/event-stream", chunks)).toEqual([1, 2, 3]);
    expect(await collect("lines", "application/jsonl", [..."[1]\n\n2"])).toEqual([[1], 2]);
  });

  it("yields JSON lines, also a last one without a line break", async () => {
    expect(await collect("lines", "application/jsonl", ['{"a":"\u2028"}\n\n[', "1]\n2"])).toEqual([{ a: "\u2028" }, [1], 2]);
  });

  it("closes the connection when the reader stops", async () => {
    let hangUp = () => {};
    const closed = new Promise<void>((resolve) => (hangUp = resolve));
    server.respond = (response) => {
      response.on("close", hangUp).writeHead(200, { "Content-Type": "text/event-stream" }).write("data: 1\n\n");
    };
    const client = new ServiceClient("", { basePath: server.url });
    for await (const item of client.stream({ ...GET, replies: { 200: "eventData" } })) {
      expect(item).toBe(1);
      break;
    }
    await closed;
  });

  it("ends with the error of its response, which is typed, too", async () => {
    server.respond = (response) => response.writeHead(422, { "Content-Type": "application/json" }).end('{"detail":"no"}');
    const stream = new ServiceClient("", { basePath: server.url }).stream({ ...GET, replies: { 200: "lines" }, errors: { 422: "json" } });
    const error: unknown = await stream.next().catch((reason: unknown) => reason);
    expect(failureOf<{ errors: { 422: { detail: string } } }>(error)?.data.detail).toBe("no");
  });

  it("is an error if the response is not a stream", async () => {
    await expect(collect("eventData", "text/html", ["<h1>"])).rejects.toThrow("text/html instead of a stream");
  });

  it("can be cancelled; a timeout bounds only the time to the response", async () => {
    server.respond = () => undefined;
    const client = new ServiceClient("", { basePath: server.url });
    const lines: Call = { ...GET, replies: { 200: "lines" } };
    await expect(client.stream(lines, { timeout: 20 }).next()).rejects.toMatchObject({ code: "ECONNABORTED" });
    server.respond = (response) => response.writeHead(200, { "Content-Type": "application/jsonl" }).write("1\n");
    const controller = new AbortController();
    const stream = client.stream(lines, { timeout: 10_000, signal: controller.signal });
    expect(await stream.next()).toEqual({ done: false, value: 1 });
    controller.abort();
    await expect(stream.next()).rejects.toThrow();
  });

  it("yields nothing after it is aborted, and rejects as axios does", async () => {
    const client = new ServiceClient("", { basePath: server.url });
    for (const text of ["1\n2\n3\n", "1\n"]) {
      server.respond = (response) => response.writeHead(200, { "Content-Type": "application/jsonl" }).write(text);
      const controller = new AbortController();
      const items: unknown[] = [];
      const reading = (async () => {
        for await (const item of client.stream({ ...GET, replies: { 200: "lines" } }, { signal: controller.signal })) {
          items.push(item);
          controller.abort();
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: "ERR_CANCELED" });
      expect(items).toEqual([1]);
    }
    const aborted = AbortSignal.abort();
    await expect(client.stream({ ...GET, replies: { 200: "lines" } }, { signal: aborted }).next()).rejects.toMatchObject({ code: "ERR_CANCELED" });
  });
});
