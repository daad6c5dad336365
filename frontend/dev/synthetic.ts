import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { Bundle, gzipBytes } from "./bundle.ts";
import { chunkModules } from "./chunkModules.ts";

interface Spec {
  paths: Record<string, unknown>;
  components: { schemas: Record<string, unknown> };
}

/** What a browser loads for one lazy route that calls one module, in bytes after gzip. */
export interface Comparison {
  modules: number;
  perModule: number;
  merged: number;
}

/**
 * Build pages of `count` lazy routes, each of which makes one call to a module of its own: once with
 * a client per module, once with one client of them all. The specs are copies of those in
 * `modulesDir` under other names. Return the sizes of the average route.
 */
export async function compareWithMerged(frontend: string, modulesDir: string, count: number): Promise<Comparison> {
  mkdirSync(join(frontend, ".cache"), { recursive: true });
  // Below the frontend, so that the generated clients find axios.
  const root = mkdtempSync(join(frontend, ".cache/synthetic-"));
  try {
    const specs = copies(modulesDir, count);
    const perModule = await averageRoute(frontend, join(root, "per-module"), specs, Object.keys(specs));
    const all = { merged: merge(Object.values(specs)) };
    const merged = await averageRoute(frontend, join(root, "merged"), all, Object.keys(specs));
    return { modules: count, perModule, merged };
  } finally {
    rmSync(root, { recursive: true });
  }
}

function copies(modulesDir: string, count: number): Record<string, string> {
  const spec = (module: string): string => join(modulesDir, module, "specs/openapi.json");
  const modules = readdirSync(modulesDir).filter((module) => existsSync(spec(module))).sort();
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const module = modules[index % modules.length];
      if (!module) throw new Error(`${modulesDir}: no specs; export them: make -C backend export-specs`);
      const name = `m${String(index).padStart(2, "0")}`;
      return [name, renamed(readFileSync(spec(module), "utf8"), module, name)];
    }),
  );
}

/** Give the spec's tag, paths, operations and schemas names that no other module has. */
function renamed(text: string, module: string, name: string): string {
  const prefix = name.toUpperCase();
  const spec = JSON.parse(
    text
      .replaceAll("#/components/schemas/", `#/components/schemas/${prefix}`)
      .replaceAll('"operationId": "', `"operationId": "${name}_`)
      .replaceAll(`"${module}"`, `"${name}"`)
      .replaceAll('"/api/v1/', `"/api/v1/${name}/`),
  ) as Spec;
  const schemas = Object.entries(spec.components.schemas).map(([key, schema]) => [prefix + key, schema]);
  spec.components.schemas = Object.fromEntries(schemas) as Record<string, unknown>;
  return JSON.stringify(spec, null, 2);
}

function merge(texts: string[]): string {
  const [first, ...others] = texts.map((text) => JSON.parse(text) as Spec);
  for (const other of others) {
    Object.assign(first?.paths ?? {}, other.paths);
    Object.assign(first?.components.schemas ?? {}, other.components.schemas);
  }
  return JSON.stringify(first);
}

async function averageRoute(
  frontend: string, root: string, specs: Record<string, string>, routes: string[],
): Promise<number> {
  for (const [module, spec] of Object.entries(specs)) {
    mkdirSync(join(root, "modules", module, "specs"), { recursive: true });
    writeFileSync(join(root, "modules", module, "specs/openapi.json"), spec);
  }
  generate(frontend, root);
  writePage(root, routes, (route) => (route in specs ? route : Object.keys(specs)[0] ?? ""));
  await build({ root, configFile: false, logLevel: "error", build: { manifest: true }, plugins: [chunkModules()] });
  const bundle = new Bundle(join(root, "dist"));
  const sizes = routes.map((route) => gzipBytes(bundle, bundle.filesOf({ entry: `routes/${route}.js`, modules: [] })));
  return Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
}

function generate(frontend: string, root: string): void {
  const folders = ["--specs-dir", join(root, "modules"), "--output-dir", join(root, "clients")];
  const run = spawnSync(join(frontend, "scripts/generate-openapi-client.sh"), folders, { encoding: "utf8" });
  if (run.status !== 0) throw new Error(run.stderr || String(run.error));
}

function writePage(root: string, routes: string[], clientOf: (route: string) => string): void {
  const loads = routes.map((route) => `  ${route}: () => import("./routes/${route}.js"),`);
  mkdirSync(join(root, "routes"));
  writeFileSync(join(root, "index.html"), '<script type="module" src="./main.js"></script>');
  writeFileSync(join(root, "main.js"), `const routes = {\n${loads.join("\n")}\n};\nroutes[location.hash.slice(1)]?.();\n`);
  for (const route of routes) {
    const client = `../clients/trader-client-${clientOf(route)}/index.ts`;
    const api = route.charAt(0).toUpperCase() + route.slice(1);
    writeFileSync(
      join(root, `routes/${route}.js`),
      `import { ${api}Api } from "${client}";\nconsole.log(new ${api}Api({ basePath: "" }));\n`,
    );
  }
}
