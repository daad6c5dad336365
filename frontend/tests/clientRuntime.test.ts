/** What the runtime of the REST clients sends, and how it reads responses. The operations are described as generated code does. */
import axios, { AxiosError } from "axios";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServiceClient, failureOf, type Call, type ClientOptions, type RequestOptions } from "@/clientRuntime";
import { EchoServer } from "./support/echo";

let server: EchoServer;

beforeEach(async () => {
  server = new EchoServer();
  await server.start();
});
afterEach(() => {
  vi.unstubAllGlobals();
  server.stop();
});

const GET: Call = { method: "GET", path: "/x", replies: { 200: "json" }, errors: {} };
const POST: Call = { ...GET, method: "POST" };

function call(change: Partial<Call>, options?: RequestOptions, client: ClientOptions = {}) {
  return new ServiceClient("", { basePath: server.url, ...client }).call<Record<string, unknown>>({ ...GET, ...change }, options);
}

function post(mediaType: string, value: unknown) {
  return call({ ...POST, body: { mediaType, value } });
}

/** Return a client that takes this environment for a browser. */
async function clientInBrowser(): Promise<ServiceClient> {
  vi.stubGlobal("document", {});
  vi.resetModules();
  const runtime = await import("@/clientRuntime");
  return new runtime.ServiceClient("", { basePath: server.url });
}

/** Respond with `body`, and return how a call with these replies reads it. */
async function read(type: string | undefined, body: string | Buffer, replies: Call["replies"], status = 200): Promise<unknown> {
  server.respond = (response) => response.writeHead(status, type === undefined ? {} : { "Content-Type": type }).end(body);
  return (await call({ replies })).data;
}

describe("the path", () => {
  const path = "/users/{user_id}/files/{name}";
  const send = (user_id: unknown, name: unknown) => call({ path, pathValues: { user_id, name } });

  it("has its values encoded, and lists joined by commas", async () => {
    await send("a/b ü?#%2e", ["x", "y,z"]);
    expect(server.last.url).toBe("/users/a%2Fb%20%C3%BC%3F%23%252e/files/x,y%2Cz");
  });

  it.each([".", ".."])("cannot have the segment %j, which leads to another path", async (value) => {
    await expect(send(value, "a")).rejects.toThrow(`A path cannot have the segment "${value}": ${path}`);
    expect(server.received).toEqual([]);
  });

  it.each(["", undefined, null, []])("cannot have the empty value %j", async (value) => {
    await expect(send("a", value)).rejects.toThrow(/name .*(empty|missing)|name is missing/);
    expect(server.received).toEqual([]);
  });
});

describe("the query", () => {
  it("has what was given, once for each item of a list", async () => {
    await call({ query: { a: 1, b: false, c: "ü &=+", d: ["x", "y,z"], none: undefined, "$e[]": "", empty: [], zero: 0 } });
    expect(server.last.url).toBe("/x?a=1&b=false&c=%C3%BC%20%26%3D%2B&d=x&d=y%2Cz&%24e%5B%5D=&zero=0");
  });

  it("is written in the styles that the spec declares", async () => {
    const styles = { filter: "deepObject", ids: ",", tags: "|", where: "json", page: "members" };
    await call({ styles, query: { filter: { a: 1, b: ["x", "y"] }, ids: [1, 2], tags: ["a", "b"], where: { c: [1] }, page: { size: 5 } } });
    expect(decodeURIComponent(server.last.url)).toBe('/x?filter[a]=1&filter[b]=x&filter[b]=y&ids=1,2&tags=a|b&where={"c":[1]}&size=5');
  });

  it("has parameters whose names every object has", async () => {
    await call({ styles: {}, query: { constructor: [1, 2], ["__proto__"]: "x", toString: "y" } });
    expect(server.last.url).toBe("/x?constructor=1&constructor=2&__proto__=x&toString=y");
    await call({ apiKeys: [{ in: "query", name: "constructor" }], query: {} }, {}, { apiKey: "k" });
    expect(server.last.url).toBe("/x?constructor=k");
    await expect(call({ path: "/{constructor}", pathValues: {} })).rejects.toThrow("The value of constructor is missing");
  });

  it("cannot have a list with null, for which there is no text", async () => {
    await expect(call({ query: { a: [1, null] } })).rejects.toThrow("The value of a is missing");
  });
});

