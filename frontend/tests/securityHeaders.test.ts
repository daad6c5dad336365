import { expect, it } from "vitest";
import { securityHeaders } from "../dev/securityHeaders";

function directive(name: string, urls: string[] = []): string | undefined {
  const policy = securityHeaders(urls)["Content-Security-Policy"] ?? "";
  return policy.split("; ").find((each) => each.startsWith(`${name} `));
}

it("allows scripts and connections of the own origin only", () => {
  expect(directive("default-src")).toBe("default-src 'self'");
  expect(directive("connect-src")).toBe("connect-src 'self'");
  expect(directive("script-src")).toBeUndefined();
  expect(directive("frame-ancestors")).toBe("frame-ancestors 'none'");
});

it("allows connections to modules at other addresses", () => {
  expect(directive("connect-src", ["https://broker.example/below", "http://127.0.0.1:8002"])).toBe(
    "connect-src 'self' https://broker.example wss://broker.example http://127.0.0.1:8002 ws://127.0.0.1:8002",
  );
});
