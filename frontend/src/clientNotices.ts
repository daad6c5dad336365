/** What the generated REST clients warn of: deprecated operations, and services with another spec. */
import type { AxiosResponseHeaders } from "axios";

// A service cannot fill the memory of the page.
const MOST_WARNINGS = 1000;
// The last day of the year 9999, in seconds.
const LAST_DAY = 253_402_300_799;
const warned = new Set<string>();

/**
 * Warn once of what the headers of a response say: that the operation is deprecated (`Deprecation` and `Sunset`,
 * RFC 9745 and RFC 8594), or that the service serves another spec than that of the client (`Spec-Version`).
 */
export function warnOf(headers: AxiosResponseHeaders, call: { method: string; path: string }, address: string, spec: string): void {
  const [deprecation, sunset, served] = ["deprecation", "sunset", "spec-version"].map((name) => headers.get(name) as string | undefined);
  const operation = `${call.method} ${address}${call.path}`;
  if (deprecation) {
    const removal = sunset ? `, and may be removed on ${sunset}` : "";
    warnOnce(operation, `${operation} is deprecated${sinceOf(deprecation)}${removal}`);
  }
  if (served && spec && served !== spec) {
    const isSame = served.split("+")[0] === spec.split("+")[0];
    const reason = isSame ? ": the version is the same, the operations or models are not" : "";
    warnOnce(`${address} ${served}`, `${address || "This address"} serves the spec ${served}; this client was generated from ${spec}${reason}`);
  }
}

/** Return the date in a Deprecation header, unless it is invalid or unknown. */
function sinceOf(deprecation: string): string {
  const seconds = /^@\d+$/.test(deprecation) ? Number(deprecation.slice(1)) : 0;
  return seconds > 0 && seconds <= LAST_DAY ? ` since ${new Date(seconds * 1000).toISOString().slice(0, 10)}` : "";
}

function warnOnce(key: string, message: string): void {
  if (warned.has(key) || warned.size >= MOST_WARNINGS) return;
  warned.add(key);
  console.warn(message);
}