describe("headers and cookies", () => {
  it("are sent as given; a list repeats a header", async () => {
    await call({ headerValues: { "X-One": "é", "X-Many": ["a", "b"], "X-None": undefined }, cookieValues: { a: "x y", b: 3, c: undefined } });
    expect(server.last.headers).toMatchObject({ "x-one": "é", "x-many": "a, b", cookie: "a=x y; b=3" });
    expect(server.last.rawHeaders.filter((name) => name === "X-Many")).toHaveLength(2);
    expect(server.last.headers).not.toHaveProperty("x-none");
  });

  it.each(["买", "a\r\nX-Other: b", " a", "a\u0000"])("reject the value %j", async (value) => {
    await expect(call({ headerValues: { "X-One": value } })).rejects.toThrow("The header X-One cannot contain");
    await expect(call({ cookieValues: { a: value } })).rejects.toThrow("The cookie a cannot contain");
    await expect(call({ cookieValues: { a: "a; b=c" } })).rejects.toThrow("The cookie a cannot contain");
    expect(server.received).toEqual([]);
  });

  it("in a browser, which sends only its own cookies and joins repeated headers, are an error", async () => {
    const client = await clientInBrowser();
    await expect(client.call({ ...GET, cookieValues: { a: "1" } })).rejects.toThrow("A browser sends only its own cookies; leave out: a=1");
    await expect(client.call({ ...GET, headerValues: { a: ["1", "2"] } })).rejects.toThrow("A browser cannot send several values of the header a");
    expect(server.received).toEqual([]);
  });

  it("of the call and of its options are both sent; those of the options win", async () => {
    await call({ accept: "application/json", headerValues: { "X-One": "1", "X-Two": "2" } }, { headers: { "x-one": "3", "X-Three": "4" } });
    expect(server.last.headers).toMatchObject({ accept: "application/json", "x-one": "3", "x-two": "2", "x-three": "4" });
  });
});

describe("a body", () => {
  it("is JSON, also null and false", async () => {
    for (const value of [{ a: [1, null], b: undefined }, null, false, "", 0, "text"]) {
      await post("application/json", value);
      expect(server.last.body.toString()).toBe(JSON.stringify(value));
      expect(server.last.headers["content-type"]).toBe("application/json");
    }
  });

  it("that is left out is not sent, and has no type", async () => {
    await post("application/json", undefined);
    await post("multipart/form-data", undefined);
    for (const { headers, body } of server.received) {
      expect(body).toHaveLength(0);
      expect(headers).not.toHaveProperty("content-type");
    }
  });

  it("cannot be sent with GET by a browser, which would leave it out", async () => {
    const body = { mediaType: "application/json", value: 1 };
    await expect((await clientInBrowser()).call({ ...GET, body })).rejects.toThrow("A browser cannot send a body with GET");
    await call({ body });
    expect(server.last.body.toString()).toBe("1");
  });

  it.each([NaN, Infinity])("cannot have %s, which JSON would make null", async (value) => {
    await expect(post("application/json", { a: [{ b: value }] })).rejects.toThrow(`JSON has no ${value}, the value of b`);
    expect(server.received).toEqual([]);
  });

  it("is a form with repeated lists, without what is undefined or null", async () => {
    await post("application/x-www-form-urlencoded", { a: ["x,y", "ü"], n: [1, 2], b: true, none: undefined, null: null });
    expect(server.last.body.toString()).toBe("a=x%2Cy&a=%C3%BC&n=1&n=2&b=true");
    expect(server.last.headers["content-type"]).toBe("application/x-www-form-urlencoded");
  });

  it("is a multipart form with files", async () => {
    const file = new File(["content"], "a.txt", { type: "text/plain" });
    await post("multipart/form-data", { file, more: [new Blob(["1"]), file], tags: ["a", "b"], none: undefined });
    const form = await new Response(new Uint8Array(server.last.body), { headers: { "Content-Type": server.last.headers["content-type"] ?? "" } }).formData();
    expect([...form.keys()]).toEqual(["file", "more", "more", "tags", "tags"]);
    expect(form.get("file")).toMatchObject({ name: "a.txt", type: "text/plain", size: 7 });
    expect(form.getAll("tags")).toEqual(["a", "b"]);
  });

  it.each<[string, string, unknown, number[]]>([
    ["text", "text/plain", "é", [0xc3, 0xa9]],
    ["a Blob", "application/octet-stream", new Blob([new Uint8Array([1, 255])], { type: "image/png" }), [1, 255]],
    ["an ArrayBuffer", "application/octet-stream", new Uint8Array([1, 255]).buffer, [1, 255]],
    ["a part of a buffer", "image/png", new Uint8Array([0, 1, 255, 0]).subarray(1, 3), [1, 255]],
  ])("is sent as it is: %s", async (_, type, value, bytes) => {
    await post(type, value);
    expect([...server.last.body]).toEqual(bytes);
    expect(server.last.headers["content-type"]).toBe(type);
  });
});

