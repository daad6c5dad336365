/** What the runtime of the REST clients sends. The operations are described as generated code does. */
import axios from "axios";
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

const never = () => new Promise<string>(() => undefined);

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

describe("options", () => {
  it("cancel a call, and limit its time", async () => {
    server.respond = () => undefined;
    await expect(call({}, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ code: "ERR_CANCELED" });
    await expect(call({}, { timeout: 20 })).rejects.toMatchObject({ code: "ECONNABORTED" });
  });

  it.each([{ accessToken: never }, { apiKey: never }])("limit the wait for credentials, too: %o", async (client) => {
    const keys = { apiKeys: [{ in: "header", name: "X-Key" }] };
    await expect(call(keys, { timeout: 20 }, client)).rejects.toMatchObject({ code: "ECONNABORTED" });
    await expect(call(keys, { signal: AbortSignal.timeout(20) }, client)).rejects.toMatchObject({ code: "ERR_CANCELED" });
    expect(server.received).toEqual([]);
  });

  it("decide which statuses are a success; the axios instance does not, as the types follow from the spec", async () => {
    const http = axios.create({ validateStatus: () => true });
    server.respond = (response) => response.writeHead(404, { "Content-Type": "application/json" }).end('"gone"');
    const error: unknown = await call({ errors: { 404: "json" } }, {}, { axios: http }).catch((reason: unknown) => reason);
    expect(failureOf<{ errors: { 404: string } }>(error)?.data).toBe("gone");
    expect(await call({}, { validateStatus: (status) => status === 404 }, { axios: http })).toMatchObject({ status: 404, data: "gone" });
  });

  it("take the address and the defaults of an axios instance", async () => {
    const http = axios.create({ baseURL: `${server.url}/base/`, headers: { "X-Default": "1" } });
    await new ServiceClient("http://unused.invalid", { axios: http }).call(GET);
    expect(server.last).toMatchObject({ url: "/base/x", headers: { "x-default": "1" } });
    await new ServiceClient(server.url, {}).call(GET);
    expect(server.last.url).toBe("/x");
  });
});
