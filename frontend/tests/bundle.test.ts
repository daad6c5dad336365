import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { barChart } from "../dev/barChart";
import { complaints, measure, readBudget } from "../dev/budget";
import { Bundle } from "../dev/bundle";
import { chunkModules } from "../dev/chunkModules";
import { compareWithMerged } from "../dev/synthetic";
import { FRONTEND, Workspace } from "./support/workspace";

const workspace = new Workspace();
const CHART = "src/routes/chart.js";
const FILES: Record<string, string> = {
  "index.html": '<script type="module" src="/src/main.js"></script>',
  "src/main.js": `const routes = { chart: () => import("./routes/chart.js"), orders: () => import("./routes/orders.js") };
    window.go = (name) => routes[name]();`,
  "src/plugins/api.js": `export const feed = () => import("../clients/trader-client-feed/index.ts");
    export const broker = () => import("../clients/trader-client-broker/index.ts");`,
  "src/clients/trader-client-feed/index.ts": 'export const call = () => "/feed";',
  "src/clients/trader-client-broker/index.ts": 'export const call = () => "/broker";',
  "src/clients/ws-types-broker/index.ts": 'export const Side = { Buy: 1 };',
  "src/routes/chart.css": "canvas { width: 12px }",
  "src/routes/chart.js": 'import "./chart.css"; import { feed } from "../plugins/api.js"; window.f = feed;',
  "src/routes/orders.js": `import { broker } from "../plugins/api.js";
    import { Side } from "../clients/ws-types-broker/index.ts"; window.b = [broker, Side];`,
};
let bundle: Bundle;

async function built(changes: Record<string, string> = {}): Promise<Bundle> {
  for (const [name, text] of Object.entries({ ...FILES, ...changes })) {
    mkdirSync(dirname(join(workspace.root, name)), { recursive: true });
    writeFileSync(join(workspace.root, name), text);
  }
  await build({
    root: workspace.root,
    configFile: false,
    logLevel: "silent",
    build: { manifest: true },
    plugins: [chunkModules()],
  });
  return new Bundle(join(workspace.root, "dist"));
}

function complaintsAbout(bundle: Bundle, gzipBytes = 10_000): string[] {
  const budget = { chart: { entry: CHART, modules: ["feed"], gzipBytes } };
  return complaints(bundle, measure(bundle, budget), "budget.json");
}

beforeAll(async () => {
  bundle = await built();
});
afterAll(() => workspace.remove());

it("finds what a route loads: the page, the route, its sheet and the clients it calls", () => {
  const names = bundle.filesOf({ entry: CHART, modules: ["feed"] }).map((file) => file.replace(/-[\w-]{8}\./, "."));
  expect(names).toEqual(expect.arrayContaining(["assets/chart.css", "assets/chart.js", "assets/index.js"]));
  const sources = bundle.filesOf({ entry: CHART, modules: ["feed"] }).flatMap((file) => bundle.sourcesOf(file));
  expect(sources).toContain("src/clients/trader-client-feed/index.ts");
  expect(sources).toContain("src/plugins/api.js");
  expect(sources.join()).not.toContain("broker");
});

it("has no complaint about a route that keeps to its module and its budget", () => {
  expect(complaintsAbout(bundle)).toEqual([]);
});

it("says what is over the budget, by how much, and what to do", () => {
  const [complaint] = complaintsAbout(bundle, 10);
  expect(complaint).toMatch(/^chart: \d+ bytes after gzip, and the budget is 10; make it smaller \(.*\), or raise .* in budget.json$/);
});

it("finds code of another module, imported directly or through a helper", async () => {
  const side = 'export { Side } from "../clients/ws-types-broker/index.ts";';
  const chart = `${FILES[CHART]}\nimport { Side } from "../plugins/side.js"; window.s = Side;`;
  const other = await built({ "src/plugins/side.js": side, [CHART]: chart });
  expect(complaintsAbout(other)).toEqual([
    "chart: loads src/clients/ws-types-broker/index.ts, but the route calls only feed",
  ]);
});

it("is an error when a route is not in the bundle", () => {
  expect(() => bundle.filesOf({ entry: "src/routes/gone.js", modules: [] })).toThrow("no chunk for src/routes/gone.js");
});

it("compares a client per module with a merged one, and a merged one is larger", async () => {
  for (const module of ["market_data", "other"]) workspace.addModule(module, "openapi.json");
  const { modules, perModule, merged } = await compareWithMerged(FRONTEND, workspace.modules, 3);
  expect(modules).toBe(3);
  expect(merged).toBeGreaterThan(perModule);
});

it("draws bars whose widths are their values to one scale", () => {
  const bar = (value: number) => ({ label: "<a>", parts: [{ value, tone: "plain" as const }], note: `${value}` });
  const svg = barChart("t", [{ title: "one", bars: [bar(10)] }, { title: "two", bars: [bar(40)] }]);
  const widths = [...svg.matchAll(/<rect .*width="([\d.]+)"/g)].map(([, width]) => Number(width));
  expect(widths).toHaveLength(2);
  expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(4, 1);
  expect(svg).toContain("&#60;a&#62;");
});

it("keeps the routes of the page within bundle-budget.json", () => {
  const page = new Bundle(join(FRONTEND, "dist"));
  const budget = readBudget(join(FRONTEND, "bundle-budget.json"));
  expect(page.lazyEntries().filter((entry) => !entry.startsWith("src/clients/")).sort()).toEqual(
    Object.values(budget).map(({ entry }) => entry).sort(),
  );
  expect(complaints(page, measure(page, budget), "frontend/bundle-budget.json")).toEqual([]);
});
