import { existsSync, readFileSync, readdirSync } from "node:fs";
import { ServerResponse } from "node:http";
import { join } from "node:path";
import type { ProxyOptions } from "vite";

interface OpenApi {
  servers?: { url: string }[];
  paths: Record<string, unknown>;
}

interface AsyncApi {
  channels: Record<string, { address: string }>;
}

/**
 * Return the proxies of Vite's servers: every REST path and every WebSocket of each module that has
 * specs in `modulesDir` goes to `<MODULE>_URL`, or else to the server its OpenAPI spec names, as the
 * calls between modules do. Nothing else knows which modules there are, or their ports.
 */
export function moduleProxies(modulesDir: string): Record<string, ProxyOptions> {
  const proxies: Record<string, ProxyOptions> = {};
  for (const module of existsSync(modulesDir) ? readdirSync(modulesDir).sort() : []) {
    const openapi = readSpec<OpenApi>(modulesDir, module, "openapi.json");
    const target = process.env[`${module.toUpperCase()}_URL`] || openapi?.servers?.[0]?.url;
    if (!openapi || !target) continue;
    const asyncapi = readSpec<AsyncApi>(modulesDir, module, "asyncapi.json");
    const paths = Object.keys(openapi.paths);
    if (paths.length) proxies[pattern(paths)] = { target, configure: tellWhatIsDown(module, target) };
    for (const { address } of Object.values(asyncapi?.channels ?? {})) {
      proxies[pattern([address])] = { target, ws: true };
    }
  }
  return proxies;
}

/** Answer with problem details when a service does not run, as a gateway would. */
function tellWhatIsDown(module: string, target: string): ProxyOptions["configure"] {
  const detail = `The ${module} service does not answer at ${target}. Is it running?`;
  const problem = JSON.stringify({ title: "Bad Gateway", status: 502, detail });
  return (proxy) => {
    proxy.on("error", (_error, _request, response) => {
      if (!(response instanceof ServerResponse) || response.headersSent) return;
      response.writeHead(502, { "Content-Type": "application/problem+json" }).end(problem);
    });
  };
}

function readSpec<Spec>(modulesDir: string, module: string, name: string): Spec | undefined {
  const file = join(modulesDir, module, "specs", name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Spec) : undefined;
}

/** Return a regular expression, as Vite reads it, of exactly these paths with any query. */
function pattern(paths: string[]): string {
  const alternatives = paths.map((path) =>
    path
      .split(/\{[^}]*\}/)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^/?]+"),
  );
  return `^(?:${alternatives.join("|")})(?:\\?.*)?$`;
}