describe("credentials", () => {
  const apiKeys = [{ in: "header", name: "X-Key" }, { in: "query", name: "key" }, { in: "cookie", name: "k" }];

  it("are an access token, which headers of the call replace", async () => {
    let count = 0;
    const client = { accessToken: () => Promise.resolve(`t${(count += 1)}`), basic: { username: "u", password: "p" } };
    await call({}, {}, client);
    expect(server.last.headers.authorization).toBe("Bearer t1");
    await call({}, { headers: { authorization: "Custom" } }, client);
    expect(server.last.headers.authorization).toBe("Custom");
    await call({}, {}, { accessToken: () => undefined });
    expect(server.last.headers).not.toHaveProperty("authorization");
  });

  it("are a name and a password in UTF-8", async () => {
    await call({}, {}, { basic: { username: "ü", password: "p:买" } });
    expect(server.last.headers.authorization).toBe(`Basic ${Buffer.from("ü:p:买").toString("base64")}`);
  });

  it("are an API key, where the operation declares it", async () => {
    await call({ apiKeys, query: { a: 1 } }, {}, { apiKey: (name: string) => `of-${name}` });
    expect(server.last).toMatchObject({ url: "/x?a=1&key=of-key", headers: { "x-key": "of-X-Key", cookie: "k=of-k" } });
    await call({}, {}, { apiKey: "secret" });
    expect(JSON.stringify(server.last)).not.toContain("secret");
    await call({ apiKeys });
    expect(server.last.url).toBe("/x");
  });
});

describe("a response", () => {
  it.each<[string, string | undefined, string | Buffer, Call["replies"], unknown]>([
    ["JSON", "application/json", '{"a":1}', { 200: "json" }, { a: 1 }],
    ["JSON of another media type", "application/hal+json; charset=utf-8", "1", { 200: "json" }, 1],
    ["JSON without a type", undefined, "[]", { 200: "json" }, []],
    ["text that looks like JSON", "text/plain; charset=utf-8", "123", { 200: "text" }, "123"],
    ["empty text", "text/plain", "", { 200: "text" }, ""],
    ["text in another charset", 'text/plain; charset="iso-8859-1"', Buffer.from([0xe9]), { 200: "text" }, "é"],
    ["one of several media types: JSON", "application/json", "[1]", { 200: "mixed" }, [1]],
    ["one of several media types: text", "text/csv", "[1]", { 200: "mixed" }, "[1]"],
    ["a status that the spec does not declare", "application/json", "2", { 201: "json" }, 2],
    ["a range of statuses", "text/plain", "2", { "2XX": "text" }, "2"],
    ["the default response", "text/plain", "2", { default: "text" }, "2"],
  ])("is read as %s", async (_, type, body, replies, expected) => {
    expect(await read(type, body, replies)).toEqual(expected);
  });

  it.each(["image/png", "text/plain", "application/json"])("of bytes is a Blob whatever its type: %s", async (type) => {
    const blob = (await read(type, Buffer.from([1, 255, 0]), { 200: "bytes" })) as Blob;
    expect(blob.type).toBe(type);
    expect([...new Uint8Array(await blob.arrayBuffer())]).toEqual([1, 255, 0]);
  });

  it("without content is undefined", async () => {
    expect(await read(undefined, "", { 204: "none" }, 204)).toBeUndefined();
    expect(await read(undefined, "", { 200: "json" }, 204)).toBeUndefined();
    server.respond = (response) => response.setHeader("X-Count", "3").end();
    const { data, headers } = await call({ method: "HEAD", replies: { 200: "none" } });
    expect([data, headers["x-count"]]).toEqual([undefined, "3"]);
  });

  it.each<[string, string, string, RegExp]>([
    ["a page instead of JSON", "text/html", "<!doctype html>", /text\/html instead of JSON/],
    ["broken JSON", "application/json", '{"a":', /JSON/],
    ["nothing", "application/json", "", /JSON/],
  ])("that cannot be read is an error: %s", async (_, type, body, message) => {
    const error: unknown = await read(type, body, { 200: "json" }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AxiosError);
    expect(error).toMatchObject({ code: "ERR_BAD_RESPONSE", message: expect.stringMatching(message), response: { status: 200 } });
  });
});

