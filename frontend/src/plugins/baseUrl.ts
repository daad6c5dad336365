import { urlVariable } from "./urlVariable";

/**
 * Return the base URL of a module: `VITE_<MODULE>_URL`. If it is unset, return "": the page's own server passes the
 * modules' paths on.
 */
export function baseUrl(module: string): string {
  return (import.meta.env[`VITE_${urlVariable(module)}`] ?? "").trim().replace(/\/+$/, "");
}

/** Return the URL of a WebSocket: `path` below the module's base URL, with the scheme `ws` or `wss`. */
export function socketUrl(module: string, path: string): string {
  const url = new URL(baseUrl(module) + path, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return url.href;
}
