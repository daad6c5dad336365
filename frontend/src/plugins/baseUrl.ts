/**
 * Return the base URL of a module: `VITE_<MODULE>_URL`, with the module's name in upper snake case
 * (`VITE_ORDER_BOOK_URL`). If it is unset, return "": the page's own server passes the modules' paths on.
 */
export function baseUrl(module: string): string {
  const name = module.replace(/[^\p{L}\p{N}]+/gu, "_").toUpperCase();
  return (import.meta.env[`VITE_${name}_URL`] ?? "").trim().replace(/\/+$/, "");
}

/** Return the URL of a WebSocket: `path` below the module's base URL, with the scheme `ws` or `wss`. */
export function socketUrl(module: string, path: string): string {
  const url = new URL(baseUrl(module) + path, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