describe("an error", () => {
  interface Operation {
    errors: { 404: { detail: string }; "4XX": string; default: { title: string } };
  }
  const errors: Call["errors"] = { 404: "json", "4XX": "text", 500: "none", default: "json" };

  async function fail(status: number, type: string, body: string, declared = errors): Promise<unknown> {
    server.respond = (response) => response.writeHead(status, { "Content-Type": type }).end(body);
    return call({ errors: declared }).catch((reason: unknown) => reason);
  }

  it("has the response that the spec declares for its status", async () => {
    const failure = failureOf<Operation>(await fail(404, "application/problem+json", '{"detail":"gone"}'));
    expect(failure?.status === 404 && failure.data.detail).toBe("gone");
    expect(failureOf<Operation>(await fail(409, "text/plain", "1"))).toMatchObject({ status: 409, data: "1" });
    expect(failureOf<Operation>(await fail(503, "application/json", '{"title":"later"}'))).toMatchObject({ status: 503, data: { title: "later" } });
  });

  it("has no such response if the spec does not declare it, or it comes from a gateway", async () => {
    const errors404: Call["errors"] = { 404: "json" };
    expect(failureOf<Operation>(await fail(502, "application/json", "{}", errors404))).toBeUndefined();
    expect(failureOf<Operation>(await fail(404, "text/html", "<h1>", errors404))).toBeUndefined();
    expect(failureOf<Operation>(new Error("other"))).toBeUndefined();
  });

  it.each<[string, string, unknown]>([
    ["text/html", "<h1>", "<h1>"],
    ["application/json", "{broken", "{broken"],
    ["application/json; charset=unknown-8", "{}", expect.any(Blob)],
    ["application/json", "", undefined],
  ])("keeps what it responded with: %s %j", async (type, body, data) => {
    expect(await fail(500, type, body)).toMatchObject({ response: { data } });
  });
});

describe("options", () => {
  it("cancel a call, and limit its time", async () => {
    server.respond = () => undefined;
    await expect(call({}, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: "ERR_CANCELED" });
    await expect(call({}, { timeout: 20 })).rejects.toMatchObject({ code: "ECONNABORTED" });
  });

  it("take the address and the defaults of an axios instance", async () => {
    const http = axios.create({ baseURL: `${server.url}/base/`, headers: { "X-Default": "1" } });
    await new ServiceClient("http://unused.invalid", { axios: http }).call(GET);
    expect(server.last).toMatchObject({ url: "/base/x", headers: { "x-default": "1" } });
    await new ServiceClient(server.url, {}).call(GET);
    expect(server.last.url).toBe("/x");
  });
});

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
      { data: " x", event: "message" },
    ]);
  });

  it("yields no event that the stream ends in", async () => {
    expect(await collect("events", "text/event-stream", ["data: 1\r", "\n\r\ndata: incomplete\n"])).toEqual([{ data: "1", event: "message" }]);
    expect(await collect("eventData", "text/event-stream", ["data: 1\n\ndata: 2\r\n\r"])).toEqual([1, 2]);
  });

  it("ignores fields that the standard ignores", async () => {
    expect(await collect("events", "text/event-stream", ["event:\nid: a\0b\nretry: soon\n__proto__: x\ndata: 1\n\n"])).toEqual([{ data: "1", event: "message" }]);
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
