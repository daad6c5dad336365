/**
 * Return the base URL of a module: `VITE_<MODULE>_URL`, or else "", which is where the page itself
 * comes from: Vite's dev server and a gateway pass the modules' paths on. The module's name is
 * written in upper snake case there: `VITE_ORDER_BOOK_URL`.
 */
export function baseUrl(module: string): string {
  const name = module.replace(/[^\p{L}\p{N}]+/gu, "_").toUpperCase();
  return (import.meta.env[`VITE_${name}_URL`] ?? "").trim().replace(/\/+$/, "");
}

/** Return the address of a WebSocket: its path below the module's base URL, as `ws:` or `wss:`. */
export function socketUrl(module: string, path: string): string {
  const url = new URL(baseUrl(module) + path, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
