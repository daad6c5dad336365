/** How Vite's servers pass requests on to the modules. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { ServerResponse } from "node:http";
import { join } from "node:path";
import type { Logger, Plugin, ProxyOptions } from "vite";
import { urlVariable } from "../src/plugins/urlVariable.ts";

interface OpenApi {
  servers?: { url: string }[];
  paths: Record<string, unknown>;
}

interface AsyncApi {
  channels: Record<string, { address: string }>;
}

/** Return the Vite plugin that proxies the paths of every module that has specs in `modulesDir`. */
export function moduleProxies(modulesDir: string): Plugin {
  const modules = existsSync(modulesDir) ? readdirSync(modulesDir).sort() : [];
  const proxy = Object.assign({}, ...modules.map((module) => proxiesOf(modulesDir, module)));
  return {
    name: "module-proxies",
    // The modules decide which origins may read their responses; Vite would allow any on this machine.
    config: () => ({ server: { proxy, cors: false }, preview: { proxy, cors: false } }),
    configResolved: ({ logger }) => shortenProxyErrors(logger),
  };
}

/** Return the proxies to `<MODULE>_URL`, or else to the server that the module's OpenAPI spec names. */
function proxiesOf(modulesDir: string, module: string): Record<string, ProxyOptions> {
  const openapi = readSpec<OpenApi>(modulesDir, module, "openapi.json");
  const target = process.env[urlVariable(module)] || openapi?.servers?.[0]?.url;
  if (!openapi || !target) return {};
  const addresses = Object.values(readSpec<AsyncApi>(modulesDir, module, "asyncapi.json")?.channels ?? {});
  const paths = Object.keys(openapi.paths);
  return {
    ...(paths.length && { [pattern(paths)]: { target, configure: sendProblem(module, target) } }),
    ...(addresses.length && { [pattern(addresses.map(({ address }) => address))]: { target, ws: true } }),
  };
}

function readSpec<Spec>(modulesDir: string, module: string, name: string): Spec | undefined {
  const file = join(modulesDir, module, "specs", name);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Spec) : undefined;
}

/** Return a regular expression, as Vite reads it, that matches exactly these paths with any query. */
function pattern(paths: string[]): string {
  const alternatives = paths.map((path) =>
    path
      .split(/\{[^}]*\}/)
      .map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^/?]+"),
  );
  return `^(?:${alternatives.join("|")})(?:\\?.*)?$`;
}

/** Respond with problem details when a module cannot be reached, as a gateway does. */
function sendProblem(module: string, target: string): ProxyOptions["configure"] {
  const detail = `The ${module} service does not respond at ${target}. Is it running?`;
  const problem = JSON.stringify({ type: "about:blank", title: "Bad Gateway", status: 502, detail });
  return (proxy) => {
    proxy.on("error", (_error, _request, response) => {
      if (!(response instanceof ServerResponse) || response.headersSent) return;
      response.writeHead(502, { "Content-Type": "application/problem+json" }).end(problem);
    });
  };
}

/** Log a failed request in one line, and nothing when a page or a module closes its WebSocket. */
function shortenProxyErrors(logger: Logger): void {
  const log = logger.error;
  logger.error = (message, options) => {
    const [title = ""] = message.split("\n");
    const error = options?.error as NodeJS.ErrnoException | undefined;
    if (!error || !/(http|ws) proxy/.test(title)) return log(message, options);
    if (title.includes("ws proxy") && ["ECONNRESET", "EPIPE"].includes(error.code ?? "")) return;
    log(`${title} ${error.message}`, options);
  };
}
