/** How the runtime of the REST clients reads responses and errors. */
import { AxiosError } from "axios";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ServiceClient, failureOf, type Call } from "@/clientRuntime";
import { EchoServer } from "./support/echo";

let server: EchoServer;

beforeEach(async () => {
  server = new EchoServer();
  await server.start();
});
afterEach(() => server.stop());

const GET: Call = { method: "GET", path: "/x", replies: { 200: "json" }, errors: {} };

function call(change: Partial<Call>) {
  return new ServiceClient("", { basePath: server.url }).call<Record<string, unknown>>({ ...GET, ...change });
}

/** Respond with `body`, and return how a call with these replies reads it. */
async function read(type: string | undefined, body: string | Buffer, replies: Call["replies"], status = 200): Promise<unknown> {
  server.respond = (response) => response.writeHead(status, type === undefined ? {} : { "Content-Type": type }).end(body);
  return (await call({ replies })).data;
}

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
    ["broken JSON", "application/json", '{"a":', /^GET \/x, status 200: The response has no valid JSON: "{\\"a\\":"$/],
    ["nothing", "application/json", "", /no valid JSON: ""/],
    ["a long text", "application/json", "x".repeat(1000), /: "x{100}"$/],
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
