/** What the REST clients warn of, once: deprecated operations, and services with another spec. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ServiceClient } from "@/clientRuntime";
import { EchoServer } from "./support/echo";

let server: EchoServer;

beforeEach(async () => {
  vi.spyOn(console, "warn").mockReturnValue();
  server = new EchoServer();
  await server.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await server.stop();
});

/** Return what is warned of while `spec` calls a service twice that sends these headers. */
async function warnings(headers: Record<string, string>, status = 200, spec = "1.0.0+abc"): Promise<string[]> {
  server.respond = (response) => response.writeHead(status, { "Content-Type": "application/json", ...headers }).end("1");
  const client = new ServiceClient("", { basePath: server.url }, spec);
  const call = { method: "GET", path: "/x", replies: { 200: "json" }, errors: {} } as const;
  for (let number = 0; number < 2; number += 1) await client.call(call).catch(() => undefined);
  return vi.mocked(console.warn).mock.calls.map(([message]) => String(message).replaceAll(server.url, "URL"));
}

it.each<[string, Record<string, string>, string]>([
  ["its dates", { Deprecation: "@1795737600", Sunset: "Wed, 30 Jun 2027 00:00:00 GMT" }, " since 2026-11-27, and may be removed on Wed, 30 Jun 2027 00:00:00 GMT"],
  ["no date of removal", { Deprecation: "@1795737600" }, " since 2026-11-27"],
  ["an unknown date", { Deprecation: "@0" }, ""],
  ["a date beyond the year 9999", { Deprecation: "@99999999999999999999" }, ""],
  ["another form", { Deprecation: "true" }, ""],
])("warns of a deprecated operation with %s", async (_, headers, expected) => {
  expect(await warnings(headers)).toEqual([`GET URL/x is deprecated${expected}`]);
});

it("warns of a deprecated operation that has failed", async () => {
  expect(await warnings({ Deprecation: "@0" }, 404)).toEqual(["GET URL/x is deprecated"]);
});

it.each([
  ["1.1.0+def", "URL serves the spec 1.1.0+def; this client was generated from 1.0.0+abc"],
  ["1.0.0+def", "URL serves the spec 1.0.0+def; this client was generated from 1.0.0+abc: the version is the same, the operations or models are not"],
])("warns of a service with the spec %s", async (version, expected) => {
  expect(await warnings({ "Spec-Version": version })).toEqual([expected]);
});

it.each<[string, Record<string, string>, string]>([
  ["its own spec", { "Spec-Version": "1.0.0+abc" }, "1.0.0+abc"],
  ["no headers", {}, "1.0.0+abc"],
  ["a spec, to a client that knows none", { "Spec-Version": "1.1.0" }, ""],
])("does not warn of a service with %s", async (_, headers, spec) => {
  expect(await warnings(headers, 200, spec)).toEqual([]);
});
